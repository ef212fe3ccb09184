//! Dates and times of day in the forms that people write them. A form that can be read two ways is refused, not guessed.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use super::text::{half_width, is_blank_char};
use super::value::Code;

/// A date as a column holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateValue {
    /// A day, with the time of day where one was written.
    Day(NaiveDate, Option<NaiveTime>),
    /// A month only: year and month.
    Month(i32, u32),
}

impl DateValue {
    /// The day; of a month only, none.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(d, _) => Some(d),
            Self::Month(..) => None,
        }
    }

    /// The day; of a month only, its first.
    #[must_use]
    pub fn first_day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(d, _) => Some(d),
            Self::Month(y, m) => NaiveDate::from_ymd_opt(y, m, 1),
        }
    }
}

/// `2026-03-01`, or `2026-03` of a month only.
impl std::fmt::Display for DateValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(d, _) => write!(f, "{:04}-{:02}-{:02}", d.year(), d.month(), d.day()),
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
        }
    }
}

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;
const UNREADABLE: Code = "date_unreadable";

/// The day of a spreadsheet's serial number. Day 60 of the 1900 system is the 29 February that never was.
#[must_use]
pub fn from_serial(days: i64, from_1904: bool) -> Option<NaiveDate> {
    let epoch = if from_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)?
    } else if days < 60 {
        NaiveDate::from_ymd_opt(1899, 12, 31)?
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)?
    };
    epoch.checked_add_days(Days::new(u64::try_from(days).ok()?)).filter(|d| d.year() <= 9999)
}

/// Day and time of a serial number with its fraction; the time is rounded to whole seconds.
#[must_use]
pub fn from_serial_time(value: f64, from_1904: bool) -> Option<(NaiveDate, Option<NaiveTime>)> {
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let seconds = (value * 86_400.0).round() as i64;
    let date = from_serial(seconds / 86_400, from_1904)?;
    let rest = u32::try_from(seconds % 86_400).ok()?;
    let time = (rest > 0).then(|| NaiveTime::from_num_seconds_from_midnight_opt(rest, 0)).flatten();
    Some((date, time))
}

/// A number in a date column: a serial day, `19820925` or `198209` typed as a number, or `1985.07`.
///
/// # Errors
/// The codes of [`from_text`].
pub fn from_number(value: f64, shown: &str, from_1904: bool) -> Result<DateValue, Code> {
    if value.fract() != 0.0 && value < 2101.0 {
        // 1990.1 may have been October before the sheet dropped the nought.
        if shown.ends_with(".1") && shown.len() == 6 {
            return Err("date_ambiguous");
        }
        return from_text(shown);
    }
    if matches!(shown.len(), 6 | 8) && shown.bytes().all(|b| b.is_ascii_digit()) {
        return from_text(shown);
    }
    serial_day(value, from_1904)
}

fn serial_day(value: f64, from_1904: bool) -> Result<DateValue, Code> {
    // Smaller numbers are ages, years or slips of the hand rather than days before 1905.
    if !(1827.0..2_958_466.0).contains(&value) {
        return Err(UNREADABLE);
    }
    let (d, t) = from_serial_time(value, from_1904).ok_or(UNREADABLE)?;
    if YEARS.contains(&d.year()) { Ok(DateValue::Day(d, t)) } else { Err(UNREADABLE) }
}

/// A date as text.
///
/// # Errors
/// `date_ambiguous` (two-digit years, 3/5/1990), `date_impossible` (30 February, month 13), `date_unreadable`.
pub fn from_text(text: &str) -> Result<DateValue, Code> {
    let mut s = String::with_capacity(text.len());
    for c in text.chars().map(half_width) {
        match c {
            '年' | '月' | '/' | '.' | '。' | '、' => s.push('-'),
            '日' | '号' => s.push(' '),
            'T' if s.ends_with(|c: char| c.is_ascii_digit()) => s.push(' '),
            c if is_blank_char(c) => s.push(' '),
            c => s.push(c),
        }
    }
    // 2026年3月 leaves a separator at the end; blanks around separators carry no meaning.
    let s = s.trim();
    let (date, time) = match s.rsplit_once(' ') {
        Some((d, t)) if t.contains(':') => (d.trim(), Some(minutes_and_seconds(t).ok_or(UNREADABLE)?)),
        _ => (s, None),
    };
    let date: String = date.chars().filter(|c| *c != ' ').collect();
    let date = date.trim_end_matches('-');
    let parts: Vec<&str> = date.split('-').collect();
    if !parts.iter().all(|p| !p.is_empty() && p.len() <= 8 && p.bytes().all(|b| b.is_ascii_digit())) {
        return Err(UNREADABLE);
    }
    let n = |i: usize| parts.get(i).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
    let len = |i: usize| parts.get(i).map_or(0, |p| p.len());
    match parts.len() {
        1 => match len(0) {
            8 => day(n(0) / 10_000, n(0) / 100 % 100, n(0) % 100, time),
            6 => month(n(0) / 100, n(0) % 100),
            5 => serial_day(f64::from(n(0)), false),
            _ => Err(UNREADABLE),
        },
        2 if len(0) == 4 && len(1) <= 2 => month(n(0), n(1)),
        2 if len(0) <= 2 && len(1) <= 2 => Err("date_ambiguous"),
        3 if len(0) == 4 && len(1) <= 2 && len(2) <= 2 => day(n(0), n(1), n(2), time),
        3 if len(0) <= 2 && len(1) <= 2 && len(2) == 4 => {
            let (a, b, year) = (n(0), n(1), n(2));
            match (a, b) {
                (1..=12, 1..=12) if a != b => Err("date_ambiguous"),
                (1..=12, _) => day(year, a, b, time),
                _ => day(year, b, a, time),
            }
        }
        3 if len(0) <= 2 && len(1) <= 2 && len(2) <= 2 => Err("date_ambiguous"),
        _ => Err(UNREADABLE),
    }
}

