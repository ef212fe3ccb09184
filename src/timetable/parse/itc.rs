//! The `.exam` files of the International Timetabling Competition 2007, track 1.
//!
//! Sections in this order, each with the number of its lines where known: `[Exams:n]` (duration, student, student, …),
//! `[Periods:n]` (dd:mm:yyyy, hh:mm:ss, length, penalty), `[Rooms:n]` (capacity, penalty), `[PeriodHardConstraints]`
//! (a, AFTER|EXAM_COINCIDENCE|EXCLUSION, b), `[RoomHardConstraints]` (a, ROOM_EXCLUSIVE), `[InstitutionalWeightings]`.

use std::collections::HashMap;
use std::sync::Arc;

use super::whole;
use crate::timetable::criteria::{
    durations::Durations, front::Front, one_day::OneDay, period_weight::PeriodWeight, room_weight::RoomWeight,
    row::Row, spread::Spread,
};
use crate::timetable::error::{Bad, Fault, Source, Thing, short};
use crate::timetable::model::{Exam, Period, Problem, Relation, Room};

const FILE: Source = Source::Problem;
const SECTION: &str = "[Exams:12]";

fn bad(line: usize, fault: Fault) -> Bad {
    Bad::at(FILE, line, fault)
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    None,
    Exams,
    Periods,
    Rooms,
    PeriodConstraints,
    RoomConstraints,
    Weights,
}

#[derive(Default)]
struct Reader {
    problem: Problem,
    numbers: HashMap<u32, u32>,
    days: HashMap<String, u32>,
    announced: [Option<(usize, usize)>; 3],
    weights: HashMap<&'static str, (Vec<u32>, usize)>,
}

/// Reads a problem.
pub fn read(text: &str) -> Result<Problem, Bad> {
    let mut reader = Reader::default();
    let mut section = Section::None;
    for (line, raw) in (1..).zip(text.lines()) {
        let s = raw.trim();
        if s.is_empty() {
            continue;
        }
        if s.starts_with('[') {
            section = reader.section(s, line)?;
            continue;
        }
        let mut fields: Vec<&str> = s.split(',').map(str::trim).collect();
        if fields.last() == Some(&"") {
            fields.pop();
        }
        match section {
            Section::None => return Err(bad(line, Fault::Form(SECTION, short(s)))),
            Section::Exams => reader.exam(&fields, line)?,
            Section::Periods => reader.period(&fields, line)?,
            Section::Rooms => reader.room(&fields, line)?,
            Section::PeriodConstraints => reader.period_constraint(&fields, line)?,
            Section::RoomConstraints => reader.room_constraint(&fields, line)?,
            Section::Weights => reader.weight(&fields, line)?,
        }
    }
    reader.finish()
}

impl Reader {
    fn section(&mut self, s: &str, line: usize) -> Result<Section, Bad> {
        let inner = s.strip_prefix('[').and_then(|x| x.strip_suffix(']'));
        let inner = inner.ok_or_else(|| bad(line, Fault::Form(SECTION, short(s))))?;
        let (name, count) = match inner.split_once(':') {
            Some((n, c)) => (n.trim(), Some(whole(c.trim(), Thing::Lines, FILE, line)? as usize)),
            None => (inner.trim(), None),
        };
        let (section, slot) = match name.to_ascii_lowercase().as_str() {
            "exams" => (Section::Exams, Some(0)),
            "periods" => (Section::Periods, Some(1)),
            "rooms" => (Section::Rooms, Some(2)),
            "periodhardconstraints" => (Section::PeriodConstraints, None),
            "roomhardconstraints" => (Section::RoomConstraints, None),
            "institutionalweightings" => (Section::Weights, None),
            _ => return Err(bad(line, Fault::Unknown(Thing::Section, short(name), None))),
        };
        if let (Some(slot), Some(count)) = (slot, count)
            && let Some(a) = self.announced.get_mut(slot)
            && a.replace((count, line)).is_some()
        {
            return Err(bad(line, Fault::Twice(Thing::Section, short(name), None)));
        }
        Ok(section)
    }

    fn exam(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        let mut it = fields.iter();
        let minutes = whole(it.next().unwrap_or(&""), Thing::Duration, FILE, line)?;
        let mut candidates = Vec::with_capacity(fields.len());
        for f in it {
            let number = whole(f, Thing::Candidate, FILE, line)?;
            let next = self.numbers.len() as u32;
            candidates.push(*self.numbers.entry(number).or_insert_with(|| {
                self.problem.candidate_names.push(number.to_string());
                next
            }));
        }
        candidates.sort_unstable();
        if let Some(w) = candidates.windows(2).find(|w| w[0] == w[1]) {
            let name = self.problem.candidate_names.get(w[0] as usize).cloned().unwrap_or_default();
            return Err(bad(line, Fault::Twice(Thing::Candidate, name, None)));
        }
        let size = candidates.len() as u32;
        let name = self.problem.exams.len().to_string();
        self.problem.exams.push(Exam { name, minutes, candidates, size, ..Exam::default() });
        Ok(())
    }

    fn period(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        let [day, time, minutes, weight] = *fields else {
            return Err(bad(line, Fault::Form("15:06:2026, 09:00:00, 120, 0", short(&fields.join(", ")))));
        };
        let date = date_number(day).ok_or_else(|| bad(line, Fault::Form("15:06:2026", short(day))))?;
        let start = clock(time).ok_or_else(|| bad(line, Fault::Form("09:00:00", short(time))))?;
        let next = self.days.len() as u32;
        let index = *self.days.entry(day.to_owned()).or_insert(next);
        self.problem.periods.push(Period {
            name: self.problem.periods.len().to_string(),
            day: index,
            date,
            day_name: day.to_owned(),
            start,
            minutes: whole(minutes, Thing::Duration, FILE, line)?,
            weight: whole(weight, Thing::Weight, FILE, line)?,
        });
        Ok(())
    }

