//! Reading stations.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};

use super::Station;
use crate::core::page::Page;
use crate::core::{Actor, Error, Result};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::directory::rules as places;
use crate::stations::entity::{station, visible_to};

/// A station as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct StationRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub level: String,
    pub phase: String,
    pub state: String,
    pub county_code: String,
    pub region_code: String,
    pub town: String,
    pub parent_id: Option<i64>,
    pub parent: Option<String>,
    /// Empty for an observer.
    pub head: String,
    pub phone: String,
    pub opened_on: Option<NaiveDate>,
    /// The latest check: its day, its points, whether it met the standard.
    pub checked_on: Option<NaiveDate>,
    pub points: Option<i64>,
    pub of_points: Option<i64>,
    pub meets: Option<bool>,
    pub version: i64,
}

const COLUMNS: &str = "s.id, s.code, s.name, s.level, s.phase, s.state, s.county_code, s.region_code, s.town, s.parent_id, \
                       p.name AS parent, s.head, s.phone, s.opened_on, c.checked_on, c.points, c.of_points, c.meets, s.version";

/// With the latest check of each.
const FROM: &str = "station s LEFT JOIN station p ON p.id = s.parent_id LEFT JOIN station_check c ON c.id = \
                    (SELECT k.id FROM station_check k WHERE k.station_id = s.id ORDER BY k.checked_on DESC, k.id DESC LIMIT 1)";

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::text("code", "s.code"),
    Order::text("name", "s.name"),
    Order::text("level", "s.level"),
    Order::text("town", "s.town"),
    Order::text("phase", "s.phase"),
    Order::text("opened_on", "COALESCE(CAST(s.opened_on AS TEXT), '')"),
    Order::number("points", "COALESCE(c.points, -1)"),
];

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a name, code or town.
    pub text: String,
    pub level: String,
    pub phase: String,
    pub state: String,
    pub region: String,
    /// `met`, `missed` or `unchecked`: how the latest check came out.
    pub check: String,
    pub parent: Option<i64>,
}

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["s.name", "s.code", "s.town"], &find.text);
    w.equal("s.level", Some(&find.level));
    w.equal("s.phase", Some(&find.phase));
    w.equal("s.state", Some(&find.state));
    w.region("s.region_code", &find.region);
    match find.check.as_str() {
        "met" => w.and("c.meets = ?", [true.into()]),
        "missed" => w.and("c.meets = ?", [false.into()]),
        "unchecked" => w.and("c.id IS NULL", []),
        _ => {}
    }
    if let Some(id) = find.parent {
        w.and("s.parent_id = ?", [id.into()]);
    }
    w
}

/// Stations, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<StationRow>> {
    let sort = Sort::of(ORDERS, sort);
    let page = list::page(cx.read(), COLUMNS, FROM, "s.id", wanted(who, find), sort, slice).await?;
    Ok(page.map(|mut m: StationRow| {
        if !who.sees_identities() {
            m.head.clear();
            m.phone.clear();
        }
        m
    }))
}

/// How many there are of each level, over what `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn count(db: &impl ConnectionTrait, who: &Actor, find: &Find) -> Result<HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        level: String,
        n: i64,
    }
    let w = wanted(who, find);
    let from = if find.check.is_empty() { "station s" } else { FROM };
    let sql = format!("SELECT s.level, COUNT(*) AS n FROM {from} WHERE {} GROUP BY s.level", w.sql);
    let rows: Vec<Row> = db::rows(db, &sql, w.values).await?;
    Ok(rows.into_iter().map(|r| (r.level, r.n)).collect())
}

/// One station, if the actor sees it.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see.
pub async fn visible(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Station> {
    let mut w = visible_to(who);
    w.and("s.id = ?", [id.into()]);
    let sql = format!("SELECT s.* FROM station s WHERE {}", w.sql);
    db::rows::<Station>(db, &sql, w.values).await?.pop().ok_or_else(|| Error::not_found("error-not-found"))
}

/// One station as it may be shown: without names for an observer.
///
/// # Errors
/// As [`visible`].
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Station> {
    let mut m = visible(db, who, id).await?;
    if !who.sees_identities() {
        m.head.clear();
        m.phone.clear();
    }
    Ok(m)
}

/// Names by id, whoever asks: for records that already point at them.
///
/// # Errors
/// What the database reports.
pub async fn names(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut out = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = station::Entity::find().filter(station::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        out.extend(rows.into_iter().map(|m| (m.id, m.name)));
    }
    Ok(out)
}

/// Stations in memory by code and name, for imports that name them.
#[derive(Clone, Debug, Default)]
pub struct Index {
    all: HashMap<i64, Station>,
    by_code: HashMap<String, Vec<i64>>,
    by_name: HashMap<String, Vec<i64>>,
}

impl Index {
    /// Reads those of a region and below it (`county` empty: all), closed ones too, since records tell of the past.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, who: &Actor, county: &str) -> Result<Self> {
        let mut w = visible_to(who);
        w.region("s.region_code", county);
        let sql = format!("SELECT s.* FROM station s WHERE {}", w.sql);
        let mut out = Self::default();
        for m in db::rows::<Station>(db, &sql, w.values).await? {
            out.by_code.entry(places::key(&m.code).to_lowercase()).or_default().push(m.id);
            out.by_name.entry(m.name_key.clone()).or_default().push(m.id);
            out.all.insert(m.id, m);
        }
        Ok(out)
    }

    fn only(&self, ids: Option<&Vec<i64>>) -> Option<&Station> {
        match ids?.as_slice() {
            [id] => self.all.get(id),
            _ => None,
        }
    }

    /// The station of a code, if only one has it.
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&Station> {
        self.only(self.by_code.get(&places::key(code).to_lowercase()))
    }

    /// The station of a name, if only one has it.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<&Station> {
        self.only(self.by_name.get(&places::key(name)))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Station> {
        self.all.values()
    }
}
