//! An exam year of a scheme: its days and its windows, which differ by province and have a time of day.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::core::civil;

/// One exam year. What is not published is absent, never guessed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CycleRule {
    pub year: i32,
    pub scheme: String,
    pub exam_first_day: NaiveDate,
    pub exam_last_day: NaiveDate,
    /// The day up to which years of work are counted.
    #[serde(default)]
    pub years_counted_until: Option<NaiveDate>,
    #[serde(default)]
    pub results_on: Option<NaiveDate>,
    #[serde(default)]
    pub results_at: Option<NaiveTime>,
    pub source: String,
    #[serde(default)]
    pub windows: Vec<Window>,
}

/// A time in which something can be done, in one area.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub kind: WindowKind,
    /// Prefix of the region codes it holds for; empty for all.
    pub area: String,
    pub area_name: String,
    #[serde(default)]
    pub opens_on: Option<NaiveDate>,
    #[serde(default)]
    pub opens_at: Option<NaiveTime>,
    pub closes_on: NaiveDate,
    #[serde(default)]
    pub closes_at: Option<NaiveTime>,
    pub source: String,
}

/// What a window is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowKind {
    Registration,
    Payment,
    Tickets,
    Review,
}

impl WindowKind {
    /// The word used in files and in keys of texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Payment => "payment",
            Self::Tickets => "tickets",
            Self::Review => "review",
        }
    }
}

impl CycleRule {
    /// The window of a kind for a region (empty when unknown): the most local one that fits.
    #[must_use]
    pub fn window(&self, kind: WindowKind, region_code: &str) -> Option<&Window> {
        let fits = |w: &&Window| w.kind == kind && region_code.starts_with(w.area.as_str());
        self.windows.iter().filter(fits).max_by_key(|w| w.area.len())
    }
}

impl Window {
    /// The instant it opens; without a time of day at 00:00.
    #[must_use]
    pub fn opens(&self, zone: Tz) -> Option<DateTime<Utc>> {
        self.opens_on.map(|d| civil::instant(d, self.opens_at.unwrap_or(NaiveTime::MIN), zone))
    }

    /// The instant it closes; without a time of day at the end of the day.
    #[must_use]
    pub fn closes(&self, zone: Tz) -> DateTime<Utc> {
        match self.closes_at {
            Some(at) => civil::instant(self.closes_on, at, zone),
            None => civil::instant(self.closes_on.succ_opt().unwrap_or(self.closes_on), NaiveTime::MIN, zone),
        }
    }
}
