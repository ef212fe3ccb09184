//! Cohorts (批次): groups of people who go from campus or office to certificate together, and their enrolments.
//!
//! Invariants: a person is enrolled in a cohort once; a withdrawn enrolment stays as a row. An enrolment writes the
//! person's scope row and tells the pipeline in the same transaction.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
pub mod rules;
