//! Cells merged downwards: their value holds for every row of the area.

use std::collections::HashSet;

use super::cell::Cell;
use super::table::{Merged, Row};

/// Cells that merged areas may fill in one sheet.
const MAX_FILLED: usize = 2_000_000;

/// Gives every row of an area merged downwards the value of its first cell, in the area's first column. Areas merged
/// across only are left alone: their value belongs to one column.
pub(super) fn fill_merged(rows: &mut [Row], merged: &[Merged]) {
    let mut budget = MAX_FILLED;
    let mut done: HashSet<(u32, usize)> = HashSet::new();
    for m in merged.iter().filter(|m| m.last_row > m.first_row) {
        let start = rows.partition_point(|r| r.number < m.first_row);
        let Some(first) = rows.get(start).filter(|r| r.number == m.first_row) else { continue };
        let value = first.cell(m.first_column).clone();
        if value.is_blank() || !done.insert((m.first_row, m.first_column)) {
            continue;
        }
        for row in rows.iter_mut().skip(start + 1).take_while(|r| r.number <= m.last_row) {
            if budget == 0 {
                return;
            }
            budget -= 1;
            if row.cells.len() <= m.first_column {
                row.cells.resize(m.first_column + 1, Cell::Empty);
            }
            if let Some(c) = row.cells.get_mut(m.first_column)
                && c.is_blank()
            {
                *c = value.clone();
            }
        }
    }
}
