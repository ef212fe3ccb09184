//! What makes an hour entry possible. Times are minutes of the day, an entry belongs to one civil day; work past midnight
//! is logged as two entries.
//!
//! Sources: the log sheet of the practicum bases (domain: 实习时数记录表) and the sample files' verdicts.

use chrono::NaiveDate;

/// Minutes of a day, and so the most that one day can hold.
pub const DAY: i64 = 24 * 60;

/// The figures of an entry that the rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub worked_on: NaiveDate,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub minutes: i64,
    pub supervision_minutes: i64,
    pub beneficiary_count: i64,
    pub households: i64,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    HoursMissing,
    DayOver24Hours,
    TimeIncomplete,
    TimeImpossible,
    EndBeforeStart,
    HoursExceedSpan,
    NegativeCount,
    SupervisionExceedsHours,
    OutsidePlacement,
    DateInFuture,
    OverlapsOtherRecord,
    /// More than the programme's rules allow on one day.
    OverDailyCap,
    /// Too long ago to be logged or changed by the intern.
    WindowClosed,
    /// A public holiday, on which the programme has no practicum.
    Holiday,
}

impl Fault {
    /// The stable code, as in the verdicts of imported rows.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::HoursMissing => "hours_missing",
            Self::DayOver24Hours => "day_over_24_hours",
            Self::TimeIncomplete => "time_incomplete",
            Self::TimeImpossible => "time_impossible",
            Self::EndBeforeStart => "end_before_start",
            Self::HoursExceedSpan => "hours_exceed_span",
            Self::NegativeCount => "negative_count",
            Self::SupervisionExceedsHours => "supervision_exceeds_hours",
            Self::OutsidePlacement => "outside_placement",
            Self::DateInFuture => "date_in_future",
            Self::OverlapsOtherRecord => "overlaps_other_record",
            Self::OverDailyCap => "over_daily_cap",
            Self::WindowClosed => "window_closed",
            Self::Holiday => "holiday",
        }
    }

    /// The field of the log form (and the key of the import's column) the message belongs to.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::HoursMissing | Self::DayOver24Hours | Self::HoursExceedSpan | Self::OverDailyCap => "hours",
            Self::TimeIncomplete | Self::EndBeforeStart => "to",
            Self::TimeImpossible | Self::OverlapsOtherRecord => "from",
            Self::NegativeCount => "count",
            Self::SupervisionExceedsHours => "supervision",
            Self::OutsidePlacement | Self::DateInFuture | Self::WindowClosed | Self::Holiday => "date",
        }
    }
}

/// Faults of the entry taken alone, the first by the order of the checks: one cause, one message.
///
/// # Errors
/// The fault.
pub fn check(f: &Figures) -> Result<(), Fault> {
    if f.beneficiary_count < 0 || f.households < 0 {
        return Err(Fault::NegativeCount);
    }
    if f.minutes <= 0 {
        return Err(Fault::HoursMissing);
    }
    if f.minutes > DAY {
        return Err(Fault::DayOver24Hours);
    }
    match (f.starts, f.ends) {
        (Some(a), Some(b)) => {
            if !(0..DAY).contains(&a) || !(0..=DAY).contains(&b) {
                return Err(Fault::TimeImpossible);
            }
            if b <= a {
                return Err(Fault::EndBeforeStart);
            }
            if f.minutes > b - a {
                return Err(Fault::HoursExceedSpan);
            }
        }
        (None, None) => {}
        _ => return Err(Fault::TimeIncomplete),
    }
    if f.supervision_minutes < 0 || f.supervision_minutes > f.minutes {
        return Err(Fault::SupervisionExceedsHours);
    }
    Ok(())
}

/// Whether the day lies in the placement's span; an absent end is open.
///
/// # Errors
/// [`Fault::OutsidePlacement`].
pub fn check_span(on: NaiveDate, starts: Option<NaiveDate>, ends: Option<NaiveDate>) -> Result<(), Fault> {
    let inside = starts.is_none_or(|s| on >= s) && ends.is_none_or(|e| on <= e);
    if inside { Ok(()) } else { Err(Fault::OutsidePlacement) }
}

/// Whether two entries of one person claim the same minutes: only those with times on the same day can.
#[must_use]
pub fn overlap(a: &Figures, b: &Figures) -> bool {
    let (Some(a1), Some(a2), Some(b1), Some(b2)) = (a.starts, a.ends, b.starts, b.ends) else { return false };
    a.worked_on == b.worked_on && a1 < b2 && b1 < a2
}

/// The place in `others` of the one that claims the same minutes.
#[must_use]
pub fn check_overlap(f: &Figures, others: &[Figures]) -> Option<usize> {
    others.iter().position(|o| overlap(f, o))
}

