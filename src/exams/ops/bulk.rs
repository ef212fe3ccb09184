//! Writing many rows in few statements, with their audit entries.

use sea_orm::{DatabaseTransaction, FromQueryResult, Value};
use std::collections::HashMap;

use super::super::entity::{registration, result};
use crate::audit;
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};

const REGISTRATION: &[&str] = &[
    "cycle_id",
    "person_id",
    "level",
    "subjects",
    "number",
    "review",
    "education",
    "major",
    "unit",
    "graduated_on",
    "note",
    "work_years",
    "registered_on",
    "payment",
    "state",
    "corrected",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
];

fn registration_values(r: &registration::Model) -> Vec<Value> {
    vec![
        r.cycle_id.into(),
        r.person_id.into(),
        r.level.as_str().into(),
        r.subjects.as_str().into(),
        r.number.as_str().into(),
        r.review.as_str().into(),
        r.education.as_str().into(),
        r.major.as_str().into(),
        r.unit.as_str().into(),
        r.graduated_on.as_str().into(),
        r.note.as_str().into(),
        r.work_years.into(),
        r.registered_on.into(),
        r.payment.as_str().into(),
        r.state.as_str().into(),
        r.corrected.into(),
        r.version.into(),
        r.created_at.into(),
        r.updated_at.into(),
        r.created_by.into(),
        r.updated_by.into(),
    ]
}

const RESULT: &[&str] = &[
    "cycle_id",
    "person_id",
    "level",
    "subject",
    "archive_no",
    "note",
    "code",
    "mark",
    "held",
    "corrected",
    "published_on",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
];

fn result_values(r: &result::Model) -> Vec<Value> {
    vec![
        r.cycle_id.into(),
        r.person_id.into(),
        r.level.as_str().into(),
        r.subject.as_str().into(),
        r.archive_no.as_str().into(),
        r.note.as_str().into(),
        r.code.as_str().into(),
        r.mark.into(),
        r.held.into(),
        r.corrected.into(),
        r.published_on.into(),
        r.version.into(),
        r.created_at.into(),
        r.updated_at.into(),
        r.created_by.into(),
        r.updated_by.into(),
    ]
}

/// Rows of one INSERT; far below the limit of values.
const ROWS: usize = 500;

#[derive(FromQueryResult)]
struct Made {
    id: i64,
    cycle_id: i64,
    person_id: i64,
    level: String,
    subject: String,
}

type MadeKey = (i64, i64, String, String);

async fn insert(
    txn: &DatabaseTransaction,
    table: &str,
    columns: &[&str],
    subject: &str,
    rows: Vec<Vec<Value>>,
) -> Result<HashMap<MadeKey, i64>> {
    let n = rows.len();
    let tail = format!("RETURNING id, cycle_id, person_id, level, {subject} AS subject");
    let sql = db::insert_sql(table, columns, n, &tail);
    let made: Vec<Made> = db::rows(txn, &sql, rows.into_iter().flatten()).await?;
    Ok(made.into_iter().map(|m| ((m.cycle_id, m.person_id, m.level, m.subject), m.id)).collect())
}

/// Inserts registrations and sets their ids.
///
/// # Errors
/// What the database reports.
pub async fn insert_registrations(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    rows: &mut [registration::Model],
    import_id: Option<i64>,
) -> Result<()> {
    for chunk in rows.chunks_mut(ROWS) {
        let values = chunk.iter().map(registration_values).collect();
        let ids = insert(txn, "registration", REGISTRATION, "''", values).await?;
        for r in chunk.iter_mut() {
            r.id = id_of(&ids, (r.cycle_id, r.person_id, r.level.clone(), String::new()))?;
        }
        let mut log = Vec::with_capacity(chunk.len());
        for r in chunk.iter() {
            log.push(audit::Change::new("create", "registration", r.id, 1).after(r).import(import_id));
        }
        audit::record(txn, cx, who, log).await?;
    }
    Ok(())
}

/// Inserts results and sets their ids.
///
/// # Errors
/// What the database reports.
pub async fn insert_results(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    rows: &mut [result::Model],
    why: &str,
    import_id: Option<i64>,
) -> Result<()> {
    for chunk in rows.chunks_mut(ROWS) {
        let values = chunk.iter().map(result_values).collect();
        let ids = insert(txn, "result", RESULT, "subject", values).await?;
        for r in chunk.iter_mut() {
            r.id = id_of(&ids, (r.cycle_id, r.person_id, r.level.clone(), r.subject.clone()))?;
        }
        let mut log = Vec::with_capacity(chunk.len());
        for r in chunk.iter() {
            log.push(audit::Change::new("create", "result", r.id, 1).after(r).why(why).import(import_id));
        }
        audit::record(txn, cx, who, log).await?;
    }
    Ok(())
}

fn id_of(ids: &HashMap<MadeKey, i64>, key: MadeKey) -> Result<i64> {
    ids.get(&key).copied().ok_or_else(|| Error::internal("a row was inserted and not returned"))
}

/// Writes the new state of a registration over the old one, one version up.
///
/// # Errors
/// [`Error::Conflict`] when the row is no longer at the old version.
pub async fn update_registration(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &registration::Model,
    mut new: registration::Model,
    why: &str,
    import_id: Option<i64>,
) -> Result<registration::Model> {
    new.version = old.version + 1;
    new.updated_at = cx.now();
    new.updated_by = who.user_id;
    update(txn, "registration", REGISTRATION, registration_values(&new), old.id, old.version).await?;
    let entry = audit::Change::new("update", "registration", old.id, new.version).before(old).after(&new);
    audit::record(txn, cx, who, [entry.why(why).import(import_id)]).await?;
    Ok(new)
}

/// Writes the new state of a result over the old one, one version up.
///
/// # Errors
/// [`Error::Conflict`] when the row is no longer at the old version.
pub async fn update_result(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &result::Model,
    mut new: result::Model,
    why: &str,
    import_id: Option<i64>,
) -> Result<result::Model> {
    new.version = old.version + 1;
    new.updated_at = cx.now();
    new.updated_by = who.user_id;
    update(txn, "result", RESULT, result_values(&new), old.id, old.version).await?;
    let entry = audit::Change::new("update", "result", old.id, new.version).before(old).after(&new);
    audit::record(txn, cx, who, [entry.why(why).import(import_id)]).await?;
    Ok(new)
}

async fn update(
    txn: &DatabaseTransaction,
    table: &str,
    columns: &[&str],
    mut values: Vec<Value>,
    id: i64,
    version: i64,
) -> Result<()> {
    let sets: Vec<String> = columns.iter().map(|c| format!("{c} = ?")).collect();
    let sql = format!("UPDATE {table} SET {} WHERE id = ? AND version = ?", sets.join(", "));
    values.extend([id.into(), version.into()]);
    if db::run(txn, &sql, values).await? == 1 { Ok(()) } else { Err(Error::conflict("error-changed-meanwhile")) }
}
