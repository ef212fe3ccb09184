//! Pages of eligibility: one person's verdicts with what they rest on, and the verdicts of a cohort or region.

mod batch;

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, BarInput, LevelVerdict, OverrideInput, Recorded, SchoolingInput, WorkInput};
use crate::core::{Error, Msg, Role};
use crate::schemes;
use crate::web::record::read_date;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    let r = r
        .get("/people/:id/eligibility", show)
        .post("/people/:id/schoolings", add_schooling)
        .post("/people/:id/work", add_work)
        .post("/people/:id/bars", add_bar)
        .post("/people/:id/overrides", add_override)
        .post("/schoolings/:id/remove", remove_schooling)
        .post("/work-experiences/:id/remove", remove_work)
        .post("/exam-bars/:id/lift", lift_bar)
        .post("/eligibility-overrides/:id/revoke", revoke_override);
    batch::routes(r)
}

/// Which verdicts are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    scheme: String,
    year: String,
    on: String,
}

#[derive(Template)]
#[template(path = "eligibility/pages/person.html")]
struct PersonPage {
    ui: Ui,
    id: i64,
    name: String,
    asked: Asked,
    year: i32,
    schemes: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    verdicts: Vec<LevelVerdict>,
    recorded: Recorded,
    typed: Typed,
    errors: Errors,
    /// Which form was refused: schooling, work, bar, override; empty for none.
    wrong: &'static str,
}

/// What was typed into any of the forms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    education: String,
    school: String,
    major: String,
    study: String,
    graduation: String,
    gained_abroad: String,
    began_on: String,
    graduated_on: String,
    standing: String,
    document: String,
    note: String,
    workplace: String,
    job_title: String,
    kind: String,
    starts_on: String,
    ends_on: String,
    scheme: String,
    level: String,
    from_on: String,
    until_on: String,
    reason: String,
    approver: String,
}

impl PersonPage {
    fn is_staff(&self) -> bool {
        self.ui.is_staff()
    }

    fn is_admin(&self) -> bool {
        self.ui.who().is_some_and(|w| w.role == Role::Administrator)
    }

    /// Staff remove any, interns what they declared.
    fn may_remove(&self, standing: &str) -> bool {
        self.is_staff() || standing == "declared"
    }

    fn badge(&self, answer: &str) -> &'static str {
        badge(answer)
    }

    fn answer_text(&self, answer: &str) -> String {
        self.ui.t(&answer_key(answer))
    }

    fn word(&self, kind: &str, word: &str) -> String {
        self.ui.t(&format!("eligible-{kind}-{}", word.replace('_', "-")))
    }

    fn choices(&self, kind: &str, words: &[&str]) -> Vec<(String, String)> {
        words.iter().map(|w| ((*w).to_owned(), self.word(kind, w))).collect()
    }

    fn studies(&self) -> Vec<(String, String)> {
        self.choices("study", &["full_time", "part_time", "unknown"])
    }

    fn graduations(&self) -> Vec<(String, String)> {
        self.choices("graduation", &["graduated", "student"])
    }

    fn standings(&self) -> Vec<(String, String)> {
        self.choices("standing", &["declared", "proven", "doubted"])
    }

    fn kinds(&self) -> Vec<(String, String)> {
        self.choices("kind", &["field", "other", "unknown"])
    }

    /// An error of a form, by its field; the other forms stay clean.
    fn error(&self, form: &str, field: &str) -> String {
        if self.wrong == form { self.errors.of(&self.ui, field) } else { String::new() }
    }

    fn scheme_name(&self, scheme: &str) -> String {
        let found = self.schemes.iter().find(|(code, _)| code == scheme);
        found.map_or_else(|| scheme.to_owned(), |(_, name)| name.clone())
    }

    fn level_name(&self, level: &str) -> String {
        let found = self.levels.iter().find(|(code, _)| code == level);
        found.map_or_else(|| level.to_owned(), |(_, name)| name.clone())
    }
}

fn badge(answer: &str) -> &'static str {
    match answer {
        "eligible" => "good",
        "needs_evidence" => "warn",
        _ => "bad",
    }
}

fn answer_key(answer: &str) -> String {
    format!("eligible-answer-{}", answer.replace('_', "-"))
}

/// A date in the address; what is none is passed over.
fn day(ui: &Ui, text: &str) -> chrono::NaiveDate {
    text.trim().parse().unwrap_or_else(|_| ui.cx.today())
}

