//! Rooms inside a period: what an exam would cost in a room, taking and leaving rooms, and finding rooms for an exam that
//! arrives: the cheapest, then the one that fits most tightly. A full period is what makes most moves impossible, so the
//! tight fit matters as much as the cost.

use super::instance::{BLOCKED, BROKEN};
use super::rng::Rng;
use super::state::{NONE, State};

/// Rooms with the seats taken in each.
type Parts = Vec<(u16, i32)>;

impl State<'_> {
    /// Whether a room has what an exam needs in a period: seats, and nobody who may not share.
    #[inline]
    pub fn room_open(&self, e: usize, p: usize, r: usize) -> bool {
        let cell = &self.cells[p * self.inst.rooms + r];
        cell.free >= self.inst.size[e] && cell.alone == 0 && !(self.inst.exclusive[e] && cell.count > 0)
    }

    /// What an exam that is not there would cost in a room: the room, a further duration, and the pairs with other rooms.
    #[inline]
    pub fn room_price(&self, e: usize, p: usize, r: usize) -> i64 {
        let at = p * self.inst.rooms + r;
        let mut cost = i64::from(self.inst.room_cost[e * self.inst.rooms + r]);
        if self.inst.mixed > 0
            && self.cells[at].distinct > 0
            && self.of_duration[at * self.inst.durations + self.inst.duration[e] as usize] == 0
        {
            cost += i64::from(self.inst.mixed);
        }
        cost
    }

    /// What an exam costs now in its room, as far as it alone decides.
    #[inline]
    pub fn price_now(&self, e: usize, p: usize, r: usize) -> i64 {
        let at = p * self.inst.rooms + r;
        let mut cost = i64::from(self.inst.room_cost[e * self.inst.rooms + r]);
        if self.inst.mixed > 0
            && self.cells[at].distinct > 1
            && self.of_duration[at * self.inst.durations + self.inst.duration[e] as usize] == 1
        {
            cost += i64::from(self.inst.mixed);
        }
        cost
    }

    /// Costs between this exam in its first room and others in theirs: same-room relations and ways between sites.
    fn pairs_price(&self, e: usize, p: usize, r: u16) -> i64 {
        let inst = self.inst;
        let first = |x: usize| self.parts[x].iter().map(|part| part.0).min().unwrap_or(self.room[x]);
        let mut cost = 0;
        for &other in inst.partners.of(e) {
            let o = first(other as usize);
            if o != NONE && o != r {
                cost += BROKEN;
            }
        }
        let Some(site) = inst.problem.rooms[r as usize].site.filter(|_| inst.ways > 0) else { return cost };
        let sites = inst.problem.sites.len();
        let exam = &inst.problem.exams[e];
        for &(g, w) in inst.near.of(inst.group_of[e] as usize) {
            let q = self.period[g as usize];
            let next = w > 0 && q != NONE && (q as usize).abs_diff(p) == 1;
            if !next || inst.problem.periods[p].day != inst.problem.periods[q as usize].day {
                continue;
            }
            for &o in inst.exams.of(g as usize) {
                let room = first(o as usize);
                if room == NONE {
                    continue;
                }
                if let Some(s) = inst.problem.rooms[room as usize].site
                    && s != site
                {
                    let way = inst.problem.ways[site as usize * sites + s as usize];
                    let (a, b) = (inst.problem.common(e, o as usize), i64::from(way));
                    debug_assert!(!exam.candidates.is_empty() || a == 0);
                    cost += i64::from(a) * b * inst.ways;
                }
            }
        }
        cost
    }

    /// Whether rooms of different exams cost together, so that prices of single rooms are not the whole truth.
    #[inline]
    pub fn rooms_tied(&self, e: usize) -> bool {
        self.inst.ways > 0 || !self.inst.partners.of(e).is_empty()
    }

    fn occupy(&mut self, e: usize, at: usize, seats: i32) {
        self.free_all[at / self.inst.rooms] -= i64::from(seats);
        let cell = &mut self.cells[at];
        cell.free -= seats;
        cell.count += 1;
        cell.alone += u16::from(self.inst.exclusive[e]);
        let d = &mut self.of_duration[at * self.inst.durations + self.inst.duration[e] as usize];
        *d += 1;
        cell.distinct += u16::from(*d == 1);
    }

    fn release(&mut self, e: usize, at: usize, seats: i32) {
        self.free_all[at / self.inst.rooms] += i64::from(seats);
        let cell = &mut self.cells[at];
        cell.free += seats;
        cell.count -= 1;
        cell.alone -= u16::from(self.inst.exclusive[e]);
        let d = &mut self.of_duration[at * self.inst.durations + self.inst.duration[e] as usize];
        *d -= 1;
        cell.distinct -= u16::from(*d == 0);
    }

    /// Puts an exam into a room and counts the cost.
    pub fn take(&mut self, e: usize, p: usize, r: usize) {
        self.cost += self.room_price(e, p, r);
        if self.rooms_tied(e) {
            self.cost += self.pairs_price(e, p, r as u16);
        }
        self.occupy(e, p * self.inst.rooms + r, self.inst.size[e]);
        self.room[e] = r as u16;
    }

    fn take_parts(&mut self, e: usize, p: usize, parts: Vec<(u16, i32)>) {
        for &(r, seats) in &parts {
            self.cost += self.room_price(e, p, r as usize);
            let at = p * self.inst.rooms + r as usize;
            self.occupy(e, at, seats);
            self.cells[at].multi += 1;
        }
        if self.rooms_tied(e)
            && let Some(first) = parts.iter().map(|x| x.0).min()
        {
            self.cost += self.pairs_price(e, p, first);
        }
        self.parts[e] = parts;
    }

    /// Takes an exam out of its rooms in a period.
    pub fn give_up(&mut self, e: usize, p: usize) {
        if self.room[e] != NONE {
            let r = std::mem::replace(&mut self.room[e], NONE);
            self.release(e, p * self.inst.rooms + r as usize, self.inst.size[e]);
            self.cost -= self.room_price(e, p, r as usize);
            if self.rooms_tied(e) {
                self.cost -= self.pairs_price(e, p, r);
            }
        } else if !self.parts[e].is_empty() {
            let parts = std::mem::take(&mut self.parts[e]);
            for &(r, seats) in parts.iter().rev() {
                let at = p * self.inst.rooms + r as usize;
                self.release(e, at, seats);
                self.cells[at].multi -= 1;
                self.cost -= self.room_price(e, p, r as usize);
            }
            if self.rooms_tied(e)
                && let Some(first) = parts.iter().map(|x| x.0).min()
            {
                self.cost -= self.pairs_price(e, p, first);
            }
        }
    }

    /// Puts an exam back where it was.
    pub fn put_back(&mut self, e: usize, p: usize, room: u16, parts: &[(u16, i32)]) {
        if room != NONE {
            self.take(e, p, room as usize);
        } else if !parts.is_empty() {
            self.take_parts(e, p, parts.to_vec());
        }
    }

    /// Takes all exams of a group out of their rooms.
    pub fn vacate(&mut self, g: usize) {
        let p = self.period[g];
        if p != NONE {
            for &e in self.inst.exams.of(g) {
                self.give_up(e as usize, p as usize);
            }
        }
    }

    /// The room for an exam in a period: cheapest, then tightest; `any` = take the first cheapest met from a random start
    /// instead of the tightest. None where no single room is open.
    #[inline]
    pub fn find_room(&self, e: usize, p: usize, rng: Option<&mut Rng>) -> Option<usize> {
        let inst = self.inst;
        let cells = &self.cells[p * inst.rooms..][..inst.rooms];
        let costs = &inst.room_cost[e * inst.rooms..][..inst.rooms];
        let (size, exclusive, tied) = (inst.size[e], inst.exclusive[e], self.rooms_tied(e));
        let mut best: Option<(i64, i32, usize)> = None;
        let mut equals = 0usize;
        let mut rng = rng;
        for &r in inst.rooms_of.of(e) {
            let r = r as usize;
            if best.is_some_and(|b| i64::from(costs[r]) > b.0) {
                break;
            }
            let cell = &cells[r];
            if cell.free < size || cell.alone > 0 || exclusive && cell.count > 0 {
                continue;
            }
            let mut price = self.room_price(e, p, r);
            if tied {
                price += self.pairs_price(e, p, r as u16);
            }
            let better = match (&mut rng, best) {
                (_, None) => true,
                (_, Some(b)) if price != b.0 => price < b.0,
                (Some(rng), Some(_)) => {
                    equals += 1;
                    rng.below(equals + 1) == 0
                }
                (None, Some(b)) => cell.free < b.1,
            };
            if better {
                if best.is_none_or(|b| price < b.0) {
                    equals = 0;
                }
                best = Some((price, cell.free, r));
            }
        }
        best.map(|b| b.2)
    }

    /// Finds and takes rooms for an exam; false where there are none.
    pub fn settle(&mut self, e: usize, p: usize, rng: Option<&mut Rng>) -> bool {
        if let Some(r) = self.find_room(e, p, rng) {
            self.take(e, p, r);
            return true;
        }
        if !self.inst.split[e] {
            return false;
        }
        match self.find_parts(e, p) {
            Some(parts) => {
                self.take_parts(e, p, parts);
                true
            }
            None => false,
        }
    }

    /// Rooms of one building for an exam that fits none whole: the fewest, then the cheapest. A room takes part in one such
    /// exam at a time.
    fn find_parts(&self, e: usize, p: usize) -> Option<Vec<(u16, i32)>> {
        let inst = self.inst;
        let fixed = inst.problem.exams[e].fixed_rooms.as_deref();
        let mut open: Vec<(u32, i32, u16)> = Vec::new();
        for r in 0..inst.rooms {
            let at = p * inst.rooms + r;
            let cell = &self.cells[at];
            let suits = inst.room_cost[e * inst.rooms + r] < BLOCKED;
            let shares = cell.alone == 0 && cell.multi == 0 && !(inst.exclusive[e] && cell.count > 0);
            if suits && shares && cell.free > 0 {
                let building = if fixed.is_some() { 0 } else { inst.problem.rooms[r].building };
                open.push((building, -cell.free, r as u16));
            }
        }
        open.sort_unstable();
        let mut best: Option<(usize, i64, Parts)> = None;
        for building in open.chunk_by(|a, b| a.0 == b.0) {
            let (mut left, mut cost, mut parts) = (inst.size[e], 0, Vec::new());
            for &(_, free, r) in building {
                if left <= 0 && fixed.is_none() {
                    break;
                }
                let seats = left.min(-free);
                left -= seats;
                cost += self.room_price(e, p, r as usize);
                parts.push((r, seats));
            }
            let fixed_ok = fixed.is_none_or(|f| f.len() == parts.len());
            if left <= 0 && fixed_ok && best.as_ref().is_none_or(|b| (parts.len(), cost) < (b.0, b.1)) {
                best = Some((parts.len(), cost, parts));
            }
        }
        best.map(|b| b.2)
    }
}
