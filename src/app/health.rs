//! For machines: alive, ready, counters, the API document.

use std::sync::LazyLock;

use poem::http::StatusCode;
use poem::{Response, handler};

use crate::api;
use crate::core::Result;
use crate::db;
use crate::web::{self, Ui};

/// GET /healthz: the process answers.
#[handler]
pub fn healthz() -> &'static str {
    "ok\n"
}

/// GET /readyz: the database answers.
#[handler]
pub async fn readyz(ui: Ui) -> Response {
    match db::int(ui.cx.read(), "SELECT CAST(1 AS BIGINT)", []).await {
        Ok(_) => Response::builder().body("ready\n"),
        Err(cause) => {
            tracing::warn!(%cause, "not ready");
            Response::builder().status(StatusCode::SERVICE_UNAVAILABLE).body("database not reachable\n")
        }
    }
}

/// GET /metrics: Prometheus' text form.
#[handler]
pub async fn metrics(ui: Ui) -> web::Result<Response> {
    let mut text = ui.site.metrics.text();
    text += &states(&ui, "yanzhen_outbox", "Mails by state.", "SELECT state, COUNT(*) AS n FROM outbox GROUP BY state")
        .await?;
    text += &states(
        &ui,
        "yanzhen_job_runs",
        "Job runs by state.",
        "SELECT state, COUNT(*) AS n FROM job_run GROUP BY state",
    )
    .await?;
    Ok(Response::builder().content_type("text/plain; version=0.0.4").body(text))
}

#[derive(sea_orm::FromQueryResult)]
struct StateRow {
    state: String,
    n: i64,
}

async fn states(ui: &Ui, name: &str, help: &str, sql: &str) -> Result<String> {
    let rows: Vec<StateRow> = db::rows(ui.cx.read(), sql, []).await?;
    let lines: String = rows.iter().map(|r| format!("{name}{{state=\"{}\"}} {}\n", r.state, r.n)).collect();
    Ok(format!("# HELP {name} {help}\n# TYPE {name} gauge\n{lines}"))
}

/// GET /api/openapi.json
#[handler]
pub fn spec() -> Response {
    Response::builder().content_type("application/json").body(SPEC.as_str())
}

static SPEC: LazyLock<String> = LazyLock::new(super::openapi_spec);

/// GET /api/docs
#[handler]
pub fn docs(ui: Ui) -> web::Result<Response> {
    api::docs::page(ui, &SPEC)
}
