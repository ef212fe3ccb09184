//! How far the imports of this process are. Kept in memory on purpose: on SQLite the one writer is busy with the import
//! itself, and what is left after a restart is begun anew anyway.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

static RUNNING: Mutex<BTreeMap<i64, Progress>> = Mutex::new(BTreeMap::new());

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Reading,
    Storing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub phase: Phase,
    pub done: usize,
    pub total: usize,
}

pub fn set(import_id: i64, phase: Phase, done: usize, total: usize) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(import_id, Progress { phase, done, total });
}

#[must_use]
pub fn get(import_id: i64) -> Option<Progress> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).get(&import_id).copied()
}

pub fn clear(import_id: i64) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&import_id);
}
