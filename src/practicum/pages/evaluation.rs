//! The practicum evaluation (实习鉴定) with its printed form, the weekly hour record, and supervision notes.

use askama::Template;
use chrono::{Datelike, NaiveDate};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::entity::supervision_note;
use super::super::ops::{self, EntryView, EvaluationView, NewNote, Part, PlacementView};
use super::super::programme;
use super::super::rules::{self, marks};
use crate::core::{Error, Msg, Role};
use crate::web::{self, Errors, Form, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/placements/:id/evaluation", show)
        .post("/placements/:id/evaluation", write)
        .get("/placements/:id/evaluation/print", print)
        .get("/placements/:id/record", record_page)
        .get("/placements/:id/notes", note_list)
        .post("/placements/:id/notes", add_note)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PartForm {
    /// own, base, campus; close; reopen.
    part: String,
    text: String,
    mark: String,
    reason: String,
    version: i64,
}

#[derive(Template)]
#[template(path = "practicum/pages/evaluation.html")]
struct EvaluationPage {
    ui: Ui,
    v: EvaluationView,
    grade: String,
    hands: Vec<Hand>,
    form: PartForm,
    errors: Errors,
}

/// One hand's part as the page shows it.
struct Hand {
    part: &'static str,
    title: String,
    text: String,
    name: String,
    mark: String,
    at: String,
    may: bool,
    marked: bool,
    /// Written, but not for this reader before it is settled.
    sealed: bool,
}

impl EvaluationPage {
    async fn make(ui: Ui, id: i64, form: PartForm, errors: Errors) -> web::Result<Self> {
        let v = ops::evaluation(&ui.cx, ui.actor()?, id).await?;
        let grade = programme::of(&ui.cx)?.evaluation.name(&v.grade, ui.lang());
        let mut page = Self { ui, v, grade, hands: Vec::new(), form, errors };
        page.hands = page.three_hands();
        Ok(page)
    }

    fn role(&self) -> Option<Role> {
        self.ui.who().map(|a| a.role)
    }

    fn three_hands(&self) -> Vec<Hand> {
        let role = self.role();
        let open = !self.v.closed();
        let admin = role == Some(Role::Administrator);
        let row = self.v.row.as_ref();
        let typed = |part: &str| (self.form.part == part).then_some(&self.form);
        let mark = |m: Option<i64>| m.map(marks::show_mark).unwrap_or_default();
        let hand = |part: &'static str,
                    key: &str,
                    text: String,
                    name: String,
                    m: Option<i64>,
                    at: Option<chrono::DateTime<chrono::Utc>>,
                    may| Hand {
            part,
            title: self.ui.t(key),
            sealed: text.is_empty() && at.is_some(),
            text: typed(part).map_or(text, |f| f.text.clone()),
            name,
            mark: typed(part).map_or_else(|| mark(m), |f| f.mark.clone()),
            at: at.map(|at| self.ui.show(&at)).unwrap_or_default(),
            may: may && open,
            marked: part != "own",
        };
        let text = |f: fn(&super::super::entity::evaluation::Model) -> &String| row.map(f).cloned().unwrap_or_default();
        vec![
            hand(
                "own",
                "practicum-evaluation-self",
                text(|r| &r.self_text),
                self.v.placement.person_name.clone(),
                None,
                row.and_then(|r| r.self_at),
                role == Some(Role::Intern),
            ),
            hand(
                "base",
                "practicum-evaluation-base",
                text(|r| &r.base_text),
                text(|r| &r.base_name),
                row.and_then(|r| r.base_mark),
                row.and_then(|r| r.base_at),
                admin || role == Some(Role::Supervisor),
            ),
            hand(
                "campus",
                "practicum-evaluation-campus",
                text(|r| &r.campus_text),
                text(|r| &r.campus_name),
                row.and_then(|r| r.campus_mark),
                row.and_then(|r| r.campus_at),
                admin || role == Some(Role::Trainer),
            ),
        ]
    }

    fn overall(&self) -> String {
        self.v.overall.map(marks::show_mark).unwrap_or_default()
    }

    fn not_yet(&self) -> String {
        self.ui.t(if self.v.complete { "practicum-evaluation-complete" } else { "practicum-evaluation-both" })
    }

    fn badge(&self) -> &'static str {
        if self.v.closed() { "good" } else { "info" }
    }

    fn may_close(&self) -> bool {
        !self.v.closed() && matches!(self.role(), Some(Role::Administrator | Role::Trainer)) && self.v.complete
    }

    fn may_reopen(&self) -> bool {
        self.v.closed() && self.role() == Some(Role::Administrator)
    }

    fn error(&self, part: &str, field: &str) -> String {
        if self.form.part == part { self.errors.of(&self.ui, field) } else { String::new() }
    }

    fn field(&self, part: &str) -> &'static str {
        match part {
            "own" => "self_text",
            "base" => "base_text",
            _ => "campus_text",
        }
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&EvaluationPage::make(ui, id, PartForm::default(), Errors::default()).await?)
}

