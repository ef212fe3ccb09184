//! What is to be planned: exams, periods, rooms, relations, limits and soft criteria.
//!
//! Everything is numbered from 0 in the order of the file; the names a file uses are kept for messages. The two public
//! formats are special cases: ITC-2007 has no features, sites or limits, Toronto has no rooms either.

use std::sync::Arc;

use super::criteria::Criterion;

/// Most exams, periods or rooms that a problem may have; above this the tables would not fit a usual machine.
pub const MOST_EXAMS: usize = 100_000;
/// Most periods.
pub const MOST_PERIODS: usize = 2_000;
/// Most rooms.
pub const MOST_ROOMS: usize = 10_000;

/// One exam: a paper that all its candidates sit at the same time.
#[derive(Clone, Debug, Default)]
pub struct Exam {
    /// The name the file gives it.
    pub name: String,
    /// Minutes.
    pub minutes: u32,
    /// Minutes that the candidate with the largest extra time needs beyond `minutes`.
    pub extra: u32,
    /// Who sits it, as indexes below [`Problem::candidates`], ascending, each once.
    pub candidates: Vec<u32>,
    /// Seats it needs; at least the number of candidates.
    pub size: u32,
    /// Periods it may be in; none named means any.
    pub periods: Option<Vec<u32>>,
    /// Rooms it may be in; none named means any.
    pub rooms: Option<Vec<u32>>,
    /// The period it must be in.
    pub fixed_period: Option<u32>,
    /// The rooms it must be in (more than one only when it is split).
    pub fixed_rooms: Option<Vec<u32>>,
    /// What its room must have, as indexes into [`Problem::features`].
    pub features: Vec<u32>,
    /// The site it must be held at, an index into [`Problem::sites`].
    pub site: Option<u32>,
    /// Its room must be accessible.
    pub accessible: bool,
    /// It shares its room with no other exam.
    pub exclusive: bool,
    /// It may be spread over several rooms of one building.
    pub split: bool,
}

/// A stretch of time in which exams are held.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// The name the file gives it.
    pub name: String,
    /// Day by order of appearance: equal means the same day.
    pub day: u32,
    /// Day number in the calendar when all days are dates, else the same as `day`; windows of days are counted in it.
    pub date: i64,
    /// What the file calls the day.
    pub day_name: String,
    /// Minutes after midnight.
    pub start: u32,
    /// Length in minutes.
    pub minutes: u32,
    /// Soft cost of each exam in it.
    pub weight: u32,
}

/// A room.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// The name the file gives it.
    pub name: String,
    /// Seats.
    pub capacity: u32,
    /// What it has, as indexes into [`Problem::features`].
    pub features: Vec<u32>,
    /// Where it is, an index into [`Problem::sites`].
    pub site: Option<u32>,
    /// Rooms with the same number are in one building; an exam is split only inside one.
    pub building: u32,
    /// The building's name.
    pub building_name: String,
    /// Reached without steps.
    pub accessible: bool,
    /// Periods in which it cannot be used.
    pub unavailable: Vec<u32>,
    /// Soft cost of each exam in it.
    pub weight: u32,
}

/// What two exams have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Both in one period (rooms may differ).
    SamePeriod(u32, u32),
    /// In different periods.
    DifferentPeriod(u32, u32),
    /// The first strictly later than the second.
    After(u32, u32),
    /// Both in the same room, in whatever periods.
    SameRoom(u32, u32),
}

impl Relation {
    /// The two exams.
    pub fn exams(self) -> (u32, u32) {
        match self {
            Self::SamePeriod(a, b) | Self::DifferentPeriod(a, b) | Self::After(a, b) | Self::SameRoom(a, b) => (a, b),
        }
    }
}

/// Where one exam is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its period.
    pub period: u32,
    /// Its rooms: one as a rule, several when split, none where the problem has no rooms.
    pub rooms: Vec<u32>,
}

/// A timetable: a place for each exam, or none for an exam that could not be placed.
pub type Plan = Vec<Option<Place>>;

/// A whole problem.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// Exams.
    pub exams: Vec<Exam>,
    /// Periods in the order of time.
    pub periods: Vec<Period>,
    /// Rooms; empty where rooms are not planned.
    pub rooms: Vec<Room>,
    /// Number of candidates.
    pub candidates: u32,
    /// The candidates' names where the file has names.
    pub candidate_names: Vec<String>,
    /// Relations between exams.
    pub relations: Vec<Relation>,
    /// Most exams a candidate may have in a day, a hard limit.
    pub most_a_day: Option<u32>,
    /// Names of features.
    pub features: Vec<String>,
    /// Names of sites.
    pub sites: Vec<String>,
    /// Minutes of way between two sites (`from * sites + to`).
    pub ways: Vec<u32>,
    /// Soft criteria with their weights.
    pub criteria: Vec<Arc<dyn Criterion>>,
    /// The plan that was published before, for [`criteria::stability`](super::criteria).
    pub earlier: Plan,
    /// The cost is shown divided by this (Toronto: the number of candidates).
    pub shown_per: Option<u32>,
}

impl Problem {
    /// Candidates in common of two exams.
    pub fn common(&self, a: usize, b: usize) -> u32 {
        let (a, b) = (&self.exams[a].candidates, &self.exams[b].candidates);
        let (mut i, mut j, mut n) = (0, 0, 0);
        while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    n += 1;
                    i += 1;
                    j += 1;
                }
            }
        }
        n
    }

    /// The exams of each candidate.
    pub fn exams_of_candidates(&self) -> Vec<Vec<u32>> {
        let mut of = vec![Vec::new(); self.candidates as usize];
        for (e, exam) in (0u32..).zip(&self.exams) {
            for &c in &exam.candidates {
                if let Some(list) = of.get_mut(c as usize) {
                    list.push(e);
                }
            }
        }
        of
    }

    /// Whether an exam may be in a period as far as it alone decides: length, list, fixing.
    pub fn period_fits(&self, e: usize, p: usize) -> bool {
        let (exam, period) = (&self.exams[e], &self.periods[p]);
        let p = p as u32;
        exam.minutes.saturating_add(exam.extra) <= period.minutes
            && exam.periods.as_ref().is_none_or(|list| list.contains(&p))
            && exam.fixed_period.is_none_or(|f| f == p)
    }

    /// Whether an exam may be in a room as far as features, site, lists and fixings decide (not capacity).
    pub fn room_suits(&self, e: usize, r: usize) -> bool {
        let (exam, room) = (&self.exams[e], &self.rooms[r]);
        let r = r as u32;
        exam.rooms.as_ref().is_none_or(|list| list.contains(&r))
            && exam.fixed_rooms.as_ref().is_none_or(|list| list.contains(&r))
            && exam.features.iter().all(|f| room.features.contains(f))
            && exam.site.is_none_or(|s| room.site == Some(s))
            && (!exam.accessible || room.accessible)
    }

    /// Shown cost of a raw one: divided where the format says so.
    pub fn shown(&self, cost: i64) -> f64 {
        cost as f64 / f64::from(self.shown_per.unwrap_or(1).max(1))
    }
}
