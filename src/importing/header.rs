//! Finds the header under title rows, also one of two levels, tells its columns by their synonyms, and parts records from
//! titles, blanks and footers.

use std::borrow::Cow;

use super::cell::Cell;
use super::footer;
use super::merged::fill_merged;
use super::problem::{FileProblem, Problem};
use super::table::{Column, Header, NotData, NotDataKind, Row, Sheet, Table, Workbook};
use super::text::{half_width, is_blank_char};

/// Rows in which a header is looked for.
const LOOK: usize = 40;
/// Gaps in row numbers are listed as blank rows up to so many a sheet.
const MAX_BLANKS: usize = 1000;

/// The tables of a workbook for a kind of import with these columns: the one sheet that holds the data, or with
/// `all_sheets` every sheet that has the header.
///
/// # Errors
/// `no_data_rows`; `missing_required_column`, which names the columns and lists the headers found.
pub fn find_tables(book: Workbook, columns: &'static [Column], all_sheets: bool) -> Result<Vec<Table>, FileProblem> {
    let matcher = Matcher::new(columns);
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut nearest: Option<Found> = None;
    let mut passed_over = Vec::new();
    let any_shown = book.sheets.iter().any(|s| !s.hidden);
    for (i, sheet) in book.sheets.iter().enumerate() {
        if sheet.hidden && any_shown && book.sheets.len() > 1 {
            continue;
        }
        let Some(f) = matcher.best(sheet) else { continue };
        if f.missing == 0 {
            found.push((i, f));
        } else {
            passed_over.push(matcher.passed_over(sheet, &f));
            if nearest.as_ref().is_none_or(|n| f.known > n.known) {
                nearest = Some(f);
            }
        }
    }
    if found.is_empty() {
        return Err(match nearest {
            Some(f) => matcher.missing(&f),
            None if book.sheets.iter().all(|s| s.rows.iter().all(Row::is_blank)) => FileProblem::new("no_data_rows"),
            None => matcher.missing(&Found::default()),
        });
    }
    let mut tables: Vec<(usize, Table)> = Vec::new();
    let mut sheets = book.sheets.into_iter().enumerate();
    for (i, f) in found {
        let known = f.known;
        if let Some((_, sheet)) = sheets.find(|(j, _)| *j == i) {
            tables.push((known, matcher.table(sheet, f)));
        }
    }
    tables.retain(|(_, t)| !t.rows.is_empty());
    if tables.is_empty() {
        return Err(FileProblem::new("no_data_rows"));
    }
    if all_sheets {
        // Where every sheet counts, one that nearly has the header must not go missing in silence.
        if let Some((_, first)) = tables.first_mut() {
            first.warnings.append(&mut passed_over);
        }
        return Ok(tables.into_iter().map(|(_, t)| t).collect());
    }
    // The first of the sheets that know the most columns.
    let mut best: Option<(usize, Table)> = None;
    for (known, t) in tables {
        if best.as_ref().is_none_or(|(k, _)| known > *k) {
            best = Some((known, t));
        }
    }
    Ok(best.into_iter().map(|(_, t)| t).collect())
}

/// A header that was found: row numbers, how many declared columns it holds, how many required ones it lacks.
#[derive(Default)]
struct Found {
    first: u32,
    last: u32,
    /// Position in `Sheet::rows` after the header.
    next: usize,
    known: usize,
    missing: usize,
    headers: Vec<Header>,
}

struct Matcher {
    columns: &'static [Column],
    /// Folded label and synonyms of each column.
    names: Vec<Vec<String>>,
}

/// A header without blanks, line breaks, asterisks and colons, half-width, in small letters.
fn fold(s: &str) -> String {
    s.chars()
        .filter(|c| !is_blank_char(*c))
        .map(half_width)
        .filter(|c| !matches!(c, '*' | ':' | '※' | '★' | '"' | '\''))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The folded header without its brackets, and what stood in them.
fn without_brackets(s: &str) -> Option<(String, String)> {
    let open = |c: char| matches!(c, '(' | '[' | '【' | '〔' | '{' | '<' | '《');
    let close = |c: char| matches!(c, ')' | ']' | '】' | '〕' | '}' | '>' | '》');
    let (mut out, mut inside, mut depth) = (String::new(), String::new(), 0usize);
    for c in s.chars() {
        if open(c) {
            depth += 1;
        } else if close(c) {
            depth = depth.saturating_sub(1);
        } else if depth > 0 {
            inside.push(c);
        } else {
            out.push(c);
        }
    }
    (!inside.is_empty() && !out.is_empty()).then_some((out, inside))
}

/// How surely a header names a column; a surer one takes the place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// The bracket says that the values are masked for publication.
    Masked,
    Bracketed,
    Exact,
}

