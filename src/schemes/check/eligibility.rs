//! Every education with every kind of major falls under exactly one clause or one stated refusal, in every exam year of a
//! level: else the file is refused, with the place named.

use std::collections::{BTreeSet, HashSet};

use super::At;
use crate::core::Result;
use crate::schemes::clauses::{Counted, MajorClass};
use crate::schemes::model::{Level, Scheme, in_force};

pub(super) fn scheme(at: &At<'_>, s: &Scheme) -> Result<()> {
    if s.educations.is_empty() || s.educations.len() > 64 {
        return at.bad("educations", "expected from 1 to 64");
    }
    for (i, r) in s.counting.iter().enumerate() {
        let key = format!("counting[{i}]");
        at.rule(&key, r.from_year, r.to_year, &r.source)?;
        // 29 February would be missing in most years.
        if r.cut_off(2001).is_none() {
            return at.bad(&format!("{key}.cut_off_day"), "expected a month and a day of every year");
        }
        if s.counting.iter().take(i).any(|o| o.holds_in(r.from_year) || r.holds_in(o.from_year)) {
            return at.bad(&key, "meets another counting rule in some exam year");
        }
    }
    for (i, d) in s.documents.iter().enumerate() {
        if d.source.trim().is_empty() {
            return at.bad(&format!("documents[{i}].source"), "expected where the rule is written");
        }
    }
    for (i, l) in s.levels.iter().enumerate() {
        clauses(at, &format!("levels[{i}]"), s, l)?;
        complete(at, &format!("levels[{i}]"), s, l)?;
    }
    Ok(())
}

fn clauses(at: &At<'_>, key: &str, s: &Scheme, l: &Level) -> Result<()> {
    let mut versions = HashSet::new();
    for (i, c) in l.eligibility.iter().enumerate() {
        let key = format!("{key}.eligibility[{i}]");
        at.rule(&key, c.from_year, c.to_year, &c.source)?;
        at.code(&format!("{key}.code"), &c.code)?;
        if !versions.insert((&c.code, c.from_year)) {
            return at.bad(&format!("{key}.code"), format!("\"{}\" of {} stands twice", c.code, c.from_year));
        }
        educations(at, &key, s, &c.educations)?;
        if c.holds.as_ref().is_some_and(|h| s.level(h).is_none()) {
            return at.bad(&format!("{key}.holds"), "expected the code of a level");
        }
        if c.counted == Counted::SinceCertificate && c.holds.is_none() {
            return at.bad(&format!("{key}.counted"), "\"since_certificate\" wants holds");
        }
        if c.years > 60 {
            return at.bad(&format!("{key}.years"), "expected years from 0 to 60");
        }
        if c.practicum.as_ref().is_some_and(|p| !s.programmes.iter().any(|x| x.code == *p)) {
            return at.bad(&format!("{key}.practicum"), "expected the code of a programme");
        }
        if !(1..=100).contains(&c.practicum_percent) {
            return at.bad(&format!("{key}.practicum_percent"), "expected a number from 1 to 100");
        }
    }
    for (i, r) in l.refusals.iter().enumerate() {
        let key = format!("{key}.refusals[{i}]");
        at.rule(&key, r.from_year, r.to_year, &r.source)?;
        educations(at, &key, s, &r.educations)?;
    }
    Ok(())
}

fn educations(at: &At<'_>, key: &str, s: &Scheme, codes: &[String]) -> Result<()> {
    let key = format!("{key}.educations");
    if codes.is_empty() {
        return at.bad(&key, "expected at least one code");
    }
    at.unique(&key, codes.iter().map(String::as_str))?;
    match codes.iter().find(|c| !s.educations.iter().any(|e| e.code == **c)) {
        Some(unknown) => at.bad(&key, format!("\"{unknown}\" is no code in educations")),
        None => Ok(()),
    }
}

/// The exam years in which something begins or has just ended: between two of them nothing changes.
fn turning_years(l: &Level) -> BTreeSet<i32> {
    let spans = l.passing.iter().map(|r| (r.from_year, r.to_year));
    let spans = spans.chain(l.eligibility.iter().map(|c| (c.from_year, c.to_year)));
    let spans = spans.chain(l.refusals.iter().map(|r| (r.from_year, r.to_year)));
    spans.flat_map(|(from, to)| [Some(from), to.map(|t| t.saturating_add(1))]).flatten().collect()
}

/// The proof itself; names every gap and every overlap of a level at once.
fn complete(at: &At<'_>, key: &str, s: &Scheme, l: &Level) -> Result<()> {
    let mut wrong = Vec::new();
    for year in turning_years(l).into_iter().filter(|y| l.passing_in(*y).is_some()) {
        if s.counting_in(year).is_none() {
            return at.bad("counting", format!("no rule for the exam year {year} of level {}", l.code));
        }
        for e in &s.educations {
            for (class, word) in [(MajorClass::Own, "with an own major"), (MajorClass::Other, "with another major")] {
                let takes = |codes: &[String], major: MajorClass| {
                    codes.contains(&e.code) && major.takes(class == MajorClass::Own)
                };
                let clauses = l
                    .eligibility
                    .iter()
                    .enumerate()
                    .filter(|(_, c)| in_force(c.from_year, c.to_year, year) && takes(&c.educations, c.major));
                let refusals = l
                    .refusals
                    .iter()
                    .enumerate()
                    .filter(|(_, r)| in_force(r.from_year, r.to_year, year) && takes(&r.educations, r.major));
                let found: Vec<String> = clauses
                    .map(|(i, _)| format!("eligibility[{i}]"))
                    .chain(refusals.map(|(i, _)| format!("refusals[{i}]")))
                    .collect();
                let who = format!("exam year {year}: \"{}\" {word}", e.code);
                match found.as_slice() {
                    [_] => {}
                    [] => wrong.push(format!("{who} falls under no clause and no refusal")),
                    several => wrong.push(format!("{who} falls under {}", several.join(" and "))),
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { at.bad(key, wrong.join("; ")) }
}
