//! Pages of exam cycles, registrations and results.

mod registrations;

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{
    self, Candidate, CandidateFilter, CycleView, Decide, Decision, EditCycle, Outcomes, SetResult, SubjectResult,
};
use super::rules::show_mark;
use super::words;
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::schemes;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/exams", list)
        .get("/exams/:scheme/:year", cycle_page)
        .post("/exams/:scheme/:year", cycle_edit)
        .get("/exams/:scheme/:year/registrations", registrations::registrations_list)
        .get("/exams/:scheme/:year/results", results_list)
        .get("/exams/:scheme/:year/results/:person/:level", candidate_show)
        .post("/exams/:scheme/:year/results/:person/:level", result_set)
        .post("/exams/:scheme/:year/results/:person/:level/decide", hold_decide)
        .get("/registrations/:id", registrations::registration_show)
        .post("/registrations/:id", registrations::registration_change)
}

#[derive(Template)]
#[template(path = "exams/pages/list.html")]
struct ListPage {
    ui: Ui,
    cycles: Vec<CycleView>,
}

#[handler]
async fn list(ui: Ui) -> web::Result<Response> {
    let cycles = ops::cycles(&ui.cx, ui.actor()?, ui.lang()).await?;
    web::html(&ListPage { ui, cycles })
}

#[derive(Template)]
#[template(path = "exams/pages/cycle.html")]
struct CyclePage {
    ui: Ui,
    cycle: CycleView,
    results_on: String,
    note: String,
    errors: Errors,
}

#[handler]
async fn cycle_page(ui: Ui, Path((scheme, year)): Path<(String, i64)>) -> web::Result<Response> {
    let cycle = ops::cycle(&ui.cx, ui.actor()?, &scheme, year, ui.lang()).await?;
    let results_on = cycle.results_on.map(|d| d.to_string()).unwrap_or_default();
    let note = cycle.note.clone();
    web::html(&CyclePage { ui, cycle, results_on, note, errors: Errors::default() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CycleForm {
    results_on: Option<String>,
    note: Option<String>,
    version: i64,
}

#[handler]
async fn cycle_edit(
    ui: Ui,
    Path((scheme, year)): Path<(String, i64)>,
    Form(form): Form<CycleForm>,
) -> web::Result<Response> {
    let results_on = form.results_on.unwrap_or_default();
    let note = form.note.unwrap_or_default();
    let done = match date("results_on", &results_on) {
        Ok(day) => {
            let input =
                EditCycle { scheme: scheme.clone(), year, results_on: day, note: note.clone(), version: form.version };
            ops::edit_cycle(&ui.cx, ui.actor()?, input).await
        }
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/exams/{scheme}/{year}"), &Msg::new("exams-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let cycle = ops::cycle(&ui.cx, ui.actor()?, &scheme, year, ui.lang()).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &CyclePage { ui, cycle, results_on, note, errors })
        }
    }
}

/// A date field: empty is none.
fn date(field: &str, text: &str) -> Result<Option<chrono::NaiveDate>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::field(field, Msg::new("exams-date-wrong").with("value", text)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    level: Option<String>,
    state: Option<String>,
    outcome: Option<String>,
    name: Option<String>,
    after: Option<String>,
    limit: Option<u64>,
}

impl ListQuery {
    fn page(&self) -> PageReq {
        PageReq { after: self.after.clone(), limit: self.limit }
    }

    /// The address of the same list from another row on.
    fn address(&self, path: &str, after: Option<&str>) -> String {
        let fields = [
            ("level", self.level.as_deref()),
            ("state", self.state.as_deref()),
            ("outcome", self.outcome.as_deref()),
            ("name", self.name.as_deref()),
            ("after", after),
        ];
        let parts: Vec<String> =
            fields.iter().filter_map(|(k, v)| v.map(|v| format!("{k}={}", web::percent(v)))).collect();
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }
}

/// The lists' choices: value and text.
type Choices = Vec<(String, String)>;

fn levels(ui: &Ui, cycle: &CycleView) -> Choices {
    let all = (String::new(), ui.t("exams-all-levels"));
    std::iter::once(all).chain(cycle.levels.iter().map(|l| (l.level.clone(), l.name.clone()))).collect()
}

#[derive(Template)]
#[template(path = "exams/pages/results.html")]
struct ResultsPage {
    ui: Ui,
    cycle: CycleView,
    page: Page<ResultLine>,
    levels: Choices,
    outcomes: Choices,
    q: ListQuery,
    first: String,
    next: Option<String>,
}

/// A candidate ready for the table.
struct ResultLine {
    c: Candidate,
    verdict: String,
    scores: String,
    badge: &'static str,
    outcome: String,
}

fn result_line(ui: &Ui, scheme: &schemes::Scheme, c: Candidate) -> ResultLine {
    let scores: Vec<String> =
        c.subjects.iter().map(|s| format!("{} {}", s.name, words::outcome(ui.lang(), s.outcome))).collect();
    ResultLine {
        verdict: verdict(ui, scheme, &c),
        scores: scores.join(&ui.t("exams-and")),
        badge: badge_of(&c),
        outcome: ui.t(&format!("exams-outcome-{}", c.outcome().name())),
        c,
    }
}

fn verdict(ui: &Ui, scheme: &schemes::Scheme, c: &Candidate) -> String {
    let level = scheme.level(&c.level);
    level.map(|l| words::verdict(ui.lang(), l, c.year, &c.verdict, c.held())).unwrap_or_default()
}

/// The badge of what became of a candidate.
fn badge_of(candidate: &Candidate) -> &'static str {
    match candidate.outcome() {
        Outcomes::Passed => "good",
        Outcomes::NotPassed | Outcomes::Sat => "quiet",
        Outcomes::Absent => "info",
        Outcomes::Held => "warn",
    }
}

