//! The schema goes up, down and up again, and both databases end with the same tables and columns.

use std::collections::BTreeMap;

use migrations::{Migrator, MigratorTrait};
use sea_orm::{Database, DatabaseConnection, DbBackend, FromQueryResult, Statement};

use crate::harness;

#[derive(FromQueryResult)]
struct Column {
    t: String,
    c: String,
}

async fn columns(db: &DatabaseConnection) -> BTreeMap<String, Vec<String>> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, p.name AS c FROM sqlite_master m, pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
    };
    let rows = Column::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await.unwrap();
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for r in rows {
        out.entry(r.t).or_default().push(r.c);
    }
    out.remove("seaql_migrations");
    for c in out.values_mut() {
        c.sort();
    }
    out
}

async fn up_down_up(url: &str) -> BTreeMap<String, Vec<String>> {
    let db = Database::connect(url).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let first = columns(&db).await;
    Migrator::down(&db, None).await.unwrap();
    assert!(columns(&db).await.is_empty(), "down leaves nothing behind");
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(columns(&db).await, first);
    first
}

#[tokio::test]
async fn both_databases_get_the_same_tables_and_columns() {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = up_down_up(&harness::sqlite_url(&dir.path().join("m.db"))).await;
    let postgres = up_down_up(&harness::blank_pg_database().await).await;
    assert!(sqlite.len() > 30);
    assert_eq!(sqlite, postgres);
}
