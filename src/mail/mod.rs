//! Mail that is written down before it is sent.
//!
//! A use case plans a mail as a row of the outbox in its own transaction ([`plan`]); nothing is ever sent from a request.
//! The `mail` job sends what is due ([`send::send_due`]). One row a (rule, occasion, person), so a mail that was planned
//! is not planned again. Every change of state leaves a row in the log.
//!
//! | state | meaning |
//! |---|---|
//! | planned | waits for its moment |
//! | due | to be sent now (no moment was named, or by hand) |
//! | sending | a process holds it by a lease |
//! | sent | the server took it |
//! | retry | the server could not be reached or said "later" |
//! | failed | the server refused it, or there were enough attempts |
//! | cancelled | no longer true, or by hand |
//! | missed | its window had passed before it could be sent |
//! | no_address | the person has none: see the call list |
//!
//! The text is made when the mail is sent, from the payload and from what is true then, in the reader's language. The
//! Message-ID is fixed when the row is made: where a connection breaks after the content and before the answer, the mail
//! may arrive twice, and the receiving side can see that it is the same one.
//!
//! This module knows no feature: `app` hands in what each template name does ([`Templates`]).

pub mod changes;
pub mod compose;
pub mod entity;
pub mod expire;
pub mod lane;
pub mod outbox;
pub mod record;
pub mod rules;
pub mod send;
pub mod template;

pub use outbox::{NewMail, plan};
pub use rules::State;
pub use send::{Post, Report, send_due};
pub use template::{Letter, Prepared, Template, Templates};

/// A note for the log that can be read in either language; see [`read_note`].
#[must_use]
pub fn note(key: &str) -> String {
    kept(&crate::core::Msg::new(key))
}

pub(crate) fn kept(msg: &crate::core::Msg) -> String {
    serde_json::to_string(msg).unwrap_or_else(|_| msg.key.clone())
}

/// The sentence of a note; a server's own words stay as they are.
#[must_use]
pub fn read_note(note: &str, lang: crate::core::Lang) -> String {
    serde_json::from_str::<crate::core::Msg>(note).map_or_else(|_| note.to_owned(), |m| m.text(lang))
}
