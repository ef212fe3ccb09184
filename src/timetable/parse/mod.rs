//! Reading and writing: the public formats and our own JSON. Tolerant where files in the wild differ (blanks, CRLF, a BOM),
//! otherwise strict with the line named.

pub mod itc;
pub mod json;
pub mod locks;
pub mod plan;
pub mod toronto;

use super::error::{Bad, Fault, Source, Thing, short};

/// Which form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// ITC-2007 track 1.
    Itc,
    /// Toronto / Carter.
    Toronto,
    /// Our own.
    Json,
}

impl Format {
    /// By the name of the file: `.exam`, `.crs`, `.json`.
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit('.').next()?.to_ascii_lowercase().as_str() {
            "exam" => Some(Self::Itc),
            "crs" => Some(Self::Toronto),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The text of a file: UTF-8, without a byte order mark.
pub fn text(bytes: &[u8], file: Source) -> Result<&str, Bad> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        Bad::at(file, line, Fault::Encoding)
    })
}

/// A whole number not below 0 that fits 32 bits.
fn whole(s: &str, what: Thing, file: Source, line: usize) -> Result<u32, Bad> {
    let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| s.parse().ok()).flatten();
    number.ok_or_else(|| Bad::at(file, line, Fault::Number(what, short(s))))
}
