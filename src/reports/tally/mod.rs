//! The tally: how many registered, sat, passed and hold a certificate, by region, cohort, campus, base, class, level or
//! exam year. One function, [`tally`], serves page, API, command line and job, so the same question has one answer.
//!
//! - Without a date (or with today's) the figures come from the counters that every change moves in its own transaction;
//!   where the asker's scope cuts across the counters' groups, from the pipeline's facts of the people in scope.
//! - With an earlier date they are counted from the source rows effective on or before it, as known now.
//! - The exam year counted is the one asked for, else the latest with records effective by the date. The total is always
//!   of that year, whatever the rows are cut by, and counts each person once per level.

pub mod behind;
mod labels;
pub(in crate::reports) mod maintained;
pub mod rules;
pub mod walk;

use std::ops::ControlFlow;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::Serialize;

pub use behind::{Behind, Measure, PersonBehind, people_behind};
pub use rules::{By, Cube, Figures};

use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::pipeline::GroupKey;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Today when absent; may not lie in the future.
    pub as_of: Option<NaiveDate>,
    pub by: By,
    /// The exam year to count; the latest with records when absent.
    pub year: Option<i64>,
    /// Only this region and all below it.
    pub region: Option<String>,
}

/// The answer; as JSON it is the contract of `yanzhen tally --json` and of the API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tally {
    pub as_of: NaiveDate,
    pub by: &'static str,
    /// The exam year of the total; null when there are no exam records.
    pub year: Option<i64>,
    pub rows: Vec<Row>,
    pub total: Line,
    /// Counted now from the source rows (an earlier date), not from maintained figures.
    #[serde(skip)]
    pub counted: bool,
}

/// One group's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Region, cohort or class code, campus name, level, year; for a base `REGION/CODE`.
    pub key: String,
    pub label: String,
    #[serde(flatten)]
    pub line: Line,
    /// The key the group is kept under, for the list of people behind a figure.
    #[serde(skip)]
    pub group: String,
}

/// Figures with their rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    #[serde(flatten)]
    pub figures: Figures,
    /// passed ÷ sat.
    pub pass_rate_sat: Option<f64>,
    /// passed ÷ registered.
    pub pass_rate_registered: Option<f64>,
    /// certified ÷ people.
    pub certification_rate: Option<f64>,
}

impl From<Figures> for Line {
    fn from(f: Figures) -> Self {
        Self {
            figures: f,
            pass_rate_sat: rules::rate(f.passed, f.sat),
            pass_rate_registered: rules::rate(f.passed, f.registered),
            certification_rate: rules::rate(f.certified, f.people),
        }
    }
}

impl Line {
    /// certified ÷ passed: how many certificates stand against this year's passes.
    #[must_use]
    pub fn certified_to_passed(&self) -> Option<f64> {
        rules::rate(self.figures.certified, self.figures.passed)
    }
}

/// Counts.
///
/// # Errors
/// [`Error::Forbidden`] for supervisors and interns, [`Error::Invalid`] for a day in the future or a region out of
/// scope, or what the database reports.
pub async fn tally(cx: &Cx, who: &Actor, ask: &Ask) -> Result<Tally> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Observer])?;
    let today = cx.today();
    let as_of = ask.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Error::field("as_of", Msg::new("reports-as-of-future").with("today", today)));
    }
    check_region(who, ask.region.as_deref())?;
    let schemes = &*crate::schemes::of(cx)?;
    let db = cx.read();
    let now = as_of == today;
    let year = match ask.year {
        Some(y) => Some(y),
        None if now => maintained::last_year(db).await?,
        None => last_year_by(db, as_of).await?,
    };
    let (cube, top) = match maintained::groups(who, ask).filter(|_| now) {
        Some(top) => (maintained::cube(db, who, ask, &top, year).await?, top),
        None => {
            let region = ask.region.as_deref();
            let walk = walk::Walk { schemes, who, region, facts: now, source: !now, after: 0 };
            let date = if now { None } else { Some(as_of) };
            (count(db, &walk, date).await?, vec![GroupKey { kind: "all", key: String::new() }])
        }
    };
    let (raw, total) = rules::assemble(&cube, &top, ask.by, year);
    let rows = labels::rows(db, schemes, who, ask, raw).await?;
    Ok(Tally { as_of, by: ask.by.name(), year, rows, total: total.into(), counted: !now })
}

/// Counts people on a walk: their facts, or with a date (or `source` without facts) their source rows.
async fn count(db: &impl ConnectionTrait, walk: &walk::Walk<'_>, as_of: Option<NaiveDate>) -> Result<Cube> {
    let mut cube = Cube::default();
    walk.run(db, |w| {
        match &w.facts {
            Some(kept) => cube.add(&w.groups, &kept.counted),
            None if walk.source => {
                cube.add(&w.groups, &w.source.counted(walk.schemes, &w.region_code, as_of));
            }
            None => {}
        }
        ControlFlow::Continue(())
    })
    .await?;
    Ok(cube)
}

fn check_region(who: &Actor, region: Option<&str>) -> Result<()> {
    let Some(code) = region else { return Ok(()) };
    let fault = |key: &str| Err(Error::field("region", Msg::new(key).with("region", code)));
    if code.is_empty() || code.len() > 12 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return fault("reports-region-form");
    }
    let limited = matches!(who.role, Role::Administrator | Role::Observer) && !who.scope.regions.is_empty();
    if limited && !who.scope.regions.iter().any(|r| code.starts_with(r.as_str())) {
        return fault("reports-region-scope");
    }
    Ok(())
}

/// The latest exam year with a registration or a paper sat, effective by a day.
async fn last_year_by(db: &impl ConnectionTrait, as_of: NaiveDate) -> Result<Option<i64>> {
    let sql = "SELECT MAX(c.year) FROM exam_cycle c WHERE EXISTS (SELECT 1 FROM registration r WHERE r.cycle_id = c.id \
               AND r.state = 'active' AND r.registered_on <= ?) OR EXISTS (SELECT 1 FROM result x WHERE x.cycle_id = c.id \
               AND x.code <> 'absent' AND x.published_on <= ?)";
    db::int(db, sql, [as_of.into(), as_of.into()]).await
}
