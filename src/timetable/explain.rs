//! Why something cannot be: proofs found before any search, and after it what stands in the way of each exam that has no
//! place or a bad one, with the cheapest relaxation.

mod after;
mod graph;

use std::collections::BTreeSet;

pub use after::{Blocked, Obstacle, blocked};

use super::model::{Problem, Relation};
use super::recount::tied;

/// A proof that no plan can keep all hard rules. Exams are indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No period is long enough or allowed for the exam (or its group).
    NoPeriod(Vec<u32>),
    /// No room suits and holds the exam in any period it may be in.
    NoRoom(u32),
    /// So many exams each clash with all others, but there are only so many periods for them.
    Clique(Vec<u32>, usize),
    /// These exams must be in these periods (a number of them) whose rooms have fewer seats than they need: need, have.
    Seats(Vec<u32>, usize, u64, u64),
    /// Each must be after the next, and the last after the first.
    Cycle(Vec<u32>),
    /// Along this chain each must be after the one before, but there are fewer periods.
    Chain(Vec<u32>, usize),
    /// Exams tied to one period that relations or common fixings pull apart.
    Contradiction(Vec<u32>),
    /// A candidate has so many exams, but days times the limit are fewer.
    Daily(u32, usize, usize),
}

impl Proof {
    /// The exams it names.
    pub fn exams(&self) -> &[u32] {
        match self {
            Self::NoPeriod(l) | Self::Clique(l, _) | Self::Seats(l, ..) | Self::Cycle(l) => l,
            Self::Chain(l, _) | Self::Contradiction(l) => l,
            Self::NoRoom(e) => std::slice::from_ref(e),
            Self::Daily(..) => &[],
        }
    }
}

/// Every proof found; none found does not mean that a plan exists.
pub fn proofs(problem: &Problem) -> Vec<Proof> {
    let mut out = Vec::new();
    let open = open_periods(problem);
    let tied = tied(problem);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); problem.exams.len()];
    for (e, &root) in (0u32..).zip(&tied) {
        groups[root as usize].push(e);
    }
    contradictions(problem, &tied, &groups, &open, &mut out);
    rooms(problem, &open, &mut out);
    graph::orders(problem, &tied, &mut out);
    graph::cliques(problem, &tied, &open, &mut out);
    seats(problem, &open, &mut out);
    if let Some(most) = problem.most_a_day {
        let days: BTreeSet<u32> = problem.periods.iter().map(|p| p.day).collect();
        let most = days.len() * most as usize;
        for (c, exams) in (0u32..).zip(problem.exams_of_candidates()) {
            if exams.len() > most {
                out.push(Proof::Daily(c, exams.len(), most));
            }
        }
    }
    out
}

/// The periods each exam may be in as far as it alone decides.
fn open_periods(problem: &Problem) -> Vec<Vec<bool>> {
    let all = 0..problem.periods.len();
    (0..problem.exams.len()).map(|e| all.clone().map(|p| problem.period_fits(e, p)).collect()).collect()
}

fn contradictions(problem: &Problem, tied: &[u32], groups: &[Vec<u32>], open: &[Vec<bool>], out: &mut Vec<Proof>) {
    for list in groups.iter().filter(|l| !l.is_empty()) {
        let common = (0..problem.periods.len()).any(|p| list.iter().all(|&e| open[e as usize][p]));
        if common {
            continue;
        }
        let alone: Vec<u32> = list.iter().copied().filter(|&e| !open[e as usize].contains(&true)).collect();
        match (alone.is_empty(), list.len()) {
            (true, _) => out.push(Proof::Contradiction(list.clone())),
            (false, _) => out.push(Proof::NoPeriod(alone)),
        }
    }
    for relation in &problem.relations {
        let (a, b) = relation.exams();
        let apart = matches!(relation, Relation::DifferentPeriod(..) | Relation::After(..));
        if apart && tied[a as usize] == tied[b as usize] {
            out.push(Proof::Contradiction(vec![a, b]));
        }
        if let Relation::SameRoom(a, b) = relation {
            let suits = |r: usize| problem.room_suits(*a as usize, r) && problem.room_suits(*b as usize, r);
            if !problem.rooms.is_empty() && !(0..problem.rooms.len()).any(suits) {
                out.push(Proof::Contradiction(vec![*a, *b]));
            }
        }
    }
    // Two fixed into one period that clash there.
    let mut fixed: Vec<Vec<u32>> = vec![Vec::new(); problem.periods.len()];
    for (e, exam) in (0u32..).zip(&problem.exams) {
        if let Some(list) = exam.fixed_period.and_then(|p| fixed.get_mut(p as usize)) {
            list.push(e);
        }
    }
    for list in fixed {
        for (i, &a) in list.iter().enumerate() {
            for &b in &list[i + 1..] {
                if tied[a as usize] != tied[b as usize] && problem.common(a as usize, b as usize) > 0 {
                    out.push(Proof::Contradiction(vec![a, b]));
                }
            }
        }
    }
}

