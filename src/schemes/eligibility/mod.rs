//! May this person register for this level in this exam year, and why?
//!
//! [`verdict()`] is pure: the rules come from the scheme's file, the facts from whoever keeps them. What is not known is taken
//! once for the person and once against: where the two answers differ, evidence is asked for. An education serves with its own clause,
//! the best one counts. Work is counted up to the exam year's cut-off, an employment without an end being taken to go on.

mod clause;
mod declared;
mod documents;
mod facts;
mod length;
mod verdict;
pub mod words;
mod work;

use chrono::{Datelike, NaiveDate};

use clause::{Case, end_of};
pub use declared::{Background, Shortfall};
pub use documents::documents;
pub use facts::{
    Bar, Declared, Facts, Graduation, Held, Major, Override, Practice, Schooling, Standing, Study, Work, WorkKind,
};
pub use length::Length;
pub use verdict::{Answer, ClauseVerdict, Doubt, Doubts, PracticumCheck, Verdict, WorkCheck};
use work::Counted;

use super::model::{Level, Scheme};

/// The verdict of an exam year, as asked on a day: what lies after that day rests on things going on as recorded, and an
/// override holds from the day it was given.
#[must_use]
pub fn verdict<'s>(scheme: &'s Scheme, level: &'s Level, exam_year: i32, facts: &Facts, on: NaiveDate) -> Verdict<'s> {
    let mut person = Person::new(scheme, level, facts, on);
    let mut clauses: Vec<ClauseVerdict<'s>> = Vec::with_capacity(level.eligibility.len());
    let by_clauses = person.clauses(exam_year, |c| clauses.push(c));
    let (by_bar, bar) = person.barred(exam_year);
    let by_override = person.overridden(exam_year);
    let answer = if by_override.is_some() { Answer::Yes } else { by_clauses }.min(by_bar);
    let mut found = Verdict {
        answer,
        exam_year,
        on,
        cut_off: scheme.cut_off(exam_year),
        clauses,
        refusals: Vec::new(),
        bar,
        by_override: by_override.filter(|_| by_clauses != Answer::Yes),
        held_already: facts.certificates.iter().any(|c| Some(c.level) == person.place),
        earliest_year: None,
    };
    if answer != Answer::Yes {
        found.refusals = person.refusals(exam_year);
        person.look_ahead(&mut found);
    }
    found
}

/// Only the answer, for counting many: the same as [`verdict()`] gives.
#[must_use]
pub fn answer(scheme: &Scheme, level: &Level, exam_year: i32, facts: &Facts, on: NaiveDate) -> Answer {
    Person::new(scheme, level, facts, on).answer(exam_year)
}

/// A person before one level.
struct Person<'a, 's> {
    scheme: &'s Scheme,
    level: &'s Level,
    /// The level's place in the scheme's list.
    place: Option<usize>,
    facts: &'a Facts,
    on: NaiveDate,
    /// Work, counted by the rule of which this is the mark.
    counted: Option<(bool, Counted)>,
}

impl<'a, 's> Person<'a, 's> {
    fn new(scheme: &'s Scheme, level: &'s Level, facts: &'a Facts, on: NaiveDate) -> Self {
        Self { scheme, level, place: scheme.place_of(level), facts, on, counted: None }
    }

