//! Workbooks of OpenDocument, streamed. Repeats, by which a few bytes stand for a million cells, are unfolded only where
//! they hold something, and under the limits.

use std::io::Read;

use chrono::NaiveTime;
use quick_xml::events::{BytesStart, Event};

use super::grid::Grid;
use super::xml;
use super::zipped::{Budget, Parts};
use crate::importing::cell::Cell;
use crate::importing::date::{self, DateValue};
use crate::importing::problem::FileProblem;
use crate::importing::table::{Format, Limits, Merged, Row, Sheet, Workbook};

pub(super) fn read(mut parts: Parts<'_>, limits: &Limits) -> Result<Workbook, FileProblem> {
    let budget = Budget::new(limits);
    if let Some(mut manifest) = parts.reader("META-INF/manifest.xml", &budget)? {
        let mut text = Vec::new();
        manifest.read_to_end(&mut text).map_err(|_| budget.problem())?;
        if String::from_utf8_lossy(&text).contains("encryption-data") {
            return Err(FileProblem::new("password_protected"));
        }
    }
    let Some(reader) = parts.reader("content.xml", &budget)? else { return Err(FileProblem::new("damaged_file")) };
    let mut xml = xml::reader(reader);
    let mut buf = Vec::new();
    let mut walk = Walk::new(limits);
    loop {
        match xml::next(&mut xml, &mut buf, &budget)? {
            Event::Start(e) => walk.start(&e, false)?,
            Event::Empty(e) => {
                walk.start(&e, true)?;
            }
            Event::End(e) => walk.end(e.local_name().into_inner())?,
            Event::Text(t) => walk.text(&t),
            Event::CData(t) => walk.text(&t),
            Event::GeneralRef(r) => {
                if let Some(c) = xml::entity(&r) {
                    walk.text(c.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if walk.sheets.is_empty() {
        return Err(FileProblem::new("damaged_file"));
    }
    Ok(Workbook { format: Format::Ods, sheets: walk.sheets })
}

/// A cell under construction.
#[derive(Default)]
struct Draft {
    kind: String,
    value: Option<String>,
    formula: bool,
    text: String,
    paragraphs: usize,
    repeat: usize,
    across: usize,
    down: u32,
}

struct Walk<'l> {
    grid: Grid<'l>,
    sheets: Vec<Sheet>,
    sheet: Option<Sheet>,
    row: Row,
    row_repeat: u32,
    next_row: u32,
    column: usize,
    /// Columns declared so far, for the hidden ones.
    declared: usize,
    cell: Option<Draft>,
    /// Inside a comment, whose paragraphs are not the cell's.
    notes: usize,
    in_paragraph: bool,
}

impl<'l> Walk<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            grid: Grid::new(limits),
            sheets: Vec::new(),
            sheet: None,
            row: Row::default(),
            row_repeat: 1,
            next_row: 1,
            column: 0,
            declared: 0,
            cell: None,
            notes: 0,
            in_paragraph: false,
        }
    }

    fn start(&mut self, e: &BytesStart<'_>, empty: bool) -> Result<(), FileProblem> {
        let number = |name| xml::attr(e, name).and_then(|v| v.parse::<usize>().ok()).unwrap_or(1).max(1);
        match e.local_name().into_inner() {
            "table" if e.name().into_inner().starts_with("table:") && self.sheet.is_none() => {
                self.sheet = Some(Sheet { name: xml::attr(e, "name").unwrap_or_default(), ..Sheet::default() });
                (self.next_row, self.declared) = (1, 0);
                if empty {
                    self.end("table")?;
                }
            }
            "table-column" => {
                let n = number("number-columns-repeated").min(16_384);
                if let Some(sheet) = &mut self.sheet
                    && xml::attr(e, "visibility").is_some_and(|v| v != "visible")
                {
                    sheet.hidden_columns.push((self.declared, self.declared + n - 1));
                }
                self.declared = (self.declared + n).min(16_384);
            }
            "table-row" => {
                self.row_repeat = u32::try_from(number("number-rows-repeated")).unwrap_or(u32::MAX);
                let hidden = xml::attr(e, "visibility").is_some_and(|v| v != "visible");
                self.row = Row { number: self.next_row, hidden, ..Row::default() };
                self.column = 0;
                if empty {
                    self.end("table-row")?;
                }
            }
            "table-cell" | "covered-table-cell" => {
                self.cell = Some(Draft {
                    kind: xml::attr(e, "value-type").unwrap_or_default(),
                    value: ["value", "date-value", "time-value", "boolean-value", "string-value"]
                        .iter()
                        .find_map(|n| xml::attr(e, n)),
                    formula: xml::attr(e, "formula").is_some(),
                    repeat: number("number-columns-repeated"),
                    across: number("number-columns-spanned"),
                    down: u32::try_from(number("number-rows-spanned")).unwrap_or(1),
                    ..Draft::default()
                });
                if empty {
                    self.end("table-cell")?;
                }
            }
            "annotation" if !empty => self.notes += 1,
            "p" if self.notes == 0 => {
                if let Some(d) = &mut self.cell {
                    if d.paragraphs > 0 {
                        d.text.push('\n');
                    }
                    d.paragraphs += 1;
                    self.in_paragraph = !empty;
                }
            }
            "s" => {
                let n = xml::attr(e, "c").and_then(|v| v.parse().ok()).unwrap_or(1usize).min(1000);
                self.text(&" ".repeat(n));
            }
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, s: &str) {
        if self.in_paragraph
            && self.notes == 0
            && let Some(d) = &mut self.cell
        {
            d.text.push_str(s);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), FileProblem> {
        match name {
            "annotation" => self.notes = self.notes.saturating_sub(1),
            "p" if self.notes == 0 => self.in_paragraph = false,
            "table-cell" | "covered-table-cell" => {
                let Some(d) = self.cell.take() else { return Ok(()) };
                self.in_paragraph = false;
                let first = self.column;
                self.column = self.column.saturating_add(d.repeat);
                if let Some(sheet) = &mut self.sheet
                    && (d.across > 1 || d.down > 1)
                    && first < 16_384
                {
                    let last_row = self.row.number.saturating_add(d.down - 1);
                    let last_column = first + d.across.min(16_384) - 1;
                    sheet.merged.push(Merged {
                        first_row: self.row.number,
                        last_row,
                        first_column: first,
                        last_column,
                    });
                }
                let cell = finish(d);
                if cell != Cell::Empty {
                    for column in first..self.column {
                        self.grid.put(&mut self.row, column, cell.clone())?;
                    }
                }
            }
            "table-row" => {
                let row = std::mem::take(&mut self.row);
                if let Some(sheet) = &mut self.sheet
                    && !row.cells.is_empty()
                {
                    for i in 0..self.row_repeat {
                        let number = row.number.saturating_add(i);
                        self.grid.push(sheet, Row { number, ..row.clone() })?;
                    }
                }
                self.next_row = self.next_row.saturating_add(self.row_repeat);
            }
            "table" => self.sheets.extend(self.sheet.take()),
            _ => {}
        }
        Ok(())
    }
}

fn finish(d: Draft) -> Cell {
    let value = d.value.as_deref().unwrap_or_default();
    match d.kind.as_str() {
        "float" | "percentage" | "currency" => match value.parse::<f64>().ok().filter(|v| v.is_finite()) {
            Some(v) => Cell::number(v),
            None => Cell::text(&d.text),
        },
        "date" => match date::from_text(value) {
            Ok(DateValue::Day(day, time)) => Cell::Date(day, time),
            _ => Cell::text(&d.text),
        },
        "time" => duration(value).map_or_else(|| Cell::text(&d.text), Cell::Time),
        "boolean" => Cell::Bool(value == "true"),
        _ if d.formula && is_error(&d.text) => Cell::Error(d.text.into()),
        _ if d.formula && d.kind.is_empty() && d.paragraphs == 0 => Cell::FormulaWithoutResult,
        _ if d.text.is_empty() => Cell::text(value),
        _ => Cell::text(&d.text),
    }
}

/// What the program writes where a formula fails: `#N/A`, `Err:502`.
fn is_error(text: &str) -> bool {
    text.starts_with("Err:") || (text.starts_with('#') && text.ends_with(['!', '?', 'A']))
}

/// `PT08H22M00S` as a time of day.
fn duration(s: &str) -> Option<NaiveTime> {
    let s = s.strip_prefix("PT")?;
    let (h, s) = s.split_once('H')?;
    let (m, s) = s.split_once('M')?;
    let sec = s.split(['.', ',', 'S']).next()?;
    NaiveTime::from_hms_opt(h.parse().ok()?, m.parse().ok()?, sec.parse().ok()?)
}
