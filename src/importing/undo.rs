//! Taking an import back: exactly what it added or changed, or nothing.
//!
//! Every row carries a version; a row whose version is not the one the import left has been changed since, and a row that
//! other records point at has been used since. Both are named, and then nothing is undone.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait, Value};
use serde::{Deserialize, Serialize};

use super::entity::import_change;
use crate::audit;
use crate::core::error::is_foreign_key;
use crate::core::{Actor, Msg, Result};
use crate::db::{self, Cx};

/// The columns of a row as they were before an import changed them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Before(Vec<(String, Was)>);

/// A value with its column's type, which JSON alone would lose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Was {
    Text(Option<String>),
    Int(Option<i64>),
    Flag(bool),
    Date(Option<NaiveDate>),
    Instant(Option<DateTime<Utc>>),
}

impl Before {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn text(mut self, column: &str, was: impl Into<Option<String>>) -> Self {
        self.0.push((column.to_owned(), Was::Text(was.into())));
        self
    }

    #[must_use]
    pub fn int(mut self, column: &str, was: impl Into<Option<i64>>) -> Self {
        self.0.push((column.to_owned(), Was::Int(was.into())));
        self
    }

    #[must_use]
    pub fn flag(mut self, column: &str, was: bool) -> Self {
        self.0.push((column.to_owned(), Was::Flag(was)));
        self
    }

    #[must_use]
    pub fn date(mut self, column: &str, was: impl Into<Option<NaiveDate>>) -> Self {
        self.0.push((column.to_owned(), Was::Date(was.into())));
        self
    }

    #[must_use]
    pub fn instant(mut self, column: &str, was: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.0.push((column.to_owned(), Was::Instant(was.into())));
        self
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns in which two states of a row differ, as [`crate::records::differing`] gives them.
    #[must_use]
    pub fn of(differing: Vec<(String, Value)>) -> Self {
        let was = |v: Value| match v {
            Value::BigInt(n) => Was::Int(n),
            Value::Bool(b) => Was::Flag(b.unwrap_or_default()),
            Value::ChronoDate(d) => Was::Date(d),
            Value::ChronoDateTimeUtc(t) => Was::Instant(t),
            Value::String(s) => Was::Text(s),
            _ => Was::Text(None),
        };
        Self(differing.into_iter().map(|(column, v)| (column, was(v))).collect())
    }
}

impl Was {
    fn value(&self) -> Value {
        match self {
            Self::Text(v) => v.clone().into(),
            Self::Int(v) => (*v).into(),
            Self::Flag(v) => (*v).into(),
            Self::Date(v) => (*v).into(),
            Self::Instant(v) => (*v).into(),
        }
    }
}

/// A row that stands in the way of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    pub table: String,
    pub id: i64,
    pub row: Option<i64>,
    /// `undo-changed` or `undo-used`: the key of the reason.
    pub why: &'static str,
}

/// The work of one undo.
pub struct Undo<'a> {
    pub cx: &'a Cx,
    pub txn: &'a DatabaseTransaction,
    pub who: &'a Actor,
    pub import_id: i64,
    /// What is still to be undone, in the order in which it was done.
    pub(super) left: Vec<import_change::Model>,
    pub(super) blocked: Vec<Blocked>,
}

