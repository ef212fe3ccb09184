//! When the hours will be together, if the work goes on as it did.

use chrono::{Days, NaiveDate};

/// The days before today that the pace is taken from.
pub const PACE_DAYS: u64 = 28;

/// The day on which `remaining` minutes will have been worked at the pace of `recent` minutes in the last
/// [`PACE_DAYS`] days (today is the last of them); `None` without a pace. Nothing remaining is today.
#[must_use]
pub fn finish(today: NaiveDate, remaining: i64, recent: i64) -> Option<NaiveDate> {
    if remaining <= 0 {
        return Some(today);
    }
    if recent <= 0 {
        return None;
    }
    let days = i64::try_from(PACE_DAYS).unwrap_or(i64::MAX);
    let needed = remaining.checked_mul(days)?.checked_add(recent - 1)? / recent;
    today.checked_add_days(Days::new(needed.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_pace_of_four_weeks_goes_on() {
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-25");
        for (remaining, recent, want) in [
            (0, 0, Some("2026-11-25")),
            (-60, 0, Some("2026-11-25")),
            (600, 0, None),
            (2400, 2400, Some("2026-12-23")),
            (1200, 2400, Some("2026-12-09")),
            (1, 2400, Some("2026-11-26")),
            (i64::MAX, 1, None),
        ] {
            assert_eq!(finish(today, remaining, recent), want.map(day), "{remaining} at {recent}");
        }
    }

    proptest! {
        #[test]
        fn a_faster_pace_is_never_later(left in 1i64..100_000, pace in 1i64..20_000, more in 0i64..20_000) {
            let today = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
            if let (Some(slow), Some(fast)) = (finish(today, left, pace), finish(today, left, pace + more)) {
                prop_assert!(fast <= slow && fast > today);
            }
        }
    }
}
