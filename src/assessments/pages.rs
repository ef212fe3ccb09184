//! Pages of assessments: the results of a class, how it is assessed, the sheet of a component, reviews, an intern's own.

mod own;
mod plan;
mod sheet;

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::entity::correction;
use super::ops::{self, AssessmentView, Component, Line, Part, Results, ReviewView};
use super::rules::{Came, Hand, Kind, show};
use crate::core::sheet::{self as xlsx, Value};
use crate::core::{Error, Msg};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/classes/:id/assessment", results)
        .get("/classes/:id/assessment/export", export)
        .get("/classes/:id/assessment/edit", plan::edit)
        .post("/classes/:id/assessment", plan::save)
        .post("/classes/:id/assessment/publish", publish)
        .get("/assessment-components/:id", sheet::show_sheet)
        .post("/assessment-components/:id", sheet::enter)
        .post("/assessment-components/:id/agree", sheet::agree)
        .get("/assessment-reviews", waiting)
        .post("/assessment-reviews/:id", send_answer)
        .post("/class-enrolments/:id/review", own::ask)
        .get("/my-results", own::show)
}

fn kind_text(ui: &Ui, kind: Kind) -> String {
    ui.t(&format!("assessment-kind-{}", kind.name()))
}

/// A mark as it is shown: absence in words.
fn mark_text(ui: &Ui, text: &str) -> String {
    match text {
        "absent" => ui.t("assessment-absent"),
        "" => "–".to_owned(),
        other => other.to_owned(),
    }
}

fn part_text(ui: &Ui, p: &Part) -> String {
    match p.came {
        Came::Nothing => "–".to_owned(),
        Came::Half => ui.t("assessment-half"),
        Came::Apart => ui.t("assessment-apart"),
        Came::Settled(_) if p.absent => ui.t("assessment-absent"),
        Came::Settled(m) => show(m),
    }
}

/// For templates, which hand values over by reference.
fn points(mark: &i64) -> String {
    show(*mark)
}

fn total_text(total: &Option<i64>) -> String {
    total.map_or_else(|| "–".to_owned(), show)
}

fn reviewed(state: &str) -> &'static str {
    match state {
        "open" => "warn",
        "changed" => "good",
        _ => "quiet",
    }
}

#[derive(Template)]
#[template(path = "assessments/pages/results.html")]
struct ResultsPage {
    ui: Ui,
    v: AssessmentView,
    r: Option<Results>,
    reviews: Vec<ReviewView>,
    /// The review whose answer was refused, what was typed, and why.
    answer: (i64, String),
    errors: Errors,
}

impl ResultsPage {
    fn staff(&self) -> bool {
        self.ui.is_staff()
    }

    fn head(&self, c: &Component) -> String {
        format!("{} {}% · {}", c.row.name, c.row.weight, show(c.row.full_mark))
    }

    fn part(&self, p: &Part) -> String {
        part_text(&self.ui, p)
    }

    fn name_of(&self, enrolment: &i64) -> String {
        let lines = self.r.iter().flat_map(|r| r.lines.iter());
        lines.into_iter().find(|l| l.enrolment_id == *enrolment).map(|l| l.name.clone()).unwrap_or_default()
    }

    fn component_of(&self, id: &i64) -> String {
        self.v.components.iter().find(|c| c.row.id == *id).map(|c| c.row.name.clone()).unwrap_or_default()
    }

    fn mark(&self, text: &str) -> String {
        mark_text(&self.ui, text)
    }

    fn changed(&self, c: &correction::Model) -> String {
        let who =
            if Hand::of(c.hand) == Some(Hand::Agreed) { self.ui.t("assessment-hand-agreed") } else { String::new() };
        format!("{} → {} {who}", self.mark(&c.before), self.mark(&c.after))
    }

    fn typed(&self, id: &i64) -> &str {
        if self.answer.0 == *id { &self.answer.1 } else { "" }
    }