/// Seats an exam could have in a period if it were alone: the largest room, or building where it may be split.
fn largest(problem: &Problem, e: usize, p: usize) -> u64 {
    let exam = &problem.exams[e];
    let fixed_many = exam.fixed_rooms.as_ref().is_some_and(|f| f.len() > 1);
    let open = |r: &usize| problem.room_suits(e, *r) && !problem.rooms[*r].unavailable.contains(&(p as u32));
    let suiting = (0..problem.rooms.len()).filter(open);
    if !exam.split && !fixed_many {
        return suiting.map(|r| u64::from(problem.rooms[r].capacity)).max().unwrap_or(0);
    }
    let mut of: std::collections::BTreeMap<u32, u64> = std::collections::BTreeMap::new();
    for r in suiting {
        let building = if fixed_many { 0 } else { problem.rooms[r].building };
        *of.entry(building).or_default() += u64::from(problem.rooms[r].capacity);
    }
    of.values().copied().max().unwrap_or(0)
}

fn rooms(problem: &Problem, open: &[Vec<bool>], out: &mut Vec<Proof>) {
    if problem.rooms.is_empty() {
        return;
    }
    // Without closed rooms one period is as good as another.
    let any_closed = problem.rooms.iter().any(|r| !r.unavailable.is_empty());
    for (e, exam) in problem.exams.iter().enumerate() {
        let mut periods = (0..problem.periods.len()).filter(|p| open[e][*p]);
        let fits = |p: usize| {
            let most = largest(problem, e, p);
            most >= u64::from(exam.size) && most > 0
        };
        let held = if any_closed { periods.any(fits) } else { periods.next().is_none_or(fits) };
        if !held && open[e].contains(&true) {
            out.push(Proof::NoRoom(e as u32));
        }
    }
}

/// All exams against all periods, and those with the same few periods against these.
fn seats(problem: &Problem, open: &[Vec<bool>], out: &mut Vec<Proof>) {
    if problem.rooms.is_empty() {
        return;
    }
    let have = |p: usize| -> u64 {
        let open = problem.rooms.iter().filter(|r| !r.unavailable.contains(&(p as u32)));
        open.map(|r| u64::from(r.capacity)).sum()
    };
    let have: Vec<u64> = (0..problem.periods.len()).map(have).collect();
    let mut sets: BTreeSet<&Vec<bool>> = open.iter().collect();
    let all = vec![true; problem.periods.len()];
    sets.insert(&all);
    for set in sets.into_iter().take(2000) {
        let inside = |own: &Vec<bool>| own.iter().zip(set).all(|(own, set)| !own || *set);
        let exams: Vec<u32> =
            (0u32..).zip(open).filter(|(_, own)| inside(own) && own.contains(&true)).map(|x| x.0).collect();
        let need: u64 = exams.iter().map(|e| u64::from(problem.exams[*e as usize].size)).sum();
        let seats: u64 = have.iter().zip(set).filter(|(_, s)| **s).map(|(h, _)| h).sum();
        if need > seats && !exams.is_empty() {
            out.push(Proof::Seats(exams, set.iter().filter(|s| **s).count(), need, seats));
        }
    }
}
