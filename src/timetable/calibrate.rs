//! Temperatures from the instance's own numbers, whatever its weights.

use super::anneal::Schedule;
use super::instance::{BROKEN, Instance};
use super::moves::Mover;
use super::rng::Rng;
use super::state::{NONE, State};

/// Quantile of the prices of single moves that the trial begins with.
const HOTTEST: f64 = 0.99;

/// Samples of what moves cost when the timetable is already settled, ascending.
pub fn samples(st: &mut State<'_>, mover: &mut Mover, rng: &mut Rng) -> Vec<i64> {
    let inst = st.inst;
    let movable: Vec<usize> =
        (0..inst.groups).filter(|g| inst.allowed.of(*g).len() > 1 && st.period[*g] != NONE).collect();
    let mut up = Vec::new();
    if movable.is_empty() {
        return up;
    }
    let pick = |rng: &mut Rng| {
        let g = movable[rng.below(movable.len())];
        let allowed = inst.allowed.of(g);
        (g, allowed[rng.below(allowed.len())] as usize)
    };
    for _ in 0..inst.groups * 40 {
        let (g, q) = pick(rng);
        if q != st.period[g] as usize {
            mover.chain(st, g, q, 0, rng);
        }
    }
    for _ in 0..inst.groups * 40 {
        let (g, q) = pick(rng);
        let delta = st.at(g, q) - st.at(g, st.period[g] as usize);
        if delta > 0 && delta < BROKEN && st.is_clear(g, q) {
            up.push(delta);
        }
    }
    up.sort_unstable();
    up
}

/// The schedule for an instance, from samples of [`samples`].
pub fn schedule(inst: &Instance<'_>, samples: &[i64], warm: bool) -> Schedule {
    let part = |share: f64| samples.get((samples.len() as f64 * share) as usize).copied().unwrap_or(1).max(1) as f64;
    // The upper quartile: only where the time is too short for a trial or the search starts from a plan.
    let hot = part(0.75);
    // Hot enough for all but the very largest groups.
    let trial = (!warm).then(|| part(HOTTEST).max(hot));
    // The smallest steps up: below 0.4 of them next to none passes. Twice as hot cost 3 to 9 %, half as hot nothing gained.
    let cold = part(0.01) * 0.4;
    let hot = if warm { libm::sqrt(hot * cold) } else { hot };
    let rooms = if inst.rooms > 1 { 77 } else { 0 };
    Schedule { hot: hot.max(cold), trial, cold, rooms, swaps: 64 }
}
