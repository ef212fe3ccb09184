//! Whether a person may register for a level in an exam year, from what is on record of them: educations, work,
//! certificates, practicum, bars, overrides. The rules themselves are [`crate::schemes::eligibility`], from `config/`.
//!
//! Invariants: page, API, command line and export give the same verdict, since all ask [`ops::verdicts`] or its short form;
//! practicum never counts as work; what is removed or revoked stays in the audit log.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
