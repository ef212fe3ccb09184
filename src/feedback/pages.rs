//! Pages of feedback: the form on a participant's phone, the report for those who run the class.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, Answers, Report, Session, Standing};
use super::rules::Shown;
use crate::classes::config::Question;
use crate::core::{Msg, Role};
use crate::web::{self, Errors, Form, Pages, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/class-sessions/:id/feedback", show).post("/class-sessions/:id/feedback", give)
}

#[derive(Template)]
#[template(path = "feedback/pages/form.html")]
struct FormPage {
    ui: Ui,
    session: Session,
    standing: Standing,
    questions: Vec<Question>,
    typed: Vec<(String, i64)>,
    remark: String,
    errors: Errors,
}

impl FormPage {
    fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    fn closed_text(&self) -> String {
        self.ui.t(match self.standing {
            Standing::Given => "feedback-given",
            Standing::Over => "feedback-over",
            _ => "feedback-not-there",
        })
    }

    fn has(&self, code: &str, value: &i64) -> bool {
        self.typed.iter().any(|(c, v)| c == code && v == value)
    }

    fn name(&self, q: &Question) -> String {
        q.name.text(self.ui.lang()).to_owned()
    }

    fn scale(&self) -> Vec<(i64, String)> {
        (1..=super::rules::BEST).rev().map(|v| (v, self.ui.t(&format!("feedback-value-{v}")))).collect()
    }
}

#[derive(Template)]
#[template(path = "feedback/pages/report.html")]
struct ReportPage {
    ui: Ui,
    report: Report,
}

impl ReportPage {
    fn name(&self, q: &Question) -> String {
        q.name.text(self.ui.lang()).to_owned()
    }

    fn mean(&self, s: &Shown) -> String {
        format!("{}.{:02}", s.mean / 100, s.mean % 100)
    }

    fn answered(&self) -> String {
        let (n, there) = (self.report.answers.to_string(), self.report.there.to_string());
        self.ui.ta("feedback-answered", &[("n", n), ("there", there)])
    }

    fn few(&self) -> String {
        self.ui.t1("feedback-few", "least", self.report.least)
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    if ui.actor()?.role != Role::Intern {
        let report = ops::report(&ui.cx, ui.actor()?, id).await?;
        return web::html(&ReportPage { ui, report });
    }
    let (session, standing, questions) = ops::asked(&ui.cx, ui.actor()?, id).await?;
    let (typed, remark) = (Vec::new(), String::new());
    web::html(&FormPage { ui, session, standing, questions, typed, remark, errors: Errors::default() })
}

/// Questions answered come as `question=code:value`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    #[serde(flatten)]
    rest: std::collections::HashMap<String, String>,
}

#[handler]
async fn give(ui: Ui, Path(id): Path<i64>, Form(given): Form<Given>) -> web::Result<Response> {
    let who = ui.actor()?;
    let (session, standing, questions) = ops::asked(&ui.cx, who, id).await?;
    let value = |q: &Question| Some((q.code.clone(), given.rest.get(&format!("q-{}", q.code))?.parse().ok()?));
    let remark = given.rest.get("remark").cloned().unwrap_or_default();
    let input = Answers { values: questions.iter().filter_map(value).collect(), remark };
    match ops::give(&ui.cx, who, id, &input).await {
        Ok(()) => Ok(ui.see(&format!("/classes/{}", session.class_id), &Msg::new("feedback-thanks"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = FormPage { ui, session, standing, questions, typed: input.values, remark: input.remark, errors };
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
