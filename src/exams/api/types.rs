//! What goes over the wire.

use chrono::NaiveDate;
use poem_openapi::{Enum, Object};

use crate::core::Lang;
use crate::exams::ops::{Candidate, CycleView, LevelCounts, RegistrationView, SubjectResult};
use crate::exams::rules::show_mark;
use crate::exams::words;
use crate::schemes::{self, Scheme};

/// The figures of a level in an exam year: people the user sees.
#[derive(Clone, Debug, Object)]
#[oai(rename = "LevelCounts")]
pub struct LevelCountsOut {
    pub level: String,
    pub name: String,
    /// Registrations not withdrawn.
    pub registered: i64,
    /// At least one subject with a mark, a violation or a void.
    pub sat: i64,
    /// The level was completed in this exam year.
    pub passed: i64,
}

impl From<LevelCounts> for LevelCountsOut {
    fn from(l: LevelCounts) -> Self {
        let c = l.counts;
        Self { level: l.level, name: l.name, registered: c.registered, sat: c.sat, passed: c.passed }
    }
}

/// A time in which something can be done, in one area.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Window")]
pub struct WindowOut {
    /// registration, payment, tickets or review.
    pub kind: String,
    /// Prefix of the region codes it holds for; empty for all.
    pub area: String,
    pub area_name: String,
    pub opens_on: Option<NaiveDate>,
    /// Time of day, HH:MM, in the configured zone; absent when not published.
    pub opens_at: Option<String>,
    pub closes_on: NaiveDate,
    pub closes_at: Option<String>,
    pub source: String,
}

/// An exam year of a scheme.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ExamCycle")]
pub struct CycleOut {
    /// Absent while nothing is on record.
    pub id: Option<i64>,
    pub scheme: String,
    pub scheme_name: String,
    pub year: i64,
    pub exam_first_day: Option<NaiveDate>,
    pub exam_last_day: Option<NaiveDate>,
    pub results_on: Option<NaiveDate>,
    pub note: String,
    pub version: i64,
    pub windows: Vec<WindowOut>,
    pub levels: Vec<LevelCountsOut>,
}

impl From<CycleView> for CycleOut {
    fn from(c: CycleView) -> Self {
        let clock = |t: Option<chrono::NaiveTime>| t.map(|t| t.format("%H:%M").to_string());
        let rule = c.rule.as_ref();
        let window = |w: &schemes::Window| WindowOut {
            kind: w.kind.code().to_owned(),
            area: w.area.clone(),
            area_name: w.area_name.clone(),
            opens_on: w.opens_on,
            opens_at: clock(w.opens_at),
            closes_on: w.closes_on,
            closes_at: clock(w.closes_at),
            source: w.source.clone(),
        };
        Self {
            id: c.id,
            exam_first_day: rule.map(|r| r.exam_first_day),
            exam_last_day: rule.map(|r| r.exam_last_day),
            windows: rule.map(|r| r.windows.iter().map(window).collect()).unwrap_or_default(),
            levels: c.levels.into_iter().map(Into::into).collect(),
            scheme: c.scheme,
            scheme_name: c.scheme_name,
            year: c.year,
            results_on: c.results_on,
            note: c.note,
            version: c.version,
        }
    }
}

/// Exam years, the newest first.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ExamCycles")]
pub struct CyclesOut {
    pub items: Vec<CycleOut>,
}

/// A registration. The ID number is given by its last characters only.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Registration")]
pub struct RegistrationOut {
    pub id: i64,
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub level: String,
    pub subjects: Vec<String>,
    pub number: String,
    pub registered_on: NaiveDate,
    /// paid, unpaid or unknown.
    pub payment: String,
    /// active or withdrawn; unpaid is withdrawn.
    pub state: String,
    pub version: i64,
}

impl From<RegistrationView> for RegistrationOut {
    fn from(r: RegistrationView) -> Self {
        Self {
            id: r.id,
            person_id: r.person_id,
            name: r.name,
            id_tail: r.id_tail,
            level: r.level,
            subjects: r.subject_names,
            number: r.number,
            registered_on: r.registered_on,
            payment: r.payment,
            state: r.state,
            version: r.version,
        }
    }
}

