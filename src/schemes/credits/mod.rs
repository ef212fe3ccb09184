//! Credits: subjects passed that still count, until when, and what to sit next year. Derived from the results as the pass
//! verdict is; explains it, decides nothing anew.

pub mod words;

use super::model::{Level, Scheme};
use super::scores::Outcome;
use super::verdict::{ResultFact, Used, Verdict, newest, withheld};

/// What to do in the exam year after the one looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The exam year it is for.
    pub year: i32,
    /// Completed already: nothing to sit, as long as what was gained holds.
    pub done: bool,
    /// Passes that count in that year; of each subject the newest.
    pub keep: Vec<Used>,
    /// Subjects to sit, in the file's order.
    pub retake: Vec<Retake>,
    /// Of those kept, the subjects that count for the last time in that year: to be sat again unless all is passed then.
    pub last_time: Vec<String>,
    /// Subjects below the country's line in a year for which the area's own line is not known: they may still become passes.
    pub line_to_come: Vec<String>,
}

/// A subject to sit, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retake {
    pub subject: String,
    pub why: Why,
}

/// Why a subject has to be sat; the newest thing that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No result on record.
    NotSat,
    /// Mark and line, hundredths.
    Below { year: i32, mark: i64, line: i64 },
    /// Passed in a year that does not count any more.
    Lapsed { year: i32 },
    /// A code instead of a mark, or a sitting of which nothing counts.
    Code { year: i32, outcome: Outcome },
    /// The line of the year is not known: the mark could not be judged.
    LineUnknown { year: i32, mark: i64 },
}

impl Scheme {
    /// The passes that still count after the exam year `year`, of each subject the newest; none once the level is completed.
    #[must_use]
    pub fn credits(&self, level: &Level, year: i32, results: &[ResultFact], area: Option<&str>) -> Vec<Used> {
        let verdict = self.verdict(level, year, results, area);
        if verdict.passed || verdict.passed_before.is_some() {
            return Vec::new();
        }
        let counted = self.counted(level, year, results, area);
        let next = year.saturating_add(1);
        level.subjects_in(next).filter_map(|s| newest(&s.code, year, next, &counted)).cloned().collect()
    }

    /// What to sit in the exam year after `year`.
    #[must_use]
    pub fn advice(&self, level: &Level, year: i32, results: &[ResultFact], area: Option<&str>) -> Advice {
        let verdict = self.verdict(level, year, results, area);
        let next = year.saturating_add(1);
        let mut advice = Advice {
            year: next,
            done: done_for(level, &verdict, year),
            keep: Vec::new(),
            retake: Vec::new(),
            last_time: Vec::new(),
            line_to_come: Vec::new(),
        };
        if advice.done {
            return advice;
        }
        // After a completion that has run out nothing is carried.
        if !verdict.passed && verdict.passed_before.is_none() {
            advice.keep = self.credits(level, year, results, area);
        }
        let kept = |code: &str| advice.keep.iter().any(|u| u.subject == code);
        let open: Vec<&str> = level.subjects_in(next).map(|s| s.code.as_str()).filter(|c| !kept(c)).collect();
        advice.retake = open
            .iter()
            .map(|c| Retake { subject: (*c).to_owned(), why: self.why(level, c, year, results, area) })
            .collect();
        let ends = advice.keep.iter().filter(|u| u.until == next);
        advice.last_time = ends.map(|u| u.subject.clone()).collect();
        advice.line_to_come = open
            .iter()
            .filter(|c| self.line_may_come(level, c, year, results, area))
            .map(|c| (*c).to_owned())
            .collect();
        advice
    }

    fn why(&self, level: &Level, subject: &str, year: i32, results: &[ResultFact], area: Option<&str>) -> Why {
        let of_subject = results.iter().filter(|r| r.subject == subject && r.year <= year);
        let Some(last) = of_subject.max_by_key(|r| r.year) else { return Why::NotSat };
        let year = last.year;
        let Outcome::Mark(mark) = last.outcome else { return Why::Code { year, outcome: last.outcome } };
        if let Some(outcome) = withheld(self, year, results) {
            return Why::Code { year, outcome };
        }
        let own = self.pass_line(year, &level.code, subject, area);
        let national = self.pass_line(year, &level.code, subject, None);
        match [own, national].into_iter().flatten().map(|l| l.mark).min() {
            None => Why::LineUnknown { year, mark },
            Some(line) if mark < line => Why::Below { year, mark, line },
            Some(_) => Why::Lapsed { year },
        }
    }

    /// Whether a mark of `year` that reaches no line may still reach the area's own: it has one in other years, and none is
    /// known for this one.
    fn line_may_come(
        &self,
        level: &Level,
        subject: &str,
        year: i32,
        results: &[ResultFact],
        area: Option<&str>,
    ) -> bool {
        let Some(area) = area.filter(|a| self.pass_lines.iter().any(|l| l.area == **a)) else { return false };
        let below = results.iter().any(|r| {
            let national = self.pass_line(year, &level.code, subject, None);
            let mark = if let Outcome::Mark(m) = r.outcome { Some(m) } else { None };
            r.year == year && r.subject == subject && mark.is_some_and(|m| national.is_none_or(|l| m < l.mark))
        });
        let own = self.pass_line(year, &level.code, subject, Some(area)).is_some_and(|l| l.area == area);
        below && !own && withheld(self, year, results).is_none()
    }
}

/// Whether the level is completed and that still holds in the next year: a certificate does for good, a proof for its years.
fn done_for(level: &Level, verdict: &Verdict, year: i32) -> bool {
    let since = if verdict.passed { Some(year) } else { verdict.passed_before };
    let Some(since) = since else { return false };
    let proof_years = level.passing_in(since).and_then(|r| r.proof_years);
    proof_years.is_none_or(|n| year.saturating_add(1).saturating_sub(since) < n)
}

#[cfg(test)]
mod tests;
