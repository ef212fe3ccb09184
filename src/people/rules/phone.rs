//! Phone numbers: mainland mobiles and landlines, numbers abroad with their country code; and how they are shown.

use super::Code;
use crate::importing::text::{half_width, is_blank_char};

/// Takes off blanks, brackets, hyphens and the country's own code.
#[must_use]
pub fn tidy(text: &str) -> String {
    if text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut s: String = text
        .chars()
        .filter(|c| !is_blank_char(*c))
        .map(half_width)
        .filter(|c| !matches!(c, '-' | '(' | ')' | '.' | '\'' | '‘' | '’' | '·'))
        .collect();
    for prefix in ["+86", "0086"] {
        if let Some(rest) = s.strip_prefix(prefix) {
            s = rest.to_owned();
        }
    }
    if s.len() == 13 && s.starts_with("861") {
        s.drain(..2);
    }
    s
}

/// Tidies and checks a number; empty is none.
///
/// # Errors
/// `phone_format`, `phone_masked`.
pub fn read(text: &str) -> Result<Option<String>, Code> {
    let s = tidy(text);
    if s.is_empty() {
        return Ok(None);
    }
    if s.contains(['*', '＊', '●']) {
        return Err("phone_masked");
    }
    let digits = s.strip_prefix('+').unwrap_or(&s);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("phone_format");
    }
    let fine = if s.starts_with('+') {
        (7..=15).contains(&digits.len())
    } else if s.starts_with('1') {
        s.len() == 11 && !s.starts_with("10") && !s.starts_with("11")
    } else if s.starts_with('0') {
        // Area code of three or four digits, number of seven or eight; or 00 and a country.
        (10..=12).contains(&s.len()) || (s.starts_with("00") && (9..=17).contains(&s.len()))
    } else {
        // A landline without its area code.
        (7..=8).contains(&s.len())
    };
    if fine { Ok(Some(s)) } else { Err("phone_format") }
}

/// As it is shown: 138****1234.
#[must_use]
pub fn mask(phone: &str) -> String {
    let n = phone.chars().count();
    if n < 7 {
        return "*".repeat(n);
    }
    phone.chars().enumerate().map(|(i, c)| if i >= 3 && i < n - 4 { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        for (s, want) in [
            ("19900001101", Ok(Some("19900001101"))),
            ("+86 19900001101", Ok(Some("19900001101"))),
            ("199-0000-1019", Ok(Some("19900001019"))),
            ("8619900001101", Ok(Some("19900001101"))),
            ("１９９００００１１０１", Ok(Some("19900001101"))),
            ("\u{202d}19900001101\u{202c}", Ok(Some("19900001101"))),
            ("0953-6012345", Ok(Some("09536012345"))),
            ("(010) 60123456", Ok(Some("01060123456"))),
            ("6012345", Ok(Some("6012345"))),
            ("+852 6123 4567", Ok(Some("+85261234567"))),
            ("", Ok(None)),
            (" ", Ok(None)),
            ("=1990000", Err("phone_format")),
            ("1990000123", Err("phone_format")),
            ("199000012345", Err("phone_format")),
            ("199****1101", Err("phone_masked")),
            ("无", Err("phone_format")),
            ("12345", Err("phone_format")),
        ] {
            assert_eq!(read(s), want.map(|o| o.map(str::to_owned)), "{s}");
        }
        assert_eq!(mask("13812341234"), "138****1234");
        assert_eq!(mask("12345"), "*****");
    }
}
