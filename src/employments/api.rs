//! Employments over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, EmploymentInput, EmploymentRow, Find};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Employment")]
pub struct EmploymentOut {
    pub id: i64,
    pub person_id: i64,
    pub person_name: String,
    /// The workplace as it was written.
    pub workplace: String,
    /// The station or organisation, once it is in a register.
    pub station_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub region_code: String,
    /// `recruited`, `seconded_supervisor`, `community_worker`, `agency_worker` or other.
    pub kind: String,
    /// `full_time`, `part_time` or `unknown`.
    pub hours: String,
    pub job_title: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// A certificate is on record, or the roster says so.
    pub certified: bool,
    /// A certificate is on record.
    pub certificate_on_record: bool,
    pub version: i64,
}

impl From<EmploymentRow> for EmploymentOut {
    fn from(m: EmploymentRow) -> Self {
        Self {
            certified: m.is_certified(),
            certificate_on_record: m.on_record(),
            id: m.id,
            person_id: m.person_id,
            person_name: m.person_name,
            workplace: m.workplace,
            station_id: m.station_id,
            organisation_id: m.organisation_id,
            region_code: m.region_code,
            kind: m.kind,
            hours: m.hours,
            job_title: m.job_title,
            starts_on: m.starts_on,
            ends_on: m.ends_on,
            version: m.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "EmploymentNew", deny_unknown_fields)]
pub struct EmploymentIn {
    /// Found in the registers of stations and organisations by its name; kept as text when it is in none.
    pub workplace: String,
    pub kind: String,
    #[oai(default)]
    pub hours: String,
    #[oai(default)]
    pub county_code: String,
    #[oai(default)]
    pub job_title: String,
    #[oai(default)]
    pub note: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

impl From<EmploymentIn> for EmploymentInput {
    fn from(i: EmploymentIn) -> Self {
        Self {
            workplace: i.workplace,
            county_code: i.county_code,
            kind: i.kind,
            hours: i.hours,
            job_title: i.job_title,
            note: i.note,
            starts_on: i.starts_on,
            ends_on: i.ends_on,
        }
    }
}

pub struct EmploymentsApi;

#[OpenApi(tag = "api::Tag::Registers")]
impl EmploymentsApi {
    /// Employments; `sort` is `id`, `name`, `workplace`, `kind` or `starts_on`, with `-` in front for descending.
    #[oai(path = "/employments", method = "get", operation_id = "list_employments")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        kind: Query<Option<String>>,
        hours: Query<Option<String>>,
        region: Query<Option<String>>,
        organisation: Query<Option<i64>>,
        station: Query<Option<i64>>,
        person: Query<Option<i64>>,
        certified: Query<Option<bool>>,
        current: Query<Option<bool>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<EmploymentOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            kind: kind.0.unwrap_or_default(),
            hours: hours.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
            organisation: organisation.0,
            station: station.0,
            person: person.0,
            certified: certified.0,
            current: current.0,
            unlinked: false,
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, EmploymentOut::from)))
    }

    /// Record an employment of a person.
    #[oai(path = "/people/:id/employments", method = "post", operation_id = "add_employment")]
    async fn add(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<EmploymentIn>,
    ) -> api::Result<Json<EmploymentOut>> {
        let made = ops::add(&cx, &user, id.0, body.0.into()).await?;
        Ok(Json(ops::get(cx.read(), &user, made.id).await?.into()))
    }

    /// One employment.
    #[oai(path = "/employments/:id", method = "get", operation_id = "get_employment")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<EmploymentOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an employment; `version` is the one seen.
    #[oai(path = "/employments/:id", method = "put", operation_id = "change_employment")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<EmploymentIn>,
    ) -> api::Result<Json<EmploymentOut>> {
        ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }
}
