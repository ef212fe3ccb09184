//! The pages of those who run the system: accounts of users, the audit log, scheduled jobs.
//!
//! # Invariants
//! - One sees and manages only accounts whose whole scope lies within one's own ([`scopes::accounts_visible_to`]): nobody can
//!   widen their own view by making or resetting an account.
//! - A one-time password is shown once, in the answer that made it.

pub mod api;
pub mod audit_pages;
pub mod entries;
pub mod jobs_api;
pub mod jobs_pages;
pub mod scopes;
pub mod user_pages;
pub mod users;

use crate::web::Pages;

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    jobs_pages::routes(audit_pages::routes(user_pages::routes(r)))
}
