//! Deferred acceptance with limits that lie within each other.
//!
//! A place belongs to a pool (its own limit), that one to the agreement's, that one to the base's; a base takes whoever has
//! the better claim as long as no pool holds more than it may. Because each pool lies wholly within the next, whom a base
//! refuses once it would refuse again, so the outcome is stable and does not depend on the order in which students ask.

use std::collections::BTreeSet;

use super::why::{Bar, Beaten, Failed};

/// A limit: so many at one time of all who are in it or in a pool below it; `None` for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    pub limit: Option<usize>,
    /// The pool that this one lies in: an index that is lower than this one's own.
    pub within: Option<usize>,
}

/// A place that may be wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Tells slots apart, whatever their order.
    pub id: i64,
    pub pool: usize,
}

/// A student's word on one place, the most wanted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub slot: usize,
    /// How near the base is, as a number: the lower is nearer.
    pub distance: u8,
    /// Why the place cannot be this student's, whoever else asks.
    pub bar: Option<Bar>,
}

/// Somebody to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Student {
    /// Tells students apart; the last word where even the lots are the same.
    pub id: i64,
    /// Set by the office; the higher comes first.
    pub priority: i64,
    pub lot: u64,
    pub wishes: Vec<Wish>,
    /// Kept where they are, whatever others ask: at a place, or without one.
    pub locked: Option<Option<usize>>,
}

/// Who comes before whom at one base: the lower. What the office set, then the nearer, then the lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    first: std::cmp::Reverse<i64>,
    distance: u8,
    lot: u64,
    id: i64,
}

impl Claim {
    #[must_use]
    pub fn of(s: &Student, w: &Wish) -> Self {
        Self { first: std::cmp::Reverse(s.priority), distance: w.distance, lot: s.lot, id: s.id }
    }

    /// What decided between this claim and a better one.
    #[must_use]
    pub fn beaten_by(&self, better: &Self) -> Beaten {
        match () {
            () if self.first != better.first => Beaten::Priority,
            () if self.distance != better.distance => Beaten::Distance,
            () => Beaten::Lot,
        }
    }
}

/// Everything that an assignment is made of.
#[derive(Clone, Debug, Default)]
pub struct Market {
    pub pools: Vec<Pool>,
    pub slots: Vec<Slot>,
    pub students: Vec<Student>,
}

/// Where a student ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By their wish of this number, from 0.
    Wish(usize),
    /// Kept where they were put.
    Locked,
    /// Put at a free place that they had not asked for.
    Filled,
    /// At no place.
    None,
}

/// One student's line of the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub slot: Option<usize>,
    pub outcome: Outcome,
    /// Each wish that ranks above where they end, with why it failed.
    pub failed: Vec<Failed>,
}

/// The pools that a slot lies in, the smallest first.
pub(super) fn chain(m: &Market, slot: usize) -> impl Iterator<Item = usize> + '_ {
    let first = m.slots.get(slot).map(|s| s.pool);
    // Pools point downwards in number, so this ends.
    std::iter::successors(first, |p| m.pools.get(*p).and_then(|q| q.within.filter(|w| w < p)))
}

/// Who is held in each pool, with the limits that those who are kept left over.
struct Held {
    limits: Vec<Option<usize>>,
    claims: Vec<BTreeSet<(Claim, usize)>>,
}

impl Held {
    fn new(m: &Market) -> Self {
        let mut limits: Vec<Option<usize>> = m.pools.iter().map(|p| p.limit).collect();
        for slot in m.students.iter().filter_map(|s| s.locked.flatten()) {
            for p in chain(m, slot) {
                if let Some(Some(n)) = limits.get_mut(p) {
                    *n = n.saturating_sub(1);
                }
            }
        }
        Self { limits, claims: vec![BTreeSet::new(); m.pools.len()] }
    }

    /// Takes a claim in; gives whoever has to go: the least claim of the smallest pool that is over its limit.
    fn offer(&mut self, m: &Market, slot: usize, claim: Claim, student: usize) -> Option<usize> {
        let mut over = None;
        for p in chain(m, slot) {
            if let (Some(held), Some(limit)) = (self.claims.get_mut(p), self.limits.get(p)) {
                held.insert((claim, student));
                if over.is_none() && limit.is_some_and(|l| held.len() > l) {
                    over = held.last().copied();
                }
            }
        }
        over.map(|(_, s)| s)
    }

    fn drop(&mut self, m: &Market, slot: usize, claim: Claim, student: usize) {
        for p in chain(m, slot) {
            if let Some(held) = self.claims.get_mut(p) {
                held.remove(&(claim, student));
            }
        }
    }

