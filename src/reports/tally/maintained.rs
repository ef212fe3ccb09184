//! Reading the counters: which of them answer a question exactly, and their rows as a cube.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::Ask;
use super::rules::{By, Cube};
use crate::core::{Actor, Result, Role};
use crate::db;
use crate::people::scope;
use crate::pipeline::{CounterKey, Counts, GroupKey};

/// More regions than this are not listed one by one: then only provinces, cities and counties are rows.
const MANY_REGIONS: i64 = 1000;

/// The groups whose counters together are the asker's total, when the counters also hold every row asked for. None: the
/// scope cuts across the groups, and the people in scope must be counted one by one.
pub(in crate::reports) fn groups(who: &Actor, ask: &Ask) -> Option<Vec<GroupKey>> {
    let region = |code: &str| GroupKey { kind: "region", key: code.to_owned() };
    let counted = |code: &str| matches!(code.len(), 2 | 4 | 6 | 9 | 12);
    let by_people_of_scope = ask.by.is_group();
    match who.role {
        Role::Administrator | Role::Observer => {
            let codes: Vec<&str> = match ask.region.as_deref() {
                Some(code) => vec![code],
                None if who.scope.regions.is_empty() => {
                    return Some(vec![GroupKey { kind: "all", key: String::new() }]);
                }
                None => top_codes(&who.scope.regions),
            };
            let exact = (!by_people_of_scope || ask.by == By::Region) && codes.iter().all(|c| counted(c));
            exact.then(|| codes.into_iter().map(region).collect())
        }
        Role::Trainer if ask.region.is_none() && !by_people_of_scope => {
            match (who.scope.cohorts.as_slice(), who.scope.classes.as_slice()) {
                ([one], []) => Some(vec![GroupKey { kind: "cohort", key: one.to_string() }]),
                ([], [one]) => Some(vec![GroupKey { kind: "class", key: one.to_string() }]),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Region codes without those that lie inside another of them.
fn top_codes(codes: &[String]) -> Vec<&str> {
    let inside = |c: &&String| codes.iter().any(|o| o != *c && c.starts_with(o.as_str()));
    let mut top: Vec<&str> = codes.iter().filter(|c| !inside(c)).map(String::as_str).collect();
    top.sort_unstable();
    top.dedup();
    top
}

/// The counters of the total and of the rows asked for, of year 0 and the year counted (of all years by year).
pub(super) async fn cube(
    db: &impl ConnectionTrait,
    who: &Actor,
    ask: &Ask,
    top: &[GroupKey],
    year: Option<i64>,
) -> Result<Cube> {
    let mut cube = Cube::default();
    for g in top {
        read(db, &mut cube, "kind = ? AND group_key = ?", vec![g.kind.into(), g.key.clone().into()], None).await?;
    }
    if ask.by == By::Year {
        cube.certified_in = certified_in(db, who, ask.region.as_deref()).await?;
    } else if ask.by == By::Region {
        let all = db::int(db, "SELECT COUNT(*) FROM region", []).await?.unwrap_or_default();
        let longest: i64 = if all > MANY_REGIONS && top.iter().all(|g| g.key.len() < 6) { 6 } else { 12 };
        for g in top {
            let (from, to) = db::prefix_range(&g.key);
            let mut cond = "kind = 'region' AND LENGTH(group_key) <= ?".to_owned();
            let mut values: Vec<Value> = vec![longest.into()];
            if !g.key.is_empty() {
                cond.push_str(" AND group_key >= ? AND group_key < ?");
                values.extend([from.into(), to.into()]);
            }
            read(db, &mut cube, &cond, values, year).await?;
        }
    } else if ask.by.is_group() {
        read(db, &mut cube, "kind = ?", vec![ask.by.name().into()], year).await?;
    }
    Ok(cube)
}

/// Reads counters into the cube; `only` leaves out exam years other than that.
async fn read(
    db: &impl ConnectionTrait,
    cube: &mut Cube,
    cond: &str,
    mut values: Vec<Value>,
    only: Option<i64>,
) -> Result<()> {
    let mut sql = format!(
        "SELECT kind, group_key, scheme, level, year, people, registered, sat, passed, certified FROM tally_counter \
         WHERE {cond}"
    );
    if let Some(y) = only {
        sql.push_str(" AND year IN (0, ?)");
        values.push(y.into());
    }
    for r in db::rows::<Counter>(db, &sql, values).await? {
        if let Some((k, c)) = r.cell() {
            cube.cells.insert(k, c);
        }
    }
    Ok(())
}

/// Every counter there is, for the nightly comparison.
pub(in crate::reports) async fn everything(db: &impl ConnectionTrait) -> Result<Cube> {
    let mut cube = Cube::default();
    read(db, &mut cube, "1 = 1", Vec::new(), None).await?;
    Ok(cube)
}

/// The last exam year in which anything is counted.
pub(in crate::reports) async fn last_year(db: &impl ConnectionTrait) -> Result<Option<i64>> {
    let sql = "SELECT MAX(year) FROM tally_counter WHERE kind = 'all' AND group_key = '' AND year > 0 \
               AND (registered > 0 OR sat > 0 OR passed > 0)";
    db::int(db, sql, []).await
}

async fn certified_in(db: &impl ConnectionTrait, who: &Actor, region: Option<&str>) -> Result<BTreeMap<i64, i64>> {
    let (cond, mut values) = scope::sql(who);
    let everybody = who.sees_all() && region.is_none();
    let mut sql = "SELECT c.exam_year AS year, COUNT(DISTINCT c.person_id) AS n FROM certificate c".to_owned();
    if everybody {
        sql.push_str(" WHERE 1 = 1");
        values.clear();
    } else {
        sql.push_str(" JOIN person p ON p.id = c.person_id WHERE ");
        sql.push_str(&cond);
    }
    if let Some(code) = region {
        let (from, to) = db::prefix_range(code);
        sql.push_str(" AND p.region_code >= ? AND p.region_code < ?");
        values.extend([from.into(), to.into()]);
    }
    sql.push_str(" AND c.revoked_on IS NULL AND c.exam_year > 0 GROUP BY c.exam_year");
    Ok(db::rows::<YearCount>(db, &sql, values).await?.into_iter().map(|r| (r.year, r.n)).collect())
}

#[derive(FromQueryResult)]
struct YearCount {
    year: i64,
    n: i64,
}

#[derive(FromQueryResult)]
struct Counter {
    kind: String,
    group_key: String,
    scheme: String,
    level: String,
    year: i64,
    people: i64,
    registered: i64,
    sat: i64,
    passed: i64,
    certified: i64,
}

impl Counter {
    fn cell(self) -> Option<(CounterKey, Counts)> {
        let kind = ["all", "region", "cohort", "campus", "base", "class"].into_iter().find(|k| *k == self.kind)?;
        let group = GroupKey { kind, key: self.group_key };
        let counts = Counts {
            people: self.people,
            registered: self.registered,
            sat: self.sat,
            passed: self.passed,
            certified: self.certified,
        };
        Some((CounterKey { group, scheme: self.scheme, level: self.level, year: self.year }, counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(by: By) -> Ask {
        Ask { by, ..Ask::default() }
    }

    #[test]
    fn counters_answer_only_what_they_hold() {
        let mut who = Actor::command_line();
        let keys = |g: Option<Vec<GroupKey>>| g.map(|g| g.into_iter().map(|k| k.key).collect::<Vec<_>>());
        assert_eq!(keys(groups(&who, &ask(By::Cohort))), Some(vec![String::new()]));
        who.scope.regions = vec!["990121001".into(), "9902".into(), "990121".into()];
        assert_eq!(keys(groups(&who, &ask(By::Region))), Some(vec!["990121".into(), "9902".into()]));
        assert_eq!(keys(groups(&who, &ask(By::Cohort))), None);
        let narrow = Ask { region: Some("99012".into()), ..ask(By::Level) };
        assert_eq!(keys(groups(&who, &narrow)), None);
        who.role = Role::Trainer;
        who.scope = crate::core::actor::Scope { cohorts: vec![7], ..Default::default() };
        assert_eq!(keys(groups(&who, &ask(By::Level))), Some(vec!["7".into()]));
        assert_eq!(keys(groups(&who, &ask(By::Cohort))), None);
        who.scope.classes = vec![1];
        assert_eq!(keys(groups(&who, &ask(By::Level))), None);
    }
}
