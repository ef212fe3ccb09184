//! What the command line and background jobs do with files' contents; reading and writing the files is theirs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::{Bad, Source};
use super::explain::{blocked, proofs};
use super::model::{MOST_EXAMS, MOST_PERIODS, MOST_ROOMS, Plan, Problem};
use super::parse::{self, Format, itc, json as own, locks, plan, toronto};
use super::recount::Score;
use super::solve::Outcome;

/// How many badly placed exams an explanation tells of.
const WORST: usize = 10;
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
            let students =
                input.students.ok_or_else(|| Bad::at(Source::Students, 0, "the list of candidates is missing"))?;
            let periods =
                input.periods.ok_or_else(|| Bad::at(Source::Problem, 0, "the number of periods is missing"))?;
            toronto::read(text, parse::text(students, Source::Students)?, periods)?
        }
    };
    match too_large(&problem) {
        None => Ok(problem),
        Some(what) => Err(Bad::at(Source::Problem, 0, format!("the problem is too large: {what}"))),
    }
}

/// What of a problem would not fit the memory of a usual machine.
fn too_large(problem: &Problem) -> Option<String> {
    let (e, p, r) = (problem.exams.len(), problem.periods.len(), problem.rooms.len());
    for (n, most, what) in [(e, MOST_EXAMS, "exams"), (p, MOST_PERIODS, "periods"), (r, MOST_ROOMS, "rooms")] {
        if n > most {
            return Some(format!("{n} {what}, {most} at most"));
        }
    }
    let durations: BTreeSet<u32> = problem.exams.iter().map(|x| x.minutes).collect();
    let tables = [
        (e * p, "exams times periods"),
        (e * r, "exams times rooms"),
        (p * r * durations.len(), "periods times rooms times durations"),
    ];
    let pairs = problem.exams_of_candidates().iter().map(|l| l.len() * l.len().saturating_sub(1) / 2).sum();
    let most = tables.into_iter().chain([(pairs, "pairs of exams over all candidates")]).max_by_key(|x| x.0);
    most.filter(|x| x.0 > MOST_CELLS).map(|(n, what)| format!("{n} {what}, {MOST_CELLS} at most"))
}

/// Reads a plan of the problem.
pub fn load_plan(bytes: &[u8], format: Format, problem: &Problem) -> Result<Plan, Bad> {
    plan::read(parse::text(bytes, Source::Plan)?, format, problem)
}

/// Fixes the exams that a file of locks names where the plan has them.
pub fn lock(bytes: &[u8], problem: &mut Problem, plan: &Plan) -> Result<(), Bad> {
    locks::apply(parse::text(bytes, Source::Locks)?, problem, plan)
}

/// A score as JSON: `hard`, `soft` (raw), `cost` (as the benchmark shows it), `criteria`, `violations`.
pub fn score_json(problem: &Problem, score: &Score) -> Value {
    let criteria: Map<String, Value> = score.criteria.iter().map(|(k, n)| ((*k).to_owned(), json!(n))).collect();
    json!({
        "hard": score.hard(),
        "soft": score.soft(),
        "cost": problem.shown(score.soft()),
        "criteria": criteria,
        "violations": score.violations.iter().map(|v| v.text(problem)).collect::<Vec<_>>(),
    })
}

/// The outcome of a search as JSON: the score and how it came about.
pub fn outcome_json(problem: &Problem, outcome: &Outcome) -> Value {
    let mut v = score_json(problem, &outcome.score);
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

/// A score for a reader: a line for the sum, one for each criterion and one for each violation.
pub fn score_lines(problem: &Problem, score: &Score) -> Vec<String> {
    let mut out = vec![format!("hard\t{}", score.hard()), format!("soft\t{}", score.soft())];
    if problem.shown_per.is_some() {
        out.push(format!("cost\t{:.4}", problem.shown(score.soft())));
    }
    out.extend(score.criteria.iter().map(|(k, n)| format!("{k}\t{n}")));
    out.extend(score.violations.iter().map(|v| format!("!\t{}", v.text(problem))));
    out
}

/// Proofs that no plan can exist and, with a plan, what is in the way of the exams without place and of the costliest.
pub fn explain_lines(problem: &Problem, plan: Option<&Plan>) -> Vec<String> {
    let mut out: Vec<String> = proofs(problem).iter().map(|p| p.text(problem)).collect();
    if let Some(plan) = plan {
        out.extend(blocked(problem, plan, WORST).iter().flat_map(|b| b.text(problem)));
    }
    out
}
