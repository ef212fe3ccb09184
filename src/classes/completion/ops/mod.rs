//! The use cases of completion; the only writer of `completion_rule`, `class_standing` and `completion`.

mod certificate;
mod list;
mod rule;
mod settle;

pub use certificate::{Issued, issue, replace, revoke};
pub use list::{
    CertificateView, Find, ORDERS, Outcome, Stood, certificate, certificates, count, outcomes, outcomes_in,
};
pub use rule::{RuleView, rule_of, set_rule, tell};
pub use settle::attended;
pub(in crate::classes) use settle::settle;

pub use super::entity::completion::Model as Certificate;
