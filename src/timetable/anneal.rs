//! Simulated annealing over the whole budget: one slow cooling beats restarts here, and the last temperature matters most.

use super::instance::Instance;
use super::moves::{Made, Mover};
use super::pace::Pace;
use super::rng::Rng;
use super::state::{NONE, Snapshot, State};

/// Proposals between two looks at clock and temperature.
const STRIDE: u64 = 256;
/// Proposals of one kind drawn before the first of them is tried: their loads then run beside each other.
const AHEAD: usize = 8;
/// Entries of the table of -ln u.
const TABLE: usize = 2048;

/// Temperatures and mix of moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// First temperature where there is no trial to go by.
    pub hot: f64,
    /// First temperature of the trial, and of the search after it; none where there shall be no trial.
    pub trial: Option<f64>,
    /// Last temperature.
    pub cold: f64,
    /// Share of proposals that change rooms only, in 256ths.
    pub rooms: u64,
    /// Share of the others that grow from two groups, in 256ths.
    pub swaps: u64,
}

/// How much more often a group with the usual number of neighbours is drawn than one with none, less one.
const BY_NEIGHBOURS: f64 = 7.0;
/// How often at most a group stands in the list that is drawn from.
const OFTEN: f64 = 32.0;

/// Groups that can move, the more often the more neighbours they have: those without are soon where they should be, and
/// moving them about takes the time of the others.
fn movable(inst: &Instance<'_>) -> Vec<u32> {
    let mean = (inst.near.all().len() as f64 / inst.groups.max(1) as f64).max(1.0);
    let often = |g: usize| (1.0 + BY_NEIGHBOURS * inst.near.of(g).len() as f64 / mean).round().min(OFTEN) as usize;
    let can = (0..inst.groups).filter(|&g| inst.allowed.of(g).len() > 1);
    can.flat_map(|g| std::iter::repeat_n(g as u32, often(g))).collect()
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
    /// Groups that can move, each as often as it shall be drawn.
    movable: Vec<u32>,
    /// Whether each group may be in all periods.
    anywhere: Vec<bool>,
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
            movable: movable(inst),
            anywhere: (0..inst.groups).map(|g| inst.allowed.of(g).len() == inst.periods).collect(),
            exams: (0..inst.size.len() as u32).filter(|e| inst.rooms_of.of(*e as usize).len() > 1).collect(),
            table: (0..TABLE).map(|i| -libm::log((i as f64 + 0.5) / TABLE as f64) as f32).collect(),
            done: 0,
            made: 0,
            rng,
            best,
            st,
        }
    }

    /// Cools at a pace from `part.0` to `part.1` of the whole schedule. `share` tells which part is over, by clock or count; it gets
    /// the number of proposals so far and None means stop at once.
    pub fn run(
        &mut self,
        schedule: &Schedule,
        pace: &Pace,
        part: (f64, f64),
        share: &mut dyn FnMut(u64, &Self) -> Option<f64>,
    ) {
        while let Some(at) = share(self.done, self) {
            if at >= part.1 {
                break;
            }
            let t = pace.temperature(at.max(part.0));
            for _ in 0..STRIDE / AHEAD as u64 {
                self.batch(schedule, t);
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

    /// Draws proposals of one kind, judges them by what a single move would cost and tries those that pass.
    fn batch(&mut self, schedule: &Schedule, t: f64) {
        let bits = self.rng.bits();
        if bits & 255 < schedule.rooms && !self.exams.is_empty() {
            let swap = bits >> 8 & 255 >= 154;
            for _ in 0..AHEAD {
                let e = self.exams[self.rng.below(self.exams.len())] as usize;
                let threshold = self.threshold(t);
                self.keep();
                let (st, rng) = (&mut self.st, &mut self.rng);
                let made = if swap {
                    self.mover.room_swap(st, e, threshold, rng)
                } else {
                    self.mover.room(st, e, threshold, rng)
                };
                self.made += u64::from(made != Made::No);
            }
            return;
        }
        if self.movable.is_empty() {
            return;
        }
        let swap = bits >> 16 & 255 < schedule.swaps;
        let mut passed = [(0usize, 0usize, 0i64); AHEAD];
        let mut n = 0;
        for _ in 0..AHEAD {
            let threshold = self.threshold(t);
            let g = self.pick();
            let p = self.st.period[g];
            let (other, delta) = if swap {
                let h = self.pick();
                let q = self.st.period[h];
                (h, if p == q || q == NONE { i64::MAX } else { self.exchange(g, p, h, q) })
            } else {
                let q = self.target(g);
                (q as usize, if p == q { i64::MAX } else { self.change(g, p, q) })
            };
            passed[n] = (g, other, threshold);
            n += usize::from(delta <= threshold);
        }
        for &(g, other, threshold) in &passed[..n] {
            self.keep();
            let made = self.attempt(g, other, swap, threshold);
            self.made += u64::from(made != Made::No);
        }
    }

    #[inline]
    fn threshold(&mut self, t: f64) -> i64 {
        (t * f64::from(self.table[(self.rng.bits() >> 53) as usize & (TABLE - 1)])) as i64
    }

    #[inline]
    fn pick(&mut self) -> usize {
        self.movable[self.rng.below(self.movable.len())] as usize
    }

    #[inline]
    fn target(&mut self, g: usize) -> u16 {
        let inst = self.st.inst;
        if self.anywhere[g] {
            return self.rng.below(inst.periods) as u16;
        }
        let allowed = inst.allowed.of(g);
        allowed[self.rng.below(allowed.len())]
    }

    /// What a group's change of period costs by itself; nothing for a group without period.
    #[inline]
    fn change(&self, g: usize, p: u16, q: u16) -> i64 {
        if p == NONE { i64::MIN } else { self.st.at(g, q as usize) - self.st.at(g, p as usize) }
    }

    #[inline]
    fn exchange(&self, g: usize, p: u16, h: usize, q: u16) -> i64 {
        if p == NONE { i64::MAX } else { self.change(g, p, q) + self.change(h, q, p) }
    }

    fn attempt(&mut self, g: usize, other: usize, swap: bool, threshold: i64) -> Made {
        let (st, rng) = (&mut self.st, &mut self.rng);
        // An earlier proposal of the batch may have changed their periods.
        let p = st.period[g];
        if swap {
            let q = st.period[other];
            return if p == NONE || q == NONE || p == q {
                Made::No
            } else {
                self.mover.swap(st, g, other, threshold, rng)
            };
        }
        if p == NONE {
            let before = st.cost;
            return if self.mover.insert(st, g, other) { Made::Yes(st.cost - before) } else { Made::No };
        }
        if p as usize == other { Made::No } else { self.mover.chain(st, g, other, threshold, rng) }
    }
}
