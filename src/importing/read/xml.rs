//! Small helpers over the XML reader that workbook formats share.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::zipped::Budget;
use crate::importing::problem::FileProblem;

/// The next event, or the budget's reason for having none.
pub(super) fn next<'b, R: BufRead>(
    xml: &mut Reader<R>,
    buf: &'b mut Vec<u8>,
    budget: &Budget,
) -> Result<Event<'b>, FileProblem> {
    buf.clear();
    xml.read_event_into(buf).map_err(|_| budget.problem())
}

pub(super) fn reader<R: BufRead>(inner: R) -> Reader<R> {
    let mut xml = Reader::from_reader(inner);
    let config = xml.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    xml
}

/// An attribute by its local name, its escapes resolved.
pub(super) fn attr(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = e.attributes();
    all.with_checks(false);
    all.flatten()
        .find(|a| a.key.local_name().into_inner() == name)
        .map(|a| unescape(&a.value).map_or_else(|_| a.value.clone().into_owned(), std::borrow::Cow::into_owned))
}

pub(super) fn is_true(value: Option<String>) -> bool {
    value.is_some_and(|v| v == "1" || v == "true")
}

/// The character of `&lt;` and its kin; nothing for an entity that XML does not know by itself.
pub(super) fn entity(r: &BytesRef<'_>) -> Option<char> {
    match &**r {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => r.resolve_char_ref().ok().flatten(),
    }
}
