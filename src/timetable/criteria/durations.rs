//! Mixed durations: each duration beyond the first in one room and period. Source: ITC-2007 track 1, "mixed durations".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, weight};
use crate::timetable::model::{Plan, Problem};

/// Cost per further duration.
#[derive(Debug)]
pub struct Durations(pub u32);

/// From its weight.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(Durations(weight(v)?)))
}

impl Criterion for Durations {
    fn key(&self) -> &'static str {
        "mixed_durations"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, _: &Problem, tables: &mut Tables) {
        tables.mixed = tables.mixed.saturating_add(i64::from(self.0));
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let mut seen: BTreeMap<(u32, u32), BTreeSet<u32>> = BTreeMap::new();
        for (exam, place) in problem.exams.iter().zip(plan) {
            for (place, r) in place.iter().flat_map(|x| x.rooms.iter().map(move |r| (x, *r))) {
                seen.entry((place.period, r)).or_default().insert(exam.minutes);
            }
        }
        let further: usize = seen.values().map(|d| d.len() - 1).sum();
        further as i64 * i64::from(self.0)
    }
}
