//! From a cell to what its column means. Every reader says in a code why it could not; an empty cell is `Ok(None)`.

use super::cell::Cell;
use super::date::{self, DateValue};
use super::text::{squeeze, trim};

/// The code of a problem, without row and column.
pub type Code = &'static str;

impl Cell {
    /// A free text, blanks at the ends taken off; numbers as written in the sheet.
    ///
    /// # Errors
    /// `cell_error`, `formula_without_result`.
    pub fn to_text(&self) -> Result<Option<String>, Code> {
        self.check()?;
        let s = self.show();
        Ok((!s.is_empty()).then(|| s.into_owned()))
    }

    /// `cell_error` or `formula_without_result` where the cell holds no value at all.
    ///
    /// # Errors
    /// Those two codes.
    pub fn check(&self) -> Result<(), Code> {
        match self {
            Self::Error(_) => Err("cell_error"),
            Self::FormulaWithoutResult => Err("formula_without_result"),
            _ => Ok(()),
        }
    }

    /// A whole number; `7.0` is one, `1,200` too.
    ///
    /// # Errors
    /// `count_not_number`, `count_not_whole`, and those of [`Cell::check`].
    pub fn to_whole(&self) -> Result<Option<i64>, Code> {
        let Some(h) = self.to_decimal(0).map_err(|c| match c {
            "number_unreadable" => "count_not_number",
            "number_too_fine" => "count_not_whole",
            other => other,
        })?
        else {
            return Ok(None);
        };
        Ok(Some(h))
    }

    /// A decimal number in hundredths, without any rounding on the way: 63.5 is 6350.
    ///
    /// # Errors
    /// `number_unreadable`, `number_too_fine` (more than two decimals), and those of [`Cell::check`].
    pub fn to_hundredths(&self) -> Result<Option<i64>, Code> {
        self.to_decimal(2)
    }

    /// A decimal number in units of 10^-places.
    fn to_decimal(&self, places: usize) -> Result<Option<i64>, Code> {
        self.check()?;
        match self {
            Self::Empty => Ok(None),
            Self::Text(s) => {
                let s = squeeze(s);
                if s.is_empty() { Ok(None) } else { decimal(&s, places).map(Some) }
            }
            // Spreadsheets keep 15 digits, so that 61.300000000000004 is 61.3.
            Self::Number { value, .. } if value.abs() < 1e13 => decimal(&fifteen_digits(*value), places).map(Some),
            _ => Err("number_unreadable"),
        }
    }

    /// A civil date, perhaps only its month.
    ///
    /// # Errors
    /// `date_ambiguous`, `date_impossible`, `date_unreadable`, and those of [`Cell::check`].
    pub fn to_date(&self) -> Result<Option<DateValue>, Code> {
        self.check()?;
        match self {
            Self::Empty => Ok(None),
            Self::Date(d, t) => Ok(Some(DateValue::Day(*d, *t))),
            Self::Number { value, shown, from_1904 } => date::from_number(*value, shown, *from_1904).map(Some),
            Self::Text(s) => {
                let s = trim(s);
                if s.is_empty() { Ok(None) } else { date::from_text(s).map(Some) }
            }
            _ => Err("date_unreadable"),
        }
    }

    /// A time of day in minutes since midnight: `8:22`, `08:22:00`, `8：22`, `8时22分`, or a cell with a time format.
    ///
    /// # Errors
    /// `time_unreadable`, and those of [`Cell::check`].
    pub fn to_minutes(&self) -> Result<Option<i32>, Code> {
        use chrono::Timelike;
        self.check()?;
        let of = |t: &chrono::NaiveTime| i32::try_from(t.hour() * 60 + t.minute()).unwrap_or(0);
        match self {
            Self::Empty => Ok(None),
            Self::Time(t) | Self::Date(_, Some(t)) => Ok(Some(of(t))),
            // A fraction of a day, nudged by half a second against the last bit of the fraction.
            Self::Number { value, .. } if (0.0..1.0).contains(value) => {
                #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1440")]
                let minutes = (value * 1440.0 + 0.5 / 60.0).floor() as i32;
                Ok(Some(minutes))
            }
            Self::Text(s) => {
                let s = squeeze(s);
                if s.is_empty() { Ok(None) } else { date::minutes(&s).map(Some).ok_or("time_unreadable") }
            }
            _ => Err("time_unreadable"),
        }
    }

