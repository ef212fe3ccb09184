//! Formations over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::entity::formation_activity;
use super::ops::{self, ActivityInput, Find, FormationInput, FormationView, MemberInput, MemberRow};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::db::Cx;
use crate::db::list::Slice;

/// A group of mentors with their learners, with its figures today.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Formation")]
pub struct FormationOut {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub region_code: String,
    pub goal: String,
    pub note: String,
    /// active or ended.
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// Members today, by role.
    pub leads: i64,
    pub flock: i64,
    pub supports: i64,
    /// Who was in the flock at any time, and who of them is certified.
    pub learners: i64,
    pub certified: i64,
    pub activities: i64,
    pub person_times: i64,
    pub last_activity_on: Option<NaiveDate>,
}

impl From<FormationView> for FormationOut {
    fn from(f: FormationView) -> Self {
        Self {
            id: f.id,
            version: f.version,
            name: f.name,
            region_code: f.region_code,
            goal: f.goal,
            note: f.note,
            state: f.state,
            starts_on: f.starts_on,
            ends_on: f.ends_on,
            leads: f.leads,
            flock: f.flock,
            supports: f.supports,
            learners: f.learners,
            certified: f.certified,
            activities: f.activities,
            person_times: f.person_times,
            last_activity_on: f.last_on,
        }
    }
}

