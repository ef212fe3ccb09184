//! Moving counters that a recount found to differ.

use sea_orm::DatabaseTransaction;

use crate::core::{Error, Result};
use crate::db;

/// A figure and by how much it is to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Group: kind and key as in [`super::GroupKey`].
    pub kind: String,
    pub key: String,
    pub scheme: String,
    pub level: String,
    pub year: i64,
    /// registered, sat, passed, certified, people or `stage:NAME`.
    pub figure: String,
    pub by: i64,
}

/// Moves the counters; one that is not there yet is made.
///
/// # Errors
/// What the database reports.
pub async fn correct(txn: &DatabaseTransaction, corrections: &[Correction]) -> Result<()> {
    for c in corrections {
        if let Some(stage) = c.figure.strip_prefix("stage:") {
            let sql = "INSERT INTO stage_counter (kind, group_key, stage, people) VALUES (?, ?, ?, ?) \
                       ON CONFLICT (kind, group_key, stage) DO UPDATE SET people = stage_counter.people + excluded.people";
            let values = [c.kind.as_str().into(), c.key.as_str().into(), stage.into(), c.by.into()];
            db::run(txn, sql, values).await?;
            continue;
        }
        let column = ["people", "registered", "sat", "passed", "certified"].into_iter().find(|n| *n == c.figure);
        let column = column.ok_or_else(|| Error::internal(format!("no counter is called {}", c.figure)))?;
        // The other figures of a counter that was missing are brought by their own corrections.
        let figures =
            ["people", "registered", "sat", "passed", "certified"].map(|n| if n == column { c.by } else { 0 });
        let sql = format!(
            "INSERT INTO tally_counter (kind, group_key, scheme, level, year, people, registered, sat, passed, certified) \
             VALUES ({}) ON CONFLICT (kind, group_key, scheme, level, year) \
             DO UPDATE SET {column} = tally_counter.{column} + excluded.{column}",
            db::places(10)
        );
        let key = [c.kind.as_str(), c.key.as_str(), c.scheme.as_str(), c.level.as_str()].map(sea_orm::Value::from);
        let values = key.into_iter().chain([c.year.into()]).chain(figures.map(sea_orm::Value::from));
        db::run(txn, &sql, values).await?;
    }
    Ok(())
}
