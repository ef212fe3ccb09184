//! Pages of classes: the list, one class with its grid of attendance, the attendance list of a session.

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, ClassInput, ClassView, Grid, Line, Mark, Member, NewSession, SessionView};
use super::rules::{self, Slot, State};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg, Role};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/classes", list)
        .get("/classes/new", new_form)
        .post("/classes/new", add)
        .get("/classes/:id", show)
        .post("/classes/:id/state", set_state)
        .post("/classes/:id/sessions", add_session)
        .get("/class-sessions/:id", attendance)
        .post("/class-sessions/:id", record)
}

fn badge(state: &str) -> &'static str {
    match state {
        "under_way" | "active" => "info",
        "completed" | "closed" => "good",
        "withdrawn" => "bad",
        _ => "quiet",
    }
}

/// Minutes as hours, for templates, which hand values over by reference.
fn hours(minutes: &i64) -> String {
    crate::practicum::rules::hours(*minutes)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AfterQuery {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "classes/pages/list.html")]
struct ListPage {
    ui: Ui,
    page: Page<ClassView>,
    next: Option<String>,
    at_start: bool,
}

#[handler]
async fn list(ui: Ui, Query(q): Query<AfterQuery>) -> web::Result<Response> {
    let at_start = q.after.is_none();
    let page = ops::classes(ui.cx.read(), ui.actor()?, &PageReq { after: q.after, limit: None }).await?;
    let next = page.next.as_ref().map(|n| format!("/classes?after={n}"));
    web::html(&ListPage { ui, page, next, at_start })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ClassForm {
    code: String,
    name: String,
    cohort: String,
    capacity: String,
    percent: String,
    starts: String,
    ends: String,
    note: String,
}

impl ClassForm {
    fn read(&self, default_percent: i64) -> Result<ClassInput, Error> {
        let number = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            t => t.parse::<i64>().map(Some).map_err(|_| Error::field(field, Msg::new("classes-number-unreadable"))),
        };
        let day = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            t => t.parse().map(Some).map_err(|_| Error::field(field, Msg::new("classes-date-unreadable"))),
        };
        Ok(ClassInput {
            code: self.code.clone(),
            name: self.name.clone(),
            cohort_id: self.cohort.parse().ok(),
            region_code: String::new(),
            capacity: number("capacity", &self.capacity)?,
            required_percent: number("required_percent", &self.percent)?.unwrap_or(default_percent),
            starts_on: day("starts", &self.starts)?,
            ends_on: day("ends", &self.ends)?,
            note: self.note.trim().to_owned(),
        })
    }
}

fn default_percent(ui: &Ui) -> Result<i64, Error> {
    Ok(super::completion::config::of(&ui.cx)?.completion.attendance_percent.value)
}

#[derive(Template)]
#[template(path = "classes/pages/new.html")]
struct NewPage {
    ui: Ui,
    form: ClassForm,
    errors: Errors,
    cohorts: Vec<(String, String)>,
}

async fn new_page(ui: Ui, form: ClassForm, errors: Errors) -> web::Result<NewPage> {
    let who = ui.actor()?;
    let mut cohorts: Vec<(String, String)> = Vec::new();
    if who.role == Role::Administrator {
        cohorts.push((String::new(), "–".to_owned()));
    }
    cohorts.extend(ops::cohorts(ui.cx.read(), who).await?);
    Ok(NewPage { ui, form, errors, cohorts })
}

#[handler]
async fn new_form(ui: Ui) -> web::Result<Response> {
    let form = ClassForm { percent: default_percent(&ui)?.to_string(), ..ClassForm::default() };
    web::html(&new_page(ui, form, Errors::default()).await?)
}

