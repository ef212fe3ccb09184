//! What stands in the way of an exam in a given plan, period by period, and the cheapest relaxation.

use crate::timetable::model::{Plan, Problem, Relation};
use crate::timetable::recount::tied;

/// Why an exam is not in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// These exams share so many candidates with it.
    Clash(Vec<u32>, u32),
    /// The order to these exams would break.
    Order(Vec<u32>),
    /// No suitable room has the seats: the largest free number.
    Seats(u32, u32),
}

/// What blocks an exam that has no place or a bad one.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// The exam.
    pub exam: u32,
    /// Its soft cost share by pairs now (0 for unplaced).
    pub cost: i64,
    /// What is in the way in each period it may be in.
    pub periods: Vec<(u32, Vec<Obstacle>)>,
    /// Whether it has no place at all.
    pub unplaced: bool,
}

impl Blocked {
    /// The period with the least in its way: by candidates that would have to sit twice, then seats short.
    pub fn cheapest(&self) -> Option<&(u32, Vec<Obstacle>)> {
        self.periods.iter().min_by_key(|(_, o)| {
            let order = o.iter().filter(|x| matches!(x, Obstacle::Order(_))).count();
            let clash: u32 = o.iter().map(|x| if let Obstacle::Clash(_, n) = x { *n } else { 0 }).sum();
            let short: u32 = o.iter().map(|x| if let Obstacle::Seats(n, have) = x { n - have } else { 0 }).sum();
            (order, clash, short)
        })
    }
}

/// Every exam without place, and the `worst` placed ones by what the pairs they are in cost.
pub fn blocked(problem: &Problem, plan: &Plan, worst: usize) -> Vec<Blocked> {
    let tied = tied(problem);
    let mut tables = crate::timetable::criteria::Tables::new(problem);
    problem.criteria.iter().for_each(|c| c.compile(problem, &mut tables));
    let n = problem.periods.len();
    let mut cost = vec![0i64; problem.exams.len()];
    for exams in problem.exams_of_candidates() {
        for (i, &a) in exams.iter().enumerate() {
            for &b in &exams[i + 1..] {
                if let (Some(x), Some(y)) = (&plan[a as usize], &plan[b as usize]) {
                    let c = tables.pair[x.period as usize * n + y.period as usize];
                    cost[a as usize] += c;
                    cost[b as usize] += c;
                }
            }
        }
    }
    for (e, place) in plan.iter().enumerate() {
        if let Some(x) = place {
            cost[e] += tables.period[e * n + x.period as usize];
        }
    }
    let mut list: Vec<usize> = (0..plan.len()).filter(|&e| plan[e].is_none()).collect();
    let mut placed: Vec<usize> = (0..plan.len()).filter(|&e| plan[e].is_some() && cost[e] > 0).collect();
    placed.sort_by_key(|&e| (std::cmp::Reverse(cost[e]), e));
    list.extend(placed.into_iter().take(worst));
    let one = |e: usize| Blocked {
        exam: e as u32,
        cost: cost[e],
        unplaced: plan[e].is_none(),
        periods: (0..n)
            .filter(|&p| problem.period_fits(e, p) && plan[e].as_ref().is_none_or(|x| x.period as usize != p))
            .map(|p| (p as u32, obstacles(problem, plan, &tied, e, p)))
            .collect(),
    };
    list.into_iter().map(one).collect()
}

fn obstacles(problem: &Problem, plan: &Plan, tied: &[u32], e: usize, p: usize) -> Vec<Obstacle> {
    let mut out = Vec::new();
    let here: Vec<usize> =
        (0..plan.len()).filter(|&x| x != e && plan[x].as_ref().is_some_and(|y| y.period as usize == p)).collect();
    let (mut clash, mut common) = (Vec::new(), 0);
    for &x in here.iter().filter(|x| tied[**x] != tied[e]) {
        let n = problem.common(e, x);
        if n > 0 {
            clash.push(x as u32);
            common += n;
        }
    }
    if !clash.is_empty() {
        out.push(Obstacle::Clash(clash, common));
    }
    let mut order = Vec::new();
    for relation in &problem.relations {
        let (a, b) = relation.exams();
        let other = if a as usize == e {
            b
        } else if b as usize == e {
            a
        } else {
            continue;
        };
        let Some(q) = plan[other as usize].as_ref().map(|x| x.period as usize) else { continue };
        let holds = match relation {
            Relation::SamePeriod(..) => q == p,
            Relation::DifferentPeriod(..) => q != p,
            Relation::After(a, _) => {
                if *a as usize == e {
                    p > q
                } else {
                    q > p
                }
            }
            Relation::SameRoom(..) => true,
        };
        if !holds {
            order.push(other);
        }
    }
    if !order.is_empty() {
        out.push(Obstacle::Order(order));
    }
    if !problem.rooms.is_empty() {
        let free = |r: usize| {
            let uses = |x: &&usize| plan[**x].as_ref().is_some_and(|y| y.rooms.contains(&(r as u32)));
            let guests: Vec<&usize> = here.iter().filter(uses).collect();
            let alone = guests.iter().any(|x| problem.exams[**x].exclusive);
            if alone || (problem.exams[e].exclusive && !guests.is_empty()) {
                return 0;
            }
            let used: u32 = guests.iter().map(|x| problem.exams[**x].size).fold(0, u32::saturating_add);
            problem.rooms[r].capacity.saturating_sub(used)
        };
        let open = |r: &usize| problem.room_suits(e, *r) && !problem.rooms[*r].unavailable.contains(&(p as u32));
        let best = (0..problem.rooms.len()).filter(open).map(free).max().unwrap_or(0);
        if best < problem.exams[e].size {
            out.push(Obstacle::Seats(problem.exams[e].size, best));
        }
    }
    out
}
