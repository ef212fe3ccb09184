//! What makes an hour entry possible, and which steps its state may take. Plain values only.
//!
//! Sources: the log sheet of the practicum bases (domain: 实习时数记录表) and the sample files' verdicts. Times are
//! minutes of the day, an entry belongs to one civil day; work past midnight is logged as two entries.

pub use crate::core::civil::hours;
use chrono::NaiveDate;

/// Minutes of a day, and so the most that one day can hold.
pub const DAY: i64 = 24 * 60;

/// The kinds of work of the log sheet, as the offices write them, with the text key of their name.
pub const KINDS: [(&str, &str); 5] = [
    ("个案", "practicum-kind-case"),
    ("小组", "practicum-kind-group"),
    ("社区活动", "practicum-kind-community"),
    ("走访", "practicum-kind-visit"),
    ("行政", "practicum-kind-office"),
];

/// The groups of people served, likewise.
pub const BENEFICIARIES: [(&str, &str); 3] = [
    ("老年人", "practicum-beneficiary-old"),
    ("未成年人", "practicum-beneficiary-minor"),
    ("其他", "practicum-beneficiary-other"),
];

/// The text key of a kind of work or group of people; `None` for a word of an office's own.
#[must_use]
pub fn word_key(word: &str) -> Option<&'static str> {
    KINDS.iter().chain(&BENEFICIARIES).find(|(w, _)| *w == word).map(|(_, k)| *k)
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Draft,
    Submitted,
    Confirmed,
    Returned,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Confirmed, Self::Returned];

    /// The name in the table and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Confirmed => "confirmed",
            Self::Returned => "returned",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether the entry claims its time, so that another may not overlap it. A draft claims nothing yet, a returned one
    /// nothing any more.
    #[must_use]
    pub fn claims(self) -> bool {
        matches!(self, Self::Submitted | Self::Confirmed)
    }
}

/// What can be done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The intern changes it without handing it in.
    Save,
    /// The intern hands it in, or hands it in again.
    Submit,
    /// The intern takes it back.
    Withdraw,
    /// The supervisor stands by it.
    Confirm,
    /// The supervisor gives it back with a reason; also a confirmed one that proved wrong.
    Return,
}

/// The state after a step; `None` where the step is not allowed. A confirmed entry changes only by being returned.
#[must_use]
pub fn next(state: State, step: Step) -> Option<State> {
    match (state, step) {
        (State::Draft | State::Returned, Step::Save) => Some(state),
        (State::Draft | State::Submitted | State::Returned, Step::Submit) => Some(State::Submitted),
        (State::Submitted | State::Returned, Step::Withdraw) => Some(State::Draft),
        (State::Submitted, Step::Confirm) => Some(State::Confirmed),
        (State::Submitted | State::Confirmed, Step::Return) => Some(State::Returned),
        _ => None,
    }
}

/// The figures of an entry that the rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub worked_on: NaiveDate,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub minutes: i64,
    pub supervision_minutes: i64,
    pub beneficiary_count: i64,
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
        }
    }

    /// The field of the log form (and the key of the import's column) the message belongs to.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::HoursMissing | Self::DayOver24Hours | Self::HoursExceedSpan => "hours",
            Self::TimeIncomplete | Self::EndBeforeStart => "to",
            Self::TimeImpossible | Self::OverlapsOtherRecord => "from",
            Self::NegativeCount => "count",
            Self::SupervisionExceedsHours => "supervision",
            Self::OutsidePlacement | Self::DateInFuture => "date",
        }
    }
}

