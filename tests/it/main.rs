//! The one integration test binary: a module a feature.

mod harness;
mod layers;
mod migrations;
mod pipeline;
mod texts;
mod web;
