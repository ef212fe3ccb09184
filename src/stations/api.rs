//! Stations, their checks and coverage over the API.

use std::collections::HashMap;

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, CheckInput, CoverageRow, Find, LevelCoverage, Station, StationCheck, StationInput, StationRow};
use super::rules::Level;
use crate::api::{self, ApiUser, PageOut, page};
use crate::db::Cx;
use crate::db::list::Slice;

#[derive(Clone, Debug, Object)]
#[oai(rename = "Station")]
pub struct StationOut {
    pub id: i64,
    pub code: String,
    pub name: String,
    /// `county`, `town` or `village`.
    pub level: String,
    /// `planned`, `built`, `raised` or `complete`.
    pub phase: String,
    /// `active` or `closed`.
    pub state: String,
    /// The region whose register it stands in.
    pub county_code: String,
    /// The finest region known.
    pub region_code: String,
    pub town: String,
    /// The station above it.
    pub parent_id: Option<i64>,
    /// Who runs it; empty for an observer.
    pub head: String,
    pub phone: String,
    pub opened_on: Option<NaiveDate>,
    /// The latest check in a list; absent elsewhere and without one.
    pub checked_on: Option<NaiveDate>,
    pub points: Option<i64>,
    pub of_points: Option<i64>,
    pub meets: Option<bool>,
    pub version: i64,
}

impl From<StationRow> for StationOut {
    fn from(m: StationRow) -> Self {
        Self {
            id: m.id,
            code: m.code,
            name: m.name,
            level: m.level,
            phase: m.phase,
            state: m.state,
            county_code: m.county_code,
            region_code: m.region_code,
            town: m.town,
            parent_id: m.parent_id,
            head: m.head,
            phone: m.phone,
            opened_on: m.opened_on,
            checked_on: m.checked_on,
            points: m.points,
            of_points: m.of_points,
            meets: m.meets,
            version: m.version,
        }
    }
}

