//! Yanzhen (雁阵): from the campus to the registered certificate, and every figure on the way.
//!
//! # The map
//! Modules stand in the order of imports: each may use those above it, never one below (`tests/it/layers.rs` checks).
//! A request goes page or API → use case (`ops`) → rules and entities → back. Pages, JSON API, command line and jobs
//! call the same use cases.

pub mod core;
pub mod db;

pub mod audit;
pub mod jobs;
pub mod mail;
pub mod records;

pub mod web;

pub mod auth;

pub mod api;

pub mod importing;

pub mod timetable;

pub mod schemes;

pub mod directory;
pub mod organisations;
pub mod stations;
// Before people: it reads memberships by SQL and knows no feature, and a change of a person's region must reach it.
pub mod pipeline;

pub mod people;

pub mod employments;

pub mod cohorts;

pub mod placing;
pub mod practicum;

pub mod projects;
pub mod services;

pub mod lecturers;

pub mod classes;

pub mod assessments;
pub mod feedback;
pub mod honours;

pub mod formations;

pub mod rosters;

pub mod certificates;

pub mod exams;

pub mod eligibility;

pub mod reminders;

pub mod reports;

pub mod admin;

pub mod app;
pub mod cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
