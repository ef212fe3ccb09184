//! Formations.
