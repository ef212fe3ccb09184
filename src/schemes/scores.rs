//! Reading a score cell: a mark, or a code that is never counted as one.

use super::model::{BesideMarks, CodeMeaning, Scheme, Subject};
use super::names::is_one_of;

/// What a candidate has in one subject of one sitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Hundredths.
    Mark(i64),
    Absent,
    Violation,
    Void,
}

impl Outcome {
    /// As kept in the database: the code, and the mark where there is one.
    #[must_use]
    pub fn parts(self) -> (&'static str, Option<i64>) {
        match self {
            Self::Mark(m) => ("normal", Some(m)),
            Self::Absent => ("absent", None),
            Self::Violation => ("violation", None),
            Self::Void => ("void", None),
        }
    }

    /// The inverse of [`Outcome::parts`].
    #[must_use]
    pub fn from_parts(code: &str, mark: Option<i64>) -> Option<Self> {
        match (code, mark) {
            ("normal", Some(m)) => Some(Self::Mark(m)),
            ("absent", None) => Some(Self::Absent),
            ("violation", None) => Some(Self::Violation),
            ("void", None) => Some(Self::Void),
            _ => None,
        }
    }

    /// Whether the candidate took the paper: everything but absent.
    #[must_use]
    pub fn sat(self) -> bool {
        self != Self::Absent
    }

    fn of(meaning: CodeMeaning) -> Self {
        match meaning {
            CodeMeaning::Absent => Self::Absent,
            CodeMeaning::Violation => Self::Violation,
            CodeMeaning::Void => Self::Void,
        }
    }

    fn meaning(self) -> Option<CodeMeaning> {
        match self {
            Self::Mark(_) => None,
            Self::Absent => Some(CodeMeaning::Absent),
            Self::Violation => Some(CodeMeaning::Violation),
            Self::Void => Some(CodeMeaning::Void),
        }
    }
}

/// Why a score cell cannot be taken; [`ScoreProblem::code`] is the stable name in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreProblem {
    NotNumber,
    OverFullMarks,
    NotStep,
    UnknownCode,
}

impl ScoreProblem {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotNumber => "score_not_number",
            Self::OverFullMarks => "score_over_full_marks",
            Self::NotStep => "score_not_half_step",
            Self::UnknownCode => "score_unknown_code",
        }
    }
}

impl Scheme {
    /// Reads the text of a score cell of an exam year.
    ///
    /// # Errors
    /// What is wrong with it: no number, a negative number that is no code, more than full marks, off the step.
    pub fn read_score(&self, subject: &Subject, year: i32, text: &str) -> Result<Outcome, ScoreProblem> {
        let text: String = super::fold(text);
        let mut codes = self.score_codes.iter().filter(|c| c.holds_in(year));
        let Some((hundredths, exact)) = hundredths(&text) else {
            let word = codes.find(|c| is_one_of(&text, c.texts.iter().map(String::as_str)));
            return word.map(|c| Outcome::of(c.means)).ok_or(ScoreProblem::NotNumber);
        };
        if hundredths < 0 {
            let code = codes.find(|c| exact && c.value.checked_mul(100) == Some(hundredths));
            return code.map(|c| Outcome::of(c.means)).ok_or(ScoreProblem::UnknownCode);
        }
        if hundredths > subject.full_marks {
            return Err(ScoreProblem::OverFullMarks);
        }
        if !exact || hundredths % subject.step != 0 {
            return Err(ScoreProblem::NotStep);
        }
        Ok(Outcome::Mark(hundredths))
    }

    /// What an outcome does to the marks of the same sitting.
    #[must_use]
    pub fn beside_marks(&self, outcome: Outcome, year: i32) -> BesideMarks {
        let meaning = outcome.meaning();
        let code = self.score_codes.iter().find(|c| c.holds_in(year) && Some(c.means) == meaning);
        code.map_or(BesideMarks::Subject, |c| c.beside_marks)
    }

    /// Whether the subjects of one sitting must wait for a person's decision: a code that asks for it stands beside marks.
    #[must_use]
    pub fn must_hold(&self, year: i32, sitting: &[Outcome]) -> bool {
        sitting.iter().any(|o| matches!(o, Outcome::Mark(_)))
            && sitting.iter().any(|o| self.beside_marks(*o, year) == BesideMarks::Hold)
    }

    /// The number written for an outcome that is a code, in this scheme.
    #[must_use]
    pub fn code_value(&self, outcome: Outcome) -> Option<i64> {
        let meaning = outcome.meaning()?;
        self.score_codes.iter().find(|c| c.means == meaning).map(|c| c.value)
    }
}

/// A decimal text in hundredths, and whether nothing was cut off. Spreadsheets hand over floats, so that 60.5 may come as
/// 60.500000000000001: digits beyond the ninth after the point are noise.
fn hundredths(text: &str) -> Option<(i64, bool)> {
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 12 || fraction.len() > 40 {
        return None;
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let places: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let places: i64 = places.parse().ok()?;
    let value = whole.checked_mul(100)?.checked_add(places / 10_000_000)?;
    Some((if negative { -value } else { value }, places % 10_000_000 == 0))
}