/// What a candidate has in one subject.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SubjectResult")]
pub struct SubjectResultOut {
    pub id: i64,
    pub subject: String,
    pub name: String,
    /// normal, absent, violation or void.
    pub code: String,
    /// The mark as a decimal text such as 60.5; only with code normal.
    pub mark: Option<String>,
    /// The sitting waits for a decision.
    pub held: bool,
    /// Changed by hand.
    pub corrected: bool,
    pub published_on: NaiveDate,
    pub version: i64,
}

impl From<SubjectResult> for SubjectResultOut {
    fn from(s: SubjectResult) -> Self {
        let (code, mark) = s.outcome.parts();
        Self {
            id: s.result_id,
            subject: s.subject,
            name: s.name,
            code: code.to_owned(),
            mark: mark.map(show_mark),
            held: s.held,
            corrected: s.corrected,
            published_on: s.published_on,
            version: s.version,
        }
    }
}

/// A pass that a verdict rests on.
#[derive(Clone, Debug, Object)]
#[oai(rename = "UsedPass")]
pub struct UsedOut {
    pub subject: String,
    pub year: i32,
    pub mark: String,
    pub line: String,
}

/// A candidate at one level in one exam year, with the verdict.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Candidate")]
pub struct CandidateOut {
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub level: String,
    pub archive_no: String,
    pub subjects: Vec<SubjectResultOut>,
    /// passed, not-passed, absent or held.
    pub outcome: String,
    pub passed: bool,
    /// A pass of an earlier year was used.
    pub by_rolling: bool,
    pub why: Vec<UsedOut>,
    /// Codes of the subjects that still count next year.
    pub carried: Vec<String>,
    /// The verdict in words.
    pub text: String,
}

/// A candidate with the verdict in words.
pub(super) fn candidate_out(lang: Lang, scheme: &Scheme, c: Candidate) -> CandidateOut {
    let level = scheme.level(&c.level);
    let text = level.map(|l| words::verdict(lang, l, c.year, &c.verdict, c.held())).unwrap_or_default();
    let outcome = c.outcome().name().to_owned();
    let used = |u: schemes::Used| UsedOut {
        subject: u.subject,
        year: u.year,
        mark: show_mark(u.mark),
        line: show_mark(u.line),
    };
    CandidateOut {
        person_id: c.person_id,
        name: c.name,
        id_tail: c.id_tail,
        level: c.level,
        archive_no: c.archive_no,
        subjects: c.subjects.into_iter().map(Into::into).collect(),
        outcome,
        passed: c.verdict.passed,
        by_rolling: c.verdict.by_rolling,
        why: c.verdict.why.into_iter().map(used).collect(),
        carried: c.verdict.carried,
        text,
    }
}

/// A result entered or corrected by hand.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ResultInput", deny_unknown_fields)]
pub struct ResultIn {
    pub person_id: i64,
    /// The level's code.
    #[oai(validator(max_length = 60))]
    pub level: String,
    /// The subject's code.
    #[oai(validator(max_length = 60))]
    pub subject: String,
    /// A mark such as 60.5, or a code of the scheme such as -1.
    #[oai(validator(max_length = 40))]
    pub score: String,
    pub published_on: Option<NaiveDate>,
    #[oai(validator(max_length = 400))]
    pub why: String,
    /// The version seen; absent when nothing is on record yet.
    pub version: Option<i64>,
}

/// What becomes of a sitting on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "HoldDecision", rename_all = "snake_case")]
pub enum DecisionIn {
    /// Only the subject of the violation is void.
    SubjectOnly,
    /// Every subject of the sitting is void.
    WholeSitting,
}

/// A decision on a sitting on hold.
#[derive(Clone, Debug, Object)]
#[oai(rename = "DecisionInput", deny_unknown_fields)]
pub struct DecideIn {
    pub person_id: i64,
    #[oai(validator(max_length = 60))]
    pub level: String,
    pub decision: DecisionIn,
    #[oai(validator(max_length = 400))]
    pub why: String,
}

/// A registration corrected by hand.
#[derive(Clone, Debug, Object)]
#[oai(rename = "RegistrationInput", deny_unknown_fields)]
pub struct RegistrationIn {
    /// The version seen.
    pub version: i64,
    /// paid, unpaid or unknown.
    #[oai(validator(max_length = 20))]
    pub payment: String,
    /// Withdrawn by the candidate.
    pub withdrawn: bool,
    #[oai(validator(max_length = 400))]
    pub why: String,
}
