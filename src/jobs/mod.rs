//! Scheduled jobs and tasks asked for by use cases. Knows no feature: `app` hands in what each name does.
//!
//! A **job** stands in `config/jobs.toml` and ticks by a cron expression. A tick only wakes; what is due is a question
//! to the database that the job asks. A tick is a row of `job_run`, unique by (job, UTC instant) or, for a daily job,
//! (job, civil date): of any number of processes the one that inserts the row runs it. Ticks missed while nothing was
//! running are run once if they are inside the job's catch-up window, and recorded as missed otherwise.
//!
//! A **task** is a row of `job_task` written by a use case in its own transaction (news for a feature further right,
//! long work). It is claimed by one UPDATE, held by a lease that is renewed while it runs, tried again with growing
//! pauses, and given up after [`queue::MAX_ATTEMPTS`].
//!
//! Both must be idempotent: a process can die after the work and before the mark. Leases are kept in real time (see
//! [`wall`]), since they speak about processes; everything else is the time of [`Cx::now`].

pub mod entity;
pub mod queue;
pub mod rules;
pub mod runs;
pub mod schedule;
pub mod worker;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::future::BoxFuture;

use crate::core::clock::Clock;
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;

pub use queue::{NewTask, enqueue, progress};
pub use rules::Schedule;

/// A process that has not renewed its lease for so long is taken for dead.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What a job is told about the run.
#[derive(Clone, Debug)]
pub struct JobCall {
    pub run_id: i64,
    /// The tick, or the time asked for by hand.
    pub at: DateTime<Utc>,
    /// The civil date of `at` in the job's zone.
    pub date: NaiveDate,
    /// Earlier ticks that this run makes up for.
    pub missed: i64,
    pub by_hand: bool,
}

/// What a task is told.
#[derive(Clone, Debug)]
pub struct TaskCall {
    pub id: i64,
    pub payload: serde_json::Value,
    /// 1 at the first attempt.
    pub attempt: i64,
}

type JobFn = Arc<dyn Fn(Cx, JobCall) -> BoxFuture<'static, Result<String>> + Send + Sync>;
type TaskFn = Arc<dyn Fn(Cx, TaskCall) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// A job's name and what it does; the text it gives is shown in the history (see [`said`]).
#[derive(Clone)]
pub struct JobDef {
    pub name: &'static str,
    run: JobFn,
}

impl JobDef {
    pub fn new(
        name: &'static str,
        run: impl Fn(Cx, JobCall) -> BoxFuture<'static, Result<String>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, run: Arc::new(run) }
    }
}

/// A kind of task and what it does.
#[derive(Clone)]
pub struct TaskDef {
    pub kind: &'static str,
    run: TaskFn,
}

impl TaskDef {
    pub fn new(
        kind: &'static str,
        run: impl Fn(Cx, TaskCall) -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        Self { kind, run: Arc::new(run) }
    }
}

/// The registry: schedules from the file, work from `app`.
pub struct Jobs {
    /// This process, in the rows it holds.
    pub owner: String,
    pub schedules: Vec<Schedule>,
    jobs: BTreeMap<&'static str, JobDef>,
    tasks: HashMap<&'static str, TaskDef>,
    wake: tokio::sync::Notify,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("owner", &self.owner).finish_non_exhaustive()
    }
}

impl Jobs {
    /// Joins schedules and work. A job without a schedule can still be run by hand.
    ///
    /// # Errors
    /// [`Error::Setup`] for a schedule of a job that does not exist, naming those that do.
    pub fn new(schedules: Vec<Schedule>, jobs: Vec<JobDef>, tasks: Vec<TaskDef>) -> Result<Self> {
        let made = Self::unscheduled(jobs, tasks);
        if let Some(s) = schedules.iter().find(|s| !made.jobs.contains_key(s.name.as_str())) {
            let known: Vec<&str> = made.names().collect();
            let why = format!("jobs.toml: job {}: name: no such job; there are: {}", s.name, known.join(", "));
            return Err(Error::Setup(why));
        }
        Ok(Self { schedules, ..made })
    }

    /// The same without schedules: every job runs by hand only.
    #[must_use]
    pub fn unscheduled(jobs: Vec<JobDef>, tasks: Vec<TaskDef>) -> Self {
        Self {
            owner: format!("{}-{:08x}", std::process::id(), rand::random::<u32>()),
            schedules: Vec::new(),
            jobs: jobs.into_iter().map(|j| (j.name, j)).collect(),
            tasks: tasks.into_iter().map(|t| (t.kind, t)).collect(),
            wake: tokio::sync::Notify::new(),
        }
    }

    /// All jobs that exist, scheduled or not, by name.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.jobs.keys().copied()
    }

    /// Tells the worker of this process that there is a task now rather than at its next look.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    fn schedule(&self, name: &str) -> Option<&Schedule> {
        self.schedules.iter().find(|s| s.name == name)
    }
}

/// Real time, also where the clock of the use cases is fixed: leases speak about processes that live now.
#[must_use]
pub fn wall() -> DateTime<Utc> {
    Clock::System.now()
}

/// A message for the history, kept so that it can be read in either language.
#[must_use]
pub fn said(msg: &Msg) -> String {
    serde_json::to_string(msg).unwrap_or_else(|_| msg.key.clone())
}

/// The sentence of a message kept by [`said`]; plain text stays as it is.
#[must_use]
pub fn say(kept: &str, lang: Lang) -> String {
    serde_json::from_str::<Msg>(kept).map_or_else(|_| kept.to_owned(), |m| m.text(lang))
}

/// Why something failed, for the history. Pages with it are for administrators, so an internal cause is kept.
fn failure(e: &Error) -> String {
    match e {
        Error::NotFound(m) | Error::Conflict(m) | Error::TooLarge(m) | Error::Unavailable(m) => said(m),
        Error::Busy => said(&Msg::new("error-busy")),
        Error::Forbidden => said(&Msg::new("error-forbidden")),
        other => other.to_string(),
    }
}
