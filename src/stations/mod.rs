//! Social-work stations (社工站) of three levels, county, town and village: their building phases, their checks against a
//! service standard, and how far they cover the regions.
//!
//! Invariants: a station's code is unique in the county's register; the one above it is of a higher level; a check is of
//! one day and one standard of `config/standards`, its points follow from its answers. Planned and closed stations cover
//! nothing.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
pub mod standard;
