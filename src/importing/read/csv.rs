//! Separated text. Rows are counted as a spreadsheet program does: a blank line is a row, a line break inside quotes is
//! not; the physical line is kept beside it for people who look with an editor.
//!
//! Our own splitter: the well-known one skips blank lines and can name the wrong line, and both numbers are the point.

use std::sync::Arc;

use super::grid::Grid;
use crate::importing::cell::{Cell, CellText};
use crate::importing::problem::FileProblem;
use crate::importing::table::{Format, Limits, Row, Sheet, Workbook};

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Rows looked at to tell the separator.
const LOOK: usize = 50;

pub(super) fn read(text: &str, limits: &Limits) -> Result<Workbook, FileProblem> {
    let separator = separator(text);
    // One copy of the file's text, of which the cells are pieces.
    let whole: Arc<str> = Arc::from(text);
    let mut sheet = Sheet::default();
    let mut grid = Grid::new(limits);
    let mut lines = Splitter::new(text, separator);
    let mut cells: Vec<Cell> = Vec::new();
    let mut beyond = false;
    let mut number = 0u32;
    while let Some(line) = lines.next_row(|field| {
        let cell = match field {
            Field { from, to, .. } if from == to => Cell::Empty,
            Field { from, to, doubled: true } => {
                Cell::text(&text.get(from..to).unwrap_or_default().replace("\"\"", "\""))
            }
            Field { from, to, doubled: false } => Cell::Text(CellText::piece(&whole, from, to)),
        };
        if cells.len() < limits.max_columns {
            cells.push(cell);
        } else if cell != Cell::Empty {
            beyond = true;
        }
    }) {
        if beyond {
            return Err(FileProblem::new("too_many_columns").with("limit", limits.max_columns));
        }
        number = number.saturating_add(1);
        while cells.last().is_some_and(|c| *c == Cell::Empty) {
            cells.pop();
        }
        let width = cells.len();
        let full = std::mem::replace(&mut cells, Vec::with_capacity(width));
        grid.keep(&mut sheet, Row { number, line: Some(line), hidden: false, cells: full })?;
    }
    if sheet.rows.iter().all(Row::is_blank) {
        return Err(FileProblem::new("empty_file"));
    }
    Ok(Workbook { format: Format::Text(separator), sheets: vec![sheet] })
}

/// The separator that splits the first rows into the most alike and the most cells.
fn separator(text: &str) -> u8 {
    let mut best = (0usize, b',');
    for sep in SEPARATORS {
        let mut rows = Splitter::new(text, sep);
        let mut counts: Vec<usize> = Vec::new();
        while counts.len() < LOOK {
            let mut n = 0usize;
            if rows.next_row(|_| n += 1).is_none() {
                break;
            }
            counts.push(n);
        }
        // The commonest number of cells above one: how many rows have it, and how many cells that is.
        let score = counts
            .iter()
            .filter(|c| **c > 1)
            .map(|c| counts.iter().filter(|d| *d == c).count() * 16 + (*c).min(64))
            .max()
            .unwrap_or(0);
        if score > best.0 {
            best = (score, sep);
        }
    }
    best.1
}

/// A field between separators, without its quotes: where it stands, and whether quotes in it are still doubled.
#[derive(Clone, Copy)]
struct Field {
    from: usize,
    to: usize,
    doubled: bool,
}

struct Splitter<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    separator: u8,
    /// An opening quote that is never closed was met: no later one is looked for, or each would run to the end.
    unclosed: bool,
}

impl<'t> Splitter<'t> {
    fn new(text: &'t str, separator: u8) -> Self {
        Self { text, at: 0, line: 1, separator, unclosed: false }
    }

