//! From the names of the JSON form to the numbers of the model.

use std::collections::HashMap;

use super::{ExamIn, Kind, PeriodIn, RoomIn, Whole, day_number};
use crate::timetable::criteria;
use crate::timetable::error::{Bad, Fault, Source, Thing, short};
use crate::timetable::model::{Exam, MOST_EXAMS, MOST_PERIODS, MOST_ROOMS, Period, Place, Problem, Relation, Room};
use crate::timetable::parse::itc::clock;

/// Most days from the first period to the last.
const LONGEST: i64 = 3660;

fn bad(fault: Fault) -> Bad {
    Bad::at(Source::Problem, 0, fault)
}

/// Numbers by name, given out in the order met.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn of(&mut self, name: &str, list: &mut Vec<String>) -> u32 {
        if let Some(&n) = self.0.get(name) {
            return n;
        }
        let n = list.len() as u32;
        self.0.insert(name.to_owned(), n);
        list.push(name.to_owned());
        n
    }

    fn find(&self, name: &str, what: Thing, of: (Thing, &str)) -> Result<u32, Bad> {
        let unknown = || bad(Fault::Unknown(what, short(name), Some((of.0, short(of.1)))));
        self.0.get(name).copied().ok_or_else(unknown)
    }

    fn all<'a>(ids: impl Iterator<Item = &'a String>, what: Thing) -> Result<Self, Bad> {
        let mut map = HashMap::new();
        for (id, n) in ids.zip(0..) {
            if map.insert(id.clone(), n).is_some() {
                return Err(bad(Fault::Twice(what, short(id), None)));
            }
        }
        Ok(Self(map))
    }

    fn list(&self, names: &[String], what: Thing, of: (Thing, &str)) -> Result<Vec<u32>, Bad> {
        let mut list = names.iter().map(|n| self.find(n, what, of)).collect::<Result<Vec<_>, _>>()?;
        list.sort_unstable();
        list.dedup();
        Ok(list)
    }
}

pub(super) fn build(whole: Whole) -> Result<Problem, Bad> {
    if whole.periods.is_empty() || whole.periods.len() > MOST_PERIODS {
        return Err(bad(Fault::Count(Thing::Period, whole.periods.len() as u64, MOST_PERIODS as u64)));
    }
    if whole.exams.is_empty() || whole.exams.len() > MOST_EXAMS {
        return Err(bad(Fault::Count(Thing::Exam, whole.exams.len() as u64, MOST_EXAMS as u64)));
    }
    if whole.rooms.len() > MOST_ROOMS {
        return Err(bad(Fault::TooMany(Thing::Room, whole.rooms.len() as u64, MOST_ROOMS as u64)));
    }
    let mut problem = Problem { most_a_day: whole.most_a_day, ..Problem::default() };
    let periods = Names::all(whole.periods.iter().map(|p| &p.id), Thing::Period)?;
    let rooms = Names::all(whole.rooms.iter().map(|r| &r.id), Thing::Room)?;
    let exams = Names::all(whole.exams.iter().map(|e| &e.id), Thing::Exam)?;
    let (mut features, mut sites, mut candidates) = (Names::default(), Names::default(), Names::default());
    problem.periods = build_periods(&whole.periods)?;
    let mut buildings = Names::default();
    let mut building_names = Vec::new();
    for r in &whole.rooms {
        let RoomIn { id, capacity, accessible, weight, .. } = r;
        let building_name = r.building.clone().unwrap_or_default();
        // Rooms of equally named buildings on two sites are not together.
        let key = format!("{}/{building_name}", r.site.as_deref().unwrap_or_default());
        problem.rooms.push(Room {
            name: id.clone(),
            capacity: *capacity,
            features: r.features.iter().map(|f| features.of(f, &mut problem.features)).collect(),
            site: r.site.as_ref().map(|s| sites.of(s, &mut problem.sites)),
            building: buildings.of(&key, &mut building_names),
            building_name,
            accessible: *accessible,
            unavailable: periods.list(&r.unavailable, Thing::Period, (Thing::Room, id))?,
            weight: *weight,
        });
    }
    for e in &whole.exams {
        let mut exam = base_exam(e, &periods, &rooms)?;
        exam.features = e.features.iter().map(|f| features.of(f, &mut problem.features)).collect();
        exam.site = e.site.as_ref().map(|s| sites.of(s, &mut problem.sites));
        for c in &e.candidates {
            exam.candidates.push(candidates.of(c, &mut problem.candidate_names));
            let percent = whole.extra_time.get(c).copied().unwrap_or(0);
            let extra = (u64::from(e.minutes) * u64::from(percent)).div_ceil(100);
            exam.extra = exam.extra.max(u32::try_from(extra).unwrap_or(u32::MAX));
        }
        exam.candidates.sort_unstable();
        if let Some(w) = exam.candidates.windows(2).find(|w| w[0] == w[1]) {
            let name = problem.candidate_names.get(w[0] as usize).cloned().unwrap_or_default();
            return Err(bad(Fault::Twice(Thing::Candidate, short(&name), Some((Thing::Exam, short(&e.id))))));
        }
        exam.size = e.size.unwrap_or(exam.candidates.len() as u32);
        if (exam.size as usize) < exam.candidates.len() {
            return Err(bad(Fault::Small(short(&e.id), exam.size, exam.candidates.len())));
        }
        problem.exams.push(exam);
    }
    problem.candidates = problem.candidate_names.len() as u32;
    if let Some(c) = whole.extra_time.keys().find(|c| !candidates.0.contains_key(*c)) {
        return Err(bad(Fault::Idle(short(c))));
    }
    for r in &whole.relations {
        let (a, b) = (
            exams.find(&r.a, Thing::Exam, (Thing::Relation, &r.b))?,
            exams.find(&r.b, Thing::Exam, (Thing::Relation, &r.a))?,
        );
        if a == b {
            return Err(bad(Fault::Itself(short(&r.a))));
        }
        problem.relations.push(match r.kind {
            Kind::SamePeriod => Relation::SamePeriod(a, b),
            Kind::DifferentPeriod => Relation::DifferentPeriod(a, b),
            Kind::After => Relation::After(a, b),
            Kind::SameRoom => Relation::SameRoom(a, b),
        });
    }
    let n = problem.sites.len();
    problem.ways = vec![0; n * n];
    for w in &whole.ways {
        let a = sites.find(&w.a, Thing::Site, (Thing::Way, &w.b))? as usize;
        let b = sites.find(&w.b, Thing::Site, (Thing::Way, &w.a))? as usize;
        problem.ways[a * n + b] = w.minutes;
        problem.ways[b * n + a] = w.minutes;
    }
    for (key, setting) in &whole.criteria {
        problem.criteria.push(criteria::make(key, setting).map_err(bad)?);
    }
    if !whole.earlier.is_empty() {
        problem.earlier = vec![None; problem.exams.len()];
        for x in &whole.earlier {
            let e = exams.find(&x.exam, Thing::Exam, (Thing::Earlier, &x.period))? as usize;
            let period = periods.find(&x.period, Thing::Period, (Thing::Earlier, &x.exam))?;
            problem.earlier[e] =
                Some(Place { period, rooms: rooms.list(&x.rooms, Thing::Room, (Thing::Earlier, &x.exam))? });
        }
    }
    Ok(problem)
}

