//! Texts of BIFF8 records, which are kept in one or two bytes a character and may be cut by the end of a record anywhere.

use super::ole::{u16_at, u32_at};
use crate::importing::cell::CellText;

/// A text with its length in two bytes.
pub(super) fn long(b: &[u8]) -> Option<String> {
    chars(usize::from(u16_at(b, 0)?), *b.get(2)?, b.get(3..)?)
}

/// A text with its length in one byte.
pub(super) fn short(b: &[u8]) -> Option<String> {
    chars(usize::from(*b.first()?), *b.get(1)?, b.get(2..)?)
}

fn chars(count: usize, flags: u8, b: &[u8]) -> Option<String> {
    let mut units = Vec::with_capacity(count.min(b.len()));
    take(&mut units, count, flags, b);
    (units.len() == count).then(|| String::from_utf16_lossy(&units))
}

/// Takes up to `count` characters and returns the bytes used.
fn take(units: &mut Vec<u16>, count: usize, flags: u8, b: &[u8]) -> usize {
    if flags & 1 == 1 {
        let n = count.min(b.len() / 2);
        units.extend((0..n).filter_map(|i| u16_at(b, 2 * i)));
        2 * n
    } else {
        let n = count.min(b.len());
        units.extend(b.iter().take(n).map(|c| u16::from(*c)));
        n
    }
}

/// The parts of the table of shared texts: the record and its continuations.
pub(super) struct Segments<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn new(parts: Vec<&'a [u8]>) -> Self {
        Self { parts, part: 0, at: 0 }
    }

    /// All texts; a damaged end leaves out what follows.
    pub(super) fn shared(mut self) -> Vec<CellText> {
        let count = self.parts.first().and_then(|p| u32_at(p, 4)).unwrap_or(0);
        self.at = 8;
        let mut out = Vec::new();
        for _ in 0..count {
            let Some(s) = self.text() else { break };
            out.push(CellText::from(s));
        }
        out
    }

    fn rest(&mut self) -> Option<&'a [u8]> {
        loop {
            let part = self.parts.get(self.part)?;
            match part.get(self.at..) {
                Some(rest) if !rest.is_empty() => return Some(rest),
                _ => {
                    self.part += 1;
                    self.at = 0;
                }
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let b = self.rest()?.first().copied()?;
        self.at += 1;
        Some(b)
    }

    fn number(&mut self, bytes: u32) -> Option<usize> {
        let mut n = 0usize;
        for i in 0..bytes {
            n |= usize::from(self.byte()?) << (8 * i);
        }
        Some(n)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let n = self.rest()?.len().min(count);
            self.at += n;
            count -= n;
        }
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        let count = self.number(2)?;
        let mut flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let extra = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let mut units = Vec::new();
        while units.len() < count {
            let before = self.part;
            let rest = self.rest()?;
            // Each continuation says anew how wide its characters are.
            let rest = if self.part == before {
                rest
            } else {
                flags = self.byte()?;
                self.rest()?
            };
            let left = count - units.len();
            let used = take(&mut units, left, flags, rest);
            if used == 0 {
                return None;
            }
            self.at += used;
        }
        self.skip(runs.checked_mul(4)?.checked_add(extra)?)?;
        Some(String::from_utf16_lossy(&units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_over_the_end_of_a_record() {
        let first = [2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, b'a', b'b'];
        let more = [1, 0x20, 0x5f, 1, 0, 1, 0x09, 0x4e];
        let got = Segments::new(vec![&first, &more]).shared();
        assert_eq!(got.iter().map(|s| &**s).collect::<Vec<_>>(), ["ab\u{5f20}", "\u{4e09}"]);
        assert_eq!(long(&[1, 0, 1, 0x09, 0x4e]).as_deref(), Some("\u{4e09}"));
        assert_eq!(long(&[9, 0, 1, 0x09]), None);
        assert_eq!(short(&[2, 0, b'x', b'y']).as_deref(), Some("xy"));
    }
}
