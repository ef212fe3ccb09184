//! The nightly job `tally`: derives anew the people whose stage moves with the date, recounts everything from the source
//! rows in one pass, keeps the figures as a dated snapshot, and compares them with what is maintained.
//!
//! It reads in one snapshot of the database, so changes made meanwhile count in both figures or in neither. Running it
//! twice on one day replaces that day's snapshot.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::alarm;
use super::entity::snapshot;
use super::recount::recount;
use super::tally;
use super::tally::rules::{self, By, Cube, Difference};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::pipeline::{self, GroupKey};

/// An alarm lists so many differences and people; the rest is a number.
const LISTED: usize = 50;
/// Regions with codes up to this length (counties) are kept in a snapshot.
const REGION_DIGITS: usize = 6;

/// What a snapshot keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    pub total: rules::Figures,
    /// By `scheme/level`.
    pub levels: BTreeMap<String, rules::Figures>,
    /// By region code, down to counties.
    pub regions: BTreeMap<String, rules::Figures>,
    /// The last entry of the audit log then: what came after it explains a difference.
    pub audit_id: i64,
}

/// A snapshot as its readers get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub id: i64,
    pub as_of: NaiveDate,
    pub taken_at: DateTime<Utc>,
    pub year: Option<i64>,
    pub figures: Figures,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub snapshot: Figures,
    pub year: Option<i64>,
    /// Counters that differ from the recount.
    pub differences: Vec<Difference>,
    /// People whose facts differ from their source rows.
    pub people: Vec<i64>,
    /// People derived anew because of the date.
    pub rederived: u64,
}

impl Outcome {
    /// The sentence for the job's history.
    #[must_use]
    pub fn msg(&self) -> Msg {
        let key = if self.differences.is_empty() && self.people.is_empty() {
            "reports-job-done"
        } else {
            "reports-job-differs"
        };
        let t = &self.snapshot.total;
        Msg::new(key)
            .with("year", self.year.map(|y| y.to_string()).unwrap_or_default())
            .with("registered", t.registered)
            .with("sat", t.sat)
            .with("passed", t.passed)
            .with("certified", t.certified)
            .with("differences", self.differences.len())
            .with("people", self.people.len())
    }
}