/// What is said of a formation.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationInput", deny_unknown_fields)]
pub struct FormationIn {
    pub name: String,
    /// Only when making it; where its maker works, when left out.
    #[oai(default)]
    pub region_code: String,
    #[oai(default)]
    pub goal: String,
    #[oai(default)]
    pub note: String,
    #[oai(default)]
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

impl From<FormationIn> for FormationInput {
    fn from(i: FormationIn) -> Self {
        Self {
            name: i.name,
            region_code: i.region_code,
            goal: i.goal,
            note: i.note,
            state: i.state,
            starts_on: i.starts_on,
            ends_on: i.ends_on,
        }
    }
}

/// Somebody in a formation.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationMember")]
pub struct MemberOut {
    pub id: i64,
    pub version: i64,
    /// 0 where the reader may not see the person's record.
    pub person_id: i64,
    pub name: String,
    /// lead, flock or support.
    pub role: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub note: String,
}

impl From<MemberRow> for MemberOut {
    fn from(m: MemberRow) -> Self {
        Self {
            id: m.id,
            version: m.version,
            person_id: m.person_id,
            name: m.name,
            role: m.role,
            starts_on: m.starts_on,
            ends_on: m.ends_on,
            note: m.note,
        }
    }
}

/// A membership; a change keeps the person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationMemberInput", deny_unknown_fields)]
pub struct MemberIn {
    pub person_id: i64,
    /// lead, flock or support.
    pub role: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    #[oai(default)]
    pub note: String,
}

impl From<MemberIn> for MemberInput {
    fn from(m: MemberIn) -> Self {
        Self { person_id: m.person_id, role: m.role, starts_on: m.starts_on, ends_on: m.ends_on, note: m.note }
    }
}

/// Something a formation did.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationActivity")]
pub struct ActivityOut {
    pub id: i64,
    pub version: i64,
    pub held_on: NaiveDate,
    /// training, supervision, case_discussion, visit, sharing or other.
    pub kind: String,
    pub title: String,
    pub people: i64,
    pub outcome: String,
}

impl From<formation_activity::Model> for ActivityOut {
    fn from(a: formation_activity::Model) -> Self {
        Self {
            id: a.id,
            version: a.version,
            held_on: a.held_on,
            kind: a.kind,
            title: a.title,
            people: a.people,
            outcome: a.outcome,
        }
    }
}

/// An activity to be recorded or changed.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationActivityInput", deny_unknown_fields)]
pub struct ActivityIn {
    pub held_on: NaiveDate,
    pub kind: String,
    pub title: String,
    pub people: i64,
    #[oai(default)]
    pub outcome: String,
}

impl From<ActivityIn> for ActivityInput {
    fn from(a: ActivityIn) -> Self {
        Self { held_on: a.held_on, kind: a.kind, title: a.title, people: a.people, outcome: a.outcome }
    }
}

/// The id of what was made.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FormationMade")]
pub struct MadeOut {
    pub id: i64,
}

/// Formations.
pub struct FormationsApi;

#[OpenApi(tag = "Tag::Registers")]
impl FormationsApi {
    /// Formations; `sort` is `name`, `starts_on` or `activities`, with `-` in front for descending.
    #[oai(path = "/formations", method = "get", operation_id = "list_formations")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        state: Query<Option<String>>,
        region: Query<Option<String>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<FormationOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, FormationOut::from)))
    }

    /// Make a formation.
    #[oai(path = "/formations", method = "post", operation_id = "add_formation")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<FormationIn>) -> api::Result<Json<FormationOut>> {
        let id = ops::add(&cx, &user, body.0.into()).await?;
        Ok(Json(ops::get(&cx, cx.read(), &user, id).await?.into()))
    }

    /// One formation with its figures.
    #[oai(path = "/formations/:id", method = "get", operation_id = "get_formation")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<FormationOut>> {
        Ok(Json(ops::get(&cx, cx.read(), &user, id.0).await?.into()))
    }

    /// Change a formation; `version` is the one seen.
    #[oai(path = "/formations/:id", method = "put", operation_id = "change_formation")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<FormationIn>,
    ) -> api::Result<Json<FormationOut>> {
        ops::edit(&cx, &user, id.0, version.0, body.0.into()).await?;
        Ok(Json(ops::get(&cx, cx.read(), &user, id.0).await?.into()))
    }

    /// The members of a formation, leads first.
    #[oai(path = "/formations/:id/members", method = "get", operation_id = "list_formation_members")]
    async fn members(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<MemberOut>>> {
        ops::get(&cx, cx.read(), &user, id.0).await?;
        let all = ops::members(cx.read(), &user, id.0).await?;
        Ok(Json(all.into_iter().map(MemberOut::from).collect()))
    }

    /// Take somebody into a formation.
    #[oai(path = "/formations/:id/members", method = "post", operation_id = "add_formation_member")]
    async fn add_member(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<MemberIn>,
    ) -> api::Result<Json<MadeOut>> {
        Ok(Json(MadeOut { id: ops::add_member(&cx, &user, id.0, body.0.into()).await? }))
    }

    /// Change a membership; `version` is the one seen.
    #[oai(path = "/formation-members/:id", method = "put", operation_id = "change_formation_member")]
    async fn change_member(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<MemberIn>,
    ) -> api::Result<Json<MadeOut>> {
        ops::change_member(&cx, &user, id.0, version.0, body.0.into()).await?;
        Ok(Json(MadeOut { id: id.0 }))
    }

    /// The activities of a formation, the last first.
    #[oai(path = "/formations/:id/activities", method = "get", operation_id = "list_formation_activities")]
    async fn activities(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<ActivityOut>>> {
        ops::get(&cx, cx.read(), &user, id.0).await?;
        Ok(Json(ops::activities(cx.read(), id.0).await?.into_iter().map(ActivityOut::from).collect()))
    }

    /// Record an activity.
    #[oai(path = "/formations/:id/activities", method = "post", operation_id = "add_formation_activity")]
    async fn add_activity(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<ActivityIn>,
    ) -> api::Result<Json<MadeOut>> {
        Ok(Json(MadeOut { id: ops::add_activity(&cx, &user, id.0, body.0.into()).await? }))
    }

    /// Change an activity; `version` is the one seen.
    #[oai(path = "/formation-activities/:id", method = "put", operation_id = "change_formation_activity")]
    async fn change_activity(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<ActivityIn>,
    ) -> api::Result<Json<MadeOut>> {
        ops::change_activity(&cx, &user, id.0, version.0, body.0.into()).await?;
        Ok(Json(MadeOut { id: id.0 }))
    }
}
