//! The directory over the API.

mod agreements;

pub use agreements::AgreementsApi;

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::bases::{self, BaseInput};
use super::ops::campuses::{self, CampusInput};
use super::ops::regions::{self, AddRegion};
use super::ops::{Base, Campus, Region, Supervisor};
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Region")]
pub struct RegionOut {
    /// GB/T 2260: 2, 4, 6, 9 or 12 digits; the codes below begin with it.
    pub code: String,
    pub name: String,
    /// 1 province to 5 village or community.
    pub level: i64,
    pub version: i64,
}

impl From<Region> for RegionOut {
    fn from(r: Region) -> Self {
        Self { code: r.code, name: r.name, level: r.level, version: r.version }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "RegionNew", deny_unknown_fields)]
pub struct RegionIn {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "RegionName", deny_unknown_fields)]
pub struct RegionNameIn {
    pub name: String,
    /// The version seen.
    pub version: i64,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Campus")]
pub struct CampusOut {
    pub id: i64,
    pub name: String,
    pub region_code: String,
    pub note: String,
    pub version: i64,
}

impl From<Campus> for CampusOut {
    fn from(c: Campus) -> Self {
        Self { id: c.id, name: c.name, region_code: c.region_code, note: c.note, version: c.version }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "CampusNew", deny_unknown_fields)]
pub struct CampusIn {
    pub name: String,
    #[oai(default)]
    pub region_code: String,
    #[oai(default)]
    pub note: String,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Base")]
pub struct BaseOut {
    pub id: i64,
    pub code: String,
    pub name: String,
    /// `town_station`, `village_point`, `agency`, `county_centre` or other.
    pub kind: String,
    pub region_code: String,
    pub town: String,
    pub capacity: Option<i64>,
    pub evaluation: String,
    pub note: String,
    pub active: bool,
    pub version: i64,
}

impl From<Base> for BaseOut {
    fn from(b: Base) -> Self {
        Self {
            id: b.id,
            code: b.code,
            name: b.name,
            kind: b.kind,
            region_code: b.region_code,
            town: b.town,
            capacity: b.capacity,
            evaluation: b.evaluation,
            note: b.note,
            active: b.active,
            version: b.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "BaseNew", deny_unknown_fields)]
pub struct BaseIn {
    pub code: String,
    pub name: String,
    pub kind: String,
    #[oai(default)]
    pub region_code: String,
    #[oai(default)]
    pub town: String,
    pub capacity: Option<i64>,
    #[oai(default)]
    pub evaluation: String,
    #[oai(default)]
    pub note: String,
}

impl From<BaseIn> for BaseInput {
    fn from(b: BaseIn) -> Self {
        Self {
            code: b.code,
            name: b.name,
            kind: b.kind,
            region_code: b.region_code,
            town: b.town,
            capacity: b.capacity,
            evaluation: b.evaluation,
            note: b.note,
            active: true,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "BaseChange", deny_unknown_fields)]
pub struct BaseChangeIn {
    /// The version seen.
    pub version: i64,
    /// A base that takes nobody any more keeps its history.
    pub active: bool,
    pub base: BaseIn,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "CampusChange", deny_unknown_fields)]
pub struct CampusChangeIn {
    /// The version seen.
    pub version: i64,
    pub campus: CampusIn,
}

impl From<CampusIn> for CampusInput {
    fn from(c: CampusIn) -> Self {
        Self { name: c.name, region_code: c.region_code, note: c.note }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Agreement")]
pub struct AgreementOut {
    pub campus: String,
    pub number: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub campus_mentor: String,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "Supervisor")]
pub struct SupervisorOut {
    pub id: i64,
    pub name: String,
    pub phone: String,
    pub active: bool,
}

impl From<Supervisor> for SupervisorOut {
    fn from(s: Supervisor) -> Self {
        Self { id: s.id, name: s.name, phone: s.phone, active: s.active }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "SupervisorNew", deny_unknown_fields)]
pub struct SupervisorIn {
    pub name: String,
    #[oai(default)]
    pub phone: String,
}

/// A base with its agreements and supervisors.
#[derive(Clone, Debug, Object)]
#[oai(rename = "BaseDetail")]
pub struct BaseDetailOut {
    pub base: BaseOut,
    pub region_name: String,
    pub agreements: Vec<AgreementOut>,
    pub supervisors: Vec<SupervisorOut>,
}

pub struct DirectoryApi;

#[OpenApi(tag = "api::Tag::Directory")]
impl DirectoryApi {
    /// Regions directly below one, or the top.
    #[oai(path = "/regions", method = "get", operation_id = "list_regions")]
    async fn regions(
        &self,
        cx: Cx,
        _user: ApiUser,
        parent: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<RegionOut>>> {
        let branch = regions::branch(cx.read(), parent.0.as_deref(), &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(branch.below, RegionOut::from)))
    }

