//! Wishes and lines with their reasons, as the API takes and gives them.

use poem_openapi::{Enum, Object};

use super::super::ops::{Keep, LineView, PutWishes, SlotView, StudentView, bar_msg};
use super::super::rules::{Bar, Near};
use super::types::SlotOut;
use crate::core::Lang;

/// How near a base is, by the nearest common region.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum Nearness {
    Town,
    County,
    City,
    Province,
    Elsewhere,
}

impl Nearness {
    fn near(self) -> Near {
        match self {
            Self::Town => Near::Town,
            Self::County => Near::County,
            Self::City => Near::City,
            Self::Province => Near::Province,
            Self::Elsewhere => Near::Elsewhere,
        }
    }

    fn of(name: &str) -> Option<Self> {
        Some(match Near::parse(name)? {
            Near::Town => Self::Town,
            Near::County => Self::County,
            Near::City => Self::City,
            Near::Province => Self::Province,
            Near::Elsewhere => Self::Elsewhere,
            Near::Unknown => return None,
        })
    }
}

/// Why a wish failed, or would.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingReason")]
pub struct ReasonOut {
    /// From 1.
    pub rank: i64,
    pub slot_id: i64,
    pub slot: String,
    /// base_retired, no_agreement, not_covered, other_campus, field, too_far, elsewhere, gone, no_places, taken.
    pub code: String,
    pub message: String,
}

fn reason(rank: i64, slot_id: i64, slot: String, why: Bar, lang: Lang) -> ReasonOut {
    ReasonOut { rank, slot_id, slot, code: why.code().to_owned(), message: bar_msg(why).text(lang) }
}

/// A member's line of the proposal.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingLine")]
pub struct LineOut {
    pub person_id: i64,
    pub person_name: String,
    pub student_no: String,
    pub wishes: i64,
    pub priority: i64,
    /// 0 before there is a line.
    pub version: i64,
    pub slot_id: Option<i64>,
    pub slot: String,
    pub placement_id: Option<i64>,
    /// wish, filled, locked, none; empty before there is a proposal.
    pub outcome: String,
    /// The number of the wish.
    pub rank: Option<i64>,
    pub locked: bool,
    /// The wishes above the outcome, with why each failed.
    pub reasons: Vec<ReasonOut>,
}

impl LineOut {
    pub(super) fn of(l: LineView, lang: Lang) -> Self {
        Self {
            reasons: l.reasons.into_iter().map(|(r, s)| reason(r.rank, r.slot_id, s, r.why, lang)).collect(),
            person_id: l.person_id,
            person_name: l.person_name,
            student_no: l.student_no,
            wishes: l.wishes,
            priority: l.priority,
            version: l.version,
            slot_id: l.slot.as_ref().map(|s| s.id),
            slot: l.slot.as_ref().map(SlotView::label).unwrap_or_default(),
            placement_id: l.placement_id,
            outcome: l.outcome,
            rank: l.rank,
            locked: l.locked,
        }
    }
}

/// What is wanted of a line by hand.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingLineChange", deny_unknown_fields)]
pub struct LineIn {
    /// The version that was read; 0 where there is no line yet.
    #[oai(default)]
    pub version: i64,
    /// Keep the line as given here, whatever is computed; false leaves it to the next proposal.
    pub locked: bool,
    /// With `locked`: the place; left out for none.
    pub slot_id: Option<i64>,
}

impl LineIn {
    pub(super) fn keep(&self) -> Keep {
        match (self.locked, self.slot_id) {
            (false, _) => Keep::Free,
            (true, Some(id)) => Keep::At(id),
            (true, None) => Keep::Out,
        }
    }
}

/// One person's wishes.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingWishes")]
pub struct WishesOut {
    /// 0 before anything was asked for.
    pub version: i64,
    /// The most wanted first.
    pub slots: Vec<SlotOut>,
    /// What would stand in the way of them.
    pub bars: Vec<ReasonOut>,
    pub fields: Vec<String>,
    pub farthest: Option<Nearness>,
    pub priority: i64,
    /// An intern's is shown once it is published.
    pub line: LineOut,
}

impl WishesOut {
    pub(super) fn of(v: StudentView, lang: Lang) -> Self {
        let version = v.version();
        let bars = (1_i64..)
            .zip(&v.wishes)
            .filter_map(|(rank, (s, bar))| bar.map(|bar| reason(rank, s.id, s.label(), bar, lang)));
        let fields = v.ask.as_ref().map(|a| a.fields.as_str()).unwrap_or_default();
        Self {
            version,
            bars: bars.collect(),
            fields: fields.split('、').filter(|f| !f.is_empty()).map(str::to_owned).collect(),
            farthest: v.ask.as_ref().and_then(|a| Nearness::of(&a.farthest)),
            priority: v.ask.as_ref().map_or(0, |a| a.priority),
            slots: v.wishes.into_iter().map(|(s, _)| s.into()).collect(),
            line: LineOut::of(v.line, lang),
        }
    }
}

/// All of what one person asks for.
#[derive(Clone, Debug, Object)]
#[oai(rename = "PlacingWishesIn", deny_unknown_fields)]
pub struct WishesIn {
    #[oai(default)]
    pub version: i64,
    /// The most wanted first.
    pub slots: Vec<i64>,
    #[oai(default)]
    pub fields: Vec<String>,
    pub farthest: Option<Nearness>,
    /// 0 to 9, set by the office alone; the higher comes first.
    pub priority: Option<i64>,
}

impl WishesIn {
    pub(super) fn input(self) -> PutWishes {
        PutWishes {
            slots: self.slots,
            fields: self.fields.join("、"),
            farthest: self.farthest.map(Nearness::near),
            priority: self.priority,
            version: self.version,
        }
    }
}
