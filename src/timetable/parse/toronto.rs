//! Carter's files: `.crs` (exam, number of candidates) and `.stu` (a line of exams for each candidate); the number of
//! periods is not in them. Cost: spacing 16, 8, 4, 2, 1, shown per candidate.

use std::collections::HashMap;
use std::sync::Arc;

use super::whole;
use crate::timetable::criteria::spacing::Spacing;
use crate::timetable::error::{Bad, Fault, Source, Thing, short};
use crate::timetable::model::{Exam, MOST_PERIODS, Period, Problem};

/// Reads a problem with so many periods.
pub fn read(courses: &str, students: &str, periods: u32) -> Result<Problem, Bad> {
    let mut problem = Problem::default();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for (line, raw) in (1..).zip(courses.lines()) {
        let fields: Vec<&str> = raw.split_whitespace().collect();
        match *fields.as_slice() {
            [] => {}
            [name, size] => {
                let size = whole(size, Thing::Size, Source::Problem, line)?;
                if index.insert(name, problem.exams.len()).is_some() {
                    return Err(Bad::at(Source::Problem, line, Fault::Twice(Thing::Exam, short(name), None)));
                }
                problem.exams.push(Exam { name: name.to_owned(), size, ..Exam::default() });
            }
            _ => return Err(Bad::at(Source::Problem, line, Fault::Form("0001 280", short(raw)))),
        }
    }
    if problem.exams.is_empty() {
        return Err(Bad::at(Source::Problem, 0, Fault::Empty(Thing::Exam)));
    }
    for (line, raw) in (1..).zip(students.lines()) {
        let mut any = false;
        for name in raw.split_whitespace() {
            let Some(exam) = index.get(name).and_then(|&e| problem.exams.get_mut(e)) else {
                return Err(Bad::at(Source::Students, line, Fault::Unknown(Thing::Exam, short(name), None)));
            };
            if exam.candidates.last() == Some(&problem.candidates) {
                return Err(Bad::at(Source::Students, line, Fault::Twice(Thing::Exam, short(name), None)));
            }
            exam.candidates.push(problem.candidates);
            any = true;
        }
        if any {
            problem.candidates += 1;
        }
    }
    for exam in &mut problem.exams {
        exam.size = exam.size.max(exam.candidates.len() as u32);
    }
    if periods == 0 || periods as usize > MOST_PERIODS {
        let fault = Fault::Count(Thing::Period, u64::from(periods), MOST_PERIODS as u64);
        return Err(Bad::at(Source::Problem, 0, fault));
    }
    problem.periods = (0..periods)
        .map(|p| Period {
            name: p.to_string(),
            day: p,
            date: i64::from(p),
            day_name: p.to_string(),
            ..Period::default()
        })
        .collect();
    problem.criteria = vec![Arc::new(Spacing(vec![16, 8, 4, 2, 1]))];
    problem.shown_per = Some(problem.candidates.max(1));
    Ok(problem)
}
