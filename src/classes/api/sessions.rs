//! Class sessions and attendance over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::super::ops::{self, Clash, Line, Mark, Member, NewSession, SessionView};
use super::super::rules::{Slot, State, series};
use crate::api::{self, ApiUser, Tag};
use crate::core::{Error, Msg};
use crate::db::Cx;

/// When on its day a session is held.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum SlotIn {
    Morning,
    Afternoon,
    Evening,
    Day,
}

/// A session with its counts; everybody recorded is in exactly one of the four.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassSession")]
pub struct SessionOut {
    pub id: i64,
    pub held_on: NaiveDate,
    /// morning, afternoon, evening or day.
    pub slot: String,
    pub course: String,
    /// As written, then those of the register.
    pub lecturer: String,
    pub lecturer_ids: Vec<i64>,
    pub minutes: i64,
    /// Minutes of the civil day; the slot's where missing.
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub room: String,
    pub version: i64,
    pub present: i64,
    pub no_sign_out: i64,
    pub leave: i64,
    pub absent: i64,
}

impl From<SessionView> for SessionOut {
    fn from(s: SessionView) -> Self {
        Self {
            id: s.id,
            held_on: s.held_on,
            slot: s.slot,
            course: s.course,
            lecturer: s.lecturer,
            lecturer_ids: s.lecturer_ids,
            minutes: s.minutes,
            starts: s.starts,
            ends: s.ends,
            room: s.room,
            version: s.version,
            present: s.counts.present,
            no_sign_out: s.counts.no_sign_out,
            leave: s.counts.leave,
            absent: s.counts.absent,
        }
    }
}

/// A session to be added.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewClassSession", deny_unknown_fields)]
pub struct SessionIn {
    pub held_on: NaiveDate,
    pub slot: SlotIn,
    #[oai(default)]
    pub course: String,
    /// Names as written.
    #[oai(default)]
    pub lecturer: String,
    /// Lecturers of the register.
    #[oai(default)]
    pub lecturer_ids: Vec<i64>,
    pub minutes: i64,
    /// Minutes of the civil day.
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    #[oai(default)]
    pub room: String,
}

impl SessionIn {
    fn of(self, class_id: i64) -> NewSession {
        let slot = match self.slot {
            SlotIn::Morning => Slot::Morning,
            SlotIn::Afternoon => Slot::Afternoon,
            SlotIn::Evening => Slot::Evening,
            SlotIn::Day => Slot::Day,
        };
        NewSession {
            class_id,
            held_on: self.held_on,
            slot,
            course: self.course,
            lecturer: self.lecturer,
            lecturers: self.lecturer_ids,
            minutes: self.minutes,
            starts: self.starts,
            ends: self.ends,
            room: self.room,
        }
    }
}

/// The same session on several days.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassSessionSeries", deny_unknown_fields)]
pub struct SeriesIn {
    pub first: SessionIn,
    /// mon, tue, wed, thu, fri, sat, sun; every day when empty.
    #[oai(default)]
    pub weekdays: Vec<String>,
    pub count: u32,
}

/// A changed session.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassSessionChange", deny_unknown_fields)]
pub struct SessionChangeIn {
    pub version: i64,
    pub session: SessionIn,
    /// Needed once attendance is recorded.
    #[oai(default)]
    pub reason: String,
}

/// Sessions made, in order.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MadeSessions")]
pub struct MadeManyOut {
    pub ids: Vec<i64>,
}

/// A session that clashes with another.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SessionClash")]
pub struct ClashOut {
    pub session_id: i64,
    pub held_on: NaiveDate,
    pub other_session_id: i64,
    /// Missing where the other class is not the reader's to see.
    pub other_class_id: Option<i64>,
    /// room, lecturer or people.
    pub shared: String,
    /// The room, the lecturer or the number of people.
    pub what: String,
}

impl From<Clash> for ClashOut {
    fn from(c: Clash) -> Self {
        Self {
            session_id: c.session_id,
            held_on: c.held_on,
            other_session_id: c.other_session,
            other_class_id: c.other_class.as_ref().map(|o| o.0),
            shared: c.shared.name().to_owned(),
            what: c.shared.what(),
        }
    }
}

/// The id of what was made.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MadeSession")]
pub struct MadeOut {
    pub id: i64,
}

/// One person at one session.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Attendance")]
pub struct AttendanceOut {
    pub person_id: i64,
    pub name: String,
    /// present, late, left_early, excused or absent; missing when nothing is recorded.
    pub state: Option<String>,
    /// Minutes of the day.
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    pub note: String,
    pub version: Option<i64>,
}

impl From<(Member, Option<Mark>)> for AttendanceOut {
    fn from((m, a): (Member, Option<Mark>)) -> Self {
        Self {
            person_id: m.person_id,
            name: m.name,
            state: a.as_ref().map(|a| a.state.clone()),
            sign_in: a.as_ref().and_then(|a| a.sign_in),
            sign_out: a.as_ref().and_then(|a| a.sign_out),
            version: a.as_ref().map(|a| a.version),
            note: a.map(|a| a.note).unwrap_or_default(),
        }
    }
}

/// One line of attendance.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AttendanceLine", deny_unknown_fields)]
pub struct LineIn {
    pub person_id: i64,
    /// present, late, left_early, excused or absent.
    pub state: String,
    /// Minutes of the day.
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    #[oai(default)]
    pub note: String,
    /// The version that was read; left out where nothing was recorded.
    pub version: Option<i64>,
}

