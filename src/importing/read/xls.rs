//! Old binary workbooks. Those of Excel 97 and later (BIFF8) are read record by record; the few that are older still hold
//! no shared texts, so that the well-known reader can be trusted with their memory.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Reader};

use super::biff;
use super::grid::Grid;
use super::ole::{Compound, u16_at};
use super::xlsx_sheet::typed;
use super::xlsx_styles::Style;
use crate::importing::cell::Cell;
use crate::importing::problem::FileProblem;
use crate::importing::table::{Format, Limits, Row, Sheet, Workbook};

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, FileProblem> {
    let file = Compound::open(bytes)?;
    if file.has("EncryptedPackage") {
        return Err(FileProblem::new("password_protected"));
    }
    let stream = file.stream("Workbook").or_else(|| file.stream("Book"));
    let Some(stream) = stream else {
        let known = file.has("Workbook") || file.has("Book");
        return Err(FileProblem::new(if known { "damaged_file" } else { "not_a_spreadsheet" }));
    };
    // The first record says which version it is.
    let version = u16_at(&stream, 4).unwrap_or(0);
    let sheets = if version == 0x0600 { biff::read(&stream, limits)? } else { older(bytes, &stream, limits)? };
    Ok(Workbook { format: Format::Xls, sheets })
}

/// Excel 5 and 95.
fn older(bytes: &[u8], stream: &[u8], limits: &Limits) -> Result<Vec<Sheet>, FileProblem> {
    let damaged = || FileProblem::new("damaged_file");
    let records = biff::Records::new(stream);
    let (mut last_row, mut last_column) = (0usize, 0usize);
    for (kind, data) in records {
        match kind {
            0x002f => return Err(FileProblem::new("password_protected")),
            // Every record of a cell begins with row and column.
            0x0006 | 0x0201..=0x0206 | 0x027e | 0x00bd | 0x00be | 0x00d6 | 0x0406 => {
                last_row = last_row.max(usize::from(u16_at(data, 0).unwrap_or(0)));
                last_column = last_column.max(usize::from(u16_at(data, 2).unwrap_or(0)));
            }
            _ => {}
        }
    }
    if last_row.saturating_mul(last_column) > 5_000_000 {
        return Err(FileProblem::new("too_large_unpacked").with("limit", limits.max_unpacked_bytes >> 20));
    }
    // It is known to stumble over damaged files; a stumble is damage, not the end of the server.
    let opened = std::panic::catch_unwind(|| {
        let mut book = calamine::Xls::new(Cursor::new(bytes)).ok()?;
        let names = book.sheet_names();
        Some(names.into_iter().filter_map(|n| Some((n.clone(), book.worksheet_range(&n).ok()?))).collect::<Vec<_>>())
    });
    let ranges = opened.ok().flatten().ok_or_else(damaged)?;
    let mut grid = Grid::new(limits);
    let mut out = Vec::new();
    for (name, range) in ranges {
        let mut sheet = Sheet { name, ..Sheet::default() };
        let Some((top, left)) = range.start() else {
            out.push(sheet);
            continue;
        };
        let mut rows: HashMap<usize, Row> = HashMap::new();
        for (r, c, value) in range.used_cells() {
            let number = top.saturating_add(u32::try_from(r).unwrap_or(u32::MAX)).saturating_add(1);
            let row = rows.entry(r).or_insert_with(|| Row { number, ..Row::default() });
            grid.put(row, c + left as usize, cell(value))?;
        }
        let mut rows: Vec<Row> = rows.into_values().collect();
        rows.sort_by_key(|r| r.number);
        for row in rows {
            grid.push(&mut sheet, row)?;
        }
        out.push(sheet);
    }
    Ok(out)
}

fn cell(value: &Data) -> Cell {
    match value {
        Data::Int(n) => {
            #[expect(clippy::cast_precision_loss, reason = "a spreadsheet keeps 15 digits anyway")]
            let v = *n as f64;
            Cell::number(v)
        }
        Data::Float(v) => Cell::number(*v),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => Cell::text(s),
        Data::Bool(b) => Cell::Bool(*b),
        Data::DateTime(d) => typed(d.as_f64(), "", if d.is_duration() { Style::Time } else { Style::Date }, false),
        Data::Error(e) => Cell::Error(e.to_string().into()),
        Data::Empty => Cell::Empty,
    }
}
