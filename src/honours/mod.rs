//! Honours and incentives (荣誉): proposed by rule from a class and then awarded, or brought from outside for a person, an
//! organisation or a station.
//!
//! Invariants: an honour is of exactly one of the three; a class proposes somebody once by one rule, and only among those
//! who completed it; what is declined or revoked keeps its reason.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
