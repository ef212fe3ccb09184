//! Training classes, their sessions, and who was there.
//!
//! Invariants: a person is in a class once and has one attendance row a session. A changed attendance keeps its earlier
//! versions, with the reason, in the audit log. Completion is derived ([`completion`]) when the class is closed, and again
//! at every later correction; the pipeline is told in the same transaction.

pub mod api;
pub mod completion;
pub mod config;
pub mod entity;
pub mod import;
pub mod letters;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
