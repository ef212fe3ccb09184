//! Projects over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Find, ProjectInput, ProjectView};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Project")]
pub struct ProjectOut {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub beneficiary: String,
    /// Where it is carried out, as it was written.
    pub workplace: String,
    pub station_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub region_code: String,
    /// `planned`, `under_way`, `ended` or `cancelled`.
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub target_times: Option<i64>,
    pub target_activities: Option<i64>,
    pub target_households: Option<i64>,
    /// Reached by confirmed hour entries and service records.
    pub person_times: i64,
    pub activities: i64,
    pub households: i64,
    pub version: i64,
}

impl From<ProjectView> for ProjectOut {
    fn from(v: ProjectView) -> Self {
        let (p, r) = (v.project, v.reached);
        Self {
            id: p.id,
            code: p.code,
            name: p.name,
            beneficiary: p.beneficiary,
            workplace: p.workplace,
            station_id: p.station_id,
            organisation_id: p.organisation_id,
            region_code: p.region_code,
            state: p.state,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            target_times: p.target_times,
            target_activities: p.target_activities,
            target_households: p.target_households,
            person_times: r.person_times,
            activities: r.activities,
            households: r.households,
            version: p.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "ProjectNew", deny_unknown_fields)]
pub struct ProjectIn {
    /// As hour entries name it.
    pub code: String,
    pub name: String,
    #[oai(default)]
    pub county_code: String,
    #[oai(default)]
    pub beneficiary: String,
    #[oai(default)]
    pub workplace: String,
    #[oai(default)]
    pub head: String,
    #[oai(default)]
    pub note: String,
    #[oai(default)]
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub target_times: Option<i64>,
    pub target_activities: Option<i64>,
    pub target_households: Option<i64>,
}

impl From<ProjectIn> for ProjectInput {
    fn from(i: ProjectIn) -> Self {
        Self {
            code: i.code,
            name: i.name,
            county_code: i.county_code,
            beneficiary: i.beneficiary,
            workplace: i.workplace,
            head: i.head,
            note: i.note,
            state: i.state,
            starts_on: i.starts_on,
            ends_on: i.ends_on,
            target_times: i.target_times,
            target_activities: i.target_activities,
            target_households: i.target_households,
        }
    }
}

pub struct ProjectsApi;

#[OpenApi(tag = "api::Tag::Registers")]
impl ProjectsApi {
    /// Projects; `sort` is `code`, `name`, `beneficiary`, `workplace`, `starts_on` or `target_times`, with `-` in front
    /// for descending.
    #[oai(path = "/projects", method = "get", operation_id = "list_projects")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        beneficiary: Query<Option<String>>,
        state: Query<Option<String>>,
        region: Query<Option<String>>,
        organisation: Query<Option<i64>>,
        station: Query<Option<i64>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<ProjectOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            beneficiary: beneficiary.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
            organisation: organisation.0,
            station: station.0,
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, ProjectOut::from)))
    }

    /// Add a project.
    #[oai(path = "/projects", method = "post", operation_id = "add_project")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<ProjectIn>) -> api::Result<Json<ProjectOut>> {
        let made = ops::add(&cx, &user, body.0.into()).await?;
        Ok(Json(ops::get(cx.read(), &user, made.id).await?.into()))
    }

    /// One project with what it has reached.
    #[oai(path = "/projects/:id", method = "get", operation_id = "get_project")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ProjectOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a project; `version` is the one seen.
    #[oai(path = "/projects/:id", method = "put", operation_id = "change_project")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<ProjectIn>,
    ) -> api::Result<Json<ProjectOut>> {
        ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }
}
