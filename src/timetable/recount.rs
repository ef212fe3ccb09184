//! The independent score of a plan: every hard rule and every criterion counted from the model alone, without any of the
//! tables or counters of the search. `timetable score` prints it and the tests hold the search against it.

use std::collections::BTreeMap;
use std::fmt;

use super::criteria::LoadRule;
use super::model::{Plan, Problem, Relation};

/// A hard rule that a plan breaks. Exams, periods and rooms are indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An exam has no place.
    Unplaced(u32),
    /// Two exams with so many common candidates are in one period.
    Clash(u32, u32, u32),
    /// More seats are used in a period (first) and room (second) than there are: used, capacity.
    Overfull(u32, u32, u64, u32),
    /// An exam takes so many minutes (third) in a period (second) that is shorter (fourth).
    TooLong(u32, u32, u32, u32),
    /// A relation does not hold.
    Broken(Relation),
    /// An exam that needs its room alone shares it with the other.
    Shared(u32, u32),
    /// An exam is in a period that is not on its list.
    Period(u32, u32),
    /// An exam is in a room that does not suit it: list, feature, site, access.
    Room(u32, u32),
    /// An exam is not where it is fixed.
    Fixed(u32),
    /// A room is used in a period in which it is unavailable: exam, room, period.
    Closed(u32, u32, u32),
    /// An exam has no room, or several without being allowed to, or rooms in several buildings.
    Rooms(u32),
    /// Candidates have more exams in a day than allowed: so many exams too many in all.
    Daily(i64),
}

impl Violation {
    /// How much it counts: 1, but each exam too many for [`Violation::Daily`].
    pub fn counts(&self) -> i64 {
        if let Self::Daily(n) = self { *n } else { 1 }
    }
}

/// The score of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Everything hard that is broken.
    pub violations: Vec<Violation>,
    /// Cost by criterion, in the problem's order.
    pub criteria: Vec<(&'static str, i64)>,
}

impl Score {
    /// Distance to feasibility.
    pub fn hard(&self) -> i64 {
        self.violations.iter().map(Violation::counts).sum()
    }

    /// Soft cost, raw.
    pub fn soft(&self) -> i64 {
        self.criteria.iter().map(|(_, n)| n).sum()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hard {} soft {}", self.hard(), self.soft())?;
        self.criteria.iter().try_for_each(|(k, n)| write!(f, " {k} {n}"))
    }
}

/// Scores a plan. Its indexes must be inside the problem (the readers see to that); its length may not differ.
pub fn score(problem: &Problem, plan: &Plan) -> Score {
    let mut v = Vec::new();
    for (e, place) in (0u32..).zip(plan) {
        if place.is_none() {
            v.push(Violation::Unplaced(e));
        }
    }
    clashes(problem, plan, &mut v);
    alone(problem, plan, &mut v);
    rooms(problem, plan, &mut v);
    relations(problem, plan, &mut v);
    if let Some(most) = problem.most_a_day {
        let n = LoadRule { days: 1, most, weight: 1 }.too_many(problem, plan);
        if n > 0 {
            v.push(Violation::Daily(n));
        }
    }
    Score { violations: v, criteria: problem.criteria.iter().map(|c| (c.key(), c.count(problem, plan))).collect() }
}

fn clashes(problem: &Problem, plan: &Plan, v: &mut Vec<Violation>) {
    // A pair tied by SamePeriod that shares candidates is exempt (ITC-2007).
    let mut pairs: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for exams in problem.exams_of_candidates() {
        for (i, &a) in exams.iter().enumerate() {
            for &b in &exams[i + 1..] {
                if let (Some(x), Some(y)) = (&plan[a as usize], &plan[b as usize])
                    && x.period == y.period
                {
                    *pairs.entry((a, b)).or_default() += 1;
                }
            }
        }
    }
    if pairs.is_empty() {
        return;
    }
    let tied = tied(problem);
    let apart = pairs.into_iter().filter(|((a, b), _)| tied[*a as usize] != tied[*b as usize]);
    v.extend(apart.map(|((a, b), n)| Violation::Clash(a, b, n)));
}

/// For each exam the smallest exam that it is tied to by same-period relations, directly or through others.
pub(super) fn tied(problem: &Problem) -> Vec<u32> {
    let mut to: Vec<u32> = (0..problem.exams.len() as u32).collect();
    fn root(to: &mut [u32], mut a: u32) -> u32 {
        while to[a as usize] != a {
            to[a as usize] = to[to[a as usize] as usize];
            a = to[a as usize];
        }
        a
    }
    for relation in &problem.relations {
        if let Relation::SamePeriod(a, b) = *relation {
            let (a, b) = (root(&mut to, a), root(&mut to, b));
            to[a.max(b) as usize] = a.min(b);
        }
    }
    (0..to.len() as u32).map(|a| root(&mut to, a)).collect()
}

