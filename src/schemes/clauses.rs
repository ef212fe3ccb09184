//! Who may register, as the scheme's file says it: clauses, stated refusals, how work is counted, which document proves
//! what. Years are exam years, both included; two versions of a rule stand side by side with years of their own.

use serde::Deserialize;

use super::model::{Names, in_force};

/// One row of the conditions: who, with how many years of work, with which certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityClause {
    /// Stable name within the level; versions of one clause share it.
    pub code: String,
    /// Codes of the educations it holds for, each named: nothing is inherited.
    pub educations: Vec<String>,
    pub major: MajorClass,
    /// Full years of work in the field.
    #[serde(default)]
    pub years: u32,
    #[serde(default)]
    pub holding: Holding,
    /// A level whose certificate is needed as well.
    #[serde(default)]
    pub holds: Option<String>,
    #[serde(default)]
    pub counted: Counted,
    /// Code of a programme whose practicum hours must be confirmed. Hours of practicum are never years of work.
    #[serde(default)]
    pub practicum: Option<String>,
    /// The part of the programme's hours that is asked for.
    #[serde(default = "whole")]
    pub practicum_percent: i64,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
    #[serde(skip)]
    pub(super) at: Places,
}

fn whole() -> i64 {
    100
}

/// The clause's codes as places in the scheme's lists, filled in when the file is loaded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    /// One bit for each education.
    pub educations: u64,
    pub holds: Option<usize>,
}

/// A combination of education and major that may not register, said outright instead of left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub educations: Vec<String>,
    pub major: MajorClass,
    pub why: Names,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
    #[serde(skip)]
    pub(super) at: Places,
}

/// Which majors a clause holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MajorClass {
    /// One of the scheme's majors.
    Own,
    /// Any other major, or none.
    Other,
    Any,
}

impl MajorClass {
    /// Whether it takes in an own (`true`) or another major.
    #[must_use]
    pub fn takes(self, own: bool) -> bool {
        match self {
            Self::Own => own,
            Self::Other => !own,
            Self::Any => true,
        }
    }
}

/// When the education must have been gained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    /// By the registration.
    #[default]
    Held,
    /// Graduates of the exam year may register before they graduate.
    ThisYear,
    /// Being a student of it is enough.
    Enrolled,
}

/// From when work counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    #[default]
    Always,
    /// From the day of the certificate that the clause asks for.
    SinceCertificate,
}

/// How years of work are counted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountingRule {
    /// Month and day of the exam year up to which work is counted, that day included; a day that the exam year's own
    /// file names goes before it.
    pub cut_off_month: u32,
    pub cut_off_day: u32,
    /// Whether work before graduating from full-time study counts.
    pub before_full_time_graduation: bool,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// A document of the candidate and what it proves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub proves: Proof,
    pub name: Names,
    pub source: String,
}

/// What a document can prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Education, major, kind of study and day of graduation.
    Diploma,
    /// That a student graduates in the exam year.
    Graduating,
    /// That an education gained abroad is recognised.
    ForeignDegree,
    /// Years of work in the field.
    Work,
    Certificate,
    /// Confirmed hours of practicum.
    Practicum,
}

impl EligibilityClause {
    #[must_use]
    pub fn holds_in(&self, year: i32) -> bool {
        in_force(self.from_year, self.to_year, year)
    }

    /// Whether it is the clause of an education (by its place in the scheme's list) and a major.
    #[must_use]
    pub fn is_of(&self, education: usize, own_major: bool) -> bool {
        self.at.has(education) && self.major.takes(own_major)
    }
}

impl Refusal {
    #[must_use]
    pub fn holds_in(&self, year: i32) -> bool {
        in_force(self.from_year, self.to_year, year)
    }

    /// As [`EligibilityClause::is_of`].
    #[must_use]
    pub fn is_of(&self, education: usize, own_major: bool) -> bool {
        self.at.has(education) && self.major.takes(own_major)
    }
}

impl Places {
    pub fn has(self, education: usize) -> bool {
        u32::try_from(education).ok().and_then(|n| 1_u64.checked_shl(n)).is_some_and(|bit| self.educations & bit != 0)
    }
}

impl CountingRule {
    #[must_use]
    pub fn holds_in(&self, year: i32) -> bool {
        in_force(self.from_year, self.to_year, year)
    }

    /// The last day that counts for an exam year.
    #[must_use]
    pub fn cut_off(&self, year: i32) -> Option<chrono::NaiveDate> {
        chrono::NaiveDate::from_ymd_opt(year, self.cut_off_month, self.cut_off_day)
    }
}