    /// Gives the fields of the next row to `take` and returns the physical line it starts in; none at the end.
    fn next_row(&mut self, mut take: impl FnMut(Field)) -> Option<u32> {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let first = self.line;
        loop {
            take(self.field());
            match bytes.get(self.at) {
                Some(b) if *b == self.separator => self.at += 1,
                Some(b) => {
                    self.at += if *b == b'\r' && bytes.get(self.at + 1) == Some(&b'\n') { 2 } else { 1 };
                    self.line = self.line.saturating_add(1);
                    return Some(first);
                }
                None => return Some(first),
            }
        }
    }

    fn field(&mut self) -> Field {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) == Some(&b'"')
            && let Some((field, lines)) = self.quoted()
        {
            self.at = field.to + 1;
            self.line = self.line.saturating_add(lines);
            return field;
        }
        let start = self.at;
        let rest = bytes.get(start..).unwrap_or_default();
        let len = rest.iter().position(|b| *b == self.separator || *b == b'\n' || *b == b'\r').unwrap_or(rest.len());
        self.at = start + len;
        Field { from: start, to: self.at, doubled: false }
    }

    /// A quoted field whose closing quote is followed by a separator, a line end or nothing, and the line breaks within. Otherwise none, and the quote is an ordinary character.
    fn quoted(&mut self) -> Option<(Field, u32)> {
        if self.unclosed {
            return None;
        }
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut i = start;
        let (mut lines, mut doubled) = (0u32, false);
        loop {
            let Some(b) = bytes.get(i) else {
                self.unclosed = true;
                return None;
            };
            match b {
                b'"' if bytes.get(i + 1) == Some(&b'"') => {
                    doubled = true;
                    i += 1;
                }
                b'"' => break,
                b'\n' => lines += 1,
                b'\r' if bytes.get(i + 1) != Some(&b'\n') => lines += 1,
                _ => {}
            }
            i += 1;
        }
        match bytes.get(i + 1) {
            None | Some(b'\n' | b'\r') => {}
            Some(b) if *b == self.separator => {}
            Some(_) => return None,
        }
        Some((Field { from: start, to: i, doubled }, lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, u32, Vec<String>)> {
        let book = read(text, &Limits::default()).unwrap();
        book.sheets[0]
            .rows
            .iter()
            .map(|r| (r.number, r.line.unwrap(), r.cells.iter().map(|c| c.show().into_owned()).collect()))
            .collect()
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does_and_lines_as_an_editor_does() {
        let got = rows("a,b\r\n\"x\ny\",\"say \"\"hi\"\", then\"\n\n1,2,,,\n3");
        let s = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            got,
            vec![
                (1, 1, s(&["a", "b"])),
                (2, 2, s(&["x\ny", "say \"hi\", then"])),
                (3, 4, s(&[])),
                (4, 5, s(&["1", "2"])),
                (5, 6, s(&["3"])),
            ]
        );
    }

    #[test]
    fn the_separator_is_the_one_that_splits_alike() {
        assert_eq!(separator("a;b;c\n1,5;2;3\n1,5;2;3\n"), b';');
        assert_eq!(separator("a\tb\n1,2\t3\n"), b'\t');
        assert_eq!(separator("a,b\n=1;2,3\n"), b',');
        assert_eq!(separator("姓名\n张三\n"), b',');
    }

    #[test]
    fn a_stray_quote_is_a_character() {
        assert_eq!(rows("a,\"b\" c,d\n")[0].2, ["a", "\"b\" c", "d"]);
        assert_eq!(rows("a,\"b\nc,d\n").len(), 2);
    }

    #[test]
    fn limits_hold() {
        let tight = Limits { max_rows: 2, max_columns: 3, ..Limits::default() };
        assert_eq!(read("a,b\n1,2\n3,4\n", &tight).unwrap_err().code, "too_many_rows");
        assert_eq!(read("a,b,c,d\n", &tight).unwrap_err().code, "too_many_columns");
        assert!(read("a,b,c,,,,\n1\n", &tight).is_ok());
        assert_eq!(read("\n\n , \n", &Limits::default()).unwrap_err().code, "empty_file");
    }
}
