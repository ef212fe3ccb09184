//! Classes over the API; their sessions and attendance in `sessions`, requests for a place in `requests`.

mod requests;
mod sessions;

pub use requests::RequestsApi;
pub use sessions::SessionsApi;

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, ClassInput, ClassView, Member};
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
    /// What it costs, or that it costs nothing.
    pub fee_note: String,
    /// What is handed out or to be brought.
    pub materials: String,
    pub people: i64,
    /// Requests for a place that wait for an answer.
    pub asked: i64,
    /// People on the waiting list.
    pub waiting: i64,
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
            fee_note: c.fee_note,
            materials: c.materials,
            people: c.people,
            asked: c.asked,
            waiting: c.waiting,
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
    /// No limit when left out.
    pub capacity: Option<i64>,
    /// When left out: the program's own rule for a new class, as it was for a change.
    pub required_percent: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    #[oai(default)]
    pub note: String,
    #[oai(default)]
    pub fee_note: String,
    #[oai(default)]
    pub materials: String,
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
            fee_note: c.fee_note,
            materials: c.materials,
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

/// Classes and the people in them.
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
        let mut input = input.0;
        if input.required_percent.is_none() {
            let now = ops::class_view(cx.read(), &user, id.0).await?;
            input.required_percent = Some(now.required_percent);
        }
        ops::change_class(&cx, &user, id.0, version, input.input(&cx)?).await?;
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
}
