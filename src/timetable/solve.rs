//! The whole search: construction, calibration, annealing on all threads with exchange, polish, recount.

use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::anneal::{Annealer, Schedule};
use super::calibrate;
use super::construct;
use super::error::Bad;
use super::instance::Instance;
use super::model::{Plan, Problem};
use super::pace::{Heat, Pace};
use super::polish::polish;
use super::recount::{Score, score};
use super::rng::Rng;
use super::state::{NONE, Snapshot, State};

/// Shares of the schedule at which threads meet and the worst goes on from the best.
const MEETINGS: [f64; 6] = [0.5, 0.65, 0.75, 0.85, 0.93, 1.0];
/// Share of the schedule for the trial.
const TRIAL: f64 = 0.05;
/// Share of the time that is kept for the polish.
const KEPT: f64 = 0.01;
/// Strides between two looks at the clock.
const LOOKS: u32 = 8;
/// Candidates up to which progress tells each criterion.
const SMALL: u32 = 50_000;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// After so many seconds; the result depends on the machine.
    Seconds(f64),
    /// After so many proposals per thread; the result depends on problem, seed and threads alone.
    Iterations(u64),
}

/// How to search.
#[derive(Clone, Debug)]
pub struct Options {
    /// When to stop.
    pub limit: Limit,
    /// Luck.
    pub seed: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// A plan to start from: what of it can stand is kept, and the search stays nearer to it.
    pub start: Option<Plan>,
    /// Seconds from some moment on. With one thread, which is then the caller's, benchmarks on a busy machine put its
    /// processor time here.
    pub clock: fn() -> f64,
    /// Temperatures to use instead of those calibrated.
    pub schedule: Option<Schedule>,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: Limit::Seconds(10.0), seed: 1, threads: 1, start: None, clock: wall, schedule: None }
    }
}

/// Seconds of the wall clock since it was first asked.
pub fn wall() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// How far a search is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Seconds so far.
    pub seconds: f64,
    /// Part of the budget used, 0 to 1.
    pub share: f64,
    /// Exams without place in the best so far.
    pub unplaced: usize,
    /// Its cost.
    pub cost: i64,
    /// Its cost by criterion, where the problem is small enough to count it each second.
    pub criteria: Vec<(&'static str, i64)>,
}

/// The outside: a way to stop, and who wants to know.
pub struct Control<'a> {
    /// Set it and the search ends soon with the best so far.
    pub cancel: &'a AtomicBool,
    /// Called about once a second.
    pub progress: Option<&'a (dyn Fn(&Progress) + Sync)>,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The plan.
    pub plan: Plan,
    /// Its recount.
    pub score: Score,
    /// Proposals of all threads.
    pub iterations: u64,
    /// Seconds to the first plan (with all exams placed, if that was possible at all).
    pub first: f64,
    /// Seconds in all.
    pub seconds: f64,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

struct Run<'a> {
    options: &'a Options,
    control: &'a Control<'a>,
    begin: f64,
    told: Mutex<f64>,
}

impl Run<'_> {
    fn elapsed(&self) -> f64 {
        (self.options.clock)() - self.begin
    }

    fn go(&self) -> bool {
        let late = matches!(self.options.limit, Limit::Seconds(s) if self.elapsed() >= s);
        !late && !self.control.cancel.load(Ordering::Relaxed)
    }

    /// Tells the outside how far it is, at most once a second; the first thread does it.
    fn tell(&self, share: f64, a: &Annealer<'_>) {
        let Some(progress) = self.control.progress else { return };
        let now = wall();
        match self.told.lock() {
            Ok(mut told) if now - *told >= 1.0 => *told = now,
            _ => return,
        }
        // Where it is may be better than what was kept: that is copied only when it is left.
        let here = (a.st.unplaced, a.st.cost) < (a.best.unplaced, a.best.cost);
        let (unplaced, cost) = if here { (a.st.unplaced, a.st.cost) } else { (a.best.unplaced, a.best.cost) };
        let inst = a.st.inst;
        let criteria = if inst.problem.candidates <= SMALL {
            let plan = if here { a.st.plan() } else { a.best.plan(inst) };
            score(inst.problem, &plan).criteria
        } else {
            Vec::new()
        };
        progress(&Progress { seconds: self.elapsed(), share, unplaced, cost, criteria });
    }
}