/// The minutes that claims (id, the one it is to replace, minutes) take of a day; of an entry and the change that waits to
/// replace it, the longer one counts.
#[must_use]
pub fn spent(claims: impl IntoIterator<Item = (Option<i64>, Option<i64>, i64)>) -> i64 {
    let claims: Vec<_> = claims.into_iter().collect();
    let mut sum = 0_i64;
    for (id, replaces, minutes) in &claims {
        let other = |key: &Option<i64>| key.and_then(|k| claims.iter().find(|o| o.0 == Some(k)));
        let replaced = other(replaces).map_or(0, |o| o.2);
        let replacing = id.is_some_and(|id| claims.iter().any(|n| n.1 == Some(id)));
        sum += if replacing { *minutes } else { (*minutes - replaced).max(0) };
    }
    sum.min(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, d).unwrap()
    }

    fn entry(starts: i64, ends: i64, minutes: i64) -> Figures {
        Figures {
            worked_on: day(2),
            starts: Some(starts),
            ends: Some(ends),
            minutes,
            supervision_minutes: 0,
            beneficiary_count: 0,
            households: 0,
        }
    }

    #[test]
    fn every_fault_of_an_entry_alone() {
        let good = entry(510, 990, 420);
        let cases: &[(Figures, Result<(), Fault>)] = &[
            (good, Ok(())),
            (Figures { starts: None, ends: None, ..good }, Ok(())),
            (entry(0, DAY, DAY), Ok(())),
            (entry(1230, 1110, 120), Err(Fault::EndBeforeStart)),
            (entry(600, 600, 1), Err(Fault::EndBeforeStart)),
            (entry(1110, 1230, 360), Err(Fault::HoursExceedSpan)),
            (entry(0, 1410, 1500), Err(Fault::DayOver24Hours)),
            (Figures { starts: None, ends: None, minutes: DAY + 1, ..good }, Err(Fault::DayOver24Hours)),
            (Figures { minutes: 0, ..good }, Err(Fault::HoursMissing)),
            (Figures { minutes: -60, ..good }, Err(Fault::HoursMissing)),
            (Figures { ends: None, ..good }, Err(Fault::TimeIncomplete)),
            (Figures { starts: None, ..good }, Err(Fault::TimeIncomplete)),
            (entry(-1, 60, 60), Err(Fault::TimeImpossible)),
            (entry(1400, DAY + 1, 20), Err(Fault::TimeImpossible)),
            (Figures { beneficiary_count: -5, ..good }, Err(Fault::NegativeCount)),
            (Figures { households: -1, ..good }, Err(Fault::NegativeCount)),
            (Figures { supervision_minutes: 421, ..good }, Err(Fault::SupervisionExceedsHours)),
            (Figures { supervision_minutes: -1, ..good }, Err(Fault::SupervisionExceedsHours)),
            (Figures { supervision_minutes: 420, ..good }, Ok(())),
        ];
        for (f, want) in cases {
            assert_eq!(check(f), *want, "{f:?}");
        }
    }

    #[test]
    fn the_span_is_closed_on_both_sides_and_open_where_it_is_absent() {
        let cases = [
            (day(2), Some(day(2)), Some(day(9)), true),
            (day(9), Some(day(2)), Some(day(9)), true),
            (day(1), Some(day(2)), Some(day(9)), false),
            (day(10), Some(day(2)), Some(day(9)), false),
            (day(1), None, Some(day(9)), true),
            (day(30), Some(day(2)), None, true),
        ];
        for (on, from, to, want) in cases {
            assert_eq!(check_span(on, from, to).is_ok(), want, "{on} in {from:?}..{to:?}");
        }
    }

    #[test]
    fn touching_is_not_overlapping() {
        let morning = entry(510, 720, 210);
        assert_eq!(check_overlap(&entry(720, 800, 60), &[morning]), None);
        assert_eq!(check_overlap(&entry(700, 800, 60), &[entry(0, 60, 60), morning]), Some(1));
        let other_day = Figures { worked_on: day(3), ..morning };
        assert_eq!(check_overlap(&morning, &[other_day]), None);
        let long = Figures { starts: None, ends: None, minutes: DAY - 60, ..morning };
        assert_eq!(check_overlap(&entry(0, 60, 60), &[long]), None);
    }

    #[test]
    fn an_entry_and_its_change_take_the_time_of_the_longer() {
        for (claims, want) in [
            (vec![(Some(1), None, 60), (Some(2), None, 30)], 90),
            (vec![(Some(1), None, 60), (Some(2), Some(1), 30)], 60),
            (vec![(Some(1), None, 60), (Some(2), Some(1), 90)], 90),
            (vec![(Some(2), Some(1), 90)], 90),
            (vec![(None, None, 10), (None, None, 20)], 30),
            (vec![(None, None, 2000)], DAY),
            (vec![], 0),
        ] {
            assert_eq!(spent(claims.clone()), want, "{claims:?}");
        }
    }

    proptest! {
        #[test]
        fn overlap_is_symmetric_and_shifting_apart_ends_it(a in 0i64..1300, la in 1i64..140, b in 0i64..1300, lb in 1i64..140) {
            let (x, y) = (entry(a, a + la, la), entry(b, b + lb, lb));
            prop_assert_eq!(overlap(&x, &y), overlap(&y, &x));
            prop_assert!(!overlap(&x, &entry(a + la, a + la + lb, lb)));
            prop_assert!(overlap(&x, &x));
        }

        #[test]
        fn what_passes_the_check_fits_its_span(a in -10i64..1500, b in -10i64..1500, m in -10i64..1600) {
            if check(&entry(a, b, m)).is_ok() {
                prop_assert!(m > 0 && m <= b - a && a >= 0 && b <= DAY);
            }
        }
    }
}
