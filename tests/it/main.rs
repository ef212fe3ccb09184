//! The one integration test binary: a module a feature.

mod admin;
mod api_frame;
mod auth;
mod certificates;
mod classes;
mod cli;
mod county;
mod directory;
mod exams;
mod harness;
mod imports;
mod jobs;
mod layers;
mod mail;
mod migrations;
mod people;
mod permissions;
mod pipeline;
mod practicum;
mod reading;
mod reading_own;
mod reminders;
mod roster;
mod tally;
mod texts;
mod web;
