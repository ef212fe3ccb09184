//! Plans in the three forms: ITC (line e = `period, room`), Toronto (`course slot`), JSON. A plan of another problem is
//! refused by the line where it no longer fits.

use std::collections::HashMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Format, json::whole_line, whole};
use crate::timetable::error::{Bad, Fault, Source, Thing, short};
use crate::timetable::model::{Place, Plan, Problem};

const FILE: Source = Source::Plan;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    plan: Vec<One>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct One {
    exam: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<String>,
    #[serde(default)]
    rooms: Vec<String>,
}

/// Reads a plan of `problem`.
pub fn read(text: &str, format: Format, problem: &Problem) -> Result<Plan, Bad> {
    match format {
        Format::Itc => itc(text, problem),
        Format::Toronto => toronto(text, problem),
        Format::Json => json(text, problem),
    }
}

fn inside(n: u32, of: usize, what: Thing, line: usize) -> Result<u32, Bad> {
    if (n as usize) < of {
        return Ok(n);
    }
    Err(Bad::at(FILE, line, Fault::Outside(what, n, of)))
}

fn itc(text: &str, problem: &Problem) -> Result<Plan, Bad> {
    let n = problem.exams.len();
    let mut plan: Plan = Vec::with_capacity(n);
    for (line, raw) in (1..).zip(text.lines()) {
        let s = raw.trim();
        if s.is_empty() {
            continue;
        }
        if plan.len() == n {
            return Err(Bad::at(FILE, line, Fault::Length(n + 1, n)));
        }
        if s == "-" {
            plan.push(None);
            continue;
        }
        let Some((p, r)) = s.split_once(',') else { return Err(Bad::at(FILE, line, Fault::Form("12, 3", short(s)))) };
        let period = inside(whole(p.trim(), Thing::Period, FILE, line)?, problem.periods.len(), Thing::Period, line)?;
        let room = inside(whole(r.trim(), Thing::Room, FILE, line)?, problem.rooms.len(), Thing::Room, line)?;
        plan.push(Some(Place { period, rooms: vec![room] }));
    }
    if plan.len() == n {
        return Ok(plan);
    }
    Err(Bad::at(FILE, 0, Fault::Length(plan.len(), n)))
}

fn names<'a>(list: impl Iterator<Item = &'a String>) -> HashMap<&'a str, u32> {
    list.map(String::as_str).zip(0..).collect()
}

fn toronto(text: &str, problem: &Problem) -> Result<Plan, Bad> {
    let index = names(problem.exams.iter().map(|e| &e.name));
    let mut plan: Plan = vec![None; problem.exams.len()];
    for (line, raw) in (1..).zip(text.lines()) {
        let fields: Vec<&str> = raw.split_whitespace().collect();
        let (name, slot) = match *fields.as_slice() {
            [] => continue,
            [name, slot] => (name, slot),
            _ => return Err(Bad::at(FILE, line, Fault::Form("0001 5", short(raw)))),
        };
        let Some(at) = index.get(name).and_then(|&e| plan.get_mut(e as usize)) else {
            return Err(Bad::at(FILE, line, Fault::Unknown(Thing::Exam, short(name), None)));
        };
        let period = inside(whole(slot, Thing::Period, FILE, line)?, problem.periods.len(), Thing::Period, line)?;
        if at.replace(Place { period, rooms: Vec::new() }).is_some() {
            return Err(Bad::at(FILE, line, Fault::Twice(Thing::Exam, short(name), None)));
        }
    }
    Ok(plan)
}

fn json(text: &str, problem: &Problem) -> Result<Plan, Bad> {
    let whole: Whole = serde_json::from_str(text).map_err(|e| whole_line(FILE, &e))?;
    let exams = names(problem.exams.iter().map(|e| &e.name));
    let periods = names(problem.periods.iter().map(|p| &p.name));
    let rooms = names(problem.rooms.iter().map(|r| &r.name));
    let none = |what: Thing, name: &str| Bad::at(FILE, 0, Fault::Unknown(what, short(name), None));
    let mut plan: Plan = vec![None; problem.exams.len()];
    let mut seen = vec![false; plan.len()];
    for one in &whole.plan {
        let e = *exams.get(one.exam.as_str()).ok_or_else(|| none(Thing::Exam, &one.exam))? as usize;
        if std::mem::replace(&mut seen[e], true) {
            return Err(Bad::at(FILE, 0, Fault::Twice(Thing::Exam, short(&one.exam), None)));
        }
        let Some(p) = &one.period else { continue };
        let period = *periods.get(p.as_str()).ok_or_else(|| none(Thing::Period, p))?;
        let mut list = Vec::with_capacity(one.rooms.len());
        for r in &one.rooms {
            list.push(*rooms.get(r.as_str()).ok_or_else(|| none(Thing::Room, r))?);
        }
        list.sort_unstable();
        list.dedup();
        plan[e] = Some(Place { period, rooms: list });
    }
    Ok(plan)
}

/// Writes a plan; an exam without a place is `-` in ITC's form and absent in Toronto's.
pub fn write(plan: &Plan, format: Format, problem: &Problem) -> String {
    let mut out = String::new();
    match format {
        Format::Itc => {
            for place in plan {
                match place {
                    Some(x) => {
                        let _ = writeln!(out, "{}, {}", x.period, x.rooms.first().copied().unwrap_or(0));
                    }
                    None => out.push_str("-\n"),
                }
            }
        }
        Format::Toronto => {
            for (exam, place) in problem.exams.iter().zip(plan) {
                if let Some(x) = place {
                    let _ = writeln!(out, "{} {}", exam.name, x.period);
                }
            }
        }
        Format::Json => {
            let name = |r: &u32| problem.rooms.get(*r as usize).map(|x| x.name.clone()).unwrap_or_default();
            let plan = problem.exams.iter().zip(plan).map(|(exam, place)| One {
                exam: exam.name.clone(),
                period: place.as_ref().and_then(|x| problem.periods.get(x.period as usize)).map(|p| p.name.clone()),
                rooms: place.iter().flat_map(|x| x.rooms.iter().map(name)).collect(),
            });
            out = serde_json::to_string_pretty(&Whole { plan: plan.collect() }).unwrap_or_default();
            out.push('\n');
        }
    }
    out
}
