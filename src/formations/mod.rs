//! Formations (雁阵): a lead goose, the flock and those who support them: mentors with their learners, their activities and
//! what comes of them.
//!
//! Invariants: a person is in a formation once at a time, with one role; an end is not before its start; figures are never
//! stored, they follow from members, activities and certificates.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
