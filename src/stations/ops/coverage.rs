//! How far stations cover the regions: by level, and by the counties or towns of a region.
//!
//! What is to be covered is what the region tree knows at that level, and towns that stations name though the tree does
//! not know them. A planned or closed station covers nothing.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::core::{Actor, Result};
use crate::db;
use crate::db::list::Where;
use crate::stations::entity::visible_to;
use crate::stations::rules::Level;

/// The stations and places of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCoverage {
    /// Stations that are open.
    pub stations: i64,
    /// Of these, how many met a standard at their latest check.
    pub meet: i64,
    /// Counties, towns or villages that are known; 0 when none is.
    pub places: i64,
    /// Of these, how many have an open station of their level.
    pub covered: i64,
}

impl LevelCoverage {
    /// Covered places in whole percent; absent when no place is known.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        (self.places > 0).then(|| self.covered * 100 / self.places)
    }
}

/// The three levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub county: LevelCoverage,
    pub town: LevelCoverage,
    pub village: LevelCoverage,
}

impl Coverage {
    #[must_use]
    pub fn of(&self, level: Level) -> LevelCoverage {
        match level {
            Level::County => self.county,
            Level::Town => self.town,
            Level::Village => self.village,
        }
    }

    #[must_use]
    pub fn stations(&self) -> i64 {
        self.county.stations + self.town.stations + self.village.stations
    }
}

/// A county or town in the table below a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageRow {
    /// Empty for a town that the region tree does not know.
    pub code: String,
    pub name: String,
    pub coverage: Coverage,
}

#[derive(FromQueryResult)]
struct Counted {
    code: String,
    level: String,
    stations: i64,
    meet: i64,
}

#[derive(FromQueryResult)]
struct Place {
    code: String,
    name: String,
    level: i64,
}

/// Open stations by the place they cover. The place is a code, or `county/town` for a town that is not in the tree.
const BY_PLACE: &str = "SELECT CASE WHEN s.level = 'county' THEN SUBSTR(s.county_code, 1, 6) \
     WHEN LENGTH(s.region_code) >= 9 THEN s.region_code WHEN s.town = '' THEN s.county_code \
     ELSE s.county_code || '/' || s.town END AS code, s.level, COUNT(*) AS stations, \
     CAST(COALESCE(SUM(CASE WHEN (SELECT k.meets FROM station_check k WHERE k.station_id = s.id \
     ORDER BY k.checked_on DESC, k.id DESC LIMIT 1) THEN 1 ELSE 0 END), 0) AS BIGINT) AS meet \
     FROM station s WHERE s.state = 'active' AND s.phase <> 'planned' AND";

async fn counted(db: &impl ConnectionTrait, who: &Actor, region: &str) -> Result<Vec<Counted>> {
    let mut w = visible_to(who);
    w.region("s.region_code", region);
    db::rows(db, &format!("{BY_PLACE} {} GROUP BY 1, s.level", w.sql), w.values).await
}

async fn places(db: &impl ConnectionTrait, who: &Actor, region: &str) -> Result<Vec<Place>> {
    let mut w = Where::default();
    w.scope(who, "r.code");
    w.region("r.code", region);
    w.and("r.level >= 3", []);
    db::rows(db, &format!("SELECT r.code, r.name, r.level FROM region r WHERE {} ORDER BY r.code", w.sql), w.values)
        .await
}

/// Adds up stations over places; `group` gives the group of a place, `None` to leave it out.
fn add_up(counted: &[Counted], places: &[Place], group: impl Fn(&str) -> Option<String>) -> BTreeMap<String, Coverage> {
    let mut out: BTreeMap<String, Coverage> = BTreeMap::new();
    // Place → whether it is covered, by level.
    let mut known: BTreeMap<(Level, String), bool> = BTreeMap::new();
    for p in places {
        let level = match p.level {
            3 => Level::County,
            4 => Level::Town,
            _ => Level::Village,
        };
        known.insert((level, p.code.clone()), false);
    }
    for c in counted {
        let Some(level) = Level::parse(&c.level) else { continue };
        let town = match c.code.get(..9) {
            Some(code) if !c.code.contains('/') => code.to_owned(),
            _ => c.code.clone(),
        };
        match level {
            Level::County if c.code.len() == 6 => {
                known.insert((level, c.code.clone()), true);
            }
            Level::Town if town.len() >= 9 => {
                known.insert((level, town.clone()), true);
            }
            // A village's station makes its town known, though it does not cover it.
            Level::Village if town.len() >= 9 => {
                known.entry((Level::Town, town.clone())).or_insert(false);
                if c.code.len() == 12 && !c.code.contains('/') {
                    known.insert((level, c.code.clone()), true);
                }
            }
            _ => {}
        }
        if let Some(key) = group(&c.code) {
            let of = level_of(out.entry(key).or_default(), level);
            of.stations += c.stations;
            of.meet += c.meet;
        }
    }
    for ((level, place), covered) in known {
        if let Some(key) = group(&place) {
            let of = level_of(out.entry(key).or_default(), level);
            of.places += 1;
            of.covered += i64::from(covered);
        }
    }
    out
}

fn level_of(c: &mut Coverage, level: Level) -> &mut LevelCoverage {
    match level {
        Level::County => &mut c.county,
        Level::Town => &mut c.town,
        Level::Village => &mut c.village,
    }
}

/// The coverage of a region (empty: of all the actor sees).
///
/// # Errors
/// What the database reports.
pub async fn coverage(db: &impl ConnectionTrait, who: &Actor, region: &str) -> Result<Coverage> {
    let (counted, places) = (counted(db, who, region).await?, places(db, who, region).await?);
    Ok(add_up(&counted, &places, |_| Some(String::new())).remove("").unwrap_or_default())
}

/// The coverage of what lies below a region: its counties, or the towns of a county.
///
/// # Errors
/// What the database reports.
pub async fn coverage_below(db: &impl ConnectionTrait, who: &Actor, region: &str) -> Result<Vec<CoverageRow>> {
    let (counted, places) = (counted(db, who, region).await?, places(db, who, region).await?);
    let length = if region.len() >= 6 { 9 } else { 6 };
    let group = |place: &str| match place.split_once('/') {
        Some((county, _)) if length == 6 => county.get(..6).map(str::to_owned),
        Some(_) => Some(place.to_owned()),
        None => place.get(..length).map(str::to_owned),
    };
    let names: BTreeMap<&str, &str> = places.iter().map(|p| (p.code.as_str(), p.name.as_str())).collect();
    let row = |(key, coverage): (String, Coverage)| match key.split_once('/') {
        Some((_, town)) => CoverageRow { name: town.to_owned(), code: String::new(), coverage },
        None => CoverageRow {
            name: names.get(key.as_str()).map_or_else(|| key.clone(), |n| (*n).to_owned()),
            code: key,
            coverage,
        },
    };
    Ok(add_up(&counted, &places, group).into_iter().map(row).collect())
}
