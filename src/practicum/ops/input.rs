//! What an intern logs, as it comes from the form or the API, and what of it can be judged by itself.

use chrono::NaiveDate;

use super::super::entity::hour_entry;
use super::super::rules::{self, Fault, Figures, State};
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};

/// A day's work. Times are minutes of the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogHours {
    /// Whose hours; an intern logs only their own.
    pub person_id: Option<i64>,
    /// Absent: the only placement that covers the day.
    pub placement_id: Option<i64>,
    pub worked_on: NaiveDate,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    /// Absent: from start to end.
    pub minutes: Option<i64>,
    pub kind: String,
    pub project_no: String,
    pub beneficiary: String,
    /// Person-times.
    pub beneficiary_count: i64,
    /// Households visited.
    pub households: i64,
    pub supervision_minutes: i64,
    pub note: String,
    /// The same key of the same person is the same entry: a form sent twice counts once.
    pub client_key: Option<String>,
    /// Hand it in, or keep it as a draft.
    pub submit: bool,
}

/// The entry after logging or editing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    pub id: i64,
    pub version: i64,
    pub state: State,
    /// False when the same form had arrived before.
    pub created: bool,
}

impl Logged {
    pub(super) fn known(r: &hour_entry::Model) -> Self {
        let state = State::parse(&r.state).unwrap_or(State::Draft);
        Self { id: r.id, version: r.version, state, created: false }
    }
}

/// The sentence for a fault, by the field it belongs to.
#[must_use]
pub fn field_error(fault: Fault) -> FieldError {
    let key = format!("practicum-fault-{}", fault.code().replace('_', "-"));
    FieldError { field: fault.field().to_owned(), msg: Msg::new(&key) }
}

pub(super) fn refuse(fault: Fault) -> Error {
    Error::Invalid(vec![field_error(fault)])
}

/// The rules' view of a row.
#[must_use]
pub fn figures_of_row(r: &hour_entry::Model) -> Figures {
    Figures {
        worked_on: r.worked_on,
        starts: r.starts,
        ends: r.ends,
        minutes: r.minutes,
        supervision_minutes: r.supervision_minutes,
        beneficiary_count: r.beneficiary_count,
        households: r.households,
    }
}

impl LogHours {
    /// Whose hours these are.
    pub(super) fn whose(&self, who: &Actor) -> Result<i64> {
        who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
        match (who.role, who.person_id, self.person_id) {
            (Role::Intern, Some(own), None) => Ok(own),
            (Role::Intern, Some(own), Some(p)) if own == p => Ok(own),
            (Role::Intern, _, _) => Err(Error::Forbidden),
            (_, _, Some(p)) => Ok(p),
            _ => Err(Error::field("person", Msg::new("practicum-person-missing"))),
        }
    }

    /// The figures, checked by themselves.
    pub(super) fn figures(&self) -> Result<Figures> {
        let span = self.starts.zip(self.ends).map(|(a, b)| b - a);
        let f = Figures {
            worked_on: self.worked_on,
            starts: self.starts,
            ends: self.ends,
            // A span that runs backwards is named as such, not as missing hours.
            minutes: self.minutes.or(span.map(|s| s.max(1))).unwrap_or(0),
            supervision_minutes: self.supervision_minutes,
            beneficiary_count: self.beneficiary_count,
            households: self.households,
        };
        rules::check(&f).map_err(refuse)?;
        Ok(f)
    }

    /// Texts that are missing or too long, counts beyond belief.
    pub(super) fn check_texts(&self) -> Result<()> {
        let mut wrong = Vec::new();
        if self.kind.trim().is_empty() {
            wrong.push(FieldError { field: "kind".to_owned(), msg: Msg::new("practicum-kind-missing") });
        }
        let longest =
            [("kind", &self.kind, 40), ("beneficiary", &self.beneficiary, 40), ("project", &self.project_no, 40)];
        for (field, text, most) in longest.into_iter().chain([("note", &self.note, 2000)]) {
            if text.chars().count() > most {
                let msg = Msg::new("practicum-text-long").with("most", most);
                wrong.push(FieldError { field: field.to_owned(), msg });
            }
        }
        for (field, n, key) in [
            ("count", self.beneficiary_count, "practicum-count-large"),
            ("households", self.households, "practicum-households-large"),
        ] {
            if n > 100_000 {
                wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
            }
        }
        if self.client_key.as_ref().is_some_and(|k| k.is_empty() || k.len() > 80) {
            wrong.push(FieldError { field: "client_key".to_owned(), msg: Msg::new("practicum-client-key") });
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
    }

    /// Writes what was typed into a row.
    pub(super) fn fill(self, row: &mut hour_entry::Model, placement_id: i64, figures: &Figures) {
        row.placement_id = placement_id;
        row.worked_on = self.worked_on;
        row.starts = self.starts;
        row.ends = self.ends;
        row.minutes = figures.minutes;
        row.supervision_minutes = self.supervision_minutes;
        row.beneficiary_count = self.beneficiary_count;
        row.households = self.households;
        row.kind = self.kind;
        row.project_no = self.project_no;
        row.beneficiary = self.beneficiary;
        row.note = self.note;
    }
}
