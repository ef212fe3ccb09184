//! Whether a level is completed in an exam year, and why.
//!
//! A subject is passed when its mark reaches the line of its own year. A level is completed when every subject is passed within the
//! rule's consecutive exam years (longer where the area's passes were extended); it is completed once, in the first year that gives it. Codes are never marks; a held
//! sitting gives nothing while it is held.

use std::collections::BTreeMap;

use super::model::{BesideMarks, Gives, Level, Scheme};
use super::policy::Extension;
use super::scores::Outcome;

/// One subject of one sitting, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFact {
    pub year: i32,
    /// The subject's code.
    pub subject: String,
    pub outcome: Outcome,
    /// The whole sitting waits for a person's decision.
    pub held: bool,
}

/// A pass that a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub subject: String,
    pub year: i32,
    /// Hundredths.
    pub mark: i64,
    /// The line it reached, hundredths.
    pub line: i64,
    /// The line is an area's own: what it gives holds there only.
    pub local: bool,
    /// The last exam year in which it counts.
    pub until: i32,
}

/// What an exam year gave one candidate at one level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Completed in this exam year.
    pub passed: bool,
    /// The passes it rests on, by year, then in the order of the subjects.
    pub why: Vec<Used>,
    /// At least one of them is from an earlier year.
    pub by_rolling: bool,
    /// One of them reached only an area's own line.
    pub local: bool,
    /// Subjects still to pass (codes), when not passed.
    pub missing: Vec<String>,
    /// Subjects (codes) whose pass still counts in the next exam year, when not passed.
    pub carried: Vec<String>,
    /// Nothing of this year's sitting counts: a violation, a void, or a sitting on hold.
    pub withheld: Option<Outcome>,
    /// Completed in this earlier exam year already.
    pub passed_before: Option<i32>,
    /// The line of a subject sat is not known, so its mark could not be judged.
    pub line_unknown: bool,
}

impl Scheme {
    /// The verdict of `year`; `results` may hold any years, those after `year` are left aside. `area` is the code of the
    /// candidate's area with own lines, if any.
    #[must_use]
    pub fn verdict(&self, level: &Level, year: i32, results: &[ResultFact], area: Option<&str>) -> Verdict {
        let counted = self.counted(level, year, results, area);
        let mut passed_before = None;
        let mut years: Vec<i32> = results.iter().map(|r| r.year).filter(|y| *y <= year).collect();
        years.sort_unstable();
        years.dedup();
        let mut complete = None;
        for y in years {
            let Some(rule) = level.passing_in(y) else { continue };
            // A proof that has run out can be earned again; a certificate is earned once.
            let lasts = if rule.gives == Gives::Proof { rule.proof_years } else { None };
            if passed_before.is_some_and(|b: i32| lasts.is_none_or(|n| y.saturating_sub(b) < n)) {
                continue;
            }
            if let Some(why) = complete_in(level, y, &counted) {
                if y == year {
                    complete = Some(why);
                } else {
                    passed_before = Some(y);
                }
            }
        }
        let withheld = withheld(self, year, results);
        let line_unknown = results.iter().any(|r| {
            r.year == year
                && matches!(r.outcome, Outcome::Mark(_))
                && self.pass_line(year, &level.code, &r.subject, area).is_none()
        });
        if let Some(why) = complete {
            let by_rolling = why.iter().any(|u| u.year != year);
            let local = why.iter().any(|u| u.local);
            return Verdict { passed: true, why, by_rolling, local, line_unknown, ..Verdict::default() };
        }
        let still = |until: i32, code: &str| counted.values().any(|u| u.subject == code && u.until >= until);
        let codes = || level.subjects_in(year).map(|s| s.code.clone());
        let missing = codes().filter(|c| !still(year, c)).collect();
        let next = year.saturating_add(1);
        let carried = codes().filter(|c| passed_before.is_none() && still(next, c)).collect();
        Verdict { missing, carried, withheld, passed_before, line_unknown, ..Verdict::default() }
    }

