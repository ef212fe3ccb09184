//! The verdicts of one person, in words.

use chrono::{Datelike, NaiveDate};

use super::facts;
use crate::core::{Actor, Error, Lang, Result, Role};
use crate::db::Cx;
use crate::people::ops::visible;
use crate::schemes::eligibility::words::About;
use crate::schemes::eligibility::{Answer, documents, verdict};
use crate::schemes::{self, Scheme};

/// One clause, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseLine {
    /// eligible, needs_evidence or not_eligible.
    pub answer: &'static str,
    pub clause: String,
    /// Which rule it is, with its source and years.
    pub rule: String,
    /// Met or not, and why.
    pub lines: Vec<String>,
}

/// The verdict of one level, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelVerdict {
    pub level: String,
    pub name: String,
    /// eligible, needs_evidence or not_eligible.
    pub answer: &'static str,
    pub earliest_year: Option<i32>,
    pub headline: String,
    /// Everything there is to say, the headline left out.
    pub lines: Vec<String>,
    pub clauses: Vec<ClauseLine>,
    pub documents: Vec<String>,
}

/// The exam year that is asked about when nobody says which: the first whose examination is still to come.
#[must_use]
pub fn asked_year(schemes: &schemes::Schemes, scheme: &Scheme, today: NaiveDate) -> i32 {
    let to_come = schemes.cycles(&scheme.code).find(|c| c.exam_last_day >= today);
    to_come.map_or_else(|| today.year() + 1, |c| c.year)
}

/// What the rules say of a person, level by level, as known on a day (today, or another to see what would be).
///
/// # Errors
/// Not found for somebody the reader does not see or an unknown scheme; forbidden for observers and supervisors.
pub async fn verdicts(
    cx: &Cx,
    who: &Actor,
    person_id: i64,
    scheme: &str,
    year: Option<i32>,
    on: NaiveDate,
    lang: Lang,
) -> Result<(i32, Vec<LevelVerdict>)> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
    let schemes = schemes::of(cx)?;
    let scheme = schemes.scheme(scheme)?;
    visible(cx.read(), who, person_id).await?;
    let year = year.unwrap_or_else(|| asked_year(&schemes, scheme, on));
    let mut all = facts::facts(cx, cx.read(), scheme, &[person_id]).await?;
    let facts = all.remove(&person_id).ok_or_else(|| Error::not_found("error-not-found"))?;
    let one = |level| {
        let v = verdict(scheme, level, year, &facts, on);
        let about = About { lang, scheme, level, facts: &facts };
        let clause = |c: &schemes::eligibility::ClauseVerdict<'_>| ClauseLine {
            answer: c.answer.code(),
            clause: about.clause(c.clause),
            rule: about.rule(c.clause),
            lines: about.clause_lines(c, &v),
        };
        let papers = if v.answer == Answer::No { Vec::new() } else { documents(scheme, &facts, &v) };
        LevelVerdict {
            level: level.code.clone(),
            name: level.name.text(lang).to_owned(),
            answer: v.answer.code(),
            earliest_year: v.earliest_year,
            headline: about.headline(&v),
            lines: about.explain(&v).into_iter().skip(1).collect(),
            clauses: v.clauses.iter().map(clause).collect(),
            documents: papers.into_iter().map(|d| d.name.text(lang).to_owned()).collect(),
        }
    };
    Ok((year, scheme.levels.iter().map(one).collect()))
}
