//! The problem as the search reads it: flat tables of small numbers.
//!
//! Exams tied by same-period relations are merged into **groups**; a group has one period, each of its exams its own room.
//! Pairs of groups that must not share a period are **neighbours**, with the number of common candidates as weight (0 where
//! only a relation keeps them apart).

use super::criteria::{LoadRule, Tables};
use super::error::{Bad, Fault, Source, Thing};
use super::model::{Problem, Relation};
use super::recount::tied;

/// Cost of what is not allowed; above every real sum (checked when the tables are built).
pub const BLOCKED: i32 = 1 << 29;
/// Cost in the search of a broken limit per day or same-room relation: far above soft costs, far below [`BLOCKED`].
pub const BROKEN: i64 = 1 << 22;
/// Most entries of the table of exams per candidate and day.
const MOST_ON_DAYS: usize = 1 << 30;
/// Periods that are updated at once; rows and windows are whole blocks, which the compiler turns into vectors.
pub const BLOCK: usize = 4;
/// Number of groups up to which a bit for each pair is kept.
const BITS_UP_TO: usize = 8192;

/// Lists of varying length in one vector.
#[derive(Clone, Debug, Default)]
pub struct Lists<T> {
    start: Vec<u32>,
    all: Vec<T>,
}

impl<T> Lists<T> {
    fn from(lists: Vec<Vec<T>>) -> Self {
        let mut start = Vec::with_capacity(lists.len() + 1);
        start.push(0);
        let mut all = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        for l in lists {
            all.extend(l);
            start.push(all.len() as u32);
        }
        Self { start, all }
    }

    /// The i-th list.
    #[inline]
    pub fn of(&self, i: usize) -> &[T] {
        &self.all[self.start[i] as usize..self.start[i + 1] as usize]
    }

    /// All entries.
    pub fn all(&self) -> &[T] {
        &self.all
    }
}

/// A problem made ready.
pub struct Instance<'a> {
    /// Where it comes from.
    pub problem: &'a Problem,
    /// Number of groups.
    pub groups: usize,
    /// Number of periods.
    pub periods: usize,
    /// Number of rooms.
    pub rooms: usize,
    /// Group of each exam.
    pub group_of: Vec<u32>,
    /// Exams of each group, largest first.
    pub exams: Lists<u32>,
    /// Neighbours of each group with weights, by number.
    pub near: Lists<(u32, i32)>,
    bits: Vec<u64>,
    /// Words of a row of bits.
    pub words: usize,
    /// Entries of a row of a table over periods: their number, rounded up to whole blocks.
    pub stride: usize,
    /// Whether weights of pairs and costs of periods are small enough for 16 bits.
    pub narrow: bool,
    /// Cost of a candidate for a pair of periods.
    pub pair: Vec<i32>,
    /// First and last + 1 of the periods that cost anything with this one, in whole blocks.
    pub window: Vec<(u32, u32)>,
    /// Cost of a group in a period, [`BLOCKED`] where it may not be.
    pub fixed: Vec<i32>,
    /// Periods each group may be in.
    pub allowed: Lists<u16>,
    /// For each group: others it stands in order with; true = it is the later one.
    pub order: Lists<(u32, bool)>,
    /// Seats each exam needs.
    pub size: Vec<i32>,
    /// Class of duration of each exam.
    pub duration: Vec<u16>,
    /// Number of classes of duration.
    pub durations: usize,
    /// Whether each exam needs its room alone.
    pub exclusive: Vec<bool>,
    /// Whether each exam may be split.
    pub split: Vec<bool>,
    /// Rooms that suit each exam whole, cheapest first, then smallest.
    pub rooms_of: Lists<u16>,
    /// Cost of an exam in a room, [`BLOCKED`] where it does not suit (too small does not matter here).
    pub room_cost: Vec<i32>,
    /// Seats.
    pub capacity: Vec<i32>,
    /// Whether a room is closed in a period (`p * rooms + r`).
    pub closed: Vec<bool>,
    /// Cost of a further duration in a room.
    pub mixed: i32,
    /// Exams each exam must share the room number with.
    pub partners: Lists<u32>,
    /// Cost per minute of way.
    pub ways: i64,
    /// Windows of days: rule by rule, the hard one with [`BROKEN`] as weight.
    pub loads: Vec<LoadRule>,
    /// Candidates of each group (each as often as exams) where limits need them.
    pub people: Lists<u32>,
    /// Day of each period, from 0 at the first.
    pub day: Vec<u32>,
    /// Number of days from the first to the last.
    pub days: usize,
}