async fn page(
    ui: Ui,
    id: i64,
    mut asked: Asked,
    typed: Typed,
    errors: Errors,
    wrong: &'static str,
) -> web::Result<PersonPage> {
    let who = ui.actor()?;
    let schemes = schemes::of(&ui.cx)?;
    if asked.scheme.is_empty() {
        asked.scheme = schemes.with_eligibility().map(|s| s.code.clone()).unwrap_or_default();
    }
    let on = day(&ui, &asked.on);
    let year = asked.year.trim().parse().ok();
    let (year, verdicts) = ops::verdicts(&ui.cx, who, id, &asked.scheme, year, on, ui.lang()).await?;
    let person = crate::people::ops::visible(ui.cx.read(), who, id).await?;
    let recorded = ops::recorded(ui.cx.read(), id).await?;
    let lang = ui.lang();
    let levels = verdicts.iter().map(|v| (v.level.clone(), v.name.clone())).collect();
    let schemes = schemes.all().map(|s| (s.code.clone(), s.name.text(lang).to_owned())).collect();
    if asked.on.is_empty() {
        asked.on = on.to_string();
    }
    Ok(PersonPage { ui, id, name: person.name, asked, year, schemes, levels, verdicts, recorded, typed, errors, wrong })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let typed = Typed { study: "unknown".into(), kind: "unknown".into(), ..Typed::default() };
    web::html(&page(ui, id, asked, typed, Errors::default(), "").await?)
}

async fn answer(
    ui: Ui,
    id: i64,
    typed: Typed,
    errors: Errors,
    done: Option<Result<i64, Error>>,
    form: &'static str,
) -> web::Result<Response> {
    let errors = match done {
        Some(Ok(_)) => return Ok(ui.see(&format!("/people/{id}/eligibility"), &Msg::new("eligible-saved"))),
        Some(Err(e)) => Errors::from(e)?,
        None => errors,
    };
    let page = page(ui, id, Asked::default(), typed, errors, form).await?;
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[handler]
async fn add_schooling(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let f = t.clone();
    let input = SchoolingInput {
        began_on: read_date(&mut errors, "began_on", &f.began_on),
        graduated_on: read_date(&mut errors, "graduated_on", &f.graduated_on),
        education: f.education,
        school: f.school,
        major: f.major,
        study: f.study,
        graduation: f.graduation,
        gained_abroad: f.gained_abroad == "1",
        standing: f.standing,
        document: f.document,
        note: f.note,
    };
    let done = if errors.is_empty() { Some(ops::add_schooling(&ui.cx, ui.actor()?, id, input).await) } else { None };
    answer(ui, id, t, errors, done, "schooling").await
}

#[handler]
async fn add_work(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let f = t.clone();
    let input = WorkInput {
        starts_on: read_date(&mut errors, "starts_on", &f.starts_on),
        ends_on: read_date(&mut errors, "ends_on", &f.ends_on),
        workplace: f.workplace,
        job_title: f.job_title,
        kind: f.kind,
        standing: f.standing,
        document: f.document,
        note: f.note,
    };
    let done = if errors.is_empty() { Some(ops::add_work(&ui.cx, ui.actor()?, id, input).await) } else { None };
    answer(ui, id, t, errors, done, "work").await
}

#[handler]
async fn add_bar(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let f = t.clone();
    let input = BarInput {
        from_on: read_date(&mut errors, "from_on", &f.from_on),
        until_on: read_date(&mut errors, "until_on", &f.until_on),
        scheme: f.scheme,
        reason: f.reason,
        document: f.document,
    };
    let done = if errors.is_empty() { Some(ops::add_bar(&ui.cx, ui.actor()?, id, input).await) } else { None };
    answer(ui, id, t, errors, done, "bar").await
}

#[handler]
async fn add_override(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let f = t.clone();
    let input = OverrideInput {
        until_on: read_date(&mut errors, "until_on", &f.until_on),
        scheme: f.scheme,
        level: f.level,
        approver: f.approver,
        reason: f.reason,
        document: f.document,
    };
    let done = if errors.is_empty() { Some(ops::add_override(&ui.cx, ui.actor()?, id, input).await) } else { None };
    answer(ui, id, t, errors, done, "override").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Away {
    version: i64,
    reason: String,
}

fn gone(ui: &Ui, person: i64) -> Response {
    ui.see(&format!("/people/{person}/eligibility"), &Msg::new("eligible-saved"))
}

#[handler]
async fn remove_schooling(ui: Ui, Path(id): Path<i64>, Form(f): Form<Away>) -> web::Result<Response> {
    let person = ops::remove_schooling(&ui.cx, ui.actor()?, id, f.version, &f.reason).await?;
    Ok(gone(&ui, person))
}

#[handler]
async fn remove_work(ui: Ui, Path(id): Path<i64>, Form(f): Form<Away>) -> web::Result<Response> {
    let person = ops::remove_work(&ui.cx, ui.actor()?, id, f.version, &f.reason).await?;
    Ok(gone(&ui, person))
}

#[handler]
async fn lift_bar(ui: Ui, Path(id): Path<i64>, Form(f): Form<Away>) -> web::Result<Response> {
    let person = ops::lift_bar(&ui.cx, ui.actor()?, id, f.version, &f.reason).await?;
    Ok(gone(&ui, person))
}

#[handler]
async fn revoke_override(ui: Ui, Path(id): Path<i64>, Form(f): Form<Away>) -> web::Result<Response> {
    let person = ops::revoke_override(&ui.cx, ui.actor()?, id, f.version, &f.reason).await?;
    Ok(gone(&ui, person))
}