    fn error(&self, id: &i64) -> String {
        if self.answer.0 == *id { self.errors.of(&self.ui, "answer") } else { String::new() }
    }

    /// The best and the mean of what is settled.
    fn mean(&self) -> String {
        let totals: Vec<i64> = self.r.iter().flat_map(|r| r.lines.iter().filter_map(|l| l.total)).collect();
        let n = i64::try_from(totals.len()).unwrap_or(0);
        if n == 0 { "–".to_owned() } else { show((totals.iter().sum::<i64>() * 2 + n) / (2 * n)) }
    }

    fn open(&self) -> usize {
        self.r.as_ref().map_or(0, Results::open)
    }
}

async fn results_page(ui: Ui, id: i64, answer: (i64, String), errors: Errors) -> web::Result<ResultsPage> {
    let who = ui.actor()?;
    let v = ops::assessment(&ui.cx, who, id).await?;
    let r = match v.row {
        Some(_) => Some(ops::results(&ui.cx, who, id).await?),
        None => None,
    };
    let reviews = ops::reviews(ui.cx.read(), who, id).await?;
    Ok(ResultsPage { ui, v, r, reviews, answer, errors })
}

#[handler]
async fn results(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&results_page(ui, id, (0, String::new()), Errors::default()).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PublishForm {
    version: i64,
}

#[handler]
async fn publish(ui: Ui, Path(id): Path<i64>, Form(f): Form<PublishForm>) -> web::Result<Response> {
    match ops::publish(&ui.cx, ui.actor()?, id, f.version).await {
        Ok(()) => Ok(ui.see(&format!("/classes/{id}/assessment"), &Msg::new("assessment-published"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = results_page(ui, id, (0, String::new()), errors).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn export(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?;
    let v = ops::assessment(&ui.cx, who, id).await?;
    let r = ops::results(&ui.cx, who, id).await?;
    let mut heads = vec![ui.t("classes-person"), ui.t("assessment-unit")];
    for c in &r.components {
        heads.push(format!("{} ({}%)", c.row.name, c.row.weight));
    }
    heads.extend([ui.t("assessment-total"), ui.t("assessment-place")]);
    let row = |l: &Line| {
        let mut cells = vec![Value::Text(l.name.clone()), Value::Text(l.unit.clone())];
        cells.extend(l.parts.iter().map(|p| Value::Text(part_text(&ui, p))));
        cells.push(Value::Text(l.total.map(show).unwrap_or_default()));
        cells.push(l.place.map_or(Value::Text(String::new()), Value::Number));
        cells
    };
    let rows: Vec<Vec<Value>> = r.lines.iter().map(row).collect();
    let bytes = xlsx::xlsx(&heads, &rows)?;
    let name = format!("{}-{}-{}.xlsx", ui.t("assessment-title"), v.class.name, ui.cx.today());
    Ok(web::download(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes))
}

#[derive(Template)]
#[template(path = "assessments/pages/reviews.html")]
struct ReviewsPage {
    ui: Ui,
    reviews: Vec<ReviewView>,
}

#[handler]
async fn waiting(ui: Ui, Query(_): Query<std::collections::HashMap<String, String>>) -> web::Result<Response> {
    let reviews = ops::reviews(ui.cx.read(), ui.actor()?, 0).await?;
    web::html(&ReviewsPage { ui, reviews })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AnswerForm {
    class: i64,
    version: i64,
    answer: String,
}

#[handler]
async fn send_answer(ui: Ui, Path(id): Path<i64>, Form(f): Form<AnswerForm>) -> web::Result<Response> {
    match ops::answer(&ui.cx, ui.actor()?, id, f.version, &f.answer).await {
        Ok(()) => Ok(ui.see(&format!("/classes/{}/assessment", f.class), &Msg::new("assessment-review-answer-saved"))),
        Err(e @ Error::Invalid(_)) => {
            let page = results_page(ui, f.class, (id, f.answer), Errors::from(e)?).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(e) => Err(e.into()),
    }
}
