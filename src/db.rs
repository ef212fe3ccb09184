//! Connections and the one dialect switch.
//!
//! SQLite: a pool of readers and one writer connection, WAL, transactions begun IMMEDIATE, so that a use case that reads
//! and then writes never fails half-way on a lock. PostgreSQL: one pool. Use cases call [`Cx::begin`], do everything on
//! the transaction, and commit; dropping it rolls back. Inside a transaction only the transaction is used.

pub mod list;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    FromQueryResult, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

use crate::core::clock::Clock;
use crate::core::config::Settings;
use crate::core::seal::Seal;
use crate::core::{Error, Result};

/// What every use case is given: the database, the clock, the settings and the keys.
#[derive(Clone, Debug)]
pub struct Cx {
    read: DatabaseConnection,
    write: DatabaseConnection,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub seal: Seal,
}

impl Cx {
    /// Opens the database and the key file. The schema is left alone: see [`migrate_up`] and [`check_key`].
    ///
    /// # Errors
    /// [`Error::Setup`] naming the address or the file.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self> {
        let (read, write) = connect(&settings).await?;
        let fresh = !has_table(&write, "person").await?;
        let seal = Seal::load(&settings.key_file(), fresh)?;
        Ok(Self { read, write, clock, settings: Arc::new(settings), seal })
    }

    /// For reading only; never inside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins the writing transaction of a use case.
    ///
    /// # Errors
    /// [`Error::Busy`] when no connection comes free in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Begins a transaction that only reads and sees one state of the database throughout, for long counts.
    ///
    /// # Errors
    /// [`Error::Busy`] when no connection comes free in time.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction> {
        // SQLite's reading transactions are snapshots by themselves.
        let snapshot = self.read.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: snapshot.then_some(IsolationLevel::RepeatableRead),
            access_mode: snapshot.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(self.read.begin_with_options(options).await?)
    }

    /// The connection that writes, for migrations and maintenance outside a use case.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        self.settings.time.zone
    }

    /// Today's civil date in the configured zone.
    #[must_use]
    pub fn today(&self) -> chrono::NaiveDate {
        crate::core::civil::date_in(self.now(), self.zone())
    }

    /// Closes both pools; later calls fail.
    ///
    /// # Errors
    /// What the driver reports.
    pub async fn close(self) -> Result<()> {
        self.read.close().await?;
        Ok(self.write.close().await?)
    }
}

async fn connect(settings: &Settings) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let url = settings.database.url.clone();
    let fail = |e: sea_orm::DbErr| Error::Setup(format!("database.url: cannot open {}: {e}", hide_password(&url)));
    if settings.is_sqlite() {
        if let Some(dir) = settings.sqlite_file().and_then(|f| f.parent().map(std::path::Path::to_path_buf))
            && !dir.as_os_str().is_empty()
        {
            std::fs::create_dir_all(&dir).map_err(|e| Error::Setup(format!("database.url: {}: {e}", dir.display())))?;
        }
        let write = Database::connect(sqlite_options(&url, 1)).await.map_err(fail)?;
        let read = Database::connect(sqlite_options(&url, settings.database.connections)).await.map_err(fail)?;
        Ok((read, write))
    } else {
        let mut o = ConnectOptions::new(url.clone());
        o.max_connections(settings.database.connections)
            .acquire_timeout(Duration::from_secs(10))
            .sqlx_logging_level(tracing::log::LevelFilter::Trace)
            .sqlx_slow_statements_logging_settings(tracing::log::LevelFilter::Warn, Duration::from_secs(2));
        let both = match Database::connect(o).await {
            Ok(both) => both,
            Err(e) => return Err(refused(&url).await.unwrap_or_else(|| fail(e))),
        };
        Ok((both.clone(), both))
    }
}

/// Why PostgreSQL does not answer: the pool only says that it waited, one connection of its own gets the reason.
async fn refused(url: &str) -> Option<Error> {
    use sea_orm::sqlx::{Connection, PgConnection};
    let reason = match tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(url)).await {
        Ok(Ok(_)) => return None,
        Ok(Err(e)) => e.to_string(),
        Err(_) => "no answer within 5 seconds".to_owned(),
    };
    Some(Error::Setup(format!("database.url: cannot open {}: {reason}", hide_password(url))))
}

fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let mut o = ConnectOptions::new(url.to_owned());
    o.max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .sqlx_logging_level(tracing::log::LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(tracing::log::LevelFilter::Warn, Duration::from_secs(2))
        .map_sqlx_sqlite_opts(|o| {
            o.journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(Duration::from_secs(20))
                .foreign_keys(true)
                .pragma("cache_size", "-16000")
        });
    o
}

fn hide_password(url: &str) -> String {
    match (url.find("://"), url.find('@')) {
        (Some(a), Some(b)) if a < b => format!("{}://…{}", &url[..a], &url[b..]),
        _ => url.to_owned(),
    }
}

/// What a claim's inner SELECT ends with, so that claims of several processes pass each other by instead of queueing:
/// PostgreSQL locks rows, SQLite has one writer anyway and knows no row locks.
pub fn skip_locked(db: &impl ConnectionTrait) -> &'static str {
    if db.get_database_backend() == DbBackend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" }
}

/// Whether a table exists; the only place that reads the catalogue.
///
/// # Errors
/// What the driver reports.
pub async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name AS n FROM sqlite_master WHERE type = 'table' AND name = ?",
        _ => {
            "SELECT table_name AS n FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?"
        }
    };
    Ok(db.query_one_raw(sql_of(db, sql, [table.into()])).await?.is_some())
}

