//! Service figures by county, town, station, month, type of service or group served.
//!
//! Every source is a function that gives sums by the key of the grouping; [`figures`] adds the sources up. A source whose
//! records cannot be grouped that way (an hour entry has no station) gives nothing for it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::records::{self, Find};
use crate::core::page::Page;
use crate::core::{Actor, Error, Lang, Result, Role};
use crate::db;
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::directory::rules as places;
use crate::people::scope;
use crate::services::kinds::ServiceKinds;

/// What the rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    County,
    #[default]
    Town,
    Station,
    Month,
    Kind,
    Beneficiary,
}

impl By {
    pub const ALL: [Self; 6] = [Self::County, Self::Town, Self::Station, Self::Month, Self::Kind, Self::Beneficiary];

    /// The word in address and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Town => "town",
            Self::Station => "station",
            Self::Month => "month",
            Self::Kind => "kind",
            Self::Beneficiary => "beneficiary",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    pub by: By,
    /// Empty for all the actor sees.
    pub region: String,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Sums of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
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

impl Line {
    fn add(&mut self, o: &Self) {
        self.households += o.households;
        self.hardship += o.hardship;
        self.activities += o.activities;
        self.person_times += o.person_times;
        self.practicum_times += o.practicum_times;
        self.practicum_households += o.practicum_households;
    }

    #[must_use]
    pub fn all_times(&self) -> i64 {
        self.person_times + self.practicum_times
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub label: String,
    pub line: Line,
}

/// Rows and their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub rows: Vec<Row>,
    pub total: Line,
}

#[derive(FromQueryResult)]
struct Sum {
    key: String,
    households: i64,
    hardship: i64,
    activities: i64,
    person_times: i64,
}

#[derive(FromQueryResult)]
struct Named {
    key: String,
    name: String,
}

async fn service_records(db: &impl ConnectionTrait, who: &Actor, ask: &Ask) -> Result<Vec<Sum>> {
    let find = Find { region: ask.region.clone(), from: ask.from, to: ask.to, ..Find::default() };
    let w = records::wanted(who, &find);
    let (key, from) = match ask.by {
        By::County => ("SUBSTR(r.county_code, 1, 6)", "service_record r"),
        By::Town => (
            "CASE WHEN LENGTH(r.region_code) >= 9 THEN SUBSTR(r.region_code, 1, 9) WHEN s.level = 'county' \
             THEN r.county_code ELSE r.county_code || '/' || s.town END",
            "service_record r JOIN station s ON s.id = r.station_id",
        ),
        By::Station => ("CAST(r.station_id AS TEXT)", "service_record r"),
        By::Month => ("SUBSTR(CAST(r.served_on AS TEXT), 1, 7)", "service_record r"),
        By::Kind => ("r.kind", "service_record r"),
        By::Beneficiary => ("r.beneficiary", "service_record r"),
    };
    let sql = format!("SELECT {key} AS key, {} FROM {from} WHERE {} GROUP BY 1", records::SUMS, w.sql);
    db::rows(db, &sql, w.values).await
}

const ENTRIES: &str = "hour_entry h JOIN placement pl ON pl.id = h.placement_id JOIN base b ON b.id = pl.base_id \
                       JOIN person p ON p.id = h.person_id";

/// Confirmed hour entries at bases of the region, for a trainer those of the people they see.
fn confirmed(who: &Actor, ask: &Ask) -> Where {
    let mut w = Where::default();
    w.and("h.state = 'confirmed' AND pl.state <> 'withdrawn'", []);
    if who.is(&[Role::Administrator, Role::Observer]) {
        w.scope(who, "b.region_code");
    } else {
        let (sql, values) = scope::sql(who);
        w.and(&sql, values);
    }
    w.region("b.region_code", &ask.region);
    if let Some(day) = ask.from {
        w.and("h.worked_on >= ?", [day.into()]);
    }
    if let Some(day) = ask.to {
        w.and("h.worked_on <= ?", [day.into()]);
    }
    w
}

/// An hour entry behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EntryRow {
    pub id: i64,
    pub person_id: i64,
    pub person_name: String,
    pub placement_id: i64,
    pub base: String,
    pub worked_on: NaiveDate,
    pub beneficiary: String,
    pub beneficiary_count: i64,
    pub households: i64,
    pub project_no: String,
}

/// The orders of [`entries`].
pub const ORDERS: &[Order] = &[
    Order::text("worked_on", "CAST(h.worked_on AS TEXT)"),
    Order::text("person", "p.name_key"),
    Order::number("count", "h.beneficiary_count"),
];

/// The confirmed hour entries behind the person-times and households of a group (empty: of all groups).
///
/// # Errors
/// [`Error::Forbidden`] for an observer, or what the database reports.
pub async fn entries(
    db: &impl ConnectionTrait,
    who: &Actor,
    ask: &Ask,
    beneficiary: &str,
    sort: &str,
    slice: &Slice,
) -> Result<Page<EntryRow>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let mut w = confirmed(who, ask);
    w.and("(h.beneficiary_count > 0 OR h.households > 0)", []);
    w.equal("h.beneficiary", Some(beneficiary));
    let columns = "h.id, h.person_id, p.name AS person_name, h.placement_id, b.name AS base, h.worked_on, h.beneficiary, \
                   h.beneficiary_count, h.households, h.project_no";
    list::page(db, columns, ENTRIES, "h.id", w, Sort::of(ORDERS, sort), slice).await
}

