//! What participants say of a session (评价), without their names.
//!
//! Who has answered and what was answered stand in two tables that nothing connects: no person, no time, and a key drawn
//! by chance. For the same reason an answer leaves no line in the audit log. Answers are shown only together with at
//! least as many as `config/attendance.toml` asks for.

pub mod api;
pub mod ops;
pub mod pages;
pub mod rules;
