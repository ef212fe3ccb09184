//! The exam scheduler: exams into periods and rooms, pure, deterministic, and good at any time it is stopped.
//!
//! # The problem in a paragraph
//! Each exam gets one period and one room (or several of one building when it may be split). Nobody sits two exams at once,
//! rooms have only so many seats, some exams must come after, with or apart from others: these are **hard** rules. What makes
//! a plan good or bad is **soft**: two exams in a row, on one day, within a few days, large exams late, unloved rooms. The
//! score of a plan is (hard violations, soft cost), the first compared first. Rules and weights follow ITC-2007 track 1
//! (McCollum and others, 2008) and Carter's Toronto set where those say something.
//!
//! # How a plan is found
//! 1. [`instance`]: the problem as flat tables; exams that must share a period are merged into groups.
//! 2. [`construct`]: hardest first, throwing out what is in the way. Milliseconds on all public instances.
//! 3. [`calibrate`]: temperatures from what moves cost in this very instance, so that weights may be anything; [`pace`]: a
//!    short trial cooling, and from it how long to stay at which temperature.
//! 4. [`anneal`] with the [`moves`]; [`state`] makes judging a move two loads; [`rooms`] finds seats.
//! 5. [`polish`]: rooms of a period by [`matching`], then descent until no move betters anything.
//! 6. [`recount`]: the independent score, written from the rules.
//!
//! [`solve`](mod@solve) runs it all, on several threads if asked: they meet a few times and the worst goes on from the best.
//! [`explain`] proves what cannot be before, and names what is in the way after. [`command`] serves command line and jobs.
//!
//! # Why each move exists
//! What sets 1, 8 and 4 of ITC-2007 cost after 10 s (seed 1, busy machine) with all moves: 3779, 6582, 12526.
//! * **Chains** (Kempe closures): in dense timetables hardly any group has a period free of clashes, so single moves freeze.
//!   Without any (chains of one group, groups still drawn alike): 4642, 7183, 27859.
//! * **Swaps** (chains from two groups): with 86 % of the seats used (set 4) one exam rarely fits anywhere without another
//!   leaving. Without: 3824, 6721, 12397, which is inside the spread of seeds: chains alone do nearly as well.
//! * **Room moves and swaps**: without: 3812, 6548 (set 4 has one room), inside the spread of seeds too, because every chain
//!   finds its rooms anew. They stay for rooms whose prices hang together (same room, ways between sites).
//! * **Matching** at the end: the rooms of a period at once, exactly; milliseconds.
//!
//! # Why a trial comes first
//! A quantile of the prices of moves is a poor first temperature where few exams are very large: at the upper quartile the
//! large ones stay where the construction put them. Toronto's kfu-s-93, 10 s, seed 1: from the upper quartile (64) 13.841,
//! from 300 12.870, from 1500 13.069; pur-s-93 from 71 4.606, from 300 4.435. So the search begins at the 99th hundredth, and
//! [`pace`] keeps it from wasting time there: 5 % of the budget cool evenly, what the cost does meanwhile divides the rest.
//! * 120 s, seed 1: kfu-s-93 from 13.444 to 12.995, pur-s-93 from 4.454 to 4.058; set 5 at 276 s from 2433 to 2399.
//!   At 10 s and one seed sets 2, 6, 8 and 11 came out 0.5 to 3 % dearer than the earlier medians, on a busier machine.
//! * How the time follows the fall of the cost matters less than that it does. Powers (of the fall, against the temperature)
//!   at 50 million proposals, seeds 1 and 2: pur-s-93 4.337, 4.310 (0.7, 0), 4.366, 4.275 (0.6, 0.15) and 4.403, 4.330
//!   (0.5, 0.25); set 5 2525, 2620 (0.7, 0) and 2580, 2495 (0.5, 0.25, in three quarters of the time). But at 10 s and seed 1
//!   set 5 2585 (1, 0) for 2454 (0.7, 0), and pur-s-93 4.37 to 4.58 (0.5, 0.5: too little time while it is hot).
//! * The 95th hundredth gave kfu-s-93 12.888 and 13.478: the largest exams are frozen there again.
//! * Whole periods changing places (exchanged, moved, stretches turned round) at the same temperature changed nothing once
//!   pur-s-93 had cooled below 40, so it is not there.
//!
//! # Why it is fast
//! * A seed whose own move is above the threshold is left before its chain is grown: every acceptable chain has a member
//!   that passes and grows the same chain, so nothing is lost; up to 2.7 times the proposals per second.
//! * A chain of n groups is followed with probability 4/n only ([`moves`]). Before, set 4 and Toronto's car-s-91 spent nine
//!   tenths of the time on chains of 20 to 50 groups of which 0.4 % and 0.02 % were accepted. With bits instead of counters
//!   this made 2.5 times the proposals on set 4 and 3 times those on car-s-91 (10 s, seeds 1 and 2: set 4 from 13777 and 13260 to
//!   12689 and 11953).
//! * Fixed and changing costs share one table ([`state`]), neighbours in a period come from bits, rows are updated by
//!   blocks that the compiler turns into vectors, proposals are drawn eight at a time so that their loads overlap
//!   ([`anneal`]): together 1.2 to 1.6 times the proposals on the other sets.
//! * Groups are drawn in proportion to their neighbours: those with few are soon where they should be. Sets 5 and 7 at
//!   10 s, seeds 1 and 2: from 2523, 2599 and 3665, 3634 to 2476, 2420 and 3480, 3449; on the
//!   others the difference is inside the spread of seeds.
//!
//! # A new criterion
//! One file in [`criteria`] and one line in its list; see there.
//!
//! # Example
//! ```
//! use std::sync::atomic::AtomicBool;
//! use yanzhen::timetable::{parse, solve};
//! let text = r#"{"periods":[{"id":"am","day":"2026-06-15","minutes":120},{"id":"pm","day":"2026-06-15","minutes":120}],
//!   "exams":[{"id":"law","minutes":90,"candidates":["zhang"]},{"id":"ethics","minutes":90,"candidates":["zhang"]}],
//!   "criteria":{"two_in_a_row":10}}"#;
//! let problem = parse::json::read(text).unwrap();
//! let options = solve::Options { limit: solve::Limit::Iterations(1000), ..solve::Options::default() };
//! let cancel = AtomicBool::new(false);
//! let control = solve::Control { cancel: &cancel, progress: None };
//! let outcome = solve::solve(&problem, &options, &control).unwrap();
//! assert_eq!((outcome.score.hard(), outcome.score.soft()), (0, 10));
//! ```

pub mod anneal;
pub mod calibrate;
pub mod command;
pub mod construct;
pub mod criteria;
pub mod error;
pub mod explain;
pub mod instance;
pub mod matching;
pub mod model;
pub mod moves;
pub mod pace;
pub mod parse;
pub mod polish;
pub mod recount;
pub mod rng;
pub mod rooms;
pub mod solve;
pub mod state;
