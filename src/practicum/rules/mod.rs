//! The rules of the practicum: plain values only, no database.

mod entry;
pub mod marks;
mod pace;
pub mod photo;
pub mod room;
mod state;
mod text;

pub use crate::core::civil::hours;
pub use entry::{DAY, Fault, Figures, check, check_overlap, check_span, overlap, spent};
pub use pace::{PACE_DAYS, finish};
pub use state::{State, Step, next};
pub use text::{minutes_of_hours, show_time, time_of};

/// The kind of work of an entry that is supervision received from end to end.
pub const SUPERVISED: &str = "接受督导";

/// The kinds of work of the log sheet, as the offices write them, with the text key of their name.
pub const KINDS: [(&str, &str); 6] = [
    ("个案", "practicum-kind-case"),
    ("小组", "practicum-kind-group"),
    ("社区活动", "practicum-kind-community"),
    ("走访", "practicum-kind-visit"),
    ("行政", "practicum-kind-office"),
    (SUPERVISED, "practicum-kind-supervised"),
];

/// The groups of people served, likewise.
pub const BENEFICIARIES: [(&str, &str); 5] = [
    ("老年人", "practicum-beneficiary-old"),
    ("未成年人", "practicum-beneficiary-minor"),
    ("残疾人", "practicum-beneficiary-disabled"),
    ("困难家庭", "practicum-beneficiary-hardship"),
    ("其他", "practicum-beneficiary-other"),
];

/// The text key of a kind of work or group of people; `None` for a word of an office's own.
#[must_use]
pub fn word_key(word: &str) -> Option<&'static str> {
    KINDS.iter().chain(&BENEFICIARIES).find(|(w, _)| *w == word).map(|(_, k)| *k)
}
