//! Exam cycles: those the files describe and those on record, with head counts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, FromQueryResult, QueryFilter, Value,
};

use super::super::entity::exam_cycle;
use super::Cycle;
use crate::audit;
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::people::scope;
use crate::schemes::{self, CycleRule, Schemes};

/// The figures of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub registered: i64,
    pub sat: i64,
    pub passed: i64,
}

/// A level with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelCounts {
    pub level: String,
    pub name: String,
    pub counts: Counts,
}

/// An exam year: what the files say of it and what is on record.
#[derive(Clone, Debug)]
pub struct CycleView {
    /// Absent while nothing is on record.
    pub id: Option<i64>,
    pub scheme: String,
    pub scheme_name: String,
    pub year: i64,
    pub note: String,
    /// The day results were published: as recorded here, else as the file says.
    pub results_on: Option<NaiveDate>,
    pub version: i64,
    /// Days and windows, when a file describes the year.
    pub rule: Option<CycleRule>,
    /// By rank; people the actor sees.
    pub levels: Vec<LevelCounts>,
}

impl CycleView {
    /// The figures over all levels.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.levels.iter().fold(Counts::default(), |a, l| Counts {
            registered: a.registered + l.counts.registered,
            sat: a.sat + l.counts.sat,
            passed: a.passed + l.counts.passed,
        })
    }
}

/// All exam years known, the newest first.
///
/// # Errors
/// What the database reports.
pub async fn cycles(cx: &Cx, who: &Actor, lang: Lang) -> Result<Vec<CycleView>> {
    let schemes = schemes::of(cx)?;
    let on_record = exam_cycle::Entity::find().all(cx.read()).await?;
    let counts = counts(cx.read(), who, None).await?;
    let mut keys: Vec<(String, i64)> = on_record.iter().map(|c| (c.scheme.clone(), c.year)).collect();
    for scheme in schemes.all() {
        keys.extend(schemes.cycles(&scheme.code).map(|c| (scheme.code.clone(), i64::from(c.year))));
    }
    keys.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    keys.dedup();
    let view = |(scheme, year): (String, i64)| {
        let row = on_record.iter().find(|c| c.scheme == scheme && c.year == year);
        view(&schemes, &scheme, year, row, &counts, lang)
    };
    Ok(keys.into_iter().map(view).collect())
}

/// One exam year.
///
/// # Errors
/// [`Error::NotFound`] when neither a file nor a record knows it.
pub async fn cycle(cx: &Cx, who: &Actor, scheme: &str, year: i64, lang: Lang) -> Result<CycleView> {
    let schemes = schemes::of(cx)?;
    let row = find(cx.read(), scheme, year).await?;
    let described = i32::try_from(year).ok().and_then(|y| schemes.cycle(scheme, y)).is_some();
    if row.is_none() && !described {
        return Err(Error::not_found("error-not-found"));
    }
    let counts = counts(cx.read(), who, Some((scheme, year))).await?;
    Ok(view(&schemes, scheme, year, row.as_ref(), &counts, lang))
}

