//! Placing a cohort.

pub mod rules;
