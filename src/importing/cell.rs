//! One cell as it stands in the file. A cell keeps what the file knows about it: a number is not a text, a date is not
//! a number, and an error is none of them; the readers in `value` turn cells into what a column means.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    /// Text as written, blanks at the ends included. Text files know no other kind of cell.
    Text(CellText),
    /// A number without a date format. `shown` is its shortest exact writing, without exponent.
    Number {
        value: f64,
        shown: Box<str>,
        /// Serial days count from 1904, as old Macintosh workbooks do.
        from_1904: bool,
    },
    /// A cell with a date format.
    Date(NaiveDate, Option<NaiveTime>),
    /// A cell with a format of a time of day only.
    Time(NaiveTime),
    Bool(bool),
    /// `#N/A` and its kin, also as the stored result of a formula.
    Error(Box<str>),
    /// A formula that no spreadsheet program has worked out yet.
    FormulaWithoutResult,
}

/// A piece of a text that many cells share: a file read whole, or a text that a workbook keeps once. Cells cost no memory
/// of their own, and a text repeated a million times is kept once.
#[derive(Clone)]
pub struct CellText {
    whole: Arc<str>,
    from: u32,
    to: u32,
}

impl CellText {
    /// The piece of `whole` from one byte up to another; empty if that is no piece of it.
    #[must_use]
    pub fn piece(whole: &Arc<str>, from: usize, to: usize) -> Self {
        match (u32::try_from(from), u32::try_from(to)) {
            (Ok(from), Ok(to)) => Self { whole: Arc::clone(whole), from, to },
            _ => Self::from(whole.get(from..to).unwrap_or_default()),
        }
    }
}

impl std::ops::Deref for CellText {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.from as usize..self.to as usize).unwrap_or_default()
    }
}

impl From<Arc<str>> for CellText {
    fn from(whole: Arc<str>) -> Self {
        // No reader makes a text of four thousand million bytes; the limits are far below.
        let to = u32::try_from(whole.len()).unwrap_or(u32::MAX);
        Self { whole, from: 0, to }
    }
}

impl From<&str> for CellText {
    fn from(s: &str) -> Self {
        Self::from(Arc::<str>::from(s))
    }
}

impl From<String> for CellText {
    fn from(s: String) -> Self {
        Self::from(s.as_str())
    }
}

impl PartialEq for CellText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl std::fmt::Debug for CellText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&**self, f)
    }
}

/// The cell of every place where a row has none.
pub static EMPTY: Cell = Cell::Empty;

impl Cell {
    #[must_use]
    pub fn text(s: &str) -> Self {
        if s.is_empty() { Self::Empty } else { Self::Text(s.into()) }
    }

    #[must_use]
    pub fn number(value: f64) -> Self {
        Self::Number { value, shown: shown(value).into(), from_1904: false }
    }

    /// Nothing in it but blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(s) => s.chars().all(super::text::is_blank_char),
            _ => false,
        }
    }

    /// What a reader of the sheet sees, blanks at the ends taken off; borrowed where the cell is a text.
    #[must_use]
    pub fn show(&self) -> Cow<'_, str> {
        match self {
            Self::Empty | Self::FormulaWithoutResult => Cow::Borrowed(""),
            Self::Text(s) => Cow::Borrowed(super::text::trim(s)),
            Self::Number { shown, .. } => Cow::Borrowed(shown),
            Self::Date(d, None) => Cow::Owned(d.format("%Y-%m-%d").to_string()),
            Self::Date(d, Some(t)) => Cow::Owned(format!("{} {}", d.format("%Y-%m-%d"), t.format("%H:%M"))),
            Self::Time(t) => Cow::Owned(t.format("%H:%M").to_string()),
            Self::Bool(b) => Cow::Borrowed(if *b { "TRUE" } else { "FALSE" }),
            Self::Error(e) => Cow::Borrowed(e),
        }
    }
}

/// The shortest writing that reads back as the same number; never with an exponent.
#[must_use]
pub fn shown(value: f64) -> String {
    format!("{value}")
}
