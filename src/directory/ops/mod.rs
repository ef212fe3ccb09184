//! Use cases of the directory: the only writer of its tables.

pub mod agreements;
pub mod bases;
pub mod campuses;
pub mod ledger;
pub mod regions;

pub use super::entity::agreement::Model as Agreement;
pub use super::entity::base::Model as Base;
pub use super::entity::campus::Model as Campus;
pub use super::entity::region::Model as Region;
pub use super::entity::supervisor::Model as Supervisor;