/// The attendance of a session, or a part of it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AttendanceList", deny_unknown_fields)]
pub struct AttendanceIn {
    pub lines: Vec<LineIn>,
    /// Needed where something on record changes.
    #[oai(default)]
    pub reason: String,
}

/// Rows written.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AttendanceWritten")]
pub struct WrittenOut {
    pub written: u64,
}

/// A code that was read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AttendanceCode", deny_unknown_fields)]
pub struct AttendIn {
    pub code: String,
}

/// What is on record after a code was read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AttendanceByCode")]
pub struct AttendOut {
    /// present, late or left_early.
    pub state: String,
    /// Minutes of the day.
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    /// It was on record already.
    pub again: bool,
}

/// Class sessions and attendance.
pub struct SessionsApi;

#[OpenApi(tag = "Tag::Classes")]
impl SessionsApi {
    /// The sessions of a class.
    #[oai(path = "/classes/:id/sessions", method = "get", operation_id = "list_class_sessions")]
    async fn sessions(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<SessionOut>>> {
        let list = ops::sessions(cx.read(), &user, id.0).await?;
        Ok(Json(list.into_iter().map(SessionOut::from).collect()))
    }

    /// Add a session.
    #[oai(path = "/classes/:id/sessions", method = "post", operation_id = "add_class_session")]
    async fn add_session(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<SessionIn>,
    ) -> api::Result<Json<MadeOut>> {
        let new = input.0.of(id.0);
        Ok(Json(MadeOut { id: ops::add_session(&cx, &user, new).await? }))
    }

    /// The attendance of a session: everybody in the class.
    #[oai(path = "/class-sessions/:id/attendance", method = "get", operation_id = "list_attendance")]
    async fn attendance(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<AttendanceOut>>> {
        let (_, _, list) = ops::attendance_of(cx.read(), &user, id.0).await?;
        Ok(Json(list.into_iter().map(AttendanceOut::from).collect()))
    }

    /// Record attendance by list.
    #[oai(path = "/class-sessions/:id/attendance", method = "post", operation_id = "record_attendance")]
    async fn record(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<AttendanceIn>,
    ) -> api::Result<Json<WrittenOut>> {
        let line = |l: &LineIn| {
            let unknown = || Error::field("state", Msg::new("classes-attendance-unknown"));
            Ok::<_, Error>(Line {
                person_id: l.person_id,
                state: State::parse(&l.state).ok_or_else(unknown)?,
                sign_in: l.sign_in,
                sign_out: l.sign_out,
                note: l.note.clone(),
                version: l.version,
            })
        };
        let lines = input.0.lines.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let written = ops::record_attendance(&cx, &user, id.0, &lines, &input.0.reason).await? as u64;
        Ok(Json(WrittenOut { written }))
    }

    /// Add the same session on several days, all or none.
    #[oai(path = "/classes/:id/sessions/series", method = "post", operation_id = "add_class_session_series")]
    async fn add_series(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<SeriesIn>,
    ) -> api::Result<Json<MadeManyOut>> {
        let day = |w: &String| {
            series::weekday(w).ok_or_else(|| Error::field("weekdays", Msg::new("classes-weekday-unknown")))
        };
        let days = input.0.weekdays.iter().map(day).collect::<Result<Vec<_>, Error>>()?;
        let count = usize::try_from(input.0.count).unwrap_or(usize::MAX);
        let ids = ops::add_series(&cx, &user, input.0.first.of(id.0), &days, count).await?;
        Ok(Json(MadeManyOut { ids }))
    }

    /// Change a session.
    #[oai(path = "/class-sessions/:id", method = "put", operation_id = "change_class_session")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<SessionChangeIn>,
    ) -> api::Result<Json<MadeOut>> {
        let i = input.0;
        ops::change_session(&cx, &user, id.0, i.version, i.session.of(0), &i.reason).await?;
        Ok(Json(MadeOut { id: id.0 }))
    }

    /// Call a session off that has no attendance on record.
    #[oai(path = "/class-sessions/:id", method = "delete", operation_id = "cancel_class_session")]
    async fn cancel(&self, cx: Cx, user: ApiUser, id: Path<i64>, version: Query<i64>) -> api::Result<Json<MadeOut>> {
        ops::cancel_session(&cx, &user, id.0, version.0).await?;
        Ok(Json(MadeOut { id: id.0 }))
    }

    /// Sessions of a class that clash with others by room, lecturer or participants.
    #[oai(path = "/classes/:id/clashes", method = "get", operation_id = "list_class_clashes")]
    async fn clashes(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<ClashOut>>> {
        let found = ops::clashes(&cx, &user, id.0).await?;
        Ok(Json(found.into_iter().map(ClashOut::from).collect()))
    }

    /// Sign in or out by the code of a screen (the last part of its address). Sent again it changes nothing.
    #[oai(path = "/attend", method = "post", operation_id = "attend")]
    async fn attend(&self, cx: Cx, user: ApiUser, input: Json<AttendIn>) -> api::Result<Json<AttendOut>> {
        let pass = ops::pass(&cx, &input.0.code)?;
        let done = ops::attend(&cx, &user, &pass).await?;
        let (sign_in, sign_out, again) = (done.sign_in, done.sign_out, done.again);
        Ok(Json(AttendOut { state: done.state.name().to_owned(), sign_in, sign_out, again }))
    }
}
