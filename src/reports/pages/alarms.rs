//! The alarms, and clearing one.

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::reports::alarm::{self, Alarm};
use crate::reports::repair::ask as ask_repair;
use crate::reports::tally::rules::Difference;
use crate::web::{self, Errors, Form, Query, Ui};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlarmsQuery {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "reports/pages/alarms.html")]
struct AlarmsPage {
    ui: Ui,
    page: Page<Alarm>,
    next: Option<String>,
    at_start: bool,
    may_clear: bool,
    errors: Errors,
    /// The alarm whose form was refused.
    wrong: i64,
}

impl AlarmsPage {
    fn title(&self, a: &Alarm) -> String {
        let key = match a.subject.as_str() {
            alarm::COUNTERS => "reports-alarm-counters",
            alarm::FACTS => "reports-alarm-facts",
            _ => "reports-alarm-other",
        };
        self.ui.ta(key, &[("n", a.details.count.to_string()), ("subject", a.subject.clone())])
    }

    fn group(&self, d: &Difference) -> String {
        let kind = self.ui.t(&format!("reports-kind-{}", d.kind));
        let level = if d.level.is_empty() { String::new() } else { format!(" {}/{}", d.scheme, d.level) };
        let year = if d.year == 0 { String::new() } else { format!(" {}", d.year) };
        format!("{kind} {}{level}{year}", d.key)
    }

    fn figure(&self, d: &Difference) -> String {
        match d.figure.strip_prefix("stage:") {
            Some(stage) => self.ui.t(&format!("stage-{}", stage.replace('_', "-"))),
            None => self.ui.t(&format!("reports-{}", d.figure)),
        }
    }

    fn may_repair(&self) -> bool {
        self.may_clear && self.page.items.iter().any(|a| a.cleared_at.is_none())
    }

    fn is_wrong(&self, a: &Alarm) -> bool {
        self.wrong == a.id
    }

    fn unlisted(&self, a: &Alarm) -> i64 {
        let listed = a.details.differences.len().max(a.details.people.len());
        a.details.count - i64::try_from(listed).unwrap_or(i64::MAX)
    }
}

async fn show(ui: Ui, after: Option<String>, errors: Errors, wrong: i64) -> web::Result<Response> {
    let at_start = after.is_none();
    let page = alarm::list(&ui.cx, ui.actor()?, &PageReq { after, limit: None }).await?;
    let next = page.next.as_ref().map(|n| format!("/alarms?after={n}"));
    let may_clear = ui.can("POST", "/alarms/0/clear") && ui.actor()?.sees_all();
    let refused = !errors.is_empty();
    let page = AlarmsPage { page, next, at_start, may_clear, errors, wrong, ui };
    if refused { web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page) } else { web::html(&page) }
}

#[handler]
pub(super) async fn list(ui: Ui, Query(q): Query<AlarmsQuery>) -> web::Result<Response> {
    show(ui, q.after, Errors::default(), 0).await
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

#[handler]
pub(super) async fn repair(ui: Ui, Form(_): Form<Nothing>) -> web::Result<Response> {
    match ask_repair(&ui.cx, ui.actor()?).await {
        Ok(()) => Ok(ui.see("/alarms", &Msg::new("reports-repair-asked"))),
        Err(e @ Error::Conflict(_)) => show(ui, None, Errors::from(e)?, 0).await,
        Err(e) => Err(e.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClearForm {
    why: String,
}

#[handler]
pub(super) async fn clear(ui: Ui, Path(id): Path<i64>, Form(form): Form<ClearForm>) -> web::Result<Response> {
    match alarm::clear(&ui.cx, ui.actor()?, id, &form.why).await {
        Ok(()) => Ok(ui.see("/alarms", &Msg::new("reports-alarm-cleared-notice"))),
        Err(e @ (Error::Invalid(_) | Error::Conflict(_))) => {
            let errors = Errors::from(e)?;
            show(ui, None, errors, id).await
        }
        Err(e) => Err(e.into()),
    }
}
