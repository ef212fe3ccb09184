pub mod core;
pub mod db;
