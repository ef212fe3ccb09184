//! The verdicts of many people: a cohort or a region, for one level and exam year.

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::{STAFF, facts};
use crate::core::page::Page;
use crate::core::{Actor, Error, Lang, Msg, Result};
use crate::db::list::Slice;
use crate::db::{self, Cx, prefix_range};
use crate::people::scope;
use crate::schemes::eligibility::words::About;
use crate::schemes::eligibility::{Answer, answer, verdict};
use crate::schemes::{self, Level, Scheme};

/// Whose verdicts, for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub scheme: String,
    pub level: String,
    pub year: i32,
    /// People of this cohort only.
    pub cohort: Option<i64>,
    /// People of this region only; empty for everywhere.
    pub region: String,
}

/// One person's verdict in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    /// eligible, needs_evidence or not_eligible.
    pub answer: &'static str,
    pub earliest_year: Option<i32>,
    /// Why, in one or two sentences.
    pub why: String,
}

/// How many of each answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub yes: i64,
    pub needs_evidence: i64,
    pub no: i64,
}

#[derive(FromQueryResult)]
struct Person {
    id: i64,
    name: String,
    unit: String,
}

fn people_of(who: &Actor, w: &Wanted) -> (String, Vec<Value>) {
    let (scope, mut values) = scope::sql(who);
    let mut sql = format!("p.active AND {scope}");
    if let Some(cohort) = w.cohort {
        sql.push_str(" AND p.id IN (SELECT e.person_id FROM enrolment e WHERE e.cohort_id = ? AND e.state = 'active')");
        values.push(cohort.into());
    }
    if !w.region.is_empty() {
        let (from, to) = prefix_range(&w.region);
        sql.push_str(" AND p.region_code >= ? AND p.region_code < ?");
        values.extend([Value::from(from), Value::from(to)]);
    }
    (sql, values)
}

fn level_of<'s>(schemes: &'s schemes::Schemes, w: &Wanted) -> Result<(&'s Scheme, &'s Level)> {
    let scheme = schemes.scheme(&w.scheme)?;
    let level = scheme.level(&w.level).ok_or_else(|| Error::field("level", Msg::new("eligible-choose")))?;
    Ok((scheme, level))
}

/// A page of verdicts, by person.
///
/// # Errors
/// Forbidden for all but staff; an unknown scheme or level.
pub async fn batch(cx: &Cx, who: &Actor, w: &Wanted, on: NaiveDate, lang: Lang, slice: &Slice) -> Result<Page<Line>> {
    who.require(STAFF)?;
    let schemes = schemes::of(cx)?;
    let (scheme, level) = level_of(&schemes, w)?;
    let (cond, mut values) = people_of(who, w);
    values.push(slice.after.as_deref().and_then(|a| a.parse::<i64>().ok()).unwrap_or(0).into());
    values.push((i64::try_from(slice.limit).unwrap_or(i64::MAX - 1) + 1).into());
    let sql = format!("SELECT p.id, p.name, p.unit FROM person p WHERE {cond} AND p.id > ? ORDER BY p.id LIMIT ?");
    let people: Vec<Person> = db::rows(cx.read(), &sql, values).await?;
    let ids: Vec<i64> = people.iter().map(|p| p.id).collect();
    let mut all = facts::facts(cx, cx.read(), scheme, &ids).await?;
    let line = |p: Person| {
        let facts = all.remove(&p.id).unwrap_or_default();
        let v = verdict(scheme, level, w.year, &facts, on);
        let about = About { lang, scheme, level, facts: &facts };
        // Of a verdict in short the nearest clause says why.
        let why = match v.best() {
            _ if v.answer == Answer::Yes => about.explain(&v).into_iter().nth(1).unwrap_or_default(),
            Some(c) => about.clause_lines(c, &v).join(" "),
            None => about.explain(&v).into_iter().skip(1).collect::<Vec<_>>().join(" "),
        };
        Line {
            person_id: p.id,
            name: p.name,
            unit: p.unit,
            answer: v.answer.code(),
            earliest_year: v.earliest_year,
            why,
        }
    };
    let lines: Vec<Line> = people.into_iter().map(line).collect();
    Ok(Page::cut(lines, slice.limit, |l| l.person_id.to_string()))
}

/// How many people are asked for at once while counting.
const AT_ONCE: i64 = 2000;

/// How many of each answer there are, over all of them.
///
/// # Errors
/// As [`batch`].
pub async fn counts(cx: &Cx, who: &Actor, w: &Wanted, on: NaiveDate) -> Result<Counts> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    who.require(STAFF)?;
    let schemes = schemes::of(cx)?;
    let (scheme, level) = level_of(&schemes, w)?;
    let (cond, values) = people_of(who, w);
    let sql = format!("SELECT p.id FROM person p WHERE {cond} AND p.id > ? ORDER BY p.id LIMIT ?");
    let mut found = Counts::default();
    let mut after = 0_i64;
    loop {
        let bounds = [Value::from(after), Value::from(AT_ONCE)];
        let ids: Vec<Id> = db::rows(cx.read(), &sql, values.iter().cloned().chain(bounds)).await?;
        let ids: Vec<i64> = ids.into_iter().map(|i| i.id).collect();
        let Some(last) = ids.last() else { break };
        after = *last;
        for f in facts::facts(cx, cx.read(), scheme, &ids).await?.values() {
            match answer(scheme, level, w.year, f, on) {
                Answer::Yes => found.yes += 1,
                Answer::NeedsEvidence => found.needs_evidence += 1,
                Answer::No => found.no += 1,
            }
        }
    }
    Ok(found)
}
