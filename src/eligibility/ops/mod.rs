//! Use cases of eligibility: the only writer of `schooling`, `work_experience`, `exam_bar` and `eligibility_override`.

mod batch;
mod check;
mod facts;
mod records;
mod view;

pub use batch::{Counts, Line, Wanted, batch, counts};
pub use facts::{facts, recorded};
pub use records::{
    BarInput, OverrideInput, Recorded, SchoolingInput, WorkInput, add_bar, add_override, add_schooling, add_work,
    lift_bar, remove_schooling, remove_work, revoke_override,
};
pub use view::{ClauseLine, LevelVerdict, asked_year, verdicts};

use crate::core::Role;

/// Who keeps what eligibility turns on.
const STAFF: &[Role] = &[Role::Administrator, Role::Trainer];
