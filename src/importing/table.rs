//! What a reader yields ([`Workbook`]) and what an importer works on ([`Table`]).

use super::cell::{Cell, EMPTY};
use super::problem::Problem;

/// What a file may cost; see `[import]` in the settings.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub max_bytes: u64,
    /// Counted while unpacking, over all parts of the file together.
    pub max_unpacked_bytes: u64,
    pub max_rows: usize,
    pub max_columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_unpacked_bytes: 48 << 20, max_rows: 200_000, max_columns: 200 }
    }
}

impl From<&crate::core::config::Import> for Limits {
    fn from(s: &crate::core::config::Import) -> Self {
        Self {
            max_bytes: s.max_bytes,
            max_unpacked_bytes: s.max_unpacked_bytes,
            max_rows: s.max_rows,
            max_columns: s.max_columns,
        }
    }
}

/// What the bytes turned out to be, whatever the file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    Xls,
    Ods,
    Html,
    /// Text with this separator.
    Text(u8),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Workbook {
    pub format: Format,
    pub sheets: Vec<Sheet>,
}

/// A sheet without its blank cells at the ends of rows; rows that are wholly absent are gaps in the numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Empty for text files.
    pub name: String,
    pub hidden: bool,
    pub rows: Vec<Row>,
    /// First and last hidden column, from 0.
    pub hidden_columns: Vec<(usize, usize)>,
    pub merged: Vec<Merged>,
}

/// A merged area; rows as shown (from 1), columns from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: usize,
    pub last_column: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The number a spreadsheet program shows: blank lines count, a quoted line break does not start a row.
    pub number: u32,
    /// The physical line in a text file, from 1.
    pub line: Option<u32>,
    pub hidden: bool,
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column (from 0); an absent one is empty.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&EMPTY)
    }

    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// A column that a kind of import knows.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name in code.
    pub key: &'static str,
    /// The canonical header, used in every problem.
    pub label: &'static str,
    /// Other headers for the same thing, compared without blanks, brackets, asterisks and width.
    pub synonyms: &'static [&'static str],
    /// Without it the file is refused.
    pub required: bool,
}

impl Column {
    #[must_use]
    pub const fn new(key: &'static str, label: &'static str, synonyms: &'static [&'static str]) -> Self {
        Self { key, label, synonyms, required: false }
    }

    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// A header found in a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The column in the sheet, from 0.
    pub index: usize,
    /// As written, levels of a two-level header joined where that was needed to know it.
    pub text: String,
    /// Which declared column it is, by position in the kind's list.
    pub column: Option<usize>,
    pub hidden: bool,
}

/// Why a row holds no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDataKind {
    Title,
    Blank,
    /// The header again, as on every printed page.
    Header,
    Footer,
}

impl NotDataKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Blank => "blank",
            Self::Header => "header",
            Self::Footer => "footer",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotData {
    pub row: u32,
    pub kind: NotDataKind,
}

/// The records of one sheet, under the header that was found.
#[derive(Clone, Debug)]
pub struct Table {
    pub sheet: String,
    /// The rows above the header, with all their cells: some forms say there what the whole sheet is about.
    pub title: Vec<Row>,
    /// First and last row of the header.
    pub header_rows: (u32, u32),
    pub headers: Vec<Header>,
    /// For each declared column, where it stands in the sheet.
    pub(super) places: Vec<Option<usize>>,
    pub(super) declared: &'static [Column],
    /// The records. Values of cells merged downwards are repeated.
    pub rows: Vec<Row>,
    pub not_data: Vec<NotData>,
    /// Remarks on the sheet as a whole: `unknown_column`, `repeated_header`, `hidden_column`.
    pub warnings: Vec<Problem>,
}

impl Table {
    /// Where the declared column `key` stands in the sheet (from 0). Ask once per table, not once per row.
    #[must_use]
    pub fn place(&self, key: &str) -> Option<usize> {
        let i = self.declared.iter().position(|c| c.key == key)?;
        self.places.get(i).copied().flatten()
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// The cell of the declared column `key`; empty where the sheet has no such column.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r Row, key: &str) -> &'r Cell {
        self.place(key).map_or(&EMPTY, |i| row.cell(i))
    }

    /// The canonical header of `key`.
    #[must_use]
    pub fn label(&self, key: &str) -> &'static str {
        self.declared.iter().find(|c| c.key == key).map_or("", |c| c.label)
    }

    /// A problem of this table's row, in the declared column `key` (`""` for the whole row).
    #[must_use]
    pub fn problem(&self, problem: Problem, row: &Row, key: &str) -> Problem {
        let mut p = problem.at(&self.sheet, row.number).in_column(self.label(key));
        if let Some(line) = row.line {
            p = p.with("line", line);
        }
        p
    }

    /// What is to be said of a row whatever the kind of import: `too_many_cells` (error), `hidden_row` (warning).
    #[must_use]
    pub fn row_problems(&self, row: &Row) -> Vec<Problem> {
        let mut out = Vec::new();
        let width = self.headers.last().map_or(0, |h| h.index + 1);
        if row.cells.get(width..).is_some_and(|rest| rest.iter().any(|c| !c.is_blank())) {
            out.push(self.problem(Problem::error("too_many_cells"), row, ""));
        }
        if row.hidden {
            out.push(self.problem(Problem::warning("hidden_row"), row, ""));
        }
        out
    }

    /// The value that stands after a label in the rows above the header: `日期：` in one cell and the date in the
    /// next, or both in one cell as `日期：2026年3月1日`.
    #[must_use]
    pub fn title_value(&self, label: &str) -> Option<Cell> {
        for row in &self.title {
            for (i, cell) in row.cells.iter().enumerate() {
                let Cell::Text(text) = cell else { continue };
                let text = super::text::trim(text);
                let Some(rest) = text.strip_prefix(label) else { continue };
                let rest = super::text::trim(rest);
                if let Some(after) = rest.strip_prefix(['：', ':']) {
                    let after = super::text::trim(after);
                    if !after.is_empty() {
                        return Some(Cell::text(after));
                    }
                } else if !rest.is_empty() {
                    continue;
                }
                return row.cells.get(i + 1..).and_then(|r| r.iter().find(|c| !c.is_blank())).cloned();
            }
        }
        None
    }
}
