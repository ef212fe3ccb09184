//! The first timetable without clashes: hardest first, into the period where the least is in the way; what is in the way
//! goes out, gains weight and may not return to that period at once. (Throwing out at random fails where most seats are
//! used: the weights are what makes it end.)

use super::instance::Instance;
use super::rng::Rng;
use super::state::{NONE, Snapshot, State};

/// What it takes to make room for a group in a period: the groups that must go.
struct Way {
    price: u64,
    out: Vec<u32>,
}

struct Builder<'s, 'i> {
    st: &'s mut State<'i>,
    weight: Vec<u64>,
    tabu: Vec<(u16, u64)>,
    open: Vec<u32>,
    waiting: Vec<u32>,
    hard: Vec<f64>,
    step: u64,
}

/// Fills the timetable as far as it can within `steps` placements; `go` is asked now and then whether to go on. True if
/// everything has a place.
pub fn fill(st: &mut State<'_>, rng: &mut Rng, steps: u64, mut go: impl FnMut() -> bool) -> bool {
    let inst = st.inst;
    let seats: i64 = st.free_all.iter().sum();
    let mean = (seats as f64 / (inst.periods.max(1) as f64)).max(1.0);
    let hard = |g: usize| {
        let size: i64 = inst.exams.of(g).iter().map(|&e| i64::from(inst.size[e as usize])).sum();
        let spread = inst.near.of(g).len() as f64 + 1.0;
        spread + if inst.rooms > 0 { size as f64 / mean * inst.groups as f64 / inst.periods as f64 } else { 0.0 }
    };
    let mut b = Builder {
        weight: vec![1; inst.groups],
        tabu: vec![(NONE, 0); inst.groups],
        open: (0..inst.groups).map(|g| open_periods(st, g)).collect(),
        waiting: (0..inst.groups as u32).filter(|g| st.period[*g as usize] == NONE).collect(),
        hard: (0..inst.groups).map(hard).collect(),
        step: 0,
        st,
    };
    let mut best = Snapshot::default();
    b.st.snapshot(&mut best);
    while !b.waiting.is_empty() && b.step < steps {
        b.step += 1;
        if b.step.is_multiple_of(64) && !go() {
            break;
        }
        let i = b.hardest();
        let g = b.waiting.swap_remove(i) as usize;
        if !b.place(g, rng) {
            // It can be nowhere at all: it stays out for good.
            continue;
        }
        if b.st.unplaced < best.unplaced && (b.step as usize > inst.groups || b.waiting.is_empty()) {
            b.st.snapshot(&mut best);
        }
    }
    if st.unplaced > best.unplaced {
        st.restore(&best);
    }
    st.unplaced == 0
}

fn open_periods(st: &State<'_>, g: usize) -> u32 {
    st.inst.allowed.of(g).iter().filter(|&&p| st.is_clear(g, p as usize)).count() as u32
}

impl Builder<'_, '_> {
    fn hardest(&self) -> usize {
        let key = |&g: &u32| {
            self.weight[g as usize] as f64 * self.hard[g as usize] / f64::from(self.open[g as usize] * 2 + 1)
        };
        let mut best = (f64::MIN, 0);
        for (i, g) in self.waiting.iter().enumerate() {
            let k = key(g);
            if k > best.0 {
                best = (k, i);
            }
        }
        best.1
    }

    /// Counts the open periods of the neighbours anew after a change in `p`: `by` = 1 after leaving.
    fn recount(&mut self, g: usize, p: usize, entered: bool) {
        let inst: &Instance<'_> = self.st.inst;
        for &(n, _) in inst.near.of(g) {
            let n = n as usize;
            let clashes = self.st.clashes(n, p);
            if clashes == usize::from(entered) && self.st.allowed(n, p) {
                if entered {
                    self.open[n] = self.open[n].saturating_sub(1);
                } else {
                    self.open[n] += 1;
                }
            }
        }
    }

    fn throw_out(&mut self, g: usize) {
        let p = self.st.period[g];
        self.st.vacate(g);
        self.st.leave(g);
        self.recount(g, p as usize, false);
        self.weight[g] += 1;
        self.waiting.push(g as u32);
    }

    fn place(&mut self, g: usize, rng: &mut Rng) -> bool {
        let inst = self.st.inst;
        let mut price = vec![0u64; inst.periods];
        for &(n, _) in inst.near.of(g) {
            let q = self.st.period[n as usize];
            if q != NONE {
                price[q as usize] += self.weight[n as usize];
            }
        }
        let mut list: Vec<(u64, i64, u64, usize)> = Vec::new();
        for &p in inst.allowed.of(g) {
            let p = p as usize;
            let mut cost = price[p];
            for &(n, later) in inst.order.of(g) {
                let q = self.st.period[n as usize];
                // A neighbour by order in this very period is counted among the clashes.
                if q != NONE && q as usize != p && (if later { p < q as usize } else { p > q as usize }) {
                    cost += self.weight[n as usize];
                }
            }
            if self.tabu[g].0 as usize == p && self.tabu[g].1 > self.step {
                cost += 1000;
            }
            list.push((cost, self.st.at(g, p), rng.bits(), p));
        }
        list.sort_unstable();
        let mut best: Option<(u64, usize, Way)> = None;
        for &(cost, _, _, p) in &list {
            if best.as_ref().is_some_and(|b| cost >= b.0) {
                break;
            }
            if let Some(way) = self.way(g, p) {
                let total = cost + way.price;
                if best.as_ref().is_none_or(|b| total < b.0) {
                    best = Some((total, p, way));
                }
            }
        }
        let Some((_, p, way)) = best else { return false };
        for n in way.out {
            self.throw_out(n as usize);
            self.tabu[n as usize] = (p as u16, self.step + 5 + rng.below(10) as u64);
        }
        self.st.enter(g, p);
        self.recount(g, p, true);
        let settled = inst.rooms == 0 || inst.exams.of(g).iter().all(|&e| self.st.settle(e as usize, p, None));
        if !settled {
            self.throw_out(g);
            self.tabu[g] = (p as u16, self.step + 10);
        }
        true
    }

