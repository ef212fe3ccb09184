//! People one after the other with what they count for, read in chunks so that memory stays small however many there
//! are. Two bases: the facts the pipeline keeps (how things are now), or the source rows with their effective dates.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::rules::Counted;
use crate::certificates::rules::{Held, highest};
use crate::core::{Actor, Result};
use crate::db;
use crate::people::scope;
use crate::pipeline::{self, ExamFact, GroupKey};
use crate::schemes::{Outcome, ResultFact, Schemes};

/// Which people, and what is read for them.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    pub schemes: &'a Schemes,
    pub who: &'a Actor,
    /// Only this region and all below it.
    pub region: Option<&'a str>,
    /// Read the pipeline's facts rows.
    pub facts: bool,
    /// Read registrations, results and certificates.
    pub source: bool,
    /// Only people after this one, in the order of their ids.
    pub after: i64,
}

/// One person on the way.
#[derive(Debug, Default)]
pub struct Walker {
    pub id: i64,
    pub region_code: String,
    pub groups: Vec<GroupKey>,
    /// Present when the pipeline has a row for the person (and facts were asked for).
    pub facts: Option<Kept>,
    pub source: Source,
}

/// What the pipeline keeps of a person.
#[derive(Debug, Default)]
pub struct Kept {
    pub stage: String,
    pub counted: Counted,
}

/// The rows a person's figures come from.
#[derive(Debug, Default)]
pub struct Source {
    registrations: Vec<(String, String, i32, NaiveDate)>,
    results: Vec<Published>,
    certificates: Vec<Cert>,
}

#[derive(Debug)]
struct Published {
    scheme: String,
    level: String,
    on: NaiveDate,
    fact: ResultFact,
}

#[derive(Debug)]
struct Cert {
    held: Held,
    exam_year: i64,
    revoked_on: Option<NaiveDate>,
}

impl Source {
    /// Whether something here takes effect only after `day`.
    #[must_use]
    pub fn later_than(&self, day: NaiveDate) -> bool {
        self.registrations.iter().any(|r| r.3 > day)
            || self.results.iter().any(|r| r.on > day)
            || self.certificates.iter().any(|c| c.held.approved_on > day || c.revoked_on.is_some_and(|r| r > day))
    }

    /// What the person counts for by the facts effective on or before `as_of` (all of them without a date).
    #[must_use]
    pub fn counted(&self, schemes: &Schemes, region_code: &str, as_of: Option<NaiveDate>) -> Counted {
        let by_then = |d: NaiveDate| as_of.is_none_or(|day| d <= day);
        let mut exams: BTreeMap<(&str, &str, i32), ExamFact> = BTreeMap::new();
        fn at<'a, 'b>(
            exams: &'b mut BTreeMap<(&'a str, &'a str, i32), ExamFact>,
            (scheme, level, year): (&'a str, &'a str, i32),
        ) -> &'b mut ExamFact {
            exams.entry((scheme, level, year)).or_insert_with(|| ExamFact {
                scheme: scheme.to_owned(),
                level: level.to_owned(),
                year: i64::from(year),
                registered: false,
                sat: false,
                passed: false,
            })
        }
        // A level that the files no longer describe cannot be judged and is not counted.
        let described =
            |scheme: &str, level: &str| schemes.scheme(scheme).ok().is_some_and(|s| s.level(level).is_some());
        for (scheme, level, year, on) in &self.registrations {
            if by_then(*on) && described(scheme, level) {
                at(&mut exams, (scheme, level, *year)).registered = true;
            }
        }
        let mut of_level: BTreeMap<(&str, &str), Vec<ResultFact>> = BTreeMap::new();
        for r in self.results.iter().filter(|r| by_then(r.on) && described(&r.scheme, &r.level)) {
            at(&mut exams, (&r.scheme, &r.level, r.fact.year)).sat |= r.fact.outcome.sat();
            of_level.entry((&r.scheme, &r.level)).or_default().push(r.fact.clone());
        }
        for ((scheme, level), facts) in &of_level {
            let Some((s, l)) = schemes.scheme(scheme).ok().and_then(|s| Some((s, s.level(level)?))) else { continue };
            let area = s.area_of(region_code).map(|a| a.code.as_str());
            let mut years: Vec<i32> = facts.iter().map(|f| f.year).collect();
            years.sort_unstable();
            years.dedup();
            for year in years {
                if s.verdict(l, year, facts, area).passed {
                    at(&mut exams, (scheme, level, year)).passed = true;
                }
            }
        }
        let valid = |c: &&Cert| {
            by_then(c.held.approved_on)
                && match (c.revoked_on, as_of) {
                    (None, _) => true,
                    (Some(revoked), Some(day)) => revoked > day,
                    (Some(_), None) => false,
                }
        };
        let valid: Vec<&Cert> = self.certificates.iter().filter(valid).collect();
        let held = highest(valid.iter().map(|c| &c.held), schemes);
        Counted {
            exams: exams.into_values().filter(|e| !e.is_empty()).collect(),
            highest: held.map(|h| (h.scheme.clone(), h.level.clone())),
            certificate_years: valid.iter().map(|c| c.exam_year).filter(|y| *y > 0).collect(),
        }
    }
}

