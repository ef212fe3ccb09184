//! Stability: once a plan is published every change costs trust. An exam that leaves its earlier period costs `period`,
//! each room it uses that it did not use before costs `room`. Exams that the earlier plan did not have cost nothing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, number};
use crate::timetable::model::{Plan, Problem};

/// Costs of a change.
#[derive(Debug)]
pub struct Stability {
    /// Per exam in another period.
    pub period: u32,
    /// Per room that is new to an exam.
    pub room: u32,
}

/// From `{"period": 100, "room": 20}`.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Stability { period: number(v, "period")?, room: number(v, "room")? }))
}

impl Criterion for Stability {
    fn key(&self) -> &'static str {
        "stability"
    }

    fn setting(&self) -> Value {
        json!({"period": self.period, "room": self.room})
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        for (e, before) in problem.earlier.iter().enumerate() {
            let Some(before) = before else { continue };
            for p in 0..problem.periods.len() {
                if p != before.period as usize {
                    tables.add_period(e, p, i64::from(self.period));
                }
            }
            for r in 0..problem.rooms.len() {
                if !before.rooms.contains(&(r as u32)) {
                    tables.add_room(e, r, i64::from(self.room));
                }
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut cost = 0;
        for (before, now) in problem.earlier.iter().zip(plan) {
            if let (Some(before), Some(now)) = (before, now) {
                cost += i64::from(self.period) * i64::from(before.period != now.period);
                let new = now.rooms.iter().filter(|r| !before.rooms.contains(r)).count();
                cost += i64::from(self.room) * new as i64;
            }
        }
        cost
    }
}