impl<'a> Instance<'a> {
    /// Makes a problem ready; refuses weights whose sums do not fit.
    pub fn new(problem: &'a Problem) -> Result<Self, Bad> {
        let (n, p, r) = (problem.exams.len(), problem.periods.len(), problem.rooms.len());
        let mut tables = Tables::new(problem);
        for c in &problem.criteria {
            c.compile(problem, &mut tables);
        }
        let (group_of, exams) = groups(problem);
        let g = exams.len();
        let fixed = fixed_costs(problem, &tables, &exams)?;
        let order = orders(problem, &group_of, g);
        let near = neighbours(problem, &group_of, g);
        let pair: Vec<i32> = tables.pair.iter().map(|&x| fits(x, Thing::Pairs)).collect::<Result<_, _>>()?;
        let most = pair.iter().copied().max().unwrap_or(0);
        for a in 0..g {
            let sum: i64 = near.of(a).iter().map(|x| i64::from(x.1)).sum();
            fits(sum.saturating_mul(i64::from(most)), Thing::Exam)?;
        }
        let mut minutes: Vec<u32> = problem.exams.iter().map(|e| e.minutes).collect();
        minutes.sort_unstable();
        minutes.dedup();
        let duration = |e: u32| minutes.binary_search(&e).unwrap_or(0) as u16;
        let room_cost = room_costs(problem, &tables)?;
        let first_date = problem.periods.iter().map(|x| x.date).min().unwrap_or(0);
        let day: Vec<u32> = problem.periods.iter().map(|x| (x.date - first_date) as u32).collect();
        let mut loads = Vec::new();
        if let Some(most) = problem.most_a_day {
            loads.push(LoadRule { days: 1, most, weight: BROKEN });
        }
        loads.extend(tables.loads.iter().filter(|l| l.weight > 0));
        for l in &loads {
            fits(l.weight, Thing::CandidatesDays)?;
        }
        let days = day.iter().copied().max().unwrap_or(0) as usize + 1;
        let table = days.saturating_mul(problem.candidates as usize);
        if !loads.is_empty() && table > MOST_ON_DAYS {
            let fault = Fault::TooMany(Thing::CandidatesDays, table as u64, MOST_ON_DAYS as u64);
            return Err(Bad::at(Source::Problem, 0, fault));
        }
        let people = if loads.is_empty() { vec![Vec::new(); g] } else { people(problem, &exams) };
        let mut partners = vec![Vec::new(); n];
        for relation in &problem.relations {
            if let Relation::SameRoom(a, b) = *relation {
                partners[a as usize].push(b);
                partners[b as usize].push(a);
            }
        }
        let allowed =
            (0..g).map(|a| (0..p).filter(|x| fixed[a * p + x] < BLOCKED).map(|x| x as u16).collect()).collect();
        let (bits, words) = bits(&near, g);
        let mut closed = vec![false; p * r];
        for (y, room) in problem.rooms.iter().enumerate() {
            room.unavailable.iter().for_each(|x| closed[*x as usize * r + y] = true);
        }
        Ok(Self {
            problem,
            groups: g,
            periods: p,
            stride: p.next_multiple_of(BLOCK),
            rooms: r,
            narrow: most < 1 << 14 && near.all().iter().all(|x| x.1 < 1 << 15),
            window: windows(&pair, p),
            allowed: Lists::from(allowed),
            order,
            size: problem.exams.iter().map(|e| fits(i64::from(e.size), Thing::Size)).collect::<Result<_, _>>()?,
            duration: problem.exams.iter().map(|e| duration(e.minutes)).collect(),
            durations: minutes.len(),
            exclusive: problem.exams.iter().map(|e| e.exclusive).collect(),
            split: problem
                .exams
                .iter()
                .map(|e| e.split || e.fixed_rooms.as_ref().is_some_and(|f| f.len() > 1))
                .collect(),
            rooms_of: rooms_of(problem, &room_cost),
            capacity: problem.rooms.iter().map(|x| x.capacity.min(BLOCKED as u32) as i32).collect(),
            mixed: fits(tables.mixed, Thing::Duration)?,
            partners: Lists::from(partners),
            ways: i64::from(fits(tables.ways, Thing::Way)?),
            people: Lists::from(people),
            exams: Lists::from(exams),
            group_of,
            near,
            bits,
            words,
            pair,
            fixed,
            room_cost,
            closed,
            loads,
            day,
            days,
        })
    }

    /// Whether a bit for each pair is kept.
    #[inline]
    pub fn has_bits(&self) -> bool {
        !self.bits.is_empty()
    }

    /// The row of bits of a group.
    #[inline]
    pub fn row(&self, a: usize) -> &[u64] {
        &self.bits[a * self.words..(a + 1) * self.words]
    }
}

fn fits(x: i64, what: Thing) -> Result<i32, Bad> {
    i32::try_from(x).ok().filter(|x| *x < BLOCKED / 2).ok_or_else(|| Bad::at(Source::Problem, 0, Fault::Weights(what)))
}

fn groups(problem: &Problem) -> (Vec<u32>, Vec<Vec<u32>>) {
    let root = tied(problem);
    let mut number = vec![u32::MAX; root.len()];
    let (mut of, mut exams) = (Vec::with_capacity(root.len()), Vec::<Vec<u32>>::new());
    for (e, &r) in (0u32..).zip(&root) {
        let slot = &mut number[r as usize];
        if *slot == u32::MAX {
            *slot = exams.len() as u32;
            exams.push(Vec::new());
        }
        of.push(*slot);
        exams[*slot as usize].push(e);
    }
    for list in &mut exams {
        list.sort_by_key(|&e| (std::cmp::Reverse(problem.exams[e as usize].size), e));
    }
    (of, exams)
}

