//! One clause against one person's facts in one exam year.

use chrono::{Datelike, NaiveDate};

use super::facts::{Facts, Graduation, Held, Major, Schooling, Standing, Study};
use super::length::{Length, OPEN, day_at, end, place, reached, within};
use super::verdict::{Answer, ClauseVerdict, Doubt, Doubts, PracticumCheck, WorkCheck};
use super::work;
use crate::schemes::clauses::{Counted, EligibilityClause, Holding, MajorClass};
use crate::schemes::model::{Level, Scheme};

/// What stays the same over the clauses of an exam year.
pub(super) struct Case<'a> {
    pub scheme: &'a Scheme,
    pub level: &'a Level,
    pub facts: &'a Facts,
    pub year: i32,
    /// The end of the last day that counts, on the scale of lengths.
    pub end: Option<i64>,
    pub before_graduation: bool,
    pub counted: &'a work::Counted,
}

/// From where work counts: at the latest, and at the earliest.
#[derive(Clone, Copy)]
struct Bounds {
    sure: i64,
    possible: i64,
}

impl Case<'_> {
    /// The clause by the education that serves the person best.
    pub fn judge<'s>(&self, clause: &'s EligibilityClause) -> ClauseVerdict<'s> {
        let fits = |(_, s): &(usize, &Schooling)| match s.education {
            None => true,
            Some(e) => match s.major {
                Major::Own => clause.is_of(e, true),
                Major::Other => clause.is_of(e, false),
                Major::Unknown => clause.is_of(e, true) || clause.is_of(e, false),
            },
        };
        let paths = self.facts.schooling.iter().enumerate().filter(fits);
        let best = paths
            .map(|(n, s)| self.settled(self.path(clause, Some((n, s))), n, s))
            .max_by_key(|p| (p.answer, p.work.may_have, p.work.has));
        best.unwrap_or_else(|| self.path(clause, None))
    }

    /// Where a major is not known, but the clauses for either are met, it does not matter.
    fn settled<'s>(&self, mut c: ClauseVerdict<'s>, n: usize, s: &Schooling) -> ClauseVerdict<'s> {
        if !hangs_on_major(&c) {
            return c;
        }
        let other = c.clause.major == MajorClass::Other;
        let twin = s.education.and_then(|e| self.level.eligibility_in(self.year).find(|t| t.is_of(e, other)));
        if twin.is_some_and(|t| hangs_on_major(&self.path(t, Some((n, s))))) {
            (c.answer, c.education, c.doubts) = (Answer::Yes, Answer::Yes, Doubts::default());
        }
        c
    }

    /// `None`: no education fits; where none is recorded at all, one may.
    fn path<'s>(&self, clause: &'s EligibilityClause, by: Option<(usize, &Schooling)>) -> ClauseVerdict<'s> {
        let mut doubts = Doubts::default();
        let education = match by {
            Some((_, s)) => self.education(clause, s, &mut doubts),
            None if self.facts.schooling.is_empty() => {
                doubts.add(Doubt::Education);
                Answer::NeedsEvidence
            }
            None => Answer::No,
        };
        let mut bounds = self.graduation_bounds(by.map(|(_, s)| s));
        let (holds, certificate) = self.certificate(clause, &mut bounds);
        let work = self.work(clause, bounds, by.map(|(_, s)| s), &mut doubts);
        if holds.min(work.answer) == Answer::NeedsEvidence {
            self.certificate_doubts(clause, &mut doubts);
        }
        let practicum = clause.practicum.as_deref().map(|code| self.practicum(clause, code));
        let answer = education.min(holds).min(work.answer).min(practicum.map_or(Answer::Yes, |p| p.answer));
        ClauseVerdict {
            clause,
            answer,
            schooling: by.map(|(n, _)| n),
            education,
            certificate,
            holds,
            work,
            practicum,
            doubts,
            earliest_year: None,
        }
    }

    fn education(&self, clause: &EligibilityClause, s: &Schooling, doubts: &mut Doubts) -> Answer {
        let mut found = Doubts::default();
        match s.education {
            None => found.add(Doubt::Education),
            Some(_) if s.major == Major::Unknown && clause.major != MajorClass::Any => found.add(Doubt::Major),
            Some(_) => {}
        }
        if s.standing == Standing::Doubted {
            found.add(Doubt::EducationDoubted);
        }
        if s.foreign && s.standing != Standing::Proven {
            found.add(Doubt::Foreign);
        }
        match s.graduated {
            Graduation::DayUnknown => {}
            _ if clause.holding == Holding::Enrolled => {}
            Graduation::Student => found.add(Doubt::GraduationDay),
            Graduation::On(day) => match self.in_time(clause, day) {
                Answer::No => return Answer::No,
                Answer::NeedsEvidence => found.add(Doubt::DiplomaInTime),
                Answer::Yes => {}
            },
        }
        doubts.join(found);
        if found.is_empty() { Answer::Yes } else { Answer::NeedsEvidence }
    }

    /// Whether somebody who graduates on a day has the education in the exam year.
    fn in_time(&self, clause: &EligibilityClause, day: NaiveDate) -> Answer {
        if day.year() < self.year {
            return Answer::Yes;
        }
        if day.year() > self.year {
            return Answer::No;
        }
        match (clause.holding, self.scheme.registration_ends(self.year, &self.facts.region)) {
            (Holding::ThisYear, _) => Answer::Yes,
            // Others show the diploma when they register.
            (_, Some(last)) if day > last => Answer::No,
            (_, Some(_)) => Answer::Yes,
            (_, None) => Answer::NeedsEvidence,
        }
    }

    fn graduation_bounds(&self, s: Option<&Schooling>) -> Bounds {
        let open = Bounds { sure: -OPEN, possible: -OPEN };
        let Some(s) = s.filter(|_| !self.before_graduation && !self.counted.declared) else { return open };
        let graduated = match s.graduated {
            Graduation::On(day) => Bounds { sure: place(day), possible: place(day) },
            Graduation::Student => Bounds { sure: OPEN, possible: OPEN },
            Graduation::DayUnknown => Bounds { sure: OPEN, possible: -OPEN },
        };
        match s.study {
            Study::PartTime => open,
            Study::FullTime => graduated,
            Study::Unknown => Bounds { possible: -OPEN, ..graduated },
        }
    }

    /// The certificate of the level asked for, and its effect on what counts: the earliest one that is beyond doubt sets
    /// what is sure, any other may set what is possible.
    fn certificate(&self, clause: &EligibilityClause, bounds: &mut Bounds) -> (Answer, Option<usize>) {
        let Some(level) = clause.at.holds else { return (Answer::Yes, None) };
        let in_time = |c: &Held| c.on.is_none_or(|on| self.end.is_none_or(|end| place(on) < end));
        let all = || self.facts.certificates.iter().enumerate().filter(|(_, c)| c.level == level && in_time(c));
        // Proven ones before doubted ones, dated before undated, early before late.
        let best = all().min_by_key(|(_, c)| (c.standing == Standing::Doubted, c.on.is_none(), c.on));
        let Some((n, best)) = best else { return (Answer::No, None) };
        let doubted = best.standing == Standing::Doubted;
        if clause.counted == Counted::SinceCertificate {
            let sure = best.on.filter(|_| !doubted).map_or(OPEN, place);
            let possible = all().map(|(_, c)| c.on.map_or(-OPEN, place)).min().unwrap_or(OPEN);
            bounds.sure = bounds.sure.max(sure);
            bounds.possible = bounds.possible.max(possible);
        }
        (if doubted { Answer::NeedsEvidence } else { Answer::Yes }, Some(n))
    }

    /// What is not known of the certificates, where an answer turns on it.
    fn certificate_doubts(&self, clause: &EligibilityClause, doubts: &mut Doubts) {
        for c in self.facts.certificates.iter().filter(|c| Some(c.level) == clause.at.holds) {
            if c.on.is_none() {
                doubts.add(Doubt::CertificateDay);
            }
            if c.standing == Standing::Doubted {
                doubts.add(Doubt::CertificateDoubted);
            }
        }
    }

    fn work(
        &self,
        clause: &EligibilityClause,
        bounds: Bounds,
        s: Option<&Schooling>,
        doubts: &mut Doubts,
    ) -> WorkCheck {
        let c = self.counted;
        let needs = Length::years(clause.years);
        let until = self.end.unwrap_or(-OPEN);
        let has = within(&c.sure, bounds.sure, until);
        let may_have = within(&c.possible, bounds.possible, until).max(has);
        let answer = if has >= needs {
            Answer::Yes
        } else if self.end.is_none() {
            doubts.add(Doubt::CutOff);
            Answer::NeedsEvidence
        } else if may_have >= needs {
            doubts.join(c.doubts);
            if let Some(s) = s.filter(|_| bounds.sure != bounds.possible) {
                if s.study == Study::Unknown {
                    doubts.add(Doubt::Study);
                }
                if s.graduated == Graduation::DayUnknown && s.study != Study::PartTime {
                    doubts.add(Doubt::GraduationDay);
                }
            }
            Answer::NeedsEvidence
        } else {
            Answer::No
        };
        let bounded = bounds.sure > -OPEN && bounds.sure < OPEN;
        let full = answer == Answer::Yes && clause.years > 0;
        WorkCheck {
            answer,
            needs,
            has,
            may_have,
            short: needs.less(may_have),
            counted_from: if bounded { day_at(bounds.sure) } else { None },
            full_on: if full { reached(&c.sure, bounds.sure, needs) } else { None },
            left_out: within(&c.all, -OPEN, until).less(may_have),
        }
    }

    fn practicum(&self, clause: &EligibilityClause, code: &str) -> PracticumCheck {
        let programme = self.scheme.programmes.iter().find(|p| p.code == code);
        let whole = programme.map_or(0, |p| p.required_minutes);
        // Minutes are whole: part of one is asked for as one.
        let needs = (whole * clause.practicum_percent + 99) / 100;
        let has = self.facts.practicum.iter().filter(|p| p.programme == code).map(|p| p.minutes).sum();
        PracticumCheck { answer: if has >= needs { Answer::Yes } else { Answer::No }, needs, has }
    }
}

/// Met but for the major.
fn hangs_on_major(c: &ClauseVerdict<'_>) -> bool {
    let practicum = c.practicum.map_or(Answer::Yes, |p| p.answer);
    c.doubts.are_only(Doubt::Major) && c.holds.min(c.work.answer).min(practicum) == Answer::Yes
}

/// The end of an exam year's last counted day.
pub(super) fn end_of(scheme: &Scheme, year: i32) -> Option<i64> {
    scheme.cut_off(year).map(end)
}
