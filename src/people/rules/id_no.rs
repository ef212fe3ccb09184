//! Numbers of papers. Resident numbers follow GB 11643: six digits of the region (never tested: regions come and go),
//! birth date, a sequence number that is odd for men, a check digit. A number is tidied, never repaired: of a number cut
//! by a spreadsheet a hundred candidates fit.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::Code;
use super::id_type::IdType;
use crate::importing::Cell;
use crate::importing::text::{half_width, is_blank_char};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
}

impl Sex {
    /// The word in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }

    /// As written in a sheet; `sex_unknown_value` for anything else.
    ///
    /// # Errors
    /// `sex_unknown_value`.
    pub fn read(text: &str) -> Result<Option<Self>, Code> {
        Ok(Some(match text {
            "" => return Ok(None),
            "男" | "男性" | "男士" | "先生" | "m" | "M" | "male" | "Male" => Self::Male,
            "女" | "女性" | "女士" | "小姐" | "f" | "F" | "female" | "Female" => Self::Female,
            _ => return Err("sex_unknown_value"),
        }))
    }
}

/// A number that may be kept, and what it says of its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdNo {
    pub number: String,
    pub birth: Option<NaiveDate>,
    pub sex: Option<Sex>,
    /// It ends in 000 as cut numbers do, yet its check digit holds: worth a look.
    pub ends_000: bool,
}

/// What is wrong, and where: the type's column or the number's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdProblem {
    pub code: Code,
    pub of_type: bool,
    /// For `id_15_digits`: the 18-digit form, to be offered, never taken silently.
    pub suggest: Option<String>,
}

impl IdProblem {
    fn new(code: Code) -> Self {
        Self { code, of_type: false, suggest: None }
    }
}

/// Takes off what typing and copying leave: blanks of every kind, apostrophes in front, hyphens, full width, small letters.
#[must_use]
pub fn tidy(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_blank_char(*c)).map(half_width) {
        match c {
            '\'' | '‘' | '’' | '`' | '′' if out.is_empty() => {}
            '-' => {}
            'Ｘ' | 'ｘ' | '×' => out.push('X'),
            c => out.push(c.to_ascii_uppercase()),
        }
    }
    Cow::Owned(out)
}

/// Reads the number of a paper of this type from its cell.
///
/// # Errors
/// One of the `id_…` codes, or `cell_error` and `formula_without_result`.
pub fn read(cell: &Cell, id_type: IdType) -> Result<IdNo, IdProblem> {
    cell.check().map_err(IdProblem::new)?;
    match cell {
        Cell::Empty => Err(IdProblem::new("id_missing")),
        Cell::Text(s) => check(&tidy(s), id_type),
        // A number has lost its leading noughts and all beyond 15 digits before anybody looked.
        _ => Err(IdProblem::new("id_numeric_cell")),
    }
}

/// Checks a tidied number of this type.
///
/// # Errors
/// One of the `id_…` codes.
pub fn check(number: &str, id_type: IdType) -> Result<IdNo, IdProblem> {
    if number.is_empty() {
        return Err(IdProblem::new("id_missing"));
    }
    if number.contains(['*', '＊', '●', '#']) || (id_type.is_eighteen() && number.contains("XXX")) {
        return Err(IdProblem::new("id_masked"));
    }
    if is_scientific(number) {
        return Err(IdProblem::new("id_scientific_text"));
    }
    if id_type.is_eighteen() { eighteen(number) } else { other(number, id_type) }
}

/// `9.90121E+17`, the text that a spreadsheet shows of a long number.
fn is_scientific(s: &str) -> bool {
    let Some((mantissa, exponent)) = s.split_once('E') else { return false };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    // The sign may have gone with the hyphens; a passport E1234567 has no digits before its letter.
    digits(whole) && digits(part) && whole.len() == 1 && digits(exponent.trim_start_matches('+')) && exponent.len() <= 3
}

