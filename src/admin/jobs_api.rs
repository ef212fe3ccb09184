//! Scheduled jobs in the API.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::api::{ApiUser, PageOut, Problem, Result, Tag, page};
use crate::core::Lang;
use crate::db::Cx;
use crate::jobs::runs::{self, JobView, RunView};
use crate::jobs::{Jobs, say};
use crate::web::current_lang;

/// A run of a job.
#[derive(Clone, Debug, Object)]
#[oai(rename = "JobRun")]
pub struct RunOut {
    pub id: i64,
    pub job: String,
    pub tick_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// running, done, failed or missed.
    pub state: String,
    /// Further ticks this one stands for: caught up by the run, or missed with it.
    pub missed_ticks: i64,
    pub by_hand: bool,
    /// What the job said.
    pub message: String,
}

/// A job with its schedule.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Job")]
pub struct JobOut {
    pub name: String,
    /// Six fields: second minute hour day month weekday. Absent for a job that only runs by hand.
    pub cron: Option<String>,
    pub zone: Option<String>,
    pub catch_up_minutes: Option<i64>,
    pub daily: bool,
    pub next: Option<DateTime<Utc>>,
    pub last: Option<RunOut>,
}

fn run_out(r: RunView, lang: Lang) -> RunOut {
    RunOut {
        id: r.id,
        job: r.job,
        tick_at: r.tick_at,
        started_at: r.started_at,
        finished_at: r.finished_at,
        state: r.state,
        missed_ticks: r.missed_ticks,
        by_hand: r.by_hand,
        message: say(&r.message, lang),
    }
}

fn job_out(j: JobView, lang: Lang) -> JobOut {
    JobOut {
        name: j.name,
        cron: j.cron,
        zone: j.zone,
        catch_up_minutes: j.catch_up_minutes,
        daily: j.daily,
        next: j.next,
        last: j.last.map(|r| run_out(r, lang)),
    }
}

/// Taken up.
#[derive(ApiResponse)]
pub enum Started {
    /// The run has begun; look at the history for its end.
    #[oai(status = 202)]
    Started(Json<RunOut>),
}

pub struct JobsApi;

#[OpenApi(prefix_path = "/jobs", tag = "Tag::Jobs")]
impl JobsApi {
    /// List jobs with schedule, next tick and last run.
    #[oai(path = "/", method = "get", operation_id = "list_jobs")]
    async fn list(&self, cx: Cx, jobs: Data<&Arc<Jobs>>, user: ApiUser) -> Result<Json<Vec<JobOut>>> {
        let lang = current_lang();
        Ok(Json(runs::list(&cx, &user, jobs.0).await?.into_iter().map(|j| job_out(j, lang)).collect()))
    }

    /// The history of runs, newest first, of one job or all.
    #[oai(path = "/runs", method = "get", operation_id = "list_job_runs")]
    async fn history(
        &self,
        cx: Cx,
        user: ApiUser,
        job: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> Result<Json<PageOut<RunOut>>> {
        let lang = current_lang();
        let found = runs::history(&cx, &user, job.0.as_deref(), &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, |r| run_out(r, lang))))
    }

    /// Run a job now.
    #[oai(path = "/:name/run", method = "post", operation_id = "run_job")]
    async fn run(
        &self,
        cx: Cx,
        jobs: Data<&Arc<Jobs>>,
        user: ApiUser,
        name: Path<String>,
    ) -> std::result::Result<Started, Problem> {
        let claimed = runs::by_hand(&cx, &user, jobs.0, &name.0, None).await?;
        let view = runs::one(&cx, claimed.run_id).await?;
        let jobs = jobs.0.clone();
        tokio::spawn(async move {
            if let Err(e) = runs::execute(&cx, &jobs, claimed).await {
                tracing::error!("recording how a run by hand ended: {e}");
            }
        });
        Ok(Started::Started(Json(run_out(view, current_lang()))))
    }
}
