//! Reading requests and the waiting list.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::class::{ROLES, find};
use crate::core::{Actor, Result};
use crate::db;

/// A request with its place on the list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RequestView {
    pub id: i64,
    pub version: i64,
    pub class_id: i64,
    pub class_name: String,
    pub person_id: Option<i64>,
    pub name: String,
    pub note: String,
    pub reason: String,
    pub state: String,
    pub source: String,
    pub queued_at: DateTime<Utc>,
    /// How many wait before them and count; 1 is next. Only while waiting.
    pub position: i64,
}

const SELECT: &str = "SELECT r.id, r.version, r.class_id, c.name AS class_name, r.person_id, r.name, r.note, r.reason, r.state, \
    r.source, r.queued_at, CASE WHEN r.state = 'waiting' THEN (SELECT COUNT(*) FROM class_request b \
    WHERE b.class_id = r.class_id AND b.state = 'waiting' AND (b.queued_at < r.queued_at \
    OR (b.queued_at = r.queued_at AND b.id <= r.id))) ELSE 0 END AS position \
    FROM class_request r JOIN class c ON c.id = r.class_id";

/// The open requests of a class: those to be answered first, then the waiting list in its order, then the last fifty
/// answered.
///
/// # Errors
/// Forbidden for all but staff; not found.
pub async fn requests(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<Vec<RequestView>> {
    who.require(ROLES)?;
    find(db, who, class_id).await?;
    let sql = format!("{SELECT} WHERE r.class_id = ? AND r.state = 'asked' ORDER BY r.queued_at, r.id LIMIT 500");
    let mut all: Vec<RequestView> = db::rows(db, &sql, [class_id.into()]).await?;
    let sql = format!("{SELECT} WHERE r.class_id = ? AND r.state = 'waiting' ORDER BY r.queued_at, r.id LIMIT 500");
    all.extend(db::rows::<RequestView>(db, &sql, [class_id.into()]).await?);
    let sql = format!(
        "{SELECT} WHERE r.class_id = ? AND r.state NOT IN ('asked', 'waiting') ORDER BY r.updated_at DESC, r.id LIMIT 50"
    );
    all.extend(db::rows::<RequestView>(db, &sql, [class_id.into()]).await?);
    Ok(all)
}

/// The signed-in person's own open requests.
///
/// # Errors
/// What the database reports.
pub async fn own_requests(db: &impl ConnectionTrait, who: &Actor) -> Result<Vec<RequestView>> {
    let Some(person) = who.person_id else { return Ok(Vec::new()) };
    let sql = format!("{SELECT} WHERE r.person_id = ? AND r.state IN ('asked', 'waiting') ORDER BY r.id LIMIT 50");
    db::rows(db, &sql, [person.into()]).await
}
