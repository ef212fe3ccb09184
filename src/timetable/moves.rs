//! The moves. Each is judged against a threshold that the annealing draws first, so that most proposals end after two loads.
//!
//! * **Chain** (Kempe closure): a group goes from period p to q, its neighbours in q go to p, their neighbours in p go to q,
//!   and so on; what results has no clash again. A group without neighbours in q is the usual case, a chain of one. Without
//!   chains dense timetables are frozen: hardly any group has a free period.
//! * **Swap**: a chain grown from two groups of two periods. It exchanges exams of equal size when no seat is free.
//! * **Room**: an exam changes its room. **Room swap**: two exams of a period exchange theirs.
//! * **Insert**: a group without a place gets one.

mod chain;

use super::instance::{BLOCKED, Instance};
use super::rng::Rng;
use super::state::{NONE, State};

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Nothing changed.
    No,
    /// The timetable changed and its cost by so much.
    Yes(i64),
}

/// A split exam's rooms or a whole exam's room, to put back.
type Was = (u32, u16, u16, Vec<(u16, i32)>);

/// Room for the work of a move, used again and again.
pub struct Mover {
    chain: Vec<u32>,
    /// Number of `chain` entries that start in p, by flag.
    from_p: Vec<bool>,
    /// Members of `chain` as bits.
    mark: Vec<u64>,
    was: Vec<Was>,
    order: Vec<(i32, u32, u16)>,
    seats: Vec<i64>,
    one: Vec<bool>,
    tied: bool,
    /// Longest chain of the proposal at hand.
    most: usize,
}

impl Mover {
    /// For an instance.
    pub fn new(inst: &Instance<'_>) -> Self {
        let seats = |g: usize| inst.exams.of(g).iter().map(|&e| i64::from(inst.size[e as usize])).sum();
        Self {
            chain: Vec::new(),
            from_p: Vec::new(),
            mark: vec![0; inst.groups.div_ceil(64)],
            was: Vec::new(),
            order: Vec::new(),
            seats: (0..inst.groups).map(seats).collect(),
            one: (0..inst.groups).map(|g| matches!(inst.exams.of(g), [e] if !inst.split[*e as usize])).collect(),
            most: 0,
            tied: inst.ways > 0 || !inst.partners.all().is_empty(),
        }
    }

    /// Limits of candidates and rooms for the chain; makes the move if all in all it is at most `threshold`.
    fn finish(&mut self, st: &mut State<'_>, p: usize, q: usize, delta: i64, threshold: i64, rng: &mut Rng) -> Made {
        let inst = st.inst;
        if inst.rooms > 0 {
            let mut more = 0;
            for (&g, &here) in self.chain.iter().zip(&self.from_p) {
                more += if here { self.seats[g as usize] } else { -self.seats[g as usize] };
            }
            if st.free_all[q] < more || st.free_all[p] < -more {
                return Made::No;
            }
        }
        let limits = if inst.loads.is_empty() { 0 } else { self.people(st, p, q, 1) };
        let delta = delta + limits;
        if delta > threshold {
            self.people(st, p, q, -1);
            return Made::No;
        }
        let rooms = if inst.rooms == 0 {
            Some(0)
        } else if self.chain.len() == 1 && self.one[self.chain[0] as usize] && !self.tied {
            self.one_room(st, p, q, threshold - delta, rng)
        } else {
            self.rooms(st, p, q, threshold - delta, rng)
        };
        let Some(rooms) = rooms else {
            if limits != 0 || !inst.loads.is_empty() {
                self.people(st, p, q, -1);
            }
            return Made::No;
        };
        for i in 0..self.chain.len() {
            let (from, to) = if self.from_p[i] { (p, q) } else { (q, p) };
            st.shift(self.chain[i] as usize, Some(from), Some(to));
        }
        st.cost += delta;
        Made::Yes(delta + rooms)
    }

    fn people(&mut self, st: &mut State<'_>, p: usize, q: usize, by: i64) -> i64 {
        if st.inst.loads.is_empty() {
            return 0;
        }
        let (p, q) = if by > 0 { (p, q) } else { (q, p) };
        let mut cost = 0;
        for (&g, &here) in self.chain.iter().zip(&self.from_p) {
            cost += st.people(g as usize, if here { p } else { q }, -1);
        }
        for (&g, &here) in self.chain.iter().zip(&self.from_p) {
            cost += st.people(g as usize, if here { q } else { p }, 1);
        }
        cost
    }

    /// The usual case: one exam, a room looked for before anything is touched.
    fn one_room(&mut self, st: &mut State<'_>, p: usize, q: usize, most: i64, rng: &mut Rng) -> Option<i64> {
        let e = st.inst.exams.of(self.chain[0] as usize)[0] as usize;
        let random = rng.below(4) == 0;
        let r = st.find_room(e, q, random.then_some(rng))?;
        let old = st.room[e];
        let delta = st.room_price(e, q, r) - st.price_now(e, p, old as usize);
        if delta > most {
            return None;
        }
        st.give_up(e, p);
        st.take(e, q, r);
        Some(delta)
    }

