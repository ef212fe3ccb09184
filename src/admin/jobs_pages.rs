//! Scheduled jobs: schedule, next and last run, running one by hand, the history, open tasks.

use std::sync::Arc;

use askama::Template;
use poem::web::{Data, Path};
use poem::{Response, handler};
use serde::Deserialize;

use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::jobs::runs::{self, JobView, RunView};
use crate::jobs::{Jobs, entity, queue, say};
use crate::web::{self, Form, Pages, Query, Ui, percent};

/// The pages of jobs.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/jobs", list).post("/jobs/:name/run", run_now)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    job: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/pages/jobs.html")]
struct JobsPage {
    ui: Ui,
    asked: Asked,
    jobs: Vec<JobView>,
    tasks: Vec<entity::Model>,
    names: Vec<(String, String)>,
    page: Page<RunView>,
    first: String,
    next: Option<String>,
}

impl JobsPage {
    fn say(&self, kept: &str) -> String {
        say(kept, self.ui.lang())
    }

    fn running(job: &JobView) -> bool {
        job.last.as_ref().is_some_and(|r| r.state == "running")
    }

    /// Seconds from start to end.
    fn took(run: &RunView) -> String {
        run.finished_at.map_or_else(
            || "–".to_owned(),
            |end| {
                let ms = (end - run.started_at).num_milliseconds().max(0);
                format!("{}.{} s", ms / 1000, ms % 1000 / 100)
            },
        )
    }
}

fn kind(state: &str) -> &'static str {
    match state {
        "done" => "good",
        "failed" => "bad",
        "missed" => "warn",
        _ => "info",
    }
}

/// A job's name in words; its own name where there is none.
fn name(ui: &Ui, job: &str) -> String {
    let key = format!("jobs-name-{job}");
    if crate::core::i18n::has(ui.lang(), &key) { ui.t(&key) } else { job.to_owned() }
}

#[handler]
async fn list(ui: Ui, Data(jobs): Data<&Arc<Jobs>>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let who = ui.actor()?;
    let all = runs::list(&ui.cx, who, jobs).await?;
    let tasks = queue::open_tasks(&ui.cx, who, &PageReq::default()).await?.items;
    let req = PageReq { after: asked.after.clone(), limit: None };
    let page = runs::history(&ui.cx, who, asked.job.as_deref(), &req).await?;
    let first = format!("/jobs?job={}", percent(asked.job.as_deref().unwrap_or_default()));
    let next = page.next.as_ref().map(|n| format!("{first}&after={}", percent(n)));
    let mut names = vec![(String::new(), ui.t("web-all"))];
    names.extend(all.iter().map(|j| (j.name.clone(), name(&ui, &j.name))));
    web::html(&JobsPage { asked, jobs: all, tasks, names, page, first, next, ui })
}

#[derive(Debug, Deserialize)]
struct Nothing {}

#[handler]
async fn run_now(
    ui: Ui,
    Data(jobs): Data<&Arc<Jobs>>,
    Path(job): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> web::Result<Response> {
    let msg = match runs::by_hand(&ui.cx, ui.actor()?, jobs, &job, None).await {
        Ok(claimed) => {
            // The run goes on whether or not the browser waits; its end is in the history.
            let (cx, jobs) = (ui.cx.clone(), jobs.clone());
            tokio::spawn(async move {
                if let Err(e) = runs::execute(&cx, &jobs, claimed).await {
                    tracing::error!("recording how a run by hand ended: {e}");
                }
            });
            Msg::new("jobs-begun").with("job", &job)
        }
        Err(Error::Conflict(why)) => why,
        Err(e) => return Err(e.into()),
    };
    Ok(ui.see("/jobs", &msg))
}
