//! The jobs and tasks there are: names and schedules stand in `config/jobs.toml`, the work is each feature's own.

use std::sync::Arc;

use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;
use crate::jobs::{JobDef, Jobs, Schedule, TaskDef, runs, said, schedule, wall};
use crate::mail::{Post, Templates, send_due};
use crate::people::ops::area;
use crate::reports::{nightly, repair};
use crate::{exams, reminders};

/// The registry of this process.
///
/// # Errors
/// [`crate::core::Error::Setup`] naming `jobs.toml` and the key.
pub fn jobs(cx: &Cx) -> Result<Arc<Jobs>> {
    let file = cx.settings.rule_files().read("jobs.toml")?;
    let schedules = schedule::read(&file, cx.zone())?;
    Ok(Arc::new(Jobs::new(schedules, defs(), tasks())?))
}

/// Runs and tasks that ended well are kept so long.
const KEEP_DAYS: i64 = 30;

/// The means to send mail: the route of the settings, the templates of every feature.
#[must_use]
pub fn post(cx: &Cx) -> Post {
    let letters =
        [reminders::letters::templates(), crate::practicum::letters::templates(), crate::classes::letters::templates()];
    Post::new(cx, Templates::new(letters.concat()))
}

/// Refuses schedules of jobs that do not exist.
///
/// # Errors
/// [`Error::Setup`] naming the job.
pub(super) fn check(schedules: Vec<Schedule>) -> Result<()> {
    Jobs::new(schedules, defs(), tasks()).map(|_| ())
}

/// All jobs without a schedule.
pub(super) fn unscheduled() -> Arc<Jobs> {
    Arc::new(Jobs::unscheduled(defs(), tasks()))
}

fn defs() -> Vec<JobDef> {
    vec![
        JobDef::new("mail", |cx, _| {
            Box::pin(async move {
                let report = send_due(&cx, &post(&cx)).await?;
                match report.unreached.clone() {
                    // Shown as failed, so that somebody looks at the mail server; the mails themselves wait.
                    Some(why) => Err(Error::Setup(why)),
                    None => Ok(said(&report.msg())),
                }
            })
        }),
        JobDef::new("reminders", |cx, call| {
            Box::pin(async move {
                let seen_at = if call.by_hand { cx.now().min(wall()) } else { cx.now() };
                Ok(said(&reminders::plan::run(&cx, seen_at).await?.msg()))
            })
        }),
        JobDef::new("tidy", |cx, _| {
            Box::pin(async move {
                let rows = runs::tidy(&cx, KEEP_DAYS).await?;
                Ok(said(&Msg::new("jobs-tidied").with("rows", rows)))
            })
        }),
        JobDef::new("tally", |cx, _call| {
            Box::pin(async move {
                let done = nightly::run(&cx, &Actor::job("tally")).await?;
                Ok(said(&done.msg()))
            })
        }),
    ]
}

fn tasks() -> Vec<TaskDef> {
    vec![
        TaskDef::new(area::TASK, |cx, call| {
            Box::pin(async move {
                let moved: area::Moved = serde_json::from_value(call.payload).map_err(Error::internal)?;
                exams::facts::rederive(&cx, &moved.people).await
            })
        }),
        TaskDef::new(repair::TASK, |cx, _| {
            Box::pin(async move { repair::run(&cx, &Actor::job("tally")).await.map(|_| ()) })
        }),
    ]
}
