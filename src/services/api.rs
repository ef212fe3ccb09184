//! Service records, service figures and the overview over the API.

use chrono::NaiveDate;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::kinds;
use super::ops::figures::{self, Ask, By, Line};
use super::ops::{self, Find, ServiceInput, ServiceRow, overview};
use crate::api::{self, ApiUser, PageOut, page};
use crate::core::{Error, Msg};
use crate::db::Cx;
use crate::db::list::Slice;
use crate::stations::rules::Level;

#[derive(Clone, Debug, Object)]
#[oai(rename = "ServiceRecord")]
pub struct ServiceOut {
    pub id: i64,
    pub record_no: Option<String>,
    pub station_id: i64,
    pub station: String,
    pub project_id: Option<i64>,
    pub served_on: NaiveDate,
    /// A code of `config/services.toml`.
    pub kind: String,
    pub beneficiary: String,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
    /// Empty for an observer.
    pub recorder: String,
    pub note: String,
    pub version: i64,
}

impl From<ServiceRow> for ServiceOut {
    fn from(r: ServiceRow) -> Self {
        Self {
            id: r.id,
            record_no: r.record_no,
            station_id: r.station_id,
            station: r.station,
            project_id: r.project_id,
            served_on: r.served_on,
            kind: r.kind,
            beneficiary: r.beneficiary,
            households: r.households,
            hardship: r.hardship,
            activities: r.activities,
            person_times: r.person_times,
            recorder: r.recorder,
            note: r.note,
            version: r.version,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "ServiceRecordNew", deny_unknown_fields)]
pub struct ServiceIn {
    #[oai(default)]
    pub record_no: String,
    pub served_on: NaiveDate,
    pub kind: String,
    #[oai(default)]
    pub beneficiary: String,
    #[oai(default)]
    pub households: i64,
    #[oai(default)]
    pub hardship: i64,
    #[oai(default)]
    pub activities: i64,
    #[oai(default)]
    pub person_times: i64,
    #[oai(default)]
    pub recorder: String,
    #[oai(default)]
    pub note: String,
}

impl From<ServiceIn> for ServiceInput {
    fn from(i: ServiceIn) -> Self {
        Self {
            record_no: i.record_no,
            kind: i.kind,
            beneficiary: i.beneficiary,
            recorder: i.recorder,
            note: i.note,
            served_on: Some(i.served_on),
            households: i.households,
            hardship: i.hardship,
            activities: i.activities,
            person_times: i.person_times,
        }
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "ServiceFigure")]
pub struct FigureOut {
    /// Code of a region, id of a station, month, type or group; empty for the total and for what was not said.
    pub key: String,
    pub label: String,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    /// Person-times of service records.
    pub person_times: i64,
    /// Person-times of confirmed hour entries.
    pub practicum_times: i64,
    /// Households visited by confirmed hour entries.
    pub practicum_households: i64,
}

fn figure(key: String, label: String, l: &Line) -> FigureOut {
    FigureOut {
        key,
        label,
        households: l.households,
        hardship: l.hardship,
        activities: l.activities,
        person_times: l.person_times,
        practicum_times: l.practicum_times,
        practicum_households: l.practicum_households,
    }
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "ServiceFigures")]
pub struct FiguresOut {
    pub rows: Vec<FigureOut>,
    pub total: FigureOut,
}

#[derive(Clone, Debug, Object)]
#[oai(rename = "OverviewLevel")]
pub struct OverviewLevelOut {
    pub key: String,
    pub n: i64,
    /// Coverage in whole percent, of stations whose places are known.
    pub percent: Option<i64>,
}

/// The figures of the overview page.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Overview")]
pub struct OverviewOut {
    pub organisations: i64,
    pub associations: i64,
    pub service_agencies: i64,
    /// People with a certificate, once each.
    pub certified: i64,
    /// The same by highest level.
    pub certified_by_level: Vec<OverviewLevelOut>,
    /// Certified people who work full time in communities and organisations.
    pub full_time: i64,
    pub recruited: i64,
    pub recruited_certified: i64,
    pub seconded_supervisors: i64,
    pub projects: i64,
    /// Person-times by group served, all sources.
    pub person_times_by_beneficiary: Vec<OverviewLevelOut>,
    pub stations: i64,
    pub stations_by_level: Vec<OverviewLevelOut>,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
}

pub struct ServicesApi;

