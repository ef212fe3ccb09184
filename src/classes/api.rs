//! Classes, sessions and attendance over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::ops::{self, ClassInput, ClassView, Line, Mark, Member, NewSession, SessionView};
use super::rules::{Slot, State};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::core::{Error, Msg};
use crate::db::Cx;

/// A training class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Class")]
pub struct ClassOut {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub cohort_id: Option<i64>,
    pub region_code: String,
    pub capacity: Option<i64>,
    /// Share of the minutes that completion asks for.
    pub required_percent: i64,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// planned, under_way or closed.
    pub state: String,
    pub note: String,
    pub people: i64,
    pub completed: i64,
    pub sessions: i64,
    /// Over all sessions.
    pub minutes: i64,
}

impl From<ClassView> for ClassOut {
    fn from(c: ClassView) -> Self {
        Self {
            id: c.id,
            version: c.version,
            code: c.code,
            name: c.name,
            cohort_id: c.cohort_id,
            region_code: c.region_code,
            capacity: c.capacity,
            required_percent: c.required_percent,
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            state: c.state,
            note: c.note,
            people: c.people,
            completed: c.completed,
            sessions: c.sessions,
            minutes: c.minutes,
        }
    }
}

/// A class to be opened, or everything that may change of one.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassInput", deny_unknown_fields)]
pub struct ClassIn {
    pub code: String,
    pub name: String,
    /// Only when opening it.
    pub cohort_id: Option<i64>,
    /// Only when opening it.
    #[oai(default)]
    pub region_code: String,
    pub capacity: Option<i64>,
    /// The program's own rule when left out.
    pub required_percent: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    #[oai(default)]
    pub note: String,
    /// For a change: the version that was read.
    pub version: Option<i64>,
}

impl ClassIn {
    fn input(self, cx: &Cx) -> Result<ClassInput, Error> {
        let c = self;
        let default = super::completion::config::of(cx)?.completion.attendance_percent.value;
        Ok(ClassInput {
            code: c.code,
            name: c.name,
            cohort_id: c.cohort_id,
            region_code: c.region_code,
            capacity: c.capacity,
            required_percent: c.required_percent.unwrap_or(default),
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            note: c.note,
        })
    }
}

/// The state a class moves to.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassState", deny_unknown_fields)]
pub struct StateIn {
    pub version: i64,
    /// planned, under_way or closed; closing works out who completed the class.
    pub state: String,
}

/// Somebody in a class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassMember")]
pub struct MemberOut {
    pub enrolment_id: i64,
    pub version: i64,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    /// active, withdrawn or completed.
    pub state: String,
}

impl From<Member> for MemberOut {
    fn from(m: Member) -> Self {
        Self {
            enrolment_id: m.enrolment_id,
            version: m.version,
            person_id: m.person_id,
            name: m.name,
            unit: m.unit,
            state: m.state,
        }
    }
}

/// People to be put into a class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassEnrolment", deny_unknown_fields)]
pub struct EnrolIn {
    pub person_ids: Vec<i64>,
}

/// How many were new.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassEnrolled")]
pub struct EnrolledOut {
    pub enrolled: u64,
}

/// Somebody's place in a class.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassEnrolmentState", deny_unknown_fields)]
pub struct EnrolmentStateIn {
    pub version: i64,
    /// True takes them out, false in again.
    pub withdrawn: bool,
}

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
    pub lecturer: String,
    pub minutes: i64,
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
            minutes: s.minutes,
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
    #[oai(default)]
    pub lecturer: String,
    pub minutes: i64,
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

/// Classes, class sessions, attendance.
pub struct ClassesApi;

#[OpenApi(tag = "Tag::Classes")]
impl ClassesApi {
    /// List classes, the newest first.
    #[oai(path = "/classes", method = "get", operation_id = "list_classes")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<ClassOut>>> {
        let list = ops::classes(cx.read(), &user, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(list, ClassOut::from)))
    }

    /// Open a class.
    #[oai(path = "/classes", method = "post", operation_id = "add_class")]
    async fn add(&self, cx: Cx, user: ApiUser, input: Json<ClassIn>) -> api::Result<Json<ClassOut>> {
        let id = ops::add_class(&cx, &user, input.0.input(&cx)?).await?;
        Ok(Json(ops::class_view(cx.read(), &user, id).await?.into()))
    }

    /// One class.
    #[oai(path = "/classes/:id", method = "get", operation_id = "get_class")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ClassOut>> {
        Ok(Json(ops::class_view(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a class; cohort and region stay.
    #[oai(path = "/classes/:id", method = "put", operation_id = "change_class")]
    async fn change(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<ClassIn>) -> api::Result<Json<ClassOut>> {
        let version = input.0.version.ok_or_else(|| Error::field("version", Msg::new("classes-version-missing")))?;
        ops::change_class(&cx, &user, id.0, version, input.0.input(&cx)?).await?;
        Ok(Json(ops::class_view(cx.read(), &user, id.0).await?.into()))
    }

    /// Begin, close or reopen a class.
    #[oai(path = "/classes/:id/state", method = "post", operation_id = "set_class_state")]
    async fn state(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<StateIn>) -> api::Result<Json<ClassOut>> {
        ops::set_class_state(&cx, &user, id.0, input.0.version, &input.0.state).await?;
        Ok(Json(ops::class_view(cx.read(), &user, id.0).await?.into()))
    }

    /// The people of a class.
    #[oai(path = "/classes/:id/enrolments", method = "get", operation_id = "list_class_enrolments")]
    async fn members(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<MemberOut>>> {
        let list = ops::members_of(cx.read(), &user, id.0).await?;
        Ok(Json(list.into_iter().map(MemberOut::from).collect()))
    }

    /// Put people into a class.
    #[oai(path = "/classes/:id/enrolments", method = "post", operation_id = "enrol_in_class")]
    async fn enrol(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<EnrolIn>,
    ) -> api::Result<Json<EnrolledOut>> {
        let enrolled = ops::enrol(&cx, &user, id.0, &input.0.person_ids).await? as u64;
        Ok(Json(EnrolledOut { enrolled }))
    }

    /// Take somebody out of a class, or in again.
    #[oai(path = "/class-enrolments/:id/state", method = "post", operation_id = "set_class_enrolment_state")]
    async fn withdraw(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<EnrolmentStateIn>,
    ) -> api::Result<Json<EnrolledOut>> {
        ops::withdraw(&cx, &user, id.0, input.0.version, !input.0.withdrawn).await?;
        Ok(Json(EnrolledOut { enrolled: u64::from(!input.0.withdrawn) }))
    }

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
        let s = input.0;
        let slot = match s.slot {
            SlotIn::Morning => Slot::Morning,
            SlotIn::Afternoon => Slot::Afternoon,
            SlotIn::Evening => Slot::Evening,
            SlotIn::Day => Slot::Day,
        };
        let new = NewSession {
            class_id: id.0,
            held_on: s.held_on,
            slot,
            course: s.course,
            lecturer: s.lecturer,
            minutes: s.minutes,
        };
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
}
