//! Which lecturers of the register hold a session.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use crate::core::{Error, Msg, Result};
use crate::db;

/// Replaces the lecturers of a session.
pub(super) async fn set(txn: &DatabaseTransaction, session_id: i64, lecturers: &[i64]) -> Result<()> {
    db::run(txn, "DELETE FROM session_lecturer WHERE session_id = ?", [session_id.into()]).await?;
    let mut ids = lecturers.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let sql = format!("SELECT COUNT(*) FROM lecturer WHERE id IN ({})", db::places(ids.len().max(1)));
    let known = if ids.is_empty() {
        Some(0)
    } else {
        db::int(txn, &sql, ids.iter().map(|i| Value::from(*i)).collect::<Vec<_>>()).await?
    };
    if known != i64::try_from(ids.len()).ok() {
        return Err(Error::field("lecturers", Msg::new("classes-lecturer-unknown")));
    }
    let rows: Vec<Vec<Value>> = ids.iter().map(|i| vec![session_id.into(), (*i).into()]).collect();
    db::insert_rows(txn, "session_lecturer", &["session_id", "lecturer_id"], rows, "").await?;
    Ok(())
}

/// One lecturer of one session.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Held {
    pub session_id: i64,
    pub lecturer_id: i64,
    pub name: String,
}

/// The lecturers of the sessions of a class, by session.
///
/// # Errors
/// What the database reports.
pub(super) async fn of_class(db: &impl ConnectionTrait, class_id: i64) -> Result<HashMap<i64, Vec<Held>>> {
    let sql = "SELECT sl.session_id, sl.lecturer_id, l.name FROM session_lecturer sl \
               JOIN lecturer l ON l.id = sl.lecturer_id JOIN class_session cs ON cs.id = sl.session_id \
               WHERE cs.class_id = ? ORDER BY l.name_key, l.id";
    let mut out: HashMap<i64, Vec<Held>> = HashMap::new();
    for h in db::rows::<Held>(db, sql, [class_id.into()]).await? {
        out.entry(h.session_id).or_default().push(h);
    }
    Ok(out)
}
