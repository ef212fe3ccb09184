//! Organisations over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Find, Organisation, OrganisationInput};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Organisation")]
pub struct OrganisationOut {
    pub id: i64,
    pub credit_code: Option<String>,
    pub name: String,
    /// `association`, `service_agency`, `foundation` or other.
    pub kind: String,
    /// `active`, `suspended` or `cancelled`.
    pub state: String,
    /// The region whose register it stands in.
    pub county_code: String,
    /// The finest region known.
    pub region_code: String,
    pub town: String,
    pub authority: String,
    /// Who runs it; empty for an observer.
    pub head: String,
    pub phone: String,
    pub park: String,
    pub note: String,
    pub registered_on: Option<NaiveDate>,
    pub version: i64,
}

impl From<Organisation> for OrganisationOut {
    fn from(m: Organisation) -> Self {
        Self {
            id: m.id,
            credit_code: m.credit_code,
            name: m.name,
            kind: m.kind,
            state: m.state,
            county_code: m.county_code,
            region_code: m.region_code,
            town: m.town,
            authority: m.authority,
            head: m.head,
            phone: m.phone,
            park: m.park,
            note: m.note,
            registered_on: m.registered_on,
            version: m.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "OrganisationNew", deny_unknown_fields)]
pub struct OrganisationIn {
    pub name: String,
    /// `association`, `service_agency`, `foundation` or other.
    pub kind: String,
    /// 18 characters with the check character of GB 32100-2015; empty until it has one.
    #[oai(default)]
    pub credit_code: String,
    /// `active` when left out.
    #[oai(default)]
    pub state: String,
    #[oai(default)]
    pub county_code: String,
    #[oai(default)]
    pub town: String,
    #[oai(default)]
    pub authority: String,
    #[oai(default)]
    pub head: String,
    #[oai(default)]
    pub phone: String,
    #[oai(default)]
    pub park: String,
    #[oai(default)]
    pub note: String,
    pub registered_on: Option<NaiveDate>,
}

impl From<OrganisationIn> for OrganisationInput {
    fn from(i: OrganisationIn) -> Self {
        Self {
            credit_code: i.credit_code,
            name: i.name,
            kind: i.kind,
            state: i.state,
            county_code: i.county_code,
            town: i.town,
            authority: i.authority,
            head: i.head,
            phone: i.phone,
            park: i.park,
            note: i.note,
            registered_on: i.registered_on,
        }
    }
}

pub struct OrganisationsApi;

#[OpenApi(tag = "api::Tag::Registers")]
impl OrganisationsApi {
    /// Organisations; `sort` is `id`, `name`, `kind`, `town` or `registered_on`, with `-` in front for descending.
    #[oai(path = "/organisations", method = "get", operation_id = "list_organisations")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        kind: Query<Option<String>>,
        state: Query<Option<String>>,
        park: Query<Option<String>>,
        region: Query<Option<String>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<OrganisationOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            kind: kind.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            park: park.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, OrganisationOut::from)))
    }

    /// Add an organisation.
    #[oai(path = "/organisations", method = "post", operation_id = "add_organisation")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<OrganisationIn>) -> api::Result<Json<OrganisationOut>> {
        Ok(Json(ops::add(&cx, &user, body.0.into()).await?.into()))
    }

    /// One organisation.
    #[oai(path = "/organisations/:id", method = "get", operation_id = "get_organisation")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<OrganisationOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an organisation; `version` is the one seen.
    #[oai(path = "/organisations/:id", method = "put", operation_id = "change_organisation")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<OrganisationIn>,
    ) -> api::Result<Json<OrganisationOut>> {
        Ok(Json(ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?.into()))
    }
}
