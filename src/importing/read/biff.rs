//! The records of an Excel 97 workbook (BIFF8): sheets, shared texts, formats, cells, hidden rows and columns.

use std::collections::HashMap;

use super::biff_text::{self, Segments};
use super::grid::Grid;
use super::ole::{u16_at, u32_at};
use super::xlsx_sheet::typed;
use super::xlsx_styles::{self, Style};
use crate::importing::cell::{Cell, CellText};
use crate::importing::problem::FileProblem;
use crate::importing::table::{Limits, Merged, Row, Sheet};

/// Records in their order; stops at the first that is cut off.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = u16_at(self.bytes, self.at)?;
        let len = usize::from(u16_at(self.bytes, self.at + 2)?);
        let data = self.bytes.get(self.at + 4..self.at + 4 + len)?;
        self.at += 4 + len;
        Some((kind, data))
    }
}

/// A sheet as the workbook announces it.
struct Announced {
    name: String,
    hidden: bool,
    offset: usize,
}

#[derive(Default)]
struct Globals {
    sheets: Vec<Announced>,
    shared: Vec<CellText>,
    styles: Vec<Style>,
    from_1904: bool,
}

pub(super) fn read(stream: &[u8], limits: &Limits) -> Result<Vec<Sheet>, FileProblem> {
    let globals = globals(stream)?;
    let mut grid = Grid::new(limits);
    let mut out = Vec::new();
    for a in &globals.sheets {
        let Some(body) = stream.get(a.offset..) else { return Err(FileProblem::new("damaged_file")) };
        let mut sheet = Sheet { name: a.name.clone(), hidden: a.hidden, ..Sheet::default() };
        Body { globals: &globals, sheet: &mut sheet, grid: &mut grid, rows: HashMap::new(), waiting: None }
            .read(body)?;
        out.push(sheet);
    }
    if out.is_empty() { Err(FileProblem::new("damaged_file")) } else { Ok(out) }
}

fn globals(stream: &[u8]) -> Result<Globals, FileProblem> {
    let mut g = Globals::default();
    let mut formats: HashMap<u16, Style> = HashMap::new();
    let mut records = Records::new(stream).peekable();
    let mut ended = false;
    while let Some((kind, data)) = records.next() {
        match kind {
            0x002f => return Err(FileProblem::new("password_protected")),
            0x0022 => g.from_1904 = u16_at(data, 0) == Some(1),
            0x041e => {
                if let (Some(id), Some(code)) = (u16_at(data, 0), biff_text::long(data.get(2..).unwrap_or_default())) {
                    formats.insert(id, xlsx_styles::of_code(&code));
                }
            }
            0x00e0 => {
                let id = u16_at(data, 2).unwrap_or(0);
                g.styles.push(formats.get(&id).copied().unwrap_or_else(|| xlsx_styles::built_in(u32::from(id))));
            }
            0x0085 => {
                // Only sheets of cells: no charts, no macro sheets.
                if data.get(5) == Some(&0)
                    && let Some(offset) = u32_at(data, 0)
                    && g.sheets.len() < 200
                {
                    let name = biff_text::short(data.get(6..).unwrap_or_default()).unwrap_or_default();
                    let hidden = data.get(4).is_some_and(|s| s & 3 != 0);
                    g.sheets.push(Announced { name, hidden, offset: offset as usize });
                }
            }
            0x00fc => {
                let mut parts = vec![data];
                while let Some((_, more)) = records.next_if(|(k, _)| *k == 0x003c) {
                    parts.push(more);
                }
                g.shared = Segments::new(parts).shared();
            }
            0x000a => {
                ended = true;
                break;
            }
            _ => {}
        }
    }
    if ended { Ok(g) } else { Err(FileProblem::new("damaged_file")) }
}

struct Body<'s, 'l> {
    globals: &'s Globals,
    sheet: &'s mut Sheet,
    grid: &'s mut Grid<'l>,
    rows: HashMap<u32, Row>,
    /// The cell of a formula whose text comes in the next record.
    waiting: Option<(u32, usize)>,
}

impl Body<'_, '_> {
    fn read(mut self, bytes: &[u8]) -> Result<(), FileProblem> {
        let mut depth = 0u32;
        let mut ended = false;
        for (kind, data) in Records::new(bytes) {
            match kind {
                0x0809 => depth += 1,
                0x000a if depth <= 1 => {
                    ended = true;
                    break;
                }
                0x000a => depth -= 1,
                // A chart within the sheet has records of its own.
                _ if depth == 1 => self.record(kind, data)?,
                _ => {}
            }
        }
        if !ended {
            return Err(FileProblem::new("damaged_file"));
        }
        let mut rows: Vec<Row> = self.rows.into_values().collect();
        rows.sort_by_key(|r| r.number);
        for row in rows {
            self.grid.push(self.sheet, row)?;
        }
        Ok(())
    }

