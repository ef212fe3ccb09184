//! Accounts, signing in, login sessions, API tokens.
//!
//! # Invariants
//! - Neither passwords nor tokens are stored: argon2id hashes of the first, SHA-256 of the (random) second.
//! - A login name is kept tidied ([`rules::tidy_login`]) and is unique.
//! - A sign-in that fails gives one answer, after the same work, whatever the reason: unknown name, wrong password, account
//!   closed or waiting after too many failures.
//! - An account with a one-time password can do nothing but choose its own.
//! - One query finds the visitor of a request: login session or token, account and scopes together.
//!
//! The use cases stand in [`ops`] (signing in, own account), [`users`] (other people's accounts) and [`tokens`]; who may
//! see which pages is `app::permissions`.

pub mod entity;
pub mod ops;
pub mod pages;
pub mod password;
pub mod rules;
pub mod session;
pub mod tokens;
pub mod users;

pub use session::Sessions;