fn alone(problem: &Problem, plan: &Plan, v: &mut Vec<Violation>) {
    for (e, (exam, place)) in (0u32..).zip(problem.exams.iter().zip(plan)) {
        let Some(place) = place else { continue };
        let period = &problem.periods[place.period as usize];
        let need = exam.minutes.saturating_add(exam.extra);
        if need > period.minutes {
            v.push(Violation::TooLong(e, place.period, need, period.minutes));
        }
        if exam.periods.as_ref().is_some_and(|l| !l.contains(&place.period)) {
            v.push(Violation::Period(e, place.period));
        }
        let room_fixed = exam.fixed_rooms.as_ref().is_some_and(|f| *f != place.rooms);
        if exam.fixed_period.is_some_and(|f| f != place.period) || room_fixed {
            v.push(Violation::Fixed(e));
        }
        if problem.rooms.is_empty() {
            continue;
        }
        let building = |r: &u32| problem.rooms[*r as usize].building;
        let one_building = place.rooms.windows(2).all(|w| building(&w[0]) == building(&w[1]));
        let many = place.rooms.len() > 1 && !exam.split && exam.fixed_rooms.as_ref().is_none_or(|f| f.len() < 2);
        if place.rooms.is_empty() || many || (exam.fixed_rooms.is_none() && !one_building) {
            v.push(Violation::Rooms(e));
        }
        for &r in &place.rooms {
            let room = &problem.rooms[r as usize];
            let list = exam.rooms.as_ref().is_some_and(|l| !l.contains(&r));
            let lacks = exam.features.iter().any(|f| !room.features.contains(f));
            if list || lacks || exam.site.is_some_and(|s| room.site != Some(s)) || (exam.accessible && !room.accessible)
            {
                v.push(Violation::Room(e, r));
            }
            if room.unavailable.contains(&place.period) {
                v.push(Violation::Closed(e, r, place.period));
            }
        }
    }
}

/// Capacity and sharing. Split exams fill what the others leave: a room's seats are enough if for each split exam the free
/// seats of its rooms can hold it, counted in the order of the exams, first rooms first.
fn rooms(problem: &Problem, plan: &Plan, v: &mut Vec<Violation>) {
    let mut in_room: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
    for (e, place) in (0u32..).zip(plan) {
        for (place, &r) in place.iter().flat_map(|x| x.rooms.iter().map(move |r| (x, r))) {
            in_room.entry((place.period, r)).or_default().push(e);
        }
    }
    let whole = |e: u32| plan[e as usize].as_ref().is_some_and(|x| x.rooms.len() == 1);
    let mut free: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for (&(p, r), exams) in &in_room {
        let used: u64 = exams.iter().filter(|e| whole(**e)).map(|e| u64::from(problem.exams[*e as usize].size)).sum();
        let capacity = problem.rooms[r as usize].capacity;
        if used > u64::from(capacity) {
            v.push(Violation::Overfull(p, r, used, capacity));
        }
        free.insert((p, r), u64::from(capacity).saturating_sub(used));
        for &a in exams.iter().filter(|e| problem.exams[**e as usize].exclusive) {
            // Two exclusive exams of one room are one violation by the first and one by the second, as both are disturbed.
            if let Some(&b) = exams.iter().find(|b| **b != a) {
                v.push(Violation::Shared(a, b));
            }
        }
    }
    for (e, place) in (0u32..).zip(plan) {
        let Some(place) = place.as_ref().filter(|x| x.rooms.len() > 1) else { continue };
        let mut left = u64::from(problem.exams[e as usize].size);
        for &r in &place.rooms {
            if let Some(f) = free.get_mut(&(place.period, r)) {
                let take = left.min(*f);
                *f -= take;
                left -= take;
            }
        }
        if left > 0 {
            let r = place.rooms[0];
            let capacity = problem.rooms[r as usize].capacity;
            v.push(Violation::Overfull(place.period, r, u64::from(capacity) + left, capacity));
        }
    }
}

fn relations(problem: &Problem, plan: &Plan, v: &mut Vec<Violation>) {
    for relation in &problem.relations {
        let (a, b) = relation.exams();
        let (Some(x), Some(y)) = (&plan[a as usize], &plan[b as usize]) else { continue };
        let holds = match relation {
            Relation::SamePeriod(..) => x.period == y.period,
            Relation::DifferentPeriod(..) => x.period != y.period,
            Relation::After(..) => x.period > y.period,
            Relation::SameRoom(..) => x.rooms == y.rooms,
        };
        if !holds {
            v.push(Violation::Broken(*relation));
        }
    }
}
