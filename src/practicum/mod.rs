//! Practicum: who is placed at which base, the hours they log there, and the supervisor's word that they are true.
//!
//! Invariants: a confirmed entry is never changed, only returned with a reason and handed in again; every change is a
//! version in the audit log. Entries that claim time (submitted, confirmed) never overlap and never fill a day with more
//! than 24 hours. What a person has confirmed reaches the pipeline in the same transaction. One `client_key` of one person
//! is one entry, however often the form arrives.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
