//! A birth date, which may be a month only, against what the ID number says.

use chrono::{Datelike, NaiveDate};

use crate::importing::date::DateValue;

/// Whether the two can be the same day: a month agrees with every day in it.
#[must_use]
pub fn agrees(written: DateValue, of_id: NaiveDate) -> bool {
    match written {
        DateValue::Day(d, _) => d == of_id,
        DateValue::Month(y, m) => y == of_id.year() && m == of_id.month(),
    }
}

/// Whether somebody born then can be in a roster: not in the future.
#[must_use]
pub fn is_possible(written: DateValue, today: NaiveDate) -> bool {
    written.first_day().is_some_and(|d| d <= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_agrees_with_its_days() {
        let id = NaiveDate::from_ymd_opt(1990, 3, 5).unwrap();
        assert!(agrees(DateValue::Month(1990, 3), id));
        assert!(!agrees(DateValue::Month(1990, 4), id));
        assert!(agrees(DateValue::Day(id, None), id));
        assert!(!agrees(DateValue::Day(id.succ_opt().unwrap(), None), id));
        assert!(is_possible(DateValue::Month(1990, 3), id));
        assert!(!is_possible(DateValue::Month(1990, 4), id));
    }
}