#[handler]
async fn results_list(
    ui: Ui,
    Path((scheme, year)): Path<(String, i64)>,
    Query(q): Query<ListQuery>,
) -> web::Result<Response> {
    let cycle = ops::cycle(&ui.cx, ui.actor()?, &scheme, year, ui.lang()).await?;
    let outcome = q.outcome.as_deref().and_then(Outcomes::parse);
    let filter = CandidateFilter { level: q.level.clone(), outcome, name: q.name.clone() };
    let page = match cycle.id {
        Some(id) => ops::candidates(&ui.cx, ui.actor()?, id, &filter, &q.page(), ui.lang()).await?,
        None => Page { items: Vec::new(), next: None },
    };
    let path = format!("/exams/{scheme}/{year}/results");
    let (first, next) = (q.address(&path, None), page.next.as_deref().map(|n| q.address(&path, Some(n))));
    let mut outcomes: Choices = vec![(String::new(), ui.t("exams-all-outcomes"))];
    outcomes.extend(Outcomes::ALL.map(|o| (o.name().to_owned(), ui.t(&format!("exams-outcome-{}", o.name())))));
    let levels = levels(&ui, &cycle);
    let schemes = schemes::of(&ui.cx)?;
    let rules = schemes.scheme(&scheme)?;
    let page = page.map(|c| result_line(&ui, rules, c));
    web::html(&ResultsPage { ui, cycle, page, levels, outcomes, q, first, next })
}

/// A subject of the level and what is on record.
struct Slot {
    subject: String,
    name: String,
    full: String,
    result: Option<SubjectResult>,
}

#[derive(Template)]
#[template(path = "exams/pages/candidate.html")]
struct CandidatePage {
    ui: Ui,
    cycle: CycleView,
    candidate: Candidate,
    slots: Vec<Slot>,
    verdict: String,
    /// What was typed into the form that was refused.
    subject: String,
    score: String,
    why: String,
    errors: Errors,
}

impl CandidatePage {
    fn badge(&self) -> &'static str {
        badge_of(&self.candidate)
    }

    fn score_of(&self, slot: &Slot) -> String {
        slot.result.as_ref().map_or_else(|| "–".to_owned(), |r| words::outcome(self.ui.lang(), r.outcome))
    }

    fn choices(&self) -> Choices {
        self.slots.iter().map(|s| (s.subject.clone(), format!("{} (0–{})", s.name, s.full))).collect()
    }

    fn may_edit(&self) -> bool {
        self.ui.can("POST", &self.path())
    }

    fn path(&self) -> String {
        let c = &self.candidate;
        format!("/exams/{}/{}/results/{}/{}", self.cycle.scheme, self.cycle.year, c.person_id, c.level)
    }
}

