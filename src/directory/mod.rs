//! Places and partners: regions, campuses, internship bases with their supervisors, and the agreements between campus
//! and base.
//!
//! Invariants: a region's code is its path (GB/T 2260: 2, 4, 6, 9, 12 digits nest by prefix), so "the region and all
//! below it" is one range of an index. A base is known by its code within the region it was recorded for. Town names are
//! matched below the region of the record; a name that is not known is kept as text and counted under that region.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
