//! Civil dates and times of the configured zone, and the instants they stand for.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The instant of a civil date and time in a zone. A time that a clock change skips becomes the first one after the
/// gap; a time that happens twice is the first of the two.
#[must_use]
pub fn instant(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let mut civil: NaiveDateTime = date.and_time(time);
    // No zone's gap is longer than a day; minutes are fine enough, since gaps begin and end on whole minutes.
    for _ in 0..=24 * 60 {
        match zone.from_local_datetime(&civil) {
            LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => return t.with_timezone(&Utc),
            LocalResult::None => civil += TimeDelta::minutes(1),
        }
    }
    civil.and_utc()
}

/// Minutes as hours without needless decimals: "7", "6.5", "0.33".
#[must_use]
pub fn hours(minutes: i64) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    let m = minutes.unsigned_abs();
    let hundredths = (m % 60 * 100 + 30) / 60;
    let (whole, hundredths) = if hundredths >= 100 { (m / 60 + 1, 0) } else { (m / 60, hundredths) };
    match hundredths {
        0 => format!("{sign}{whole}"),
        h if h % 10 == 0 => format!("{sign}{whole}.{}", h / 10),
        h => format!("{sign}{whole}.{h:02}"),
    }
}

/// The civil date of an instant in a zone.
#[must_use]
pub fn date_in(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// "2026-03-01 09:00" in the zone, the form used on every screen.
#[must_use]
pub fn show(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// N days before or after a date (negative is before), at a time of day, as an instant: the form of every reminder rule.
#[must_use]
pub fn relative(date: NaiveDate, days: i64, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let moved = if days >= 0 {
        date.checked_add_days(Days::new(days.unsigned_abs()))
    } else {
        date.checked_sub_days(Days::new(days.unsigned_abs()))
    };
    instant(moved.unwrap_or(date), time, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_time_moves_to_the_end_of_the_gap_and_a_doubled_one_is_the_first() {
        let rome: Tz = "Europe/Rome".parse().unwrap();
        let t = NaiveTime::from_hms_opt(2, 30, 0).unwrap();
        let spring = instant(NaiveDate::from_ymd_opt(2026, 3, 29).unwrap(), t, rome);
        assert_eq!(spring.to_rfc3339(), "2026-03-29T01:00:00+00:00");
        let autumn = instant(NaiveDate::from_ymd_opt(2026, 10, 25).unwrap(), t, rome);
        assert_eq!(autumn.to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn shanghai_is_eight_hours_ahead() {
        let zone: Tz = "Asia/Shanghai".parse().unwrap();
        let d = NaiveDate::from_ymd_opt(2026, 3, 20).unwrap();
        let at = relative(d, -3, NaiveTime::from_hms_opt(9, 0, 0).unwrap(), zone);
        assert_eq!(at.to_rfc3339(), "2026-03-17T01:00:00+00:00");
        assert_eq!(date_in(at, zone), NaiveDate::from_ymd_opt(2026, 3, 17).unwrap());
    }
}
