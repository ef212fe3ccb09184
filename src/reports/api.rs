//! The tally, its snapshots and alarms as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::alarm::{self, Alarm};
use super::nightly::{self, Snapshot};
use super::tally::rules::Difference;
use super::tally::{self, Ask, Behind, By, Figures, Line, Measure, PersonBehind, Row, Tally};
use crate::api::{self, ApiUser, PageOut, Tag};
use crate::db::Cx;

/// How the rows are cut.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ByIn {
    Level,
    Region,
    Cohort,
    Campus,
    Base,
    Class,
    Year,
}

impl From<ByIn> for By {
    fn from(by: ByIn) -> Self {
        match by {
            ByIn::Level => Self::Level,
            ByIn::Region => Self::Region,
            ByIn::Cohort => Self::Cohort,
            ByIn::Campus => Self::Campus,
            ByIn::Base => Self::Base,
            ByIn::Class => Self::Class,
            ByIn::Year => Self::Year,
        }
    }
}

/// A figure of the tally.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum MeasureIn {
    People,
    Registered,
    Sat,
    Passed,
    Certified,
}

impl From<MeasureIn> for Measure {
    fn from(m: MeasureIn) -> Self {
        match m {
            MeasureIn::People => Self::People,
            MeasureIn::Registered => Self::Registered,
            MeasureIn::Sat => Self::Sat,
            MeasureIn::Passed => Self::Passed,
            MeasureIn::Certified => Self::Certified,
        }
    }
}

/// One group's figures; rates are null where there is nothing to divide by.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TallyRow")]
pub struct RowOut {
    pub key: String,
    pub label: String,
    pub people: i64,
    /// Registrations not withdrawn, person × level × exam year.
    pub registered: i64,
    /// A mark, a violation or a void in at least one subject.
    pub sat: i64,
    /// The level completed in the exam year.
    pub passed: i64,
    /// People with an unrevoked certificate, by their highest level.
    pub certified: i64,
    /// passed ÷ sat
    pub pass_rate_sat: Option<f64>,
    /// passed ÷ registered
    pub pass_rate_registered: Option<f64>,
    /// certified ÷ people
    pub certification_rate: Option<f64>,
}

/// All groups together; each person counts once.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TallyTotal")]
pub struct TotalOut {
    pub people: i64,
    pub registered: i64,
    pub sat: i64,
    pub passed: i64,
    pub certified: i64,
    pub pass_rate_sat: Option<f64>,
    pub pass_rate_registered: Option<f64>,
    pub certification_rate: Option<f64>,
}

/// The tally.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Tally")]
pub struct TallyOut {
    pub as_of: NaiveDate,
    pub by: String,
    /// The exam year of the total; null without exam records.
    pub year: Option<i64>,
    pub rows: Vec<RowOut>,
    pub total: TotalOut,
}

impl From<Row> for RowOut {
    fn from(r: Row) -> Self {
        let (l, f) = (r.line, r.line.figures);
        Self {
            key: r.key,
            label: r.label,
            people: f.people,
            registered: f.registered,
            sat: f.sat,
            passed: f.passed,
            certified: f.certified,
            pass_rate_sat: l.pass_rate_sat,
            pass_rate_registered: l.pass_rate_registered,
            certification_rate: l.certification_rate,
        }
    }
}

impl From<Line> for TotalOut {
    fn from(l: Line) -> Self {
        let f = l.figures;
        Self {
            people: f.people,
            registered: f.registered,
            sat: f.sat,
            passed: f.passed,
            certified: f.certified,
            pass_rate_sat: l.pass_rate_sat,
            pass_rate_registered: l.pass_rate_registered,
            certification_rate: l.certification_rate,
        }
    }
}

impl From<Tally> for TallyOut {
    fn from(t: Tally) -> Self {
        Self {
            as_of: t.as_of,
            by: t.by.to_owned(),
            year: t.year,
            rows: t.rows.into_iter().map(RowOut::from).collect(),
            total: t.total.into(),
        }
    }
}

/// A person behind a figure, with the level they count at.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PersonBehind")]
pub struct PersonBehindOut {
    pub person_id: i64,
    pub name: String,
    /// The last four characters of the number on their paper.
    pub id_tail: String,
    pub unit: String,
    pub region_code: String,
    pub scheme: String,
    pub level: String,
}

impl From<PersonBehind> for PersonBehindOut {
    fn from(p: PersonBehind) -> Self {
        Self {
            person_id: p.person_id,
            name: p.name,
            id_tail: p.id_tail,
            unit: p.unit,
            region_code: p.region_code,
            scheme: p.scheme,
            level: p.level,
        }
    }
}

/// The figures of one night, as known then.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TallySnapshot")]
pub struct SnapshotOut {
    pub as_of: NaiveDate,
    pub taken_at: DateTime<Utc>,
    pub year: Option<i64>,
    pub total: TotalOut,
}

/// A figure that differs from the recount.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TallyDifference")]
pub struct DifferenceOut {
    /// all, region, cohort, campus, base or class.
    pub kind: String,
    pub key: String,
    pub scheme: String,
    pub level: String,
    pub year: i64,
    /// people, registered, sat, passed, certified or stage:NAME.
    pub figure: String,
    pub maintained: i64,
    pub recounted: i64,
}

impl From<Difference> for DifferenceOut {
    fn from(d: Difference) -> Self {
        Self {
            kind: d.kind,
            key: d.key,
            scheme: d.scheme,
            level: d.level,
            year: d.year,
            figure: d.figure,
            maintained: d.maintained,
            recounted: d.recounted,
        }
    }
}

