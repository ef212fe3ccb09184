//! Decisions on entries, figures and progress as the API takes and gives them.

use chrono::NaiveDate;
use poem_openapi::Object;

use super::super::ops::{Decided, KindProgress, Mark, Outlook, PlacementView};
use super::types::EntryState;
use crate::api::ApiUser;
use crate::core::Error;

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
    pub(super) fn of(d: Decided, asked: usize, user: &ApiUser) -> Result<Self, Error> {
        if asked == 1 && !d.left.is_empty() {
            d.single()?;
            return Ok(Self { done: Vec::new(), left: Vec::new() });
        }
        let left = d.left.iter().map(|(id, m)| LeftOut { id: *id, message: m.text(user.lang) }).collect();
        Ok(Self { done: d.done, left })
    }
}

pub(super) fn marks(list: &[MarkIn]) -> Vec<Mark> {
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

/// A draft that was thrown away.
#[derive(Clone, Debug, Object)]
#[oai(rename = "DiscardedHours")]
pub struct DiscardedOut {
    pub id: i64,
}

/// Minutes in one kind of work.
#[derive(Clone, Debug, Object)]
#[oai(rename = "KindProgress")]
pub struct KindProgressOut {
    pub kind: String,
    /// 0 where the programme asks for none.
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    /// Handed in, not counted yet.
    pub waiting_minutes: i64,
}

/// How far a placement's hours are.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacementProgress")]
pub struct ProgressOut {
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    pub waiting_minutes: i64,
    pub kinds: Vec<KindProgressOut>,
    /// When the required hours will be there at the pace of the last four weeks; absent without a pace.
    pub finish_on: Option<NaiveDate>,
}

impl ProgressOut {
    pub(super) fn of(p: &PlacementView, o: Option<Outlook>) -> Self {
        let kind = |k: KindProgress| KindProgressOut {
            kind: k.kind,
            required_minutes: k.required_minutes,
            confirmed_minutes: k.confirmed_minutes,
            waiting_minutes: k.waiting_minutes,
        };
        let (finish_on, kinds) = o.map(|o| (o.finish_on, o.kinds)).unwrap_or_default();
        Self {
            required_minutes: p.required_minutes,
            confirmed_minutes: p.confirmed_minutes,
            waiting_minutes: p.submitted_minutes,
            kinds: kinds.into_iter().map(kind).collect(),
            finish_on,
        }
    }
}

/// Entries to be signed for the campus.
#[derive(Clone, Debug, Object)]
#[oai(rename = "HoursSignOff", deny_unknown_fields)]
pub struct SignOffIn {
    pub entries: Vec<MarkIn>,
}

/// A link to be mailed to a supervisor without an account.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewConfirmLink", deny_unknown_fields)]
pub struct LinkIn {
    pub base_id: i64,
    /// Left out: for what waits there for no supervisor in particular.
    pub supervisor_id: Option<i64>,
    pub address: String,
    /// Needed without a supervisor.
    #[oai(default)]
    pub name: String,
}

/// The link that was mailed; the link itself is only in the mail.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ConfirmLink")]
pub struct LinkOut {
    pub id: i64,
}
