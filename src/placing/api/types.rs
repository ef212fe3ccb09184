//! Rounds, places, wishes and lines as the API takes and gives them.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::Object;

use super::super::ops::{Proposed, RoundInput, RoundView, SlotInput, SlotView};

/// A cohort to be placed for a span of weeks.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingRound")]
pub struct RoundOut {
    pub id: i64,
    pub version: i64,
    pub cohort_id: i64,
    pub cohort_name: String,
    pub name: String,
    pub programme: String,
    pub note: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// The last day on which interns change their wishes.
    pub wishes_until: Option<NaiveDate>,
    pub required_minutes: i64,
    pub most_wishes: i64,
    /// What the lots are drawn from.
    pub seed: i64,
    /// Whether those whose wishes all failed are put at free places that suit them.
    pub fill: bool,
    /// open, published or cancelled.
    pub state: String,
    pub proposed_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    pub people: i64,
    pub wishing: i64,
    pub places: i64,
    pub placed: i64,
    pub by_first: i64,
    /// Wishes or places that changed after the proposal.
    pub changed_since: i64,
}

impl From<RoundView> for RoundOut {
    fn from(r: RoundView) -> Self {
        Self {
            id: r.id,
            version: r.version,
            cohort_id: r.cohort_id,
            cohort_name: r.cohort_name,
            name: r.name,
            programme: r.programme,
            note: r.note,
            starts_on: r.starts_on,
            ends_on: r.ends_on,
            wishes_until: r.wishes_until,
            required_minutes: r.required_minutes,
            most_wishes: r.most_wishes,
            seed: r.seed,
            fill: r.fill,
            state: r.state,
            proposed_at: r.proposed_at,
            published_at: r.published_at,
            people: r.people,
            wishing: r.wishing,
            places: r.places,
            placed: r.placed,
            by_first: r.by_first,
            changed_since: r.changed_since,
        }
    }
}

/// A round to be made or changed; all of it is given.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewPlacingRound", deny_unknown_fields)]
pub struct RoundIn {
    /// Stays as it is in a change.
    #[oai(default)]
    pub cohort_id: i64,
    pub name: String,
    /// Left out: the cohort's.
    #[oai(default)]
    pub programme: String,
    #[oai(default)]
    pub note: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub wishes_until: Option<NaiveDate>,
    /// Left out: what the programme asks for.
    #[oai(default)]
    pub required_minutes: i64,
    #[oai(default = "five")]
    pub most_wishes: i64,
    #[oai(default)]
    pub fill: bool,
    /// For a change: the version that was read.
    #[oai(default)]
    pub version: i64,
}

fn five() -> i64 {
    5
}

impl RoundIn {
    pub(super) fn input(self) -> RoundInput {
        RoundInput {
            cohort_id: self.cohort_id,
            name: self.name,
            programme: self.programme,
            note: self.note,
            starts_on: Some(self.starts_on),
            ends_on: Some(self.ends_on),
            wishes_until: self.wishes_until,
            required_minutes: self.required_minutes,
            most_wishes: self.most_wishes,
            fill: self.fill,
        }
    }
}

/// Places that a base offers to one campus in one field of service.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingSlot")]
pub struct SlotOut {
    pub id: i64,
    pub version: i64,
    pub base_id: i64,
    pub base_name: String,
    pub town: String,
    pub campus_id: i64,
    pub campus_name: String,
    pub supervisor_id: Option<i64>,
    /// Empty for any.
    pub field: String,
    pub note: String,
    pub places: i64,
    pub wished: i64,
    pub placed: i64,
}

impl From<SlotView> for SlotOut {
    fn from(s: SlotView) -> Self {
        Self {
            id: s.id,
            version: s.version,
            base_id: s.base_id,
            base_name: s.base_name,
            town: s.town,
            campus_id: s.campus_id,
            campus_name: s.campus_name,
            supervisor_id: s.supervisor_id,
            field: s.field,
            note: s.note,
            places: s.places,
            wished: s.wished,
            placed: s.placed,
        }
    }
}

/// Places to be offered or changed.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewPlacingSlot", deny_unknown_fields)]
pub struct SlotIn {
    /// Base and campus stay as they are in a change.
    #[oai(default)]
    pub base_id: i64,
    /// Left out: the cohort's, or the only one that has an agreement with the base.
    pub campus_id: Option<i64>,
    pub supervisor_id: Option<i64>,
    #[oai(default)]
    pub field: String,
    #[oai(default)]
    pub note: String,
    pub places: i64,
    #[oai(default)]
    pub version: i64,
}

impl SlotIn {
    pub(super) fn input(self) -> SlotInput {
        SlotInput {
            base_id: self.base_id,
            campus_id: self.campus_id,
            supervisor_id: self.supervisor_id,
            field: self.field,
            note: self.note,
            places: self.places,
        }
    }
}

/// A version that was read, with a seed for other lots.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingProposal", deny_unknown_fields)]
pub struct ProposeIn {
    pub version: i64,
    /// Left out: the lots of before.
    pub seed: Option<i64>,
}

/// What a proposal came to.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingProposed")]
pub struct ProposedOut {
    pub people: u64,
    pub by_wish: u64,
    pub by_first: u64,
    pub filled: u64,
    pub locked: u64,
    /// People without a place.
    pub none: u64,
    pub seed: i64,
}

impl From<Proposed> for ProposedOut {
    fn from(p: Proposed) -> Self {
        let n = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Self {
            people: n(p.people),
            by_wish: n(p.by_wish),
            by_first: n(p.by_first),
            filled: n(p.filled),
            locked: n(p.locked),
            none: n(p.none),
            seed: p.seed,
        }
    }
}

/// A version that was read, with a reason where one is asked for.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingVersion", deny_unknown_fields)]
pub struct VersionIn {
    pub version: i64,
    #[oai(default)]
    pub reason: String,
}

/// Two persons who change places.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingSwap", deny_unknown_fields)]
pub struct SwapIn {
    pub one: i64,
    pub other: i64,
    pub reason: String,
}

/// Placements that were made.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingPublished")]
pub struct PublishedOut {
    pub placements: u64,
}
