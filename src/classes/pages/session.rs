//! Pages of one session: the attendance list with its corrections, the form, the sheet to be signed.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, ClassView, Corrected, Line, Mark, Member, NewSession, SessionView};
use super::super::rules::{Slot, State, series};
use super::hours;
use crate::core::{Error, Msg};
use crate::practicum::rules::{minutes_of_hours, show_time, time_of};
use crate::web::{self, Errors, Form, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/class-sessions/:id", attendance)
        .post("/class-sessions/:id", record)
        .get("/class-sessions/:id/edit", edit_form)
        .post("/class-sessions/:id/edit", change)
        .post("/class-sessions/:id/cancel", cancel)
        .get("/class-sessions/:id/sheet", sheet)
}

/// Times and room of a session: "14:00–17:00 · 三楼会议室"; empty where neither is known.
pub(super) fn where_when(s: &SessionView) -> String {
    let time = |m: Option<i64>| m.map(show_time).unwrap_or_default();
    let times = if s.starts.is_some() || s.ends.is_some() {
        format!("{}–{}", time(s.starts), time(s.ends))
    } else {
        String::new()
    };
    [times.as_str(), s.room.as_str()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A session as typed, and for new ones on which further days.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SessionForm {
    pub(super) date: String,
    pub(super) slot: String,
    pub(super) course: String,
    pub(super) lecturer: String,
    pub(super) lecturers: Vec<i64>,
    pub(super) hours: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) room: String,
    pub(super) weekdays: Vec<String>,
    pub(super) count: String,
    pub(super) version: i64,
    pub(super) reason: String,
}

impl SessionForm {
    fn of(s: &SessionView) -> Self {
        let time = |m: Option<i64>| m.map(show_time).unwrap_or_default();
        Self {
            date: s.held_on.to_string(),
            slot: s.slot.clone(),
            course: s.course.clone(),
            lecturer: s.written.clone(),
            lecturers: s.lecturer_ids.clone(),
            hours: hours(&s.minutes),
            from: time(s.starts),
            to: time(s.ends),
            room: s.room.clone(),
            version: s.version,
            ..Self::default()
        }
    }

    pub(super) fn read(&self, class_id: i64) -> Result<NewSession, Error> {
        let no = |field: &str, key: &str| Error::field(field, Msg::new(key));
        let minutes = minutes_of_hours(&self.hours);
        let time = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            t => {
                let read = time_of(t).map(Some);
                read.ok_or_else(|| Error::field(field, Msg::new("classes-time-unreadable").with("value", t)))
            }
        };
        Ok(NewSession {
            class_id,
            held_on: self.date.trim().parse().map_err(|_| no("date", "classes-date-unreadable"))?,
            slot: Slot::parse(&self.slot).ok_or_else(|| no("slot", "classes-slot-unknown"))?,
            course: self.course.trim().to_owned(),
            lecturer: self.lecturer.trim().to_owned(),
            lecturers: self.lecturers.clone(),
            minutes: minutes.ok_or_else(|| no("hours", "classes-hours-range"))?,
            starts: time("from", &self.from)?,
            ends: time("to", &self.to)?,
            room: self.room.trim().to_owned(),
        })
    }

    /// The weekdays ticked and how many sessions there are to be.
    pub(super) fn series(&self) -> Result<(Vec<chrono::Weekday>, usize), Error> {
        let count = match self.count.trim() {
            "" => Ok(1),
            t => t.parse().map_err(|_| Error::field("count", Msg::new("classes-number-unreadable"))),
        };
        Ok((self.weekdays.iter().filter_map(|w| series::weekday(w)).collect(), count?))
    }

    pub(super) fn has_day(&self, day: &str) -> bool {
        self.weekdays.iter().any(|w| w == day)
    }

    pub(super) fn has_lecturer(&self, id: &str) -> bool {
        id.parse().is_ok_and(|id| self.lecturers.contains(&id))
    }
}

#[derive(Template)]
#[template(path = "classes/pages/session_form.html")]
struct EditPage {
    ui: Ui,
    class: ClassView,
    session_id: i64,
    slots: Vec<(String, String)>,
    lecturers: Vec<(String, String)>,
    form: SessionForm,
    errors: Errors,
    recorded: bool,
}

