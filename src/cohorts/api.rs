//! Cohorts and enrolments over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Cohort, CohortInput, EnrolByHand, Member};
use super::rules::{self, Typed};
use crate::api::{self, ApiUser, PageOut, page};
use crate::core::Error;
use crate::db::Cx;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Cohort")]
pub struct CohortOut {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub region_code: String,
    pub programme: String,
    pub note: String,
    pub campus_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub active: bool,
    /// People in it now.
    pub people: i64,
    pub version: i64,
}

impl CohortOut {
    fn of(c: Cohort, people: i64) -> Self {
        Self {
            id: c.id,
            code: c.code,
            name: c.name,
            region_code: c.region_code,
            programme: c.programme,
            note: c.note,
            campus_id: c.campus_id,
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            active: c.active,
            people,
            version: c.version,
        }
    }
}

/// People at one stage.
#[derive(Clone, Debug, Object)]
pub struct StageCount {
    pub stage: String,
    pub people: i64,
}

/// A cohort with its figures.
#[derive(Clone, Debug, Object)]
#[oai(rename = "CohortDetail")]
pub struct CohortDetailOut {
    pub cohort: CohortOut,
    pub stages: Vec<StageCount>,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "CohortNew", deny_unknown_fields)]
pub struct CohortIn {
    pub code: String,
    pub name: String,
    #[oai(default)]
    pub region_code: String,
    #[oai(default)]
    pub programme: String,
    #[oai(default)]
    pub note: String,
    pub campus_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "CohortChange", deny_unknown_fields)]
pub struct CohortChangeIn {
    /// The version seen.
    pub version: i64,
    pub active: bool,
    pub cohort: CohortIn,
}

fn input(c: CohortIn, active: bool) -> CohortInput {
    CohortInput {
        code: c.code,
        name: c.name,
        region_code: c.region_code,
        programme: c.programme,
        note: c.note,
        campus_id: c.campus_id,
        starts_on: c.starts_on,
        ends_on: c.ends_on,
        active,
    }
}

/// A person of a cohort with their enrolment.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Member")]
pub struct MemberOut {
    pub enrolment_id: i64,
    pub enrolment_version: i64,
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub phone: String,
    pub scheme: String,
    pub level: String,
    /// active or withdrawn.
    pub state: String,
    pub stage: String,
    /// The login of their account; empty when they have none.
    pub login: String,
}

impl From<Member> for MemberOut {
    fn from(m: Member) -> Self {
        Self {
            enrolment_id: m.enrolment_id,
            enrolment_version: m.enrolment_version,
            person_id: m.person_id,
            name: m.name,
            id_tail: m.id_tail,
            phone: m.phone,
            scheme: m.scheme,
            level: m.level,
            state: m.state,
            stage: m.stage,
            login: m.login,
        }
    }
}

/// A person to be enrolled: known by the number of their paper, or new.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EnrolmentNew", deny_unknown_fields)]
pub struct EnrolIn {
    pub name: String,
    /// Empty is a resident's card.
    #[oai(default)]
    pub id_type: String,
    pub id_no: String,
    #[oai(default)]
    pub phone: String,
    #[oai(default)]
    pub email: String,
    #[oai(default)]
    pub unit: String,
    #[oai(default)]
    pub town: String,
    /// Code of the scheme, with `level`.
    #[oai(default)]
    pub scheme: String,
    #[oai(default)]
    pub level: String,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Enrolled")]
pub struct EnrolledOut {
    pub person_id: i64,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "EnrolmentState", deny_unknown_fields)]
pub struct StateIn {
    /// False withdraws, true takes the withdrawal back.
    pub active: bool,
    /// The version seen.
    pub version: i64,
    #[oai(default)]
    pub why: String,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Enrolment")]
pub struct EnrolmentOut {
    pub id: i64,
    pub cohort_id: i64,
    pub person_id: i64,
    pub scheme: String,
    pub level: String,
    pub state: String,
    pub version: i64,
}

pub struct CohortsApi;

#[OpenApi(tag = "api::Tag::Cohorts")]
impl CohortsApi {
    /// Cohorts, the newest first.
    #[oai(path = "/cohorts", method = "get", operation_id = "list_cohorts")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<CohortOut>>> {
        let found = ops::list(&cx, &user, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, |(c, n)| CohortOut::of(c, n))))
    }

    /// Make a cohort.
    #[oai(path = "/cohorts", method = "post", operation_id = "create_cohort")]
    async fn create(&self, cx: Cx, user: ApiUser, body: Json<CohortIn>) -> api::Result<Json<CohortOut>> {
        Ok(Json(CohortOut::of(ops::create(&cx, &user, input(body.0, true)).await?, 0)))
    }

    /// One cohort with its figures.
    #[oai(path = "/cohorts/:id", method = "get", operation_id = "get_cohort")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<CohortDetailOut>> {
        let v = ops::get(&cx, &user, id.0).await?;
        let stages = v.stages.into_iter().map(|(stage, people)| StageCount { stage, people }).collect();
        Ok(Json(CohortDetailOut { cohort: CohortOut::of(v.cohort, v.people), stages }))
    }

    /// Change a cohort.
    #[oai(path = "/cohorts/:id", method = "patch", operation_id = "edit_cohort")]
    async fn edit(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<CohortChangeIn>,
    ) -> api::Result<Json<CohortOut>> {
        let b = body.0;
        let cohort = ops::edit(&cx, &user, id.0, input(b.cohort, b.active), b.version).await?;
        let people = ops::get(&cx, &user, id.0).await?.people;
        Ok(Json(CohortOut::of(cohort, people)))
    }

    /// The people of a cohort.
    #[oai(path = "/cohorts/:id/members", method = "get", operation_id = "list_members")]
    async fn members(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        stage: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<MemberOut>>> {
        let stage = stage.0.unwrap_or_default();
        let found = ops::members(&cx, &user, id.0, &stage, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, MemberOut::from)))
    }

    /// Enrol one person; a new one is recorded.
    #[oai(path = "/cohorts/:id/enrolments", method = "post", operation_id = "enrol_person")]
    async fn enrol(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<EnrolIn>) -> api::Result<Json<EnrolledOut>> {
        let b = body.0;
        let person = rules::person(&Typed {
            name: &b.name,
            id_type: &b.id_type,
            id_no: &b.id_no,
            phone: &b.phone,
            email: &b.email,
            unit: &b.unit,
            town: &b.town,
        })
        .map_err(Error::Invalid)?;
        let input = EnrolByHand { person, scheme: b.scheme, level: b.level };
        let person_id = ops::enrol_by_hand(&cx, &user, id.0, input).await?;
        Ok(Json(EnrolledOut { person_id }))
    }

    /// Withdraw an enrolment, or take the withdrawal back.
    #[oai(path = "/enrolments/:id/state", method = "post", operation_id = "set_enrolment_state")]
    async fn set_state(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<StateIn>,
    ) -> api::Result<Json<EnrolmentOut>> {
        let b = body.0;
        let e = ops::set_state(&cx, &user, id.0, b.active, b.version, &b.why).await?;
        Ok(Json(EnrolmentOut {
            id: e.id,
            cohort_id: e.cohort_id,
            person_id: e.person_id,
            scheme: e.scheme,
            level: e.level,
            state: e.state,
            version: e.version,
        }))
    }
}
