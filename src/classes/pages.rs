//! Pages of classes: the list, the form, one class with its grid of attendance. Sessions, people, the screen with its
//! code and self-registration have files of their own.

mod join;
mod people;
mod screen;
mod session;

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::config;
use super::ops::request::{self, RequestView};
use super::ops::{self, Clash, ClassInput, ClassView, Grid, SessionView};
use super::rules::warn::Warning;
use super::rules::{self, Slot, State, series};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg, Role};
use crate::web::{self, Errors, Form, Pages, Query, Ui};
use session::SessionForm;

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    let r = r
        .get("/classes", list)
        .get("/classes/new", new_form)
        .post("/classes/new", add)
        .get("/classes/:id", show)
        .get("/classes/:id/edit", edit_form)
        .post("/classes/:id/edit", change)
        .post("/classes/:id/state", set_state)
        .post("/classes/:id/sessions", add_session);
    [session::routes, people::routes, screen::routes, join::routes].into_iter().fold(r, |r, more| more(r))
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
    /// The reader's own open requests for a place.
    own: Vec<RequestView>,
    next: Option<String>,
    at_start: bool,
}

impl ListPage {
    fn standing(&self, r: &RequestView) -> String {
        if r.state == "waiting" {
            self.ui.t1("classes-own-waiting", "position", r.position)
        } else {
            self.ui.t("classes-own-asked")
        }
    }
}

#[handler]
async fn list(ui: Ui, Query(q): Query<AfterQuery>) -> web::Result<Response> {
    let at_start = q.after.is_none();
    let page = ops::classes(ui.cx.read(), ui.actor()?, &PageReq { after: q.after, limit: None }).await?;
    let own = request::own_requests(ui.cx.read(), ui.actor()?).await?;
    let next = page.next.as_ref().map(|n| format!("/classes?after={n}"));
    web::html(&ListPage { ui, page, own, next, at_start })
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
    fee_note: String,
    materials: String,
    note: String,
    version: i64,
}

impl ClassForm {
    fn of(c: ClassView) -> Self {
        let day = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
        Self {
            code: c.code,
            name: c.name,
            cohort: c.cohort_id.map(|i| i.to_string()).unwrap_or_default(),
            capacity: c.capacity.map(|n| n.to_string()).unwrap_or_default(),
            percent: c.required_percent.to_string(),
            starts: day(c.starts_on),
            ends: day(c.ends_on),
            fee_note: c.fee_note,
            materials: c.materials,
            note: c.note,
            version: c.version,
        }
    }

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
            fee_note: self.fee_note.trim().to_owned(),
            materials: self.materials.trim().to_owned(),
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
    /// The class to be changed; 0 for a new one, which alone has a choice of cohorts.
    id: i64,
}

async fn new_page(ui: Ui, id: i64, form: ClassForm, errors: Errors) -> web::Result<NewPage> {
    let who = ui.actor()?;
    let mut cohorts: Vec<(String, String)> = Vec::new();
    if who.role == Role::Administrator {
        cohorts.push((String::new(), "–".to_owned()));
    }
    cohorts.extend(ops::cohorts(ui.cx.read(), who).await?);
    Ok(NewPage { ui, form, errors, cohorts, id })
}

#[handler]
async fn new_form(ui: Ui) -> web::Result<Response> {
    let form = ClassForm { percent: default_percent(&ui)?.to_string(), ..ClassForm::default() };
    web::html(&new_page(ui, 0, form, Errors::default()).await?)
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
            let page = new_page(ui, 0, form, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn edit_form(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let class = ops::class_view(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&new_page(ui, id, ClassForm::of(class), Errors::default()).await?)
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(form): Form<ClassForm>) -> web::Result<Response> {
    let done = match form.read(default_percent(&ui)?) {
        Ok(input) => ops::change_class(&ui.cx, ui.actor()?, id, form.version, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/classes/{id}"), &Msg::new("classes-saved"))),
        Err(e) => {
            let page = new_page(ui, id, form, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
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
    lecturers: Vec<(String, String)>,
    form: SessionForm,
    errors: Errors,
    session_path: String,
    clashes: Vec<Clash>,
    in_a_row: usize,
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

    /// The warnings of a person, in words.
    fn warnings(&self, grid: &Grid, person: &i64) -> Vec<String> {
        if !self.may_change() || self.class.state == "closed" {
            return Vec::new();
        }
        let found = grid.warnings(*person, self.class.required_percent, self.in_a_row);
        let text = |w: &Warning| match w {
            Warning::AbsentInARow(n) => self.ui.t1("classes-warn-absent", "n", n),
            Warning::Behind => self.ui.t("classes-warn-behind"),
            Warning::OutOfReach => self.ui.t("classes-warn-out-of-reach"),
        };
        found.iter().map(text).collect()
    }

    /// Who waits for an answer or a place, under the number of people.
    fn people_note(&self) -> String {
        if !self.may_change() || self.class.asked + self.class.waiting == 0 {
            return String::new();
        }
        let (asked, waiting) = (self.class.asked.to_string(), self.class.waiting.to_string());
        self.ui.ta("classes-people-note", &[("asked", asked), ("waiting", waiting)])
    }

    fn people_href(&self) -> String {
        if self.may_change() { format!("/classes/{}/people", self.class.id) } else { "#grid".to_owned() }
    }

    fn clash_text(&self, c: &Clash) -> String {
        let key = format!("classes-clash-{}", c.shared.name());
        self.ui.ta(&key, &[("day", c.held_on.to_string()), ("what", c.shared.what())])
    }

    /// A place with its times: "14:00–17:00 · 三楼会议室".
    fn where_when(&self, s: &SessionView) -> String {
        session::where_when(s)
    }

    fn days(&self) -> Vec<(&'static str, String)> {
        series::WEEKDAYS.map(|(name, _)| (name, self.ui.t(&format!("classes-day-{name}")))).to_vec()
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
    let (mut clashes, mut lecturers) = (Vec::new(), Vec::new());
    if ui.can("POST", &session_path) {
        clashes = ops::clashes(&ui.cx, who, id).await?;
        lecturers = crate::lecturers::ops::choices(db, who).await?;
    }
    let in_a_row = config::of(&ui.cx)?.rule.absences_in_a_row;
    Ok(ShowPage { ui, class, grid, sessions, slots, lecturers, form, errors, session_path, clashes, in_a_row })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let today = ui.cx.today().to_string();
    let form = SessionForm { date: today, hours: "4".to_owned(), count: "1".to_owned(), ..SessionForm::default() };
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
    let done = match (form.read(id), form.series()) {
        (Ok(new), Ok((_, 1))) => ops::add_session(&ui.cx, ui.actor()?, new).await.map(|id| vec![id]),
        (Ok(new), Ok((days, count))) => ops::add_series(&ui.cx, ui.actor()?, new, &days, count).await,
        (Err(e), _) | (_, Err(e)) => Err(e),
    };
    match done {
        Ok(made) => match made.as_slice() {
            [one] => Ok(ui.see(&format!("/class-sessions/{one}"), &Msg::new("classes-session-saved"))),
            many => {
                let notice = Msg::new("classes-sessions-saved").with("n", many.len());
                Ok(ui.see(&format!("/classes/{id}"), &notice))
            }
        },
        Err(e) => {
            let page = show_page(ui, id, form, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