impl Undo<'_> {
    /// The ids of the rows of `table` that the import made (`insert`) or changed (`update`).
    #[must_use]
    pub fn ids(&self, table: &str, action: &str) -> Vec<i64> {
        let of = self.left.iter().filter(|c| c.table_name == table && c.action == action);
        of.map(|c| c.row_id).collect()
    }

    /// Undoes the changes of these tables, the last first. Call it once for each group of tables that must go before
    /// another (what points at a person goes before the person).
    ///
    /// # Errors
    /// What the database reports.
    pub async fn walk(&mut self, tables: &[&str]) -> Result<()> {
        let (mut now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.left).into_iter().partition(|c| tables.contains(&c.table_name.as_str()));
        self.left = later;
        now.reverse();
        let mut rest = now.as_slice();
        while let Some(first) = rest.first() {
            let same = rest
                .iter()
                .take(db::CHUNK)
                .take_while(|c| c.table_name == first.table_name && c.action == first.action);
            let (group, after) = rest.split_at(same.count());
            if first.action == "insert" {
                self.delete(group).await?;
            } else {
                for c in group {
                    self.restore(c).await?;
                }
            }
            rest = after;
        }
        Ok(())
    }

    async fn delete(&mut self, group: &[import_change::Model]) -> Result<()> {
        if self.try_delete(group).await? == Some(group.len() as u64) {
            return self.note("undo_insert", group).await;
        }
        // Something in the group is in the way: find out what, one by one.
        for c in group {
            match self.try_delete(std::slice::from_ref(c)).await? {
                Some(1) => {}
                Some(_) => self.block(c, "undo-changed"),
                None => self.block(c, "undo-used"),
            }
        }
        Ok(())
    }

    /// Deletes rows that still have the version the import left, inside a savepoint. `None`: another record points at one.
    /// Fewer than asked for: the savepoint is rolled back too.
    async fn try_delete(&self, group: &[import_change::Model]) -> Result<Option<u64>> {
        let Some(first) = group.first() else { return Ok(Some(0)) };
        let point = self.txn.begin().await?;
        let either = vec!["(id = ? AND version = ?)"; group.len()].join(" OR ");
        let sql = format!("DELETE FROM {} WHERE {either}", known(&first.table_name)?);
        let values = group.iter().flat_map(|c| [Value::from(c.row_id), c.version.into()]);
        match point.execute_raw(db::sql_of(&point, &sql, values)).await {
            Ok(done) if done.rows_affected() == group.len() as u64 => {
                point.commit().await?;
                Ok(Some(done.rows_affected()))
            }
            Ok(done) => {
                let n = done.rows_affected();
                point.rollback().await?;
                Ok(Some(n))
            }
            Err(e) if is_foreign_key(&e) => {
                point.rollback().await?;
                Ok(None)
            }
            Err(e) => Err(e.into()),
        }
    }

    async fn restore(&mut self, c: &import_change::Model) -> Result<()> {
        let before: Before = c.before.as_deref().and_then(|b| serde_json::from_str(b).ok()).unwrap_or_default();
        let mut sets = vec!["version = version + 1".to_owned(), "updated_at = ?".to_owned()];
        let mut values: Vec<Value> = vec![self.cx.now().into()];
        for (column, was) in &before.0 {
            sets.push(format!("{column} = ?"));
            values.push(was.value());
        }
        values.extend([c.row_id.into(), c.version.into()]);
        let sql = format!("UPDATE {} SET {} WHERE id = ? AND version = ?", known(&c.table_name)?, sets.join(", "));
        if db::run(self.txn, &sql, values).await? == 1 {
            self.note("undo_update", std::slice::from_ref(c)).await
        } else {
            self.block(c, "undo-changed");
            Ok(())
        }
    }

    fn block(&mut self, c: &import_change::Model, why: &'static str) {
        self.blocked.push(Blocked { table: c.table_name.clone(), id: c.row_id, row: c.row_no, why });
    }

    async fn note(&self, action: &'static str, group: &[import_change::Model]) -> Result<()> {
        // Collected first: a borrowing iterator held over an await would keep `Kind::undo` from being Send.
        let entry = |c: &import_change::Model| {
            let table = known(&c.table_name).ok()?;
            Some(audit::Change::new(action, table, c.row_id, c.version + 1).import(Some(self.import_id)))
        };
        let entries: Vec<audit::Change> = group.iter().filter_map(entry).collect();
        audit::record(self.txn, self.cx, self.who, entries).await
    }

    /// What stands in the way, as one message that names up to ten rows.
    pub(super) fn blocked_msg(&self, lang: crate::core::Lang) -> Msg {
        let names: Vec<String> = self.blocked.iter().take(10).map(|b| name_of(b, lang)).collect();
        Msg::new("undo-blocked")
            .with("n", self.blocked.len())
            .with("rows", names.join(if lang == crate::core::Lang::ZhCn { "；" } else { "; " }))
    }
}

fn name_of(b: &Blocked, lang: crate::core::Lang) -> String {
    let msg = Msg::new(b.why).with("table", &b.table).with("id", b.id);
    msg.with("row", b.row.map_or_else(|| "-".to_owned(), |r| r.to_string())).text(lang)
}

/// Table names go into SQL as text, so only those an import may write are let through.
fn known(table: &str) -> Result<&'static str> {
    const TABLES: &[&str] = &[
        "region",
        "campus",
        "base",
        "agreement",
        "supervisor",
        "person",
        "cohort",
        "enrolment",
        "placement",
        "hour_entry",
        "class",
        "class_enrolment",
        "class_session",
        "attendance",
        "assessment_mark",
        "exam_cycle",
        "registration",
        "result",
        "certificate",
        "organisation",
        "station",
        "employment",
        "project",
        "service_record",
    ];
    TABLES
        .iter()
        .copied()
        .find(|t| *t == table)
        .ok_or_else(|| crate::core::Error::internal(format!("import_change names the table {table:?}")))
}