/// Headers of running numbers, which every list has and no kind needs.
const RUNNING: &[&str] = &["序号", "编号", "行号", "no", "no.", "№"];

impl Matcher {
    fn new(columns: &'static [Column]) -> Self {
        let names = columns
            .iter()
            .map(|c| std::iter::once(c.label).chain(c.synonyms.iter().copied()).map(fold).collect())
            .collect();
        Self { columns, names }
    }

    fn exact(&self, folded: &str) -> Option<usize> {
        // A label beats another column's synonym.
        self.names
            .iter()
            .position(|n| n.first().is_some_and(|l| l == folded))
            .or_else(|| self.names.iter().position(|n| n.iter().any(|x| x == folded)))
    }

    fn one(&self, text: &str) -> Option<(usize, Sure)> {
        let folded = fold(text);
        if folded.is_empty() {
            return None;
        }
        if let Some(i) = self.exact(&folded) {
            return Some((i, Sure::Exact));
        }
        let (bare, inside) = without_brackets(&folded)?;
        let masked = ["公示", "脱敏", "掩码", "遮盖", "隐藏", "masked"].iter().any(|w| inside.contains(w));
        self.exact(&bare).map(|i| (i, if masked { Sure::Masked } else { Sure::Bracketed }))
    }

    /// The best header of a sheet that knows at least two columns (one, where only one is declared or it is alone).
    fn best(&self, sheet: &Sheet) -> Option<Found> {
        let least = self.columns.len().min(2);
        let mut best: Option<Found> = None;
        let mut seen = 0;
        for (i, row) in sheet.rows.iter().enumerate() {
            if row.cells.is_empty() {
                continue;
            }
            seen += 1;
            if seen > LOOK {
                break;
            }
            let single = self.read_header(sheet, i, None);
            let double = sheet
                .rows
                .get(i + 1)
                .filter(|n| n.number == row.number + 1)
                .map(|_| self.read_header(sheet, i, Some(i + 1)))
                .filter(|d| d.known > single.known);
            // A second level must add to both rows taken alone.
            let double = double.filter(|d| d.known > self.read_header(sheet, i + 1, None).known);
            let f = double.unwrap_or(single);
            if f.known < least {
                continue;
            }
            let better = best
                .as_ref()
                .is_none_or(|b| (b.missing, std::cmp::Reverse(b.known)) > (f.missing, std::cmp::Reverse(f.known)));
            if better {
                best = Some(f);
            }
        }
        best
    }

    fn read_header(&self, sheet: &Sheet, top: usize, leaf: Option<usize>) -> Found {
        static NONE: &[Cell] = &[];
        let cells_of = |i: usize| sheet.rows.get(i).map_or(NONE, |r| r.cells.as_slice());
        let number_of = |i: usize| sheet.rows.get(i).map_or(0, |r| r.number);
        let (upper, lower) = (cells_of(top), leaf.map_or(NONE, cells_of));
        let width = upper.len().max(lower.len());
        let mut headers: Vec<Header> = Vec::new();
        let mut sure: Vec<Option<(usize, Sure)>> = Vec::new();
        let mut parent: Cow<'_, str> = Cow::Borrowed("");
        for c in 0..width {
            let up = upper.get(c).map(Cell::show).unwrap_or_default();
            let low = lower.get(c).map(Cell::show).unwrap_or_default();
            if !up.is_empty() {
                parent = up.clone();
            }
            let (text, hit) = if low.is_empty() {
                let hit = self.one(&up);
                (up.into_owned(), hit)
            } else {
                let joined = format!("{parent}{low}");
                match self.one(&joined) {
                    Some(hit) => (joined, Some(hit)),
                    None => (low.to_string(), self.one(&low)),
                }
            };
            headers.push(Header { index: c, text, column: None, hidden: hidden(sheet, c) });
            sure.push(hit);
        }
        while headers.last().is_some_and(|h| h.text.is_empty()) {
            headers.pop();
        }
        // The surest header takes the column; of equals the first.
        let mut known = 0;
        let mut missing = 0;
        for (i, column) in self.columns.iter().enumerate() {
            let mut taker: Option<(usize, Sure)> = None;
            for (c, hit) in sure.iter().enumerate() {
                if let Some((j, s)) = hit
                    && *j == i
                    && taker.is_none_or(|(_, best)| *s > best)
                {
                    taker = Some((c, *s));
                }
            }
            match taker.and_then(|(c, _)| headers.get_mut(c)) {
                Some(h) => {
                    h.column = Some(i);
                    known += 1;
                }
                None if column.required => missing += 1,
                None => {}
            }
        }
        let last = leaf.unwrap_or(top);
        Found { first: number_of(top), last: number_of(last), next: last + 1, known, missing, headers }
    }

