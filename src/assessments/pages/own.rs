//! What an intern sees of their own classes: published results, completion, certificates; asking for a review.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, Own, Part};
use super::points;
use crate::core::Msg;
use crate::web::{self, Errors, Form, Ui};

#[derive(Template)]
#[template(path = "assessments/pages/own.html")]
struct OwnPage {
    ui: Ui,
    all: Vec<Own>,
    /// The enrolment whose request was refused and what was typed.
    asked: (i64, String),
    errors: Errors,
}

impl OwnPage {
    fn part(&self, p: &Part) -> String {
        super::part_text(&self.ui, p)
    }

    fn verdict(&self, o: &Own) -> (&'static str, String) {
        let Some(out) = &o.outcome else { return ("quiet", String::new()) };
        match o.state.as_str() {
            "completed" => ("good", self.ui.t("completion-verdict-completed")),
            "withdrawn" => ("quiet", self.ui.t("completion-withdrawn")),
            _ => {
                let name = out.verdict.name().replace('_', "-");
                let kind = if name == "completed" { "info" } else { "quiet" };
                (kind, self.ui.t(&format!("completion-verdict-{name}")))
            }
        }
    }

    fn open(&self, o: &Own) -> bool {
        o.reviews.iter().any(|r| r.state == "open")
    }

    fn enrolment(&self, o: &Own) -> i64 {
        o.outcome.as_ref().map_or(0, |x| x.enrolment_id)
    }

    fn typed(&self, o: &Own) -> &str {
        if self.asked.0 == self.enrolment(o) { &self.asked.1 } else { "" }
    }

    fn error(&self, o: &Own) -> String {
        if self.asked.0 == self.enrolment(o) { self.errors.of(&self.ui, "reason") } else { String::new() }
    }
}

#[handler]
pub(super) async fn show(ui: Ui) -> web::Result<Response> {
    let all = ops::own(&ui.cx, ui.actor()?).await?;
    web::html(&OwnPage { ui, all, asked: (0, String::new()), errors: Errors::default() })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskForm {
    reason: String,
}

#[handler]
pub(super) async fn ask(ui: Ui, Path(id): Path<i64>, Form(f): Form<AskForm>) -> web::Result<Response> {
    match ops::ask(&ui.cx, ui.actor()?, id, &f.reason).await {
        Ok(_) => Ok(ui.see("/my-results", &Msg::new("assessment-review-asked"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let all = ops::own(&ui.cx, ui.actor()?).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &OwnPage { ui, all, asked: (id, f.reason), errors })
        }
    }
}
