//! From rows to what is counted: the one place where the pipeline's exam facts come from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::rules::{Record, year_facts};
use crate::core::Result;
use crate::db::{self, Cx};
use crate::pipeline::{Change, ExamFact};
use crate::schemes::{Outcome, ResultFact, Schemes};

#[derive(FromQueryResult)]
struct RegisteredRow {
    person_id: i64,
    scheme: String,
    level: String,
    year: i64,
}

#[derive(FromQueryResult)]
struct ResultRow {
    person_id: i64,
    scheme: String,
    level: String,
    year: i64,
    subject: String,
    code: String,
    mark: Option<i64>,
    held: bool,
}

#[derive(FromQueryResult)]
struct RegionRow {
    id: i64,
    region_code: String,
}

type Key = (i64, String, String);

/// Everything on record of these people, by person, scheme and level.
///
/// # Errors
/// What the database reports.
pub async fn records(db: &impl ConnectionTrait, person_ids: &[i64]) -> Result<BTreeMap<Key, Record>> {
    let mut all: BTreeMap<Key, Record> = BTreeMap::new();
    for chunk in person_ids.chunks(db::CHUNK) {
        let list = db::places(chunk.len());
        let values = || chunk.iter().map(|id| Value::from(*id)).collect::<Vec<_>>();
        let sql = format!(
            "SELECT r.person_id, c.scheme, r.level, c.year FROM registration r JOIN exam_cycle c ON c.id = r.cycle_id \
             WHERE r.person_id IN ({list}) AND r.state = 'active'"
        );
        for r in db::rows::<RegisteredRow>(db, &sql, values()).await? {
            let record = all.entry((r.person_id, r.scheme, r.level)).or_default();
            record.registered.extend(i32::try_from(r.year));
        }
        let sql = format!(
            "SELECT r.person_id, c.scheme, r.level, c.year, r.subject, r.code, r.mark, r.held FROM result r \
             JOIN exam_cycle c ON c.id = r.cycle_id WHERE r.person_id IN ({list})"
        );
        for r in db::rows::<ResultRow>(db, &sql, values()).await? {
            let (Ok(year), Some(outcome)) = (i32::try_from(r.year), Outcome::from_parts(&r.code, r.mark)) else {
                continue;
            };
            let fact = ResultFact { year, subject: r.subject, outcome, held: r.held };
            all.entry((r.person_id, r.scheme, r.level)).or_default().results.push(fact);
        }
    }
    Ok(all)
}

/// The region of each person, for the area whose pass lines hold.
///
/// # Errors
/// What the database reports.
pub async fn regions(db: &impl ConnectionTrait, person_ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut all = HashMap::with_capacity(person_ids.len());
    for chunk in person_ids.chunks(db::CHUNK) {
        let sql = format!("SELECT id, region_code FROM person WHERE id IN ({})", db::places(chunk.len()));
        let rows = db::rows::<RegionRow>(db, &sql, chunk.iter().map(|id| Value::from(*id))).await?;
        all.extend(rows.into_iter().map(|r| (r.id, r.region_code)));
    }
    Ok(all)
}

/// The facts of one record.
#[must_use]
pub fn of_record(schemes: &Schemes, scheme: &str, level: &str, record: &Record, region_code: &str) -> Vec<ExamFact> {
    let found = schemes.scheme(scheme).ok().and_then(|s| s.level(level).map(|l| (s, l)));
    // A level that the files no longer describe cannot be judged and is not counted.
    let Some((rules, rule)) = found else { return Vec::new() };
    let area = rules.area_of(region_code).map(|a| a.code.as_str());
    year_facts(rules, rule, record, area)
        .into_iter()
        .map(|f| ExamFact {
            scheme: scheme.to_owned(),
            level: level.to_owned(),
            year: f.year.into(),
            registered: f.registered,
            sat: f.sat,
            passed: f.passed,
        })
        .collect()
}

/// What is to be told to the pipeline after rows of these people were written: the facts of every year on record, and an
/// empty one for every year in which nothing is left.
///
/// # Errors
/// What the database reports.
pub async fn of(db: &impl ConnectionTrait, schemes: &Schemes, person_ids: &[i64]) -> Result<Vec<(i64, Change)>> {
    let ids: BTreeSet<i64> = person_ids.iter().copied().collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let regions = regions(db, &ids).await?;
    let mut facts: BTreeMap<(i64, String, String, i64), ExamFact> = BTreeMap::new();
    for known in known(db, &ids).await? {
        let (person_id, e) = known;
        let key = (person_id, e.scheme.clone(), e.level.clone(), e.year);
        facts.insert(key, ExamFact { registered: false, sat: false, passed: false, ..e });
    }
    for ((person_id, scheme, level), record) in records(db, &ids).await? {
        let region = regions.get(&person_id).map_or("", String::as_str);
        for f in of_record(schemes, &scheme, &level, &record, region) {
            facts.insert((person_id, scheme.clone(), level.clone(), f.year), f);
        }
    }
    Ok(facts.into_iter().map(|((person_id, ..), f)| (person_id, Change::Exam(f))).collect())
}

/// Derives the exam facts of people anew, all at once.
///
/// # Errors
/// What the database reports.
pub async fn rederive(cx: &Cx, person_ids: &[i64]) -> Result<()> {
    let schemes = crate::schemes::of(cx)?;
    let txn = cx.begin().await?;
    let open = crate::pipeline::open(&txn, person_ids).await?;
    let changes = of(&txn, &schemes, person_ids).await?;
    open.close(&txn, cx, changes).await?;
    Ok(txn.commit().await?)
}

/// The facts the pipeline holds now.
async fn known(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<(i64, ExamFact)>> {
    use crate::pipeline::entity::exam_facts;
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let mut all = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let of = exam_facts::Column::PersonId.is_in(chunk.iter().copied());
        for m in exam_facts::Entity::find().filter(of).all(db).await? {
            all.push((
                m.person_id,
                ExamFact {
                    scheme: m.scheme,
                    level: m.level,
                    year: m.year,
                    registered: m.registered,
                    sat: m.sat,
                    passed: m.passed,
                },
            ));
        }
    }
    Ok(all)
}
