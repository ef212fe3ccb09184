//! Uploads under way, sealed, in the data folder.

use std::path::PathBuf;

use crate::core::Error;
use crate::db::Cx;

/// Where the upload of a run lies.
pub(super) fn stored(cx: &Cx, id: i64) -> PathBuf {
    cx.settings.data.dir.join("imports").join(format!("{id}.sealed"))
}

/// Removes it; a file that stays behind is sealed and is only space.
pub(super) fn remove(cx: &Cx, id: i64) {
    if let Err(e) = std::fs::remove_file(stored(cx, id)) {
        tracing::warn!("upload of import {id} was not removed: {e}");
    }
}

/// What a failing disk means to a person.
pub(super) fn failed(e: &std::io::Error) -> Error {
    if e.kind() == std::io::ErrorKind::StorageFull { Error::unavailable("error-disk-full") } else { Error::internal(e) }
}
