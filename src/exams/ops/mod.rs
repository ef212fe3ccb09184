//! The use cases of exams, by verb; the only writer of `exam_cycle`, `registration` and `result`.

pub mod bulk;
mod candidates;
mod cycles;
mod registrations;
mod results;

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};

pub use candidates::{Candidate, CandidateFilter, Outcomes, SubjectResult, candidate, candidates, of_person, timeline};
pub use cycles::{Counts, CycleView, EditCycle, LevelCounts, cycle, cycles, edit_cycle};
pub(super) use cycles::{ensure as ensure_cycle, published_on};
pub use registrations::{
    ChangeRegistration, RegistrationFilter, RegistrationView, change_registration, registration, registrations,
};
pub use results::{Decide, Decision, SetResult, decide, set_result};

pub use super::entity::exam_cycle::Model as Cycle;
use crate::core::{Actor, Error, Result, Role};
use crate::people::entity::person;
use crate::people::scope;

/// Who changes registrations and results.
pub const EDITORS: &[Role] = &[Role::Administrator, Role::Trainer];
/// Who sees them with names: an intern only their own.
pub const READERS: &[Role] = &[Role::Administrator, Role::Trainer, Role::Intern];

/// The person, if the actor sees them.
async fn visible(db: &impl ConnectionTrait, who: &Actor, person_id: i64) -> Result<person::Model> {
    use sea_orm::ColumnTrait;
    let found = scope::visible_to(who).filter(person::Column::Id.eq(person_id)).one(db).await?;
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// The cycle by its id.
async fn cycle_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Cycle> {
    let found = super::entity::exam_cycle::Entity::find_by_id(id).one(db).await?;
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// The exam year as the schemes count it.
fn year_of(cycle: &Cycle) -> i32 {
    i32::try_from(cycle.year).unwrap_or_default()
}
