//! Use cases of employments: the only writer of their table.

mod change;
mod list;

pub use change::{EmploymentInput, add, edit, link};
pub(super) use change::{blank, merged};
pub use list::{Counts, EmploymentRow, Find, ORDERS, counts, get, list, timeline};

pub use super::entity::Model as Employment;
