//! Tasks: written in the transaction that causes them, claimed by one UPDATE, tried again with growing pauses.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::runs::Lease;
use super::{Jobs, LEASE, TaskCall, entity, failure, wall};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result, Role};
use crate::db::{self, Cx};

/// A task is given up after so many attempts.
pub const MAX_ATTEMPTS: i64 = 6;

/// Work to be done after the transaction it is written in commits.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub kind: &'static str,
    pub payload: String,
    /// While a task with this key waits, another one is not added. Once one has begun, news makes a new task: the one
    /// under way may have read the old state.
    pub dedup_key: Option<String>,
    /// Not before; at once when absent.
    pub run_at: Option<DateTime<Utc>>,
}

impl NewTask {
    /// # Errors
    /// [`Error::Internal`] for a payload that cannot be JSON.
    pub fn new(kind: &'static str, payload: &impl Serialize) -> Result<Self> {
        let payload = serde_json::to_string(payload).map_err(Error::internal)?;
        Ok(Self { kind, payload, dedup_key: None, run_at: None })
    }

    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Self {
        self.dedup_key = Some(key.into());
        self
    }
}

/// Adds a task; gives its id, or none when one with the same key is waiting already.
///
/// # Errors
/// What the database reports.
pub async fn enqueue(txn: &impl ConnectionTrait, cx: &Cx, task: NewTask) -> Result<Option<i64>> {
    let now = cx.now();
    db::int(
        txn,
        "INSERT INTO job_task (kind, payload, owner, error, dedup_key, state, run_at, created_at, attempts, \
         progress_done, progress_total) VALUES (?, ?, '', '', ?, 'ready', ?, ?, 0, 0, 0) \
         ON CONFLICT (dedup_key) DO NOTHING RETURNING id",
        [task.kind.into(), task.payload.into(), task.dedup_key.into(), task.run_at.unwrap_or(now).into(), now.into()],
    )
    .await
}

/// Notes how far a task is. Call it between transactions, never inside one.
///
/// # Errors
/// What the database reports.
pub async fn progress(cx: &Cx, task_id: i64, done: i64, total: i64) -> Result<()> {
    db::run(
        cx.writer(),
        "UPDATE job_task SET progress_done = ?, progress_total = ? WHERE id = ?",
        [done.into(), total.into(), task_id.into()],
    )
    .await?;
    Ok(())
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Taken {
    id: i64,
    kind: String,
    payload: String,
    attempts: i64,
}

/// Takes the next task that is due, of the kinds this process knows; also one whose process died.
pub(super) async fn claim(cx: &Cx, jobs: &Jobs) -> Result<Option<Taken>> {
    if jobs.tasks.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "UPDATE job_task SET state = 'running', owner = ?, lease_until = ?, attempts = attempts + 1, dedup_key = NULL \
         WHERE id = (SELECT id FROM job_task WHERE ((state = 'ready' AND run_at <= ?) \
         OR (state = 'running' AND lease_until < ?)) AND kind IN ({}) ORDER BY run_at, id LIMIT 1{}) \
         RETURNING id, kind, payload, attempts",
        db::places(jobs.tasks.len()),
        db::skip_locked(cx.writer()),
    );
    let mut values: Vec<sea_orm::Value> =
        vec![jobs.owner.clone().into(), (wall() + LEASE).into(), cx.now().into(), wall().into()];
    values.extend(jobs.tasks.keys().map(|k| (*k).into()));
    Ok(db::rows::<Taken>(cx.writer(), &sql, values).await?.pop())
}

/// Carries a claimed task out and records how it ended.
pub(super) async fn execute(cx: &Cx, jobs: &Arc<Jobs>, t: Taken) -> Result<()> {
    let renew = "UPDATE job_task SET lease_until = ? WHERE id = ? AND state = 'running' AND owner = ?";
    let lease = Lease { cx, sql: renew, id: t.id, owner: &jobs.owner };
    let result = match (jobs.tasks.get(t.kind.as_str()), serde_json::from_str(&t.payload)) {
        (Some(def), Ok(payload)) => {
            lease.hold((def.run)(cx.clone(), TaskCall { id: t.id, payload, attempt: t.attempts })).await
        }
        (None, _) => Err(Error::not_found("error-not-found")),
        (_, Err(e)) => Err(Error::Setup(format!("payload: {e}"))),
    };
    let now = cx.now();
    let (state, error, run_at, finished) = match &result {
        Ok(()) => ("done", String::new(), None, Some(now)),
        Err(e) => {
            tracing::warn!(task = t.id, kind = %t.kind, "task {} ({}) failed: {e}", t.id, t.kind);
            match pause(e, t.attempts) {
                Some(wait) => ("ready", failure(e), Some(now + wait), None),
                None => ("failed", failure(e), None, Some(now)),
            }
        }
    };
    db::run(
        cx.writer(),
        "UPDATE job_task SET state = ?, error = ?, run_at = COALESCE(?, run_at), finished_at = ?, lease_until = NULL \
         WHERE id = ? AND state = 'running' AND owner = ?",
        [state.into(), error.into(), run_at.into(), finished.into(), t.id.into(), jobs.owner.clone().into()],
    )
    .await?;
    Ok(())
}

/// How long to wait before the next attempt; none when another attempt would not help or there were enough.
fn pause(e: &Error, attempts: i64) -> Option<TimeDelta> {
    let may_pass = e.may_pass() || matches!(e, Error::Internal(_) | Error::Conflict(_));
    (may_pass && attempts < MAX_ATTEMPTS).then(|| {
        let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1);
        TimeDelta::seconds(5 * i64::from(3_u32.pow(doublings - 1)))
    })
}

/// Tasks that failed, wait or run, newest first; those done are of no interest.
///
/// # Errors
/// [`Error::Forbidden`] for other roles than the administrator.
pub async fn open_tasks(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<entity::Model>> {
    use sea_orm::ColumnTrait;
    who.require(&[Role::Administrator])?;
    let mut q = entity::Entity::find()
        .filter(entity::Column::State.is_in(["ready", "running", "failed"]))
        .order_by_desc(entity::Column::Id)
        .limit(page.limit() + 1);
    if let Some(after) = page.after_id() {
        q = q.filter(entity::Column::Id.lt(after));
    }
    Ok(Page::cut(q.all(cx.read()).await?, page.limit(), |t: &entity::Model| t.id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let p = |n| pause(&Error::Busy, n).map(|d| d.num_seconds());
        assert_eq!([p(1), p(2), p(3), p(5), p(6)], [Some(5), Some(15), Some(45), Some(405), None]);
        assert_eq!(pause(&Error::Forbidden, 1), None);
        assert_eq!(pause(&Error::not_found("error-not-found"), 1), None);
    }
}
