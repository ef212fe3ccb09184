//! Smaller rules of a scheme: fees, waivers of subjects, the review after a senior examination, what counts as continuing
//! education, leave to sit again early, areas in which a pass lasts longer.

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;

use super::eligibility::Bar;
use super::model::{CodeMeaning, Level, Names, Paper, Scheme, Subject, in_force};

/// What one subject costs, in fen (hundredths of a yuan). Provinces decide; what is not known is absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Prefix of the region codes it holds for; empty for all.
    pub area: String,
    /// Codes; all levels when empty.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Both kinds when absent.
    #[serde(default)]
    pub paper: Option<Paper>,
    pub fen: i64,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// Which subjects of a level may be waived (免试).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectWaiver {
    /// Codes of subjects that may be waived on general conditions; empty: none.
    pub subjects: Vec<String>,
    /// A single decision with approver, reason and document may waive one all the same.
    pub single_decision: bool,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// The review (评审) that follows an examination which gives only a proof.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRule {
    /// The proof can be used for so many months from its issue.
    pub proof_months: u32,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// A kind of continuing education and what it is worth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeKind {
    pub code: String,
    pub name: Names,
    /// Minutes credited for the whole; absent: the minutes taught.
    #[serde(default)]
    pub fixed_minutes: Option<i64>,
    /// Credited once in a lifetime.
    #[serde(default)]
    pub once: bool,
    /// A proof of having passed is asked for.
    #[serde(default)]
    pub needs_pass: bool,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// What a person decides upon a violation or a void: how much of the sitting it takes, and for how long it bars.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consequence {
    pub code: String,
    pub name: Names,
    /// The outcome on the score sheet that it may follow upon.
    pub follows: CodeMeaning,
    pub takes: Takes,
    /// Years for which nothing of the scheme may be sat.
    #[serde(default)]
    pub bar_years: Option<u32>,
    /// Barred without an end.
    #[serde(default)]
    pub bar_long: bool,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// How much of a sitting is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Takes {
    Subject,
    Sitting,
}

/// When the days between two attempts may be cut short.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitWaiver {
    /// The last mark lay at most so far below the line; hundredths.
    pub within: i64,
    /// So many waivers at most...
    pub most: usize,
    /// ...in so many months.
    pub in_months: u32,
}

/// A longer life of passes in one area, as after an examination that was not held there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Code of an area of the scheme.
    pub area: String,
    /// Exam years in which the pass was gained, both included.
    pub passed_from: i32,
    pub passed_to: i32,
    pub extra_exam_years: i32,
    pub source: String,
}

impl Scheme {
    /// The fee of a subject in an exam year and region, the most local one that is known.
    #[must_use]
    pub fn fee(&self, year: i32, region: &str, level: &Level, subject: &Subject) -> Option<&Fee> {
        let fits = |f: &&Fee| {
            in_force(f.from_year, f.to_year, year)
                && region.starts_with(f.area.as_str())
                && (f.levels.is_empty() || f.levels.contains(&level.code))
                && f.paper.is_none_or(|p| p == subject.paper)
        };
        self.fees.iter().filter(fits).max_by_key(|f| (f.area.len(), !f.levels.is_empty(), f.paper.is_some()))
    }

    /// What the subjects cost together, in fen; `None` as soon as one fee is not known.
    #[must_use]
    pub fn fee_of<'a>(
        &self,
        year: i32,
        region: &str,
        level: &Level,
        subjects: impl IntoIterator<Item = &'a Subject>,
    ) -> Option<i64> {
        subjects.into_iter().try_fold(0_i64, |sum, s| sum.checked_add(self.fee(year, region, level, s)?.fen))
    }

    /// What may be decided upon an outcome in an exam year.
    pub fn consequences_of(&self, follows: CodeMeaning, year: i32) -> impl Iterator<Item = &Consequence> {
        self.consequences.iter().filter(move |c| c.follows == follows && in_force(c.from_year, c.to_year, year))
    }

    /// The kinds of continuing education of a year.
    pub fn ce_kinds_in(&self, year: i32) -> impl Iterator<Item = &CeKind> {
        self.ce_kinds.iter().filter(move |k| in_force(k.from_year, k.to_year, year))
    }
}

impl Level {
    #[must_use]
    pub fn waiver_in(&self, year: i32) -> Option<&SubjectWaiver> {
        self.waivers.iter().find(|w| in_force(w.from_year, w.to_year, year))
    }

    #[must_use]
    pub fn review_in(&self, year: i32) -> Option<&ReviewRule> {
        self.reviews.iter().find(|r| in_force(r.from_year, r.to_year, year))
    }
}

impl ReviewRule {
    /// The last day on which a proof issued on `issued` can be used.
    #[must_use]
    pub fn proof_until(&self, issued: NaiveDate) -> NaiveDate {
        let end = issued.checked_add_months(Months::new(self.proof_months));
        end.and_then(|d| d.checked_sub_days(Days::new(1))).unwrap_or(NaiveDate::MAX)
    }
}

impl Consequence {
    /// The bar that it brings from a day on; which day that is, the decision says.
    #[must_use]
    pub fn bar(&self, from: NaiveDate) -> Option<Bar> {
        if self.bar_long {
            return Some(Bar { from, until: None });
        }
        let end = from.checked_add_months(Months::new(self.bar_years?.checked_mul(12)?));
        Some(Bar { from, until: end.and_then(|d| d.checked_sub_days(Days::new(1))) })
    }
}

impl CeKind {
    /// Minutes credited for `taught` minutes; `before` tells whether this kind was credited already.
    #[must_use]
    pub fn credit(&self, taught: i64, before: bool) -> i64 {
        if self.once && before {
            return 0;
        }
        self.fixed_minutes.unwrap_or(taught).max(0)
    }
}