/// A statement in the portable subset of SQL with `?` for values; becomes `$1 …` on PostgreSQL. No `?` may stand in a
/// text constant of `sql`.
pub fn sql_of(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let backend = db.get_database_backend();
    let text = if backend == DbBackend::Postgres { number_places(sql) } else { sql.to_owned() };
    Statement::from_sql_and_values(backend, text, values)
}

fn number_places(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut n = 0;
    for c in sql.chars() {
        if c == '?' {
            n += 1;
            out.push('$');
            out.push_str(&n.to_string());
        } else {
            out.push(c);
        }
    }
    out
}

/// Runs a statement of [`sql_of`]'s form and gives the rows affected.
///
/// # Errors
/// What the driver reports.
pub async fn run(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64> {
    Ok(db.execute_raw(sql_of(db, sql, values)).await?.rows_affected())
}

/// Reads rows into a `FromQueryResult` struct.
///
/// # Errors
/// What the driver reports.
pub async fn rows<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    Ok(T::find_by_statement(sql_of(db, sql, values)).all(db).await?)
}

/// Reads one integer (a count, a sum, an id); NULL and no row give `None`.
///
/// # Errors
/// What the driver reports.
pub async fn int(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Option<i64>> {
    match db.query_one_raw(sql_of(db, sql, values)).await? {
        // PostgreSQL gives a constant or a 32-bit expression as such.
        Some(row) => match row.try_get_by_index::<Option<i64>>(0) {
            Ok(n) => Ok(n),
            Err(wide) => row.try_get_by_index::<Option<i32>>(0).map(|n| n.map(i64::from)).map_err(|_| wide.into()),
        },
        None => Ok(None),
    }
}

/// `?, ?, ?` for an IN list of `n` values.
#[must_use]
pub fn places(n: usize) -> String {
    let mut s = "?, ".repeat(n);
    s.truncate(s.len().saturating_sub(2));
    s
}

/// Inserts rows many at a time: the way to store what an import brings. `rows` hold the values of `columns` in order;
/// `tail` is empty or an `ON CONFLICT …` clause. The statement's text repeats, so it is prepared once.
///
/// # Errors
/// What the driver reports.
pub async fn insert_rows(
    txn: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<Value>>,
    tail: &str,
) -> Result<u64> {
    let per_statement = (MAX_VALUES / columns.len().max(1)).clamp(1, 500);
    let mut rows = rows.into_iter();
    let mut done = 0;
    loop {
        let chunk: Vec<Vec<Value>> = rows.by_ref().take(per_statement).collect();
        if chunk.is_empty() {
            return Ok(done);
        }
        let sql = insert_sql(table, columns, chunk.len(), tail);
        done += run(txn, &sql, chunk.into_iter().flatten()).await?;
    }
}

/// The text of an insert of `n` rows in the form of [`sql_of`].
#[must_use]
pub fn insert_sql(table: &str, columns: &[&str], n: usize, tail: &str) -> String {
    let names: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
    let row = format!("({}), ", places(columns.len()));
    let mut all = row.repeat(n);
    all.truncate(all.len().saturating_sub(2));
    format!("INSERT INTO \"{table}\" ({}) VALUES {all} {tail}", names.join(", "))
}

/// Bound values of one statement that stay under both databases' limits (SQLite: 32,766).
pub const MAX_VALUES: usize = 32_000;

/// Values of an IN list that stay under both databases' limits.
pub const CHUNK: usize = 400;

/// The half-open range of texts that begin with `prefix` (digits only): an index can serve it on both databases.
#[must_use]
pub fn prefix_range(prefix: &str) -> (String, String) {
    // A letter follows every digit in every collation; punctuation does not.
    (prefix.to_owned(), format!("{prefix}a"))
}

/// Keeps others from changing these rows until the transaction ends. On SQLite there is one writer, so nothing is needed.
///
/// # Errors
/// What the driver reports.
pub async fn lock_rows(txn: &DatabaseTransaction, table: &str, ids: &[i64]) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    for chunk in ids.chunks(CHUNK) {
        let sql = format!("SELECT id FROM {table} WHERE id IN ({}) ORDER BY id FOR UPDATE", places(chunk.len()));
        run(txn, &sql, chunk.iter().map(|id| Value::from(*id))).await?;
    }
    Ok(())
}

/// Brings the schema up to date and, on a new database, notes which key seals it.
///
/// # Errors
/// What the driver reports, or [`Error::Setup`] for a wrong key.
pub async fn migrate_up(cx: &Cx) -> Result<()> {
    use sea_orm_migration::MigratorTrait;
    migrations::Migrator::up(cx.writer(), None).await?;
    check_key(cx).await
}

/// Refuses a key file that does not belong to this database.
///
/// # Errors
/// [`Error::Setup`] naming the key file.
pub async fn check_key(cx: &Cx) -> Result<()> {
    let now = cx.now();
    run(
        cx.writer(),
        "INSERT INTO setting (name, value, changed_at) VALUES ('key_check', ?, ?) ON CONFLICT (name) DO NOTHING",
        [cx.seal.check().into(), now.into()],
    )
    .await?;
    let sql = "SELECT value FROM setting WHERE name = 'key_check'";
    let row = cx.writer().query_one_raw(sql_of(cx.writer(), sql, [])).await?;
    let known: String = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or_default();
    if known == cx.seal.check() {
        Ok(())
    } else {
        Err(Error::Setup(format!(
            "secrets.key_file {}: this key does not belong to this database (ID numbers could not be read). Put back the \
             key file that was made with the database.",
            cx.settings.key_file().display()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_for_postgresql() {
        assert_eq!(number_places("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
        assert_eq!(places(3), "?, ?, ?");
        assert_eq!(places(0), "");
    }
}
