//! Who may register, as far as education, major and declared years of work tell: a warning beside a row of a file that
//! has nothing more. The full answer is [`super::verdict()`].

use crate::schemes::model::{Level, Scheme};

/// What a candidate declares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Background<'a> {
    pub education: &'a str,
    pub major: &'a str,
    /// Whole years of social work up to the exam year's cut-off.
    pub years: Option<i64>,
}

/// The clause that is theirs and what is missing to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// The education's code.
    pub education: String,
    pub own_major: bool,
    pub has_years: i64,
    /// [`i64::MAX`] where no number of years suffices.
    pub needs_years: i64,
    /// The exam year from which the years suffice, if work goes on.
    pub eligible_from: i32,
    pub source: String,
}

impl Scheme {
    /// Says why a candidate seems not eligible; `None` when they are, or when what they declare does not suffice to tell
    /// (unknown education, years not given, no rule in the file).
    #[must_use]
    pub fn eligible_warning(&self, who: Background<'_>, year: i32, level: &Level) -> Option<Shortfall> {
        let (place, education) = self.education_by_name(who.education)?;
        let has_years = who.years?;
        let own_major = self.is_own_major(who.major);
        let clause = level.eligibility_in(year).find(|c| c.is_of(place, own_major));
        let (needs_years, source) = match clause {
            Some(c) => (i64::from(c.years), &c.source),
            None => (i64::MAX, &level.refusals_in(year).find(|r| r.is_of(place, own_major))?.source),
        };
        let short = needs_years.checked_sub(has_years).filter(|n| *n > 0)?;
        Some(Shortfall {
            education: education.code.clone(),
            own_major,
            has_years,
            needs_years,
            eligible_from: year.saturating_add(i32::try_from(short).unwrap_or(i32::MAX)),
            source: source.clone(),
        })
    }
}
