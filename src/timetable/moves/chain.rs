//! Chains: growing them and judging them by candidates and periods.

use super::{Made, Mover};
use crate::timetable::rng::Rng;
use crate::timetable::state::State;

/// Longest chain tried.
const LONGEST: usize = 60;
/// Length up to which every chain is tried.
const ALWAYS: usize = 4;

/// The length at which a chain is given up, drawn for each: a chain of n groups is followed with probability 4/n. Long
/// chains cost most of the time and are accepted least: so they get their share and no more.
fn reach(rng: &mut Rng) -> usize {
    (ALWAYS * 64 / (rng.below(64) + 1)).min(LONGEST)
}

impl Mover {
    /// A chain from one group to a period, made if its cost is at most `threshold`.
    pub fn chain(&mut self, st: &mut State<'_>, g: usize, q: usize, threshold: i64, rng: &mut Rng) -> Made {
        let p = st.period[g] as usize;
        // A chain that is acceptable has a member that alone is, and every member grows the same chain: so a seed that alone
        // is not can be left without growing anything, and most are.
        let delta = st.at(g, q) - st.at(g, p);
        if delta > threshold {
            return Made::No;
        }
        if st.is_clear(g, q) {
            if !st.in_order(g, q, |x| st.period[x]) {
                return Made::No;
            }
            self.clear();
            self.chain.push(g as u32);
            self.from_p.push(true);
            return self.finish(st, p, q, delta, threshold, rng);
        }
        self.most = reach(rng);
        match self.close(st, (p, q), g, None, threshold) {
            Some(delta) if delta <= threshold => self.finish(st, p, q, delta, threshold, rng),
            _ => Made::No,
        }
    }

    /// A chain from two groups of two periods.
    pub fn swap(&mut self, st: &mut State<'_>, g: usize, h: usize, threshold: i64, rng: &mut Rng) -> Made {
        let (p, q) = (st.period[g] as usize, st.period[h] as usize);
        if st.at(g, q) - st.at(g, p) + st.at(h, p) - st.at(h, q) > threshold {
            return Made::No;
        }
        self.most = reach(rng);
        match self.close(st, (p, q), g, Some(h), threshold) {
            Some(delta) if delta <= threshold => self.finish(st, p, q, delta, threshold, rng),
            _ => Made::No,
        }
    }

    /// Grows the chain; its cost by candidates and periods, None where it is dearer than `threshold`, too long or may not be.
    fn close(
        &mut self,
        st: &State<'_>,
        (p, q): (usize, usize),
        g: usize,
        h: Option<usize>,
        threshold: i64,
    ) -> Option<i64> {
        let inst = st.inst;
        self.clear();
        let mut delta = self.push(st, g, true, p, q)?;
        if let Some(h) = h {
            delta += self.push(st, h, false, p, q)?;
        }
        let mut next = 0;
        while let (Some(&a), Some(&here)) = (self.chain.get(next), self.from_p.get(next)) {
            next += 1;
            let (a, other) = (a as usize, if here { q } else { p });
            if inst.has_bits() {
                for (w, (row, inside)) in inst.row(a).iter().zip(st.inside(other)).enumerate() {
                    let mut new = row & inside & !self.mark[w];
                    while new != 0 {
                        delta += self.push(st, w * 64 + new.trailing_zeros() as usize, !here, p, q)?;
                        new &= new - 1;
                    }
                }
            } else if !st.is_clear(a, other) {
                for &(b, _) in inst.near.of(a) {
                    if st.period[b as usize] as usize == other && !self.marked(b as usize) {
                        delta += self.push(st, b as usize, !here, p, q)?;
                    }
                }
            }
        }
        let pair = inst.pair[p * inst.periods + q];
        if delta <= threshold && pair != 0 {
            delta += 2 * i64::from(pair) * self.between(st, q);
        }
        if delta > threshold {
            return None;
        }
        let goes = |x: usize| match st.period[x] {
            y if !self.marked(x) => y,
            y if y as usize == p => q as u16,
            _ => p as u16,
        };
        for (&a, &here) in self.chain.iter().zip(&self.from_p) {
            if !inst.order.of(a as usize).is_empty() && !st.in_order(a as usize, if here { q } else { p }, goes) {
                return None;
            }
        }
        Some(delta)
    }

    /// A pair split over both sides of the chain keeps its distance, so what the two rows say of it is taken back: the
    /// candidates of such pairs.
    fn between(&self, st: &State<'_>, q: usize) -> i64 {
        let mut sum = 0;
        for (&a, _) in self.chain.iter().zip(&self.from_p).filter(|x| *x.1) {
            for &(b, w) in st.inst.near.of(a as usize) {
                if st.period[b as usize] as usize == q {
                    sum += i64::from(w);
                }
            }
        }
        sum
    }

    fn clear(&mut self) {
        for &x in &self.chain {
            self.mark[x as usize / 64] &= !(1 << (x % 64));
        }
        self.chain.clear();
        self.from_p.clear();
    }

    #[inline]
    fn marked(&self, g: usize) -> bool {
        self.mark[g / 64] >> (g % 64) & 1 == 1
    }

    #[inline]
    fn push(&mut self, st: &State<'_>, g: usize, here: bool, p: usize, q: usize) -> Option<i64> {
        let (from, to) = if here { (p, q) } else { (q, p) };
        if self.chain.len() >= self.most || !st.allowed(g, to) {
            return None;
        }
        self.mark[g / 64] |= 1 << (g % 64);
        self.chain.push(g as u32);
        self.from_p.push(here);
        Some(st.at(g, to) - st.at(g, from))
    }
}
