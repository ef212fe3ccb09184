//! Distance between sites: a candidate with exams in neighbouring periods of one day at two sites pays the minutes of way
//! between them. A split exam counts where its first room is.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, weight};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate and minute.
#[derive(Debug)]
pub struct Ways(pub u32);

/// From its weight.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Ways(weight(v)?)))
}

impl Criterion for Ways {
    fn key(&self) -> &'static str {
        "site_distance"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, _: &Problem, tables: &mut Tables) {
        tables.ways = tables.ways.saturating_add(i64::from(self.0));
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let site = |e: u32| {
            let place = plan[e as usize].as_ref()?;
            let site = problem.rooms[*place.rooms.first()? as usize].site?;
            Some((place.period, site as usize))
        };
        let mut minutes = 0i64;
        for exams in problem.exams_of_candidates() {
            let mut at: Vec<(u32, usize)> = exams.iter().filter_map(|&e| site(e)).collect();
            at.sort_unstable();
            for (i, &(p, s)) in at.iter().enumerate() {
                for &(q, t) in &at[i + 1..] {
                    if q == p + 1 && problem.periods[p as usize].day == problem.periods[q as usize].day {
                        minutes += problem.ways.get(s * problem.sites.len() + t).map_or(0, |m| i64::from(*m));
                    }
                }
            }
        }
        minutes * i64::from(self.0)
    }
}