#[handler]
async fn add(ui: Ui, Form(form): Form<ClassForm>) -> web::Result<Response> {
    let done = match form.read(default_percent(&ui)?) {
        Ok(input) => ops::add_class(&ui.cx, ui.actor()?, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(id) => Ok(ui.see(&format!("/classes/{id}"), &Msg::new("classes-saved"))),
        Err(e) => {
            let page = new_page(ui, form, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SessionForm {
    date: String,
    slot: String,
    course: String,
    lecturer: String,
    hours: String,
}

impl SessionForm {
    fn read(&self, class_id: i64) -> Result<NewSession, Error> {
        let no = |field: &str, key: &str| Error::field(field, Msg::new(key));
        let minutes = crate::practicum::rules::minutes_of_hours(&self.hours);
        Ok(NewSession {
            class_id,
            held_on: self.date.trim().parse().map_err(|_| no("date", "classes-date-unreadable"))?,
            slot: Slot::parse(&self.slot).ok_or_else(|| no("slot", "classes-slot-unknown"))?,
            course: self.course.trim().to_owned(),
            lecturer: self.lecturer.trim().to_owned(),
            minutes: minutes.ok_or_else(|| no("hours", "classes-hours-range"))?,
        })
    }
}

#[derive(Template)]
#[template(path = "classes/pages/show.html")]
struct ShowPage {
    ui: Ui,
    class: ClassView,
    grid: Option<Grid>,
    /// For readers who see no names.
    sessions: Vec<SessionView>,
    slots: Vec<(String, String)>,
    form: SessionForm,
    errors: Errors,
    session_path: String,
}

impl ShowPage {
    fn may_change(&self) -> bool {
        self.ui.can("POST", &self.session_path)
    }

    fn state_text(&self) -> String {
        self.ui.t(&format!("classes-state-{}", self.class.state.replace('_', "-")))
    }

    /// The sign of a cell and its name: ✓ present, and so on.
    fn sign(&self, grid: &Grid, person: &i64, session: &i64) -> (&'static str, String) {
        let Some(mark) = grid.mark(*person, *session) else { return ("·", self.ui.t("classes-not-recorded")) };
        let Some(state) = mark.kind() else { return ("?", String::new()) };
        let text = self.ui.t(&format!("classes-attendance-{}", state.name().replace('_', "-")));
        if rules::no_sign_out(state, mark.sign_in, mark.sign_out) {
            return ("◐", self.ui.t("classes-no-sign-out"));
        }
        let sign = match state {
            State::Present => "✓",
            State::Late => "迟",
            State::LeftEarly => "早",
            State::Excused => "假",
            State::Absent => "✗",
        };
        (sign, text)
    }

    fn attended(&self, grid: &Grid, person: &i64) -> String {
        let attended = grid.attended(*person);
        let held: i64 = grid.sessions.iter().map(|s| s.minutes).sum();
        let percent = if held > 0 { attended * 100 / held } else { 0 };
        format!("{} ({percent}%)", crate::practicum::rules::hours(attended))
    }

    fn slot_text(&self, s: &SessionView) -> String {
        self.ui.t(&format!("classes-slot-{}", s.slot))
    }
}

async fn show_page(ui: Ui, id: i64, form: SessionForm, errors: Errors) -> web::Result<ShowPage> {
    let who = ui.actor()?;
    let db = ui.cx.read();
    let class = ops::class_view(db, who, id).await?;
    let (grid, sessions) = if who.sees_identities() {
        (Some(ops::grid(db, who, id).await?), Vec::new())
    } else {
        (None, ops::sessions(db, who, id).await?)
    };
    let slots = Slot::ALL.map(|s| (s.name().to_owned(), ui.t(&format!("classes-slot-{}", s.name())))).to_vec();
    let session_path = format!("/classes/{id}/sessions");
    Ok(ShowPage { ui, class, grid, sessions, slots, form, errors, session_path })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let form = SessionForm { date: ui.cx.today().to_string(), hours: "4".to_owned(), ..SessionForm::default() };
    web::html(&show_page(ui, id, form, Errors::default()).await?)
}

#[derive(Debug, Deserialize)]
struct StateForm {
    version: i64,
    state: String,
}

#[handler]
async fn set_state(ui: Ui, Path(id): Path<i64>, Form(form): Form<StateForm>) -> web::Result<Response> {
    ops::set_class_state(&ui.cx, ui.actor()?, id, form.version, &form.state).await?;
    Ok(ui.see(&format!("/classes/{id}"), &Msg::new("classes-saved")))
}

#[handler]
async fn add_session(ui: Ui, Path(id): Path<i64>, Form(form): Form<SessionForm>) -> web::Result<Response> {
    let done = match form.read(id) {
        Ok(new) => ops::add_session(&ui.cx, ui.actor()?, new).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(session) => Ok(ui.see(&format!("/class-sessions/{session}"), &Msg::new("classes-session-saved"))),
        Err(e) => {
            let page = show_page(ui, id, form, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// A line of the attendance list as it is shown.
struct Shown {
    person_id: i64,
    name: String,
    unit: String,
    state: String,
    sign_in: String,
    sign_out: String,
    note: String,
    version: String,
}

impl Shown {
    fn of((m, a): (Member, Option<Mark>)) -> Self {
        let time = |t: Option<i64>| t.map(crate::practicum::rules::show_time).unwrap_or_default();
        Self {
            person_id: m.person_id,
            name: m.name,
            unit: m.unit,
            state: a.as_ref().map(|a| a.state.clone()).unwrap_or_default(),
            sign_in: time(a.as_ref().and_then(|a| a.sign_in)),
            sign_out: time(a.as_ref().and_then(|a| a.sign_out)),
            version: a.as_ref().map(|a| a.version.to_string()).unwrap_or_default(),
            note: a.map(|a| a.note).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "classes/pages/session.html")]
struct SessionPage {
    ui: Ui,
    class: ClassView,
    session: SessionView,
    slot: String,
    here: String,
    lines: Vec<Shown>,
    states: Vec<(&'static str, String)>,
    reason: String,
    errors: Errors,
}

impl SessionPage {
    fn may_change(&self) -> bool {
        self.ui.can("POST", &self.here)
    }
}

/// The list as typed: one value a person in each field, in the same order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AttendanceForm {
    person: Vec<i64>,
    version: Vec<String>,
    state: Vec<String>,
    sign_in: Vec<String>,
    sign_out: Vec<String>,
    note: Vec<String>,
    reason: String,
}

impl AttendanceForm {
    fn read(&self) -> Result<Vec<Line>, Error> {
        let text = |all: &[String], i: usize| all.get(i).map(|s| s.trim().to_owned()).unwrap_or_default();
        let time = |t: String| {
            if t.is_empty() {
                return Ok(None);
            }
            let read = crate::practicum::rules::time_of(&t);
            read.map(Some).ok_or_else(|| Error::field("sign_in", Msg::new("classes-time-unreadable").with("value", t)))
        };
        let mut out = Vec::new();
        for (i, person_id) in self.person.iter().enumerate() {
            // Nothing chosen: nothing is recorded.
            let Some(state) = State::parse(&text(&self.state, i)) else { continue };
            out.push(Line {
                person_id: *person_id,
                state,
                sign_in: time(text(&self.sign_in, i))?,
                sign_out: time(text(&self.sign_out, i))?,
                note: text(&self.note, i),
                version: text(&self.version, i).parse().ok(),
            });
        }
        Ok(out)
    }

    /// What was typed, over what is on record.
    fn keep(&self, lines: &mut [Shown]) {
        for l in lines {
            let Some(i) = self.person.iter().position(|p| *p == l.person_id) else { continue };
            for (shown, typed) in [
                (&mut l.state, &self.state),
                (&mut l.sign_in, &self.sign_in),
                (&mut l.sign_out, &self.sign_out),
                (&mut l.note, &self.note),
            ] {
                if let Some(t) = typed.get(i) {
                    shown.clone_from(t);
                }
            }
        }
    }
}

async fn session_page(ui: Ui, id: i64, errors: Errors) -> web::Result<SessionPage> {
    let who = ui.actor()?;
    let (class_id, session, people) = ops::attendance_of(ui.cx.read(), who, id).await?;
    let class = ops::class_view(ui.cx.read(), who, class_id).await?;
    let lines = people.into_iter().map(Shown::of).collect();
    let name = |s: State| ui.t(&format!("classes-attendance-{}", s.name().replace('_', "-")));
    let states = State::ALL.map(|s| (s.name(), name(s))).to_vec();
    let slot = ui.t(&format!("classes-slot-{}", session.slot));
    let here = format!("/class-sessions/{id}");
    Ok(SessionPage { ui, class, session, slot, here, lines, states, reason: String::new(), errors })
}

#[handler]
async fn attendance(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&session_page(ui, id, Errors::default()).await?)
}

#[handler]
async fn record(ui: Ui, Path(id): Path<i64>, Form(form): Form<AttendanceForm>) -> web::Result<Response> {
    let done = match form.read() {
        Ok(lines) => ops::record_attendance(&ui.cx, ui.actor()?, id, &lines, &form.reason).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(n) => Ok(ui.see(&format!("/class-sessions/{id}"), &Msg::new("classes-recorded").with("n", n))),
        Err(e) => {
            let mut page = session_page(ui, id, Errors::from(e)?).await?;
            form.keep(&mut page.lines);
            page.reason = form.reason;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
