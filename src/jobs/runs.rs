//! Runs of jobs: claiming a tick, running it under a lease, running by hand, the history.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::run;
use super::{JobCall, Jobs, LEASE, failure, rules, said, wall};
use crate::audit::{self, Change};
use crate::core::clock::Clock;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role, civil};
use crate::db::{self, Cx};

/// A run whose process died is taken over so often, then given up.
const MAX_ATTEMPTS: i64 = 3;

/// A run as pages, API and command line show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    pub id: i64,
    pub job: String,
    pub tick_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// running, done, failed, missed.
    pub state: String,
    pub missed_ticks: i64,
    pub by_hand: bool,
    pub attempts: i64,
    /// Read with [`super::say`].
    pub message: String,
}

impl From<run::Model> for RunView {
    fn from(m: run::Model) -> Self {
        Self {
            id: m.id,
            job: m.job,
            tick_at: m.tick_at,
            started_at: m.started_at,
            finished_at: m.finished_at,
            state: m.state,
            missed_ticks: m.missed_ticks,
            by_hand: m.by_hand != 0,
            attempts: m.attempts,
            message: m.message,
        }
    }
}

/// A job with its schedule and how it last went.
#[derive(Clone, Debug)]
pub struct JobView {
    pub name: String,
    /// Absent for a job that only runs by hand.
    pub cron: Option<String>,
    pub zone: Option<String>,
    pub catch_up_minutes: Option<i64>,
    pub daily: bool,
    pub next: Option<DateTime<Utc>>,
    pub last: Option<RunView>,
}

/// A run that this process holds and must now carry out.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub run_id: i64,
    job: String,
    at: DateTime<Utc>,
    missed: i64,
    by_hand: bool,
    /// The job's clock stands still at `at`.
    fixed: bool,
}

/// Finds the ticks that are due, records those that are too late and claims the others for this process.
///
/// # Errors
/// What the database reports.
pub async fn due(cx: &Cx, jobs: &Jobs) -> Result<Vec<Claimed>> {
    let mut out = take_over(cx, jobs).await?;
    let now = cx.now();
    for s in &jobs.schedules {
        let since = last_tick(cx, &s.name).await?;
        let ticks = s.ticks(since, now);
        if ticks.is_empty() || is_running(cx, &s.name).await? {
            continue;
        }
        let todo = rules::decide(&ticks, now, s.catch_up);
        if let Some((tick, more)) = todo.missed {
            let late = new_run(cx, jobs, &s.name, s.key(tick), tick, more, "missed");
            insert_once(cx, late).await?;
        }
        if let Some((tick, more)) = todo.run {
            let row = new_run(cx, jobs, &s.name, s.key(tick), tick, more, "running");
            if let Some(run_id) = insert_once(cx, row).await? {
                let job = s.name.clone();
                out.push(Claimed { run_id, job, at: tick, missed: more, by_hand: false, fixed: false });
            }
        }
    }
    Ok(out)
}

/// The last tick on record. A job seen for the first time starts counting now: a new job does not run the past.
async fn last_tick(cx: &Cx, job: &str) -> Result<DateTime<Utc>> {
    let last = run::Entity::find()
        .filter(run::Column::Job.eq(job))
        .filter(run::Column::ByHand.eq(0))
        .order_by_desc(run::Column::TickAt)
        .one(cx.read())
        .await?;
    if let Some(last) = last {
        return Ok(last.tick_at);
    }
    let name = format!("job-since:{job}");
    let now = cx.now();
    db::run(
        cx.writer(),
        "INSERT INTO setting (name, value, changed_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        [name.clone().into(), now.to_rfc3339().into(), now.into()],
    )
    .await?;
    #[derive(sea_orm::FromQueryResult)]
    struct Kept {
        value: String,
    }
    let kept: Vec<Kept> = db::rows(cx.writer(), "SELECT value FROM setting WHERE name = ?", [name.into()]).await?;
    Ok(kept.first().and_then(|k| k.value.parse().ok()).unwrap_or(now))
}

async fn is_running(cx: &Cx, job: &str) -> Result<bool> {
    let sql = "SELECT id FROM job_run WHERE state = 'running' AND job = ? LIMIT 1";
    Ok(db::int(cx.read(), sql, [job.into()]).await?.is_some())
}

fn new_run(
    cx: &Cx,
    jobs: &Jobs,
    job: &str,
    key: String,
    tick: DateTime<Utc>,
    more: i64,
    state: &str,
) -> run::ActiveModel {
    let running = state == "running";
    run::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        job: Set(job.to_owned()),
        tick_key: Set(key),
        owner: Set(jobs.owner.clone()),
        message: Set(String::new()),
        tick_at: Set(tick),
        started_at: Set(cx.now()),
        finished_at: Set((!running).then(|| cx.now())),
        lease_until: Set(running.then(|| wall() + LEASE)),
        state: Set(state.to_owned()),
        missed_ticks: Set(more),
        by_hand: Set(0),
        attempts: Set(i64::from(running)),
    }
}

