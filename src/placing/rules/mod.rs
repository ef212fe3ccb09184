//! How a cohort is placed: plain values only, no database.
//!
//! Students rank places, bases offer them; who comes first at a base is a stated order ([`Claim`]): what the office set for
//! the student, then how near they live, then a lot drawn from the round's seed. The proposal is the one that no student and
//! place would leave for each other, and the best of these for every student ([`assign`], deferred acceptance: Gale and
//! Shapley 1962, with shared limits of agreement and base as in Biró and others 2010, "The College Admissions problem with
//! lower and common quotas").

mod check;
mod distance;
mod lot;
mod matching;
#[cfg(test)]
mod tests;
mod why;

pub use check::{blocking, over};
pub use distance::{Near, Place, distance};
pub use lot::lot;
pub use matching::{Assignment, Claim, Market, Outcome, Pool, Slot, Student, Wish, assign, fill};
pub use why::{Bar, Beaten, Failed};