#[OpenApi(tag = "api::Tag::Registers")]
impl ServicesApi {
    /// Service records; `sort` is `served_on`, `station`, `kind`, `households`, `hardship`, `activities` or `person_times`,
    /// with `-` in front for descending; `measure` is one of the last four and leaves only what counts for it.
    #[oai(path = "/service-records", method = "get", operation_id = "list_service_records")]
    #[expect(clippy::too_many_arguments, reason = "the filters and the page")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        q: Query<Option<String>>,
        kind: Query<Option<String>>,
        beneficiary: Query<Option<String>>,
        region: Query<Option<String>>,
        station: Query<Option<i64>>,
        project: Query<Option<i64>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
        measure: Query<Option<String>>,
        sort: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<ServiceOut>>> {
        let find = Find {
            text: q.0.unwrap_or_default(),
            kind: kind.0.unwrap_or_default(),
            beneficiary: beneficiary.0.unwrap_or_default(),
            region: region.0.unwrap_or_default(),
            station: station.0,
            project: project.0,
            from: from.0,
            to: to.0,
            measure: measure.0.unwrap_or_default(),
        };
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(&cx, &user, &find, &sort.0.unwrap_or_default(), &slice).await?;
        Ok(Json(PageOut::of(found, ServiceOut::from)))
    }

    /// Add a service record of a station.
    #[oai(path = "/stations/:id/service-records", method = "post", operation_id = "add_service_record")]
    async fn add(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<ServiceIn>) -> api::Result<Json<ServiceOut>> {
        let made = ops::add(&cx, &user, id.0, body.0.into()).await?;
        Ok(Json(ops::get(cx.read(), &user, made.id).await?.into()))
    }

    /// Correct a service record; `version` is the one seen.
    #[oai(path = "/service-records/:id", method = "put", operation_id = "change_service_record")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        version: Query<i64>,
        body: Json<ServiceIn>,
    ) -> api::Result<Json<ServiceOut>> {
        ops::edit(&cx, &user, id.0, body.0.into(), version.0).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Service figures by `county`, `town`, `station`, `month`, `kind` or `beneficiary`.
    #[oai(path = "/service-figures", method = "get", operation_id = "get_service_figures")]
    async fn figures(
        &self,
        cx: Cx,
        user: ApiUser,
        by: Query<Option<String>>,
        region: Query<Option<String>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
    ) -> api::Result<Json<FiguresOut>> {
        let by = match by.0.as_deref() {
            None => By::default(),
            Some(word) => {
                By::parse(word).ok_or_else(|| Error::field("by", Msg::new("service-by-unknown").with("by", word)))?
            }
        };
        let ask = Ask { by, region: region.0.unwrap_or_default(), from: from.0, to: to.0 };
        let f = figures::figures(cx.read(), &user, &ask, &*kinds::of(&cx)?, user.lang).await?;
        Ok(Json(FiguresOut {
            rows: f.rows.into_iter().map(|r| figure(r.key, r.label, &r.line)).collect(),
            total: figure(String::new(), String::new(), &f.total),
        }))
    }

    /// Organisations, certified people, people at work, projects, stations and service at once.
    #[oai(path = "/overview", method = "get", operation_id = "get_overview")]
    async fn overview(&self, cx: Cx, user: ApiUser, region: Query<Option<String>>) -> api::Result<Json<OverviewOut>> {
        let o = overview::overview(&cx, &user, &region.0.unwrap_or_default()).await?;
        let level = |key: &str, n: i64| OverviewLevelOut { key: key.to_owned(), n, percent: None };
        let station = |l: Level| {
            let c = o.coverage.of(l);
            OverviewLevelOut { key: l.name().to_owned(), n: c.stations, percent: c.percent() }
        };
        Ok(Json(OverviewOut {
            organisations: o.organisations,
            associations: o.associations,
            service_agencies: o.service_agencies,
            certified: o.certified_people(),
            certified_by_level: o.certified.iter().map(|(_, l, n)| level(l, *n)).collect(),
            full_time: o.full_time,
            recruited: o.recruited.people,
            recruited_certified: o.recruited.certified,
            seconded_supervisors: o.seconded.people,
            projects: o.projects,
            person_times_by_beneficiary: o.beneficiaries.iter().map(|(g, n)| level(g, *n)).collect(),
            stations: o.coverage.stations(),
            stations_by_level: Level::ALL.map(station).into(),
            households: o.services.households,
            hardship: o.services.hardship,
            activities: o.services.activities,
            person_times: o.services.person_times,
        }))
    }
}
