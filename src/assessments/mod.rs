//! The assessment (考核) of a class: weighted components, marks by one or two markers, totals, publication, corrections and
//! reviews.
//!
//! Invariants: the weights make 100; of two markers neither sees the other's mark before both are in; an intern sees a
//! result once it is published; after that a mark changes only with a reason, and both values are kept. Every change tells
//! the class's completion ([`crate::classes::completion`]) in the same transaction.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