fn eighteen(s: &str) -> Result<IdNo, IdProblem> {
    let bytes = s.as_bytes();
    let all_digits = |b: &[u8]| b.iter().all(u8::is_ascii_digit);
    let body = bytes.split_last().map_or(bytes, |(_, body)| body);
    let last = bytes.last().copied().unwrap_or_default();
    if !(all_digits(body) && (last.is_ascii_digit() || last == b'X')) {
        let letters = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let rest = bytes.get(letters..).unwrap_or_default();
        // One to three letters and then a short number is another paper's form, not a slip of the hand.
        let foreign = (1..=3).contains(&letters) && (6..=12).contains(&rest.len()) && all_digits(rest);
        return Err(IdProblem::new(if foreign { "id_type_number_disagree" } else { "id_characters" }));
    }
    if bytes.len() == 15 && all_digits(bytes) {
        return Err(IdProblem { suggest: from_fifteen(s), ..IdProblem::new("id_15_digits") });
    }
    if bytes.len() != 18 {
        return Err(IdProblem::new("id_length"));
    }
    let birth = birth_of(s).ok_or(IdProblem::new("id_birth_impossible"))?;
    let ends_000 = s.ends_with("000");
    if check_digit(body) != Some(last) {
        return Err(IdProblem::new(if ends_000 { "id_cut_by_spreadsheet" } else { "id_check_digit" }));
    }
    let male = bytes.get(16).is_some_and(|b| b % 2 == 1);
    Ok(IdNo {
        number: s.to_owned(),
        birth: Some(birth),
        sex: Some(if male { Sex::Male } else { Sex::Female }),
        ends_000,
    })
}

fn birth_of(s: &str) -> Option<NaiveDate> {
    let n = |a: usize, b: usize| s.get(a..b).and_then(|t| t.parse::<u32>().ok());
    let year = i32::try_from(n(6, 10)?).ok().filter(|y| (1900..=2100).contains(y))?;
    NaiveDate::from_ymd_opt(year, n(10, 12)?, n(12, 14)?)
}

/// The check digit of 17 digits: GB 11643 with ISO 7064 MOD 11-2.
fn check_digit(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if body.len() != 17 {
        return None;
    }
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w).sum();
    b"10X98765432".get(usize::try_from(sum % 11).ok()?).copied()
}

/// The 18-digit form of an old number, whose century was always the twentieth.
#[must_use]
pub fn from_fifteen(s: &str) -> Option<String> {
    if s.len() != 15 || !s.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (region, rest) = s.split_at_checked(6)?;
    let mut out = format!("{region}19{rest}");
    let last = check_digit(out.as_bytes())?;
    out.push(char::from(last));
    birth_of(&out)?;
    Some(out)
}

fn other(s: &str, id_type: IdType) -> Result<IdNo, IdProblem> {
    if id_type != IdType::ForeignerPermanentResidence && eighteen(s).is_ok() {
        return Err(IdProblem { of_type: true, ..IdProblem::new("id_type_number_disagree") });
    }
    let chars = s.chars().count();
    let ok = |least: usize, most: usize| (least..=most).contains(&chars);
    let plain = s.bytes().all(|b| b.is_ascii_alphanumeric());
    let letter_first = s.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    let digits_after = |n: usize| s.bytes().skip(n).all(|b| b.is_ascii_digit());
    let (length, characters) = match id_type {
        IdType::HongKongMacaoPermit => (ok(9, 9) || ok(11, 11), letter_first && digits_after(1)),
        IdType::TaiwanPermit => (ok(8, 8) || ok(10, 11), plain),
        IdType::Passport => (ok(5, 20), plain),
        // Fifteen characters since 2004, eighteen since 2023.
        IdType::ForeignerPermanentResidence => (ok(15, 15) || ok(18, 18), plain),
        IdType::Officer | IdType::Soldier => {
            (ok(4, 30), s.chars().all(|c| c.is_alphanumeric() || matches!(c, '(' | ')' | '第')))
        }
        IdType::SocialSecurity => (ok(8, 20), plain),
        IdType::Resident | IdType::HmtResidence => (true, true),
    };
    if !length {
        return Err(IdProblem::new("id_length"));
    }
    if !characters {
        return Err(IdProblem::new("id_characters"));
    }
    Ok(IdNo { number: s.to_owned(), birth: None, sex: None, ends_000: false })
}

/// As it is shown: the last four characters only, since pieces from several lists can be joined.
#[must_use]
pub fn mask(number: &str) -> String {
    let tail = tail(number);
    let hidden = number.chars().count().saturating_sub(tail.chars().count());
    format!("{}{tail}", "*".repeat(hidden))
}

