//! Where each person stands between campus and renewal, and how many stand where.
//!
//! The stage is derived, never typed in. This feature owns one `person_facts` row a person, one `exam_facts` row a person ×
//! scheme × level × exam year, and the counters of funnel and tally. A feature that changes something tells it inside its
//! own transaction:
//!
//! ```text
//! let before = pipeline::open(&txn, &person_ids).await?;        // what these people count for now
//! …write rows, memberships (`person_scope`, region, campus)…
//! before.close(&txn, cx, vec![(person_id, Change::Practicum { … })]).await?;
//! ```
//!
//! Changes say how things *are* (not how they moved), so telling the same thing twice changes nothing; counters move by the
//! difference between what the people counted for at `open` and at `close`. Invariant: every counter equals the count over
//! the facts rows; the nightly tally recounts from the source rows and raises an alarm where it does not hold.

mod correct;
mod counters;
pub mod entity;
mod facts;
pub mod rules;

pub use correct::{Correction, correct};
pub use counters::{CounterKey, Counts, GroupKey, region_groups};
pub use facts::{Change, Open, forget, open, rederive_due};
pub use rules::{ExamFact, Facts, Stage};
