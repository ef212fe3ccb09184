//! A timetable under change: who is where, what it costs, and what each change would cost.
//!
//! `price[g][p]` is what group g would pay in period p with all others where they are now. So a move is judged by two loads,
//! and only a move that is made pays for the update: the rows of the neighbours, in the windows of the two periods. Who of
//! p is a neighbour of g comes from bits: the row of g and the members of p.

use super::instance::{BLOCK, BLOCKED, Instance};
use super::model::{Place, Plan};

/// No period or room.
pub const NONE: u16 = u16::MAX;

/// The part of a state that makes a plan.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Period of each group.
    pub period: Vec<u16>,
    /// Room of each exam.
    pub room: Vec<u16>,
    /// Rooms and seats of each split exam that has more than one.
    pub parts: Vec<Vec<(u16, i32)>>,
    /// Exams without place.
    pub unplaced: usize,
    /// Soft cost with what is broken at its price.
    pub cost: i64,
}

impl Snapshot {
    /// The plan as the model knows it.
    pub fn plan(&self, inst: &Instance<'_>) -> Plan {
        plan(inst, &self.period, &self.room, &self.parts)
    }
}

/// Free seats of a closed room: less than any exam needs.
const CLOSED: i32 = -1;

/// A room in a period.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    /// Free seats; negative where the room is closed.
    pub free: i32,
    /// Exams in it.
    pub count: u16,
    /// Those that need it alone.
    pub alone: u16,
    /// Those that have other rooms as well.
    pub multi: u16,
    /// Different durations.
    pub distinct: u16,
}

/// A timetable under change.
pub struct State<'i> {
    /// The problem.
    pub inst: &'i Instance<'i>,
    /// Period of each group or [`NONE`].
    pub period: Vec<u16>,
    /// Groups of each period.
    pub members: Vec<Vec<u32>>,
    position: Vec<u32>,
    /// The members of each period as bits, where the instance keeps bits.
    inside: Vec<u64>,
    price: Vec<i32>,
    /// Neighbours of each group in each period, where the instance keeps no bits.
    clashes: Vec<u16>,
    /// Room of each exam or [`NONE`] (also when split over several).
    pub room: Vec<u16>,
    /// Rooms and seats of exams split over several.
    pub parts: Vec<Vec<(u16, i32)>>,
    /// Rooms in periods (`p * rooms + r`).
    pub cells: Vec<Cell>,
    /// Free seats of a whole period.
    pub free_all: Vec<i64>,
    pub(super) of_duration: Vec<u16>,
    /// Exams of a candidate on a day (`candidate * days + day`).
    pub(super) on_day: Vec<u8>,
    /// Exams without place.
    pub unplaced: usize,
    /// Cost.
    pub cost: i64,
    step: Vec<i32>,
    /// The step in short numbers, where the instance is [`narrow`](Instance::narrow): twice as many in a vector.
    short: Vec<i16>,
}

impl<'i> State<'i> {
    /// A timetable with nothing in it.
    pub fn new(inst: &'i Instance<'i>) -> Self {
        let (g, p, r, n) = (inst.groups, inst.periods, inst.rooms, inst.size.len());
        let seats = |x: usize, y: usize| if inst.closed[x * r + y] { CLOSED } else { inst.capacity[y] };
        let cell = |x: usize, y: usize| Cell { free: seats(x, y), ..Cell::default() };
        let cells: Vec<Cell> = (0..p).flat_map(|x| (0..r).map(move |y| cell(x, y))).collect();
        let all = |row: &[Cell]| row.iter().map(|c| i64::from(c.free.max(0))).sum();
        let free_all = if r == 0 { vec![0; p] } else { cells.chunks_exact(r).map(all).collect() };
        let days = if inst.loads.is_empty() { 0 } else { inst.days * inst.problem.candidates as usize };
        Self {
            inst,
            period: vec![NONE; g],
            members: vec![Vec::new(); p],
            position: vec![0; g],
            inside: vec![0; p * inst.words],
            price: prices(inst),
            clashes: vec![0; if inst.has_bits() { 0 } else { g * p }],
            room: vec![NONE; n],
            parts: vec![Vec::new(); n],
            cells,
            free_all,
            of_duration: vec![0; p * r * inst.durations],
            on_day: vec![0; days],
            unplaced: n,
            cost: 0,
            step: vec![0; inst.stride],
            short: vec![0; inst.stride],
        }
    }

