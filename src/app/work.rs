//! The jobs and tasks there are: names and schedules stand in `config/jobs.toml`, the work is each feature's own.

use std::sync::Arc;

use crate::core::Result;
use crate::db::Cx;
use crate::jobs::{JobDef, Jobs, TaskDef, schedule};

/// The registry of this process.
///
/// # Errors
/// [`crate::core::Error::Setup`] naming `jobs.toml` and the key.
pub fn jobs(cx: &Cx) -> Result<Arc<Jobs>> {
    let file = cx.settings.rule_files().read("jobs.toml")?;
    let schedules = schedule::read(&file, cx.zone())?;
    Ok(Arc::new(Jobs::new(schedules, defs(), tasks())?))
}

fn defs() -> Vec<JobDef> {
    vec![
        // mail, reminders, tidy
        // tally
    ]
}

fn tasks() -> Vec<TaskDef> {
    vec![]
}
