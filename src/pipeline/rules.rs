//! The one stage function. Pure.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// A person's place in the pipeline, in the order in which they are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// On record, in no cohort, with nothing that counts.
    Recorded,
    Withdrawn,
    Enrolled,
    Placed,
    PracticumUnderWay,
    PracticumComplete,
    ClassUnderWay,
    ClassComplete,
    Registered,
    Sat,
    Passed,
    Certified,
    /// 登记: the certificate's registration is in force.
    CertificateRegistered,
    /// The registration's renewal window is open.
    Due,
    Lapsed,
}

impl Stage {
    pub const ALL: [Self; 15] = [
        Self::Recorded,
        Self::Withdrawn,
        Self::Enrolled,
        Self::Placed,
        Self::PracticumUnderWay,
        Self::PracticumComplete,
        Self::ClassUnderWay,
        Self::ClassComplete,
        Self::Registered,
        Self::Sat,
        Self::Passed,
        Self::Certified,
        Self::CertificateRegistered,
        Self::Due,
        Self::Lapsed,
    ];

    /// The name in table, URL and API; `stage-<name with ->` is its text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Withdrawn => "withdrawn",
            Self::Enrolled => "enrolled",
            Self::Placed => "placed",
            Self::PracticumUnderWay => "practicum_under_way",
            Self::PracticumComplete => "practicum_complete",
            Self::ClassUnderWay => "class_under_way",
            Self::ClassComplete => "class_complete",
            Self::Registered => "registered",
            Self::Sat => "sat",
            Self::Passed => "passed",
            Self::Certified => "certified",
            Self::CertificateRegistered => "certificate_registered",
            Self::Due => "due",
            Self::Lapsed => "lapsed",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The key of its text.
    #[must_use]
    pub fn text_key(self) -> String {
        format!("stage-{}", self.name().replace('_', "-"))
    }
}

/// One person × scheme × level × exam year, as the tally counts it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExamFact {
    pub scheme: String,
    pub level: String,
    pub year: i64,
    /// A registration that was not withdrawn (unpaid at the deadline is withdrawn).
    pub registered: bool,
    /// At least one subject with a mark, a violation or a void; absent in all is not sat.
    pub sat: bool,
    /// The level was completed in this exam year.
    pub passed: bool,
}

impl ExamFact {
    /// Nothing to count: such a row is not kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !(self.registered || self.sat || self.passed)
    }
}

/// What is known of one person, as the features last told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub enrolled: bool,
    /// Was enrolled and left every cohort.
    pub withdrawn: bool,
    pub placed: bool,
    /// Hours asked for by the placements, in minutes; 0 is "none asked for".
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    pub class_under_way: bool,
    pub class_complete: bool,
    /// The highest unrevoked certificate; rank 0 is none. Ranks come from the scheme.
    pub highest_scheme: String,
    pub highest_level: String,
    pub highest_rank: i64,
    /// The registration (登记) of that certificate runs until this day, that day included.
    pub registered_until: Option<NaiveDate>,
    /// The first day on which its renewal is accepted.
    pub due_from: Option<NaiveDate>,
    pub exams: Vec<ExamFact>,
}

impl Facts {
    #[must_use]
    pub fn practicum_complete(&self) -> bool {
        self.placed && self.required_minutes > 0 && self.confirmed_minutes >= self.required_minutes
    }

    #[must_use]
    pub fn certified(&self) -> bool {
        self.highest_rank > 0
    }
}

/// The stage on a day, and the day on which it changes with the date alone.
#[must_use]
pub fn stage(f: &Facts, today: NaiveDate) -> (Stage, Option<NaiveDate>) {
    if f.certified() {
        let Some(until) = f.registered_until else { return (Stage::Certified, None) };
        if today > until {
            return (Stage::Lapsed, None);
        }
        let lapse = until.checked_add_days(Days::new(1));
        return match f.due_from {
            Some(due) if today >= due => (Stage::Due, lapse),
            Some(due) if due <= until => (Stage::CertificateRegistered, Some(due)),
            _ => (Stage::CertificateRegistered, lapse),
        };
    }
    (without_certificate(f), None)
}

