//! Results as people read them: one line a candidate and level, with the verdict and why.

use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};

use super::super::entity::{exam_cycle, registration, result};
use super::super::{facts, rules, words};
use super::{Cycle, READERS, cycle_by_id, visible, year_of};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Lang, Msg, Result};
use crate::db::{self, Cx};
use crate::people::query::fold_name;
use crate::people::scope;
use crate::people::timeline::TimelineItem;
use crate::schemes::{self, Outcome, Schemes, Verdict};

/// What became of a candidate, for filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcomes {
    Passed,
    /// Sat and did not complete the level.
    NotPassed,
    /// Absent in every subject.
    Absent,
    /// Waits for a person's decision.
    Held,
    /// All who sat, whatever came of it: what the head count "sat" counts. Only a filter.
    Sat,
}

impl Outcomes {
    pub const ALL: [Self; 5] = [Self::Sat, Self::Passed, Self::NotPassed, Self::Absent, Self::Held];

    /// The word in addresses and keys of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotPassed => "not-passed",
            Self::Absent => "absent",
            Self::Held => "held",
            Self::Sat => "sat",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
}

/// Which candidates of a cycle.
#[derive(Clone, Debug, Default)]
pub struct CandidateFilter {
    pub level: Option<String>,
    pub outcome: Option<Outcomes>,
    /// The beginning of a name.
    pub name: Option<String>,
}

/// What a candidate has in one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectResult {
    pub result_id: i64,
    pub subject: String,
    pub name: String,
    pub outcome: Outcome,
    pub held: bool,
    pub corrected: bool,
    pub published_on: chrono::NaiveDate,
    pub version: i64,
}

/// One candidate at one level in one cycle.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub cycle_id: i64,
    pub year: i64,
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub level: String,
    pub level_name: String,
    pub archive_no: String,
    /// In the order of the level's subjects.
    pub subjects: Vec<SubjectResult>,
    pub verdict: Verdict,
}

impl Candidate {
    #[must_use]
    pub fn held(&self) -> bool {
        self.subjects.iter().any(|s| s.held)
    }

    /// What became of the candidate, as the filter sorts it.
    #[must_use]
    pub fn outcome(&self) -> Outcomes {
        if self.verdict.passed {
            Outcomes::Passed
        } else if self.held() {
            Outcomes::Held
        } else if self.subjects.iter().all(|s| !s.outcome.sat()) {
            Outcomes::Absent
        } else {
            Outcomes::NotPassed
        }
    }
}

#[derive(FromQueryResult)]
struct Line {
    person_id: i64,
    level: String,
    name: String,
    id_tail: String,
}

/// Adds "the name begins with" to a query in which the person goes by `p`.
pub(super) fn by_name(sql: &mut String, values: &mut Vec<Value>, name: Option<&str>) {
    let name = name.map(fold_name).unwrap_or_default();
    if !name.is_empty() {
        sql.push_str(" AND p.name_key >= ? AND p.name_key < ?");
        values.extend([Value::from(name.clone()), Value::from(format!("{name}\u{10ffff}"))]);
    }
}

