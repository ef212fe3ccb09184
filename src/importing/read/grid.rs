//! Collects the cells of sheets under the limits, so that no reader can be talked into filling the memory.

use crate::importing::cell::Cell;
use crate::importing::problem::FileProblem;
use crate::importing::table::{Limits, Row, Sheet};

/// Cells of all sheets together, empty ones between others included: some 160 MB.
const MAX_CELLS: usize = 5_000_000;

pub(super) struct Grid<'l> {
    limits: &'l Limits,
    rows: usize,
    cells: usize,
}

impl<'l> Grid<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, rows: 0, cells: 0 }
    }

    /// Puts a cell that is not empty at its column (from 0) of a row.
    pub(super) fn put(&self, row: &mut Row, column: usize, cell: Cell) -> Result<(), FileProblem> {
        if cell == Cell::Empty {
            return Ok(());
        }
        let limits = self.limits;
        if column >= limits.max_columns {
            // A corner so far off that rows times columns is beyond any limit, against a sheet that is merely wide.
            return Err(if row.number as usize > limits.max_rows {
                FileProblem::new("too_large_unpacked").with("limit", limits.max_unpacked_bytes >> 20)
            } else {
                FileProblem::new("too_many_columns").with("limit", limits.max_columns)
            });
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = row.cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    /// Adds a finished row; one without any cell is a gap in the numbers, and costs nothing.
    pub(super) fn push(&mut self, sheet: &mut Sheet, row: Row) -> Result<(), FileProblem> {
        if row.cells.is_empty() {
            return Ok(());
        }
        self.keep(sheet, row)
    }

    /// Adds a row even if it is blank, as text files number them.
    pub(super) fn keep(&mut self, sheet: &mut Sheet, row: Row) -> Result<(), FileProblem> {
        self.rows += 1;
        self.cells += row.cells.len();
        if self.rows > self.limits.max_rows {
            return Err(FileProblem::new("too_many_rows").with("limit", self.limits.max_rows));
        }
        if self.cells > MAX_CELLS {
            return Err(FileProblem::new("too_large_unpacked").with("limit", self.limits.max_unpacked_bytes >> 20));
        }
        sheet.rows.push(row);
        Ok(())
    }
}