    /// The required columns that a header lacks.
    fn lacking(&self, f: &Found) -> String {
        let has = |i: usize| f.headers.iter().any(|h| h.column == Some(i));
        let all = self.columns.iter().enumerate().filter(|(i, c)| c.required && !has(*i));
        all.map(|(_, c)| c.label).collect::<Vec<_>>().join("、")
    }

    fn passed_over(&self, sheet: &Sheet, f: &Found) -> Problem {
        let mut p = Problem::warning("sheet_passed_over").with("sheet", &sheet.name).with("columns", self.lacking(f));
        p.sheet.clone_from(&sheet.name);
        p
    }

    fn missing(&self, f: &Found) -> FileProblem {
        let mut headers = String::new();
        for h in f.headers.iter().filter(|h| !h.text.is_empty()).take(40) {
            if !headers.is_empty() {
                headers.push('、');
            }
            headers.extend(h.text.chars().take(30));
        }
        FileProblem::new("missing_required_column")
            .with("columns", self.lacking(f))
            .with("found", if headers.is_empty() { "—".to_owned() } else { headers })
    }

    fn table(&self, mut sheet: Sheet, f: Found) -> Table {
        let mut records = sheet.rows.split_off(f.next.min(sheet.rows.len()));
        let header_at = sheet.rows.iter().position(|r| r.number == f.first).unwrap_or(0);
        let mut not_data = Vec::new();
        let mut title = Vec::new();
        let mut before = 0u32;
        sheet.rows.truncate(header_at);
        for row in sheet.rows.drain(..) {
            blanks(&mut not_data, before, row.number);
            before = row.number;
            let blank = row.is_blank();
            not_data
                .push(NotData { row: row.number, kind: if blank { NotDataKind::Blank } else { NotDataKind::Title } });
            if !blank {
                title.push(row);
            }
        }
        blanks(&mut not_data, before, f.first);

        let places: Vec<Option<usize>> =
            (0..self.columns.len()).map(|i| f.headers.iter().find(|h| h.column == Some(i)).map(|h| h.index)).collect();
        let shape = footer::Shape::new(self.columns, &places);
        let mut before = f.last;
        records.retain(|row| {
            blanks(&mut not_data, before, row.number);
            before = row.number;
            let kind = if row.is_blank() {
                NotDataKind::Blank
            } else if repeats_header(row, &f.headers) {
                NotDataKind::Header
            } else if shape.is_footer(row) {
                NotDataKind::Footer
            } else {
                return true;
            };
            not_data.push(NotData { row: row.number, kind });
            false
        });
        let mut rows = records;
        fill_merged(&mut rows, &sheet.merged);
        let warnings = self.warnings(&sheet, &f, &rows);
        Table {
            sheet: sheet.name,
            title,
            header_rows: (f.first, f.last),
            headers: f.headers,
            places,
            declared: self.columns,
            rows,
            not_data,
            warnings,
        }
    }

    fn warnings(&self, sheet: &Sheet, f: &Found, rows: &[Row]) -> Vec<Problem> {
        let mut out = Vec::new();
        let mut note = |code: &'static str, text: &str| {
            let mut p = Problem::warning(code).in_column(text);
            p.sheet.clone_from(&sheet.name);
            out.push(p);
        };
        for h in &f.headers {
            if let Some(c) = h.column.and_then(|i| self.columns.get(i)) {
                if h.hidden {
                    note("hidden_column", c.label);
                }
                continue;
            }
            match self.one(&h.text) {
                // A masked copy for publication beside the true column says nothing new.
                Some((_, Sure::Masked)) => {}
                Some((i, _)) => note("repeated_header", self.columns.get(i).map_or("", |c| c.label)),
                None if RUNNING.contains(&fold(&h.text).as_str()) => {}
                None if h.text.is_empty() => {
                    if rows.iter().any(|r| !r.cell(h.index).is_blank()) {
                        note("unknown_column", "");
                    }
                }
                None => note("unknown_column", &h.text),
            }
        }
        out
    }
}

fn hidden(sheet: &Sheet, column: usize) -> bool {
    sheet.hidden_columns.iter().any(|(a, b)| (*a..=*b).contains(&column))
}

/// Rows that the file does not even mention.
fn blanks(out: &mut Vec<NotData>, before: u32, next: u32) {
    for row in before.saturating_add(1)..next {
        if out.len() >= MAX_BLANKS {
            return;
        }
        out.push(NotData { row, kind: NotDataKind::Blank });
    }
}

/// The header again, as programs print it on every page: all its known columns, word for word.
fn repeats_header(row: &Row, headers: &[Header]) -> bool {
    let mut known = headers.iter().filter(|h| h.column.is_some());
    known.clone().count() > 1 && known.all(|h| row.cell(h.index).show() == h.text)
}
