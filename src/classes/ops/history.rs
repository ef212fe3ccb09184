//! What became of a session's attendance after it was first written down.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;

use super::class::{ROLES, find};
use crate::core::{Actor, Error, Result};
use crate::db;

/// One later change of one person's attendance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    pub at: DateTime<Utc>,
    pub by: String,
    pub person: String,
    pub before: String,
    pub after: String,
    pub why: String,
}

#[derive(FromQueryResult)]
struct Row {
    at: DateTime<Utc>,
    actor_name: String,
    name: String,
    before: Option<String>,
    after: Option<String>,
    why: Option<String>,
}

/// The later changes of a session's attendance, the newest first, at most 200.
///
/// # Errors
/// Forbidden for all but staff; not found.
pub async fn corrections(db: &impl ConnectionTrait, who: &Actor, session_id: i64) -> Result<Vec<Corrected>> {
    who.require(ROLES)?;
    let class = db::int(db, "SELECT class_id FROM class_session WHERE id = ?", [session_id.into()]).await?;
    find(db, who, class.ok_or_else(|| Error::not_found("error-not-found"))?).await?;
    let sql = "SELECT e.at, e.actor_name, p.name, e.before, e.after, e.why FROM attendance a \
               JOIN audit_entry e ON e.entity = 'attendance' AND e.entity_id = a.id AND e.action = 'update' \
               JOIN person p ON p.id = a.person_id WHERE a.session_id = ? ORDER BY e.id DESC LIMIT 200";
    let rows: Vec<Row> = db::rows(db, sql, [session_id.into()]).await?;
    let state = |json: Option<String>| {
        let row: Value = json.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Value::Null);
        row.get("state").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let one = |r: Row| Corrected {
        at: r.at,
        by: r.actor_name,
        person: r.name,
        before: state(r.before),
        after: state(r.after),
        why: r.why.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(one).collect())
}

/// People of the actor who are not in the class and do not wait for it: by a part of the name, or without one those of
/// the class's cohort. At most 300, as (id, name, unit).
///
/// # Errors
/// Forbidden for all but staff; not found.
pub async fn candidates(
    db: &impl ConnectionTrait,
    who: &Actor,
    class_id: i64,
    name: &str,
) -> Result<Vec<(i64, String, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        unit: String,
    }
    who.require(ROLES)?;
    let class = find(db, who, class_id).await?;
    let (scope, mut values) = crate::people::scope::sql(who);
    let name: String = name.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    let wanted = if name.is_empty() {
        let Some(cohort) = class.cohort_id else { return Ok(Vec::new()) };
        values.push(cohort.into());
        "p.id IN (SELECT e.person_id FROM enrolment e WHERE e.cohort_id = ? AND e.state = 'active')"
    } else {
        values.push(format!("%{name}%").into());
        "p.name LIKE ?"
    };
    values.extend([class_id.into(), class_id.into()]);
    let sql = format!(
        "SELECT p.id, p.name, p.unit FROM person p WHERE p.active AND {scope} AND {wanted} \
         AND NOT EXISTS (SELECT 1 FROM class_enrolment ce WHERE ce.class_id = ? AND ce.person_id = p.id) \
         AND NOT EXISTS (SELECT 1 FROM class_request r WHERE r.class_id = ? AND r.person_id = p.id \
         AND r.state IN ('asked', 'waiting')) ORDER BY p.name_key, p.id LIMIT 300"
    );
    let rows: Vec<Row> = db::rows(db, &sql, values).await?;
    Ok(rows.into_iter().map(|r| (r.id, r.name, r.unit)).collect())
}