impl From<Station> for StationOut {
    fn from(m: Station) -> Self {
        Self {
            id: m.id,
            code: m.code,
            name: m.name,
            level: m.level,
            phase: m.phase,
            state: m.state,
            county_code: m.county_code,
            region_code: m.region_code,
            town: m.town,
            parent_id: m.parent_id,
            head: m.head,
            phone: m.phone,
            opened_on: m.opened_on,
            checked_on: None,
            points: None,
            of_points: None,
            meets: None,
            version: m.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "StationNew", deny_unknown_fields)]
pub struct StationIn {
    pub code: String,
    pub name: String,
    /// `county`, `town` or `village`.
    pub level: String,
    /// `planned`, `built` (when left out), `raised` or `complete`.
    #[oai(default)]
    pub phase: String,
    /// `active` when left out.
    #[oai(default)]
    pub state: String,
    #[oai(default)]
    pub county_code: String,
    #[oai(default)]
    pub town: String,
    pub parent_id: Option<i64>,
    #[oai(default)]
    pub head: String,
    #[oai(default)]
    pub phone: String,
    #[oai(default)]
    pub address: String,
    #[oai(default)]
    pub note: String,
    pub opened_on: Option<NaiveDate>,
}

impl From<StationIn> for StationInput {
    fn from(i: StationIn) -> Self {
        Self {
            code: i.code,
            name: i.name,
            level: i.level,
            phase: i.phase,
            state: i.state,
            county_code: i.county_code,
            town: i.town,
            parent_id: i.parent_id,
            head: i.head,
            phone: i.phone,
            address: i.address,
            note: i.note,
            opened_on: i.opened_on,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "StationCheck")]
pub struct StationCheckOut {
    pub id: i64,
    /// Code and edition of the standard.
    pub standard: String,
    pub edition: String,
    pub checked_on: NaiveDate,
    pub points: i64,
    /// Points of the items that apply.
    pub of_points: i64,
    pub meets: bool,
}

impl From<StationCheck> for StationCheckOut {
    fn from(c: StationCheck) -> Self {
        Self {
            id: c.id,
            standard: c.standard,
            edition: c.edition,
            checked_on: c.checked_on,
            points: c.points,
            of_points: c.of_points,
            meets: c.meets,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "StationCheckNew", deny_unknown_fields)]
pub struct StationCheckIn {
    pub standard: String,
    /// Today when left out.
    pub checked_on: Option<NaiveDate>,
    #[oai(default)]
    pub checker: String,
    #[oai(default)]
    pub note: String,
    /// Item code → `yes`, `no` or `not_applicable`; every item of the standard.
    pub answers: HashMap<String, String>,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "LevelCoverage")]
pub struct LevelCoverageOut {
    /// Open stations.
    pub stations: i64,
    /// Of these, how many met a standard at their latest check.
    pub meet: i64,
    /// Places of this level that are known.
    pub places: i64,
    /// Of these, how many have an open station.
    pub covered: i64,
    /// Covered places in whole percent; absent when no place is known.
    pub percent: Option<i64>,
}

impl From<LevelCoverage> for LevelCoverageOut {
    fn from(c: LevelCoverage) -> Self {
        Self { stations: c.stations, meet: c.meet, places: c.places, covered: c.covered, percent: c.percent() }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "StationCoverage")]
pub struct CoverageOut {
    /// Empty for the whole, and for a town that the region tree does not know.
    pub code: String,
    pub name: String,
    pub county: LevelCoverageOut,
    pub town: LevelCoverageOut,
    pub village: LevelCoverageOut,
}

impl From<CoverageRow> for CoverageOut {
    fn from(r: CoverageRow) -> Self {
        Self {
            code: r.code,
            name: r.name,
            county: r.coverage.of(Level::County).into(),
            town: r.coverage.of(Level::Town).into(),
            village: r.coverage.of(Level::Village).into(),
        }
    }
}

/// The coverage of a region and of what lies below it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "StationCoverageReport")]
pub struct CoverageReportOut {
    pub total: CoverageOut,
    pub rows: Vec<CoverageOut>,
}

pub struct StationsApi;

#[OpenApi(tag = "api::Tag::Registers")]
impl StationsApi {
    /// Stations; `sort` is `code`, `name`, `level`, `town`, `phase`, `opened_on` or `points`, with `-` in front for
    /// descending; `check` is `met`, `missed` or `unchecked`.
    #[oai(path = "/stations", method = "get", operation_id = "list_stations")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        level: Query<Option<String>>,
        phase: Query<Option<String>>,
        state: Query<Option<String>>,
        check: Query<Option<String>>,
        region: Query<Option<String>>,
        parent: Query<Option<i64>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<StationOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            level: level.0.unwrap_or_default(),
            phase: phase.0.unwrap_or_default(),
            state: state.0.unwrap_or_default(),
            check: check.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
            parent: parent.0,
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, StationOut::from)))
    }

    /// How far stations cover a region, and the counties or towns below it.
    #[oai(path = "/station-coverage", method = "get", operation_id = "get_station_coverage")]
    async fn coverage(
        &self,
        cx: Cx,
        user: ApiUser,
        region: Query<Option<String>>,
    ) -> api::Result<Json<CoverageReportOut>> {
        let region = region.0.unwrap_or_default();
        let coverage = ops::coverage(cx.read(), &user, &region).await?;
        let rows = ops::coverage_below(cx.read(), &user, &region).await?;
        Ok(Json(CoverageReportOut {
            total: CoverageRow { code: region, name: String::new(), coverage }.into(),
            rows: rows.into_iter().map(CoverageOut::from).collect(),
        }))
    }

    /// Add a station.
    #[oai(path = "/stations", method = "post", operation_id = "add_station")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<StationIn>) -> api::Result<Json<StationOut>> {
        Ok(Json(ops::add(&cx, &user, body.0.into()).await?.into()))
    }

    /// One station.
    #[oai(path = "/stations/:id", method = "get", operation_id = "get_station")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<StationOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a station; `version` is the one seen.
    #[oai(path = "/stations/:id", method = "put", operation_id = "change_station")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<StationIn>,
    ) -> api::Result<Json<StationOut>> {
        Ok(Json(ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?.into()))
    }

    /// The checks of a station, the latest first.
    #[oai(path = "/stations/:id/checks", method = "get", operation_id = "list_station_checks")]
    async fn checks(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<StationCheckOut>>> {
        ops::visible(cx.read(), &user, id.0).await?;
        let all = ops::checks(cx.read(), id.0).await?;
        Ok(Json(all.into_iter().map(StationCheckOut::from).collect()))
    }

    /// Record a check against a standard of `config/standards`.
    #[oai(path = "/stations/:id/checks", method = "post", operation_id = "add_station_check")]
    async fn check(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<StationCheckIn>,
    ) -> api::Result<Json<StationCheckOut>> {
        let b = body.0;
        let input = CheckInput {
            standard: b.standard,
            checked_on: b.checked_on,
            checker: b.checker,
            note: b.note,
            answers: b.answers,
        };
        Ok(Json(ops::check(&cx, &user, id.0, input).await?.into()))
    }
}
