//! Even load: a candidate with more than `most` exams in any `days` days on end, such as "at most 3 in 5 days". Each exam
//! above costs, in each window that has it too many. Windows start at each day of the calendar from the first to the last
//! day of the plan.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, LoadRule, Tables, number};
use crate::timetable::model::{Plan, Problem};

/// Cost per candidate, window and exam too many.
#[derive(Debug)]
pub struct Load(pub LoadRule);

/// From `{"days": 5, "most": 3, "weight": 10}`.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    let days = number(v, "days")?;
    if !(1..=366).contains(&days) {
        return None;
    }
    Some(Arc::new(Load(LoadRule { days, most: number(v, "most")?, weight: i64::from(number(v, "weight")?) })))
}

impl Criterion for Load {
    fn key(&self) -> &'static str {
        "even_load"
    }

    fn setting(&self) -> Value {
        json!({"days": self.0.days, "most": self.0.most, "weight": self.0.weight})
    }

    fn compile(&self, _: &Problem, tables: &mut Tables) {
        tables.loads.push(self.0);
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        self.0.too_many(problem, plan).saturating_mul(self.0.weight)
    }
}

impl LoadRule {
    /// Exams too many over all candidates and windows.
    pub fn too_many(&self, problem: &Problem, plan: &Plan) -> i64 {
        let first = problem.periods.iter().map(|p| p.date).min().unwrap_or(0);
        let last = problem.periods.iter().map(|p| p.date).max().unwrap_or(0);
        let mut n = 0;
        for exams in problem.exams_of_candidates() {
            if exams.len() <= self.most as usize {
                continue;
            }
            let dates: Vec<i64> = exams
                .iter()
                .filter_map(|&e| plan[e as usize].as_ref().map(|x| problem.periods[x.period as usize].date))
                .collect();
            // Windows before the first day hold no exam that the window at the first day does not hold.
            for start in first..=last {
                let inside = dates.iter().filter(|d| (start..start + i64::from(self.days)).contains(d)).count() as i64;
                n += (inside - i64::from(self.most)).max(0);
            }
        }
        n
    }
}
