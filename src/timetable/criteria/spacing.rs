//! Spacing: a candidate with two exams d periods apart costs the d-th weight. Source: Carter's proximity cost of the Toronto
//! benchmark, where the weights are 16, 8, 4, 2, 1 and the sum is shown per candidate.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, each_pair};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate and pair by distance: the first for neighbouring periods.
#[derive(Debug)]
pub struct Spacing(pub Vec<u32>);

/// From the list of weights.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    let list: Option<Vec<u32>> = v.as_array()?.iter().map(|x| x.as_u64().and_then(|w| u32::try_from(w).ok())).collect();
    Some(Arc::new(Spacing(list?)))
}

impl Criterion for Spacing {
    fn key(&self) -> &'static str {
        "spacing"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        let n = problem.periods.len();
        for p in 0..n {
            for (d, w) in (1..).zip(&self.0) {
                if p + d < n {
                    tables.add_pair(p, p + d, i64::from(*w));
                }
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut n = 0i64;
        each_pair(problem, plan, |p, q| {
            if q > p {
                n += self.0.get(q - p - 1).map_or(0, |w| i64::from(*w));
            }
        });
        n
    }
}
