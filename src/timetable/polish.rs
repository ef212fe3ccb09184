//! The last step: nothing that one move can better is left.

use super::matching::rematch;
use super::moves::{Made, Mover};
use super::rng::Rng;
use super::state::{NONE, State};

/// Matchings and strict descent over all chains and rooms until nothing gets better; `go` is asked on the way.
pub fn polish(st: &mut State<'_>, mover: &mut Mover, rng: &mut Rng, go: &mut dyn FnMut() -> bool) {
    let inst = st.inst;
    loop {
        let before = (st.unplaced, st.cost);
        if inst.rooms > 0 {
            rematch(st);
        }
        for g in 0..inst.groups {
            if g % 64 == 0 && !go() {
                return;
            }
            for &q in inst.allowed.of(g) {
                if st.period[g] == NONE {
                    mover.insert(st, g, q as usize);
                } else if st.period[g] != q {
                    mover.chain(st, g, q as usize, -1, rng);
                }
            }
        }
        for e in 0..inst.size.len() {
            if e % 64 == 0 && !go() {
                return;
            }
            for _ in 0..inst.rooms_of.of(e).len() {
                if mover.room(st, e, -1, rng) == Made::No {
                    mover.room_swap(st, e, -1, rng);
                }
            }
        }
        if (st.unplaced, st.cost) >= before {
            return;
        }
    }
}