/// Searches. Fails only for weights too large to count with.
pub fn solve(problem: &Problem, options: &Options, control: &Control<'_>) -> Result<Outcome, Bad> {
    let begin = (options.clock)();
    let inst = Instance::new(problem)?;
    let run = Run { options, control, begin, told: Mutex::new(f64::MIN) };
    let threads = options.threads.max(1);
    let mut searches: Vec<Annealer<'_>> = each(threads, (0..threads).collect(), |i| start(&inst, &run, i));
    let first = run.elapsed();
    let schedule = options.schedule.unwrap_or_else(|| schedule(&mut searches, options.start.is_some()));
    let offset = run.elapsed();
    let (pace, mut from) = pace(&mut searches, &run, &schedule, offset);
    let single = [1.0];
    for &to in if threads > 1 { &MEETINGS[..] } else { &single } {
        searches = each(threads, searches, |mut a| {
            anneal(&mut a, &run, (&schedule, &pace), (from, to), offset, &mut |_, _| {});
            a
        });
        from = to;
        exchange(&mut searches, to < 1.0);
    }
    // Threads of equal best differ in nothing after this; each polishes its own.
    let snapshots: Vec<(Snapshot, u64)> = each(threads, searches, |mut a| {
        let best = std::mem::take(&mut a.best);
        if best.cost != a.st.cost || best.period != a.st.period || best.room != a.st.room || best.parts != a.st.parts {
            a.st.restore(&best);
        }
        let hurry = matches!(run.options.limit, Limit::Seconds(_));
        let until = run.elapsed().max(match run.options.limit {
            Limit::Seconds(s) => s,
            Limit::Iterations(_) => 0.0,
        });
        polish(&mut a.st, &mut a.mover, &mut a.rng, &mut || {
            !(run.control.cancel.load(Ordering::Relaxed) || hurry && run.elapsed() > until + 0.5)
        });
        let mut out = Snapshot::default();
        a.st.snapshot(&mut out);
        if (best.unplaced, best.cost) < (out.unplaced, out.cost) {
            out = best;
        }
        (out, a.done)
    });
    let iterations = snapshots.iter().map(|s| s.1).sum();
    let mut st = State::new(&inst);
    if let Some((best, _)) = snapshots.iter().min_by_key(|s| (s.0.unplaced, s.0.cost)) {
        st.restore(best);
    }
    let plan = st.plan();
    Ok(Outcome {
        score: score(problem, &plan),
        plan,
        iterations,
        first,
        seconds: run.elapsed(),
        cancelled: control.cancel.load(Ordering::Relaxed),
    })
}

/// Calls `f` for each item, on threads when there are several.
fn each<T: Send, R: Send>(threads: usize, items: Vec<T>, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    if threads < 2 {
        return items.into_iter().map(f).collect();
    }
    std::thread::scope(|s| {
        let f = &f;
        let running: Vec<_> = items.into_iter().map(|x| s.spawn(move || f(x))).collect();
        running.into_iter().filter_map(|t| t.join().ok()).collect()
    })
}

fn start<'i>(inst: &'i Instance<'i>, run: &Run<'_>, thread: usize) -> Annealer<'i> {
    let mut rng = Rng::new(run.options.seed, thread as u64);
    let mut st = State::new(inst);
    if let Some(plan) = &run.options.start {
        warm(&mut st, plan);
    }
    construct::fill(&mut st, &mut rng, 20_000 + 60 * inst.groups as u64, || run.go());
    Annealer::new(st, rng)
}

/// Takes over what of a plan can stand.
fn warm(st: &mut State<'_>, plan: &Plan) {
    let inst = st.inst;
    for g in 0..inst.groups {
        let exams = inst.exams.of(g);
        let Some(Some(place)) = exams.first().and_then(|&e| plan.get(e as usize)) else { continue };
        let p = place.period as usize;
        if p >= inst.periods || !st.allowed(g, p) || !st.is_clear(g, p) || !st.in_order(g, p, |x| st.period[x]) {
            continue;
        }
        st.enter(g, p);
        for &e in exams {
            let room = plan.get(e as usize).and_then(|x| x.as_ref()).and_then(|x| match *x.rooms.as_slice() {
                [r] => Some(r as usize),
                _ => None,
            });
            let stands = |r: &usize| *r < inst.rooms && inst.rooms_of.of(e as usize).contains(&(*r as u16));
            let settled = match room.filter(stands).filter(|&r| st.room_open(e as usize, p, r)) {
                Some(r) => {
                    st.take(e as usize, p, r);
                    true
                }
                None => inst.rooms == 0 || st.settle(e as usize, p, None),
            };
            if !settled {
                st.vacate(g);
                st.leave(g);
                break;
            }
        }
    }
}

