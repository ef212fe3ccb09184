//! The file of locked exams: a name in each line; `#` starts a comment. A locked exam keeps the place it has in the plan
//! that the search starts from.

use std::collections::HashMap;

use crate::timetable::error::{Bad, Fault, Source, Thing, short};
use crate::timetable::model::{Place, Plan, Problem};

/// Fixes the exams named in `text` where `plan` has them.
pub fn apply(text: &str, problem: &mut Problem, plan: &Plan) -> Result<(), Bad> {
    let names: HashMap<String, usize> = problem.exams.iter().enumerate().map(|(i, e)| (e.name.clone(), i)).collect();
    for (line, raw) in (1..).zip(text.lines()) {
        let name = raw.split('#').next().unwrap_or_default().trim();
        if name.is_empty() {
            continue;
        }
        let Some(&e) = names.get(name) else {
            return Err(Bad::at(Source::Locks, line, Fault::Unknown(Thing::Exam, short(name), None)));
        };
        let Some(Some(place)) = plan.get(e) else {
            return Err(Bad::at(Source::Locks, line, Fault::NoPlace(short(name))));
        };
        if let Some(exam) = problem.exams.get_mut(e) {
            let Place { period, rooms } = place.clone();
            exam.fixed_period = Some(period);
            if !rooms.is_empty() {
                exam.fixed_rooms = Some(rooms);
            }
        }
    }
    Ok(())
}
