//! Use cases of service records and service figures.

pub mod figures;
pub mod overview;
pub(super) mod records;

pub use records::{Find, ORDERS, ServiceInput, ServiceRow, Sums, add, edit, get, list, sums};

pub use super::entity::Model as ServiceRecord;