    /// 是 / 否 and their kin.
    ///
    /// # Errors
    /// `yes_no_unreadable`, and those of [`Cell::check`].
    pub fn to_yes_no(&self) -> Result<Option<bool>, Code> {
        self.check()?;
        if let Self::Bool(b) = self {
            return Ok(Some(*b));
        }
        let s = self.show();
        let s = squeeze(&s);
        Ok(Some(match s.to_lowercase().as_str() {
            "" => return Ok(None),
            "是" | "有" | "对" | "√" | "✓" | "✔" | "y" | "yes" | "true" | "1" => true,
            "否" | "无" | "没有" | "不是" | "×" | "x" | "n" | "no" | "false" | "0" => false,
            _ => return Err("yes_no_unreadable"),
        }))
    }
}

/// At most 15 significant digits, as a plain decimal: the precision that a spreadsheet program shows.
fn fifteen_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    super::cell::shown(rounded)
}

/// `-1,234.50` in units of 10^-places.
fn decimal(s: &str, places: usize) -> Result<i64, Code> {
    const NO: Code = "number_unreadable";
    let (negative, s) = match s.as_bytes().first() {
        Some(b'-') => (true, s.get(1..).ok_or(NO)?),
        Some(b'+') => (false, s.get(1..).ok_or(NO)?),
        _ => (false, s),
    };
    let (whole, part) = s.split_once('.').unwrap_or((s, ""));
    // Thousands separators only where they belong.
    let digits: String = if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        if !(1..=3).contains(&first.len()) || !groups.all(|g| g.len() == 3) {
            return Err(NO);
        }
        whole.replace(',', "")
    } else {
        whole.to_owned()
    };
    if (digits.is_empty() && part.is_empty()) || !digits.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(NO);
    }
    let part = part.trim_end_matches('0');
    if part.len() > places {
        return Err("number_too_fine");
    }
    let all = format!("{digits}{part:0<places$}");
    let n: i64 = if all.is_empty() { 0 } else { all.parse().map_err(|_| NO)? };
    Ok(if negative { -n } else { n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_out_exactly() {
        for (s, want) in [
            ("63.5", Ok(6350)),
            ("60", Ok(6000)),
            ("-1", Ok(-100)),
            ("1,234.50", Ok(123_450)),
            (".5", Ok(50)),
            ("６１．３", Ok(6130)),
            ("61.345", Err("number_too_fine")),
            ("合格", Err("number_unreadable")),
            ("1,2", Err("number_unreadable")),
            ("", Ok(0)),
            ("-", Err("number_unreadable")),
            ("1e5", Err("number_unreadable")),
            ("99999999999999999999", Err("number_unreadable")),
        ] {
            let got = Cell::text(s).to_hundredths();
            if s.is_empty() { assert_eq!(got, Ok(None)) } else { assert_eq!(got, want.map(Some), "{s}") }
        }
        for (v, want) in [(61.3, 6130), (0.1 + 0.2, 30), (-4.0, -400), (100.0, 10_000), (0.29, 29), (1.005e3, 100_500)]
        {
            assert_eq!(Cell::number(v).to_hundredths(), Ok(Some(want)), "{v}");
        }
        assert_eq!(Cell::number(f64::NAN).to_hundredths(), Err("number_unreadable"));
        assert_eq!(Cell::number(f64::INFINITY).to_hundredths(), Err("number_unreadable"));
        assert_eq!(Cell::number(2.5).to_whole(), Err("count_not_whole"));
        assert_eq!(Cell::text("7.0").to_whole(), Ok(Some(7)));
        assert_eq!(Cell::text("七").to_whole(), Err("count_not_number"));
    }

    #[test]
    fn times_of_day() {
        for (s, want) in [
            ("8:22", 502),
            ("08:30", 510),
            ("24:00", 1440),
            ("16：30", 990),
            ("8时5分", 485),
            ("12:09:59", 729),
            ("8点", 480),
        ] {
            assert_eq!(Cell::text(s).to_minutes(), Ok(Some(want)), "{s}");
        }
        for s in ["25:00", "8:60", "上午", "8", "8:2:3:4", "-1:00"] {
            assert_eq!(Cell::text(s).to_minutes(), Err("time_unreadable"), "{s}");
        }
        assert_eq!(Cell::number(8.5 / 24.0).to_minutes(), Ok(Some(510)));
    }

    #[test]
    fn yes_and_no() {
        assert_eq!(Cell::text(" 是 ").to_yes_no(), Ok(Some(true)));
        assert_eq!(Cell::text("Ｎｏ").to_yes_no(), Ok(Some(false)));
        assert_eq!(Cell::text("也许").to_yes_no(), Err("yes_no_unreadable"));
        assert_eq!(Cell::Empty.to_yes_no(), Ok(None));
        assert_eq!(Cell::FormulaWithoutResult.to_yes_no(), Err("formula_without_result"));
    }
}
