//! What the command line and background jobs do with files' contents; reading and writing the files is theirs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::{Bad, Fault, Source, Thing};
use super::model::{MOST_EXAMS, MOST_PERIODS, MOST_ROOMS, Plan, Problem};
use super::parse::{self, Format, itc, json as own, locks, plan, toronto};
use super::recount::{Score, Violation};
use super::solve::Outcome;

/// Most entries of one table.
const MOST_CELLS: usize = 1 << 26;

/// The contents of the files that make a problem.
pub struct Input<'a> {
    /// The problem file.
    pub problem: &'a [u8],
    /// Its form.
    pub format: Format,
    /// Toronto's candidates.
    pub students: Option<&'a [u8]>,
    /// Toronto's number of periods.
    pub periods: Option<u32>,
}

/// Reads a problem.
pub fn load(input: &Input<'_>) -> Result<Problem, Bad> {
    let text = parse::text(input.problem, Source::Problem)?;
    let problem = match input.format {
        Format::Itc => itc::read(text)?,
        Format::Json => own::read(text)?,
        Format::Toronto => {
            let missing = |file, thing| Bad::at(file, 0, Fault::Missing(thing));
            let students = input.students.ok_or_else(|| missing(Source::Students, Thing::Candidate))?;
            let periods = input.periods.ok_or_else(|| missing(Source::Problem, Thing::Period))?;
            toronto::read(text, parse::text(students, Source::Students)?, periods)?
        }
    };
    match too_large(&problem) {
        None => Ok(problem),
        Some(fault) => Err(Bad::at(Source::Problem, 0, fault)),
    }
}

/// What of a problem would not fit the memory of a usual machine.
fn too_large(problem: &Problem) -> Option<Fault> {
    let (e, p, r) = (problem.exams.len(), problem.periods.len(), problem.rooms.len());
    let lists = [(Thing::Exam, e, MOST_EXAMS), (Thing::Period, p, MOST_PERIODS), (Thing::Room, r, MOST_ROOMS)];
    if let Some(&(thing, n, most)) = lists.iter().find(|x| x.1 > x.2) {
        return Some(Fault::TooMany(thing, n as u64, most as u64));
    }
    let durations: BTreeSet<u32> = problem.exams.iter().map(|x| x.minutes).collect();
    let pairs = problem.exams_of_candidates().iter().map(|l| l.len() * l.len().saturating_sub(1) / 2).sum();
    let tables = [
        (e * p, Thing::ExamsPeriods),
        (e * r, Thing::ExamsRooms),
        (p * r * durations.len(), Thing::Durations),
        (pairs, Thing::Pairs),
    ];
    let (n, thing) = tables.into_iter().max_by_key(|x| x.0)?;
    (n > MOST_CELLS).then_some(Fault::TooMany(thing, n as u64, MOST_CELLS as u64))
}

/// Reads a plan of the problem.
pub fn load_plan(bytes: &[u8], format: Format, problem: &Problem) -> Result<Plan, Bad> {
    plan::read(parse::text(bytes, Source::Plan)?, format, problem)
}

/// Fixes the exams that a file of locks names where the plan has them.
pub fn lock(bytes: &[u8], problem: &mut Problem, plan: &Plan) -> Result<(), Bad> {
    locks::apply(parse::text(bytes, Source::Locks)?, problem, plan)
}

/// A score as JSON: `hard`, `soft` (raw), `cost` (as the benchmark shows it), `criteria`, `violations` as `say` words them.
pub fn score_json(problem: &Problem, score: &Score, say: &dyn Fn(&Violation) -> String) -> Value {
    let criteria: Map<String, Value> = score.criteria.iter().map(|(k, n)| ((*k).to_owned(), json!(n))).collect();
    json!({
        "hard": score.hard(),
        "soft": score.soft(),
        "cost": problem.shown(score.soft()),
        "criteria": criteria,
        "violations": score.violations.iter().map(say).collect::<Vec<_>>(),
    })
}

/// The outcome of a search as JSON: the score and how it came about.
pub fn outcome_json(problem: &Problem, outcome: &Outcome, say: &dyn Fn(&Violation) -> String) -> Value {
    let mut v = score_json(problem, &outcome.score, say);
    if let Value::Object(map) = &mut v {
        map.insert("unplaced".into(), json!(outcome.plan.iter().filter(|x| x.is_none()).count()));
        map.insert("iterations".into(), json!(outcome.iterations));
        map.insert("seconds".into(), json!(round(outcome.seconds)));
        map.insert("first_seconds".into(), json!(round(outcome.first)));
        map.insert("cancelled".into(), json!(outcome.cancelled));
    }
    v
}

fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
