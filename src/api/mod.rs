//! What every operation of the JSON API stands on.
//!
//! # An operation
//! ```text
//! pub struct PeopleApi;
//!
//! #[OpenApi(prefix_path = "/people", tag = "api::Tag::People")]
//! impl PeopleApi {
//!     /// List people.
//!     #[oai(path = "/", method = "get", operation_id = "list_people")]
//!     async fn list(&self, cx: Cx, user: ApiUser, limit: Query<Option<u64>>, after: Query<Option<String>>)
//!         -> api::Result<Json<PageOut<PersonOut>>> { … }
//! }
//! ```
//! `cx: Cx` and `user: ApiUser` (an [`Actor`](crate::core::Actor) inside) come from the frame; `core::Error` becomes a
//! [`Problem`] by `?`. Structs are listed in `app.rs`, each operation in `app/permissions.rs`. Input objects have
//! `#[oai(deny_unknown_fields)]`. A POST may carry `Idempotency-Key` ([`idempotency`]).

pub mod docs;
pub mod idempotency;
pub mod intake;
pub mod me;
pub mod page;
pub mod problem;
pub mod user;

pub use page::PageOut;
pub use problem::Problem;
pub use user::ApiUser;

use poem_openapi::Tags;

/// The result of every operation.
pub type Result<T> = std::result::Result<T, Problem>;

/// The chapters of the documentation.
#[derive(Clone, Copy, Debug, Tags)]
pub enum Tag {
    /// The account behind the token.
    Account,
    /// Accounts of users.
    Users,
    /// Who changed what.
    Audit,
    /// Regions, campuses, bases, supervisors, agreements.
    Directory,
    /// People and their records.
    People,
    /// Cohorts and enrolments.
    Cohorts,
    /// Placements and hour entries.
    Practicum,
    /// Classes, class sessions, attendance.
    Classes,
    /// Exam cycles, registrations, results.
    Exams,
    /// Certificates.
    Certificates,
    /// Organisations, stations, employments, projects, service records.
    Registers,
    /// Files read into the records.
    Imports,
    /// Figures.
    Tally,
    /// Reminder rules and the outbox.
    Reminders,
    /// Scheduled jobs.
    Jobs,
}