    /// The groups that must leave so that g can be in p, with the price of those that rooms alone ask for.
    fn way(&self, g: usize, p: usize) -> Option<Way> {
        let (st, inst) = (&*self.st, self.st.inst);
        let mut out: Vec<u32> = Vec::new();
        if !st.is_clear(g, p) {
            let near = inst.near.of(g).iter().map(|x| x.0);
            out.extend(near.filter(|n| st.period[*n as usize] as usize == p));
        }
        for &(n, later) in inst.order.of(g) {
            let q = st.period[n as usize];
            if q != NONE && (if later { p <= q as usize } else { p >= q as usize }) && !out.contains(&n) {
                out.push(n);
            }
        }
        if inst.rooms == 0 {
            return Some(Way { price: 0, out });
        }
        if out.is_empty()
            && let [e] = *inst.exams.of(g)
            && st.find_room(e as usize, p, None).is_some()
        {
            return Some(Way { price: 0, out });
        }
        self.way_with_rooms(g, p, out)
    }

    fn way_with_rooms(&self, g: usize, p: usize, mut out: Vec<u32>) -> Option<Way> {
        let (st, inst) = (&*self.st, self.st.inst);
        let base = p * inst.rooms;
        let mut free: Vec<i32> = st.cells[base..base + inst.rooms].iter().map(|c| c.free).collect();
        let mut inside: Vec<Vec<(u32, i32)>> = vec![Vec::new(); inst.rooms];
        let put = |n: u32, gone: bool, free: &mut Vec<i32>, inside: &mut Vec<Vec<(u32, i32)>>| {
            for &e in inst.exams.of(n as usize) {
                let whole = (st.room[e as usize] != NONE).then(|| (st.room[e as usize], inst.size[e as usize]));
                for (r, seats) in whole.into_iter().chain(st.parts[e as usize].iter().copied()) {
                    if gone {
                        free[r as usize] += seats;
                    } else {
                        inside[r as usize].push((n, seats));
                    }
                }
            }
        };
        for &n in &st.members[p] {
            let gone = out.contains(&n);
            put(n, gone, &mut free, &mut inside);
        }
        let mut price = 0;
        for &e in inst.exams.of(g) {
            let e = e as usize;
            let size = inst.size[e];
            // Groups to throw out for each room: the lightest until the seats are enough, all if the room must be alone.
            let mut best: Option<(u64, i32, usize, Vec<u32>)> = None;
            for &r in inst.rooms_of.of(e) {
                let r = r as usize;
                if inst.closed[base + r] {
                    continue;
                }
                let guests = &inside[r];
                let alone = inst.exclusive[e]
                    || guests.iter().any(|x| {
                        *x == (g as u32, size)
                            || inst
                                .exams
                                .of(x.0 as usize)
                                .iter()
                                .any(|&o| inst.exclusive[o as usize] && st.room[o as usize] as usize == r)
                    });
                if guests.iter().any(|x| x.0 == g as u32) && alone {
                    continue;
                }
                let (mut have, mut cost, mut go) = (free[r], 0, Vec::new());
                if have < size || (alone && !guests.is_empty()) {
                    let mut order: Vec<(u64, i32, u32)> = guests
                        .iter()
                        .filter(|x| x.0 != g as u32)
                        .map(|x| (self.weight[x.0 as usize], -x.1, x.0))
                        .collect();
                    order.sort_unstable();
                    for (w, seats, n) in order {
                        if have >= size && !alone {
                            break;
                        }
                        have -= seats;
                        if !go.contains(&n) {
                            go.push(n);
                            cost += w;
                        }
                    }
                }
                if have >= size && best.as_ref().is_none_or(|b| (cost, have) < (b.0, b.1)) {
                    best = Some((cost, have, r, go));
                }
            }
            let Some((cost, _, r, go)) = best else {
                // A split exam: its seats are looked for when it is placed; in the way is nobody in particular.
                if inst.split[e] {
                    continue;
                }
                return None;
            };
            price += cost;
            for n in go {
                out.push(n);
                inside.iter_mut().for_each(|l| l.retain(|x| x.0 != n));
                put(n, true, &mut free, &mut inside);
            }
            free[r] -= size;
            inside[r].push((g as u32, size));
        }
        Some(Way { price, out })
    }
}
