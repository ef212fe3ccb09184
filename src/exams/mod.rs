//! Exam cycles (考试年度), registrations (报考) and results (成绩).
//!
//! Invariants:
//! - one registration a person, level and cycle; one result a person, level, subject and cycle;
//! - codes (absent, violation, void) are never marks; a sitting with a violation beside marks is on hold until a person has decided;
//! - a cycle with registrations on record refuses results of people without one; a cycle with none takes results as history;
//! - what is counted (registered, sat, passed) is derived from these rows by [`facts::of`] and told to the pipeline in the same
//!   transaction, over all years at once: an earlier year's correction moves the later year's pass;
//! - a row changed by hand is not changed back by a file.

pub mod api;
pub mod entity;
pub mod facts;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
pub mod words;
