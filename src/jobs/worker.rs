//! The loop that runs jobs and tasks in a process, and the same work as one call for tests and the command line.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::runs::{self, RunView};
use super::{Jobs, queue};
use crate::core::Result;
use crate::db::Cx;

/// Runs and tasks under way at once.
const AT_ONCE: usize = 6;
/// How long a stop waits for work under way; what is cut off is taken over when its lease ends.
const GRACE: Duration = Duration::from_secs(20);

/// Runs everything that is due until nothing is, in order, and gives the runs. Tasks that fail wait for their next
/// attempt like ever, so this ends.
///
/// # Errors
/// What the database reports.
pub async fn run_due(cx: &Cx, jobs: &Arc<Jobs>) -> Result<Vec<RunView>> {
    let mut done = Vec::new();
    loop {
        let claimed = runs::due(cx, jobs).await?;
        let mut idle = claimed.is_empty();
        for c in claimed {
            done.push(runs::execute(cx, jobs, c).await?);
        }
        while let Some(task) = queue::claim(cx, jobs).await? {
            queue::execute(cx, jobs, task).await?;
            idle = false;
        }
        if idle {
            return Ok(done);
        }
    }
}

/// Works until `stop` turns true (or its sender is gone), then lets work under way end for a while.
pub async fn work(cx: Cx, jobs: Arc<Jobs>, mut stop: watch::Receiver<bool>) {
    let mut under_way: JoinSet<()> = JoinSet::new();
    let mut look_at = cx.now();
    while !*stop.borrow() {
        while under_way.try_join_next().is_some() {}
        let now = cx.now();
        if now >= look_at {
            match runs::due(&cx, &jobs).await {
                Ok(claimed) => {
                    for c in claimed {
                        let (cx, jobs) = (cx.clone(), jobs.clone());
                        under_way.spawn(async move { log(runs::execute(&cx, &jobs, c).await) });
                    }
                }
                Err(e) => tracing::warn!("looking for due jobs: {e}"),
            }
            let next = jobs.schedules.iter().filter_map(|s| s.next(now)).min();
            look_at = next.unwrap_or(now + TimeDelta::seconds(30)).min(now + TimeDelta::seconds(30));
        }
        while under_way.len() < AT_ONCE {
            match queue::claim(&cx, &jobs).await {
                Ok(Some(task)) => {
                    let (cx, jobs) = (cx.clone(), jobs.clone());
                    under_way.spawn(async move { log(queue::execute(&cx, &jobs, task).await) });
                }
                Ok(None) => break,
                Err(e) => {
                    tracing::warn!("looking for tasks: {e}");
                    break;
                }
            }
        }
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            () = jobs.wake.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    let rest = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!("stopped with work under way; it will be taken up again");
    }
}

fn log<T>(result: Result<T>) {
    if let Err(e) = result {
        tracing::error!("recording how work ended: {e}");
    }
}