    fn case(&mut self, year: i32) -> Case<'_> {
        let before_graduation = self.scheme.counting_in(year).is_some_and(|r| r.before_full_time_graduation);
        if self.counted.as_ref().is_none_or(|(mark, _)| *mark != before_graduation) {
            self.counted = None;
        }
        let facts = self.facts;
        let (_, counted) =
            self.counted.get_or_insert_with(|| (before_graduation, work::counted(facts, before_graduation)));
        Case {
            scheme: self.scheme,
            level: self.level,
            facts,
            year,
            end: end_of(self.scheme, year),
            before_graduation,
            counted,
        }
    }

    /// Judges every clause of a year; gives the best answer.
    fn clauses(&mut self, year: i32, mut each: impl FnMut(ClauseVerdict<'s>)) -> Answer {
        let level = self.level;
        let case = self.case(year);
        let mut best = Answer::No;
        for clause in level.eligibility_in(year) {
            let found = case.judge(clause);
            best = best.max(found.answer);
            each(found);
        }
        best
    }

    fn answer(&mut self, year: i32) -> Answer {
        let by_bar = self.barred(year).0;
        if by_bar == Answer::No {
            return Answer::No;
        }
        let by_override = self.overridden(year).is_some();
        let by_clauses = if by_override { Answer::Yes } else { self.clauses(year, |_| ()) };
        by_clauses.min(by_bar)
    }

    /// Whether a bar stands on the day of the examination. Where the day is not known, one that holds for part of the year
    /// only leaves the answer open.
    fn barred(&self, year: i32) -> (Answer, Option<usize>) {
        let day = self.scheme.exam_day(year);
        let first = NaiveDate::from_ymd_opt(year, 1, 1);
        let last = NaiveDate::from_ymd_opt(year, 12, 31);
        let holds = |b: &Bar, day: NaiveDate| b.from <= day && b.until.is_none_or(|u| day <= u);
        let of = |b: &Bar| match (day, first, last) {
            (Some(day), ..) => {
                if holds(b, day) {
                    Answer::No
                } else {
                    Answer::Yes
                }
            }
            (None, Some(first), Some(last)) => match (holds(b, first), holds(b, last)) {
                (true, true) => Answer::No,
                _ if b.from <= last && b.until.is_none_or(|u| first <= u) => Answer::NeedsEvidence,
                _ => Answer::Yes,
            },
            _ => Answer::Yes,
        };
        let worst = self.facts.bars.iter().enumerate().map(|(n, b)| (of(b), n)).min();
        match worst {
            Some((answer, n)) if answer != Answer::Yes => (answer, Some(n)),
            _ => (Answer::Yes, None),
        }
    }

    /// An override that holds up to the examination; where its day is not known, to the end of the year.
    fn overridden(&self, year: i32) -> Option<usize> {
        let day = self.scheme.exam_day(year).or_else(|| NaiveDate::from_ymd_opt(year, 12, 31))?;
        let holds = |o: &Override| {
            Some(o.level) == self.place
                && o.is_complete()
                && o.given_on <= self.on
                && o.given_on.year() <= year
                && day <= o.until
        };
        self.facts.overrides.iter().position(holds)
    }

    fn refusals(&self, year: i32) -> Vec<&'s super::clauses::Refusal> {
        let hits = |r: &super::clauses::Refusal| {
            self.facts.schooling.iter().any(|s| {
                let own = |own: bool| s.education.is_some_and(|e| r.is_of(e, own));
                match s.major {
                    Major::Own => own(true),
                    Major::Other => own(false),
                    Major::Unknown => own(true) && own(false),
                }
            })
        };
        self.level.refusals_in(year).filter(|r| hits(r)).collect()
    }

    /// The first later years in which the whole, and each clause that lacks only time, would be met.
    fn look_ahead(&mut self, found: &mut Verdict<'s>) {
        let last = self.settled(found.exam_year);
        let later = found.exam_year.saturating_add(1)..=last;
        found.earliest_year = later.clone().find(|y| self.answer(*y) == Answer::Yes);
        for c in &mut found.clauses {
            // A clause that lacks an education or a certificate is not met by waiting, unless one is on its way.
            let held = |level: usize| self.facts.certificates.iter().any(|h| h.level == level);
            if c.answer == Answer::Yes || c.schooling.is_none() || c.clause.at.holds.is_some_and(|l| !held(l)) {
                continue;
            }
            let met = |y: &i32| c.clause.holds_in(*y) && self.case(*y).judge(c.clause).answer == Answer::Yes;
            c.earliest_year = later.clone().find(met);
        }
    }

    /// The last exam year in which an answer may differ from the one before: rules and facts have settled, and the years of
    /// any clause have passed since.
    fn settled(&self, year: i32) -> i32 {
        let f = self.facts;
        let of = |d: NaiveDate| d.year();
        let rules = |from: i32, to: Option<i32>| from.max(to.map_or(from, |t| t.saturating_add(1)));
        let level = self.level;
        let last = std::iter::once(year)
            .chain(level.eligibility.iter().map(|c| rules(c.from_year, c.to_year)))
            .chain(self.scheme.counting.iter().map(|c| rules(c.from_year, c.to_year)))
            .chain(self.scheme.years.keys().next_back().copied())
            .chain(
                f.schooling.iter().filter_map(|s| if let Graduation::On(d) = s.graduated { Some(of(d)) } else { None }),
            )
            .chain(f.work.iter().map(|w| of(w.until.unwrap_or(w.from))))
            .chain(f.declared.map(|d| of(d.up_to)))
            .chain(f.certificates.iter().filter_map(|c| c.on.map(of)))
            .chain(f.overrides.iter().map(|o| of(o.until)))
            .chain(f.bars.iter().map(|b| of(b.until.unwrap_or(b.from))))
            .max()
            .unwrap_or(year);
        let goes_on = f.work.iter().any(|w| w.until.is_none()) || f.declared.is_some();
        let years = level.eligibility.iter().map(|c| c.years).max().unwrap_or_default();
        let more = if goes_on { i32::try_from(years).unwrap_or(60) } else { 0 };
        // Nobody plans further; a slip of the pen in a date must not cost a long search.
        last.saturating_add(more).saturating_add(1).min(year.saturating_add(80))
    }
}

#[cfg(test)]
mod tests;
