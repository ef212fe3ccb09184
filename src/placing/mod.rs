//! Placing a cohort: bases offer places in a round, students rank them, a proposal is computed, mended by hand around the lines
//! that are kept, and published as placements.
//!
//! Invariants: a proposal is stable and the same for the same wishes, places and seed ([`rules`]); every line says which
//! wish it is and why those above it failed; publishing makes all placements in one transaction, each under a valid
//! agreement with a free place at an active base, or none; afterwards two persons may change places, with a reason.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
pub mod rules;
