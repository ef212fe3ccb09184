//! Which work counts, for sure and at most: overlapping employments once, nothing of a practicum, nothing of a time of
//! full-time study.

use chrono::Months;

use super::facts::{Facts, Graduation, Schooling, Standing, Study, WorkKind};
use super::length::{OPEN, Span, end, joined, place, without};
use super::verdict::{Doubt, Doubts};

/// A person's work on the scale of [`super::length`].
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    /// All work in the field, before anything is left out.
    pub all: Vec<Span>,
    pub sure: Vec<Span>,
    pub possible: Vec<Span>,
    /// What makes the two differ.
    pub doubts: Doubts,
    /// A declared number: it holds as it is, graduation days do not cut it.
    pub declared: bool,
}

/// `before_graduation`: whether work in times of full-time study counts.
pub(super) fn counted(facts: &Facts, before_graduation: bool) -> Counted {
    if facts.work.is_empty() {
        return facts.declared.and_then(|d| declared(d.years, d.up_to)).unwrap_or_default();
    }
    let mut c = Counted::default();
    for w in &facts.work {
        let span = Span { from: place(w.from), to: w.until.map_or(OPEN, end) };
        match (w.kind, w.standing) {
            (WorkKind::Other | WorkKind::Practicum, _) => continue,
            (WorkKind::Unknown, _) => c.doubts.add(Doubt::WorkKind),
            (WorkKind::Field, Standing::Doubted) => c.doubts.add(Doubt::WorkDoubted),
            (WorkKind::Field, _) => c.sure.push(span),
        }
        c.possible.push(span);
    }
    joined(&mut c.sure);
    joined(&mut c.possible);
    c.all.clone_from(&c.possible);
    if !before_graduation {
        for s in &facts.schooling {
            leave_out(&mut c, facts, s);
        }
    }
    c
}

fn declared(years: u32, up_to: chrono::NaiveDate) -> Option<Counted> {
    let from = up_to.succ_opt()?.checked_sub_months(Months::new(years.checked_mul(12)?))?;
    let all = vec![Span { from: place(from), to: OPEN }];
    Some(Counted { sure: all.clone(), possible: all.clone(), all, doubts: Doubts::default(), declared: true })
}

/// Takes out the time of a full-time study. What is not known of it is taken against the person in what is sure, for the
/// person in what is possible.
fn leave_out(c: &mut Counted, facts: &Facts, s: &Schooling) {
    if s.study == Study::PartTime {
        return;
    }
    let ends = match s.graduated {
        Graduation::On(day) => place(day),
        Graduation::Student => OPEN,
        Graduation::DayUnknown => ended_by(facts, s),
    };
    let most = Span { from: s.began.map_or(-OPEN, place), to: ends };
    let least = match (s.study, s.began, s.graduated) {
        (Study::FullTime, Some(began), Graduation::On(_) | Graduation::Student) => {
            Some(Span { from: place(began), to: ends })
        }
        // A student is one today, since when is not known.
        _ => None,
    };
    let touches = c.possible.iter().any(|p| p.from < most.to && most.from < p.to);
    if touches && least != Some(most) {
        match (s.study, s.graduated) {
            (Study::Unknown, _) => c.doubts.add(Doubt::Study),
            (_, Graduation::DayUnknown) => c.doubts.add(Doubt::GraduationDay),
            _ => c.doubts.add(Doubt::StudyBegan),
        }
    }
    without(&mut c.sure, &[most]);
    if let Some(least) = least {
        without(&mut c.possible, &[least]);
    }
}

/// An education whose last day is not recorded ended at the latest when one as high or higher did that is recorded.
fn ended_by(facts: &Facts, s: &Schooling) -> i64 {
    let later = facts.schooling.iter().filter(|o| o.education >= s.education);
    let days = later.filter_map(|o| if let Graduation::On(day) = o.graduated { Some(place(day)) } else { None });
    days.min().unwrap_or(OPEN)
}
