//! The overall mark of an evaluation from both mentors' marks. Marks of 100 in hundredths.

/// The weighted mean, rounded half up to a hundredth.
#[must_use]
pub fn overall(base: i64, base_weight: i64, campus: i64, campus_weight: i64) -> i64 {
    let weight = (base_weight + campus_weight).max(1);
    (base * base_weight + campus * campus_weight + weight / 2) / weight
}

/// Reads "85", "85.5" as hundredths; more than two decimals, below 0 or above 100: `None`.
#[must_use]
pub fn mark_of(text: &str) -> Option<i64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if whole.is_empty()
        || whole.len() > 3
        || part.len() > 2
        || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mark = whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?;
    (mark <= 10_000).then_some(mark)
}

/// "85.5" for hundredths.
#[must_use]
pub fn show_mark(mark: i64) -> String {
    let (whole, part) = (mark / 100, mark % 100);
    match part {
        0 => whole.to_string(),
        p if p % 10 == 0 => format!("{whole}.{}", p / 10),
        p => format!("{whole}.{p:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_are_read_weighted_and_shown() {
        for (text, want) in [
            ("85", Some(8500)),
            (" 85.5 ", Some(8550)),
            ("0", Some(0)),
            ("100", Some(10_000)),
            ("100.01", None),
            ("85.555", None),
            ("-1", None),
            ("", None),
            ("优", None),
        ] {
            assert_eq!(mark_of(text), want, "{text}");
        }
        assert_eq!(overall(9000, 60, 8000, 40), 8600);
        assert_eq!(overall(9001, 50, 9000, 50), 9001);
        assert_eq!((show_mark(8600), show_mark(8550), show_mark(8505)), ("86".into(), "85.5".into(), "85.05".into()));
    }

    proptest! {
        #[test]
        fn a_mark_shown_is_read_back_and_the_mean_lies_between(a in 0i64..=10_000, b in 0i64..=10_000, w in 0i64..=100) {
            prop_assert_eq!(mark_of(&show_mark(a)), Some(a));
            let o = overall(a, w, b, 100 - w);
            prop_assert!(o >= a.min(b) && o <= a.max(b));
        }
    }
}
