//! Simulated annealing over the whole budget: one slow cooling beats restarts here, and the last temperature matters most.

use super::instance::Instance;
use super::moves::{Made, Mover};
use super::rng::Rng;
use super::state::{NONE, Snapshot, State};

/// Proposals between two looks at clock and temperature.
const STRIDE: u64 = 256;
/// Entries of the table of -ln u.
const TABLE: usize = 2048;

/// Temperatures and mix of moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// First temperature.
    pub hot: f64,
    /// Last temperature.
    pub cold: f64,
    /// Share of proposals that change rooms only, in 256ths.
    pub rooms: u64,
    /// Share of the others that grow from two groups, in 256ths.
    pub swaps: u64,
}

/// A search under way.
pub struct Annealer<'i> {
    /// Where it is.
    pub st: State<'i>,
    /// The best it met.
    pub best: Snapshot,
    /// Its moves.
    pub mover: Mover,
    /// Its luck.
    pub rng: Rng,
    /// Proposals so far.
    pub done: u64,
    /// Proposals made.
    pub made: u64,
    table: Vec<f32>,
    movable: Vec<u32>,
    exams: Vec<u32>,
}

impl<'i> Annealer<'i> {
    /// From a timetable.
    pub fn new(st: State<'i>, rng: Rng) -> Self {
        let inst: &Instance<'_> = st.inst;
        let mut best = Snapshot::default();
        st.snapshot(&mut best);
        Self {
            mover: Mover::new(inst),
            movable: (0..inst.groups as u32).filter(|g| inst.allowed.of(*g as usize).len() > 1).collect(),
            exams: (0..inst.size.len() as u32).filter(|e| inst.rooms_of.of(*e as usize).len() > 1).collect(),
            table: (0..TABLE).map(|i| -libm::log((i as f64 + 0.5) / TABLE as f64) as f32).collect(),
            done: 0,
            made: 0,
            rng,
            best,
            st,
        }
    }

    /// Cools from `part.0` to `part.1` of the whole schedule. `share` tells which part is over, by clock or count; it gets
    /// the number of proposals so far and None means stop at once.
    pub fn run(&mut self, schedule: &Schedule, part: (f64, f64), share: &mut dyn FnMut(u64, &Self) -> Option<f64>) {
        let fall = libm::log(schedule.cold / schedule.hot);
        while let Some(at) = share(self.done, self) {
            if at >= part.1 {
                break;
            }
            let t = schedule.hot * libm::exp(fall * at.max(part.0));
            for _ in 0..STRIDE {
                self.step(schedule, t);
            }
            self.done += STRIDE;
        }
        self.keep();
    }

    /// Remembers where it is if that is the best so far.
    pub fn keep(&mut self) {
        if (self.st.unplaced, self.st.cost) < (self.best.unplaced, self.best.cost) {
            self.st.snapshot(&mut self.best);
        }
    }

    #[inline]
    fn step(&mut self, schedule: &Schedule, t: f64) {
        let bits = self.rng.bits();
        let threshold = (t * f64::from(self.table[(bits >> 53) as usize & (TABLE - 1)])) as i64;
        // The best is copied when it is about to be left, not each time it is met.
        let leaving = (self.st.unplaced, self.st.cost) < (self.best.unplaced, self.best.cost);
        if leaving {
            self.keep();
        }
        let made = self.propose(schedule, bits, threshold);
        self.made += u64::from(made != Made::No);
    }

    #[inline]
    fn propose(&mut self, schedule: &Schedule, bits: u64, threshold: i64) -> Made {
        let (st, rng) = (&mut self.st, &mut self.rng);
        if bits & 255 < schedule.rooms && !self.exams.is_empty() {
            let e = self.exams[rng.below(self.exams.len())] as usize;
            return if bits >> 8 & 255 < 154 {
                self.mover.room(st, e, threshold, rng)
            } else {
                self.mover.room_swap(st, e, threshold, rng)
            };
        }
        if self.movable.is_empty() {
            return Made::No;
        }
        let g = self.movable[rng.below(self.movable.len())] as usize;
        let p = st.period[g];
        if p == NONE {
            let allowed = st.inst.allowed.of(g);
            let q = allowed[rng.below(allowed.len())] as usize;
            let before = st.cost;
            return if self.mover.insert(st, g, q) { Made::Yes(st.cost - before) } else { Made::No };
        }
        if bits >> 16 & 255 < schedule.swaps {
            let h = self.movable[rng.below(self.movable.len())] as usize;
            let q = st.period[h];
            if q == NONE || q == p {
                return Made::No;
            }
            return self.mover.swap(st, g, h, threshold, rng);
        }
        let allowed = st.inst.allowed.of(g);
        let q = allowed[rng.below(allowed.len())];
        if q == p {
            return Made::No;
        }
        self.mover.chain(st, g, q as usize, threshold, rng)
    }
}
