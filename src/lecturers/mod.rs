//! Lecturers (师资): who can hold a session, and on what.

pub mod api;
pub mod entity;
pub mod ops;
pub mod pages;
