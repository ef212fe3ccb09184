//! Period weight: each exam in a period costs the period's weight. Source: ITC-2007 track 1, "period penalty".

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, weight};
use crate::timetable::model::{Plan, Problem};

/// Multiple of the periods' weights.
#[derive(Debug)]
pub struct PeriodWeight(pub u32);

/// From the multiple, 1 as a rule.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(PeriodWeight(weight(v)?)))
}

impl Criterion for PeriodWeight {
    fn key(&self) -> &'static str {
        "period_weight"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        for e in 0..problem.exams.len() {
            for (p, period) in problem.periods.iter().enumerate() {
                tables.add_period(e, p, i64::from(self.0) * i64::from(period.weight));
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let each = plan.iter().flatten().map(|x| i64::from(problem.periods[x.period as usize].weight));
        each.sum::<i64>() * i64::from(self.0)
    }
}