/// People of a chunk are found by a range of ids when nobody is left out between them, else by a list.
const RANGE: usize = 4000;

impl Walk<'_> {
    /// Shows every person to `see` until it breaks off.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn run(&self, db: &impl ConnectionTrait, mut see: impl FnMut(&Walker) -> ControlFlow<()>) -> Result<()> {
        let cycles = cycles(db).await?;
        let everybody = self.who.sees_all() && self.region.is_none();
        if everybody {
            let mut after = self.after;
            loop {
                let limit = i64::try_from(RANGE).unwrap_or(i64::MAX);
                let sql = "SELECT p.id, p.region_code, p.campus_id FROM person p WHERE p.id > ? ORDER BY p.id LIMIT ?";
                let heads: Vec<Head> = db::rows(db, sql, [after.into(), limit.into()]).await?;
                let (Some(first), Some(last)) = (heads.first().map(|h| h.id), heads.last().map(|h| h.id)) else {
                    return Ok(());
                };
                after = last;
                let of = Of { text: "BETWEEN ? AND ?".to_owned(), values: vec![first.into(), last.into()] };
                for w in self.chunk(db, heads, &of, &cycles).await? {
                    if see(&w).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        let (cond, mut values) = scope::sql(self.who);
        let mut sql = format!("SELECT p.id, p.region_code, p.campus_id FROM person p WHERE {cond} AND p.id > ?");
        values.push(self.after.into());
        if let Some(region) = self.region {
            let (from, to) = db::prefix_range(region);
            sql.push_str(" AND p.region_code >= ? AND p.region_code < ?");
            values.extend([from.into(), to.into()]);
        }
        sql.push_str(" ORDER BY p.id");
        let mut heads: Vec<Head> = db::rows(db, &sql, values).await?;
        while !heads.is_empty() {
            let rest = heads.split_off(heads.len().min(db::CHUNK));
            let of = Of {
                text: format!("IN ({})", db::places(heads.len())),
                values: heads.iter().map(|h| h.id.into()).collect(),
            };
            for w in self.chunk(db, heads, &of, &cycles).await? {
                if see(&w).is_break() {
                    return Ok(());
                }
            }
            heads = rest;
        }
        Ok(())
    }

    async fn chunk(
        &self,
        db: &impl ConnectionTrait,
        heads: Vec<Head>,
        of: &Of,
        cycles: &Cycles,
    ) -> Result<Vec<Walker>> {
        let mut people: Vec<Walker> = heads
            .into_iter()
            .map(|h| {
                let mut groups = vec![GroupKey { kind: "all", key: String::new() }];
                groups.extend(pipeline::region_groups(&h.region_code));
                groups.extend(h.campus_id.map(|c| GroupKey { kind: "campus", key: c.to_string() }));
                Walker { id: h.id, region_code: h.region_code, groups, ..Walker::default() }
            })
            .collect();
        let mut with = |id: i64, f: &mut dyn FnMut(&mut Walker)| {
            if let Some(w) = people.binary_search_by_key(&id, |w| w.id).ok().and_then(|i| people.get_mut(i)) {
                f(w);
            }
        };
        let sql = of.sql("SELECT person_id, kind, target_id FROM person_scope WHERE person_id");
        for r in db::rows::<InGroup>(db, &sql, of.values.clone()).await? {
            if let Some(kind) = ["cohort", "class", "base"].into_iter().find(|k| *k == r.kind) {
                with(r.person_id, &mut |w| w.groups.push(GroupKey { kind, key: r.target_id.to_string() }));
            }
        }
        if self.facts {
            let sql = of.sql(
                "SELECT person_id, stage, highest_scheme, highest_level, highest_rank FROM person_facts WHERE person_id",
            );
            for r in db::rows::<FactsRow>(db, &sql, of.values.clone()).await? {
                let highest = (r.highest_rank > 0).then_some((r.highest_scheme, r.highest_level));
                let counted = Counted { highest, ..Counted::default() };
                let mut kept = Some(Kept { stage: r.stage, counted });
                with(r.person_id, &mut |w| w.facts = kept.take());
            }
            let sql = of
                .sql("SELECT person_id, scheme, level, year, registered, sat, passed FROM exam_facts WHERE person_id");
            for r in db::rows::<ExamRow>(db, &sql, of.values.clone()).await? {
                let id = r.person_id;
                let mut fact = Some(ExamFact::from(r));
                with(id, &mut |w| {
                    if let (Some(k), Some(f)) = (w.facts.as_mut(), fact.take()) {
                        k.counted.exams.push(f);
                    }
                });
            }
        }
        // Certificates are few: the facts do not keep their years, so they are read for both bases.
        let sql = of.sql(
            "SELECT id, person_id, scheme, level, exam_year, approved_on, revoked_on FROM certificate WHERE person_id",
        );
        for r in db::rows::<CertRow>(db, &sql, of.values.clone()).await? {
            let id = r.person_id;
            let mut cert = Some(Cert::from(r));
            with(id, &mut |w| {
                let Some(c) = cert.take() else { return };
                if let Some(k) = w.facts.as_mut().filter(|_| c.revoked_on.is_none() && c.exam_year > 0) {
                    k.counted.certificate_years.insert(c.exam_year);
                }
                w.source.certificates.push(c);
            });
        }
        if self.source {
            let sql = of.sql(
                "SELECT person_id, cycle_id, level, registered_on FROM registration WHERE state = 'active' AND person_id",
            );
            for r in db::rows::<RegRow>(db, &sql, of.values.clone()).await? {
                let Some((scheme, year)) = cycles.get(&r.cycle_id) else { continue };
                let mut reg = Some((scheme.clone(), r.level, *year, r.registered_on));
                with(r.person_id, &mut |w| w.source.registrations.extend(reg.take()));
            }
            let sql = of.sql(
                "SELECT person_id, cycle_id, level, subject, code, mark, held, published_on FROM result WHERE person_id",
            );
            for r in db::rows::<ResultRow>(db, &sql, of.values.clone()).await? {
                let Some((scheme, year)) = cycles.get(&r.cycle_id) else { continue };
                let Some(outcome) = Outcome::from_parts(&r.code, r.mark) else { continue };
                let mut published = Some(Published {
                    scheme: scheme.clone(),
                    level: r.level,
                    on: r.published_on,
                    fact: ResultFact { year: *year, subject: r.subject, outcome, held: r.held },
                });
                with(r.person_id, &mut |w| w.source.results.extend(published.take()));
            }
        }
        for k in people.iter_mut().filter_map(|w| w.facts.as_mut()) {
            k.counted.exams.sort();
        }
        Ok(people)
    }
}

/// The people of one chunk: what stands after `person_id`.
struct Of {
    text: String,
    values: Vec<Value>,
}

impl Of {
    fn sql(&self, select: &str) -> String {
        format!("{select} {}", self.text)
    }
}

type Cycles = HashMap<i64, (String, i32)>;

async fn cycles(db: &impl ConnectionTrait) -> Result<Cycles> {
    let rows: Vec<CycleRow> = db::rows(db, "SELECT id, scheme, year FROM exam_cycle", []).await?;
    Ok(rows.into_iter().map(|r| (r.id, (r.scheme, i32::try_from(r.year).unwrap_or_default()))).collect())
}

#[derive(FromQueryResult)]
struct Head {
    id: i64,
    region_code: String,
    campus_id: Option<i64>,
}

#[derive(FromQueryResult)]
struct InGroup {
    person_id: i64,
    kind: String,
    target_id: i64,
}

#[derive(FromQueryResult)]
struct FactsRow {
    person_id: i64,
    stage: String,
    highest_scheme: String,
    highest_level: String,
    highest_rank: i64,
}

#[derive(FromQueryResult)]
struct ExamRow {
    person_id: i64,
    scheme: String,
    level: String,
    year: i64,
    registered: bool,
    sat: bool,
    passed: bool,
}

impl From<ExamRow> for ExamFact {
    fn from(r: ExamRow) -> Self {
        Self { scheme: r.scheme, level: r.level, year: r.year, registered: r.registered, sat: r.sat, passed: r.passed }
    }
}

#[derive(FromQueryResult)]
struct CertRow {
    id: i64,
    person_id: i64,
    scheme: String,
    level: String,
    exam_year: i64,
    approved_on: NaiveDate,
    revoked_on: Option<NaiveDate>,
}

impl From<CertRow> for Cert {
    fn from(r: CertRow) -> Self {
        let held = Held { id: r.id, scheme: r.scheme, level: r.level, approved_on: r.approved_on };
        Self { held, exam_year: r.exam_year, revoked_on: r.revoked_on }
    }
}

#[derive(FromQueryResult)]
struct RegRow {
    person_id: i64,
    cycle_id: i64,
    level: String,
    registered_on: NaiveDate,
}

#[derive(FromQueryResult)]
struct ResultRow {
    person_id: i64,
    cycle_id: i64,
    level: String,
    subject: String,
    code: String,
    mark: Option<i64>,
    held: bool,
    published_on: NaiveDate,
}

#[derive(FromQueryResult)]
struct CycleRow {
    id: i64,
    scheme: String,
    year: i64,
}
