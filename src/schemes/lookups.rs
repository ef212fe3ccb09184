//! Questions to a scheme's file: what a name stands for, which rule holds in a year.

use chrono::NaiveDate;

use super::clauses::{CountingRule, Document, EligibilityClause, Proof, Refusal};
use super::model::{
    Area, Education, KnownYear, Level, Names, PassLine, PassingRule, Programme, RegistrationRule, Scheme, ScoreCode,
    Subject, in_force,
};
use super::names::is_one_of;

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

    /// How work is counted in an exam year.
    #[must_use]
    pub fn counting_in(&self, year: i32) -> Option<&CountingRule> {
        self.counting.iter().find(|r| r.holds_in(year))
    }

    /// The last day of work that counts for an exam year: the year's own where its file names one.
    #[must_use]
    pub fn cut_off(&self, year: i32) -> Option<NaiveDate> {
        let own = self.years.get(&year).and_then(|y| y.cut_off);
        own.or_else(|| self.counting_in(year)?.cut_off(year))
    }

    /// The first day of a year's examination, once its file is there.
    #[must_use]
    pub fn exam_day(&self, year: i32) -> Option<NaiveDate> {
        self.years.get(&year).map(|y| y.exam_first_day)
    }

    /// The last day of a year's registration in a region, the most local one that is known.
    #[must_use]
    pub fn registration_ends(&self, year: i32, region: &str) -> Option<NaiveDate> {
        let KnownYear { registration, .. } = self.years.get(&year)?;
        let fits = registration.iter().filter(|(area, _)| region.starts_with(area.as_str()));
        fits.max_by_key(|(area, _)| area.len()).map(|(_, day)| *day)
    }

    /// The documents that prove something.
    pub fn documents_for(&self, proof: Proof) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(move |d| d.proves == proof)
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
        self.eligibility.iter().filter(move |c| c.holds_in(year))
    }

    /// The stated refusals of an exam year.
    pub fn refusals_in(&self, year: i32) -> impl Iterator<Item = &Refusal> {
        self.refusals.iter().filter(move |r| r.holds_in(year))
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
    pub fn next_attempt_from(&self, last: NaiveDate) -> NaiveDate {
        last.checked_add_days(chrono::Days::new(u64::from(self.wait_days))).unwrap_or(last)
    }
}

impl ScoreCode {
    #[must_use]
    pub fn holds_in(&self, year: i32) -> bool {
        in_force(self.from_year, self.to_year, year)
    }
}
