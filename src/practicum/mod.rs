//! Practicum: who is placed at which base, the hours they log there, and the supervisor's word that they are true.
//!
//! Invariants: a confirmed entry is never changed. It is returned with a reason and handed in again, or changed by an entry
//! that replaces it once that one is confirmed; until then the confirmed one counts. Every change is a version in the
//! audit log. Entries that claim time (submitted, endorsed, confirmed) never overlap and never fill a day with more than
//! the programme's rules allow ([`programme`]). What a person has confirmed reaches the pipeline in the same transaction.
//! One `client_key` of one person is one entry, however often the form arrives.

pub mod api;
pub mod entity;
pub mod grading;
pub mod import;
pub mod letters;
pub mod ops;
pub mod pages;
pub mod programme;
pub mod rules;
mod timeline;

pub use timeline::timeline;