    /// Add a region under the nearest one above it that is known.
    #[oai(path = "/regions", method = "post", operation_id = "add_region")]
    async fn add_region(&self, cx: Cx, user: ApiUser, body: Json<RegionIn>) -> api::Result<Json<RegionOut>> {
        let input = AddRegion { code: body.0.code, name: body.0.name };
        Ok(Json(regions::add(&cx, &user, input).await?.into()))
    }

    /// Rename a region.
    #[oai(path = "/regions/:code", method = "patch", operation_id = "rename_region")]
    async fn rename_region(
        &self,
        cx: Cx,
        user: ApiUser,
        code: Path<String>,
        body: Json<RegionNameIn>,
    ) -> api::Result<Json<RegionOut>> {
        Ok(Json(regions::rename(&cx, &user, &code.0, &body.0.name, body.0.version).await?.into()))
    }

    /// Campuses.
    #[oai(path = "/campuses", method = "get", operation_id = "list_campuses")]
    async fn campuses(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<CampusOut>>> {
        let found = campuses::list(&cx, &user, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, CampusOut::from)))
    }

    /// Add a campus.
    #[oai(path = "/campuses", method = "post", operation_id = "add_campus")]
    async fn add_campus(&self, cx: Cx, user: ApiUser, body: Json<CampusIn>) -> api::Result<Json<CampusOut>> {
        Ok(Json(campuses::add(&cx, &user, body.0.into()).await?.into()))
    }

    /// Change a campus.
    #[oai(path = "/campuses/:id", method = "patch", operation_id = "edit_campus")]
    async fn edit_campus(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<CampusChangeIn>,
    ) -> api::Result<Json<CampusOut>> {
        let b = body.0;
        Ok(Json(campuses::edit(&cx, &user, id.0, b.campus.into(), b.version).await?.into()))
    }

    /// Internship bases.
    #[oai(path = "/bases", method = "get", operation_id = "list_bases")]
    async fn bases(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<BaseOut>>> {
        let found = bases::list(&cx, &user, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, BaseOut::from)))
    }

    /// Add a base.
    #[oai(path = "/bases", method = "post", operation_id = "add_base")]
    async fn add_base(&self, cx: Cx, user: ApiUser, body: Json<BaseIn>) -> api::Result<Json<BaseOut>> {
        Ok(Json(bases::add(&cx, &user, body.0.into()).await?.into()))
    }

    /// Change a base.
    #[oai(path = "/bases/:id", method = "patch", operation_id = "edit_base")]
    async fn edit_base(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<BaseChangeIn>,
    ) -> api::Result<Json<BaseOut>> {
        let b = body.0;
        let input = BaseInput { active: b.active, ..b.base.into() };
        Ok(Json(bases::edit(&cx, &user, id.0, input, b.version).await?.into()))
    }

    /// One base with its agreements and supervisors.
    #[oai(path = "/bases/:id", method = "get", operation_id = "get_base")]
    async fn base(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<BaseDetailOut>> {
        let d = bases::get(&cx, &user, id.0).await?;
        let agreements = d.agreements.into_iter().map(|(a, campus)| AgreementOut {
            campus,
            number: a.number,
            valid_from: a.valid_from,
            valid_to: a.valid_to,
            campus_mentor: a.campus_mentor,
        });
        Ok(Json(BaseDetailOut {
            base: d.base.into(),
            region_name: d.region_name,
            agreements: agreements.collect(),
            supervisors: d.supervisors.into_iter().map(SupervisorOut::from).collect(),
        }))
    }

    /// Add a supervisor to a base.
    #[oai(path = "/bases/:id/supervisors", method = "post", operation_id = "add_supervisor")]
    async fn add_supervisor(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<SupervisorIn>,
    ) -> api::Result<Json<SupervisorOut>> {
        Ok(Json(bases::add_supervisor(&cx, &user, id.0, &body.0.name, &body.0.phone).await?.into()))
    }
}
