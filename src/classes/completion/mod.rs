//! Completion of a class (结业): its rule, who meets it and why others do not, and the certificate of training.
//!
//! Invariants: a class is completed by the attendance *and* the assessment it asks for, derived anew at every change of
//! either; an enrolment has one valid certificate at most; a certificate whose completion is taken back by a correction is
//! revoked in the same transaction, with the reason. A class with valid certificates is not opened again.
//!
//! The assessments' feature stands to the right and tells what people earned through [`ops::tell`].

pub mod api;
pub mod config;
pub mod entity;
pub mod ops;
pub mod pages;
pub mod rules;
mod timeline;

pub use timeline::timeline;
