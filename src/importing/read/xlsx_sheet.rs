//! The cells of one sheet of an Office Open XML workbook, event by event.

use std::io::{BufRead, Read};

use quick_xml::events::{BytesStart, Event};

use super::grid::Grid;
use super::xlsx_styles::Style;
use super::xml;
use super::zipped::Budget;
use crate::importing::cell::{Cell, CellText, shown};
use crate::importing::date;
use crate::importing::problem::FileProblem;
use crate::importing::table::{Merged, Row, Sheet};

const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: usize = 16_384;
const MAX_MERGED: usize = 100_000;

/// What the sheets of one workbook share.
pub(super) struct Context<'c> {
    pub shared: &'c [CellText],
    pub styles: &'c [Style],
    pub from_1904: bool,
    pub budget: &'c Budget,
}

/// Text that may come in runs; phonetic guides are left out.
#[derive(Default)]
pub(super) struct RichText {
    text: String,
    in_text: bool,
    phonetic: bool,
}

impl RichText {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.in_text = false;
        self.phonetic = false;
    }

    pub(super) fn take(&mut self) -> String {
        let text = unescape(std::mem::take(&mut self.text));
        self.clear();
        text
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(e) => match e.local_name().into_inner() {
                "t" => self.in_text = !self.phonetic,
                "rPh" => self.phonetic = true,
                _ => {}
            },
            Event::End(e) => match e.local_name().into_inner() {
                "t" => self.in_text = false,
                "rPh" => self.phonetic = false,
                _ => {}
            },
            Event::Text(t) if self.in_text => self.text.push_str(t),
            Event::CData(t) if self.in_text => self.text.push_str(t),
            Event::GeneralRef(r) if self.in_text => self.text.extend(xml::entity(r)),
            _ => {}
        }
    }
}