    /// What a group costs in a period with all others where they are; [`BLOCKED`] and more where it may not be.
    #[inline]
    pub fn at(&self, g: usize, p: usize) -> i64 {
        i64::from(self.price[g * self.inst.stride + p])
    }

    /// Number of neighbours of a group in a period.
    #[inline]
    pub fn clashes(&self, g: usize, p: usize) -> usize {
        if self.inst.has_bits() {
            let both = self.inst.row(g).iter().zip(self.inside(p));
            return both.map(|(a, b)| (a & b).count_ones() as usize).sum();
        }
        self.clashes[g * self.inst.periods + p] as usize
    }

    /// Whether a group has no neighbour in a period.
    #[inline]
    pub fn is_clear(&self, g: usize, p: usize) -> bool {
        if self.inst.has_bits() {
            return self.inst.row(g).iter().zip(self.inside(p)).all(|(a, b)| a & b == 0);
        }
        self.clashes[g * self.inst.periods + p] == 0
    }

    /// The members of a period as bits; empty where the instance keeps none.
    #[inline]
    pub fn inside(&self, p: usize) -> &[u64] {
        &self.inside[p * self.inst.words..(p + 1) * self.inst.words]
    }

    /// Whether a group in a period keeps the order it must keep to all others but those for which `skip` holds.
    #[inline]
    pub fn in_order(&self, g: usize, p: usize, period_of: impl Fn(usize) -> u16) -> bool {
        self.inst.order.of(g).iter().all(|&(other, later)| {
            let q = period_of(other as usize);
            q == NONE || if later { p > q as usize } else { p < q as usize }
        })
    }

    /// Puts a group that has no period into one, without rooms; the cost of candidates and periods is counted.
    pub fn enter(&mut self, g: usize, p: usize) {
        self.cost += self.at(g, p);
        self.unplaced -= self.inst.exams.of(g).len();
        self.shift(g, None, Some(p));
        self.cost += self.people(g, p, 1);
    }

    /// Takes a group out of its period; its rooms must be left before.
    pub fn leave(&mut self, g: usize) {
        let p = self.period[g];
        if p == NONE {
            return;
        }
        self.cost += self.people(g, p as usize, -1);
        self.shift(g, Some(p as usize), None);
        self.cost -= self.at(g, p as usize);
        self.unplaced += self.inst.exams.of(g).len();
    }

    /// Moves a group: membership and the rows of its neighbours; costs are the caller's.
    pub(super) fn shift(&mut self, g: usize, from: Option<usize>, to: Option<usize>) {
        let (n, stride, words) = (self.inst.periods, self.inst.stride, self.inst.words);
        let bit = 1u64 << (g % 64);
        if let Some(p) = from {
            let at = self.position[g] as usize;
            self.members[p].swap_remove(at);
            if let Some(&moved) = self.members[p].get(at) {
                self.position[moved as usize] = at as u32;
            }
            if words > 0 {
                self.inside[p * words + g / 64] &= !bit;
            }
        }
        self.period[g] = NONE;
        if let Some(q) = to {
            self.period[g] = q as u16;
            self.position[g] = self.members[q].len() as u32;
            self.members[q].push(g as u32);
            if words > 0 {
                self.inside[q * words + g / 64] |= bit;
            }
        }
        let window = |p: Option<usize>| p.map_or((0, 0), |p| self.inst.window[p]);
        let ((a, b), (c, d)) = (window(from), window(to));
        let (lo, hi) = match (a == b, c == d) {
            (true, _) => (c, d),
            (_, true) => (a, b),
            _ => (a.min(c), b.max(d)),
        };
        for x in lo as usize..(hi as usize).min(n) {
            let cost = |p: Option<usize>| p.map_or(0, |p| self.inst.pair[p * n + x]);
            self.step[x] = cost(to) - cost(from);
            self.short[x] = self.step[x] as i16;
        }
        // Two windows far apart: only they are touched.
        let apart = a != b && c != d && (b < c || d < a);
        let near = self.inst.near.of(g);
        let parts = if apart { [(a, b), (c, d)] } else { [(lo, hi), (0, 0)] };
        if self.inst.narrow {
            spread(&mut self.price, stride, near, parts, &self.short, |w| w as i16);
        } else {
            spread(&mut self.price, stride, near, parts, &self.step, |w| w);
        }
        if words == 0 {
            for &(other, _) in near {
                let row = &mut self.clashes[other as usize * n..][..n];
                if let Some(p) = from {
                    row[p] -= 1;
                }
                if let Some(q) = to {
                    row[q] += 1;
                }
            }
        }
    }

