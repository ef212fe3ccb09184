//! The use cases of the practicum, by verb; the only writer of `placement` and `hour_entry`.

mod facts;
mod place;

pub use facts::facts;
pub use place::{PlacePerson, Placed, PlacementChange, change_placement, place, place_many, undo_placements};
