//! Use cases of honours: the only writer of their table.

mod change;
mod list;

pub use super::entity::Model as Honour;
pub use change::{HonourInput, add, decide, edit, propose};
pub use list::{Find, HonourView, ORDERS, count, get, list};
