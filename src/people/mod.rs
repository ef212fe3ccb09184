//! People: each kept once, by type and number of their paper, with everything else hanging on that one row.
//!
//! Invariants: the number is sealed at rest and found by its keyed hash; it is shown masked, and whole only on an
//! explicit request that leaves an audit entry. Every query for people starts at [`scope::visible_to`]. A change goes up
//! by one version and leaves the row before and after in the audit log.

pub mod api;
pub mod entity;
pub mod intake;
pub mod ops;
pub mod pages;
pub mod query;
pub mod rules;
pub mod scope;
pub mod timeline;
