//! What everything else stands on: settings, the clock, civil time, errors that can be read by a person in their own
//! language, keyset pages, and the one place that seals ID numbers. Nothing here knows the field.

pub mod actor;
pub mod civil;
pub mod clock;
pub mod config;
pub mod error;
pub mod files;
pub mod i18n;
pub mod page;
pub mod seal;
pub mod sheet;

pub use actor::{Actor, Role};
pub use error::{Error, FieldError, Msg, Result};
pub use i18n::Lang;
