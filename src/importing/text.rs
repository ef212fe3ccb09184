//! Folding of text so that two writings of one thing compare equal, and the guard against cells that a spreadsheet
//! program would run.

use std::borrow::Cow;

/// Blanks of every kind that people and programs put into cells, invisible marks included.
#[must_use]
pub fn is_blank_char(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{00ad}' | '\u{180e}')
}

/// Takes blanks of every kind off both ends.
#[must_use]
pub fn trim(s: &str) -> &str {
    // Most cells begin and end with a letter, a digit or a Chinese character (lead bytes E4 to E9).
    let plain = |b: u8| b.is_ascii_graphic() || (0xe4..=0xe9).contains(&b);
    let bytes = s.as_bytes();
    let lead = bytes.len().checked_sub(3).and_then(|i| bytes.get(i));
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && plain(*first)
        && (last.is_ascii_graphic() || (!last.is_ascii() && lead.is_some_and(|b| (0xe4..=0xe9).contains(b))))
    {
        return s;
    }
    s.trim_matches(is_blank_char)
}

/// A full-width character of the ASCII range as its half-width form.
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '—' | '–' | '‐' | '‑' | '‒' | '−' => '-',
        _ => c,
    }
}

/// Half-width, without any blank: for numbers, dates, phones and headers.
#[must_use]
pub fn squeeze(s: &str) -> Cow<'_, str> {
    if s.bytes().all(|b| b.is_ascii_graphic()) {
        return Cow::Borrowed(s);
    }
    Cow::Owned(s.chars().filter(|c| !is_blank_char(*c)).map(half_width).collect())
}

/// Whether a spreadsheet program (or a page that forgot to escape) would run this text: it starts with = + - @ tab or a
/// carriage return, or holds markup. Numbers with a sign, phone numbers with + and a lone dash are none of that.
#[must_use]
pub fn looks_like_code(s: &str) -> bool {
    let Some(first) = s.chars().next() else { return false };
    if matches!(first, '\u{4e00}'..='\u{9fff}') && !s.contains('<') {
        return false;
    }
    let markup = || {
        s.match_indices('<')
            .any(|(i, _)| s.as_bytes().get(i + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'!' || *b == b'/'))
    };
    let starts = match half_width(first) {
        '=' | '@' => true,
        '\t' | '\r' => s.trim_start().chars().next().is_some_and(|c| matches!(half_width(c), '=' | '+' | '-' | '@')),
        '+' | '-' => {
            let rest: String = s.chars().skip(1).map(half_width).collect();
            rest.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '(' | ')' | '%')))
                && rest.chars().any(|c| {
                    matches!(c, '(' | '|' | '!' | '+' | '*' | '/' | '=' | '&' | '"' | '\'') || c.is_ascii_alphabetic()
                })
        }
        _ => false,
    };
    starts || markup()
}

/// The text as it may go into an export: an apostrophe keeps a spreadsheet program from running it.
#[must_use]
pub fn neutralise(s: &str) -> Cow<'_, str> {
    let risky = s.chars().next().is_some_and(|c| {
        matches!(half_width(c), '=' | '@' | '\t' | '\r' | '\n')
            || (matches!(half_width(c), '+' | '-') && s.parse::<f64>().is_err())
    });
    if risky { Cow::Owned(format!("'{s}")) } else { Cow::Borrowed(s) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_plain_text() {
        for s in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(1)",
            "\t=1+1",
            "＝1+1",
            "<script>alert(1)</script>居委会",
            "</td>",
        ] {
            assert!(looks_like_code(s), "{s:?}");
        }
        for s in [
            "",
            "-",
            "-5",
            "+86 13800000000",
            "-3.5%",
            "——",
            "'); DROP TABLE person;--",
            "{{7*7}}${7*7}",
            "“妇联”&<工会>联合办公室",
            "1<2",
            "\t上午",
        ] {
            assert!(!looks_like_code(s), "{s:?}");
        }
    }

    #[test]
    fn an_export_holds_nothing_that_runs() {
        assert_eq!(neutralise("=1+1"), "'=1+1");
        assert_eq!(neutralise("-2+3"), "'-2+3");
        assert_eq!(neutralise("-2.5"), "-2.5");
        assert_eq!(neutralise("张三"), "张三");
        assert_eq!(neutralise("＝1"), "'＝1");
    }
}