fn year(y: u32) -> Result<i32, Code> {
    i32::try_from(y).ok().filter(|y| YEARS.contains(y)).ok_or("date_impossible")
}

fn day(y: u32, m: u32, d: u32, time: Option<NaiveTime>) -> Result<DateValue, Code> {
    let time = time.filter(|t| *t != NaiveTime::MIN);
    NaiveDate::from_ymd_opt(year(y)?, m, d).map(|x| DateValue::Day(x, time)).ok_or("date_impossible")
}

fn month(y: u32, m: u32) -> Result<DateValue, Code> {
    let y = year(y)?;
    if (1..=12).contains(&m) { Ok(DateValue::Month(y, m)) } else { Err("date_impossible") }
}

fn minutes_and_seconds(s: &str) -> Option<NaiveTime> {
    let mut parts = s.split(':');
    let mut next = || -> Option<Option<u32>> {
        let Some(p) = parts.next() else { return Some(None) };
        let p = p.split('.').next().unwrap_or_default();
        if (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()) { Some(p.parse().ok()) } else { None }
    };
    let (h, m, sec) = (next()??, next()??, next()?.unwrap_or(0));
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(h, m, sec)
}

/// Minutes since midnight of a time of day, half-width and without blanks; 24:00 is the end of the day.
#[must_use]
pub fn minutes(s: &str) -> Option<i32> {
    let mut full = s.replace(['时', '点'], ":");
    full = full.trim_end_matches(['分', '秒']).replace('分', ":");
    if full.ends_with(':') {
        full.push_str("00");
    }
    if full == "24:00" || full == "24:00:00" {
        return Some(24 * 60);
    }
    let t = minutes_and_seconds(&full)?;
    i32::try_from(t.hour() * 60 + t.minute()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_one_day() {
        for s in [
            "2003-10-26",
            "2003.10.26",
            "2003年10月26日",
            "2003/10/26",
            "20031026",
            "2003-10-26 00:00:00",
            "２００３年１０月２６日",
            "2003 年 10 月 26 日",
            "2003-10-26T00:00",
            "2003年10月26号",
            "37920",
            "26/10/2003",
            "10/26/2003",
            "2003、10、26",
            "2003—10—26",
        ] {
            assert_eq!(from_text(s).map(|d| d.to_string()), Ok("2003-10-26".to_owned()), "{s}");
        }
        assert_eq!(
            from_text("2026-03-15 16:20"),
            Ok(DateValue::Day(NaiveDate::from_ymd_opt(2026, 3, 15).unwrap(), NaiveTime::from_hms_opt(16, 20, 0)))
        );
    }

    #[test]
    fn months_only() {
        for s in ["1988.12", "1988年12月", "198812", "1988-12", "1988/12"] {
            assert_eq!(from_text(s), Ok(DateValue::Month(1988, 12)), "{s}");
        }
        assert_eq!(from_number(1985.07, "1985.07", false), Ok(DateValue::Month(1985, 7)));
        assert_eq!(from_number(1990.1, "1990.1", false), Err("date_ambiguous"));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (s, code) in [
            ("90.3.5", "date_ambiguous"),
            ("3/5/1990", "date_ambiguous"),
            ("90.3", "date_ambiguous"),
            ("1990-02-30", "date_impossible"),
            ("1990.13.1", "date_impossible"),
            ("199013", "date_impossible"),
            ("九零年三月", UNREADABLE),
            ("不详", UNREADABLE),
            ("", UNREADABLE),
            ("1990", UNREADABLE),
            ("2003-10-26 25:00", UNREADABLE),
            ("-5", UNREADABLE),
            ("2003-10-26-1", UNREADABLE),
            ("999999999", UNREADABLE),
            ("0999-01-01", "date_impossible"),
        ] {
            assert_eq!(from_text(s), Err(code), "{s}");
        }
        for v in [-5.0, 2_958_466.0, 0.0, 33.0, f64::NAN, f64::INFINITY] {
            assert_eq!(from_number(v, &crate::importing::cell::shown(v), false), Err(UNREADABLE), "{v}");
        }
    }

    #[test]
    fn serial_days_of_both_systems() {
        let d = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(from_serial(1, false), d(1900, 1, 1));
        assert_eq!(from_serial(59, false), d(1900, 2, 28));
        assert_eq!(from_serial(61, false), d(1900, 3, 1));
        assert_eq!(from_serial(38461, false), d(2005, 4, 19));
        assert_eq!(from_serial(38461 - 1462, true), d(2005, 4, 19));
        assert_eq!(
            from_serial_time(38_461.395_833_333_336, false),
            Some((d(2005, 4, 19).unwrap(), NaiveTime::from_hms_opt(9, 30, 0)))
        );
    }
}