    fn rooms(&mut self, st: &mut State<'_>, p: usize, q: usize, most: i64, rng: &mut Rng) -> Option<i64> {
        let inst = st.inst;
        let before = st.cost;
        self.was.clear();
        self.order.clear();
        for (&g, &here) in self.chain.iter().zip(&self.from_p) {
            let (from, to) = if here { (p, q) } else { (q, p) };
            for &e in inst.exams.of(g as usize) {
                let parts = st.parts[e as usize].clone();
                self.was.push((e, st.room[e as usize], from as u16, parts));
                self.order.push((-inst.size[e as usize], e, to as u16));
                st.give_up(e as usize, from);
            }
        }
        // Prices between rooms look at periods, so these are the new ones from here on.
        for (&g, &here) in self.chain.iter().zip(&self.from_p) {
            st.period[g as usize] = if here { q } else { p } as u16;
        }
        self.order.sort_unstable();
        let mut settled = 0;
        let mut good = true;
        for &(_, e, to) in &self.order {
            let random = rng.below(4) == 0;
            if !st.settle(e as usize, to as usize, random.then_some(rng)) {
                good = false;
                break;
            }
            settled += 1;
        }
        let delta = st.cost - before;
        if good && delta <= most {
            return Some(delta);
        }
        for &(_, e, to) in &self.order[..settled] {
            st.give_up(e as usize, to as usize);
        }
        for (&g, &here) in self.chain.iter().zip(&self.from_p) {
            st.period[g as usize] = if here { p } else { q } as u16;
        }
        for (e, room, from, parts) in &self.was {
            st.put_back(*e as usize, *from as usize, *room, parts);
        }
        None
    }

    /// An exam to a random room of its period that suits it.
    pub fn room(&mut self, st: &mut State<'_>, e: usize, threshold: i64, rng: &mut Rng) -> Made {
        let inst = st.inst;
        let (p, old) = (st.period[inst.group_of[e] as usize], st.room[e]);
        let list = inst.rooms_of.of(e);
        if p == NONE || old == NONE || list.len() < 2 {
            return Made::No;
        }
        let p = p as usize;
        let r = list[rng.below(list.len())] as usize;
        if r == old as usize || !st.room_open(e, p, r) {
            return Made::No;
        }
        if !st.rooms_tied(e) {
            let delta = st.room_price(e, p, r) - st.price_now(e, p, old as usize);
            if delta > threshold {
                return Made::No;
            }
        }
        let before = st.cost;
        st.give_up(e, p);
        st.take(e, p, r);
        let delta = st.cost - before;
        if delta <= threshold {
            return Made::Yes(delta);
        }
        st.give_up(e, p);
        st.take(e, p, old as usize);
        Made::No
    }

    /// Two exams of a period exchange their rooms.
    pub fn room_swap(&mut self, st: &mut State<'_>, e: usize, threshold: i64, rng: &mut Rng) -> Made {
        let inst = st.inst;
        let (p, a) = (st.period[inst.group_of[e] as usize], st.room[e]);
        if p == NONE || a == NONE {
            return Made::No;
        }
        let p = p as usize;
        let other = st.members[p][rng.below(st.members[p].len())] as usize;
        let list = inst.exams.of(other);
        let f = list[rng.below(list.len())] as usize;
        let b = st.room[f];
        if f == e || b == NONE || a == b {
            return Made::No;
        }
        let (a, b) = (a as usize, b as usize);
        let cost = |x: usize, r: usize| inst.room_cost[x * inst.rooms + r];
        let (at_a, at_b) = (p * inst.rooms + a, p * inst.rooms + b);
        if cost(e, b) >= BLOCKED
            || cost(f, a) >= BLOCKED
            || st.cells[at_b].free + inst.size[f] < inst.size[e]
            || st.cells[at_a].free + inst.size[e] < inst.size[f]
        {
            return Made::No;
        }
        let before = st.cost;
        st.give_up(e, p);
        st.give_up(f, p);
        if st.room_open(e, p, b) && st.room_open(f, p, a) {
            st.take(e, p, b);
            st.take(f, p, a);
            let delta = st.cost - before;
            if delta <= threshold {
                return Made::Yes(delta);
            }
            st.give_up(e, p);
            st.give_up(f, p);
        }
        st.take(e, p, a);
        st.take(f, p, b);
        Made::No
    }

    /// A group without a place to a period where nobody is in its way.
    pub fn insert(&mut self, st: &mut State<'_>, g: usize, q: usize) -> bool {
        let inst = st.inst;
        if st.period[g] != NONE || !st.allowed(g, q) || !st.is_clear(g, q) || !st.in_order(g, q, |x| st.period[x]) {
            return false;
        }
        st.enter(g, q);
        if inst.rooms > 0 {
            for &e in inst.exams.of(g) {
                if !st.settle(e as usize, q, None) {
                    st.vacate(g);
                    st.leave(g);
                    return false;
                }
            }
        }
        true
    }
}
