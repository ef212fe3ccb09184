//! What a file must satisfy beyond its form. Every message names the file and the key.

use std::collections::HashSet;

mod eligibility;
mod policy;

use super::Schemes;
use super::cycles::CycleRule;
use super::model::{Gives, Level, Scheme};
use crate::core::{Error, Result};

/// Collects the path of the key that is looked at.
struct At<'a> {
    file: &'a str,
}

impl At<'_> {
    fn bad<T>(&self, key: &str, why: impl std::fmt::Display) -> Result<T> {
        Err(Error::Setup(format!("{}: {key}: {why}", self.file)))
    }

    fn code(&self, key: &str, code: &str) -> Result<()> {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if code.is_empty() || !code.chars().all(fine) {
            return self.bad(key, format!("\"{code}\": expected letters, digits and hyphens"));
        }
        Ok(())
    }

    fn unique<'b>(&self, key: &str, codes: impl Iterator<Item = &'b str>) -> Result<()> {
        let mut seen = HashSet::new();
        for code in codes {
            self.code(key, code)?;
            if !seen.insert(code) {
                return self.bad(key, format!("\"{code}\" stands twice"));
            }
        }
        Ok(())
    }

    fn rule(&self, key: &str, from: i32, to: Option<i32>, source: &str) -> Result<()> {
        if !(1990..=2100).contains(&from) {
            return self.bad(&format!("{key}.from_year"), format!("{from}: expected an exam year from 1990 to 2100"));
        }
        if to.is_some_and(|to| to < from) {
            return self.bad(&format!("{key}.to_year"), "expected no year before from_year");
        }
        if source.trim().is_empty() {
            return self.bad(&format!("{key}.source"), "expected where the rule is written");
        }
        Ok(())
    }
}

/// # Errors
/// [`Error::Setup`] naming file and key.
pub(super) fn scheme(file: &str, s: &Scheme) -> Result<()> {
    let at = At { file };
    at.code("code", &s.code)?;
    if s.levels.is_empty() {
        return at.bad("levels", "expected at least one level");
    }
    at.unique("levels.code", s.levels.iter().map(|l| l.code.as_str()))?;
    at.unique("educations.code", s.educations.iter().map(|e| e.code.as_str()))?;
    at.unique("programmes.code", s.programmes.iter().map(|p| p.code.as_str()))?;
    at.unique("areas.code", s.areas.iter().map(|a| a.code.as_str()))?;
    at.unique("ce_kinds.code", s.ce_kinds.iter().map(|k| k.code.as_str()))?;
    if !s.levels.windows(2).all(|w| matches!(w, [a, b] if a.rank < b.rank)) {
        return at.bad("levels.rank", "expected levels in the order of their rank, each rank once");
    }
    level_names(&at, s)?;
    for (i, l) in s.levels.iter().enumerate() {
        level(&at, &format!("levels[{i}]"), l)?;
    }
    eligibility::scheme(&at, s)?;
    policy::scheme(&at, s)?;
    let mut values = HashSet::new();
    for (i, c) in s.score_codes.iter().enumerate() {
        let key = format!("score_codes[{i}]");
        at.rule(&key, c.from_year, c.to_year, &c.source)?;
        if c.value >= 0 {
            return at.bad(&format!("{key}.value"), "expected a number below 0, so that no mark can be meant");
        }
        if !values.insert((c.value, c.from_year)) {
            return at.bad(&format!("{key}.value"), format!("{} stands twice", c.value));
        }
    }
    pass_lines(&at, s)?;
    for (i, p) in s.programmes.iter().enumerate() {
        let key = format!("programmes[{i}]");
        at.rule(&key, p.from_year, p.to_year, &p.source)?;
        if !(1..=600_000).contains(&p.required_minutes) {
            return at.bad(&format!("{key}.required_minutes"), "expected minutes from 1 to 600000");
        }
    }
    Ok(())
}

/// No name may stand for two levels, or imports would guess.
fn level_names(at: &At<'_>, s: &Scheme) -> Result<()> {
    for l in &s.levels {
        let own = [&l.name.zh, &l.name.en, &l.short_name.zh, &l.short_name.en].into_iter().chain(&l.aliases);
        for name in own {
            if let Some(other) = s.levels.iter().find(|o| o.code != l.code && is_named(o, name)) {
                return at.bad("levels.aliases", format!("\"{name}\" names both {} and {}", l.code, other.code));
            }
        }
    }
    Ok(())
}

fn is_named(l: &Level, text: &str) -> bool {
    let names = [&l.name.zh, &l.name.en, &l.short_name.zh, &l.short_name.en].into_iter().chain(&l.aliases);
    super::names::is_one_of(text, names.map(String::as_str))
}

