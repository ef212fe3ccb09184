//! Use cases of formations: the only writer of their tables.

mod change;
mod list;

pub use change::{
    ActivityInput, FormationInput, MemberInput, add, add_activity, add_member, change_activity, change_member, edit,
};
pub use list::{Find, FormationView, MemberRow, ORDERS, Sums, activities, get, list, members, of_person, sums};