    fn row(&mut self, index: u16) -> &mut Row {
        let number = u32::from(index) + 1;
        self.rows.entry(number).or_insert_with(|| Row { number, ..Row::default() })
    }

    fn put(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), FileProblem> {
        let row = self.rows.entry(row).or_insert_with(|| Row { number: row, ..Row::default() });
        self.grid.put(row, column, cell)
    }

    fn number(&self, value: f64, format: u16) -> Cell {
        if !value.is_finite() {
            return Cell::Empty;
        }
        let style = self.globals.styles.get(usize::from(format)).copied().unwrap_or_default();
        typed(value, "", style, self.globals.from_1904)
    }

    fn record(&mut self, kind: u16, data: &[u8]) -> Result<(), FileProblem> {
        let (Some(a), Some(b)) = (u16_at(data, 0), u16_at(data, 2)) else { return Ok(()) };
        let (row, column) = (u32::from(a) + 1, usize::from(b));
        let format = u16_at(data, 4).unwrap_or(0);
        let cell = match kind {
            0x0208 => {
                if u16_at(data, 12).is_some_and(|f| f & 0x20 != 0) {
                    self.row(a).hidden = true;
                }
                return Ok(());
            }
            0x007d => {
                if u16_at(data, 8).is_some_and(|f| f & 1 != 0) && a <= b && self.sheet.hidden_columns.len() < 256 {
                    self.sheet.hidden_columns.push((usize::from(a), column));
                }
                return Ok(());
            }
            0x00e5 => {
                for m in data.get(2..).unwrap_or_default().chunks_exact(8) {
                    let n = |i| u16_at(m, i).unwrap_or(0);
                    self.sheet.merged.push(Merged {
                        first_row: u32::from(n(0)) + 1,
                        last_row: u32::from(n(2)) + 1,
                        first_column: usize::from(n(4)),
                        last_column: usize::from(n(6)),
                    });
                }
                return Ok(());
            }
            0x0203 => f64_at(data, 6).map_or(Cell::Empty, |v| self.number(v, format)),
            0x027e => u32_at(data, 6).map_or(Cell::Empty, |v| self.number(rk(v), format)),
            0x00bd => {
                let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                for (i, one) in cells.chunks_exact(6).enumerate() {
                    let value = u32_at(one, 2).map_or(Cell::Empty, |v| self.number(rk(v), u16_at(one, 0).unwrap_or(0)));
                    self.put(row, column + i, value)?;
                }
                return Ok(());
            }
            0x00fd => match u32_at(data, 6).and_then(|i| self.globals.shared.get(i as usize)) {
                Some(s) if !s.is_empty() => Cell::Text(s.clone()),
                _ => Cell::Empty,
            },
            0x0204 | 0x00d6 => Cell::text(&biff_text::long(data.get(6..).unwrap_or_default()).unwrap_or_default()),
            0x0205 => truth(data.get(6), data.get(7) == Some(&1)),
            0x0006 => match (u16_at(data, 12), data.get(6)) {
                (Some(0xffff), Some(0)) => {
                    self.waiting = Some((row, column));
                    return Ok(());
                }
                (Some(0xffff), Some(1)) => truth(data.get(8), false),
                (Some(0xffff), Some(2)) => truth(data.get(8), true),
                (Some(0xffff), _) => Cell::Empty,
                _ => f64_at(data, 6).map_or(Cell::Empty, |v| self.number(v, format)),
            },
            0x0207 => {
                if let Some((row, column)) = self.waiting.take() {
                    let text = biff_text::long(data).unwrap_or_default();
                    self.put(row, column, Cell::text(&text))?;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.put(row, column, cell)
    }
}

fn f64_at(b: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(b.get(at..at + 8)?.try_into().ok()?))
}

/// A number packed into 30 bits: whole or the head of a double, perhaps in hundredths.
fn rk(v: u32) -> f64 {
    let value =
        if v & 2 != 0 { f64::from(v.cast_signed() >> 2) } else { f64::from_bits(u64::from(v & 0xffff_fffc) << 32) };
    if v & 1 != 0 { value / 100.0 } else { value }
}

fn truth(value: Option<&u8>, error: bool) -> Cell {
    let Some(v) = value else { return Cell::Empty };
    if !error {
        return Cell::Bool(*v != 0);
    }
    let text = match v {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    Cell::Error(text.into())
}

#[cfg(test)]
mod tests {
    use super::rk;

    #[test]
    fn packed_numbers() {
        assert!((rk(0x0000_0006) - 1.0).abs() < f64::EPSILON);
        assert!((rk(0x3ff0_0000) - 1.0).abs() < f64::EPSILON);
        assert!((rk((6135u32 << 2) | 3) - 61.35).abs() < 1e-9);
        assert!((rk(((-4i32) << 2).cast_unsigned() | 2) + 4.0).abs() < f64::EPSILON);
    }
}
