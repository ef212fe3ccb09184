//! The one integration test binary: a module a feature.

mod directory;
mod harness;
mod jobs;
mod layers;
mod mail;
mod migrations;
mod pipeline;
mod reading;
mod reading_own;
mod reminders;
mod texts;
mod web;
