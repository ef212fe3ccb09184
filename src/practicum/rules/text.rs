//! Times and hours as people type them.

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
    use super::super::entry::DAY;
    use super::*;
    use crate::core::civil::hours;
    use proptest::prelude::*;

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