/// Candidates with results in a cycle, of the people the actor sees.
///
/// # Errors
/// [`Error::Forbidden`] for roles that see no names; [`Error::NotFound`] for an unknown cycle.
pub async fn candidates(
    cx: &Cx,
    who: &Actor,
    cycle_id: i64,
    filter: &CandidateFilter,
    page: &PageReq,
    lang: Lang,
) -> Result<Page<Candidate>> {
    who.require(READERS)?;
    let cycle = cycle_by_id(cx.read(), cycle_id).await?;
    let (scope, scoped) = scope::sql(who);
    let mut sql = format!(
        "SELECT DISTINCT r.person_id, r.level, p.name, p.id_tail FROM result r JOIN person p ON p.id = r.person_id \
         WHERE r.cycle_id = ? AND {scope}"
    );
    let mut values: Vec<Value> = vec![cycle_id.into()];
    values.extend(scoped);
    if let Some((person, level)) = page.after.as_deref().and_then(|a| a.split_once('-')) {
        let person: i64 = person.parse().unwrap_or(0);
        sql.push_str(" AND (r.person_id > ? OR (r.person_id = ? AND r.level > ?))");
        values.extend([person.into(), person.into(), level.into()]);
    }
    if let Some(level) = &filter.level {
        sql.push_str(" AND r.level = ?");
        values.push(level.as_str().into());
    }
    by_name(&mut sql, &mut values, filter.name.as_deref());
    let fact = "(SELECT 1 FROM exam_facts f WHERE f.person_id = r.person_id AND f.scheme = ? AND f.level = r.level \
                AND f.year = ? AND f.";
    let held = "EXISTS (SELECT 1 FROM result h WHERE h.cycle_id = r.cycle_id AND h.person_id = r.person_id \
                AND h.level = r.level AND h.held)";
    let (more, facts) = match filter.outcome {
        None => (String::new(), 0),
        Some(Outcomes::Sat) => (format!(" AND EXISTS {fact}sat)"), 1),
        Some(Outcomes::Passed) => (format!(" AND EXISTS {fact}passed)"), 1),
        Some(Outcomes::NotPassed) => (format!(" AND EXISTS {fact}sat) AND NOT EXISTS {fact}passed) AND NOT {held}"), 2),
        Some(Outcomes::Absent) => (format!(" AND NOT EXISTS {fact}sat)"), 1),
        Some(Outcomes::Held) => (format!(" AND {held}"), 0),
    };
    sql.push_str(&more);
    for _ in 0..facts {
        values.extend([Value::from(cycle.scheme.as_str()), cycle.year.into()]);
    }
    sql.push_str(" ORDER BY r.person_id, r.level LIMIT ?");
    values.push(i64::try_from(page.limit() + 1).unwrap_or(i64::MAX).into());
    let lines: Vec<Line> = db::rows(cx.read(), &sql, values).await?;
    let page = Page::cut(lines, page.limit(), |l| format!("{}-{}", l.person_id, l.level));
    let schemes = schemes::of(cx)?;
    let items = assemble(cx.read(), &schemes, &cycle, page.items, lang).await?;
    Ok(Page { items, next: page.next })
}

/// One candidate.
///
/// # Errors
/// [`Error::NotFound`] when there is nothing on record, or the person is out of the actor's scope.
pub async fn candidate(
    cx: &Cx,
    who: &Actor,
    cycle_id: i64,
    person_id: i64,
    level: &str,
    lang: Lang,
) -> Result<(Cycle, Candidate)> {
    who.require(READERS)?;
    let cycle = cycle_by_id(cx.read(), cycle_id).await?;
    let person = visible(cx.read(), who, person_id).await?;
    let schemes = schemes::of(cx)?;
    if schemes.scheme(&cycle.scheme)?.level(level).is_none() {
        return Err(Error::not_found("error-not-found"));
    }
    let line = Line { person_id, level: level.to_owned(), name: person.name, id_tail: person.id_tail };
    let found = assemble(cx.read(), &schemes, &cycle, vec![line], lang).await?;
    let one = found.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))?;
    Ok((cycle, one))
}

/// Everything one person has, the newest cycle first.
///
/// # Errors
/// [`Error::NotFound`] when the person is out of the actor's scope.
pub async fn of_person(cx: &Cx, who: &Actor, person_id: i64, lang: Lang) -> Result<Vec<(Cycle, Candidate)>> {
    who.require(READERS)?;
    let person = visible(cx.read(), who, person_id).await?;
    let rows = result::Entity::find().filter(result::Column::PersonId.eq(person_id)).all(cx.read()).await?;
    let mut keys: Vec<(i64, String)> = rows.into_iter().map(|r| (r.cycle_id, r.level)).collect();
    keys.sort();
    keys.dedup();
    let cycles = exam_cycle::Entity::find()
        .filter(exam_cycle::Column::Id.is_in(keys.iter().map(|k| k.0)))
        .order_by_desc(exam_cycle::Column::Year)
        .all(cx.read())
        .await?;
    let schemes = schemes::of(cx)?;
    let mut all = Vec::new();
    for cycle in cycles {
        let lines = keys.iter().filter(|k| k.0 == cycle.id).map(|k| Line {
            person_id,
            level: k.1.clone(),
            name: person.name.clone(),
            id_tail: person.id_tail.clone(),
        });
        let found = assemble(cx.read(), &schemes, &cycle, lines.collect(), lang).await?;
        all.extend(found.into_iter().map(|c| (cycle.clone(), c)));
    }
    Ok(all)
}

