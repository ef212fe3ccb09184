//! People at work (任职): a person at an organisation or a station, full or part time, recruited, seconded or of another
//! kind, from a day to a day.
//!
//! Invariants: the workplace is kept as it was written; it points at a station or an organisation, never both, once it is
//! in a register. A person has at most one employment of a kind at a place at a time. An employment never becomes work
//! years for eligibility by itself.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