async fn do_write(ui: &Ui, id: i64, f: &PartForm) -> crate::core::Result<&'static str> {
    let who = ui.actor()?;
    let mark = || match f.mark.trim() {
        "" => Ok(None),
        text => match marks::mark_of(text) {
            Some(m) => Ok(Some(m)),
            None => Err(Error::field("mark", Msg::new("practicum-evaluation-mark-form"))),
        },
    };
    let text = f.text.clone();
    let part = match f.part.as_str() {
        "close" => {
            return ops::close_evaluation(&ui.cx, who, id, f.version).await.map(|()| "practicum-evaluation-settled");
        }
        "reopen" => {
            return ops::reopen_evaluation(&ui.cx, who, id, f.version, &f.reason)
                .await
                .map(|()| "practicum-evaluation-reopened");
        }
        "own" => Part::Own { text },
        "base" => Part::Base { text, mark: mark()? },
        "campus" => Part::Campus { text, mark: mark()? },
        _ => return Err(Error::field("part", Msg::new("practicum-step-not-now"))),
    };
    ops::write_part(&ui.cx, who, id, f.version, part).await.map(|()| "practicum-evaluation-saved")
}

#[handler]
async fn write(ui: Ui, Path(id): Path<i64>, Form(f): Form<PartForm>) -> web::Result<Response> {
    match do_write(&ui, id, &f).await {
        Ok(said) => Ok(ui.see(&format!("/placements/{id}/evaluation"), &Msg::new(said))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = EvaluationPage::make(ui, id, f, errors).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "practicum/pages/evaluation_print.html")]
struct EvaluationPrint {
    page: EvaluationPage,
    school: String,
    major: String,
    ui: Ui,
}

#[handler]
async fn print(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let page = EvaluationPage::make(ui.clone(), id, PartForm::default(), Errors::default()).await?;
    let who = ui.actor()?;
    let about = ops::about(ui.cx.read(), who, id).await?;
    web::html(&EvaluationPrint { page, school: about.school, major: about.major, ui })
}

/// The entries of one week with its total, and the total up to its end.
struct Week {
    first: NaiveDate,
    last: NaiveDate,
    entries: Vec<EntryView>,
    minutes: i64,
    supervision: i64,
    running: i64,
}

#[derive(Template)]
#[template(path = "practicum/pages/record.html")]
struct RecordPage {
    ui: Ui,
    p: PlacementView,
    weeks: Vec<Week>,
    total: i64,
}

impl RecordPage {
    fn total_text(&self) -> String {
        let args = [("hours", rules::hours(self.total)), ("required", rules::hours(self.p.required_minutes))];
        self.ui.ta("practicum-record-total", &args)
    }

    fn word(&self, word: &str) -> String {
        super::word(&self.ui, word)
    }
}

fn weeks(entries: Vec<EntryView>) -> Vec<Week> {
    let monday =
        |d: NaiveDate| d.checked_sub_days(chrono::Days::new(d.weekday().num_days_from_monday().into())).unwrap_or(d);
    let mut out: Vec<Week> = Vec::new();
    let mut running = 0;
    for e in entries {
        let first = monday(e.worked_on);
        running += e.minutes;
        match out.last_mut().filter(|w| w.first == first) {
            Some(w) => {
                w.minutes += e.minutes;
                w.supervision += e.supervision_minutes;
                w.running = running;
                w.entries.push(e);
            }
            None => out.push(Week {
                first,
                last: first.checked_add_days(chrono::Days::new(6)).unwrap_or(first),
                minutes: e.minutes,
                supervision: e.supervision_minutes,
                running,
                entries: vec![e],
            }),
        }
    }
    out
}

#[handler]
async fn record_page(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?;
    let p = ops::placement(ui.cx.read(), who, id).await?;
    let weeks = weeks(ops::confirmed_of(ui.cx.read(), who, id).await?);
    let total = weeks.last().map_or(0, |w| w.running);
    web::html(&RecordPage { ui, p, weeks, total })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NoteForm {
    held_on: String,
    kind: String,
    hours: String,
    content: String,
    shared: Option<String>,
}

#[derive(Template)]
#[template(path = "practicum/pages/notes.html")]
struct NotesPage {
    ui: Ui,
    p: PlacementView,
    notes: Vec<supervision_note::Model>,
    kinds: Vec<(String, String)>,
    form: NoteForm,
    errors: Errors,
}

impl NotesPage {
    async fn make(ui: Ui, id: i64, form: Option<NoteForm>, errors: Errors) -> web::Result<Self> {
        let who = ui.actor()?;
        let p = ops::placement(ui.cx.read(), who, id).await?;
        let notes = ops::notes(ui.cx.read(), who, id).await?;
        let kinds = ops::NOTE_KINDS.map(|k| (k.to_owned(), ui.t(&format!("practicum-note-{k}")))).to_vec();
        let form = form.unwrap_or_else(|| NoteForm {
            held_on: ui.cx.today().to_string(),
            kind: "individual".to_owned(),
            hours: "1".to_owned(),
            ..NoteForm::default()
        });
        Ok(Self { ui, p, notes, kinds, form, errors })
    }

    fn kind(&self, n: &supervision_note::Model) -> String {
        self.ui.t(&format!("practicum-note-{}", n.kind))
    }

    fn total(&self) -> String {
        let minutes = self.notes.iter().map(|n| n.minutes).sum();
        let args = [("n", self.notes.len().to_string()), ("hours", rules::hours(minutes))];
        self.ui.ta("practicum-notes-total", &args)
    }
}

#[handler]
async fn note_list(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&NotesPage::make(ui, id, None, Errors::default()).await?)
}

#[handler]
async fn add_note(ui: Ui, Path(id): Path<i64>, Form(f): Form<NoteForm>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let held_on = web::record::read_date(&mut errors, "held_on", &f.held_on);
    let done = match held_on.filter(|_| errors.is_empty()) {
        None => Err(Error::field("held_on", Msg::new("practicum-date-unreadable"))),
        Some(held_on) => {
            let note = NewNote {
                placement_id: id,
                held_on,
                kind: f.kind.clone(),
                minutes: rules::minutes_of_hours(&f.hours).unwrap_or(0),
                content: f.content.clone(),
                shared: f.shared.is_some(),
            };
            ops::add_note(&ui.cx, ui.actor()?, note).await
        }
    };
    match done {
        Ok(_) => Ok(ui.see(&format!("/placements/{id}/notes"), &Msg::new("practicum-note-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &NotesPage::make(ui, id, Some(f), errors).await?)
        }
    }
}