/// The guard of the whole module: the row can be there only once, so only one process gets an id.
async fn insert_once(cx: &Cx, row: run::ActiveModel) -> Result<Option<i64>> {
    match row.insert(cx.writer()).await.map_err(Error::from) {
        Ok(m) => Ok(Some(m.id)),
        Err(Error::Conflict(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Runs whose process died: taken over while the tick is inside its window, given up otherwise.
async fn take_over(cx: &Cx, jobs: &Jobs) -> Result<Vec<Claimed>> {
    let dead = run::Entity::find()
        .filter(run::Column::State.eq("running"))
        .filter(run::Column::LeaseUntil.lt(wall()))
        .limit(100)
        .all(cx.read())
        .await?;
    let mut out = Vec::new();
    for r in dead {
        let again = r.by_hand == 0
            && r.attempts < MAX_ATTEMPTS
            && jobs.schedule(&r.job).is_some_and(|s| cx.now() - r.tick_at <= s.catch_up);
        let same = "WHERE id = ? AND state = 'running' AND owner = ? AND lease_until < ?";
        if again {
            let sql = format!("UPDATE job_run SET owner = ?, lease_until = ?, attempts = attempts + 1 {same}");
            let values = [
                jobs.owner.clone().into(),
                (wall() + LEASE).into(),
                r.id.into(),
                r.owner.clone().into(),
                wall().into(),
            ];
            if db::run(cx.writer(), &sql, values).await? == 1 {
                out.push(claimed_of(&r));
            }
        } else {
            let why = said(&Msg::new("jobs-interrupted"));
            let sql = format!("UPDATE job_run SET state = 'failed', message = ?, finished_at = ? {same}");
            let values = [why.into(), cx.now().into(), r.id.into(), r.owner.clone().into(), wall().into()];
            db::run(cx.writer(), &sql, values).await?;
        }
    }
    Ok(out)
}

fn claimed_of(r: &run::Model) -> Claimed {
    let job = r.job.clone();
    Claimed { run_id: r.id, job, at: r.tick_at, missed: r.missed_ticks, by_hand: false, fixed: false }
}

/// Records a run by hand and claims it; carry it out with [`execute`]. With `at` the job's clock stands still there.
///
/// # Errors
/// [`Error::NotFound`] for an unknown job, [`Error::Conflict`] while it is running.
pub async fn by_hand(cx: &Cx, who: &Actor, jobs: &Jobs, job: &str, at: Option<DateTime<Utc>>) -> Result<Claimed> {
    who.require(&[Role::Administrator])?;
    if !jobs.jobs.contains_key(job) {
        let known: Vec<&str> = jobs.names().collect();
        let msg = Msg::new("jobs-unknown").with("job", job).with("known", known.join(", "));
        return Err(Error::NotFound(msg));
    }
    let now = cx.now();
    let tick = at.unwrap_or(now);
    let key = format!("hand:{}:{:08x}", wall().to_rfc3339(), rand::random::<u32>());
    let mut row = new_run(cx, jobs, job, key, tick, 0, "running");
    row.by_hand = Set(1);
    let txn = cx.begin().await?;
    let busy = "SELECT id FROM job_run WHERE state = 'running' AND job = ? AND lease_until >= ? LIMIT 1";
    if db::int(&txn, busy, [job.into(), wall().into()]).await?.is_some() {
        return Err(Error::Conflict(Msg::new("jobs-running-already").with("job", job)));
    }
    let row = row.insert(&txn).await?;
    audit::record(&txn, cx, who, [Change::new("run", "job_run", row.id, 1).after(&row)]).await?;
    txn.commit().await?;
    Ok(Claimed { run_id: row.id, job: job.to_owned(), at: tick, missed: 0, by_hand: true, fixed: at.is_some() })
}

/// Carries a claimed run out: renews the lease while it lasts, catches a panic, records how it ended.
///
/// # Errors
/// What the database reports; that the job itself failed is in the view.
pub async fn execute(cx: &Cx, jobs: &Arc<Jobs>, c: Claimed) -> Result<RunView> {
    let def = jobs.jobs.get(c.job.as_str()).cloned();
    let def = def.ok_or_else(|| Error::NotFound(Msg::new("jobs-unknown").with("job", &c.job).with("known", "")))?;
    let zone = jobs.schedule(&c.job).map_or_else(|| cx.zone(), |s| s.zone);
    let call =
        JobCall { run_id: c.run_id, at: c.at, date: civil::date_in(c.at, zone), missed: c.missed, by_hand: c.by_hand };
    let mut inner = cx.clone();
    if c.fixed {
        inner.clock = Clock::fixed(c.at);
    }
    let renew = "UPDATE job_run SET lease_until = ? WHERE id = ? AND state = 'running' AND owner = ?";
    let lease = Lease { cx, sql: renew, id: c.run_id, owner: &jobs.owner };
    let (state, message) = match lease.hold((def.run)(inner, call)).await {
        Ok(text) => ("done", text),
        Err(e) => {
            tracing::warn!(job = %c.job, run = c.run_id, "job {} failed in run {}: {e}", c.job, c.run_id);
            ("failed", failure(&e))
        }
    };
    db::run(
        cx.writer(),
        "UPDATE job_run SET state = ?, message = ?, finished_at = ?, lease_until = NULL \
         WHERE id = ? AND state = 'running' AND owner = ?",
        [state.into(), message.into(), cx.now().into(), c.run_id.into(), jobs.owner.clone().into()],
    )
    .await?;
    one(cx, c.run_id).await
}

/// Keeps a claimed row while work on it lasts.
pub(super) struct Lease<'a> {
    pub cx: &'a Cx,
    /// Takes the new lease, the row's id and the owner.
    pub sql: &'static str,
    pub id: i64,
    pub owner: &'a str,
}

impl Lease<'_> {
    /// Runs the work as a task of its own, so that it goes on while the lease is being renewed (the renewal may wait for
    /// the very connection the work holds), and so that a panic ends only itself. Dropping this stops the work.
    pub async fn hold<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        let mut task = StopOnDrop(tokio::spawn(work));
        let mut beat = tokio::time::interval(Duration::from_secs(15));
        beat.tick().await;
        loop {
            tokio::select! {
                done = &mut task.0 => {
                    return done.unwrap_or_else(|e| {
                        Err(Error::internal(if e.is_panic() { panic_text(e.into_panic()) } else { e.to_string() }))
                    });
                }
                _ = beat.tick() => {
                    let values = [(wall() + LEASE).into(), self.id.into(), self.owner.into()];
                    if let Err(e) = db::run(self.cx.writer(), self.sql, values).await {
                        tracing::warn!("lease of row {} not renewed: {e}", self.id);
                    }
                }
            }
        }
    }
}

struct StopOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for StopOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn panic_text(payload: Box<dyn std::any::Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| payload.downcast_ref().cloned());
    format!("panic: {}", text.unwrap_or_default())
}

