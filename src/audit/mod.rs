//! The record of every change: who, when, why, and the row before and after as JSON.
//!
//! It is also the version history of the facts that count (hours, attendance, results, certificates): the entries of one
//! `(entity, entity_id)` in order are its versions. Entries are only ever added.

pub mod entity;

use sea_orm::ConnectionTrait;
use serde::Serialize;

use crate::core::{Actor, Result};
use crate::db::{self, Cx};

/// One change, ready to be written.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub action: &'static str,
    /// The table's name.
    pub entity: &'static str,
    pub entity_id: i64,
    /// The row's version after the change.
    pub version: i64,
    pub before: Option<String>,
    pub after: Option<String>,
    pub why: Option<String>,
    pub import_id: Option<i64>,
}

impl Change {
    /// `action` is a verb of the glossary of actions: create, update, delete, confirm, return, merge, …
    #[must_use]
    pub fn new(action: &'static str, entity: &'static str, entity_id: i64, version: i64) -> Self {
        Self { action, entity, entity_id, version, ..Self::default() }
    }

    #[must_use]
    pub fn before(mut self, row: &impl Serialize) -> Self {
        self.before = json(row);
        self
    }

    #[must_use]
    pub fn after(mut self, row: &impl Serialize) -> Self {
        self.after = json(row);
        self
    }

    #[must_use]
    pub fn why(mut self, why: &str) -> Self {
        self.why = Some(why.to_owned()).filter(|w| !w.is_empty());
        self
    }

    #[must_use]
    pub fn import(mut self, id: Option<i64>) -> Self {
        self.import_id = id;
        self
    }
}

/// Rows derive `Serialize` and leave out what must not be readable (`#[serde(skip_serializing)]` on sealed numbers).
fn json(row: &impl Serialize) -> Option<String> {
    serde_json::to_string(row).ok()
}

const COLUMNS: &[&str] = &[
    "at",
    "actor_id",
    "import_id",
    "actor_name",
    "action",
    "entity",
    "entity_id",
    "version",
    "before",
    "after",
    "why",
];

/// Writes the entries in the transaction of the change itself.
///
/// # Errors
/// What the database reports.
pub async fn record(
    txn: &impl ConnectionTrait,
    cx: &Cx,
    who: &Actor,
    changes: impl IntoIterator<Item = Change>,
) -> Result<()> {
    let now = cx.now();
    let rows = changes.into_iter().map(|c| {
        vec![
            now.into(),
            who.user_id.into(),
            c.import_id.into(),
            who.name.as_str().into(),
            c.action.into(),
            c.entity.into(),
            c.entity_id.into(),
            c.version.into(),
            c.before.into(),
            c.after.into(),
            c.why.into(),
        ]
    });
    db::insert_rows(txn, "audit_entry", COLUMNS, rows, "").await?;
    Ok(())
}
