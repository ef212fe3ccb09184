//! Who may register, as far as education, major and declared years of work tell. Used as a warning only: the authority
//! decides.

use super::model::{EligibilityClause, Level, Scheme};

/// What a candidate declares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Background<'a> {
    pub education: &'a str,
    pub major: &'a str,
    /// Whole years of social work up to the exam year's cut-off.
    pub years: Option<i64>,
}

/// The clause that comes nearest and what is missing to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// The education's code.
    pub education: String,
    pub own_major: bool,
    pub has_years: i64,
    pub needs_years: i64,
    /// The exam year from which the years suffice, if work goes on.
    pub eligible_from: i32,
    pub source: String,
}

impl Scheme {
    /// Says why a candidate seems not eligible; `None` when they are, or when what they declare does not suffice to tell
    /// (unknown education, years not given, no clause in the file).
    #[must_use]
    pub fn eligible_warning(&self, who: Background<'_>, year: i32, level: &Level) -> Option<Shortfall> {
        let (rank, education) = self.education_by_name(who.education)?;
        let has_years = who.years?;
        let own_major = self.is_own_major(who.major);
        let needs = |c: &EligibilityClause| if own_major { c.major_years } else { c.other_years };
        let rank_of = |c: &EligibilityClause| self.educations.iter().position(|e| e.code == c.education);
        let easiest =
            level.eligibility_in(year).filter(|c| rank_of(c).is_some_and(|r| r <= rank)).min_by_key(|c| needs(c));
        let (needs_years, source) = match easiest {
            Some(c) => (needs(c), c.source.clone()),
            // The file has clauses, but none for so low an education.
            None => return self.below_every_clause(level, year, who, education.code.clone(), own_major),
        };
        let short = needs_years.checked_sub(has_years).filter(|n| *n > 0)?;
        Some(Shortfall {
            education: education.code.clone(),
            own_major,
            has_years,
            needs_years,
            eligible_from: year.saturating_add(i32::try_from(short).unwrap_or(i32::MAX)),
            source,
        })
    }

    /// An education lower than the lowest clause: no number of years suffices.
    fn below_every_clause(
        &self,
        level: &Level,
        year: i32,
        who: Background<'_>,
        education: String,
        own_major: bool,
    ) -> Option<Shortfall> {
        let first = level.eligibility_in(year).next()?;
        Some(Shortfall {
            education,
            own_major,
            has_years: who.years.unwrap_or_default(),
            needs_years: i64::MAX,
            eligible_from: i32::MAX,
            source: first.source.clone(),
        })
    }
}
