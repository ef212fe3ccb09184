//! What is wrong with a row, or with a whole file. Codes are the stable names that scripts rely on; the sentence for a
//! person is made from the locale key `import-code-…` only when their language is known.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::core::{Lang, Msg};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row (or file) must not be saved as it stands.
    Error,
    /// The row is good, yet the user must be told.
    Warning,
}

/// Letters of a cell that a message quotes: enough to find it by.
const QUOTED: usize = 100;

/// One remark on a row, a column or (row = None) the sheet as a whole.
///
/// Arguments never hold a full ID number: problems are stored and shown, ID numbers are sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub sheet: String,
    /// The number a spreadsheet program shows.
    pub row: Option<u32>,
    /// The canonical header ([`super::Column::label`]); of an unknown column, its header as written. May be empty.
    pub column: String,
    pub severity: Severity,
    pub code: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(String, String)>,
}

impl Problem {
    #[must_use]
    pub fn new(severity: Severity, code: &'static str) -> Self {
        Self {
            sheet: String::new(),
            row: None,
            column: String::new(),
            severity,
            code: Cow::Borrowed(code),
            args: Vec::new(),
        }
    }

    #[must_use]
    pub fn error(code: &'static str) -> Self {
        Self::new(Severity::Error, code)
    }

    #[must_use]
    pub fn warning(code: &'static str) -> Self {
        Self::new(Severity::Warning, code)
    }

    #[must_use]
    pub fn at(mut self, sheet: &str, row: u32) -> Self {
        sheet.clone_into(&mut self.sheet);
        self.row = Some(row);
        self
    }

    #[must_use]
    pub fn in_column(mut self, label: &str) -> Self {
        label.clone_into(&mut self.column);
        self
    }

    /// Adds an argument; `name` is the one the locale file uses in `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        let mut value = value.to_string();
        if let Some((cut, _)) = value.char_indices().nth(QUOTED) {
            value.truncate(cut);
            value.push('…');
        }
        self.args.push((name.to_owned(), value));
        self
    }

    /// The earlier row that this one repeats or contradicts.
    #[must_use]
    pub fn peer(self, row: u32) -> Self {
        self.with("peer_row", row)
    }

    #[must_use]
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.args.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// The row of argument `peer_row`.
    #[must_use]
    pub fn peer_row(&self) -> Option<u32> {
        self.arg("peer_row").and_then(|v| v.parse().ok())
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The locale key of the code.
    #[must_use]
    pub fn key(code: &str) -> String {
        format!("import-code-{}", code.replace('_', "-"))
    }

    /// The sentence as key and arguments; `column` and `row` are always among them.
    #[must_use]
    pub fn msg(&self) -> Msg {
        let mut msg = Msg::new(&Self::key(&self.code)).with("column", &self.column);
        msg = msg.with("row", self.row.map(|r| r.to_string()).unwrap_or_default());
        msg.args.extend(self.args.iter().map(|(k, v)| (k.clone(), v.clone())));
        msg
    }

    /// The sentence in the reader's language: what is wrong, why, and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.msg().text(lang)
    }
}

/// Why a file is refused as a whole: nothing of it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    pub code: &'static str,
    pub args: Vec<(String, String)>,
}

impl FileProblem {
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        Self { code, args: Vec::new() }
    }

    /// Adds an argument of the sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same as a problem without a row, the form every import result has.
    #[must_use]
    pub fn to_problem(&self) -> Problem {
        let mut p = Problem::error(self.code);
        p.args.clone_from(&self.args);
        p
    }

    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.to_problem().message(lang)
    }
}
