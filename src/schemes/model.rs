//! What a scheme file holds. Marks are hundredths, hours minutes. `from_year`/`to_year` are exam years, both included; an absent
//! `to_year` means "still in force".

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::clauses::{CountingRule, Document, EligibilityClause, Places, Refusal};
use super::cycles::{CycleRule, WindowKind};
use super::policy::{CeKind, Consequence, Extension, Fee, ReviewRule, SubjectWaiver, WaitWaiver};
use crate::core::Lang;

/// A name in both languages of the screens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub zh: String,
    pub en: String,
}

impl Names {
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::ZhCn => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// One examination scheme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    pub code: String,
    pub name: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub certificate_name: Names,
    /// The field whose majors and work the clauses speak of, as texts call it.
    pub field: Names,
    /// Majors that count as the scheme's own field in the eligibility clauses.
    pub majors: Vec<String>,
    /// In the order of their rank.
    pub levels: Vec<Level>,
    /// Words for education, lowest first.
    pub educations: Vec<Education>,
    pub score_codes: Vec<ScoreCode>,
    /// What may be decided upon a violation or a void.
    #[serde(default)]
    pub consequences: Vec<Consequence>,
    pub pass_lines: Vec<PassLine>,
    #[serde(default)]
    pub areas: Vec<Area>,
    pub programmes: Vec<Programme>,
    pub counting: Vec<CountingRule>,
    #[serde(default)]
    pub documents: Vec<Document>,
    #[serde(default)]
    pub fees: Vec<Fee>,
    #[serde(default)]
    pub ce_kinds: Vec<CeKind>,
    /// What the files of the exam years add, by year.
    #[serde(skip)]
    pub(super) years: BTreeMap<i32, KnownYear>,
}

/// The days of an exam year that rules turn on.
#[derive(Clone, Debug)]
pub(super) struct KnownYear {
    pub cut_off: Option<NaiveDate>,
    pub exam_first_day: NaiveDate,
    /// Prefix of region codes, last day of registration.
    pub registration: Vec<(String, NaiveDate)>,
}

/// A level: one examination with its subjects, one kind of certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub code: String,
    /// 1 is the lowest; a person's highest level is the one of the greatest rank.
    pub rank: u32,
    pub name: Names,
    pub short_name: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub subjects: Vec<Subject>,
    pub passing: Vec<PassingRule>,
    pub eligibility: Vec<EligibilityClause>,
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    pub registration: Vec<RegistrationRule>,
    #[serde(default)]
    pub reviews: Vec<ReviewRule>,
    #[serde(default)]
    pub waivers: Vec<SubjectWaiver>,
    #[serde(default)]
    pub extensions: Vec<Extension>,
}

/// A subject of a level.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub code: String,
    pub name: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Hundredths.
    pub full_marks: i64,
    /// Marks are whole multiples of it; hundredths.
    pub step: i64,
    pub paper: Paper,
    pub minutes: u32,
    /// The examination's day, from 1, and the time it starts.
    pub day: u32,
    pub starts: chrono::NaiveTime,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// How a paper is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    Objective,
    Subjective,
}

/// What completing a level takes and gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassingRule {
    /// All subjects passed within so many consecutive exam years, the last included: 1 = in one exam year.
    pub within_exam_years: i32,
    pub gives: Gives,
    /// With `gives = "proof"`: exam years for which the proof holds.
    #[serde(default)]
    pub proof_years: Option<i32>,
    /// Days that must lie between two attempts.
    #[serde(default)]
    pub wait_days: u32,
    #[serde(default)]
    pub wait_waiver: Option<WaitWaiver>,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// What a completed level gives by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gives {
    Certificate,
    /// Only a proof of the examination; the certificate needs a review.
    Proof,
}

/// Registration (登记) of a certificate and continuing education.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRule {
    /// The first registration is accepted within so many months of passing.
    pub first_within_months: u32,
    pub valid_months: u32,
    /// The renewal is accepted in the last months before expiry.
    pub renewal_opens_months: u32,
    /// Continuing education of one period, in minutes.
    pub ce_minutes: i64,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// A word for education; its place in the list is its rank.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Education {
    pub code: String,
    pub name: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// A number (or word) that stands where a mark would.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreCode {
    /// As it is written: -1.
    pub value: i64,
    pub means: CodeMeaning,
    pub beside_marks: BesideMarks,
    #[serde(default)]
    pub texts: Vec<String>,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// What a score code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodeMeaning {
    Absent,
    Violation,
    Void,
}

/// What a code does to the marks of the same sitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BesideMarks {
    /// Nothing: only its own subject does not count.
    Subject,
    /// The sitting is held: nothing of it counts until a person has decided.
    Hold,
    /// Nothing of the sitting counts.
    Sitting,
}

/// The mark to reach, in one area, for levels and subjects (all when the list is empty).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassLine {
    /// Code of an [`Area`]; empty for the whole country.
    pub area: String,
    #[serde(default)]
    pub levels: Vec<String>,
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Hundredths.
    pub mark: i64,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    /// Absent: not known. A local line comes months after the results.
    #[serde(default)]
    pub published_on: Option<NaiveDate>,
    pub source: String,
}

/// Regions with pass lines of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub code: String,
    pub name: Names,
    /// Prefixes of region codes.
    pub regions: Vec<String>,
    pub source: String,
}

/// A programme of study with the practicum it asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub code: String,
    pub name: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub required_minutes: i64,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
}

/// Whether a rule of these years holds in `year`.
pub(super) fn in_force(from: i32, to: Option<i32>, year: i32) -> bool {
    from <= year && to.is_none_or(|to| year <= to)
}

impl Scheme {
    /// Turns codes that are looked up often into places, once the file is checked.
    pub(super) fn prepare(&mut self) {
        let bits = |codes: &[String]| {
            let of = |(n, e): (usize, &Education)| if codes.contains(&e.code) { 1_u64 << n } else { 0 };
            self.educations.iter().take(64).enumerate().map(of).sum::<u64>()
        };
        let level = |code: &Option<String>| self.levels.iter().position(|l| Some(&l.code) == code.as_ref());
        let of_level = |l: &Level| {
            let clause = |c: &EligibilityClause| Places { educations: bits(&c.educations), holds: level(&c.holds) };
            let refusal = |r: &Refusal| Places { educations: bits(&r.educations), holds: None };
            (l.eligibility.iter().map(clause).collect::<Vec<_>>(), l.refusals.iter().map(refusal).collect::<Vec<_>>())
        };
        let places: Vec<_> = self.levels.iter().map(of_level).collect();
        for (l, (clauses, refusals)) in self.levels.iter_mut().zip(places) {
            l.eligibility.iter_mut().zip(clauses).for_each(|(c, at)| c.at = at);
            l.refusals.iter_mut().zip(refusals).for_each(|(r, at)| r.at = at);
        }
    }

    /// Takes over the days of an exam year that eligibility turns on.
    pub(super) fn learn(&mut self, cycle: &CycleRule) {
        let ends = cycle.windows.iter().filter(|w| w.kind == WindowKind::Registration);
        let known = KnownYear {
            cut_off: cycle.years_counted_until,
            exam_first_day: cycle.exam_first_day,
            registration: ends.map(|w| (w.area.clone(), w.closes_on)).collect(),
        };
        self.years.insert(cycle.year, known);
    }
}