    /// The passes that count: by subject and year.
    pub(super) fn counted(
        &self,
        level: &Level,
        until: i32,
        results: &[ResultFact],
        area: Option<&str>,
    ) -> BTreeMap<(String, i32), Used> {
        let mut counted = BTreeMap::new();
        for r in results.iter().filter(|r| r.year <= until) {
            let Outcome::Mark(mark) = r.outcome else { continue };
            if withheld(self, r.year, results).is_some() {
                continue;
            }
            let national = self.pass_line(r.year, &level.code, &r.subject, None);
            let line = self.pass_line(r.year, &level.code, &r.subject, area);
            // Where the area's line is above the country's, the lower one holds: an own line never takes a pass away.
            let Some(line) = [line, national].into_iter().flatten().min_by_key(|l| l.mark) else { continue };
            if mark >= line.mark {
                let local = national.is_none_or(|n| mark < n.mark);
                let until = level.pass_counts_until(r.year, area);
                let used = Used { subject: r.subject.clone(), year: r.year, mark, line: line.mark, local, until };
                counted.insert((r.subject.clone(), r.year), used);
            }
        }
        counted
    }
}

/// The reason why nothing of a year's sitting counts, if so: it is held, or a code takes the whole sitting with it, or
/// it holds nothing but codes and one of them is more than an absence.
pub(super) fn withheld(scheme: &Scheme, year: i32, results: &[ResultFact]) -> Option<Outcome> {
    let sitting: Vec<&ResultFact> = results.iter().filter(|r| r.year == year).collect();
    let has = |o: Outcome| sitting.iter().any(|r| r.outcome == o).then_some(o);
    let code = has(Outcome::Violation).or_else(|| has(Outcome::Void));
    if sitting.iter().any(|r| r.held) {
        return Some(code.unwrap_or(Outcome::Void));
    }
    let takes_all = |r: &&ResultFact| scheme.beside_marks(r.outcome, year) == BesideMarks::Sitting;
    let no_mark = !sitting.iter().any(|r| matches!(r.outcome, Outcome::Mark(_)));
    code.filter(|_| no_mark).or_else(|| sitting.iter().find(|r| takes_all(r)).map(|r| r.outcome))
}

fn complete_in(level: &Level, year: i32, counted: &BTreeMap<(String, i32), Used>) -> Option<Vec<Used>> {
    let mut why = Vec::new();
    for subject in level.subjects_in(year) {
        why.push(newest(&subject.code, year, year, counted)?.clone());
    }
    why.sort_by_key(|u| u.year);
    (!why.is_empty()).then_some(why)
}

/// The newest pass of a subject, gained up to `year`, that counts in `for_year`.
pub(super) fn newest<'c>(
    subject: &str,
    year: i32,
    for_year: i32,
    counted: &'c BTreeMap<(String, i32), Used>,
) -> Option<&'c Used> {
    counted.values().filter(|u| u.subject == subject && u.year <= year && u.until >= for_year).max_by_key(|u| u.year)
}

impl Level {
    /// The last exam year in which a pass of `year` counts, by the passing rule of each later year and the extensions of the
    /// area.
    #[must_use]
    pub fn pass_counts_until(&self, year: i32, area: Option<&str>) -> i32 {
        let holds = |e: &&Extension| Some(e.area.as_str()) == area && (e.passed_from..=e.passed_to).contains(&year);
        let extra = self.extensions.iter().filter(holds).map(|e| e.extra_exam_years).max().unwrap_or_default();
        let counts = |y: &i32| {
            let within = self.passing_in(*y).map_or(1, |r| r.within_exam_years);
            y.saturating_sub(year) < within.saturating_add(extra)
        };
        // No window is longer than ten years, no extension either.
        (year..=year.saturating_add(20)).take_while(counts).last().unwrap_or(year)
    }
}
