//! Sessions in a row: on which days they fall.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The most sessions that one form makes.
pub const MOST: usize = 100;

/// The first `count` days from `first` on that fall on one of the weekdays. Without weekdays: every day.
#[must_use]
pub fn days(first: NaiveDate, weekdays: &[Weekday], count: usize) -> Vec<NaiveDate> {
    let on = |d: &NaiveDate| weekdays.is_empty() || weekdays.contains(&d.weekday());
    let all = (0..).map_while(|n| first.checked_add_days(Days::new(n)));
    all.filter(on).take(count.min(MOST)).collect()
}

/// `mon` to `sun`.
#[must_use]
pub fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| *name == word).map(|(_, d)| *d)
}

/// The names of weekdays in forms, texts (`classes-day-mon`) and the API.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(t: &str) -> NaiveDate {
        t.parse().unwrap()
    }

    #[test]
    fn a_series_falls_on_its_weekdays() {
        // 28 November 2026 is a Saturday.
        let got = days(day("2026-11-28"), &[Weekday::Sat, Weekday::Sun], 4);
        let want = ["2026-11-28", "2026-11-29", "2026-12-05", "2026-12-06"].map(day);
        assert_eq!(got, want);
        assert_eq!(days(day("2026-11-28"), &[Weekday::Mon], 1), [day("2026-11-30")]);
        assert_eq!(days(day("2026-11-28"), &[], 2), [day("2026-11-28"), day("2026-11-29")]);
        assert_eq!(days(day("2028-02-28"), &[Weekday::Tue], 1), [day("2028-02-29")]);
        assert_eq!(days(NaiveDate::MAX, &[], 3), [NaiveDate::MAX]);
        assert_eq!(days(day("2026-11-28"), &[], 1000).len(), MOST);
        assert_eq!(weekday("sat"), Some(Weekday::Sat));
        assert_eq!(weekday("x"), None);
    }

    proptest! {
        #[test]
        fn no_day_is_left_out_and_none_is_wrong(offset in 0u64..4000, mask in 1u8..128, count in 1usize..60) {
            let first = day("2024-01-01").checked_add_days(Days::new(offset)).unwrap();
            let wanted: Vec<Weekday> =
                WEEKDAYS.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, d)| d.1).collect();
            let got = days(first, &wanted, count);
            prop_assert_eq!(got.len(), count);
            let mut next = first;
            for d in &got {
                while !wanted.contains(&next.weekday()) {
                    next = next.succ_opt().unwrap();
                }
                prop_assert_eq!(*d, next);
                next = next.succ_opt().unwrap();
            }
        }
    }
}