fn base_exam(e: &ExamIn, periods: &Names, rooms: &Names) -> Result<Exam, Bad> {
    let of = (Thing::Exam, e.id.as_str());
    let list = |names: &Option<Vec<String>>, known: &Names, what: Thing| {
        names.as_ref().map(|l| known.list(l, what, of)).transpose()
    };
    Ok(Exam {
        name: e.id.clone(),
        minutes: e.minutes,
        periods: list(&e.periods, periods, Thing::Period)?,
        rooms: list(&e.rooms, rooms, Thing::Room)?,
        fixed_period: e.fixed_period.as_ref().map(|p| periods.find(p, Thing::Period, of)).transpose()?,
        fixed_rooms: list(&e.fixed_rooms, rooms, Thing::Room)?.filter(|l| !l.is_empty()),
        accessible: e.accessible,
        exclusive: e.exclusive,
        split: e.split,
        ..Exam::default()
    })
}

fn build_periods(list: &[PeriodIn]) -> Result<Vec<Period>, Bad> {
    let date = |s: &str| {
        let parts: Vec<i64> = s.split('-').map(|x| x.parse().ok()).collect::<Option<_>>()?;
        match *parts.as_slice() {
            [y, m, d] => day_number(y, m, d),
            _ => None,
        }
    };
    let dates: Option<Vec<i64>> = list.iter().map(|p| date(&p.day)).collect();
    if let Some((first, last)) = dates.as_ref().and_then(|d| Some((d.iter().min()?, d.iter().max()?)))
        && last - first > LONGEST
    {
        return Err(bad(Fault::TooMany(Thing::Days, (last - first).unsigned_abs(), LONGEST.unsigned_abs())));
    }
    let (mut days, mut names) = (Names::default(), Vec::new());
    let mut out: Vec<Period> = Vec::with_capacity(list.len());
    for (i, p) in list.iter().enumerate() {
        let day = days.of(&p.day, &mut names);
        let start = if p.start.is_empty() { Some(0) } else { clock(&p.start) };
        let start = start.ok_or_else(|| bad(Fault::Form("09:00", short(&format!("{}: {}", p.id, p.start)))))?;
        let date = dates.as_ref().and_then(|d| d.get(i)).copied().unwrap_or_else(|| i64::from(day));
        if let Some(before) = out.last()
            && (date, if day == before.day { start } else { u32::MAX }) < (before.date, before.start)
        {
            return Err(bad(Fault::Late(short(&p.id))));
        }
        out.push(Period {
            name: p.id.clone(),
            day,
            date,
            day_name: p.day.clone(),
            start,
            minutes: p.minutes,
            weight: p.weight,
        });
    }
    Ok(out)
}
