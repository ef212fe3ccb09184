//! Which lecturers of the register hold a session.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use serde::Serialize;

use super::super::entity::class_session;
use crate::core::{Actor, Error, Msg, Result};
use crate::db;

/// The lecturers of a session, for its audit entry: they stand in a table of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held(Vec<i64>);

#[derive(Serialize)]
pub(super) struct WithLecturers<'a> {
    #[serde(flatten)]
    session: &'a class_session::Model,
    lecturer_ids: &'a [i64],
}

impl Held {
    /// The session with them, as the log keeps it.
    pub(super) fn of<'a>(&'a self, session: &'a class_session::Model) -> WithLecturers<'a> {
        WithLecturers { session, lecturer_ids: &self.0 }
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// The lecturers of a session.
pub(super) async fn ids(txn: &DatabaseTransaction, session_id: i64) -> Result<Held> {
    let sql = "SELECT lecturer_id AS id FROM session_lecturer WHERE session_id = ? ORDER BY lecturer_id";
    Ok(Held(db::rows::<Id>(txn, sql, [session_id.into()]).await?.into_iter().map(|i| i.id).collect()))
}

/// Replaces the lecturers of a session: by those the actor sees, and those it has already.
///
/// # Errors
/// [`Error::Invalid`] on `lecturers`.
pub(super) async fn set(txn: &DatabaseTransaction, who: &Actor, session_id: i64, lecturers: &[i64]) -> Result<Held> {
    let before = ids(txn, session_id).await?;
    let mut wanted = lecturers.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let new: Vec<i64> = wanted.iter().copied().filter(|i| !before.0.contains(i)).collect();
    if !new.is_empty() {
        let mut w = crate::lecturers::entity::visible_to(who);
        w.and(&format!("l.id IN ({})", db::places(new.len())), new.iter().map(|i| Value::from(*i)));
        let sql = format!("SELECT COUNT(*) FROM lecturer l WHERE {}", w.sql);
        if db::int(txn, &sql, w.values).await? != i64::try_from(new.len()).ok() {
            return Err(Error::field("lecturers", Msg::new("classes-lecturer-unknown")));
        }
    }
    db::run(txn, "DELETE FROM session_lecturer WHERE session_id = ?", [session_id.into()]).await?;
    let rows: Vec<Vec<Value>> = wanted.iter().map(|i| vec![session_id.into(), (*i).into()]).collect();
    db::insert_rows(txn, "session_lecturer", &["session_id", "lecturer_id"], rows, "").await?;
    Ok(Held(wanted))
}

/// One lecturer of one session.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Named {
    pub session_id: i64,
    pub lecturer_id: i64,
    pub name: String,
}

/// The lecturers of the sessions of a class, by session.
///
/// # Errors
/// What the database reports.
pub(super) async fn of_class(db: &impl ConnectionTrait, class_id: i64) -> Result<HashMap<i64, Vec<Named>>> {
    let sql = "SELECT sl.session_id, sl.lecturer_id, l.name FROM session_lecturer sl \
               JOIN lecturer l ON l.id = sl.lecturer_id JOIN class_session cs ON cs.id = sl.session_id \
               WHERE cs.class_id = ? ORDER BY l.name_key, l.id";
    let mut out: HashMap<i64, Vec<Named>> = HashMap::new();
    for h in db::rows::<Named>(db, sql, [class_id.into()]).await? {
        out.entry(h.session_id).or_default().push(h);
    }
    Ok(out)
}
