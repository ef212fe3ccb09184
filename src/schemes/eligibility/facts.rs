//! What is known of a person, as far as eligibility turns on it. Plain values: whoever keeps the records fills them in.

use chrono::NaiveDate;

use crate::schemes::model::{Level, Scheme};

/// All of it. Certificates and bars that were revoked or lifted are left out.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Every education gained or begun; a lower one may open a clause that the highest does not.
    pub schooling: Vec<Schooling>,
    pub work: Vec<Work>,
    /// Taken where no employment is recorded.
    pub declared: Option<Declared>,
    pub certificates: Vec<Held>,
    /// Confirmed hours of practicum. They are never work.
    pub practicum: Vec<Practice>,
    pub bars: Vec<Bar>,
    pub overrides: Vec<Override>,
    /// Region code of where the person registers; empty when unknown.
    pub region: String,
}

/// How far a fact can be relied on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// A document was seen, or an official query answered.
    Proven,
    /// The person says so; good until doubted (告知承诺制).
    #[default]
    Declared,
    /// A query failed or somebody objects: does not count until it is proven.
    Doubted,
}

/// One education.
#[derive(Clone, Copy, Debug)]
pub struct Schooling {
    /// Its place in the scheme's list; `None` when the scheme does not know the word.
    pub education: Option<usize>,
    pub major: Major,
    pub study: Study,
    pub began: Option<NaiveDate>,
    pub graduated: Graduation,
    /// Gained abroad: needs to be recognised.
    pub foreign: bool,
    pub standing: Standing,
}

/// Whether the major is one of the scheme's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Major {
    Own,
    Other,
    Unknown,
}

/// The kind of study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Study {
    FullTime,
    PartTime,
    Unknown,
}

/// Where an education stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graduation {
    /// Of which only the month is recorded, take its last day. A day to come is the expected one.
    On(NaiveDate),
    /// Graduated, the day is not recorded.
    DayUnknown,
    /// Still a student, the day is not known.
    Student,
}

/// One employment. Of which only months are recorded, take the first day of the first and the last day of the last.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub kind: WorkKind,
    pub from: NaiveDate,
    /// The last day; `None`: still there, and taken to stay.
    pub until: Option<NaiveDate>,
    pub standing: Standing,
}

/// Whether work is in the scheme's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    Field,
    Other,
    /// A placement of a student. Never counts.
    Practicum,
    Unknown,
}

/// A number of full years that the person declares, as a form asks for it: what does not count is taken to be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    pub years: u32,
    /// The last day they are counted to; from then on work is taken to go on.
    pub up_to: NaiveDate,
}

/// A certificate held.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Place of its level in the scheme's list.
    pub level: usize,
    /// The day of approval, if recorded.
    pub on: Option<NaiveDate>,
    pub standing: Standing,
}

/// Confirmed practicum of one programme.
#[derive(Clone, Debug)]
pub struct Practice {
    /// The programme's code.
    pub programme: String,
    pub minutes: i64,
}

/// A time in which the person may not sit any examination of the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub from: NaiveDate,
    /// The last day; `None`: long-term.
    pub until: Option<NaiveDate>,
}

/// A person's decision that somebody may register although the clauses say no, or do not say. It never lifts a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Place of the level in the scheme's list.
    pub level: usize,
    pub given_on: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    pub approver: String,
    pub reason: String,
    /// Number or name of the document.
    pub document: String,
}

impl Override {
    /// Nobody may be let in without approver, reason and document.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [&self.approver, &self.reason, &self.document].iter().all(|t| !t.trim().is_empty())
    }
}

impl Scheme {
    /// Education and major as a file words them. An empty major is unknown.
    #[must_use]
    pub fn schooling(&self, education: &str, major: &str) -> Schooling {
        let major = match major.trim() {
            "" => Major::Unknown,
            m if self.is_own_major(m) => Major::Own,
            _ => Major::Other,
        };
        Schooling {
            education: self.education_by_name(education).map(|(place, _)| place),
            major,
            study: Study::Unknown,
            began: None,
            graduated: Graduation::DayUnknown,
            foreign: false,
            standing: Standing::Declared,
        }
    }

    /// The place of a level in the list, as [`Held`] and [`Override`] want it.
    #[must_use]
    pub fn place_of(&self, level: &Level) -> Option<usize> {
        self.levels.iter().position(|l| l.code == level.code)
    }
}