fn without_certificate(f: &Facts) -> Stage {
    let last_year = f.exams.iter().map(|e| e.year).max();
    let last = f.exams.iter().filter(|e| Some(e.year) == last_year);
    let (mut registered, mut sat, mut passed) = (false, false, false);
    for e in last {
        registered |= e.registered;
        sat |= e.sat;
        passed |= e.passed;
    }
    if passed {
        Stage::Passed
    } else if sat {
        Stage::Sat
    } else if registered {
        Stage::Registered
    } else if f.class_complete {
        Stage::ClassComplete
    } else if f.class_under_way {
        Stage::ClassUnderWay
    } else if f.practicum_complete() {
        Stage::PracticumComplete
    } else if f.placed && f.confirmed_minutes > 0 {
        Stage::PracticumUnderWay
    } else if f.placed {
        Stage::Placed
    } else if f.enrolled {
        Stage::Enrolled
    } else if f.withdrawn {
        Stage::Withdrawn
    } else {
        Stage::Recorded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn exam(year: i64, registered: bool, sat: bool, passed: bool) -> ExamFact {
        ExamFact { scheme: "s".into(), level: "l".into(), year, registered, sat, passed }
    }

    #[test]
    fn stages_follow_from_the_facts() {
        let today = day("2026-11-25");
        let f = Facts::default();
        let cases: Vec<(Facts, Stage)> = vec![
            (f.clone(), Stage::Recorded),
            (Facts { withdrawn: true, ..f.clone() }, Stage::Withdrawn),
            (Facts { enrolled: true, withdrawn: true, ..f.clone() }, Stage::Enrolled),
            (Facts { enrolled: true, placed: true, required_minutes: 60, ..f.clone() }, Stage::Placed),
            (
                Facts { placed: true, required_minutes: 60, confirmed_minutes: 59, ..f.clone() },
                Stage::PracticumUnderWay,
            ),
            (
                Facts { placed: true, required_minutes: 60, confirmed_minutes: 60, ..f.clone() },
                Stage::PracticumComplete,
            ),
            (Facts { placed: true, confirmed_minutes: 60, ..f.clone() }, Stage::PracticumUnderWay),
            (Facts { class_under_way: true, ..f.clone() }, Stage::ClassUnderWay),
            (Facts { class_complete: true, class_under_way: true, ..f.clone() }, Stage::ClassComplete),
            (Facts { exams: vec![exam(2026, true, false, false)], ..f.clone() }, Stage::Registered),
            (
                Facts { exams: vec![exam(2025, true, true, true), exam(2026, true, true, false)], ..f.clone() },
                Stage::Sat,
            ),
            (Facts { exams: vec![exam(2026, true, true, true)], ..f.clone() }, Stage::Passed),
            (Facts { highest_rank: 1, exams: vec![exam(2026, true, true, false)], ..f.clone() }, Stage::Certified),
        ];
        for (facts, expected) in cases {
            assert_eq!(stage(&facts, today), (expected, None), "{facts:?}");
        }
    }

    #[test]
    fn registration_of_the_certificate_runs_with_the_date() {
        let f = Facts {
            highest_rank: 2,
            registered_until: Some(day("2026-11-20")),
            due_from: Some(day("2026-08-21")),
            ..Facts::default()
        };
        let cases = [
            ("2026-08-20", Stage::CertificateRegistered, Some("2026-08-21")),
            ("2026-08-21", Stage::Due, Some("2026-11-21")),
            ("2026-11-20", Stage::Due, Some("2026-11-21")),
            ("2026-11-21", Stage::Lapsed, None),
        ];
        for (today, expected, next) in cases {
            assert_eq!(stage(&f, day(today)), (expected, next.map(day)), "{today}");
        }
    }
}
