//! The text of a file: UTF-8 and UTF-16 by their marks, else strict UTF-8, else strict GB18030. A byte that fits neither
//! refuses the file, with the line it stands in: a lost character in a name is worse than a file sent back.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::importing::problem::FileProblem;

pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileProblem> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return match std::str::from_utf8(rest) {
            Ok(s) => Ok(Cow::Borrowed(s)),
            Err(e) => Err(broken(bytes, e.valid_up_to() + 3, "UTF-8")),
        };
    }
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            return strict(encoding, rest).map(Cow::Owned).map_err(|at| broken(bytes, at + 2, "UTF-16"));
        }
    }
    // No text has these; a picture, a PDF or chance bytes do.
    if bytes.iter().any(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f)) || bytes.starts_with(b"%PDF") {
        return Err(FileProblem::new("not_a_spreadsheet"));
    }
    let utf8 = match std::str::from_utf8(bytes) {
        Ok(s) => return Ok(Cow::Borrowed(s)),
        Err(e) => e.valid_up_to(),
    };
    match strict(GB18030, bytes) {
        Ok(s) => Ok(Cow::Owned(s)),
        // The encoding that got further is the one the file was meant in.
        Err(at) if at > utf8 => Err(broken(bytes, at, "GB18030")),
        Err(_) => Err(broken(bytes, utf8, "UTF-8")),
    }
}

/// The whole text, or how many bytes were fine.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len());
    let mut out = String::with_capacity(room);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut out, true);
    match result {
        DecoderResult::InputEmpty => Ok(out),
        DecoderResult::Malformed(bad, after) => Err(read.saturating_sub(usize::from(bad) + usize::from(after))),
        DecoderResult::OutputFull => Err(read),
    }
}

fn broken(bytes: &[u8], at: usize, encoding: &str) -> FileProblem {
    let before = bytes.get(..at.min(bytes.len())).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    FileProblem::new("text_encoding").with("encoding", encoding).with("byte", at + 1).with("line", line)
}
