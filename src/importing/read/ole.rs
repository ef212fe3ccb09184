//! The compound file that old binary workbooks, and encrypted new ones, are kept in: a small file system of chained
//! sectors. Only what is needed to list the streams and read one.

use crate::importing::problem::FileProblem;

pub(super) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const END: u32 = 0xffff_fffa;

pub(super) fn u16_at(b: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(b.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(b: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(b.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

struct Entry {
    name: String,
    start: u32,
    size: usize,
}

pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_sector: usize,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    cutoff: usize,
    entries: Vec<Entry>,
}

impl<'a> Compound<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FileProblem> {
        Self::parse(bytes).ok_or_else(|| FileProblem::new("damaged_file"))
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let shift = u32::from(u16_at(bytes, 30)?);
        let mini_shift = u32::from(u16_at(bytes, 32)?);
        if !(7..=12).contains(&shift) || !(4..=8).contains(&mini_shift) {
            return None;
        }
        let mut c = Self {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            mini_sector: 1 << mini_shift,
            mini_fat: Vec::new(),
            mini: Vec::new(),
            cutoff: u32_at(bytes, 56)? as usize,
            entries: Vec::new(),
        };
        let sectors = bytes.len() / c.sector + 1;
        // Where the table of chains lies: 109 places in the header, then chained sectors of more.
        let mut fat_sectors: Vec<u32> =
            (0..109).filter_map(|i| u32_at(bytes, 76 + 4 * i)).filter(|s| *s < END).collect();
        let mut next = u32_at(bytes, 68)?;
        let mut seen = 0;
        while next < END && seen < sectors {
            seen += 1;
            let block = c.at(next)?;
            let last = c.sector / 4 - 1;
            fat_sectors.extend((0..last).filter_map(|i| u32_at(block, 4 * i)).filter(|s| *s < END));
            next = u32_at(block, 4 * last)?;
        }
        fat_sectors.truncate(sectors);
        for s in fat_sectors {
            let block = c.at(s)?;
            c.fat.extend((0..c.sector / 4).filter_map(|i| u32_at(block, 4 * i)));
        }
        let directory = c.chain(u32_at(bytes, 48)?, usize::MAX)?;
        for e in directory.chunks_exact(128) {
            let len = usize::from(u16_at(e, 64)?).saturating_sub(2).min(62);
            let units: Vec<u16> = (0..len / 2).filter_map(|i| u16_at(e, 2 * i)).collect();
            let kind = e.get(66).copied()?;
            if kind == 2 || kind == 5 {
                let name = String::from_utf16_lossy(&units);
                c.entries.push(Entry { name, start: u32_at(e, 116)?, size: u32_at(e, 120)? as usize });
            }
        }
        let mini_fat = c.chain(u32_at(bytes, 60)?, usize::MAX)?;
        c.mini_fat = (0..mini_fat.len() / 4).filter_map(|i| u32_at(&mini_fat, 4 * i)).collect();
        if let Some(root) = c.entries.iter().find(|e| e.name == "Root Entry") {
            c.mini = c.chain(root.start, root.size)?;
        }
        Some(c)
    }

    fn at(&self, sector: u32) -> Option<&'a [u8]> {
        let from = (sector as usize).checked_add(1)?.checked_mul(self.sector)?;
        let rest = self.bytes.get(from..)?;
        // The last sector of a file may be short.
        (!rest.is_empty()).then(|| rest.get(..self.sector).unwrap_or(rest))
    }

    /// The bytes of a chain of sectors; a chain longer than the file runs in a circle.
    fn chain(&self, start: u32, size: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut next = start;
        while next < END && out.len() < size {
            if out.len() > self.bytes.len() {
                return None;
            }
            out.extend_from_slice(self.at(next)?);
            next = self.fat.get(next as usize).copied()?;
        }
        out.truncate(size);
        Some(out)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|e| e.name == name)
    }

    pub(super) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let e = self.entries.iter().find(|e| e.name.eq_ignore_ascii_case(name))?;
        if e.size >= self.cutoff {
            return self.chain(e.start, e.size);
        }
        let mut out = Vec::new();
        let mut next = e.start;
        while next < END && out.len() < e.size {
            let from = (next as usize).checked_mul(self.mini_sector)?;
            let block = self.mini.get(from..).filter(|b| !b.is_empty())?;
            out.extend_from_slice(block.get(..self.mini_sector).unwrap_or(block));
            next = self.mini_fat.get(next as usize).copied()?;
        }
        out.truncate(e.size);
        Some(out)
    }
}
