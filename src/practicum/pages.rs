//! Pages of the practicum: the intern's log on the phone, the supervisor's list, placements.

mod decide;
mod evaluation;
mod export;
mod ledger;
mod link;
mod my;
mod offline;
mod photo;
mod place;
mod placements;

use super::rules;
use crate::web::{Pages, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    [
        my::routes,
        photo::routes,
        offline::routes,
        decide::routes,
        link::routes,
        ledger::routes,
        evaluation::routes,
        placements::routes,
        place::routes,
        export::routes,
    ]
    .into_iter()
    .fold(r, |r, add| add(r))
}

/// A kind of work or group of people in the reader's language; an office's own word as it is.
fn word(ui: &Ui, word: &str) -> String {
    rules::word_key(word).map_or_else(|| word.to_owned(), |key| ui.t(key))
}

/// The colour of a state's badge.
fn state_kind(state: &str) -> &'static str {
    match state {
        "confirmed" | "active" => "good",
        "returned" | "withdrawn" => "bad",
        "submitted" | "endorsed" => "info",
        _ => "quiet",
    }
}

/// "08:30–16:30", or nothing without times. Templates hand values over by reference.
fn span(starts: &Option<i64>, ends: &Option<i64>) -> String {
    starts.zip(*ends).map(|(a, b)| format!("{}–{}", rules::show_time(a), rules::show_time(b))).unwrap_or_default()
}

/// Minutes as hours: "6.5".
fn hours(minutes: &i64) -> String {
    rules::hours(*minutes)
}