/// The last four characters; of a short number, the last two.
#[must_use]
pub fn tail(number: &str) -> &str {
    let keep = if number.chars().count() > 8 { 4 } else { 2 };
    let start = number.char_indices().rev().nth(keep - 1).map_or(0, |(i, _)| i);
    number.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(number: &str, t: IdType) -> &'static str {
        check(&tidy(number), t).map_or_else(|p| p.code, |_| "ok")
    }

    #[test]
    fn resident_numbers() {
        for (s, want) in [
            ("11010519491231002X", "ok"),
            ("440524188001010014", "id_birth_impossible"),
            ("990121199208038866", "ok"),
            ("99012119920803886", "id_length"),
            ("9901211992080388660", "id_length"),
            ("990121199208038867", "id_check_digit"),
            ("990121199208038000", "id_cut_by_spreadsheet"),
            ("990121199209100000", "ok"),
            ("", "id_missing"),
            ("99O121199208038866", "id_characters"),
            ("990121920803886", "id_15_digits"),
            ("990121********8866", "id_masked"),
            ("9.90121E+17", "id_scientific_text"),
            ("9.90121e17", "id_scientific_text"),
            ("9.90121199208038E+17", "id_scientific_text"),
            ("H00000011", "id_type_number_disagree"),
            ("E12345678", "id_type_number_disagree"),
            ("9901211992080388XX", "id_characters"),
            ("不详", "id_characters"),
        ] {
            assert_eq!(code(s, IdType::Resident), want, "{s}");
        }
        let id = check("990121199209100000", IdType::Resident).unwrap();
        assert!(id.ends_000);
        assert_eq!(id.birth, NaiveDate::from_ymd_opt(1992, 9, 10));
        assert_eq!(id.sex, Some(Sex::Female));
        assert_eq!(check("11010519491231002X", IdType::Resident).unwrap().sex, Some(Sex::Female));
    }

    #[test]
    fn tidying_takes_off_what_typing_leaves() {
        for s in [
            "99012119920616210x",
            "９９０１２１１９９２０６１６２１０Ｘ",
            "990121 19920616 210X",
            "'99012119920616210X",
            "\u{3000}99012119920616210X ",
            "99012119920616210X\t",
            "\u{200b}99012119920616210X",
            "‘99012119920616210X",
            "990121\u{a0}19920616210X",
            "\u{feff}99012119920616210X",
            "990121-19920616-210X",
            "９９０１２１１９９２０６１６２１０ｘ",
        ] {
            assert_eq!(tidy(s), "99012119920616210X", "{s:?}");
        }
    }

    #[test]
    fn other_papers() {
        for (s, t, want) in [
            ("H00000001", IdType::HongKongMacaoPermit, "ok"),
            ("H0000001", IdType::HongKongMacaoPermit, "id_length"),
            ("100000001", IdType::HongKongMacaoPermit, "id_characters"),
            ("00000002", IdType::TaiwanPermit, "ok"),
            ("0990000301", IdType::TaiwanPermit, "ok"),
            ("ex0000008", IdType::Passport, "ok"),
            ("E", IdType::Passport, "id_length"),
            ("XXX999900101005", IdType::ForeignerPermanentResidence, "ok"),
            ("军字第9900006号", IdType::Officer, "ok"),
            ("X99000007", IdType::SocialSecurity, "ok"),
            ("990121199208038866", IdType::Passport, "id_type_number_disagree"),
        ] {
            assert_eq!(code(s, t), want, "{s} {t:?}");
        }
        assert!(check("990121199208038866", IdType::Passport).unwrap_err().of_type);
        assert_eq!(read(&Cell::number(9.9e17), IdType::Resident).unwrap_err().code, "id_numeric_cell");
        assert_eq!(read(&Cell::FormulaWithoutResult, IdType::Resident).unwrap_err().code, "formula_without_result");
    }

    #[test]
    fn old_numbers_are_offered_in_their_new_form() {
        assert_eq!(from_fifteen("990121970814646").as_deref(), Some("990121199708146468"));
        assert_eq!(from_fifteen("990121971314646"), None);
        assert_eq!(mask("990121199708146468"), "**************6468");
        assert_eq!(tail("E123"), "23");
        assert_eq!(tail("军字第9900006号"), "006号");
        assert_eq!(tail(""), "");
    }
}