/// One run.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn one(cx: &Cx, run_id: i64) -> Result<RunView> {
    let found = run::Entity::find_by_id(run_id).one(cx.writer()).await?;
    found.map(RunView::from).ok_or_else(|| Error::not_found("error-not-found"))
}

/// The history, newest first, of one job or all.
///
/// # Errors
/// [`Error::Forbidden`] for other roles than the administrator.
pub async fn history(cx: &Cx, who: &Actor, job: Option<&str>, page: &PageReq) -> Result<Page<RunView>> {
    who.require(&[Role::Administrator])?;
    let mut q = run::Entity::find().order_by_desc(run::Column::Id).limit(page.limit() + 1);
    if let Some(job) = job.filter(|j| !j.is_empty()) {
        q = q.filter(run::Column::Job.eq(job));
    }
    if let Some(after) = page.after_id() {
        q = q.filter(run::Column::Id.lt(after));
    }
    let rows = q.all(cx.read()).await?.into_iter().map(RunView::from).collect();
    Ok(Page::cut(rows, page.limit(), |r: &RunView| r.id.to_string()))
}

/// Every job with its next tick and its last run.
///
/// # Errors
/// [`Error::Forbidden`] for other roles than the administrator.
pub async fn list(cx: &Cx, who: &Actor, jobs: &Jobs) -> Result<Vec<JobView>> {
    who.require(&[Role::Administrator])?;
    let mut out = Vec::new();
    for name in jobs.names() {
        let s = jobs.schedule(name);
        let last = run::Entity::find()
            .filter(run::Column::Job.eq(name))
            .order_by_desc(run::Column::TickAt)
            .one(cx.read())
            .await?;
        out.push(JobView {
            name: name.to_owned(),
            cron: s.map(|s| s.source.clone()),
            zone: s.map(|s| s.zone.name().to_owned()),
            catch_up_minutes: s.map(|s| s.catch_up.num_minutes()),
            daily: s.is_some_and(|s| s.daily),
            next: s.and_then(|s| s.next(cx.now())),
            last: last.map(RunView::from),
        });
    }
    Ok(out)
}

/// Deletes what is no longer of interest: runs that ended well and tasks done before `keep_days` ago. The last run of
/// each job stays, because the next ticks count from it.
///
/// # Errors
/// What the database reports.
pub async fn tidy(cx: &Cx, keep_days: i64) -> Result<u64> {
    let before = cx.now() - chrono::TimeDelta::days(keep_days);
    let runs = db::run(
        cx.writer(),
        "DELETE FROM job_run WHERE state IN ('done', 'missed') AND finished_at < ? \
         AND id NOT IN (SELECT MAX(id) FROM job_run WHERE by_hand = 0 GROUP BY job)",
        [before.into()],
    )
    .await?;
    let tasks =
        db::run(cx.writer(), "DELETE FROM job_task WHERE state = 'done' AND finished_at < ?", [before.into()]).await?;
    Ok(runs + tasks)
}
