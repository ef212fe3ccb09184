//! The parts of a zip archive, unpacked under one budget. What the archive says of its own sizes is not believed:
//! bytes are counted as they come out.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

use crate::importing::problem::FileProblem;
use crate::importing::table::Limits;

/// The bytes that may still be unpacked, of all parts together.
pub(super) struct Budget {
    left: Cell<u64>,
    over: Cell<bool>,
    limit: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let limit = limits.max_unpacked_bytes;
        Self { left: Cell::new(limit), over: Cell::new(false), limit }
    }

    /// Why reading stopped: the budget, or damage.
    pub(super) fn problem(&self) -> FileProblem {
        if self.over.get() {
            FileProblem::new("too_large_unpacked").with("limit", self.limit >> 20)
        } else {
            FileProblem::new("damaged_file")
        }
    }
}

struct Counted<'b, R> {
    inner: R,
    budget: &'b Budget,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let left = self.budget.left.get();
        match left.checked_sub(n as u64) {
            Some(rest) => self.budget.left.set(rest),
            None => {
                self.budget.over.set(true);
                return Err(io::Error::other("unpacks to more than the limit"));
            }
        }
        Ok(n)
    }
}

pub(super) struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Names in small letters, with / between folders.
    names: HashMap<String, usize>,
}

impl<'a> Parts<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FileProblem> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileProblem::new("damaged_file"))?;
        let names = archive.file_names().enumerate().filter_map(|(i, n)| n.ok().map(|n| (fold(&n), i))).collect();
        Ok(Self { archive, names })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&fold(name))
    }

    /// A reader of one part that counts against the budget; none if there is no such part.
    pub(super) fn reader<'s>(
        &'s mut self,
        name: &str,
        budget: &'s Budget,
    ) -> Result<Option<impl BufRead + 's>, FileProblem> {
        let Some(index) = self.names.get(&fold(name)) else { return Ok(None) };
        let file = self.archive.by_index(*index).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(why) if why.contains("assword") => {
                FileProblem::new("password_protected")
            }
            _ => FileProblem::new("damaged_file"),
        })?;
        Ok(Some(BufReader::with_capacity(32 * 1024, Counted { inner: file, budget })))
    }
}

fn fold(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}
