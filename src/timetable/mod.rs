//! The exam scheduler.
pub mod construct;
pub mod criteria;
pub mod error;
pub mod instance;
pub mod model;
pub mod moves;
pub mod parse;
pub mod recount;
pub mod rng;
pub mod rooms;
pub mod state;
pub mod anneal;
