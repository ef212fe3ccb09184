//! Use cases of cohorts: the only writer of `cohort` and `enrolment`.

mod accounts;
mod cohort;
mod enrol;
mod members;

pub use super::entity::cohort::Model as Cohort;
pub use super::entity::enrolment::Model as Enrolment;
pub use accounts::{AT_ONCE as ACCOUNTS_AT_ONCE, AccountState, Slip, Whom, account_state, make_accounts};
pub use cohort::{CohortInput, CohortView, create, edit, ensure, get, list, visible};
pub use enrol::{
    Enrol, EnrolByHand, Enrolled, enrol_by_hand, enrol_many, facts, put_memberships_right, set_state, timeline,
};
pub use members::{Member, members};
