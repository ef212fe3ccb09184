//! One cell as it stands in the file. A cell keeps what the file knows about it: a number is not a text, a date is not
//! a number, and an error is none of them; the readers in `value` turn cells into what a column means.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    /// Text as written, blanks at the ends included. Text files know no other kind of cell. Shared, as workbooks share
    /// equal texts and merged areas repeat one.
    Text(Arc<str>),
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
