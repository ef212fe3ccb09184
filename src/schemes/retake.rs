//! When somebody may sit again: the days between two attempts, and leave to come earlier.

use chrono::{Months, NaiveDate};

use super::model::PassingRule;

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub on: NaiveDate,
    /// How far the mark lay below the line, in hundredths; `None` when there is no mark.
    pub below: Option<i64>,
}

/// Whether a wanted day is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextAttempt {
    /// The first day without leave.
    pub from: Option<NaiveDate>,
    pub leave: Leave,
}

/// Leave to sit before the days are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    NotNeeded,
    /// It may be given; whoever decides need not.
    Possible,
    /// The rule knows none.
    None,
    /// The last attempt gave no mark, so nearness cannot be told.
    NoMark,
    /// The last mark lay further below the line than the rule allows; by so many hundredths.
    TooFar(i64),
    /// As many as the rule allows were given; the first day on which one may be given again.
    Spent(NaiveDate),
}

/// What the rule says of sitting on `wanted`. `given` are the days of attempts for which leave was given before.
#[must_use]
pub fn next_attempt(rule: &PassingRule, attempts: &[Attempt], given: &[NaiveDate], wanted: NaiveDate) -> NextAttempt {
    let last = attempts.iter().filter(|a| a.on < wanted).max_by_key(|a| a.on);
    let Some(last) = last.filter(|_| rule.wait_days > 0) else {
        return NextAttempt { from: None, leave: Leave::NotNeeded };
    };
    let from = rule.next_attempt_from(last.on);
    NextAttempt {
        from: Some(from),
        leave: if wanted >= from { Leave::NotNeeded } else { leave(rule, last, given, wanted) },
    }
}

fn leave(rule: &PassingRule, last: &Attempt, given: &[NaiveDate], wanted: NaiveDate) -> Leave {
    let Some(w) = &rule.wait_waiver else { return Leave::None };
    let Some(below) = last.below else { return Leave::NoMark };
    if below > w.within {
        return Leave::TooFar(below - w.within);
    }
    // A leave of a day counts up to the day before the same day so many months later.
    let months = Months::new(w.in_months);
    let ends = |d: &NaiveDate| d.checked_add_months(months).unwrap_or(NaiveDate::MAX);
    let mut running: Vec<NaiveDate> =
        given.iter().filter(|d| **d <= wanted).map(ends).filter(|e| *e > wanted).collect();
    running.sort_unstable();
    match running.len().checked_sub(w.most).and_then(|n| running.get(n)) {
        Some(free) => Leave::Spent(*free),
        None => Leave::Possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::files::RuleFiles;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_between_attempts_and_leave() {
        let schemes = crate::schemes::load(&RuleFiles::default()).unwrap();
        let level = schemes.scheme("field-education").unwrap().level("master-field").unwrap().clone();
        let rule = level.passing_in(2026).unwrap();
        let near = [
            Attempt { on: day("2025-01-05"), below: Some(4000) },
            Attempt { on: day("2026-03-01"), below: Some(1000) },
        ];
        let ask = |attempts: &[Attempt], given: &[&str], wanted: &str| {
            let given: Vec<NaiveDate> = given.iter().map(|d| day(d)).collect();
            next_attempt(rule, attempts, &given, day(wanted))
        };
        assert_eq!(ask(&[], &[], "2026-04-01"), NextAttempt { from: None, leave: Leave::NotNeeded });
        assert_eq!(ask(&near, &[], "2026-05-30").leave, Leave::NotNeeded);
        assert_eq!(
            ask(&near, &[], "2026-05-29"),
            NextAttempt { from: Some(day("2026-05-30")), leave: Leave::Possible }
        );
        let far = [Attempt { on: day("2026-03-01"), below: Some(1100) }];
        assert_eq!(ask(&far, &[], "2026-05-29").leave, Leave::TooFar(100));
        let absent = [Attempt { on: day("2026-03-01"), below: None }];
        assert_eq!(ask(&absent, &[], "2026-05-29").leave, Leave::NoMark);
        // Two in twelve months; the first of them is over on the same day a year later.
        let two = ["2025-05-29", "2025-11-01"];
        assert_eq!(ask(&near, &two, "2026-05-28").leave, Leave::Spent(day("2026-05-29")));
        assert_eq!(ask(&near, &two, "2026-05-29").leave, Leave::Possible);
        assert_eq!(
            ask(&near, &["2025-06-29", "2025-11-01", "2025-12-01"], "2026-05-28").leave,
            Leave::Spent(day("2026-11-01"))
        );

        let mut strict = rule.clone();
        strict.wait_waiver = None;
        assert_eq!(next_attempt(&strict, &near, &[], day("2026-04-01")).leave, Leave::None);
        strict.wait_days = 0;
        assert_eq!(next_attempt(&strict, &near, &[], day("2026-04-01")).leave, Leave::NotNeeded);
    }
}
