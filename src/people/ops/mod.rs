//! Use cases of people: the only writer of `person`.

pub mod area;
pub mod batch;
mod edit;
mod find;
mod merge;
mod rows;
mod search;

pub use super::entity::person::Model as Person;
pub use batch::{Batch, Incoming, Outcome, Stored};
pub use edit::{EditPerson, PersonView, edit, get, reveal, set_active, timeline, visible};
pub use find::{by_hash, by_student_no};
pub use merge::changed;
pub use search::{Filter, Line, list};
