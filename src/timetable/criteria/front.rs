//! Front load: large exams that sit late, when little time is left to mark them. Source: ITC-2007 track 1, "front load":
//! the n largest exams (ties: the lower number first), the last k periods, the weight.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, number};
use crate::timetable::model::{Plan, Problem};

/// Cost per large exam in a late period.
#[derive(Debug)]
pub struct Front {
    /// So many exams count as large.
    pub largest: u32,
    /// So many periods at the end count as late.
    pub last: u32,
    /// Cost of each.
    pub weight: u32,
}

/// From `{"largest": 100, "last": 30, "weight": 5}`.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Front { largest: number(v, "largest")?, last: number(v, "last")?, weight: number(v, "weight")? }))
}

impl Front {
    fn large(&self, problem: &Problem) -> Vec<usize> {
        let mut order: Vec<usize> = (0..problem.exams.len()).collect();
        order.sort_by_key(|&e| (std::cmp::Reverse(problem.exams[e].size), e));
        order.truncate(self.largest as usize);
        order
    }

    fn late_from(&self, problem: &Problem) -> usize {
        problem.periods.len().saturating_sub(self.last as usize)
    }
}

impl Criterion for Front {
    fn key(&self) -> &'static str {
        "front_load"
    }

    fn setting(&self) -> Value {
        json!({"largest": self.largest, "last": self.last, "weight": self.weight})
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        for e in self.large(problem) {
            for p in self.late_from(problem)..problem.periods.len() {
                tables.add_period(e, p, i64::from(self.weight));
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let late = self.late_from(problem);
        let n = self
            .large(problem)
            .iter()
            .filter(|&&e| plan[e].as_ref().is_some_and(|x| x.period as usize >= late))
            .count();
        n as i64 * i64::from(self.weight)
    }
}
