//! What an answer about eligibility consists of.

use chrono::NaiveDate;

use super::length::Length;
use crate::schemes::clauses::{EligibilityClause, Refusal};

/// The answer, from no to yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    No,
    /// It turns on something that is not known: [`Doubt`] says on what.
    NeedsEvidence,
    Yes,
}

impl Answer {
    /// The stable name in files and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::No => "not_eligible",
            Self::NeedsEvidence => "needs_evidence",
            Self::Yes => "eligible",
        }
    }
}

/// Whether a person may register for a level in an exam year, and why.
#[derive(Clone, Debug)]
pub struct Verdict<'s> {
    pub answer: Answer,
    pub exam_year: i32,
    /// The day on which it was asked.
    pub on: NaiveDate,
    /// The last day of work that counts.
    pub cut_off: Option<NaiveDate>,
    /// Every clause of the exam year, in the file's order.
    pub clauses: Vec<ClauseVerdict<'s>>,
    /// The stated refusals that educations of the person fall under.
    pub refusals: Vec<&'s Refusal>,
    /// The place in the facts of the bar that stands in the way, or may.
    pub bar: Option<usize>,
    /// The place in the facts of the override that the answer rests on.
    pub by_override: Option<usize>,
    /// The level's certificate is held already.
    pub held_already: bool,
    /// Where the answer is not yes: the first later exam year in which it would be, all else going on as it is.
    /// `None`: never by waiting alone.
    pub earliest_year: Option<i32>,
}

impl<'s> Verdict<'s> {
    /// The clause the answer rests on, or the one that comes nearest.
    #[must_use]
    pub fn best(&self) -> Option<&ClauseVerdict<'s>> {
        // Of equal ones the first of the file.
        self.clauses.iter().rev().max_by_key(|c| c.nearness())
    }

    /// The exam year's rules are not in the file: there was or will be no such examination, as far as is known.
    #[must_use]
    pub fn without_rules(&self) -> bool {
        self.clauses.is_empty()
    }
}

/// One clause against the facts.
#[derive(Clone, Copy, Debug)]
pub struct ClauseVerdict<'s> {
    /// The clause in the version of the exam year, with its source.
    pub clause: &'s EligibilityClause,
    pub answer: Answer,
    /// The place in the facts of the education it was judged by; `None` when none fits.
    pub schooling: Option<usize>,
    pub education: Answer,
    /// The place in the facts of the certificate, where the clause asks for one.
    pub certificate: Option<usize>,
    pub holds: Answer,
    pub work: WorkCheck,
    /// `None` where the clause asks for none.
    pub practicum: Option<PracticumCheck>,
    pub doubts: Doubts,
    /// Where only years are short: the first exam year in which this clause is met if employment goes on.
    pub earliest_year: Option<i32>,
}

impl ClauseVerdict<'_> {
    /// Whether nothing but years of work is missing.
    #[must_use]
    pub fn lacks_only_work(&self) -> bool {
        let practicum = self.practicum.map_or(Answer::Yes, |p| p.answer);
        self.work.answer == Answer::No && self.education.min(self.holds).min(practicum) != Answer::No
    }

    /// A greater one is nearer to being met: by the answer, then by an education on record that is the clause's, then by how
    /// many of the conditions are met, then by the work that is short.
    fn nearness(&self) -> (Answer, bool, usize, i64) {
        let practicum = self.practicum.map_or(Answer::Yes, |p| p.answer);
        let met = [self.education, self.holds, self.work.answer, practicum];
        let met = met.iter().filter(|a| **a != Answer::No).count();
        (self.answer, self.schooling.is_some(), met, -self.work.short.0)
    }
}

/// Years of work against those asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkCheck {
    pub answer: Answer,
    pub needs: Length,
    /// What counts for sure.
    pub has: Length,
    /// What counts if every doubt is settled in the person's favour.
    pub may_have: Length,
    /// What is missing even then.
    pub short: Length,
    /// The first day from which work counts, where graduation or certificate set one.
    pub counted_from: Option<NaiveDate>,
    /// The day on which the years are full; after the day of asking, it rests on employment going on.
    pub full_on: Option<NaiveDate>,
    /// Work that does not count: before graduating from full-time study, or before the certificate.
    pub left_out: Length,
}

/// Confirmed practicum against what is asked for, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PracticumCheck {
    pub answer: Answer,
    pub needs: i64,
    pub has: i64,
}

/// Something that is not known and that an answer turns on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// No education is recorded, or in a word the scheme does not know.
    Education,
    /// Recorded, and doubted.
    EducationDoubted,
    /// Gained abroad and not recognised yet.
    Foreign,
    Major,
    /// Full-time or part-time.
    Study,
    GraduationDay,
    /// The day on which another, full-time study began.
    StudyBegan,
    /// Graduated in the exam year: in time for the registration?
    DiplomaInTime,
    CertificateDay,
    CertificateDoubted,
    WorkKind,
    WorkDoubted,
    /// No day is known up to which work counts.
    CutOff,
    /// A bar ends in the exam year, whose days are not known.
    BarEnds,
}

impl Doubt {
    pub const ALL: [Self; 14] = [
        Self::Education,
        Self::EducationDoubted,
        Self::Foreign,
        Self::Major,
        Self::Study,
        Self::GraduationDay,
        Self::StudyBegan,
        Self::DiplomaInTime,
        Self::CertificateDay,
        Self::CertificateDoubted,
        Self::WorkKind,
        Self::WorkDoubted,
        Self::CutOff,
        Self::BarEnds,
    ];

    /// The stable name, and the end of its text's key.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Education => "education",
            Self::EducationDoubted => "education-doubted",
            Self::Foreign => "foreign",
            Self::Major => "major",
            Self::Study => "study",
            Self::GraduationDay => "graduation-day",
            Self::StudyBegan => "study-began",
            Self::DiplomaInTime => "diploma-in-time",
            Self::CertificateDay => "certificate-day",
            Self::CertificateDoubted => "certificate-doubted",
            Self::WorkKind => "work-kind",
            Self::WorkDoubted => "work-doubted",
            Self::CutOff => "cut-off",
            Self::BarEnds => "bar-ends",
        }
    }
}

/// A set of doubts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts(u16);

impl Doubts {
    pub(super) fn add(&mut self, doubt: Doubt) {
        self.0 |= Self::bit(doubt);
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn bit(doubt: Doubt) -> u16 {
        1 << (doubt as u16)
    }

    #[must_use]
    pub fn has(self, doubt: Doubt) -> bool {
        self.0 & Self::bit(doubt) != 0
    }

    pub(super) fn are_only(self, doubt: Doubt) -> bool {
        self.0 == Self::bit(doubt)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Doubt> {
        Doubt::ALL.into_iter().filter(move |d| self.has(*d))
    }
}