fn view(
    schemes: &Schemes,
    code: &str,
    year: i64,
    row: Option<&Cycle>,
    counts: &BTreeMap<(String, i64, String), Counts>,
    lang: Lang,
) -> CycleView {
    let scheme = schemes.scheme(code).ok();
    let rule = i32::try_from(year).ok().and_then(|y| schemes.cycle(code, y)).cloned();
    let levels = scheme.map_or_else(Vec::new, |s| {
        let of = |l: &schemes::Level| LevelCounts {
            level: l.code.clone(),
            name: l.name.text(lang).to_owned(),
            counts: counts.get(&(code.to_owned(), year, l.code.clone())).copied().unwrap_or_default(),
        };
        s.levels.iter().map(of).collect()
    });
    CycleView {
        id: row.map(|r| r.id),
        scheme: code.to_owned(),
        scheme_name: scheme.map_or_else(|| code.to_owned(), |s| s.name.text(lang).to_owned()),
        year,
        note: row.map(|r| r.note.clone()).unwrap_or_default(),
        results_on: row.and_then(|r| r.results_on).or_else(|| rule.as_ref().and_then(|r| r.results_on)),
        version: row.map_or(0, |r| r.version),
        rule,
        levels,
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    scheme: String,
    year: i64,
    level: String,
    registered: i64,
    sat: i64,
    passed: i64,
}

/// Head counts by scheme, year and level, of the people the actor sees; from the maintained counters where one group holds
/// them all.
async fn counts(
    db: &impl ConnectionTrait,
    who: &Actor,
    one: Option<(&str, i64)>,
) -> Result<BTreeMap<(String, i64, String), Counts>> {
    let (only, mut only_values): (&str, Vec<Value>) = match one {
        Some((scheme, year)) => (" AND f.scheme = ? AND f.year = ?", vec![scheme.into(), year.into()]),
        None => ("", Vec::new()),
    };
    let group = match (who.role, who.scope.regions.as_slice()) {
        (Role::Administrator | Role::Observer, []) => Some(("all", String::new())),
        (Role::Administrator | Role::Observer, [one]) => Some(("region", one.clone())),
        _ => None,
    };
    let rows: Vec<CountRow> = if let Some((kind, key)) = group {
        let sql = format!(
            "SELECT f.scheme, f.year, f.level, f.registered, f.sat, f.passed FROM tally_counter f \
             WHERE f.kind = ? AND f.group_key = ? AND f.year > 0{only}"
        );
        let mut values: Vec<Value> = vec![kind.into(), key.into()];
        values.append(&mut only_values);
        db::rows(db, &sql, values).await?
    } else {
        let (scope, values) = scope::sql(who);
        let sql = format!(
            "SELECT f.scheme, f.year, f.level, COUNT(CASE WHEN f.registered THEN 1 END) AS registered, \
             COUNT(CASE WHEN f.sat THEN 1 END) AS sat, COUNT(CASE WHEN f.passed THEN 1 END) AS passed \
             FROM exam_facts f JOIN person p ON p.id = f.person_id WHERE {scope}{only} GROUP BY f.scheme, f.year, f.level"
        );
        db::rows(db, &sql, values.into_iter().chain(only_values)).await?
    };
    let of = |r: CountRow| {
        let counts = Counts { registered: r.registered, sat: r.sat, passed: r.passed };
        ((r.scheme, r.year, r.level), counts)
    };
    Ok(rows.into_iter().map(of).collect())
}

async fn find(db: &impl ConnectionTrait, scheme: &str, year: i64) -> Result<Option<Cycle>> {
    let by_key = exam_cycle::Entity::find()
        .filter(exam_cycle::Column::Scheme.eq(scheme))
        .filter(exam_cycle::Column::Year.eq(year));
    Ok(by_key.one(db).await?)
}

/// The cycle's row, made when there is none yet; whether it was made.
///
/// # Errors
/// [`Error::Invalid`] for an unknown scheme or an unlikely year.
pub(in crate::exams) async fn ensure(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    scheme: &str,
    year: i64,
) -> Result<(Cycle, bool)> {
    let schemes = schemes::of(cx)?;
    if let Err(Error::NotFound(msg)) = schemes.scheme(scheme) {
        return Err(Error::field("scheme", msg));
    }
    if !(2000..=2100).contains(&year) {
        return Err(Error::field("year", Msg::new("exams-year-unlikely").with("year", year)));
    }
    if let Some(found) = find(txn, scheme, year).await? {
        return Ok((found, false));
    }
    let row = exam_cycle::ActiveModel {
        id: NotSet,
        scheme: Set(scheme.to_owned()),
        note: Set(String::new()),
        year: Set(year),
        results_on: Set(None),
        version: Set(1),
        created_at: Set(cx.now()),
        updated_at: Set(cx.now()),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    };
    let row = row.insert(txn).await?;
    audit::record(txn, cx, who, [audit::Change::new("create", "exam_cycle", row.id, 1).after(&row)]).await?;
    Ok((row, true))
}

/// The day from which results of a cycle count when they have no day of their own.
///
/// # Errors
/// A wrong configuration.
pub(in crate::exams) fn published_on(cx: &Cx, cycle: &Cycle) -> Result<NaiveDate> {
    let schemes = schemes::of(cx)?;
    let told = schemes.cycle(&cycle.scheme, super::year_of(cycle)).and_then(|c| c.results_on);
    Ok(cycle.results_on.or(told).unwrap_or_else(|| cx.today()))
}

/// What a person records of an exam year.
#[derive(Clone, Debug)]
pub struct EditCycle {
    pub scheme: String,
    pub year: i64,
    pub results_on: Option<NaiveDate>,
    pub note: String,
    /// The version seen; 0 while nothing was on record.
    pub version: i64,
}

/// Records the day of publication and a note; makes the row when there is none.
///
/// # Errors
/// [`Error::Conflict`] when somebody else changed it meanwhile.
pub async fn edit_cycle(cx: &Cx, who: &Actor, input: EditCycle) -> Result<()> {
    who.require(super::EDITORS)?;
    let described = schemes::of(cx)?.cycle(&input.scheme, i32::try_from(input.year).unwrap_or_default()).cloned();
    if let (Some(on), Some(rule)) = (input.results_on, &described)
        && on < rule.exam_last_day
    {
        let msg = Msg::new("exams-results-before-exam").with("day", rule.exam_last_day);
        return Err(Error::field("results_on", msg));
    }
    let txn = cx.begin().await?;
    let (row, made) = ensure(&txn, cx, who, &input.scheme, input.year).await?;
    if !made && row.version != input.version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let mut next = row.clone();
    next.results_on = input.results_on;
    next.note = input.note.trim().to_owned();
    if next != row {
        next.version = row.version + 1;
        next.updated_at = cx.now();
        next.updated_by = who.user_id;
        let change = exam_cycle::ActiveModel::from(next.clone()).reset_all();
        change.update(&txn).await?;
        let entry = audit::Change::new("update", "exam_cycle", row.id, next.version).before(&row).after(&next);
        audit::record(&txn, cx, who, [entry]).await?;
    }
    Ok(txn.commit().await?)
}