/// `_x000D_` and its kin stand for characters that XML cannot hold.
fn unescape(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let code = from.get(2..6).filter(|_| from.as_bytes().get(6) == Some(&b'_'));
        match code.and_then(|c| u32::from_str_radix(c, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = from.get(7..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// A cell under construction.
#[derive(Default)]
struct Draft {
    column: usize,
    kind: String,
    style: usize,
    formula: bool,
    value: String,
    in_value: bool,
    inline: RichText,
}

pub(super) fn read<R: BufRead>(
    reader: R,
    context: &Context<'_>,
    grid: &mut Grid<'_>,
    sheet: &mut Sheet,
) -> Result<(), FileProblem> {
    let mut xml = xml::reader(reader);
    let mut buf = Vec::with_capacity(1024);
    let mut row = Row::default();
    let mut next_row = 1u32;
    let mut next_column = 0usize;
    let mut draft = Draft::default();
    let mut in_cell = false;
    let mut sorted = true;
    loop {
        let event = xml::next(&mut xml, &mut buf, context.budget)?;
        match &event {
            Event::Start(e) | Event::Empty(e) => match e.local_name().into_inner() {
                "row" => {
                    let number = match xml::attr(e, "r") {
                        Some(r) => r.parse().ok().filter(|r| (1..=LAST_ROW).contains(r)),
                        None => Some(next_row).filter(|r| *r <= LAST_ROW),
                    };
                    let number = number.ok_or_else(|| context.budget.problem())?;
                    sorted &= number >= next_row;
                    next_row = number + 1;
                    next_column = 0;
                    row = Row { number, hidden: xml::is_true(xml::attr(e, "hidden")), ..Row::default() };
                }
                "c" => {
                    start_cell(e, &mut draft, next_column).ok_or_else(|| context.budget.problem())?;
                    next_column = draft.column + 1;
                    in_cell = matches!(event, Event::Start(_));
                }
                "f" if in_cell => draft.formula = true,
                "v" if in_cell => draft.in_value = matches!(event, Event::Start(_)),
                "col" if xml::is_true(xml::attr(e, "hidden")) => hide(e, sheet),
                "mergeCell" if sheet.merged.len() < MAX_MERGED => {
                    sheet.merged.extend(xml::attr(e, "ref").and_then(|r| area(&r)));
                }
                _ if in_cell => draft.inline.event(&event),
                _ => {}
            },
            Event::End(e) => match e.local_name().into_inner() {
                "v" => draft.in_value = false,
                "c" if in_cell => {
                    in_cell = false;
                    let cell = finish(&mut draft, context);
                    grid.put(&mut row, draft.column, cell)?;
                }
                "row" => {
                    if let Err(p) = grid.push(sheet, std::mem::take(&mut row)) {
                        return Err(drain(xml.into_inner(), context.budget, p));
                    }
                }
                _ if in_cell => draft.inline.event(&event),
                _ => {}
            },
            Event::Text(t) if draft.in_value => draft.value.push_str(t),
            Event::GeneralRef(r) if draft.in_value => draft.value.extend(xml::entity(r)),
            Event::Eof => break,
            _ if in_cell => draft.inline.event(&event),
            _ => {}
        }
    }
    if !sorted {
        sheet.rows.sort_by_key(|r| r.number);
        sheet.rows.dedup_by_key(|r| r.number);
    }
    Ok(())
}

/// A sheet of too many rows is read to its end all the same: if it is a bomb, that is what the user must be told.
fn drain(mut rest: impl Read, budget: &Budget, problem: FileProblem) -> FileProblem {
    if std::io::copy(&mut rest, &mut std::io::sink()).is_err() { budget.problem() } else { problem }
}

fn start_cell(e: &BytesStart<'_>, draft: &mut Draft, next: usize) -> Option<()> {
    draft.column = next;
    draft.kind.clear();
    draft.style = 0;
    draft.formula = false;
    draft.value.clear();
    draft.in_value = false;
    draft.inline.clear();
    let mut all = e.attributes();
    all.with_checks(false);
    for a in all.flatten() {
        match a.key.local_name().into_inner() {
            "r" => draft.column = place(&a.value)?.0,
            "t" => draft.kind.push_str(&a.value),
            "s" => draft.style = a.value.parse().unwrap_or(0),
            _ => {}
        }
    }
    (draft.column < LAST_COLUMN).then_some(())
}

/// `BC12` as column (from 0) and row (from 1).
fn place(text: &str) -> Option<(usize, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, number) = text.split_at_checked(letters)?;
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = name.bytes().fold(0usize, |n, b| n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = number.parse().ok()?;
    ((1..=LAST_COLUMN).contains(&column) && (1..=LAST_ROW).contains(&row)).then(|| (column - 1, row))
}

fn area(text: &str) -> Option<Merged> {
    let (a, b) = text.split_once(':')?;
    let ((first_column, first_row), (last_column, last_row)) = (place(a)?, place(b)?);
    (first_column <= last_column && first_row <= last_row).then_some(Merged {
        first_row,
        last_row,
        first_column,
        last_column,
    })
}

fn hide(e: &BytesStart<'_>, sheet: &mut Sheet) {
    let of = |name| xml::attr(e, name).and_then(|v| v.parse::<usize>().ok()).filter(|n| (1..=LAST_COLUMN).contains(n));
    if let (Some(a), Some(b)) = (of("min"), of("max"))
        && a <= b
        && sheet.hidden_columns.len() < LAST_COLUMN
    {
        sheet.hidden_columns.push((a - 1, b - 1));
    }
}

fn finish(draft: &mut Draft, context: &Context<'_>) -> Cell {
    let value = draft.value.as_str();
    match draft.kind.as_str() {
        "s" => match value.trim().parse::<usize>().ok().and_then(|i| context.shared.get(i)) {
            Some(s) if s.is_empty() => Cell::Empty,
            Some(s) => Cell::Text(s.clone()),
            None => Cell::Empty,
        },
        "inlineStr" => Cell::text(&draft.inline.take()),
        "str" => Cell::text(&unescape(std::mem::take(&mut draft.value))),
        "e" if value.is_empty() && draft.formula => Cell::FormulaWithoutResult,
        "e" => Cell::Error(value.into()),
        _ if value.is_empty() && draft.formula => Cell::FormulaWithoutResult,
        "b" => match value.trim() {
            "1" => Cell::Bool(true),
            "0" => Cell::Bool(false),
            other => Cell::text(other),
        },
        "d" => match date::from_text(value) {
            Ok(date::DateValue::Day(d, t)) => Cell::Date(d, t),
            _ => Cell::text(value),
        },
        _ => {
            let style = context.styles.get(draft.style).copied().unwrap_or_default();
            number(value.trim(), style, context.from_1904)
        }
    }
}

/// A stored number under its style.
pub(super) fn number(text: &str, style: Style, from_1904: bool) -> Cell {
    if text.is_empty() {
        return Cell::Empty;
    }
    let Some(value) = text.parse::<f64>().ok().filter(|v| v.is_finite()) else { return Cell::text(text) };
    typed(value, text, style, from_1904)
}

/// A number under its style; `text` is its writing in the file.
pub(super) fn typed(value: f64, text: &str, style: Style, from_1904: bool) -> Cell {
    let dated = match style {
        Style::Plain => None,
        Style::Time if (0.0..1.0).contains(&value) => {
            let whole = date::from_serial_time(value, true);
            return whole.map_or(Cell::Empty, |(_, t)| Cell::Time(t.unwrap_or_default()));
        }
        Style::Date | Style::Time => date::from_serial_time(value, from_1904),
    };
    match dated {
        Some((d, t)) if value >= 1.0 => Cell::Date(d, t),
        _ => {
            let plain =
                (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
            let shown = if plain { text.into() } else { shown(value).into() };
            Cell::Number { value, shown, from_1904 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_areas() {
        assert_eq!(place("A1"), Some((0, 1)));
        assert_eq!(place("XFD1048576"), Some((16_383, 1_048_576)));
        assert_eq!(place("bc12"), Some((54, 12)));
        for bad in ["", "1", "A", "A0", "XFE1", "AAAA1", "A1048577", "Ａ1", "A-1"] {
            assert_eq!(place(bad), None, "{bad}");
        }
        assert_eq!(area("B2:C4"), Some(Merged { first_row: 2, last_row: 4, first_column: 1, last_column: 2 }));
        assert_eq!(area("C4:B2"), None);
    }

    #[test]
    fn escapes_of_the_format() {
        assert_eq!(unescape("a_x000D_b".into()), "a\rb");
        assert_eq!(unescape("a_x_x0041_".into()), "a_xA");
        assert_eq!(unescape("_x00".into()), "_x00");
        assert_eq!(unescape("_x汉字汉字_".into()), "_x汉字汉字_");
    }
}