fn schedule(searches: &mut [Annealer<'_>], warm: bool) -> Schedule {
    let Some(a) = searches.first_mut() else {
        return Schedule { hot: 1.0, trial: None, cold: 0.1, rooms: 0, swaps: 64 };
    };
    // The samples come from a settled timetable; the search goes on from where it was.
    let mut here = Snapshot::default();
    a.st.snapshot(&mut here);
    let mut rng = a.rng.clone();
    let samples = calibrate::samples(&mut a.st, &mut a.mover, &mut rng);
    a.st.restore(&here);
    calibrate::schedule(a.st.inst, &samples, warm)
}

/// The pace of the search, and from which share of the schedule on: after a trial on all threads, or evenly from the start.
fn pace(searches: &mut Vec<Annealer<'_>>, run: &Run<'_>, schedule: &Schedule, offset: f64) -> (Pace, f64) {
    let even = |from| Pace::even((from, 1.0), schedule.hot, schedule.cold);
    let Some(hot) = schedule.trial else { return (even(0.0), 0.0) };
    let trial = Pace::even((0.0, TRIAL), hot, schedule.cold);
    let tried = each(run.options.threads.max(1), std::mem::take(searches), |mut a| {
        let mut heat = Heat::default();
        anneal(&mut a, run, (schedule, &trial), (0.0, TRIAL), offset, &mut |share, cost| {
            heat.note(share / TRIAL, cost)
        });
        (a, heat)
    });
    let (back, heats): (Vec<_>, Vec<Heat>) = tried.into_iter().unzip();
    *searches = back;
    let measured = Pace::measured((TRIAL, 1.0), hot, schedule.cold, &heats);
    (measured.unwrap_or_else(|| even(TRIAL)), TRIAL)
}

/// Cools one search over a part of the schedule; `note` gets the share that is over and the cost there.
fn anneal(
    a: &mut Annealer<'_>,
    run: &Run<'_>,
    (schedule, pace): (&Schedule, &Pace),
    part: (f64, f64),
    offset: f64,
    note: &mut dyn FnMut(f64, i64),
) {
    let (mut looks, mut share) = (0u32, part.0);
    a.run(schedule, pace, part, &mut |done, a| {
        match run.options.limit {
            Limit::Iterations(n) => {
                share = done as f64 / n.max(1) as f64;
                if looks.is_multiple_of(LOOKS) && run.control.cancel.load(Ordering::Relaxed) {
                    return None;
                }
            }
            Limit::Seconds(s) if looks.is_multiple_of(LOOKS) => {
                if run.control.cancel.load(Ordering::Relaxed) {
                    return None;
                }
                let length = (s * (1.0 - KEPT) - offset).max(1e-6);
                share = (run.elapsed() - offset) / length;
            }
            Limit::Seconds(_) => {}
        }
        if looks.is_multiple_of(LOOKS * 4) {
            run.tell(share, a);
        }
        looks = looks.wrapping_add(1);
        note(share, a.st.cost);
        Some(share)
    });
}

/// The worst thread goes on from where the best is.
fn exchange(searches: &mut [Annealer<'_>], go_on: bool) {
    if searches.len() < 2 || !go_on {
        return;
    }
    let key = |a: &Annealer<'_>| (a.st.unplaced, a.st.cost);
    let (Some(best), Some(worst)) = (
        (0..searches.len()).min_by_key(|&i| key(&searches[i])),
        (0..searches.len()).max_by_key(|&i| key(&searches[i])),
    ) else {
        return;
    };
    if key(&searches[best]) < key(&searches[worst]) {
        let mut here = Snapshot::default();
        searches[best].st.snapshot(&mut here);
        searches[worst].st.restore(&here);
        searches[worst].keep();
    }
    debug_assert!(searches.iter().all(|a| a.st.period.iter().filter(|p| **p == NONE).count() <= a.st.unplaced));
}
