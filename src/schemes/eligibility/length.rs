//! Lengths of work. A full year is a full year from any day to the day before the same day, alone or put together from
//! several employments; and more work is never less.
//!
//! Days are put on a scale on which every month is 31 units long, its last day taking what is missing. Lengths on it can be
//! added, full months and years are exact from any day of the month, and no day is worth less than one unit.

use chrono::{Datelike, NaiveDate};

const MONTH: i64 = 31;
const YEAR: i64 = 12 * MONTH;

/// The place of a day's beginning on the scale.
pub(super) fn place(day: NaiveDate) -> i64 {
    i64::from(day.year()) * YEAR + i64::from(day.month0()) * MONTH + i64::from(day.day0())
}

/// The place of a day's end.
pub(super) fn end(day: NaiveDate) -> i64 {
    day.succ_opt().map_or(OPEN, place)
}

/// An end that never comes.
pub(super) const OPEN: i64 = i64::MAX / 4;

/// The day that begins at a place, or the next one to begin.
pub(super) fn day_at(place: i64) -> Option<NaiveDate> {
    let (year, rest) = (i32::try_from(place.div_euclid(YEAR)).ok()?, place.rem_euclid(YEAR));
    let (month, day) = (u32::try_from(rest / MONTH).ok()?, u32::try_from(rest % MONTH).ok()?);
    let first = NaiveDate::from_ymd_opt(year, month + 1, 1)?;
    first.with_day(day + 1).or_else(|| first.checked_add_months(chrono::Months::new(1)))
}

/// A length of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(pub(super) i64);

impl Length {
    #[must_use]
    pub fn years(years: u32) -> Self {
        Self(i64::from(years) * YEAR)
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 <= 0
    }

    /// Whole months, what is left over dropped.
    #[must_use]
    pub fn months(self) -> i64 {
        self.0.max(0) / MONTH
    }

    /// Whole months, a begun one counted: how many are short.
    #[must_use]
    pub fn months_up(self) -> i64 {
        (self.0.max(0) + MONTH - 1) / MONTH
    }

    /// What is left over beyond whole months, in days (of a month of 31).
    #[must_use]
    pub fn days(self) -> i64 {
        self.0.max(0) % MONTH
    }

    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

/// A stretch on the scale, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: i64,
    pub to: i64,
}

/// Sorts the spans and joins those that touch or overlap, so that nothing counts twice.
pub(super) fn joined(spans: &mut Vec<Span>) {
    spans.retain(|s| s.from < s.to);
    spans.sort_unstable_by_key(|s| s.from);
    spans.dedup_by(|next, kept| {
        let touches = next.from <= kept.to;
        if touches {
            kept.to = kept.to.max(next.to);
        }
        touches
    });
}

/// Takes the second spans out of the first; the first must be joined.
pub(super) fn without(spans: &mut Vec<Span>, out: &[Span]) {
    for o in out {
        if !spans.iter().any(|s| s.from < o.to && o.from < s.to) {
            continue;
        }
        let cut = |s: &Span| [Span { from: s.from, to: s.to.min(o.from) }, Span { from: s.from.max(o.to), to: s.to }];
        *spans = spans.iter().flat_map(cut).filter(|s| s.from < s.to).collect();
    }
}

/// The length of the spans between two places.
pub(super) fn within(spans: &[Span], from: i64, to: i64) -> Length {
    Length(spans.iter().map(|s| (s.to.min(to) - s.from.max(from)).max(0)).sum())
}

/// The last day of work with which a length is reached, counted from a place on.
pub(super) fn reached(spans: &[Span], from: i64, length: Length) -> Option<NaiveDate> {
    let mut left = length.0;
    for s in spans {
        let begins = s.from.max(from);
        let here = (s.to - begins).max(0);
        if here >= left {
            return day_at(begins + left)?.pred_opt();
        }
        left -= here;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn length(from: &str, until: &str) -> Length {
        Length(end(day(until)) - place(day(from)))
    }

    #[test]
    fn a_full_year_is_exact_from_any_day() {
        for (from, until, years, full) in [
            ("2023-01-01", "2026-12-31", 4, true),
            ("2023-01-02", "2026-12-31", 4, false),
            ("2022-07-01", "2026-06-30", 4, true),
            ("2022-07-01", "2026-06-29", 4, false),
            ("2024-02-29", "2025-02-28", 1, true),
            ("2024-02-29", "2025-02-27", 1, false),
            ("2023-02-28", "2024-02-27", 1, true),
            ("2023-02-28", "2024-02-26", 1, false),
            ("2023-03-01", "2024-02-29", 1, true),
            ("2023-03-01", "2024-02-28", 1, false),
            ("2025-12-31", "2026-12-30", 1, true),
        ] {
            assert_eq!(length(from, until) >= Length::years(years), full, "{from} {until}");
        }
    }

    #[test]
    fn months_round_as_a_person_would() {
        assert_eq!(length("2026-01-01", "2026-04-30").months(), 4);
        let short = Length::years(1).less(length("2026-01-02", "2026-12-31"));
        assert_eq!((short.months(), short.months_up(), short.days()), (0, 1, 1));
        assert!(Length::years(1).less(Length::years(2)).is_zero());
    }

    #[test]
    fn spans_join_and_part() {
        let s = |from, to| Span { from, to };
        let mut all = vec![s(10, 20), s(1, 3), s(3, 5), s(15, 18), s(30, OPEN), s(8, 8)];
        joined(&mut all);
        assert_eq!(all, [s(1, 5), s(10, 20), s(30, OPEN)]);
        without(&mut all, &[s(2, 12), s(40, 50)]);
        assert_eq!(all, [s(1, 2), s(12, 20), s(30, 40), s(50, OPEN)]);
        assert_eq!(within(&all, 15, 35), Length(10));
    }

    #[test]
    fn the_day_on_which_a_length_is_reached() {
        let spans = [Span { from: place(day("2024-07-01")), to: OPEN }];
        assert_eq!(reached(&spans, 0, Length::years(2)), Some(day("2026-06-30")));
        assert_eq!(reached(&spans, place(day("2025-01-01")), Length::years(1)), Some(day("2025-12-31")));
        assert_eq!(reached(&spans[..0], 0, Length::years(1)), None);
        assert_eq!(day_at(place(day("2023-02-28")) + 1), Some(day("2023-03-01")));
    }
}
