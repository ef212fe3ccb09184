//! What must hold of a proposal, counted anew and apart from how it was made: for the tests, and before a round is published.

use std::collections::HashMap;

use super::matching::{Assignment, Claim, Market, Outcome, chain};

fn counts(m: &Market, lines: &[Assignment]) -> HashMap<usize, usize> {
    let mut n: HashMap<usize, usize> = HashMap::new();
    for slot in lines.iter().filter_map(|l| l.slot) {
        for p in chain(m, slot) {
            *n.entry(p).or_default() += 1;
        }
    }
    n
}

/// The pools that hold more than they may.
#[must_use]
pub fn over(m: &Market, lines: &[Assignment]) -> Vec<usize> {
    let n = counts(m, lines);
    let mut out: Vec<usize> = (0..m.pools.len())
        .filter(|p| m.pools.get(*p).and_then(|q| q.limit).is_some_and(|l| n.get(p).is_some_and(|n| *n > l)))
        .collect();
    out.sort_unstable();
    out
}

/// Students with a wish above where they ended that could be theirs: there is a free place, or somebody with a lesser claim
/// has it. (student, number of the wish); empty for a stable proposal.
#[must_use]
pub fn blocking(m: &Market, lines: &[Assignment]) -> Vec<(usize, usize)> {
    let n = counts(m, lines);
    // The least claim by wish in every pool; who is locked or was put at a free place gives way to nobody here.
    let mut least: HashMap<usize, Claim> = HashMap::new();
    for (s, l) in m.students.iter().zip(lines) {
        let (Outcome::Wish(i), Some(slot)) = (l.outcome, l.slot) else { continue };
        let Some(w) = s.wishes.get(i) else { continue };
        let claim = Claim::of(s, w);
        for p in chain(m, slot) {
            least.entry(p).and_modify(|c| *c = (*c).max(claim)).or_insert(claim);
        }
    }
    let mut out = Vec::new();
    for (at, (s, l)) in m.students.iter().zip(lines).enumerate() {
        let above = match l.outcome {
            Outcome::Locked => 0,
            Outcome::Wish(i) => i,
            Outcome::Filled | Outcome::None => s.wishes.len(),
        };
        for (rank, w) in s.wishes.iter().take(above).enumerate().filter(|(_, w)| w.bar.is_none()) {
            let full = |p: &usize| {
                let limit = m.pools.get(*p).and_then(|q| q.limit);
                limit.is_some_and(|l| n.get(p).copied().unwrap_or(0) >= l)
            };
            // Going from one place to another of the same base frees what both lie in.
            let own: Vec<usize> = l.slot.map(|own| chain(m, own).collect()).unwrap_or_default();
            let tight = chain(m, w.slot).find(|p| full(p) && !own.contains(p));
            let claim = Claim::of(s, w);
            if tight.is_none_or(|p| least.get(&p).is_some_and(|l| claim < *l)) {
                out.push((at, rank));
            }
        }
    }
    out
}
