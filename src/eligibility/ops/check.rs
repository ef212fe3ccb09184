//! What may be written into a form.

use chrono::NaiveDate;

use crate::core::{Error, FieldError, Msg, Result};

/// Collects what is wrong with the fields of a form.
#[derive(Default)]
pub(super) struct Check(Vec<FieldError>);

impl Check {
    pub(super) fn no(&mut self, field: &str, key: &str) {
        self.0.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    }

    pub(super) fn text(&mut self, field: &str, text: &str, least: usize, most: usize) {
        let n = text.trim().chars().count();
        if n < least {
            self.no(field, "eligible-missing");
        } else if n > most {
            self.no(field, "classes-text-long");
        }
    }

    pub(super) fn one_of(&mut self, field: &str, text: &str, allowed: &[&str]) {
        if !allowed.contains(&text) {
            self.no(field, "eligible-choose");
        }
    }

    pub(super) fn order(&mut self, field: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
        if from.zip(to).is_some_and(|(a, b)| b < a) {
            self.no(field, "eligible-order");
        }
    }

    pub(super) fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
