//! One row of a register as a page of facts, and as a form. A feature fills [`RecordView`] or [`FormView`].

use askama::Template;

use super::error::Errors;
use super::list::{Cell, Head, Tile};
use super::ui::Ui;

/// A list below the facts.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Cell>>,
    /// What stands there when there are no rows.
    pub none: String,
    /// A button: address and label; empty for none.
    pub action: (String, String),
}

/// One row as a page.
#[derive(Template)]
#[template(path = "web/record.html")]
pub struct RecordView {
    pub ui: Ui,
    pub title: String,
    /// Kind of badge and its text; empty for none.
    pub badge: (&'static str, String),
    pub crumbs: Vec<(String, String)>,
    pub actions: Vec<(String, String)>,
    pub tiles: Vec<Tile>,
    /// Label and value.
    pub facts: Vec<(String, Cell)>,
    pub note: String,
    pub sections: Vec<Section>,
}

/// One field of a form: a choice when there are options, a text area when the kind is `area`, a tick when it is `check`.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub kind: &'static str,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub options: Vec<(String, String)>,
    /// Further attributes as HTML, written by the program.
    pub attributes: &'static str,
}

impl Field {
    #[must_use]
    pub fn input(name: &str, kind: &'static str, label: String, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            label,
            hint: String::new(),
            value: value.to_owned(),
            options: Vec::new(),
            attributes: "maxlength=200",
        }
    }

    #[must_use]
    pub fn choice(name: &str, label: String, value: &str, options: Vec<(String, String)>) -> Self {
        Self { options, ..Self::input(name, "", label, value) }
    }

    #[must_use]
    pub fn hint(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }

    #[must_use]
    pub fn required(mut self) -> Self {
        self.attributes = "maxlength=200 required";
        self
    }
}

/// A form of one row.
#[derive(Template)]
#[template(path = "web/form.html")]
pub struct FormView {
    pub ui: Ui,
    pub title: String,
    pub lead: String,
    pub crumbs: Vec<(String, String)>,
    pub action: String,
    /// The version seen; 0 for a new row.
    pub version: i64,
    /// Groups of fields with their headings; an empty heading for the only group.
    pub groups: Vec<(String, Vec<Field>)>,
    pub errors: Errors,
}

/// A date as an input of kind `date` has it; empty for none.
#[must_use]
pub fn date(d: Option<chrono::NaiveDate>) -> String {
    d.map(|d| d.to_string()).unwrap_or_default()
}

/// A date typed; what is no date becomes an error of its field.
pub fn read_date(errors: &mut Errors, field: &str, text: &str) -> Option<chrono::NaiveDate> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.parse().ok();
    if day.is_none() {
        errors.add(field, crate::core::Msg::new("web-date-form"));
    }
    day
}

/// A whole number from 0 typed; what is none becomes an error of its field.
pub fn read_count(errors: &mut Errors, field: &str, text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let n = text.parse().ok().filter(|n| (0..=1_000_000_000).contains(n));
    if n.is_none() {
        errors.add(field, crate::core::Msg::new("web-count-form"));
    }
    n
}
