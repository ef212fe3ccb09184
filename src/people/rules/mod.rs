//! Checks of a person's fields: pure, each a function from what was written to what may be kept or the code of what is
//! wrong with it.

pub mod birth;
pub mod id_no;
pub mod id_type;
pub mod mail;
pub mod name;
pub mod phone;

/// What a check says is wrong: the code of a problem (see `import-code-…` in the locales).
pub type Code = &'static str;