/// Runs the job for today.
///
/// # Errors
/// What the database reports.
pub async fn run(cx: &Cx, who: &Actor) -> Result<Outcome> {
    let schemes = &*crate::schemes::of(cx)?;
    let mut rederived = 0;
    loop {
        let n = pipeline::rederive_due(cx, 500).await?;
        rederived += n;
        if n == 0 {
            break;
        }
    }
    let today = cx.today();
    let read = cx.begin_read().await?;
    let found = recount(&read, schemes, who, today).await?;
    let audit_id = db::int(&read, "SELECT MAX(id) FROM audit_entry", []).await?.unwrap_or_default();
    drop(read);

    let year = found.as_of.last_year();
    let outcome = Outcome {
        snapshot: figures(&found.as_of, year, audit_id),
        year,
        differences: found.differences,
        people: found.people,
        rederived,
    };
    let txn = cx.begin().await?;
    store(&txn, cx, today, &outcome).await?;
    let counters = alarm::Details {
        differences: outcome.differences.iter().take(LISTED).cloned().collect(),
        count: count(outcome.differences.len()),
        ..alarm::Details::default()
    };
    alarm::settle(&txn, cx, who, alarm::COUNTERS, counters).await?;
    let facts = alarm::Details {
        people: outcome.people.iter().take(LISTED).copied().collect(),
        count: count(outcome.people.len()),
        ..alarm::Details::default()
    };
    alarm::settle(&txn, cx, who, alarm::FACTS, facts).await?;
    txn.commit().await?;
    Ok(outcome)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn figures(cube: &Cube, year: Option<i64>, audit_id: i64) -> Figures {
    let top = [GroupKey { kind: "all", key: String::new() }];
    let (levels, total) = rules::assemble(cube, &top, By::Level, year);
    let (regions, _) = rules::assemble(cube, &top, By::Region, year);
    Figures {
        total,
        levels: levels.into_iter().map(|r| (r.key, r.figures)).collect(),
        regions: regions.into_iter().filter(|r| r.key.len() <= REGION_DIGITS).map(|r| (r.key, r.figures)).collect(),
        audit_id,
    }
}

async fn store(txn: &impl ConnectionTrait, cx: &Cx, as_of: NaiveDate, outcome: &Outcome) -> Result<()> {
    let year = outcome.year.unwrap_or_default();
    // A year with its first records today: the morning's snapshot counted another year.
    snapshot::Entity::delete_many()
        .filter(snapshot::Column::AsOf.eq(as_of))
        .filter(snapshot::Column::Scheme.eq(""))
        .filter(snapshot::Column::Year.ne(year))
        .exec(txn)
        .await?;
    let row = snapshot::ActiveModel {
        id: NotSet,
        as_of: Set(as_of),
        taken_at: Set(cx.now()),
        scheme: Set(String::new()),
        figures: Set(serde_json::to_string(&outcome.snapshot).map_err(Error::internal)?),
        year: Set(year),
    };
    use snapshot::Column as C;
    snapshot::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([C::AsOf, C::Scheme, C::Year]).update_columns([C::TakenAt, C::Figures]).to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn readable(row: snapshot::Model) -> Snapshot {
    Snapshot {
        id: row.id,
        as_of: row.as_of,
        taken_at: row.taken_at,
        year: Some(row.year).filter(|y| *y > 0),
        figures: serde_json::from_str(&row.figures).unwrap_or_default(),
    }
}

/// The figures of a snapshot that are the reader's to see: all, or the sum of their regions.
#[must_use]
pub fn own_total(who: &Actor, s: &Snapshot) -> Option<rules::Figures> {
    if who.sees_all() {
        return Some(s.figures.total);
    }
    match (who.role, who.scope.regions.as_slice()) {
        (Role::Administrator | Role::Observer, [one]) => s.figures.regions.get(one).copied(),
        _ => None,
    }
}

/// The latest snapshots, the newest first, up to and including a day.
///
/// # Errors
/// [`Error::Forbidden`], or what the database reports.
pub async fn snapshots(cx: &Cx, who: &Actor, until: Option<NaiveDate>, limit: u64) -> Result<Vec<Snapshot>> {
    who.require(&[Role::Administrator, Role::Observer, Role::Trainer])?;
    let mut find = snapshot::Entity::find()
        .filter(snapshot::Column::Scheme.eq(""))
        .order_by_desc(snapshot::Column::AsOf)
        .limit(limit.clamp(1, 200));
    if let Some(day) = until {
        find = find.filter(snapshot::Column::AsOf.lte(day));
    }
    Ok(find.all(cx.read()).await?.into_iter().map(readable).collect())
}

/// How many changes of each kind of record came after a snapshot; what explains that its figures are others than now.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Since {
    /// Table of the record: registration, result, certificate, person.
    pub entity: String,
    pub n: i64,
}

/// The changes after a snapshot, by kind of record.
///
/// # Errors
/// What the database reports.
pub async fn changes_since(cx: &Cx, s: &Snapshot) -> Result<Vec<Since>> {
    let sql = "SELECT entity, COUNT(*) AS n FROM audit_entry WHERE id > ? AND entity IN ('registration', 'result', \
               'certificate', 'person', 'enrolment') GROUP BY entity ORDER BY entity";
    db::rows(cx.read(), sql, [s.figures.audit_id.into()]).await
}

/// The tally as it is now against the last snapshot before today, for pages.
#[derive(Clone, Debug)]
pub struct Compared {
    pub snapshot: Snapshot,
    pub then: rules::Figures,
    pub now: rules::Figures,
    pub differs: bool,
    pub since: Vec<Since>,
}

impl Compared {
    /// The figures that differ: the key of their name, then and now.
    #[must_use]
    pub fn rows(&self) -> Vec<(&'static str, i64, i64)> {
        let (a, b) = (&self.then, &self.now);
        let all = [
            ("reports-people", a.people, b.people),
            ("reports-registered", a.registered, b.registered),
            ("reports-sat", a.sat, b.sat),
            ("reports-passed", a.passed, b.passed),
            ("reports-certified", a.certified, b.certified),
        ];
        all.into_iter().filter(|(_, then, now)| then != now).collect()
    }
}

/// Compares a tally of all the reader sees with the snapshot of its day (or the last one before it).
///
/// # Errors
/// What the database reports.
pub async fn compare(cx: &Cx, who: &Actor, t: &tally::Tally) -> Result<Option<Compared>> {
    let Some(snapshot) = snapshots(cx, who, Some(t.as_of), 1).await?.into_iter().next() else { return Ok(None) };
    let Some(then) = own_total(who, &snapshot).filter(|_| snapshot.year == t.year) else { return Ok(None) };
    // An earlier day's figures are compared with that night's; a later night's would be another question.
    if t.counted && snapshot.as_of != t.as_of {
        return Ok(None);
    }
    let differs = then != t.total.figures;
    let since = if differs { changes_since(cx, &snapshot).await? } else { Vec::new() };
    Ok(Some(Compared { snapshot, then, now: t.total.figures, differs, since }))
}
