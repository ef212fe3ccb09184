//! Spread: a candidate with two exams at most so many periods apart, across days too and in addition to two in a row and
//! two in a day. Source: ITC-2007 track 1, "period spread" (weight 1 there).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, each_pair, number};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate and pair of exams 1 to `periods` apart.
#[derive(Debug)]
pub struct Spread {
    /// Largest distance that costs.
    pub periods: u32,
    /// Cost of each pair.
    pub weight: u32,
}

/// From `{"periods": 5, "weight": 1}`.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Spread { periods: number(v, "periods")?, weight: number(v, "weight")? }))
}

impl Criterion for Spread {
    fn key(&self) -> &'static str {
        "spread"
    }

    fn setting(&self) -> Value {
        json!({"periods": self.periods, "weight": self.weight})
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        let n = problem.periods.len();
        for p in 0..n {
            for q in p + 1..n.min((p + 1).saturating_add(self.periods as usize)) {
                tables.add_pair(p, q, i64::from(self.weight));
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut n = 0;
        each_pair(problem, plan, |p, q| n += i64::from(q > p && q - p <= self.periods as usize));
        n * i64::from(self.weight)
    }
}
