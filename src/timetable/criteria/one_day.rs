//! Two in a day: a candidate with two exams on one day that are not in neighbouring periods (those are
//! [two in a row](super::row)). Source: ITC-2007 track 1, "two exams in a day".

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, each_pair, weight};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate and pair of exams.
#[derive(Debug)]
pub struct OneDay(pub u32);

/// From its weight.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(OneDay(weight(v)?)))
}

fn hit(problem: &Problem, p: usize, q: usize) -> bool {
    q > p + 1 && problem.periods[p].day == problem.periods[q].day
}

impl Criterion for OneDay {
    fn key(&self) -> &'static str {
        "two_in_a_day"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        let n = problem.periods.len();
        for p in 0..n {
            for q in p + 2..n {
                if hit(problem, p, q) {
                    tables.add_pair(p, q, i64::from(self.0));
                }
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut n = 0;
        each_pair(problem, plan, |p, q| n += i64::from(hit(problem, p, q)));
        n * i64::from(self.0)
    }
}
