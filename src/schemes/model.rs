//! What a scheme file holds. Marks are hundredths, hours minutes. `from_year`/`to_year` are exam years, both included; an absent
//! `to_year` means "still in force".

use serde::Deserialize;

use super::names::is_one_of;
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
    /// Majors that count as the scheme's own field in the eligibility clauses.
    pub majors: Vec<String>,
    /// In the order of their rank.
    pub levels: Vec<Level>,
    /// Words for education, lowest first.
    pub educations: Vec<Education>,
    pub score_codes: Vec<ScoreCode>,
    pub pass_lines: Vec<PassLine>,
    #[serde(default)]
    pub areas: Vec<Area>,
    pub programmes: Vec<Programme>,
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
    pub registration: Vec<RegistrationRule>,
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

/// Years of work that an education asks for; holds for every higher education too.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityClause {
    pub education: String,
    /// Years with one of the scheme's majors.
    pub major_years: i64,
    /// Years with any other major.
    pub other_years: i64,
    /// A level whose certificate is needed as well.
    #[serde(default)]
    pub holds: Option<String>,
    pub from_year: i32,
    #[serde(default)]
    pub to_year: Option<i32>,
    pub source: String,
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
    pub published_on: Option<chrono::NaiveDate>,
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

fn in_force(from: i32, to: Option<i32>, year: i32) -> bool {
    from <= year && to.is_none_or(|to| year <= to)
}

fn names<'a>(code: &'a str, name: &'a Names, aliases: &'a [String]) -> impl Iterator<Item = &'a str> {
    [code, name.zh.as_str(), name.en.as_str()].into_iter().chain(aliases.iter().map(String::as_str))
}

impl Scheme {
    #[must_use]
    pub fn level(&self, code: &str) -> Option<&Level> {
        self.levels.iter().find(|l| l.code == code)
    }

    /// The level that a text names: its code, full name, short name or an alias, in either language.
    #[must_use]
    pub fn level_by_name(&self, text: &str) -> Option<&Level> {
        self.levels.iter().find(|l| {
            is_one_of(text, names(&l.code, &l.name, &l.aliases).chain([l.short_name.zh.as_str(), &l.short_name.en]))
        })
    }

    /// Whether a text names this scheme.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        is_one_of(text, names(&self.code, &self.name, &self.aliases))
    }

    /// The place of an education in the list, from the lowest, and the education itself.
    #[must_use]
    pub fn education_by_name(&self, text: &str) -> Option<(usize, &Education)> {
        self.educations.iter().enumerate().find(|(_, e)| is_one_of(text, names(&e.code, &e.name, &e.aliases)))
    }

    #[must_use]
    pub fn programme_by_name(&self, text: &str) -> Option<&Programme> {
        self.programmes.iter().find(|p| is_one_of(text, names(&p.code, &p.name, &p.aliases)))
    }

    /// Whether a major counts as the scheme's own field.
    #[must_use]
    pub fn is_own_major(&self, major: &str) -> bool {
        is_one_of(major, self.majors.iter().map(String::as_str))
    }

    /// The area with pass lines of its own that a region lies in, if any.
    #[must_use]
    pub fn area_of(&self, region_code: &str) -> Option<&Area> {
        self.areas.iter().find(|a| a.regions.iter().any(|r| region_code.starts_with(r.as_str())))
    }

    /// The line of a subject in an exam year: the area's own where there is one, else the country's. `None`: not known.
    #[must_use]
    pub fn pass_line(&self, year: i32, level: &str, subject: &str, area: Option<&str>) -> Option<&PassLine> {
        let of = |area: &str| {
            self.pass_lines.iter().find(|l| {
                l.area == area
                    && in_force(l.from_year, l.to_year, year)
                    && (l.levels.is_empty() || l.levels.iter().any(|x| x == level))
                    && (l.subjects.is_empty() || l.subjects.iter().any(|x| x == subject))
            })
        };
        area.filter(|a| !a.is_empty()).and_then(of).or_else(|| of(""))
    }
}

impl Level {
    #[must_use]
    pub fn subject(&self, code: &str) -> Option<&Subject> {
        self.subjects.iter().find(|s| s.code == code)
    }

    /// The subject that a text names, with or without the level in brackets.
    #[must_use]
    pub fn subject_by_name(&self, text: &str) -> Option<&Subject> {
        self.subjects.iter().find(|s| is_one_of(text, names(&s.code, &s.name, &s.aliases)))
    }

    /// The subjects examined in a year.
    pub fn subjects_in(&self, year: i32) -> impl Iterator<Item = &Subject> {
        self.subjects.iter().filter(move |s| in_force(s.from_year, s.to_year, year))
    }

    #[must_use]
    pub fn passing_in(&self, year: i32) -> Option<&PassingRule> {
        self.passing.iter().find(|r| in_force(r.from_year, r.to_year, year))
    }

    /// The clauses of an exam year.
    pub fn eligibility_in(&self, year: i32) -> impl Iterator<Item = &EligibilityClause> {
        self.eligibility.iter().filter(move |r| in_force(r.from_year, r.to_year, year))
    }

    /// The rule for registering a certificate of this level in a year.
    #[must_use]
    pub fn registration_in(&self, year: i32) -> Option<&RegistrationRule> {
        self.registration.iter().find(|r| in_force(r.from_year, r.to_year, year))
    }
}

impl PassingRule {
    /// The first day of a new attempt after one on `last`.
    #[must_use]
    pub fn next_attempt_from(&self, last: chrono::NaiveDate) -> chrono::NaiveDate {
        last.checked_add_days(chrono::Days::new(u64::from(self.wait_days))).unwrap_or(last)
    }
}

impl ScoreCode {
    #[must_use]
    pub fn holds_in(&self, year: i32) -> bool {
        in_force(self.from_year, self.to_year, year)
    }
}
