//! Roles, kinds of activity, and what a membership may be. Plain values only.

use chrono::NaiveDate;

/// Lead (头雁), flock (群雁), support (维雁).
pub const ROLES: [&str; 3] = ["lead", "flock", "support"];

/// Kinds of activity.
pub const KINDS: [&str; 6] = ["training", "supervision", "case_discussion", "visit", "sharing", "other"];

/// A membership in days; without an end it lasts.
pub type Span = (NaiveDate, Option<NaiveDate>);

/// Whether two spans share a day.
#[must_use]
pub fn overlap(a: Span, b: Span) -> bool {
    let reaches = |x: Span, y: Span| x.1.is_none_or(|end| end >= y.0);
    reaches(a, b) && reaches(b, a)
}

/// Whether a membership holds on a day.
#[must_use]
pub fn holds(span: Span, day: NaiveDate) -> bool {
    span.0 <= day && span.1.is_none_or(|end| day <= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::TimeDelta::days(n)
    }

    #[test]
    fn spans_that_share_a_day() {
        for (a, b, want) in [
            ((day(0), Some(day(9))), (day(10), None), false),
            ((day(0), Some(day(10))), (day(10), None), true),
            ((day(0), None), (day(99), Some(day(100))), true),
            ((day(5), Some(day(6))), (day(0), Some(day(4))), false),
        ] {
            assert_eq!(overlap(a, b), want, "{a:?} {b:?}");
        }
    }

    proptest! {
        #[test]
        fn overlapping_is_mutual_and_means_a_day_of_both(a in 0i64..40, n in 0i64..20, b in 0i64..40, m in 0i64..20, open in any::<bool>()) {
            let (x, y) = ((day(a), Some(day(a + n))), (day(b), (!open).then(|| day(b + m))));
            prop_assert_eq!(overlap(x, y), overlap(y, x));
            let both = (0..100).any(|d| holds(x, day(d)) && holds(y, day(d)));
            prop_assert_eq!(overlap(x, y), both);
        }
    }
}