/// An alarm.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Alarm")]
pub struct AlarmOut {
    pub id: i64,
    pub kind: String,
    pub subject: String,
    /// Differences in all; the first are listed.
    pub count: i64,
    pub differences: Vec<DifferenceOut>,
    /// People whose facts differ from their records, the first of them.
    pub people: Vec<i64>,
    pub raised_at: DateTime<Utc>,
    pub cleared_at: Option<DateTime<Utc>>,
    pub cleared_why: String,
}

impl From<Alarm> for AlarmOut {
    fn from(a: Alarm) -> Self {
        Self {
            id: a.id,
            kind: a.kind,
            subject: a.subject,
            count: a.details.count,
            differences: a.details.differences.into_iter().map(DifferenceOut::from).collect(),
            people: a.details.people,
            raised_at: a.raised_at,
            cleared_at: a.cleared_at,
            cleared_why: a.details.cleared_why,
        }
    }
}

/// Why an alarm may be cleared.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClearAlarm", deny_unknown_fields)]
pub struct ClearIn {
    #[oai(validator(min_length = 1, max_length = 500))]
    pub why: String,
}

pub struct ReportsApi;

#[OpenApi(tag = "Tag::Tally")]
impl ReportsApi {
    /// The tally.
    ///
    /// Registered, sat, passed and certified of what the token's user sees, with rates.
    #[oai(path = "/tally", method = "get", operation_id = "get_tally")]
    async fn tally(
        &self,
        cx: Cx,
        user: ApiUser,
        /// How the rows are cut; level when absent.
        by: Query<Option<ByIn>>,
        /// Count what was effective by this day; today when absent.
        as_of: Query<Option<NaiveDate>>,
        /// The exam year; the latest with records when absent.
        year: Query<Option<i64>>,
        /// Only this region and all below it.
        region: Query<Option<String>>,
    ) -> api::Result<Json<TallyOut>> {
        let by = by.0.map_or_else(By::default, By::from);
        let ask = Ask { as_of: as_of.0, by, year: year.0, region: region.0.filter(|r| !r.is_empty()) };
        Ok(Json(tally::tally(&cx, &user, &ask).await?.into()))
    }

    /// The people behind a figure of the tally.
    ///
    /// As many as the figure says: of the total or, with `by` and `key`, of one row.
    #[oai(path = "/tally/people", method = "get", operation_id = "list_tally_people")]
    #[expect(clippy::too_many_arguments, reason = "the parameters of the figure and of the page")]
    async fn people(
        &self,
        cx: Cx,
        user: ApiUser,
        measure: Query<MeasureIn>,
        by: Query<Option<ByIn>>,
        /// The row's key; the total when absent.
        key: Query<Option<String>>,
        as_of: Query<Option<NaiveDate>>,
        year: Query<Option<i64>>,
        region: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<PersonBehindOut>>> {
        let by = by.0.map_or_else(By::default, By::from);
        let ask = Ask { as_of: as_of.0, by, year: year.0, region: region.0.filter(|r| !r.is_empty()) };
        let group = match key.0 {
            None => None,
            Some(key) => {
                let t = tally::tally(&cx, &user, &ask).await?;
                let row = t.rows.into_iter().find(|r| r.key == key);
                Some(row.ok_or_else(|| crate::core::Error::not_found("error-not-found"))?.group)
            }
        };
        let behind = Behind { ask, measure: measure.0.into(), group };
        let page = tally::people_behind(&cx, &user, &behind, &api::page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, PersonBehindOut::from)))
    }

    /// The nightly snapshots, the newest first.
    ///
    /// Figures of what the token's user sees; of a scope that no snapshot keeps there are none.
    #[oai(path = "/tally/snapshots", method = "get", operation_id = "list_tally_snapshots")]
    async fn snapshots(
        &self,
        cx: Cx,
        user: ApiUser,
        /// Up to and including this day.
        until: Query<Option<NaiveDate>>,
        limit: Query<Option<u64>>,
    ) -> api::Result<Json<Vec<SnapshotOut>>> {
        let list = nightly::snapshots(&cx, &user, until.0, limit.0.unwrap_or(30)).await?;
        let own = |s: Snapshot| {
            let total: Figures = nightly::own_total(&user, &s)?;
            Some(SnapshotOut { as_of: s.as_of, taken_at: s.taken_at, year: s.year, total: Line::from(total).into() })
        };
        Ok(Json(list.into_iter().filter_map(own).collect()))
    }

    /// Alarms, open and cleared, the newest first.
    #[oai(path = "/alarms", method = "get", operation_id = "list_alarms")]
    async fn alarms(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<AlarmOut>>> {
        let page = alarm::list(&cx, &user, &api::page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, AlarmOut::from)))
    }

    /// Put the running figures right from the records, in the background; clears the alarms when done.
    #[oai(path = "/alarms/repair", method = "post", operation_id = "repair_tally")]
    async fn repair(&self, cx: Cx, user: ApiUser) -> api::Result<()> {
        Ok(super::repair::ask(&cx, &user).await?)
    }

    /// Clear an alarm, with a reason.
    #[oai(path = "/alarms/:id/clear", method = "post", operation_id = "clear_alarm")]
    async fn clear(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<ClearIn>) -> api::Result<()> {
        Ok(alarm::clear(&cx, &user, id.0, &body.0.why).await?)
    }
}
