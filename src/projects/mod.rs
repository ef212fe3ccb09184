//! Service projects (服务项目): where, for whom, from when to when, what they are to reach, and the person-times they
//! have reached by confirmed hour entries and by service records.
//!
//! Invariants: a project's code is unique in the county's register; an end is not before its start; what is reached is
//! never stored, it follows from the records that name the project.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
