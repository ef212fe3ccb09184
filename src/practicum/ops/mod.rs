//! The use cases of the practicum, by verb; the only writer of `placement` and `hour_entry`.

mod decide;
mod evaluate;
mod facts;
mod figures;
mod input;
mod judge;
mod ledger;
mod link;
mod log;
mod notes;
mod photo;
mod place;
mod progress;
mod room;
mod supersede;
mod swap;
mod view;

pub use decide::{Decided, MOST, Mark, confirm, return_entries, sign_off};
pub use evaluate::{About, EvaluationView, Part, about, close_evaluation, evaluation, reopen_evaluation, write_part};
pub use facts::facts;
pub use figures::{FigureRow, Figures, figures};
pub use input::{LogHours, Logged, field_error, figures_of_row};
pub use ledger::{FindBases, LedgerRow, ORDERS as LEDGER_ORDERS, ledger};
pub use link::{
    Link, LinkDecision, LinkState, SendLink, Waiting, decide_by_link, entries_of_links, link, send_link, token,
    waiting_by_base,
};
pub use log::{discard_hours, edit_hours, log_hours, submit_hours, withdraw_hours};
pub use notes::{Load, NOTE_KINDS, NewNote, add_note, notes, overloaded};
pub use photo::{photo_of, put_photo, remove_photo};
use place::apart;
pub use place::{PlacePerson, Placed, PlacementChange, change_placement, person_named, place, place_many};
pub use progress::{KindProgress, Outlook, Progress, outlook};
pub use room::{Room, Want};
pub use swap::swap_bases;
pub use view::{
    EntryFilter, EntryView, PlacementFilter, PlacementView, confirmed_of, entries, entries_to_export, entry, placement,
    placements, waiting,
};
