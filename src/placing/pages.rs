//! Pages of placing: rounds and their lines for the office, one person's wishes for the office and on the phone.

mod form;
mod person;
mod rounds;
mod slots;

use super::ops::{LineView, bar_msg};
use crate::web::{Pages, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    [rounds::routes, form::routes, slots::routes, person::routes].into_iter().fold(r, |r, add| add(r))
}

/// The colour of a round's state.
fn state_kind(state: &str) -> &'static str {
    match state {
        "open" => "info",
        "published" => "good",
        _ => "quiet",
    }
}

/// What a line came to: kind of badge and word.
fn outcome(ui: &Ui, l: &LineView) -> (&'static str, String) {
    match (l.outcome.as_str(), l.rank) {
        ("wish", Some(n)) => (if n == 1 { "good" } else { "info" }, ui.t1("placing-by-wish", "n", n)),
        ("filled", _) => ("warn", ui.t("placing-filled")),
        ("locked", _) if l.slot.is_some() => ("info", ui.t("placing-locked")),
        ("locked", _) => ("quiet", ui.t("placing-locked-out")),
        ("none", _) => ("bad", ui.t("placing-none-placed")),
        _ => ("quiet", ui.t("placing-no-line")),
    }
}

/// The reasons of a line as sentences: "第 1 志愿 … ：…".
fn reasons(ui: &Ui, l: &LineView) -> Vec<String> {
    let one = |(r, slot): &(super::ops::Reason, String)| {
        let args = [("n", r.rank.to_string()), ("slot", slot.clone()), ("why", ui.msg(&bar_msg(r.why)))];
        ui.ta("placing-wish-failed", &args)
    };
    l.reasons.iter().map(one).collect()
}
