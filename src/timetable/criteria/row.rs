//! Two in a row: a candidate with exams in neighbouring periods of one day. Source: ITC-2007 track 1, "two exams in a
//! row"; never across the night.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, each_pair, weight};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate and pair of exams.
#[derive(Debug)]
pub struct Row(pub u32);

/// From its weight.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Row(weight(v)?)))
}

fn hit(problem: &Problem, p: usize, q: usize) -> bool {
    q == p + 1 && problem.periods[p].day == problem.periods[q].day
}

impl Criterion for Row {
    fn key(&self) -> &'static str {
        "two_in_a_row"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        for q in 1..problem.periods.len() {
            if hit(problem, q - 1, q) {
                tables.add_pair(q - 1, q, i64::from(self.0));
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut n = 0;
        each_pair(problem, plan, |p, q| n += i64::from(hit(problem, p, q)));
        n * i64::from(self.0)
    }
}
