//! The use cases of the practicum, by verb; the only writer of `placement` and `hour_entry`.

mod decide;
mod facts;
mod log;
mod place;
mod view;

pub use decide::{Decided, MOST, Mark, confirm, return_entries};
pub use facts::facts;
pub use log::{LogHours, Logged, edit_hours, field_error, figures_of_row, log_hours, submit_hours, withdraw_hours};
pub use place::{PlacePerson, Placed, PlacementChange, change_placement, place, place_many};
pub use view::{
    EntryFilter, EntryView, FigureRow, Figures, PlacementFilter, PlacementView, Progress, entries, entry, figures,
    placement, placements, waiting,
};
