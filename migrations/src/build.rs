//! A short way to write tables: every migration is a list of these.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema as s;

/// A table with `id` as its key (never reused after a delete).
pub fn table(name: &'static str) -> TableCreateStatement {
    let mut t = bare(name);
    t.col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key());
    t
}

/// A table whose key is given with [`key`].
pub fn bare(name: &'static str) -> TableCreateStatement {
    let mut t = Table::create();
    t.table(name);
    t
}

/// A composite primary key.
pub fn key(t: &mut TableCreateStatement, cols: &[&'static str]) {
    let mut i = Index::create();
    for c in cols {
        i.col(*c);
    }
    t.primary_key(&mut i);
}

/// Text columns that may not be empty of value (the empty text is allowed and means "not given").
pub fn texts(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).text().not_null().default(""));
    }
}

/// Text columns without a value at first.
pub fn texts_null(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).text().null());
    }
}

/// A text column that sorts by its bytes on both databases, so that an index serves "begins with".
pub fn sorted_text(m: &SchemaManager<'_>, t: &mut TableCreateStatement, col: &'static str) {
    let mut c = ColumnDef::new(col);
    c.text();
    if m.get_database_backend() == sea_orm::DbBackend::Postgres {
        c.extra("COLLATE \"C\"");
    }
    t.col(c.not_null().default(""));
}

pub fn ints(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).big_integer().not_null().default(0));
    }
}

pub fn ints_null(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).big_integer().null());
    }
}

pub fn flags(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).boolean().not_null().default(false));
    }
}

pub fn dates_null(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).date().null());
    }
}

pub fn dates(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(ColumnDef::new(*c).date().not_null());
    }
}

pub fn instants(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(s::timestamp_with_time_zone(*c));
    }
}

pub fn instants_null(t: &mut TableCreateStatement, cols: &[&'static str]) {
    for c in cols {
        t.col(s::timestamp_with_time_zone_null(*c));
    }
}

/// A required reference: the row pointed to cannot be deleted while this one stands.
pub fn refers(t: &mut TableCreateStatement, col: &'static str, to: &'static str) {
    t.col(ColumnDef::new(col).big_integer().not_null());
    foreign(t, col, to);
}

/// An optional reference.
pub fn refers_null(t: &mut TableCreateStatement, col: &'static str, to: &'static str) {
    t.col(ColumnDef::new(col).big_integer().null());
    foreign(t, col, to);
}

fn foreign(t: &mut TableCreateStatement, col: &'static str, to: &'static str) {
    t.foreign_key(ForeignKey::create().from_col(col).to(to, "id").on_delete(ForeignKeyAction::Restrict));
}

/// A state: a short text out of a list.
pub fn state(t: &mut TableCreateStatement, col: &'static str, allowed: &[&'static str]) {
    t.col(ColumnDef::new(col).text().not_null().check(Expr::col(col).is_in(allowed.iter().copied())));
}

/// Who made and last changed a fact, and its version: 1 when made, one more at each change.
pub fn made_by(t: &mut TableCreateStatement) {
    ints(t, &["version"]);
    instants(t, &["created_at", "updated_at"]);
    ints_null(t, &["created_by", "updated_by"]);
}

pub async fn create(m: &SchemaManager<'_>, t: TableCreateStatement) -> Result<(), DbErr> {
    m.create_table(t).await
}

pub async fn unique(m: &SchemaManager<'_>, table: &'static str, cols: &[&'static str]) -> Result<(), DbErr> {
    index_of(m, table, cols, true).await
}

pub async fn index(m: &SchemaManager<'_>, table: &'static str, cols: &[&'static str]) -> Result<(), DbErr> {
    index_of(m, table, cols, false).await
}

async fn index_of(
    m: &SchemaManager<'_>,
    table: &'static str,
    cols: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let mut i = Index::create();
    i.name(format!("{}_{table}_{}", if unique { "uq" } else { "ix" }, cols.join("_"))).table(table);
    for c in cols {
        i.col(*c);
    }
    if unique {
        i.unique();
    }
    m.create_index(i).await
}

pub async fn drop_all(m: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for t in tables {
        m.drop_table(Table::drop().table(*t).to_owned()).await?;
    }
    Ok(())
}