/// Confirmed hour entries of interns; their place is that of the base. An entry says neither who is in hardship nor what
/// was an activity.
async fn hour_entries(db: &impl ConnectionTrait, who: &Actor, ask: &Ask) -> Result<Vec<Sum>> {
    let key = match ask.by {
        By::County => "SUBSTR(b.region_code, 1, 6)",
        By::Town => {
            "CASE WHEN LENGTH(b.region_code) >= 9 THEN SUBSTR(b.region_code, 1, 9) WHEN b.town = '' THEN b.region_code \
             ELSE b.region_code || '/' || b.town END"
        }
        By::Month => "SUBSTR(CAST(h.worked_on AS TEXT), 1, 7)",
        By::Beneficiary => "h.beneficiary",
        By::Station | By::Kind => return Ok(Vec::new()),
    };
    let w = confirmed(who, ask);
    let sql = format!(
        "SELECT {key} AS key, CAST(COALESCE(SUM(h.households), 0) AS BIGINT) AS households, \
         CAST(0 AS BIGINT) AS hardship, CAST(0 AS BIGINT) AS activities, \
         CAST(COALESCE(SUM(h.beneficiary_count), 0) AS BIGINT) AS person_times FROM {ENTRIES} \
         WHERE {} GROUP BY 1",
        w.sql
    );
    db::rows(db, &sql, w.values).await
}

/// The figures of all sources.
///
/// # Errors
/// What the database reports.
pub async fn figures(
    db: &impl ConnectionTrait,
    who: &Actor,
    ask: &Ask,
    kinds: &ServiceKinds,
    lang: Lang,
) -> Result<Figures> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let towns = if ask.by == By::Town { towns(db, who).await? } else { HashMap::new() };
    // A town that one source knows by its code and another by its name is one town.
    let one = |key: String| match key.split_once('/') {
        Some((county, town)) => towns.get(&(county.to_owned(), places::key(town))).cloned().unwrap_or(key),
        None => key,
    };
    for s in service_records(db, who, ask).await? {
        let line = Line {
            households: s.households,
            hardship: s.hardship,
            activities: s.activities,
            person_times: s.person_times,
            ..Line::default()
        };
        lines.entry(one(s.key)).or_default().add(&line);
    }
    for s in hour_entries(db, who, ask).await? {
        let line = Line { practicum_times: s.person_times, practicum_households: s.households, ..Line::default() };
        lines.entry(one(s.key)).or_default().add(&line);
    }
    let names = names(db, ask.by, &lines).await?;
    let mut out = Figures::default();
    for (key, line) in lines {
        out.total.add(&line);
        let label = match (ask.by, key.split_once('/')) {
            (By::Kind, _) => kinds.text(&key, lang),
            (By::Town, Some((_, town))) => town.to_owned(),
            _ => names.get(&key).cloned().unwrap_or_else(|| key.clone()),
        };
        out.rows.push(Row { key, label, line });
    }
    Ok(out)
}

/// Towns by county and compared name.
async fn towns(db: &impl ConnectionTrait, who: &Actor) -> Result<HashMap<(String, String), String>> {
    let mut w = Where::default();
    w.scope(who, "g.code");
    let sql = format!("SELECT g.code AS key, g.name FROM region g WHERE g.level = 4 AND {}", w.sql);
    let rows = db::rows::<Named>(db, &sql, w.values).await?;
    let county = |code: &str| code.get(..6).unwrap_or_default().to_owned();
    Ok(rows.into_iter().map(|r| ((county(&r.key), places::key(&r.name)), r.key)).collect())
}

async fn names(db: &impl ConnectionTrait, by: By, lines: &BTreeMap<String, Line>) -> Result<HashMap<String, String>> {
    let keys: Vec<&String> = lines.keys().filter(|k| !k.contains('/')).collect();
    let mut out = HashMap::new();
    let sql = match by {
        By::County | By::Town => "SELECT g.code AS key, g.name FROM region g WHERE g.code IN",
        By::Station => "SELECT CAST(s.id AS TEXT) AS key, s.name FROM station s WHERE s.id IN",
        _ => return Ok(out),
    };
    for chunk in keys.chunks(db::CHUNK) {
        let values: Vec<sea_orm::Value> = match by {
            By::Station => chunk.iter().filter_map(|k| k.parse::<i64>().ok()).map(Into::into).collect(),
            _ => chunk.iter().map(|k| k.as_str().into()).collect(),
        };
        let sql = format!("{sql} ({})", db::places(values.len()));
        out.extend(db::rows::<Named>(db, &sql, values).await?.into_iter().map(|r| (r.key, r.name)));
    }
    Ok(out)
}