/// Faults of the entry taken alone, the first by the order of the checks: one cause, one message.
///
/// # Errors
/// The fault.
pub fn check(f: &Figures) -> Result<(), Fault> {
    if f.beneficiary_count < 0 {
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

/// The entry against the others of the same person on the same day that claim their time: the place in `others` of the
/// one it overlaps (`None` when only the day's total is too much).
///
/// # Errors
/// The fault with that place.
pub fn check_day(f: &Figures, others: &[Figures]) -> Result<(), (Fault, Option<usize>)> {
    if let Some(i) = others.iter().position(|o| overlap(f, o)) {
        return Err((Fault::OverlapsOtherRecord, Some(i)));
    }
    let day: i64 = others.iter().filter(|o| o.worked_on == f.worked_on).map(|o| o.minutes).sum();
    if day.saturating_add(f.minutes) > DAY {
        return Err((Fault::DayOver24Hours, None));
    }
    Ok(())
}

/// Reads "8:30", "08:30", "0830", "8：30" as minutes of the day; "24:00" is the day's end.
#[must_use]
pub fn time_of(text: &str) -> Option<i64> {
    let t = text.trim().replace('：', ":");
    let (h, m) = match t.split_once(':') {
        Some((h, rest)) => (h, rest.split(':').next().unwrap_or_default()),
        None if t.len() == 4 && t.is_ascii() => t.split_at(2),
        None => return None,
    };
    if h.len() > 2 || m.len() != 2 || !(h.bytes().chain(m.bytes())).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60 || (h, m) == (24, 0)).then_some(h * 60 + m)
}

/// "08:30" for minutes of the day.
#[must_use]
pub fn show_time(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// Hours as typed ("7", "6.5", "0.25") to minutes. Finer than a minute or not a number: `None`.
#[must_use]
pub fn minutes_of_hours(text: &str) -> Option<i64> {
    let t = text.trim();
    let (sign, digits) = t.strip_prefix('-').map_or((1, t), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || whole.len() > 6 || part.len() > 4 {
        return None;
    }
    if !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let scaled: i64 = format!("{part:0<4}").parse().ok()?;
    let ten_thousandths = scaled.checked_mul(60)?;
    // Written decimals of a third of an hour are rounded to the minute; nothing else is lost.
    Some(sign * (whole * 60 + (ten_thousandths + 5_000) / 10_000))
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
    fn a_day_holds_entries_side_by_side_up_to_24_hours() {
        let morning = entry(510, 720, 210);
        assert_eq!(check_day(&entry(720, 800, 60), &[morning]), Ok(()), "touching is not overlapping");
        assert_eq!(check_day(&entry(700, 800, 60), &[morning]), Err((Fault::OverlapsOtherRecord, Some(0))));
        let other_day = Figures { worked_on: day(3), ..morning };
        assert_eq!(check_day(&morning, &[other_day]), Ok(()));
        let long = Figures { starts: None, ends: None, minutes: DAY - 60, ..morning };
        assert_eq!(check_day(&entry(0, 60, 60), &[long]), Ok(()));
        assert_eq!(check_day(&entry(0, 61, 61), &[long]), Err((Fault::DayOver24Hours, None)));
    }

    #[test]
    fn a_confirmed_entry_only_goes_back_with_a_reason() {
        use State::{Confirmed, Draft, Returned, Submitted};
        let allowed = [
            (Draft, Step::Save, Draft),
            (Returned, Step::Save, Returned),
            (Draft, Step::Submit, Submitted),
            (Submitted, Step::Submit, Submitted),
            (Returned, Step::Submit, Submitted),
            (Submitted, Step::Withdraw, Draft),
            (Returned, Step::Withdraw, Draft),
            (Submitted, Step::Confirm, Confirmed),
            (Submitted, Step::Return, Returned),
            (Confirmed, Step::Return, Returned),
        ];
        for state in State::ALL {
            for step in [Step::Save, Step::Submit, Step::Withdraw, Step::Confirm, Step::Return] {
                let want = allowed.iter().find(|(s, t, _)| *s == state && *t == step).map(|a| a.2);
                assert_eq!(next(state, step), want, "{state:?} {step:?}");
            }
            assert_eq!(State::parse(state.name()), Some(state));
        }
    }

    #[test]
    fn times_and_hours_as_people_write_them() {
        for (text, want) in [
            ("08:30", Some(510)),
            ("8:30", Some(510)),
            ("0830", Some(510)),
            (" 8：05 ", Some(485)),
            ("8:30:00", Some(510)),
            ("24:00", Some(DAY)),
            ("24:01", None),
            ("8:3", None),
            ("8:60", None),
            ("早上", None),
            ("", None),
            ("-1:30", None),
            ("八点半年", None),
        ] {
            assert_eq!(time_of(text), want, "{text}");
        }
        for (text, want) in [
            ("7", Some(420)),
            ("6.5", Some(390)),
            ("0.3333", Some(20)),
            ("-5", Some(-300)),
            ("两小时", None),
            ("", None),
            (".", None),
            ("1e3", None),
            ("9999999", None),
        ] {
            assert_eq!(minutes_of_hours(text), want, "{text}");
        }
        for (minutes, want) in [(420, "7"), (390, "6.5"), (20, "0.33"), (1_824_870, "30414.5"), (0, "0"), (-90, "-1.5")]
        {
            assert_eq!(hours(minutes), want);
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

        #[test]
        fn a_time_shown_is_read_back(m in 0i64..=DAY) {
            prop_assert_eq!(time_of(&show_time(m)), Some(m));
        }

        #[test]
        fn quarter_hours_survive_writing_and_reading(q in 0i64..4000) {
            prop_assert_eq!(minutes_of_hours(&hours(q * 15)), Some(q * 15));
        }

        #[test]
        fn no_text_makes_the_readers_panic(s in ".{0,12}") {
            let _ = (time_of(&s), minutes_of_hours(&s));
        }
    }
}