    fn room(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        let [capacity, weight] = *fields else {
            return Err(bad(line, Fault::Form("30, 0", short(&fields.join(", ")))));
        };
        self.problem.rooms.push(Room {
            name: self.problem.rooms.len().to_string(),
            capacity: whole(capacity, Thing::Capacity, FILE, line)?,
            weight: whole(weight, Thing::Weight, FILE, line)?,
            ..Room::default()
        });
        Ok(())
    }

    fn number(&self, s: &str, line: usize) -> Result<u32, Bad> {
        let e = whole(s, Thing::Exam, FILE, line)?;
        let n = self.problem.exams.len();
        if (e as usize) < n { Ok(e) } else { Err(bad(line, Fault::Outside(Thing::Exam, e, n))) }
    }

    fn period_constraint(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        let [a, kind, b] = *fields else {
            return Err(bad(line, Fault::Form("12, AFTER, 3", short(&fields.join(", ")))));
        };
        let (a, b) = (self.number(a, line)?, self.number(b, line)?);
        if a == b {
            // The public files tie some exams to themselves, which says nothing.
            if kind.eq_ignore_ascii_case("EXAM_COINCIDENCE") {
                return Ok(());
            }
            return Err(bad(line, Fault::Itself(a.to_string())));
        }
        self.problem.relations.push(match kind.to_ascii_uppercase().as_str() {
            "AFTER" => Relation::After(a, b),
            "EXAM_COINCIDENCE" => Relation::SamePeriod(a, b),
            "EXCLUSION" => Relation::DifferentPeriod(a, b),
            _ => return Err(bad(line, Fault::Unknown(Thing::Constraint, short(kind), None))),
        });
        Ok(())
    }

    fn room_constraint(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        let [a, kind] = *fields else {
            return Err(bad(line, Fault::Form("12, ROOM_EXCLUSIVE", short(&fields.join(", ")))));
        };
        let a = self.number(a, line)?;
        if !kind.eq_ignore_ascii_case("ROOM_EXCLUSIVE") {
            return Err(bad(line, Fault::Unknown(Thing::Constraint, short(kind), None)));
        }
        if let Some(exam) = self.problem.exams.get_mut(a as usize) {
            exam.exclusive = true;
        }
        Ok(())
    }

    fn weight(&mut self, fields: &[&str], line: usize) -> Result<(), Bad> {
        const KNOWN: [(&str, &str, usize); 5] = [
            ("TWOINAROW", "TWOINAROW, 7", 1),
            ("TWOINADAY", "TWOINADAY, 5", 1),
            ("PERIODSPREAD", "PERIODSPREAD, 5", 1),
            ("NONMIXEDDURATIONS", "NONMIXEDDURATIONS, 10", 1),
            ("FRONTLOAD", "FRONTLOAD, 100, 30, 5", 3),
        ];
        let name = fields.first().copied().unwrap_or_default();
        let Some(&(key, form, n)) = KNOWN.iter().find(|x| x.0.eq_ignore_ascii_case(name)) else {
            return Err(bad(line, Fault::Unknown(Thing::Criterion, short(name), None)));
        };
        let values =
            fields.iter().skip(1).map(|f| whole(f, Thing::Weight, FILE, line)).collect::<Result<Vec<_>, _>>()?;
        if values.len() != n {
            return Err(bad(line, Fault::Form(form, short(&fields.join(", ")))));
        }
        if self.weights.insert(key, (values, line)).is_some() {
            return Err(bad(line, Fault::Twice(Thing::Criterion, key.to_owned(), None)));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Problem, Bad> {
        let found = [self.problem.exams.len(), self.problem.periods.len(), self.problem.rooms.len()];
        for ((found, announced), what) in
            found.iter().zip(self.announced).zip([Thing::Exam, Thing::Period, Thing::Room])
        {
            match announced {
                Some((n, line)) if n != *found => {
                    return Err(bad(line, Fault::Announced(what, n, *found)));
                }
                _ if *found == 0 => return Err(bad(0, Fault::Empty(what))),
                _ => {}
            }
        }
        let get = |k: &str, i: usize| self.weights.get(k).and_then(|(v, _)| v.get(i)).copied().unwrap_or(0);
        self.problem.criteria = vec![
            Arc::new(Row(get("TWOINAROW", 0))),
            Arc::new(OneDay(get("TWOINADAY", 0))),
            Arc::new(Spread { periods: get("PERIODSPREAD", 0), weight: 1 }),
            Arc::new(Durations(get("NONMIXEDDURATIONS", 0))),
            Arc::new(Front { largest: get("FRONTLOAD", 0), last: get("FRONTLOAD", 1), weight: get("FRONTLOAD", 2) }),
            Arc::new(PeriodWeight(1)),
            Arc::new(RoomWeight(1)),
        ];
        self.problem.candidates = self.numbers.len() as u32;
        Ok(self.problem)
    }
}

/// Day number of `dd:mm:yyyy`.
fn date_number(s: &str) -> Option<i64> {
    let parts: Vec<i64> = s.split(':').map(|x| x.trim().parse().ok()).collect::<Option<_>>()?;
    let [d, m, y] = *parts.as_slice() else { return None };
    super::json::day_number(y, m, d)
}

/// Minutes after midnight of `hh:mm` or `hh:mm:ss`.
pub(super) fn clock(s: &str) -> Option<u32> {
    let parts: Vec<u32> = s.split(':').map(|x| x.trim().parse().ok()).collect::<Option<_>>()?;
    match *parts.as_slice() {
        [h, m] | [h, m, _] if h < 24 && m < 60 => Some(h * 60 + m),
        _ => None,
    }
}
