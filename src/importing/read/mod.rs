//! From bytes to sheets. The kind of file is told from its content: offices name HTML tables `.xls` and workbooks `.csv`.

mod csv;
mod encoding;

use super::problem::FileProblem;
use super::table::{Limits, Workbook};

/// Reads any file that holds tables.
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
    let text = encoding::decode(bytes)?;
    csv::read(&text, limits)
}
