//! Names for groups: the keys people know (codes) and labels to read.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::rules::{By, RawRow};
use super::{Ask, Row};
use crate::core::{Actor, Result};
use crate::db;
use crate::schemes::Schemes;

/// Rows with key and label, in reading order: levels from the lowest, years from the latest, groups by key.
pub(super) async fn rows(
    db: &impl ConnectionTrait,
    schemes: &Schemes,
    who: &Actor,
    ask: &Ask,
    raw: Vec<RawRow>,
) -> Result<Vec<Row>> {
    let mut out: Vec<Row> = match ask.by {
        By::Level => raw.into_iter().map(|r| level(schemes, who, r)).collect(),
        By::Year => raw.into_iter().map(|r| row(r.key.clone(), r.key.clone(), r)).collect(),
        By::Region => regions(db, who, ask, raw).await?,
        by => named(db, by, raw).await?,
    };
    match ask.by {
        By::Level => out.sort_by_cached_key(|r| rank(schemes, &r.group)),
        By::Year => out.sort_by(|a, b| b.key.cmp(&a.key)),
        _ => out.sort_by(|a, b| a.key.cmp(&b.key)),
    }
    Ok(out)
}

fn row(key: String, label: String, raw: RawRow) -> Row {
    Row { key, label, line: raw.figures.into(), group: raw.key }
}

fn level(schemes: &Schemes, who: &Actor, raw: RawRow) -> Row {
    let (scheme, code) = raw.key.split_once('/').unwrap_or(("", raw.key.as_str()));
    // The level alone is enough of a key while only one scheme has a level of that code.
    let same = schemes.all().filter(|s| s.level(code).is_some()).count();
    let key = if same <= 1 { code.to_owned() } else { raw.key.clone() };
    let label = schemes.level_name(scheme, code, who.lang);
    row(key, label, raw)
}

fn rank(schemes: &Schemes, group: &str) -> (String, i64) {
    let (scheme, code) = group.split_once('/').unwrap_or(("", group));
    (scheme.to_owned(), crate::certificates::rules::rank(schemes, scheme, code))
}

async fn regions(db: &impl ConnectionTrait, who: &Actor, ask: &Ask, raw: Vec<RawRow>) -> Result<Vec<Row>> {
    let mut names: HashMap<String, String> = HashMap::new();
    let keys: Vec<String> = raw.iter().map(|r| r.key.clone()).collect();
    for chunk in keys.chunks(db::CHUNK) {
        let sql = format!("SELECT code, name FROM region WHERE code IN ({})", db::places(chunk.len()));
        let values = chunk.iter().map(|k| Value::from(k.clone()));
        for r in db::rows::<Coded>(db, &sql, values).await? {
            names.insert(r.code, r.name);
        }
    }
    let tops: Vec<&str> = match ask.region.as_deref() {
        Some(r) => vec![r],
        None => who.scope.regions.iter().map(String::as_str).collect(),
    };
    let inside = |key: &str| tops.is_empty() || tops.iter().any(|t| key.starts_with(t));
    Ok(raw
        .into_iter()
        .filter(|r| inside(&r.key))
        .filter_map(|r| match names.get(&r.key) {
            Some(name) => Some(row(r.key.clone(), name.clone(), r)),
            // A province or city that nobody entered is not a row of its own: its county is.
            None if r.key.len() < 6 => None,
            None => Some(row(r.key.clone(), r.key.clone(), r)),
        })
        .collect())
}

async fn named(db: &impl ConnectionTrait, by: By, raw: Vec<RawRow>) -> Result<Vec<Row>> {
    let sql = match by {
        By::Cohort => "SELECT id, code, name, '' AS region_code FROM cohort WHERE id IN",
        By::Class => "SELECT id, code, name, '' AS region_code FROM class WHERE id IN",
        By::Campus => "SELECT id, name AS code, name, '' AS region_code FROM campus WHERE id IN",
        _ => "SELECT id, code, name, region_code FROM base WHERE id IN",
    };
    let ids: Vec<i64> = raw.iter().filter_map(|r| r.key.parse().ok()).collect();
    let mut names: HashMap<String, Named> = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!("{sql} ({})", db::places(chunk.len()));
        for r in db::rows::<Named>(db, &sql, chunk.iter().map(|i| Value::from(*i))).await? {
            names.insert(r.id.to_string(), r);
        }
    }
    Ok(raw
        .into_iter()
        .map(|r| match names.remove(&r.key) {
            Some(n) if n.region_code.is_empty() => row(n.code, n.name, r),
            Some(n) => row(format!("{}/{}", n.region_code, n.code), n.name, r),
            None => row(r.key.clone(), r.key.clone(), r),
        })
        .collect())
}

#[derive(FromQueryResult)]
struct Coded {
    code: String,
    name: String,
}

#[derive(FromQueryResult)]
struct Named {
    id: i64,
    code: String,
    name: String,
    region_code: String,
}
