//! Placements and entries as the API takes and gives them.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::{Enum, Object};

use super::super::ops::{EntryView, LogHours, Logged, PlacementView};
use super::super::rules::{self, State};
use crate::core::{Error, Msg};

/// Where an hour entry stands.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum EntryState {
    Draft,
    Submitted,
    /// Confirmed by the base, waits for the campus.
    Endorsed,
    Confirmed,
    Returned,
    /// Counted until a later version of it was confirmed.
    Superseded,
}

impl EntryState {
    pub(super) fn state(self) -> State {
        match self {
            Self::Draft => State::Draft,
            Self::Submitted => State::Submitted,
            Self::Endorsed => State::Endorsed,
            Self::Confirmed => State::Confirmed,
            Self::Returned => State::Returned,
            Self::Superseded => State::Superseded,
        }
    }

    pub(super) fn of(state: &str) -> Self {
        match State::parse(state) {
            Some(State::Submitted) => Self::Submitted,
            Some(State::Endorsed) => Self::Endorsed,
            Some(State::Confirmed) => Self::Confirmed,
            Some(State::Returned) => Self::Returned,
            Some(State::Superseded) => Self::Superseded,
            Some(State::Draft) | None => Self::Draft,
        }
    }
}

/// A person at a base for a span of time.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Placement")]
pub struct PlacementOut {
    pub id: i64,
    pub version: i64,
    pub person_id: i64,
    pub person_name: String,
    pub student_no: String,
    pub base_id: i64,
    pub base_name: String,
    pub cohort_id: Option<i64>,
    pub supervisor_name: Option<String>,
    pub campus_mentor: String,
    pub programme: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// active, ended or withdrawn.
    pub state: String,
    pub note: String,
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    pub submitted_minutes: i64,
    pub returned_minutes: i64,
}

impl From<PlacementView> for PlacementOut {
    fn from(p: PlacementView) -> Self {
        Self {
            id: p.id,
            version: p.version,
            person_id: p.person_id,
            person_name: p.person_name,
            student_no: p.student_no,
            base_id: p.base_id,
            base_name: p.base_name,
            cohort_id: p.cohort_id,
            supervisor_name: p.supervisor_name,
            campus_mentor: p.campus_mentor,
            programme: p.programme,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            state: p.state,
            note: p.note,
            required_minutes: p.required_minutes,
            confirmed_minutes: p.confirmed_minutes,
            submitted_minutes: p.submitted_minutes,
            returned_minutes: p.returned_minutes,
        }
    }
}

/// A placement to be made.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewPlacement", deny_unknown_fields)]
pub struct PlacementIn {
    pub person_id: i64,
    pub base_id: i64,
    pub cohort_id: Option<i64>,
    pub supervisor_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    #[oai(default)]
    pub programme: String,
    #[oai(default)]
    pub campus_mentor: String,
}

/// What of a placement may change; all of it is given.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacementChange", deny_unknown_fields)]
pub struct PlacementChangeIn {
    /// The version that was read.
    pub version: i64,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    #[oai(default)]
    pub campus_mentor: String,
    /// active, ended or withdrawn.
    pub state: String,
    #[oai(default)]
    pub note: String,
}

/// What an intern did on one day.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HourEntry")]
pub struct EntryOut {
    pub id: i64,
    pub version: i64,
    /// The office's number, for imported entries.
    pub record_no: Option<String>,
    pub person_id: i64,
    pub person_name: String,
    pub placement_id: i64,
    pub base_name: String,
    pub worked_on: NaiveDate,
    /// HH:MM.
    pub starts: Option<String>,
    pub ends: Option<String>,
    pub minutes: i64,
    pub supervision_minutes: i64,
    pub kind: String,
    pub project_no: String,
    pub beneficiary: String,
    /// Person-times.
    pub beneficiary_count: i64,
    pub households: i64,
    pub supervisor_name: String,
    pub state: EntryState,
    /// Why it was returned.
    pub reason: String,
    pub note: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the campus signed, where two signatures are asked for.
    pub signed_at: Option<DateTime<Utc>>,
    /// The confirmed entry that this one takes the place of once it is confirmed.
    pub replaces_id: Option<i64>,
    /// The entry that changes this one.
    pub changed_by: Option<i64>,
}

impl From<EntryView> for EntryOut {
    fn from(e: EntryView) -> Self {
        Self {
            id: e.id,
            version: e.version,
            record_no: e.record_no,
            person_id: e.person_id,
            person_name: e.person_name,
            placement_id: e.placement_id,
            base_name: e.base_name,
            worked_on: e.worked_on,
            starts: e.starts.map(rules::show_time),
            ends: e.ends.map(rules::show_time),
            minutes: e.minutes,
            supervision_minutes: e.supervision_minutes,
            kind: e.kind,
            project_no: e.project_no,
            beneficiary: e.beneficiary,
            beneficiary_count: e.beneficiary_count,
            households: e.households,
            supervisor_name: e.supervisor_name,
            state: EntryState::of(&e.state),
            reason: e.reason,
            note: e.note,
            confirmed_at: e.confirmed_at,
            signed_at: e.signed_at,
            replaces_id: e.replaces_id,
            changed_by: e.changed_by,
        }
    }
}

/// Hours to be logged. Give start and end, or minutes, or both (then without breaks).
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewHourEntry", deny_unknown_fields)]
pub struct EntryIn {
    /// Whose; an intern leaves it out.
    pub person_id: Option<i64>,
    /// Left out: the only placement that covers the day.
    pub placement_id: Option<i64>,
    pub worked_on: NaiveDate,
    /// HH:MM.
    pub starts: Option<String>,
    pub ends: Option<String>,
    pub minutes: Option<i64>,
    pub kind: String,
    #[oai(default)]
    pub project_no: String,
    #[oai(default)]
    pub beneficiary: String,
    #[oai(default)]
    pub beneficiary_count: i64,
    /// Households visited.
    #[oai(default)]
    pub households: i64,
    #[oai(default)]
    pub supervision_minutes: i64,
    #[oai(default)]
    pub note: String,
    /// The same key of the same person is the same entry.
    pub client_key: Option<String>,
    /// Hand it in at once; otherwise it is a draft.
    #[oai(default)]
    pub submit: bool,
    /// For a change: the version that was read.
    pub version: Option<i64>,
}

impl EntryIn {
    pub(super) fn read(self) -> Result<LogHours, Error> {
        let time = |field: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(t) => match rules::time_of(&t) {
                Some(m) => Ok(Some(m)),
                None => Err(Error::field(field, Msg::new("practicum-fault-time-impossible"))),
            },
        };
        Ok(LogHours {
            person_id: self.person_id,
            placement_id: self.placement_id,
            worked_on: self.worked_on,
            starts: time("starts", self.starts)?,
            ends: time("ends", self.ends)?,
            minutes: self.minutes,
            kind: self.kind,
            project_no: self.project_no,
            beneficiary: self.beneficiary,
            beneficiary_count: self.beneficiary_count,
            households: self.households,
            supervision_minutes: self.supervision_minutes,
            note: self.note,
            client_key: self.client_key,
            submit: self.submit,
        })
    }
}

/// The entry after the call.
#[derive(Clone, Debug, Object)]
#[oai(rename = "LoggedHours")]
pub struct LoggedOut {
    pub id: i64,
    pub version: i64,
    pub state: EntryState,
    /// False when the same client key had arrived before.
    pub created: bool,
}

impl From<Logged> for LoggedOut {
    fn from(l: Logged) -> Self {
        Self { id: l.id, version: l.version, state: EntryState::of(l.state.name()), created: l.created }
    }
}
