//! Certificates (证书): who holds which level since when, its registration (登记) and, if it came to that, revocation.
//!
//! Invariants: a number is unique within scheme and level and is opaque text; a person holds at most one valid
//! certificate of a level; a certificate is never deleted except by the undo of the import that made it: it is revoked,
//! with a day and a reason, or corrected, with a reason. Every change tells the pipeline in its own transaction.

pub mod api;
pub mod entity;
pub mod import;
pub mod ops;
pub mod pages;
pub mod rules;
mod storing;
