//! A timetable under change: who is where, what it costs, and what each change would cost.
//!
//! `near_cost[g][p]` is what the candidates of group g would pay in period p for the periods their other exams have now,
//! `clashes[g][p]` the number of neighbours of g in p. So a move is judged by two loads, and only a move that is made pays
//! for the update: the rows of the neighbours, in the windows of the two periods.

use super::instance::{BLOCKED, Instance};
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

/// A timetable under change.
pub struct State<'i> {
    /// The problem.
    pub inst: &'i Instance<'i>,
    /// Period of each group or [`NONE`].
    pub period: Vec<u16>,
    /// Groups of each period.
    pub members: Vec<Vec<u32>>,
    position: Vec<u32>,
    near_cost: Vec<i32>,
    clashes: Vec<u16>,
    /// Room of each exam or [`NONE`] (also when split over several).
    pub room: Vec<u16>,
    /// Rooms and seats of exams split over several.
    pub parts: Vec<Vec<(u16, i32)>>,
    /// Free seats (`p * rooms + r`).
    pub free: Vec<i32>,
    /// Free seats of a whole period.
    pub free_all: Vec<i64>,
    /// Exams in a room.
    pub count: Vec<u16>,
    /// Exams in a room that need it alone.
    pub alone: Vec<u16>,
    /// Exams in a room that have others as well.
    pub multi: Vec<u16>,
    pub(super) of_duration: Vec<u16>,
    pub(super) distinct: Vec<u16>,
    /// Exams of a candidate on a day (`candidate * days + day`).
    pub(super) on_day: Vec<u8>,
    /// Exams without place.
    pub unplaced: usize,
    /// Cost.
    pub cost: i64,
    step: Vec<i32>,
}

impl<'i> State<'i> {
    /// A timetable with nothing in it.
    pub fn new(inst: &'i Instance<'i>) -> Self {
        let (g, p, r, n) = (inst.groups, inst.periods, inst.rooms, inst.size.len());
        let mut free = Vec::with_capacity(p * r);
        for x in 0..p {
            free.extend((0..r).map(|y| if inst.closed[x * r + y] { 0 } else { inst.capacity[y] }));
        }
        let free_all = (0..p).map(|x| free[x * r..(x + 1) * r].iter().map(|f| i64::from(*f)).sum()).collect();
        let days = if inst.loads.is_empty() { 0 } else { inst.days * inst.problem.candidates as usize };
        Self {
            inst,
            period: vec![NONE; g],
            members: vec![Vec::new(); p],
            position: vec![0; g],
            near_cost: vec![0; g * p],
            clashes: vec![0; g * p],
            room: vec![NONE; n],
            parts: vec![Vec::new(); n],
            free,
            free_all,
            count: vec![0; p * r],
            alone: vec![0; p * r],
            multi: vec![0; p * r],
            of_duration: vec![0; p * r * inst.durations],
            distinct: vec![0; p * r],
            on_day: vec![0; days],
            unplaced: n,
            cost: 0,
            step: vec![0; p],
        }
    }

    /// What a group costs in a period with all others where they are; [`BLOCKED`] and more where it may not be.
    #[inline]
    pub fn at(&self, g: usize, p: usize) -> i64 {
        let i = g * self.inst.periods + p;
        i64::from(self.inst.fixed[i]) + i64::from(self.near_cost[i])
    }

    /// Number of neighbours of a group in a period.
    #[inline]
    pub fn clashes(&self, g: usize, p: usize) -> usize {
        self.clashes[g * self.inst.periods + p] as usize
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
        let n = self.inst.periods;
        if let Some(p) = from {
            let at = self.position[g] as usize;
            self.members[p].swap_remove(at);
            if let Some(&moved) = self.members[p].get(at) {
                self.position[moved as usize] = at as u32;
            }
        }
        self.period[g] = NONE;
        if let Some(q) = to {
            self.period[g] = q as u16;
            self.position[g] = self.members[q].len() as u32;
            self.members[q].push(g as u32);
        }
        let window = |p: Option<usize>| p.map_or((0, 0), |p| self.inst.window[p]);
        let ((a, b), (c, d)) = (window(from), window(to));
        let (lo, hi) = if a == b {
            (c, d)
        } else if c == d {
            (a, b)
        } else {
            (a.min(c), b.max(d))
        };
        let (lo, hi) = (lo as usize, hi as usize);
        for x in lo..hi {
            let cost = |p: Option<usize>| p.map_or(0, |p| self.inst.pair[p * n + x]);
            self.step[x] = cost(to) - cost(from);
        }
        // Two windows far apart: only they are touched.
        let apart = a != b && c != d && (b < c || d < a);
        let step = &self.step;
        for &(other, w) in self.inst.near.of(g) {
            let i = other as usize * n;
            let clashes = &mut self.clashes[i..i + n];
            if let Some(p) = from {
                clashes[p] -= 1;
            }
            if let Some(q) = to {
                clashes[q] += 1;
            }
            if w == 0 {
                continue;
            }
            let row = &mut self.near_cost[i..i + n];
            if apart {
                add(&mut row[a as usize..b as usize], &step[a as usize..b as usize], w);
                add(&mut row[c as usize..d as usize], &step[c as usize..d as usize], w);
            } else {
                add(&mut row[lo..hi], &step[lo..hi], w);
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
        let place = |e: usize| {
            let period = self.period[self.inst.group_of[e] as usize];
            if period == NONE {
                return None;
            }
            let mut rooms: Vec<u32> = self.parts[e].iter().map(|x| u32::from(x.0)).collect();
            if self.room[e] != NONE {
                rooms.push(u32::from(self.room[e]));
            }
            rooms.sort_unstable();
            Some(Place { period: u32::from(period), rooms })
        };
        (0..self.room.len()).map(place).collect()
    }

    /// Whether a group may be in a period as far as lists and lengths decide.
    pub fn allowed(&self, g: usize, p: usize) -> bool {
        self.inst.fixed[g * self.inst.periods + p] < BLOCKED
    }
}

#[inline]
fn add(row: &mut [i32], step: &[i32], w: i32) {
    for (x, s) in row.iter_mut().zip(step) {
        *x += w * s;
    }
}