    /// Counts the candidates of a group in (`by` = 1) or out (-1) of a day; the change of the cost of limits.
    pub(super) fn people(&mut self, g: usize, p: usize, by: i64) -> i64 {
        if self.inst.loads.is_empty() {
            return 0;
        }
        let (inst, day) = (self.inst, self.inst.day[p] as usize);
        let mut cost = 0;
        for &c in inst.people.of(g) {
            let days = &mut self.on_day[c as usize * inst.days..(c as usize + 1) * inst.days];
            if by < 0 {
                days[day] = days[day].wrapping_sub(1);
            }
            for rule in &inst.loads {
                let long = rule.days as usize;
                for start in (day + 1).saturating_sub(long)..=day {
                    let inside: u32 = days[start..(start + long).min(inst.days)].iter().map(|d| u32::from(*d)).sum();
                    if inside >= rule.most {
                        cost += by * rule.weight;
                    }
                }
            }
            if by > 0 {
                days[day] = days[day].wrapping_add(1);
            }
        }
        cost
    }

    /// What makes the plan, copied.
    pub fn snapshot(&self, into: &mut Snapshot) {
        into.period.clone_from(&self.period);
        into.room.clone_from(&self.room);
        into.parts.clone_from(&self.parts);
        into.unplaced = self.unplaced;
        into.cost = self.cost;
    }

    /// Goes back to a snapshot.
    pub fn restore(&mut self, from: &Snapshot) {
        for g in 0..self.inst.groups {
            if self.period[g] != NONE {
                self.vacate(g);
                self.leave(g);
            }
        }
        for g in 0..self.inst.groups {
            let p = from.period[g];
            if p == NONE {
                continue;
            }
            self.enter(g, p as usize);
            for &e in self.inst.exams.of(g) {
                let e = e as usize;
                self.put_back(e, p as usize, from.room[e], &from.parts[e]);
            }
        }
    }

    /// The plan as the model knows it.
    pub fn plan(&self) -> Plan {
        plan(self.inst, &self.period, &self.room, &self.parts)
    }

    /// Whether a group may be in a period as far as lists and lengths decide.
    pub fn allowed(&self, g: usize, p: usize) -> bool {
        self.price[g * self.inst.stride + p] < BLOCKED
    }
}

/// Adds the step, times the weight of each neighbour, to its row in the given parts.
#[inline]
fn spread<T: Copy + Into<i32>>(
    price: &mut [i32],
    stride: usize,
    near: &[(u32, i32)],
    parts: [(u32, u32); 2],
    step: &[T],
    weight: impl Fn(i32) -> T,
) {
    let [(a, b), (c, d)] = parts.map(|(x, y)| (x as usize, y as usize));
    let (first, second) = (&step[a..b], &step[c..d]);
    for &(other, w) in near {
        let row = &mut price[other as usize * stride..][..stride];
        add(&mut row[a..b], first, weight(w));
        if c < d {
            add(&mut row[c..d], second, weight(w));
        }
    }
}

#[inline]
fn add<T: Copy + Into<i32>>(row: &mut [i32], step: &[T], w: T) {
    for (x, s) in row.as_chunks_mut::<BLOCK>().0.iter_mut().zip(step.as_chunks::<BLOCK>().0) {
        for k in 0..BLOCK {
            x[k] += w.into() * s[k].into();
        }
    }
}

/// What each group costs in each period of an empty timetable.
fn prices(inst: &Instance<'_>) -> Vec<i32> {
    let mut out = vec![BLOCKED; inst.groups * inst.stride];
    if inst.periods > 0 {
        let rows = out.chunks_exact_mut(inst.stride).zip(inst.fixed.chunks_exact(inst.periods));
        rows.for_each(|(row, fixed)| row[..inst.periods].copy_from_slice(fixed));
    }
    out
}

fn plan(inst: &Instance<'_>, period: &[u16], room: &[u16], parts: &[Vec<(u16, i32)>]) -> Plan {
    let place = |e: usize| {
        let period = period[inst.group_of[e] as usize];
        if period == NONE {
            return None;
        }
        let mut rooms: Vec<u32> = parts[e].iter().map(|x| u32::from(x.0)).collect();
        if room[e] != NONE {
            rooms.push(u32::from(room[e]));
        }
        rooms.sort_unstable();
        Some(Place { period: u32::from(period), rooms })
    };
    (0..room.len()).map(place).collect()
}
