//! Figures: the tally, its nightly recount with snapshot and alarm, and the dashboard.
//!
//! Invariants: a figure is the same on page, API, command line and in the job's record, because all of them ask
//! [`tally::tally`]; every figure can be opened ([`tally::people_behind`] gives as many rows as the figure says); only
//! `tally_snapshot` and `alarm` are written here.

pub mod alarm;
pub mod api;
pub mod charts;
pub mod dashboard;
pub mod entity;
pub mod export;
pub mod nightly;
pub mod pages;
mod recount;
pub mod repair;
pub mod tally;