/// Puts marks and verdicts to the lines, in few statements.
async fn assemble(
    db: &impl ConnectionTrait,
    schemes: &Schemes,
    cycle: &Cycle,
    lines: Vec<Line>,
    lang: Lang,
) -> Result<Vec<Candidate>> {
    let mut ids: Vec<i64> = lines.iter().map(|l| l.person_id).collect();
    ids.dedup();
    let records = facts::records(db, &ids).await?;
    let regions = facts::regions(db, &ids).await?;
    let rows = result::Entity::find()
        .filter(result::Column::CycleId.eq(cycle.id))
        .filter(result::Column::PersonId.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    let scheme = schemes.scheme(&cycle.scheme)?;
    let nothing = rules::Record::default();
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        let level = scheme.level(&line.level);
        let of_line = |r: &&result::Model| r.person_id == line.person_id && r.level == line.level;
        let mut subjects: Vec<SubjectResult> = rows
            .iter()
            .filter(of_line)
            .filter_map(|r| {
                let name = level.and_then(|l| l.subject(&r.subject)).map(|s| s.name.text(lang).to_owned());
                Some(SubjectResult {
                    result_id: r.id,
                    name: name.unwrap_or_else(|| r.subject.clone()),
                    subject: r.subject.clone(),
                    outcome: Outcome::from_parts(&r.code, r.mark)?,
                    held: r.held,
                    corrected: r.corrected,
                    published_on: r.published_on,
                    version: r.version,
                })
            })
            .collect();
        let place = |code: &str| level.and_then(|l| l.subjects.iter().position(|s| s.code == code));
        subjects.sort_by_key(|s| place(&s.subject));
        let key = (line.person_id, cycle.scheme.clone(), line.level.clone());
        let record = records.get(&key).unwrap_or(&nothing);
        let region = regions.get(&line.person_id).map_or("", String::as_str);
        let area = scheme.area_of(region).map(|a| a.code.as_str());
        let verdict = level.map(|l| scheme.verdict(l, year_of(cycle), &record.results, area)).unwrap_or_default();
        all.push(Candidate {
            cycle_id: cycle.id,
            year: cycle.year,
            person_id: line.person_id,
            name: line.name,
            id_tail: line.id_tail,
            level_name: schemes.level_name(&cycle.scheme, &line.level, lang),
            archive_no: rows.iter().find(of_line).map(|r| r.archive_no.clone()).unwrap_or_default(),
            level: line.level,
            subjects,
            verdict,
        });
    }
    Ok(all)
}

/// What exams know of a person, for their timeline: registrations, withdrawals, results with their verdict.
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let schemes = schemes::of(cx)?;
        let mut items = Vec::new();
        let rows =
            registration::Entity::find().filter(registration::Column::PersonId.eq(person_id)).all(cx.read()).await?;
        for r in rows {
            let cycle = cycle_by_id(cx.read(), r.cycle_id).await?;
            let key = if r.state == "active" { "exams-timeline-registered" } else { "exams-timeline-withdrawn" };
            let level = schemes.level_name(&cycle.scheme, &r.level, who.lang);
            let text = Msg::new(key).with("level", level).with("year", cycle.year);
            items.push(
                TimelineItem::new(r.registered_on, "registration", text).link(format!("/registrations/{}", r.id)),
            );
        }
        if !who.is(READERS) {
            return Ok(items);
        }
        for (cycle, c) in of_person(cx, who, person_id, who.lang).await? {
            let Some(on) = c.subjects.iter().map(|s| s.published_on).max() else { continue };
            let level = schemes.scheme(&cycle.scheme)?.level(&c.level);
            let scores: Vec<String> =
                c.subjects.iter().map(|s| format!("{} {}", s.name, words::outcome(who.lang, s.outcome))).collect();
            let text = Msg::new("exams-timeline-result").with("level", &c.level_name).with("year", cycle.year);
            let scores =
                Msg::new("exams-timeline-scores").with("scores", scores.join(&Msg::new("exams-and").text(who.lang)));
            let verdict = level.map(|l| words::verdict_msg(who.lang, l, c.year, &c.verdict, c.held()));
            let href = format!("/exams/{}/{}/results/{person_id}/{}", cycle.scheme, cycle.year, c.level);
            let mut item = TimelineItem::new(on, "result", text).detail(scores).link(href);
            item.details.extend(verdict);
            items.push(item);
        }
        Ok(items)
    })
}
