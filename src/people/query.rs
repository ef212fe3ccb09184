//! What was typed into the search box for people. Pure.

use super::rules::name;
pub use super::rules::name::key as fold_name;
use crate::importing::text::squeeze;

/// What the words ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Nothing,
    /// A whole number: of a paper, a phone or a student.
    Number(String),
    /// Four characters: the end of an ID number, or a short student number.
    Tail(String),
    /// The beginning of a name, folded.
    Name(String),
}

/// Reads the box: digits (with a capital X at the end, or letters before them as passports have) are numbers, all else
/// is the beginning of a name.
#[must_use]
pub fn read(text: &str) -> Query {
    let text: String = text.chars().take(100).collect();
    let flat = squeeze(&text).to_uppercase();
    if flat.is_empty() {
        return Query::Nothing;
    }
    let plain = flat.replace('-', "");
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let is_number = plain.bytes().all(|b| b.is_ascii_alphanumeric()) && digits >= 3 && digits * 2 > plain.len();
    if !is_number {
        return Query::Name(name::key(&text));
    }
    if plain.len() == 4 { Query::Tail(plain) } else { Query::Number(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_read() {
        let n = |s: &str| Query::Number(s.to_owned());
        let cases = [
            ("", Query::Nothing),
            ("　 ", Query::Nothing),
            ("王", Query::Name("王".into())),
            ("王 小明", Query::Name("王小明".into())),
            ("99012119931116078x", n("99012119931116078X")),
            ("９９０１２１ 19931116 078X", n("99012119931116078X")),
            ("078X", Query::Tail("078X".into())),
            ("0787", Query::Tail("0787".into())),
            ("19900001148", n("19900001148")),
            ("H00000001", n("H00000001")),
            ("Anna", Query::Name("anna".into())),
            ("O'Neil 3", Query::Name("o'neil3".into())),
            ("%", Query::Name("%".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
