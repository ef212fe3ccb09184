//! What must hold whatever the facts are.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::{all, day};
use crate::schemes::eligibility::*;
use crate::schemes::model::{Level, Scheme};

const LEVELS: [(&str, &str); 5] = [
    ("social-work", "junior"),
    ("social-work", "intermediate"),
    ("social-work", "senior"),
    ("field-education", "bachelor-field"),
    ("field-education", "master-field"),
];

fn date() -> impl Strategy<Value = NaiveDate> {
    // Every day from 2008 to 2031; a day at the turn of a year as often as any other.
    prop_oneof![
        3 => (0_u64..8700).prop_map(|n| day("2008-01-01") + chrono::Days::new(n)),
        1 => (2010_i32..2031, prop_oneof![Just((1, 1)), Just((1, 2)), Just((12, 31)), Just((12, 30)), Just((7, 1))])
            .prop_map(|(y, (m, d))| NaiveDate::from_ymd_opt(y, m, d).unwrap()),
    ]
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![2 => Just(Standing::Proven), 5 => Just(Standing::Declared), 1 => Just(Standing::Doubted)]
}

fn schooling() -> impl Strategy<Value = Schooling> {
    let place = prop_oneof![12 => (0_usize..6).prop_map(Some), 1 => Just(None)];
    let major = prop_oneof![2 => Just(Major::Own), 2 => Just(Major::Other), 1 => Just(Major::Unknown)];
    let study = prop_oneof![2 => Just(Study::FullTime), 2 => Just(Study::PartTime), 1 => Just(Study::Unknown)];
    let graduated = prop_oneof![
        6 => date().prop_map(Graduation::On),
        1 => Just(Graduation::DayUnknown),
        1 => Just(Graduation::Student),
    ];
    let years = prop_oneof![3 => (1_u64..5).prop_map(Some), 1 => Just(None)];
    (place, major, study, graduated, years, proptest::bool::weighted(0.1), standing()).prop_map(
        |(education, major, study, graduated, years, foreign, standing)| {
            let began = match (graduated, years) {
                (Graduation::On(d), Some(n)) => d.checked_sub_days(chrono::Days::new(365 * n)),
                _ => None,
            };
            Schooling { education, major, study, began, graduated, foreign, standing }
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    let kind = prop_oneof![
        6 => Just(WorkKind::Field),
        1 => Just(WorkKind::Other),
        1 => Just(WorkKind::Practicum),
        1 => Just(WorkKind::Unknown),
    ];
    let length = prop_oneof![3 => (0_u64..2500).prop_map(Some), 1 => Just(None)];
    (kind, date(), length, standing()).prop_map(|(kind, from, length, standing)| {
        let until = length.and_then(|n| from.checked_add_days(chrono::Days::new(n)));
        Work { kind, from, until, standing }
    })
}

fn held() -> impl Strategy<Value = Held> {
    (0_usize..3, proptest::option::weighted(0.8, date()), standing()).prop_map(|(level, on, standing)| Held {
        level,
        on,
        standing,
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let practice = (prop_oneof![Just("FIELD-BSW"), Just("FIELD-MSW")], 0_i64..60_000)
        .prop_map(|(programme, minutes)| Practice { programme: programme.to_owned(), minutes });
    let declared =
        proptest::option::weighted(0.3, (0_u32..8, date()).prop_map(|(years, up_to)| Declared { years, up_to }));
    (
        proptest::collection::vec(schooling(), 0..4),
        proptest::collection::vec(work(), 0..5),
        declared,
        proptest::collection::vec(held(), 0..3),
        proptest::collection::vec(practice, 0..3),
        prop_oneof![Just(""), Just("320102"), Just("500101")],
    )
        .prop_map(|(schooling, work, declared, certificates, practicum, region)| Facts {
            schooling,
            work,
            declared,
            certificates,
            practicum,
            region: region.to_owned(),
            ..Facts::default()
        })
}

fn barred() -> impl Strategy<Value = Facts> {
    let bar = (date(), proptest::option::of(0_u64..2000))
        .prop_map(|(from, n)| Bar { from, until: n.and_then(|n| from.checked_add_days(chrono::Days::new(n))) });
    let leave = (0_usize..3, date(), 0_u64..1500, prop_oneof![9 => Just("document"), 1 => Just("")]).prop_map(
        |(level, given_on, n, document)| Override {
            level,
            given_on,
            until: given_on + chrono::Days::new(n),
            approver: "approver".to_owned(),
            reason: "reason".to_owned(),
            document: document.to_owned(),
        },
    );
    let bars = proptest::collection::vec(bar, 0..3);
    (facts(), bars, proptest::collection::vec(leave, 0..2)).prop_map(|(f, bars, overrides)| Facts {
        bars,
        overrides,
        ..f
    })
}

fn level() -> impl Strategy<Value = (&'static Scheme, &'static Level)> {
    (0..LEVELS.len()).prop_map(|n| {
        let scheme = all().scheme(LEVELS[n].0).unwrap();
        (scheme, scheme.level(LEVELS[n].1).unwrap())
    })
}

/// Days of work in the field, one by one.
fn days(f: &Facts, from: NaiveDate, until: NaiveDate) -> BTreeSet<NaiveDate> {
    let counts = f.work.iter().filter(|w| w.kind == WorkKind::Field && w.standing != Standing::Doubted);
    counts
        .flat_map(|w| w.from.max(from).iter_days().take_while(move |d| *d <= until.min(w.until.unwrap_or(until))))
        .collect()
}

const ON: &str = "2026-03-10";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// The years that pass never take an answer away, where no bar, override or new version does.
    #[test]
    fn monotone_in_years(f in facts(), (s, l) in level(), year in 2021_i32..2034) {
        let (now, next) = (answer(s, l, year, &f, day(ON)), answer(s, l, year + 1, &f, day(ON)));
        prop_assert!(now <= next, "{year}: {now:?}, then {next:?}");
    }

    /// Nor does more work.
    #[test]
    fn monotone_in_work(mut f in facts(), more in work(), (s, l) in level(), year in 2018_i32..2034) {
        // The first employment on record takes the place of a declared number.
        f.declared = None;
        let before = answer(s, l, year, &f, day(ON));
        let mut g = f.clone();
        g.work.push(more);
        let after = answer(s, l, year, &g, day(ON));
        prop_assert!(before <= after, "{before:?}, then {after:?}");
        if matches!(more.kind, WorkKind::Practicum | WorkKind::Other) {
            prop_assert_eq!(before, after);
        }
    }

    /// Nor does one more certificate.
    #[test]
    fn monotone_in_certificates(f in facts(), more in held(), (s, l) in level(), year in 2018_i32..2034) {
        let before = answer(s, l, year, &f, day(ON));
        let mut g = f;
        g.certificates.push(more);
        let after = answer(s, l, year, &g, day(ON));
        prop_assert!(before <= after, "{before:?}, then {after:?}");
    }

    /// A yes rests on a clause that is met or an override, and a clause is met only with everything it asks for.
    #[test]
    fn yes_rests_on_a_clause(f in barred(), (s, l) in level(), year in 2018_i32..2034) {
        let v = verdict(s, l, year, &f, day(ON));
        let met: Vec<&ClauseVerdict<'_>> = v.clauses.iter().filter(|c| c.answer == Answer::Yes).collect();
        if v.answer == Answer::Yes {
            prop_assert!(!met.is_empty() || v.by_override.is_some());
            prop_assert!(v.bar.is_none());
        }
        if v.clauses.iter().all(|c| c.answer == Answer::No) && v.by_override.is_none() {
            prop_assert_eq!(v.answer, Answer::No);
        }
        for c in met {
            prop_assert!(c.work.has >= c.work.needs && c.doubts.iter().all(|_| c.work.answer == Answer::Yes));
            prop_assert!(c.schooling.and_then(|n| f.schooling[n].education).is_some());
            if let Some(h) = &c.clause.holds {
                let held = &f.certificates[c.certificate.unwrap()];
                prop_assert_eq!(&s.levels[held.level].code, h);
            }
        }
        // Every clause of the year stands in the verdict once.
        let codes: Vec<&str> = v.clauses.iter().map(|c| c.clause.code.as_str()).collect();
        let asked: Vec<&str> = l.eligibility_in(year).map(|c| c.code.as_str()).collect();
        prop_assert_eq!(codes, asked);
        prop_assert_eq!(v.answer, answer(s, l, year, &f, day(ON)));
    }

    /// What counts for sure is never more than there are days of work, each taken once: a year of 372 units has 365 days or more.
    #[test]
    fn no_day_counts_twice(mut f in facts(), (s, l) in level(), year in 2018_i32..2034) {
        f.declared = None;
        let v = verdict(s, l, year, &f, day(ON));
        let cut_off = v.cut_off.unwrap_or(day(ON));
        for c in v.clauses.iter().filter(|c| c.clause.years > 0) {
            let from = c.work.counted_from.unwrap_or(day("2000-01-01"));
            let all = days(&f, from, cut_off);
            // Put together month by month, a length differs from its days by the short months only.
            let most = all.iter().map(|d| if d.succ_opt().unwrap().day() == 1 { 32 - i64::from(d.day()) } else { 1 }).sum::<i64>();
            prop_assert!(c.work.has.0 <= most, "{:?} of {most}", c.work.has);
        }
        let mut twice = f.clone();
        twice.work.extend(f.work.iter().copied());
        let works = |v: &Verdict<'_>| v.clauses.iter().map(|c| c.work).collect::<Vec<_>>();
        prop_assert_eq!(works(&verdict(s, l, year, &twice, day(ON))), works(&v));
    }

    /// The earliest year is the first with a yes, and where there is none, none ever comes.
    #[test]
    fn the_earliest_year_is_the_first(f in barred(), (s, l) in level(), year in 2018_i32..2034) {
        let v = verdict(s, l, year, &f, day(ON));
        let first = (year + 1..year + 60).find(|y| answer(s, l, *y, &f, day(ON)) == Answer::Yes);
        prop_assert_eq!(v.earliest_year, first.filter(|_| v.answer != Answer::Yes));
        for c in v.clauses.iter().filter(|c| c.earliest_year.is_some()) {
            let later = verdict(s, l, c.earliest_year.unwrap(), &f, day(ON));
            let same = later.clauses.iter().find(|o| o.clause.code == c.clause.code).unwrap();
            prop_assert_eq!(same.answer, Answer::Yes);
        }
    }

    /// Once what is not known becomes known, a yes stays a yes and a no a no.
    #[test]
    fn knowing_more_never_contradicts(
        f in facts(), (s, l) in level(), year in 2018_i32..2034, picks in proptest::collection::vec(any::<bool>(), 24)
    ) {
        let before = answer(s, l, year, &f, day(ON));
        let mut g = f.clone();
        let mut pick = picks.into_iter().cycle();
        for x in &mut g.schooling {
            let (major, study) = (pick.next().unwrap(), pick.next().unwrap());
            if x.major == Major::Unknown {
                x.major = if major { Major::Own } else { Major::Other };
            }
            if x.study == Study::Unknown {
                x.study = if study { Study::FullTime } else { Study::PartTime };
            }
            if x.standing == Standing::Doubted || x.foreign {
                x.standing = Standing::Proven;
            }
        }
        for w in &mut g.work {
            if w.kind == WorkKind::Unknown {
                w.kind = if pick.next().unwrap() { WorkKind::Field } else { WorkKind::Other };
            }
            if w.standing == Standing::Doubted {
                if pick.next().unwrap() { w.standing = Standing::Proven } else { w.kind = WorkKind::Other }
            }
        }
        let after = answer(s, l, year, &g, day(ON));
        if before != Answer::NeedsEvidence {
            prop_assert_eq!(before, after);
        }
    }

    /// Evidence is asked for by name, and what is asked for can be told.
    #[test]
    fn an_open_answer_names_its_doubts(f in barred(), (s, l) in level(), year in 2018_i32..2034) {
        let v = verdict(s, l, year, &f, day(ON));
        if v.answer == Answer::NeedsEvidence {
            prop_assert!(v.bar.is_some() || v.clauses.iter().any(|c| c.answer == Answer::NeedsEvidence));
        }
        for c in &v.clauses {
            prop_assert!(c.answer != Answer::NeedsEvidence || !c.doubts.is_empty(), "{c:?}");
        }
        for lang in crate::core::Lang::ALL {
            let said = words::About { lang, scheme: s, level: l, facts: &f }.explain(&v);
            prop_assert!(said.iter().all(|t| !t.is_empty() && !t.contains("eligibility-")), "{said:?}");
        }
    }
}
