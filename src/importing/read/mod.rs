//! From bytes to sheets. The kind of file is told from its content: offices name HTML tables `.xls` and workbooks `.csv`.

mod biff;
mod biff_text;
mod csv;
mod encoding;
mod grid;
mod html;
mod ods;
mod ole;
mod xls;
mod xlsx;
mod xlsx_sheet;
mod xlsx_styles;
mod xml;
mod zipped;

use super::problem::FileProblem;
use super::table::{Limits, Workbook};

/// Reads any file that holds tables. The name says nothing that the content does not say better; it is taken for the day
/// when two formats look alike.
///
/// # Errors
/// `empty_file`, `too_large`, `too_large_unpacked`, `too_many_rows`, `too_many_columns`, `damaged_file`,
/// `not_a_spreadsheet`, `text_encoding`, `password_protected`.
pub fn read(bytes: &[u8], _file_name: &str, limits: &Limits) -> Result<Workbook, FileProblem> {
    if bytes.is_empty() {
        return Err(FileProblem::new("empty_file"));
    }
    if bytes.len() as u64 > limits.max_bytes {
        return Err(FileProblem::new("too_large").with("limit", limits.max_bytes >> 20));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let parts = zipped::Parts::open(bytes)?;
        return if parts.has("content.xml") { ods::read(parts, limits) } else { xlsx::read(parts, limits) };
    }
    if bytes.starts_with(ole::MAGIC) {
        return xls::read(bytes, limits);
    }
    let text = encoding::decode(bytes)?;
    if html::is_page(&text) { html::read(&text, limits) } else { csv::read(&text, limits) }
}