fn fixed_costs(problem: &Problem, tables: &Tables, exams: &[Vec<u32>]) -> Result<Vec<i32>, Bad> {
    let p = problem.periods.len();
    let mut out = Vec::with_capacity(exams.len() * p);
    for list in exams {
        for x in 0..p {
            let fits_all = list.iter().all(|&e| problem.period_fits(e as usize, x));
            let cost = list.iter().fold(0i64, |s, &e| s.saturating_add(tables.period[e as usize * p + x]));
            let cost = fits(cost, Thing::ExamsPeriods)?;
            out.push(if fits_all { cost } else { BLOCKED });
        }
    }
    Ok(out)
}

fn room_costs(problem: &Problem, tables: &Tables) -> Result<Vec<i32>, Bad> {
    let r = problem.rooms.len();
    let mut out = Vec::with_capacity(problem.exams.len() * r);
    for e in 0..problem.exams.len() {
        for y in 0..r {
            let cost = fits(tables.room[e * r + y], Thing::ExamsRooms)?;
            out.push(if problem.room_suits(e, y) { cost } else { BLOCKED });
        }
    }
    Ok(out)
}

fn rooms_of(problem: &Problem, cost: &[i32]) -> Lists<u16> {
    let r = problem.rooms.len();
    let lists = problem.exams.iter().enumerate().map(|(e, exam)| {
        let whole = exam.fixed_rooms.as_ref().is_none_or(|f| f.len() < 2);
        let good = |y: &usize| whole && cost[e * r + y] < BLOCKED && problem.rooms[*y].capacity >= exam.size;
        let mut list: Vec<u16> = (0..r).filter(good).map(|y| y as u16).collect();
        list.sort_by_key(|&y| (cost[e * r + y as usize], problem.rooms[y as usize].capacity, y));
        list
    });
    Lists::from(lists.collect())
}

fn orders(problem: &Problem, group_of: &[u32], g: usize) -> Lists<(u32, bool)> {
    let mut lists = vec![Vec::new(); g];
    for relation in &problem.relations {
        if let Relation::After(a, b) = *relation {
            let (a, b) = (group_of[a as usize], group_of[b as usize]);
            lists[a as usize].push((b, true));
            lists[b as usize].push((a, false));
        }
    }
    Lists::from(lists)
}

fn neighbours(problem: &Problem, group_of: &[u32], g: usize) -> Lists<(u32, i32)> {
    let mut keys: Vec<u64> = Vec::new();
    let key = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
    for exams in problem.exams_of_candidates() {
        for (i, &a) in exams.iter().enumerate() {
            for &b in &exams[i + 1..] {
                let (a, b) = (group_of[a as usize], group_of[b as usize]);
                if a != b {
                    keys.push(key(a.min(b), a.max(b)));
                }
            }
        }
    }
    keys.sort_unstable();
    let mut lists: Vec<Vec<(u32, i32)>> = vec![Vec::new(); g];
    for run in keys.chunk_by(|a, b| a == b) {
        let (a, b) = ((run[0] >> 32) as u32, run[0] as u32);
        let w = i32::try_from(run.len()).unwrap_or(i32::MAX);
        lists[a as usize].push((b, w));
        lists[b as usize].push((a, w));
    }
    for relation in &problem.relations {
        if let Relation::DifferentPeriod(a, b) | Relation::After(a, b) = *relation {
            let (a, b) = (group_of[a as usize], group_of[b as usize]);
            lists[a as usize].push((b, 0));
            lists[b as usize].push((a, 0));
        }
    }
    for list in &mut lists {
        // The heavier of two entries comes first and stays.
        list.sort_unstable_by_key(|x| (x.0, -x.1));
        list.dedup_by_key(|x| x.0);
    }
    Lists::from(lists)
}

fn bits(near: &Lists<(u32, i32)>, g: usize) -> (Vec<u64>, usize) {
    if g > BITS_UP_TO {
        return (Vec::new(), 0);
    }
    let words = g.div_ceil(64);
    let mut bits = vec![0; g * words];
    for a in 0..g {
        for &(b, _) in near.of(a) {
            bits[a * words + b as usize / 64] |= 1 << (b % 64);
        }
    }
    (bits, words)
}

fn windows(pair: &[i32], p: usize) -> Vec<(u32, u32)> {
    let row = |x: usize| &pair[x * p..(x + 1) * p];
    (0..p)
        .map(|x| {
            let lo = row(x).iter().position(|c| *c != 0).unwrap_or(0);
            let hi = row(x).iter().rposition(|c| *c != 0).map_or(lo, |i| i + 1);
            let (lo, hi) = (lo / BLOCK * BLOCK, hi.next_multiple_of(BLOCK));
            (lo as u32, hi as u32)
        })
        .collect()
}

fn people(problem: &Problem, exams: &[Vec<u32>]) -> Vec<Vec<u32>> {
    exams
        .iter()
        .map(|l| l.iter().flat_map(|&e| problem.exams[e as usize].candidates.iter().copied()).collect())
        .collect()
}
