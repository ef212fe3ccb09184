//! The reasons of a line, as values that are kept with it and worded when they are shown.

use serde::{Deserialize, Serialize};

/// What decided between two claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beaten {
    /// The office set the other one first.
    Priority,
    /// The other one lives nearer.
    Distance,
    Lot,
}

impl Beaten {
    /// The name in texts and API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Distance => "distance",
            Self::Lot => "lot",
        }
    }
}

/// Why a place could not be a student's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Bar {
    BaseRetired,
    /// The student's campus has no agreement with the base.
    NoAgreement,
    /// It has, but none that covers the weeks of the round.
    NotCovered,
    /// The place is offered to another campus.
    OtherCampus,
    /// None of the fields that the student asks for.
    Field,
    TooFar,
    /// The student is elsewhere in these weeks.
    Elsewhere,
    /// The place was taken back.
    Gone,
    /// There is no free place, whoever asks.
    NoPlaces,
    /// All places went to better claims; the least of them was better by this.
    Taken {
        places: usize,
        by: Beaten,
    },
}

impl Bar {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BaseRetired => "base_retired",
            Self::NoAgreement => "no_agreement",
            Self::NotCovered => "not_covered",
            Self::OtherCampus => "other_campus",
            Self::Field => "field",
            Self::TooFar => "too_far",
            Self::Elsewhere => "elsewhere",
            Self::Gone => "gone",
            Self::NoPlaces => "no_places",
            Self::Taken { .. } => "taken",
        }
    }
}

/// A wish that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// From 0.
    pub rank: usize,
    pub slot: usize,
    pub why: Bar,
}
