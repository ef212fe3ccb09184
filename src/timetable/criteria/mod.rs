//! The soft criteria, a file each. A criterion says two things that must agree, and a property test checks that they do:
//!
//! * [`Criterion::count`]: its cost of a whole plan, written from the rule, candidate by candidate;
//! * [`Criterion::compile`]: the same cost as entries of the [`Tables`] that the search reads.
//!
//! # A new criterion
//! 1. A file here with a struct holding the weight, `from_json`, `setting`, `compile` and `count`.
//! 2. A line in [`ALL`].
//!
//! The tables know these shapes of cost: per candidate of a pair of periods ([`Tables::pair`]), per exam and period
//! ([`Tables::period`]), per exam and room ([`Tables::room`]), per further duration in a room ([`Tables::mixed`]), per
//! exam too many in a window of days ([`Tables::loads`]), per minute of way between neighbouring periods
//! ([`Tables::ways`]).

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use super::error::{Fault, Thing, short};
use super::model::{Plan, Problem};

pub mod durations;
pub mod front;
pub mod load;
pub mod one_day;
pub mod period_weight;
pub mod room_weight;
pub mod row;
pub mod spacing;
pub mod spread;
pub mod stability;
pub mod ways;

/// A soft criterion with its weight.
pub trait Criterion: Debug + Send + Sync {
    /// Its name in files and reports.
    fn key(&self) -> &'static str;
    /// Weight and parameters as they stand in the JSON form.
    fn setting(&self) -> Value;
    /// Writes its costs into the tables of the search.
    fn compile(&self, problem: &Problem, tables: &mut Tables);
    /// Its cost of a plan, from the rule; exams without a place cost nothing.
    fn count(&self, problem: &Problem, plan: &Plan) -> i64;
}

/// Makes a criterion from its JSON setting; None where the setting is not of the form.
pub type Make = fn(&Value) -> Option<Arc<dyn Criterion>>;

/// Every criterion of the JSON form: name, a setting as an example of its form, reader.
pub const ALL: &[(&str, &str, Make)] = &[
    ("two_in_a_row", "10", row::from_json),
    ("two_in_a_day", "5", one_day::from_json),
    ("spread", r#"{"periods": 5, "weight": 1}"#, spread::from_json),
    ("spacing", "[16, 8, 4, 2, 1]", spacing::from_json),
    ("mixed_durations", "10", durations::from_json),
    ("front_load", r#"{"largest": 100, "last": 30, "weight": 5}"#, front::from_json),
    ("period_weight", "1", period_weight::from_json),
    ("room_weight", "1", room_weight::from_json),
    ("even_load", r#"{"days": 5, "most": 3, "weight": 10}"#, load::from_json),
    ("site_distance", "1", ways::from_json),
    ("stability", r#"{"period": 100, "room": 20}"#, stability::from_json),
];

/// Makes the criterion of a name.
pub fn make(key: &str, setting: &Value) -> Result<Arc<dyn Criterion>, Fault> {
    let Some((_, form, make)) = ALL.iter().find(|x| x.0 == key) else {
        return Err(Fault::Unknown(Thing::Criterion, short(key), None));
    };
    make(setting).ok_or_else(|| Fault::Form(form, short(&format!("{key}: {setting}"))))
}

/// A limit on the exams of a candidate in any `days` days on end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadRule {
    /// Length of the window in days.
    pub days: u32,
    /// So many exams are free of cost.
    pub most: u32,
    /// Cost of each exam above, in each window.
    pub weight: i64,
}

/// The costs as the search reads them.
#[derive(Clone, Debug)]
pub struct Tables {
    periods: usize,
    rooms: usize,
    /// Per common candidate of two exams in these periods (`p * periods + q`), symmetric, 0 on the diagonal.
    pub pair: Vec<i64>,
    /// Per exam and period (`e * periods + p`).
    pub period: Vec<i64>,
    /// Per exam and room (`e * rooms + r`), in each room it uses.
    pub room: Vec<i64>,
    /// Per duration beyond the first in a room and period.
    pub mixed: i64,
    /// Limits on windows of days.
    pub loads: Vec<LoadRule>,
    /// Per minute of way and candidate between neighbouring periods of a day.
    pub ways: i64,
}

impl Tables {
    /// Tables of no cost.
    pub fn new(problem: &Problem) -> Self {
        let (e, p, r) = (problem.exams.len(), problem.periods.len(), problem.rooms.len());
        Self {
            periods: p,
            rooms: r,
            pair: vec![0; p * p],
            period: vec![0; e * p],
            room: vec![0; e * r],
            mixed: 0,
            loads: Vec::new(),
            ways: 0,
        }
    }

    /// Adds a cost for a pair of periods, both ways.
    pub fn add_pair(&mut self, p: usize, q: usize, cost: i64) {
        let n = self.periods;
        for at in [p * n + q, q * n + p] {
            self.pair[at] = self.pair[at].saturating_add(cost);
        }
    }

    /// Adds a cost for an exam in a period.
    pub fn add_period(&mut self, e: usize, p: usize, cost: i64) {
        let at = &mut self.period[e * self.periods + p];
        *at = at.saturating_add(cost);
    }

    /// Adds a cost for an exam in a room.
    pub fn add_room(&mut self, e: usize, r: usize, cost: i64) {
        let at = &mut self.room[e * self.rooms + r];
        *at = at.saturating_add(cost);
    }
}

/// Calls `f(p, q)` for each pair of placed exams of each candidate, `p <= q`.
pub(super) fn each_pair(problem: &Problem, plan: &Plan, mut f: impl FnMut(usize, usize)) {
    for exams in problem.exams_of_candidates() {
        let mut at: Vec<usize> =
            exams.iter().filter_map(|&e| plan.get(e as usize)?.as_ref().map(|x| x.period as usize)).collect();
        at.sort_unstable();
        for (i, &p) in at.iter().enumerate() {
            for &q in &at[i + 1..] {
                f(p, q);
            }
        }
    }
}

/// Weight from a setting that is a number.
pub(super) fn weight(v: &Value) -> Option<u32> {
    v.as_u64().and_then(|w| u32::try_from(w).ok())
}

/// A number of a setting that is an object.
pub(super) fn number(v: &Value, name: &str) -> Option<u32> {
    weight(v.get(name)?)
}