    /// Why a claim found no place: the smallest pool that is full with better ones.
    fn why(&self, m: &Market, slot: usize, claim: &Claim) -> Bar {
        for p in chain(m, slot) {
            let (Some(held), Some(Some(limit))) = (self.claims.get(p), self.limits.get(p)) else { continue };
            if held.len() < *limit {
                continue;
            }
            return match held.last() {
                Some((least, _)) => Bar::Taken { places: *limit, by: claim.beaten_by(least) },
                None => Bar::NoPlaces,
            };
        }
        // Not reached: whoever was refused was refused by a pool that is still full.
        Bar::NoPlaces
    }
}

/// The proposal: a line a student, in their order.
#[must_use]
pub fn assign(m: &Market) -> Vec<Assignment> {
    let mut held = Held::new(m);
    // The wish that a student stands at: held, or to be asked for next.
    let mut at: Vec<usize> = vec![0; m.students.len()];
    let mut asking: Vec<usize> = (0..m.students.len()).rev().collect();
    let wish = |s: usize, i: usize| m.students.get(s).and_then(|s| s.wishes.get(i).map(|w| (s, w)));
    while let Some(s) = asking.pop() {
        if m.students.get(s).is_none_or(|s| s.locked.is_some()) {
            continue;
        }
        let Some(i) = at.get(s).copied() else { continue };
        let Some((student, w)) = wish(s, i) else { continue };
        let refused = if w.bar.is_some() { Some(s) } else { held.offer(m, w.slot, Claim::of(student, w), s) };
        let Some(out) = refused else { continue };
        let Some(i) = at.get_mut(out) else { continue };
        if let Some((student, w)) = wish(out, *i).filter(|(_, w)| w.bar.is_none()) {
            held.drop(m, w.slot, Claim::of(student, w), out);
        }
        *i += 1;
        asking.push(out);
    }
    m.students.iter().zip(at).map(|(s, i)| line(m, &held, s, i)).collect()
}

fn line(m: &Market, held: &Held, s: &Student, at: usize) -> Assignment {
    if let Some(slot) = s.locked {
        return Assignment { slot, outcome: Outcome::Locked, failed: Vec::new() };
    }
    let failed = s.wishes.iter().take(at).enumerate().map(|(rank, w)| {
        let why = w.bar.unwrap_or_else(|| held.why(m, w.slot, &Claim::of(s, w)));
        Failed { rank, slot: w.slot, why }
    });
    let failed = failed.collect();
    match s.wishes.get(at) {
        Some(w) => Assignment { slot: Some(w.slot), outcome: Outcome::Wish(at), failed },
        None => Assignment { slot: None, outcome: Outcome::None, failed },
    }
}

/// Puts those who are left over at free places: by claim, each at the nearest that suits, of these at the one with most
/// places left, of these the first by its number. `suits` gives the places that a student may have, with their distance.
/// Nobody who has a place is moved, so what was stable stays so.
pub fn fill(m: &Market, lines: &mut [Assignment], mut suits: impl FnMut(usize) -> Vec<(usize, u8)>) {
    let mut free: Vec<Option<i64>> =
        m.pools.iter().map(|p| p.limit.map(|l| i64::try_from(l).unwrap_or(i64::MAX))).collect();
    let take = |free: &mut Vec<Option<i64>>, slot: usize| {
        for p in chain(m, slot) {
            if let Some(Some(n)) = free.get_mut(p) {
                *n -= 1;
            }
        }
    };
    for slot in lines.iter().filter_map(|l| l.slot) {
        take(&mut free, slot);
    }
    let left = |free: &[Option<i64>], slot: usize| {
        chain(m, slot).filter_map(|p| free.get(p).copied().flatten()).min().unwrap_or(i64::MAX)
    };
    let mut order: Vec<usize> =
        (0..lines.len()).filter(|i| lines.get(*i).is_some_and(|l| l.outcome == Outcome::None)).collect();
    order.sort_by_key(|i| m.students.get(*i).map(|s| (std::cmp::Reverse(s.priority), s.lot, s.id)));
    for i in order {
        let best = suits(i).into_iter().filter(|(slot, _)| left(&free, *slot) > 0).min_by_key(|(slot, near)| {
            let id = m.slots.get(*slot).map(|s| s.id);
            (*near, std::cmp::Reverse(left(&free, *slot)), id)
        });
        if let (Some((slot, _)), Some(line)) = (best, lines.get_mut(i)) {
            (line.slot, line.outcome) = (Some(slot), Outcome::Filled);
            take(&mut free, slot);
        }
    }
}
