//! The smaller rules: fees, waivers, reviews, continuing education, extensions, waits.

use super::At;
use crate::core::Result;
use crate::schemes::model::{CodeMeaning, Level, Scheme};
use crate::schemes::policy::Takes;

pub(super) fn scheme(at: &At<'_>, s: &Scheme) -> Result<()> {
    for (i, f) in s.fees.iter().enumerate() {
        let key = format!("fees[{i}]");
        at.rule(&key, f.from_year, f.to_year, &f.source)?;
        if !f.area.bytes().all(|b| b.is_ascii_digit()) {
            return at.bad(&format!("{key}.area"), "expected the first digits of a region code, or nothing");
        }
        if let Some(unknown) = f.levels.iter().find(|l| s.level(l).is_none()) {
            return at.bad(&format!("{key}.levels"), format!("\"{unknown}\" is no code in levels"));
        }
        if !(0..=10_000_000).contains(&f.fen) {
            return at.bad(&format!("{key}.fen"), "expected fen from 0 to 10000000");
        }
    }
    for (i, k) in s.ce_kinds.iter().enumerate() {
        let key = format!("ce_kinds[{i}]");
        at.rule(&key, k.from_year, k.to_year, &k.source)?;
        if k.fixed_minutes.is_some_and(|m| m < 1) {
            return at.bad(&format!("{key}.fixed_minutes"), "expected minutes above 0");
        }
    }
    for (i, c) in s.consequences.iter().enumerate() {
        let key = format!("consequences[{i}]");
        at.rule(&key, c.from_year, c.to_year, &c.source)?;
        at.code(&format!("{key}.code"), &c.code)?;
        if s.consequences.iter().take(i).any(|o| o.code == c.code && o.from_year == c.from_year) {
            return at.bad(&format!("{key}.code"), format!("\"{}\" of {} stands twice", c.code, c.from_year));
        }
        if c.follows == CodeMeaning::Absent {
            return at.bad(&format!("{key}.follows"), "expected violation or void: absence has no consequence");
        }
        let bars = c.bar_long || c.bar_years.is_some();
        if c.bar_long && c.bar_years.is_some() || c.bar_years.is_some_and(|n| !(1..=50).contains(&n)) {
            return at.bad(&format!("{key}.bar_years"), "expected years from 1 to 50, or bar_long alone");
        }
        if bars && c.takes == Takes::Subject {
            return at.bad(&format!("{key}.takes"), "expected \"sitting\" beside a bar");
        }
    }
    for (i, l) in s.levels.iter().enumerate() {
        level(at, &format!("levels[{i}]"), s, l)?;
    }
    Ok(())
}

fn level(at: &At<'_>, key: &str, s: &Scheme, l: &Level) -> Result<()> {
    for (i, w) in l.waivers.iter().enumerate() {
        let key = format!("{key}.waivers[{i}]");
        at.rule(&key, w.from_year, w.to_year, &w.source)?;
        if let Some(unknown) = w.subjects.iter().find(|x| l.subject(x).is_none()) {
            return at.bad(&format!("{key}.subjects"), format!("\"{unknown}\" is no subject of the level"));
        }
    }
    for (i, r) in l.reviews.iter().enumerate() {
        let key = format!("{key}.reviews[{i}]");
        at.rule(&key, r.from_year, r.to_year, &r.source)?;
        if !(1..=600).contains(&r.proof_months) {
            return at.bad(&format!("{key}.proof_months"), "expected months from 1 to 600");
        }
    }
    for (i, e) in l.extensions.iter().enumerate() {
        let key = format!("{key}.extensions[{i}]");
        at.rule(&key, e.passed_from, Some(e.passed_to), &e.source)?;
        if !s.areas.iter().any(|a| a.code == e.area) {
            return at.bad(&format!("{key}.area"), format!("\"{}\" is no code in areas", e.area));
        }
        if !(1..=10).contains(&e.extra_exam_years) {
            return at.bad(&format!("{key}.extra_exam_years"), "expected a number from 1 to 10");
        }
    }
    for (i, r) in l.passing.iter().enumerate() {
        let Some(w) = &r.wait_waiver else { continue };
        let key = format!("{key}.passing[{i}].wait_waiver");
        if r.wait_days == 0 || w.most == 0 || w.in_months == 0 || w.within < 0 {
            return at.bad(&key, "expected with wait_days, most and in_months above 0, within from 0");
        }
    }
    Ok(())
}
