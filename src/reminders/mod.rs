//! Reminders: a rule (N days before or after a day of the exam year, at a time of day in a zone) becomes one planned
//! mail a person and exam year.
//!
//! - The rule and the instant computed from it are kept apart: when the day moves, or the person's area, the planned
//!   mails move ([`plan::run`], and again when a mail is about to go out).
//! - The reason is checked again when a mail is sent ([`letters`]): who has registered meanwhile, has left or is no longer
//!   active gets nothing.
//! - No reminder whose moment was before the person was enrolled or registered, or before the rule was first known:
//!   neither a new person nor a new rule brings up the past.
//! - What could not be sent within the rule's window is missed, not sent late.
//! - People without an address are on the call list with their phone numbers.
//!
//! Rows stand in the outbox, which `mail` owns; this feature finds whom they concern, and shows the outbox to those who
//! see the people in it ([`outbox`]), which `mail` cannot know.

pub mod api;
pub mod audience;
pub mod letters;
pub mod lists;
pub mod outbox;
pub mod outbox_api;
pub mod pages;
pub mod plan;
pub mod rules;

use std::sync::Arc;

use crate::core::Result;
use crate::core::files::ReadOnce;
use crate::db::Cx;

pub use rules::Rule;

/// All rules, shared.
pub type Rules = Arc<Vec<Rule>>;

/// The rules of this installation, read once per settings file and process.
///
/// # Errors
/// [`crate::core::Error::Setup`] naming file and key; the program checks all files when it starts.
pub fn of(cx: &Cx) -> Result<Rules> {
    static READ: ReadOnce<Vec<Rule>> = ReadOnce::new();
    READ.get(cx.settings.file.as_deref(), || rules::read(&cx.settings.rule_files(), cx.zone()))
}
