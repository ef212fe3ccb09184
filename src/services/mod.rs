//! Service records (服务记录) of stations, and the figures that service adds up to: households visited, people in hardship
//! helped, activities, person-times, by county, town, station, month, type of service or group served.
//!
//! Invariants: a record number stands once in a county's register; counts are never negative; a figure is never stored.
//! Figures come from sources ([`ops::figures`]): service records here, and confirmed hour entries of interns; a further
//! source is one more function there.

pub mod api;
pub mod entity;
pub mod import;
pub mod kinds;
pub mod ops;
pub mod pages;
pub mod rules;