fn level(at: &At<'_>, key: &str, l: &Level) -> Result<()> {
    at.unique(&format!("{key}.subjects.code"), l.subjects.iter().map(|x| x.code.as_str()))?;
    if l.subjects.is_empty() || l.passing.is_empty() {
        return at.bad(key, "expected at least one subject and one passing rule");
    }
    for (i, x) in l.subjects.iter().enumerate() {
        let key = format!("{key}.subjects[{i}]");
        at.rule(&key, x.from_year, x.to_year, &x.source)?;
        if !(1..=1_000_000).contains(&x.full_marks) {
            return at.bad(&format!("{key}.full_marks"), "expected hundredths from 1 to 1000000");
        }
        if x.step < 1 || x.full_marks % x.step != 0 {
            return at.bad(&format!("{key}.step"), "expected hundredths of which full_marks is a whole multiple");
        }
        if !(1..=600).contains(&x.minutes) {
            return at.bad(&format!("{key}.minutes"), "expected minutes from 1 to 600");
        }
        if !(1..=30).contains(&x.day) {
            return at.bad(&format!("{key}.day"), "expected the day of the examination, from 1");
        }
    }
    for (i, r) in l.passing.iter().enumerate() {
        let key = format!("{key}.passing[{i}]");
        at.rule(&key, r.from_year, r.to_year, &r.source)?;
        if !(1..=10).contains(&r.within_exam_years) {
            return at.bad(&format!("{key}.within_exam_years"), "expected a number from 1 to 10");
        }
        if (r.gives == Gives::Proof) != r.proof_years.is_some_and(|n| n > 0) {
            return at.bad(&format!("{key}.proof_years"), "expected with gives = \"proof\", and only then");
        }
    }
    for (i, r) in l.registration.iter().enumerate() {
        let key = format!("{key}.registration[{i}]");
        at.rule(&key, r.from_year, r.to_year, &r.source)?;
        if r.valid_months == 0 || r.renewal_opens_months > r.valid_months || r.ce_minutes < 0 {
            return at.bad(&key, "expected valid_months above 0 and renewal_opens_months within them");
        }
    }
    Ok(())
}

fn pass_lines(at: &At<'_>, s: &Scheme) -> Result<()> {
    for (i, p) in s.pass_lines.iter().enumerate() {
        let key = format!("pass_lines[{i}]");
        at.rule(&key, p.from_year, p.to_year, &p.source)?;
        if !p.area.is_empty() && !s.areas.iter().any(|a| a.code == p.area) {
            return at.bad(&format!("{key}.area"), format!("\"{}\" is no code in areas", p.area));
        }
        if let Some(unknown) = p.levels.iter().find(|l| s.level(l).is_none()) {
            return at.bad(&format!("{key}.levels"), format!("\"{unknown}\" is no code in levels"));
        }
        let known = |x: &String| s.levels.iter().any(|l| l.subject(x).is_some());
        if let Some(unknown) = p.subjects.iter().find(|x| !known(x)) {
            return at.bad(&format!("{key}.subjects"), format!("\"{unknown}\" is no subject of any level"));
        }
        let most = s.levels.iter().flat_map(|l| &l.subjects).map(|x| x.full_marks).max().unwrap_or_default();
        if !(0..=most).contains(&p.mark) {
            return at.bad(&format!("{key}.mark"), format!("expected hundredths from 0 to {most}"));
        }
    }
    Ok(())
}

/// # Errors
/// [`Error::Setup`] naming file and key.
pub(super) fn cycle(file: &str, c: &CycleRule, known: &Schemes) -> Result<()> {
    let at = At { file };
    if !(1990..=2100).contains(&c.year) {
        return at.bad("year", "expected an exam year from 1990 to 2100");
    }
    if c.source.trim().is_empty() {
        return at.bad("source", "expected where it is announced");
    }
    if known.scheme(&c.scheme).is_err() {
        return at.bad("scheme", format!("\"{}\" is the code of no scheme", c.scheme));
    }
    if c.exam_last_day < c.exam_first_day {
        return at.bad("exam_last_day", "expected no day before exam_first_day");
    }
    if c.results_on.is_some_and(|d| d < c.exam_last_day) {
        return at.bad("results_on", "expected no day before the examination");
    }
    for (i, w) in c.windows.iter().enumerate() {
        let key = format!("windows[{i}]");
        if !w.area.bytes().all(|b| b.is_ascii_digit()) {
            return at.bad(&format!("{key}.area"), "expected the first digits of a region code, or nothing");
        }
        let closes = w.closes_on.and_time(w.closes_at.unwrap_or(chrono::NaiveTime::MIN));
        let opens = w.opens_on.map(|d| d.and_time(w.opens_at.unwrap_or(chrono::NaiveTime::MIN)));
        if opens.is_some_and(|o| o > closes) && w.opens_on != Some(w.closes_on) || w.opens_on > Some(w.closes_on) {
            return at.bad(&format!("{key}.closes_on"), "expected no day before opens_on");
        }
        if w.source.trim().is_empty() {
            return at.bad(&format!("{key}.source"), "expected where it is announced");
        }
        if c.windows.iter().take(i).any(|o| o.kind == w.kind && o.area == w.area) {
            return at.bad(&key, format!("a second {} window for area \"{}\"", w.kind.code(), w.area));
        }
    }
    Ok(())
}