async fn edit_page(ui: Ui, id: i64, typed: Option<SessionForm>, errors: Errors) -> web::Result<EditPage> {
    let who = ui.actor()?;
    let db = ui.cx.read();
    let (class_id, session, people) = ops::attendance_of(db, who, id).await?;
    let class = ops::class_view(db, who, class_id).await?;
    let slots = Slot::ALL.map(|s| (s.name().to_owned(), ui.t(&format!("classes-slot-{}", s.name())))).to_vec();
    let mut lecturers = crate::lecturers::ops::choices(db, who).await?;
    // Who has retired since, or works elsewhere, stays with the sessions they held.
    for (held, name) in session.lecturer_ids.iter().zip(&session.lecturer_names) {
        let held = held.to_string();
        if lecturers.iter().all(|(id, _)| *id != held) {
            lecturers.push((held, name.clone()));
        }
    }
    let recorded = people.iter().any(|(_, mark)| mark.is_some());
    let form = typed.unwrap_or_else(|| SessionForm::of(&session));
    Ok(EditPage { ui, class, session_id: id, slots, lecturers, form, errors, recorded })
}

#[handler]
async fn edit_form(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&edit_page(ui, id, None, Errors::default()).await?)
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(form): Form<SessionForm>) -> web::Result<Response> {
    let done = match form.read(0) {
        Ok(new) => ops::change_session(&ui.cx, ui.actor()?, id, form.version, new, &form.reason).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/class-sessions/{id}"), &Msg::new("classes-saved"))),
        Err(e) => {
            let page = edit_page(ui, id, Some(form), Errors::from(e)?).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Debug, Deserialize)]
struct CancelForm {
    version: i64,
}

#[handler]
async fn cancel(ui: Ui, Path(id): Path<i64>, Form(form): Form<CancelForm>) -> web::Result<Response> {
    let class = ops::cancel_session(&ui.cx, ui.actor()?, id, form.version).await?;
    Ok(ui.see(&format!("/classes/{class}"), &Msg::new("classes-session-cancelled")))
}

/// The sheet that goes round the room on paper.
#[derive(Template)]
#[template(path = "classes/pages/sheet.html")]
struct SheetPage {
    ui: Ui,
    class: ClassView,
    session: SessionView,
    slot: String,
    people: Vec<Member>,
}

impl SheetPage {
    fn where_when(&self) -> String {
        where_when(&self.session)
    }
}

#[handler]
async fn sheet(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?;
    let (class_id, session, people) = ops::attendance_of(ui.cx.read(), who, id).await?;
    let class = ops::class_view(ui.cx.read(), who, class_id).await?;
    let slot = ui.t(&format!("classes-slot-{}", session.slot));
    let people = people.into_iter().map(|(m, _)| m).filter(|m| m.state != "withdrawn").collect();
    web::html(&SheetPage { ui, class, session, slot, people })
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
    /// It was changed while this list was being filled in.
    meanwhile: bool,
}

impl Shown {
    fn of((m, a): (Member, Option<Mark>)) -> Self {
        let time = |t: Option<i64>| t.map(show_time).unwrap_or_default();
        Self {
            person_id: m.person_id,
            name: m.name,
            unit: m.unit,
            state: a.as_ref().map(|a| a.state.clone()).unwrap_or_default(),
            sign_in: time(a.as_ref().and_then(|a| a.sign_in)),
            sign_out: time(a.as_ref().and_then(|a| a.sign_out)),
            version: a.as_ref().map(|a| a.version.to_string()).unwrap_or_default(),
            note: a.map(|a| a.note).unwrap_or_default(),
            meanwhile: false,
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
    corrections: Vec<Corrected>,
}

impl SessionPage {
    fn state_text(&self, state: &str) -> String {
        let known =
            State::parse(state).map(|s| self.ui.t(&format!("classes-attendance-{}", s.name().replace('_', "-"))));
        known.unwrap_or_default()
    }

    fn why(&self, c: &Corrected) -> String {
        if c.why == "code" { self.ui.t("classes-by-code") } else { c.why.clone() }
    }

    fn where_when(&self) -> String {
        where_when(&self.session)
    }

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
            let read = time_of(&t);
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
            // Recorded by somebody else meanwhile: what is on record now is shown, and said, instead of overwritten.
            if self.version.get(i).is_some_and(|v| *v != l.version) {
                l.meanwhile = true;
                continue;
            }
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
    let corrections = if ui.can("POST", &here) { ops::corrections(ui.cx.read(), who, id).await? } else { Vec::new() };
    Ok(SessionPage { ui, class, session, slot, here, lines, states, reason: String::new(), errors, corrections })
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
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
