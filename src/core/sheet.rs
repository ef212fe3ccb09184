//! Rows as an xlsx file in the form an office expects: bold header that stays in view, numbers as numbers, everything
//! else as text, so that no cell can run as a formula.

use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};

use super::error::{Error, Result};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

/// A workbook of one sheet.
///
/// # Errors
/// [`Error::Internal`] when the file cannot be made.
pub fn xlsx(heads: &[String], rows: &[Vec<Value>]) -> Result<Vec<u8>> {
    make(heads, rows).map_err(Error::internal)
}

fn make(heads: &[String], rows: &[Vec<Value>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EDF2));
    for (c, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, c, head, &bold)?;
    }
    for (r, row) in (1_u32..).zip(rows) {
        for (c, value) in (0_u16..).zip(row) {
            match value {
                Value::Text(t) if t.is_empty() => {}
                Value::Text(t) => {
                    sheet.write_string(r, c, t)?;
                }
                Value::Number(n) => {
                    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
                    sheet.write_number(r, c, *n as f64)?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    // Measuring every text of a large sheet takes longer than writing it.
    if rows.len() <= 5000 {
        sheet.autofit();
    }
    book.save_to_buffer()
}
