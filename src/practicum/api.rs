//! Placements and hour entries over the API.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::ops::{
    self, Decided, EntryFilter, EntryView, LogHours, Logged, Mark, PlacePerson, PlacementChange, PlacementFilter,
    PlacementView,
};
use super::rules::{self, State};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::core::{Error, Msg};
use crate::db::Cx;

/// Where an hour entry stands.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum EntryState {
    Draft,
    Submitted,
    Confirmed,
    Returned,
}

impl EntryState {
    fn state(self) -> State {
        match self {
            Self::Draft => State::Draft,
            Self::Submitted => State::Submitted,
            Self::Confirmed => State::Confirmed,
            Self::Returned => State::Returned,
        }
    }

    fn of(state: &str) -> Self {
        match State::parse(state) {
            Some(State::Submitted) => Self::Submitted,
            Some(State::Confirmed) => Self::Confirmed,
            Some(State::Returned) => Self::Returned,
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
    pub supervisor_name: String,
    pub state: EntryState,
    /// Why it was returned.
    pub reason: String,
    pub note: String,
    pub confirmed_at: Option<DateTime<Utc>>,
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
            supervisor_name: e.supervisor_name,
            state: EntryState::of(&e.state),
            reason: e.reason,
            note: e.note,
            confirmed_at: e.confirmed_at,
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
    fn read(self) -> Result<LogHours, Error> {
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

/// An entry as it was read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EntryMark", deny_unknown_fields)]
pub struct MarkIn {
    pub id: i64,
    pub version: i64,
}

/// A version that was read.
#[derive(Clone, Debug, Object)]
#[oai(rename = "EntryVersion", deny_unknown_fields)]
pub struct VersionIn {
    pub version: i64,
}

/// Entries to be decided on.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HoursDecision", deny_unknown_fields)]
pub struct DecisionIn {
    pub entries: Vec<MarkIn>,
    /// Needed for returning.
    #[oai(default)]
    pub reason: String,
}

/// An entry that was left alone.
#[derive(Clone, Debug, Object)]
#[oai(rename = "LeftAlone")]
pub struct LeftOut {
    pub id: i64,
    pub message: String,
}

/// What became of a list.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HoursDecided")]
pub struct DecidedOut {
    pub done: Vec<i64>,
    /// Decided or changed by somebody else meanwhile.
    pub left: Vec<LeftOut>,
}

impl DecidedOut {
    /// One entry alone that was left is a conflict.
    fn of(d: Decided, asked: usize, user: &ApiUser) -> Result<Self, Error> {
        if asked == 1 && !d.left.is_empty() {
            d.single()?;
            return Ok(Self { done: Vec::new(), left: Vec::new() });
        }
        let left = d.left.iter().map(|(id, m)| LeftOut { id: *id, message: m.text(user.lang) }).collect();
        Ok(Self { done: d.done, left })
    }
}

fn marks(list: &[MarkIn]) -> Vec<Mark> {
    list.iter().map(|m| Mark { id: m.id, version: m.version }).collect()
}

/// Person-times, minutes and entries of one group of people served in one state.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HoursFigure")]
pub struct FigureOut {
    pub beneficiary: String,
    pub state: EntryState,
    pub entries: i64,
    pub minutes: i64,
    pub person_times: i64,
}

/// Sums over what the caller sees.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HoursFigures")]
pub struct FiguresOut {
    pub confirmed_minutes: i64,
    pub confirmed_hours: f64,
    pub placements: i64,
    /// Placements whose confirmed hours do not reach what is required.
    pub short: i64,
    pub rows: Vec<FigureOut>,
}

/// Placements and hour entries.
pub struct PracticumApi;

#[OpenApi(tag = "Tag::Practicum")]
impl PracticumApi {
    /// List placements.
    #[oai(path = "/placements", method = "get", operation_id = "list_placements")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn placements(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        cohort_id: Query<Option<i64>>,
        /// Only those short of hours.
        short: Query<Option<bool>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<PlacementOut>>> {
        let filter = PlacementFilter {
            person_id: person_id.0,
            base_id: base_id.0,
            cohort_id: cohort_id.0,
            short: short.0.unwrap_or(false),
            ..PlacementFilter::default()
        };
        let list = ops::placements(cx.read(), &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(list, PlacementOut::from)))
    }

    /// Place a person at a base.
    #[oai(path = "/placements", method = "post", operation_id = "add_placement")]
    async fn place(&self, cx: Cx, user: ApiUser, input: Json<PlacementIn>) -> api::Result<Json<PlacementOut>> {
        let p = input.0;
        let place = PlacePerson {
            person_id: p.person_id,
            base_id: p.base_id,
            cohort_id: p.cohort_id,
            supervisor_id: p.supervisor_id,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            required_minutes: p.required_minutes,
            programme: p.programme,
            campus_mentor: p.campus_mentor,
        };
        let id = ops::place(&cx, &user, place).await?;
        Ok(Json(ops::placement(cx.read(), &user, id).await?.into()))
    }

    /// One placement.
    #[oai(path = "/placements/:id", method = "get", operation_id = "get_placement")]
    async fn placement(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<PlacementOut>> {
        Ok(Json(ops::placement(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a placement.
    #[oai(path = "/placements/:id", method = "put", operation_id = "change_placement")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<PlacementChangeIn>,
    ) -> api::Result<Json<PlacementOut>> {
        let c = input.0;
        let change = PlacementChange {
            id: id.0,
            version: c.version,
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            required_minutes: c.required_minutes,
            campus_mentor: c.campus_mentor,
            state: c.state,
            note: c.note,
        };
        ops::change_placement(&cx, &user, change).await?;
        Ok(Json(ops::placement(cx.read(), &user, id.0).await?.into()))
    }

    /// List hour entries, the newest day first.
    #[oai(path = "/hour-entries", method = "get", operation_id = "list_hour_entries")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn entries(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        placement_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        state: Query<Option<EntryState>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<EntryOut>>> {
        let filter = EntryFilter {
            person_id: person_id.0,
            placement_id: placement_id.0,
            base_id: base_id.0,
            state: state.0.map(EntryState::state),
            from: from.0,
            to: to.0,
        };
        let list = ops::entries(cx.read(), &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(list, EntryOut::from)))
    }

    /// Log hours.
    #[oai(path = "/hour-entries", method = "post", operation_id = "log_hours")]
    async fn log(&self, cx: Cx, user: ApiUser, input: Json<EntryIn>) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::log_hours(&cx, &user, input.0.read()?).await?.into()))
    }

    /// Figures: hours and person-times by state and group.
    #[oai(path = "/hour-entries/figures", method = "get", operation_id = "get_hours_figures")]
    async fn figures(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
    ) -> api::Result<Json<FiguresOut>> {
        let filter = EntryFilter {
            person_id: person_id.0,
            base_id: base_id.0,
            from: from.0,
            to: to.0,
            ..EntryFilter::default()
        };
        let f = ops::figures(cx.read(), &user, &filter).await?;
        let confirmed_minutes = f.minutes(State::Confirmed);
        let row = |r: ops::FigureRow| FigureOut {
            state: EntryState::of(&r.state),
            beneficiary: r.beneficiary,
            entries: r.entries,
            minutes: r.minutes,
            person_times: r.person_times,
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 minutes")]
        let confirmed_hours = confirmed_minutes as f64 / 60.0;
        let rows = f.rows.into_iter().map(row).collect();
        Ok(Json(FiguresOut { confirmed_minutes, confirmed_hours, placements: f.placements, short: f.short, rows }))
    }

    /// Confirm entries. One alone that somebody else decided meanwhile is a conflict; of several the rest is done and those
    /// are named.
    #[oai(path = "/hour-entries/confirm", method = "post", operation_id = "confirm_hours")]
    async fn confirm(&self, cx: Cx, user: ApiUser, input: Json<DecisionIn>) -> api::Result<Json<DecidedOut>> {
        let list = marks(&input.0.entries);
        let done = ops::confirm(&cx, &user, &list).await?;
        Ok(Json(DecidedOut::of(done, list.len(), &user)?))
    }

    /// Return entries with a reason; also confirmed ones that proved wrong.
    #[oai(path = "/hour-entries/return", method = "post", operation_id = "return_hours")]
    async fn give_back(&self, cx: Cx, user: ApiUser, input: Json<DecisionIn>) -> api::Result<Json<DecidedOut>> {
        let list = marks(&input.0.entries);
        let done = ops::return_entries(&cx, &user, &list, &input.0.reason).await?;
        Ok(Json(DecidedOut::of(done, list.len(), &user)?))
    }

    /// One hour entry.
    #[oai(path = "/hour-entries/:id", method = "get", operation_id = "get_hour_entry")]
    async fn entry(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<EntryOut>> {
        Ok(Json(ops::entry(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an entry that is not confirmed, and with `submit` hand it in (again).
    #[oai(path = "/hour-entries/:id", method = "put", operation_id = "edit_hours")]
    async fn edit(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<EntryIn>) -> api::Result<Json<LoggedOut>> {
        let version = input.0.version.ok_or_else(|| Error::field("version", Msg::new("practicum-version-missing")))?;
        Ok(Json(ops::edit_hours(&cx, &user, id.0, version, input.0.read()?).await?.into()))
    }

    /// Hand an entry in as it is.
    #[oai(path = "/hour-entries/:id/submit", method = "post", operation_id = "submit_hours")]
    async fn submit(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<VersionIn>,
    ) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::submit_hours(&cx, &user, id.0, input.0.version).await?.into()))
    }

    /// Take an entry back: it is a draft again.
    #[oai(path = "/hour-entries/:id/withdraw", method = "post", operation_id = "withdraw_hours")]
    async fn withdraw(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<VersionIn>,
    ) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::withdraw_hours(&cx, &user, id.0, input.0.version).await?.into()))
    }
}