type CandidatePath = (String, i64, i64, String);

async fn candidate_page(ui: Ui, path: &CandidatePath) -> Result<CandidatePage, poem::Error> {
    let (scheme, year, person, level) = path;
    let cycle = ops::cycle(&ui.cx, ui.actor()?, scheme, *year, ui.lang()).await?;
    let id = cycle.id.ok_or_else(|| Error::not_found("error-not-found"))?;
    let (_, candidate) = ops::candidate(&ui.cx, ui.actor()?, id, *person, level, ui.lang()).await?;
    let schemes = schemes::of(&ui.cx)?;
    let rules = schemes.scheme(scheme)?;
    let subjects = rules.level(level).map(|l| l.subjects.clone()).unwrap_or_default();
    let slot = |s: schemes::Subject| Slot {
        name: s.name.text(ui.lang()).to_owned(),
        full: show_mark(s.full_marks),
        result: candidate.subjects.iter().find(|r| r.subject == s.code).cloned(),
        subject: s.code,
    };
    let slots: Vec<Slot> = subjects.into_iter().map(slot).collect();
    let verdict = verdict(&ui, rules, &candidate);
    let (subject, score, why, errors) = (String::new(), String::new(), String::new(), Errors::default());
    Ok(CandidatePage { ui, cycle, candidate, slots, verdict, subject, score, why, errors })
}

#[handler]
async fn candidate_show(ui: Ui, Path(path): Path<CandidatePath>) -> web::Result<Response> {
    web::html(&candidate_page(ui, &path).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResultForm {
    subject: String,
    score: Option<String>,
    why: Option<String>,
    /// Versions seen of the subjects on record: `subject:version`.
    seen: Vec<String>,
}

#[handler]
async fn result_set(ui: Ui, Path(path): Path<CandidatePath>, Form(form): Form<ResultForm>) -> web::Result<Response> {
    let page = candidate_page(ui.clone(), &path).await?;
    let version = form.seen.iter().find_map(|s| s.strip_prefix(&form.subject)?.strip_prefix(':')?.parse().ok());
    let input = SetResult {
        cycle_id: page.candidate.cycle_id,
        person_id: page.candidate.person_id,
        level: page.candidate.level.clone(),
        subject: form.subject.clone(),
        score: form.score.clone().unwrap_or_default(),
        published_on: None,
        why: form.why.clone().unwrap_or_default(),
        version,
    };
    match ops::set_result(&ui.cx, ui.actor()?, input).await {
        Ok(()) => Ok(ui.see(&page.path(), &Msg::new("exams-saved"))),
        Err(e) => again(page, e, form),
    }
}

fn again(mut page: CandidatePage, e: Error, form: ResultForm) -> web::Result<Response> {
    page.errors = Errors::from(e)?;
    page.subject = form.subject;
    page.score = form.score.unwrap_or_default();
    page.why = form.why.unwrap_or_default();
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DecideForm {
    decision: String,
    why: Option<String>,
}

#[handler]
async fn hold_decide(ui: Ui, Path(path): Path<CandidatePath>, Form(form): Form<DecideForm>) -> web::Result<Response> {
    let page = candidate_page(ui.clone(), &path).await?;
    let decision = if form.decision == "whole" { Decision::WholeSitting } else { Decision::SubjectOnly };
    let input = Decide {
        cycle_id: page.candidate.cycle_id,
        person_id: page.candidate.person_id,
        level: page.candidate.level.clone(),
        decision,
        why: form.why.clone().unwrap_or_default(),
    };
    match ops::decide(&ui.cx, ui.actor()?, input).await {
        Ok(()) => Ok(ui.see(&page.path(), &Msg::new("exams-decided"))),
        Err(e) => again(page, e, ResultForm { why: form.why, ..ResultForm::default() }),
    }
}
