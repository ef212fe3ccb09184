//! Our own form, that of real use: names instead of numbers, everything optional that has a usual value.
//!
//! ```json
//! {"periods": [{"id": "mon-am", "day": "2026-06-15", "start": "09:00", "minutes": 150, "weight": 0}],
//!  "rooms": [{"id": "A101", "capacity": 30, "features": ["computers"], "site": "north", "building": "A",
//!             "accessible": true, "weight": 0, "unavailable": ["mon-am"]}],
//!  "exams": [{"id": "law", "minutes": 120, "candidates": ["zhang", "li"], "size": 40, "periods": ["mon-am"], "rooms": ["A101"],
//!             "fixed_period": "mon-am", "fixed_rooms": ["A101"], "features": ["computers"], "site": "north",
//!             "accessible": false, "exclusive": false, "split": false}],
//!  "relations": [{"kind": "after", "a": "law", "b": "ethics"}],
//!  "extra_time": {"li": 25}, "most_a_day": 2, "ways": [{"a": "north", "b": "south", "minutes": 40}],
//!  "criteria": {"two_in_a_row": 10, "spread": {"periods": 5, "weight": 1}},
//!  "earlier": [{"exam": "law", "period": "mon-am", "rooms": ["A101"]}]}
//! ```
//! Kinds of relation: `same_period`, `different_period`, `after` (a strictly later than b), `same_room`. `extra_time` is in
//! per cent of the duration. Rooms left out altogether: only periods are planned.

mod build;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::timetable::error::{Bad, Fault, Source};
use crate::timetable::model::{Problem, Relation};

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Whole {
    periods: Vec<PeriodIn>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rooms: Vec<RoomIn>,
    exams: Vec<ExamIn>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relations: Vec<RelationIn>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra_time: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_a_day: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ways: Vec<WayIn>,
    criteria: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<PlaceIn>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PeriodIn {
    id: String,
    day: String,
    #[serde(default)]
    start: String,
    minutes: u32,
    #[serde(default)]
    weight: u32,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields)]
struct RoomIn {
    id: String,
    capacity: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    building: Option<String>,
    #[serde(default)]
    accessible: bool,
    #[serde(default)]
    weight: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unavailable: Vec<String>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields)]
struct ExamIn {
    id: String,
    minutes: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    periods: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rooms: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_period: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_rooms: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(default)]
    accessible: bool,
    #[serde(default)]
    exclusive: bool,
    #[serde(default)]
    split: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RelationIn {
    kind: Kind,
    a: String,
    b: String,
}

#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    SamePeriod,
    DifferentPeriod,
    After,
    SameRoom,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WayIn {
    a: String,
    b: String,
    minutes: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PlaceIn {
    exam: String,
    period: String,
    #[serde(default)]
    rooms: Vec<String>,
}

/// A fault that the JSON reader found, with its line.
pub(super) fn whole_line(file: Source, e: &serde_json::Error) -> Bad {
    let text = e.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(w, _)| w);
    Bad::at(file, e.line(), Fault::Json(what.to_owned()))
}

/// Reads a problem.
pub fn read(text: &str) -> Result<Problem, Bad> {
    let whole: Whole = serde_json::from_str(text).map_err(|e| whole_line(Source::Problem, &e))?;
    build::build(whole)
}

/// Writes a problem in this form; `read` makes the same problem of it (except Toronto's way of showing costs).
pub fn write(problem: &Problem) -> String {
    let period = |p: &u32| problem.periods.get(*p as usize).map(|x| x.name.clone()).unwrap_or_default();
    let room = |r: &u32| problem.rooms.get(*r as usize).map(|x| x.name.clone()).unwrap_or_default();
    let exam = |e: u32| problem.exams.get(e as usize).map(|x| x.name.clone()).unwrap_or_default();
    let feature = |f: &u32| problem.features.get(*f as usize).cloned().unwrap_or_default();
    let site = |s: u32| problem.sites.get(s as usize).cloned();
    let candidate = |c: &u32| problem.candidate_names.get(*c as usize).cloned().unwrap_or_else(|| c.to_string());
    let n = problem.sites.len();
    let whole = Whole {
        periods: problem
            .periods
            .iter()
            .map(|p| PeriodIn {
                id: p.name.clone(),
                day: p.day_name.clone(),
                start: format!("{:02}:{:02}", p.start / 60, p.start % 60),
                minutes: p.minutes,
                weight: p.weight,
            })
            .collect(),
        rooms: problem
            .rooms
            .iter()
            .map(|r| RoomIn {
                id: r.name.clone(),
                capacity: r.capacity,
                features: r.features.iter().map(feature).collect(),
                site: r.site.and_then(site),
                building: (!r.building_name.is_empty()).then(|| r.building_name.clone()),
                accessible: r.accessible,
                weight: r.weight,
                unavailable: r.unavailable.iter().map(period).collect(),
            })
            .collect(),
        exams: problem
            .exams
            .iter()
            .map(|e| ExamIn {
                id: e.name.clone(),
                minutes: e.minutes,
                candidates: e.candidates.iter().map(candidate).collect(),
                size: Some(e.size),
                periods: e.periods.as_ref().map(|l| l.iter().map(period).collect()),
                rooms: e.rooms.as_ref().map(|l| l.iter().map(room).collect()),
                fixed_period: e.fixed_period.as_ref().map(period),
                fixed_rooms: e.fixed_rooms.as_ref().map(|l| l.iter().map(room).collect()),
                features: e.features.iter().map(feature).collect(),
                site: e.site.and_then(site),
                accessible: e.accessible,
                exclusive: e.exclusive,
                split: e.split,
            })
            .collect(),
        relations: problem
            .relations
            .iter()
            .map(|r| {
                let (a, b) = r.exams();
                let kind = match r {
                    Relation::SamePeriod(..) => Kind::SamePeriod,
                    Relation::DifferentPeriod(..) => Kind::DifferentPeriod,
                    Relation::After(..) => Kind::After,
                    Relation::SameRoom(..) => Kind::SameRoom,
                };
                RelationIn { kind, a: exam(a), b: exam(b) }
            })
            .collect(),
        extra_time: BTreeMap::new(),
        most_a_day: problem.most_a_day,
        ways: (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
            .filter_map(|(a, b)| {
                let minutes = *problem.ways.get(a * n + b)?;
                (minutes > 0).then_some(WayIn {
                    a: problem.sites.get(a)?.clone(),
                    b: problem.sites.get(b)?.clone(),
                    minutes,
                })
            })
            .collect(),
        criteria: problem.criteria.iter().map(|c| (c.key().to_owned(), c.setting())).collect(),
        earlier: problem
            .earlier
            .iter()
            .enumerate()
            .filter_map(|(e, place)| {
                let place = place.as_ref()?;
                Some(PlaceIn {
                    exam: exam(e as u32),
                    period: period(&place.period),
                    rooms: place.rooms.iter().map(room).collect(),
                })
            })
            .collect(),
    };
    let mut out = serde_json::to_string_pretty(&whole).unwrap_or_default();
    out.push('\n');
    out
}

/// Day number of a civil date in the proleptic Gregorian calendar (days since 0000-03-01), None if it does not exist.
pub(super) fn day_number(y: i64, m: i64, d: i64) -> Option<i64> {
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let length = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = *length.get(usize::try_from(m - 1).ok()?)?;
    if !(1..=days).contains(&d) || !(0..=9999).contains(&y) {
        return None;
    }
    let (y, m) = if m > 2 { (y, m - 3) } else { (y - 1, m + 9) };
    Some(365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + d - 1)
}
