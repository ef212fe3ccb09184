use chrono::{Days, Months, NaiveDate};

use super::*;
use crate::core::files::RuleFiles;
use crate::schemes::clauses::Proof;
use crate::schemes::{Schemes, load};

mod properties;
mod said;

fn all() -> &'static Schemes {
    static ALL: std::sync::LazyLock<Schemes> = std::sync::LazyLock::new(|| load(&RuleFiles::default()).unwrap());
    &ALL
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn scheme() -> &'static Scheme {
    all().scheme("social-work").unwrap()
}

/// An education long gained, part-time, so that all work counts.
fn schooling(education: &str, major: &str) -> Schooling {
    Schooling {
        study: Study::PartTime,
        graduated: Graduation::On(day("2005-06-30")),
        ..scheme().schooling(education, major)
    }
}

fn full_time(education: &str, major: &str, began: &str, graduated: &str) -> Schooling {
    Schooling {
        study: Study::FullTime,
        began: Some(day(began)),
        graduated: Graduation::On(day(graduated)),
        ..scheme().schooling(education, major)
    }
}

fn job(from: &str, until: Option<&str>) -> Work {
    Work { kind: WorkKind::Field, from: day(from), until: until.map(day), standing: Standing::Declared }
}

fn held(level: &str, on: &str) -> Held {
    let level = scheme().place_of(scheme().level(level).unwrap()).unwrap();
    Held { level, on: Some(day(on)), standing: Standing::Declared }
}

fn facts(schooling: Vec<Schooling>, work: Vec<Work>) -> Facts {
    Facts { schooling, work, ..Facts::default() }
}

fn ask<'s>(level: &str, year: i32, facts: &Facts) -> Verdict<'s> {
    verdict(scheme(), scheme().level(level).unwrap(), year, facts, day("2026-03-10"))
}

/// The table of the rule of 2006, row by row: so many years to the day are enough, a day less is not.
#[test]
fn years_by_education_major_and_level() {
    let first = |years: u32| day("2027-01-01").checked_sub_months(Months::new(12 * years)).unwrap();
    for (level, education, major, years, certificate) in [
        ("junior", "高中", "", 4, None),
        ("junior", "中专", "社会工作", 4, None),
        ("junior", "大专", "社会工作", 2, None),
        ("junior", "大专", "会计", 4, None),
        ("junior", "本科", "社会工作", 0, None),
        ("junior", "本科", "法学", 2, None),
        ("junior", "硕士", "社会工作", 0, None),
        ("junior", "硕士", "法学", 2, None),
        ("junior", "博士", "社会工作", 0, None),
        ("junior", "博士", "法学", 2, None),
        ("intermediate", "高中", "", 6, Some("junior")),
        ("intermediate", "大专", "社会工作", 4, None),
        ("intermediate", "大专", "会计", 6, None),
        ("intermediate", "本科", "社会工作", 3, None),
        ("intermediate", "本科", "法学", 5, None),
        ("intermediate", "硕士", "社会工作", 1, None),
        ("intermediate", "硕士", "法学", 3, None),
        ("intermediate", "博士", "社会工作", 0, None),
        ("intermediate", "博士", "法学", 2, None),
        ("senior", "本科", "社会工作", 5, Some("intermediate")),
        ("senior", "本科", "法学", 5, Some("intermediate")),
        ("senior", "硕士", "社会工作", 5, Some("intermediate")),
        ("senior", "博士", "法学", 5, Some("intermediate")),
    ] {
        let what = format!("{level} {education} {major} {years}");
        let mut who = facts(vec![schooling(education, major)], vec![]);
        who.certificates = certificate.map(|c| held(c, "2010-01-01")).into_iter().collect();
        let mut with = |from: NaiveDate| {
            who.work = vec![Work { from, ..job("2000-01-01", None) }];
            ask(level, 2026, &who)
        };
        let enough = with(first(years));
        assert_eq!(enough.answer, Answer::Yes, "{what}");
        assert_eq!(enough.best().unwrap().clause.years, years, "{what}");
        if years == 0 {
            continue;
        }
        assert_eq!(enough.best().unwrap().work.full_on, Some(day("2026-12-31")), "{what}");
        let short = with(first(years).checked_add_days(Days::new(1)).unwrap());
        assert_eq!((short.answer, short.earliest_year), (Answer::No, Some(2027)), "{what}");
        assert_eq!(short.best().unwrap().work.short.months_up(), 1, "{what}");
        let never = with(day("2026-01-01"));
        let earliest = if years == 1 { None } else { Some(2025 + i32::try_from(years).unwrap()) };
        assert_eq!(never.earliest_year, earliest, "{what}");
    }
}

#[test]
fn refusals_are_stated_and_certificates_are_needed() {
    let long = || vec![job("2000-01-01", None)];
    let v = ask("junior", 2026, &facts(vec![schooling("初中", "")], long()));
    assert_eq!((v.answer, v.refusals.len(), v.earliest_year), (Answer::No, 1, None));
    let v = ask("senior", 2026, &facts(vec![schooling("大专", "社会工作")], long()));
    assert_eq!((v.answer, v.refusals.len()), (Answer::No, 1));
    assert_eq!(v.refusals[0].why.en, "At least a bachelor is asked for");

    // No junior certificate; one of the wrong level; one too young.
    let mut who = facts(vec![schooling("高中", "")], long());
    let v = ask("intermediate", 2026, &who);
    assert_eq!((v.answer, v.best().unwrap().holds, v.earliest_year), (Answer::No, Answer::No, None));
    who.certificates = vec![held("intermediate", "2010-01-01")];
    assert_eq!(ask("intermediate", 2026, &who).best().unwrap().holds, Answer::No);
    who.certificates = vec![held("junior", "2021-01-02")];
    let v = ask("intermediate", 2026, &who);
    assert_eq!((v.answer, v.earliest_year), (Answer::No, Some(2027)));
    assert_eq!(v.best().unwrap().work.counted_from, Some(day("2021-01-02")));
    who.certificates = vec![held("junior", "2021-01-01")];
    assert_eq!(ask("intermediate", 2026, &who).answer, Answer::Yes);
    who.certificates[0].on = None;
    let v = ask("intermediate", 2026, &who);
    assert!(v.answer == Answer::NeedsEvidence && v.best().unwrap().doubts.has(Doubt::CertificateDay));

    // There was no senior examination before 2019.
    let v = ask("senior", 2018, &who);
    assert!(v.answer == Answer::No && v.without_rules());
}

#[test]
fn graduates_of_the_year_and_diplomas_in_time() {
    let student = |education: &str, major: &str, graduates: &str| {
        facts(vec![full_time(education, major, "2022-09-01", graduates)], vec![])
    };
    for (education, major, graduates, want, earliest) in [
        ("本科", "社会工作", "2026-06-30", Answer::Yes, None),
        ("本科", "社会工作", "2026-12-31", Answer::Yes, None),
        ("本科", "社会工作", "2027-01-01", Answer::No, Some(2027)),
        ("本科", "法学", "2026-06-30", Answer::No, None),
        ("大专", "社会工作", "2026-06-30", Answer::No, None),
    ] {
        let v = ask("junior", 2026, &student(education, major, graduates));
        assert_eq!((v.answer, v.earliest_year), (want, earliest), "{education} {major} {graduates}");
    }
    let who = student("本科", "社会工作", "2026-06-30");
    let papers = |who: &Facts| -> Vec<Proof> {
        documents(scheme(), who, &ask("junior", 2026, who)).iter().map(|d| d.proves).collect()
    };
    assert_eq!(papers(&who), [Proof::Graduating]);
    assert_eq!(papers(&student("本科", "社会工作", "2026-03-10")), [Proof::Diploma]);

    // Other clauses ask for the diploma at the registration: Jiangsu's ended on 28 March 2025.
    let part_time = |graduated: &str, region: &str| Facts {
        schooling: vec![Schooling { graduated: Graduation::On(day(graduated)), ..schooling("本科", "法学") }],
        work: vec![job("2015-01-01", None)],
        region: region.to_owned(),
        ..Facts::default()
    };
    for (graduated, region, year, want) in [
        ("2025-03-28", "320102", 2025, Answer::Yes),
        ("2025-03-29", "320102", 2025, Answer::No),
        ("2025-03-31", "", 2025, Answer::Yes),
        ("2024-12-31", "320102", 2025, Answer::Yes),
        ("2026-02-01", "320102", 2026, Answer::NeedsEvidence),
        ("2026-03-19", "500101", 2026, Answer::Yes),
        ("2026-03-20", "500101", 2026, Answer::No),
        ("2026-03-20", "500101", 2027, Answer::Yes),
    ] {
        assert_eq!(ask("junior", year, &part_time(graduated, region)).answer, want, "{graduated} {region} {year}");
    }
}

#[test]
fn work_before_full_time_graduation_does_not_count() {
    let answer = |schooling: Vec<Schooling>, work: Vec<Work>| ask("junior", 2026, &facts(schooling, work)).answer;
    let law = full_time("本科", "法学", "2020-09-01", "2024-06-30");
    // From 30 June 2024 to the end of 2026 are two and a half years; from a graduation in 2025 one and a half.
    assert_eq!(answer(vec![law], vec![job("2018-01-01", None)]), Answer::Yes);
    let late = full_time("本科", "法学", "2021-09-01", "2025-06-30");
    assert_eq!(answer(vec![late], vec![job("2010-01-01", None)]), Answer::No);
    let v = ask("junior", 2026, &facts(vec![late], vec![job("2010-01-01", None)]));
    let best = v.best().unwrap();
    assert_eq!((best.work.counted_from, v.earliest_year), (Some(day("2025-06-30")), Some(2027)));
    assert_eq!((best.work.has.months(), best.work.short.months_up()), (18, 6));
    // Part-time: work before and after counts. Not known which: evidence.
    assert_eq!(answer(vec![Schooling { study: Study::PartTime, ..late }], vec![job("2010-01-01", None)]), Answer::Yes);
    let unknown = Schooling { study: Study::Unknown, ..late };
    let v = ask("junior", 2026, &facts(vec![unknown], vec![job("2010-01-01", None)]));
    assert!(v.answer == Answer::NeedsEvidence && v.best().unwrap().doubts.has(Doubt::Study));
    // The day of graduation itself counts.
    let exact = full_time("本科", "法学", "2020-09-01", "2025-01-01");
    assert_eq!(answer(vec![exact], vec![job("2010-01-01", None)]), Answer::Yes);
    let day_later = full_time("本科", "法学", "2020-09-01", "2025-01-02");
    assert_eq!(answer(vec![day_later], vec![job("2010-01-01", None)]), Answer::No);

    // A lower education serves with its own clause: secondary school, four years before the full-time study began.
    let school = full_time("高中", "", "2005-09-01", "2008-06-30");
    assert_eq!(answer(vec![school, late], vec![job("2017-09-01", Some("2021-08-31"))]), Answer::Yes);
    assert_eq!(answer(vec![school, late], vec![job("2017-09-02", Some("2021-08-31"))]), Answer::No);
    // A job kept during full-time study does not fill the gap.
    assert_eq!(answer(vec![school, late], vec![job("2017-09-02", Some("2025-06-29"))]), Answer::No);
    // When that study began is not known: it may have been later.
    let v = ask(
        "junior",
        2026,
        &facts(vec![school, Schooling { began: None, ..late }], vec![job("2017-01-01", Some("2021-08-31"))]),
    );
    assert!(v.answer == Answer::NeedsEvidence && v.best().unwrap().doubts.has(Doubt::StudyBegan));
}

#[test]
fn overlapping_jobs_count_once_and_practicum_never() {
    let bachelor = || vec![schooling("本科", "法学")];
    let months = |work: Vec<Work>| ask("junior", 2026, &facts(bachelor(), work)).best().unwrap().work.may_have.months();
    let one = job("2024-01-01", Some("2024-12-31"));
    assert_eq!(months(vec![one]), 12);
    assert_eq!(months(vec![one, one]), 12);
    assert_eq!(months(vec![one, job("2024-07-01", Some("2025-06-30"))]), 18);
    assert_eq!(months(vec![one, job("2025-01-01", Some("2025-12-31"))]), 24);
    assert_eq!(months(vec![job("2021-01-01", Some("2021-12-31")), job("2023-01-01", Some("2023-12-31")), one]), 36);
    // Beyond the cut-off nothing counts, before it what is still to come.
    assert_eq!(months(vec![job("2026-01-01", None)]), 12);
    assert_eq!(months(vec![job("2026-07-01", Some("2030-12-31"))]), 6);
    for kind in [WorkKind::Practicum, WorkKind::Other] {
        assert_eq!(months(vec![one, Work { kind, ..job("2010-01-01", None) }]), 12);
    }
    let mut who = facts(bachelor(), vec![one]);
    who.practicum = vec![Practice { programme: "MSW".to_owned(), minutes: 10_000_000 }];
    assert_eq!(ask("junior", 2026, &who).answer, Answer::No);

    // A kind that is not known, or an employment that is doubted, may count.
    for (work, doubt) in [
        (Work { kind: WorkKind::Unknown, ..job("2020-01-01", None) }, Doubt::WorkKind),
        (Work { standing: Standing::Doubted, ..job("2020-01-01", None) }, Doubt::WorkDoubted),
    ] {
        let v = ask("junior", 2026, &facts(bachelor(), vec![work]));
        assert_eq!(v.answer, Answer::NeedsEvidence);
        assert_eq!(v.best().unwrap().doubts.iter().collect::<Vec<_>>(), [doubt]);
    }
    // A declared number is taken where there is no employment on record, and grows.
    let mut who = facts(vec![full_time("本科", "法学", "2020-09-01", "2025-06-30")], vec![]);
    who.declared = Some(Declared { years: 1, up_to: day("2025-12-31") });
    assert_eq!(ask("junior", 2025, &who).earliest_year, Some(2026));
    assert_eq!(ask("junior", 2026, &who).answer, Answer::Yes);
}

#[test]
fn what_is_not_known_is_asked_for() {
    let v = ask("junior", 2026, &Facts::default());
    assert_eq!((v.answer, v.best().unwrap().clause.code.as_str()), (Answer::NeedsEvidence, "bachelor-own"));
    assert!(v.best().unwrap().doubts.has(Doubt::Education));
    let doubts = |s: Schooling, work: Vec<Work>| {
        let v = ask("junior", 2026, &facts(vec![s], work));
        (v.answer, v.best().unwrap().doubts.iter().collect::<Vec<_>>())
    };
    let own = schooling("本科", "社会工作");
    assert_eq!(doubts(Schooling { foreign: true, ..own }, vec![]), (Answer::NeedsEvidence, vec![Doubt::Foreign]));
    let recognised = Schooling { foreign: true, standing: Standing::Proven, ..own };
    assert_eq!(doubts(recognised, vec![]).0, Answer::Yes);
    let doubted = Schooling { standing: Standing::Doubted, ..own };
    assert_eq!(doubts(doubted, vec![]), (Answer::NeedsEvidence, vec![Doubt::EducationDoubted]));
    assert_eq!(doubts(schooling("本科", ""), vec![]), (Answer::NeedsEvidence, vec![Doubt::Major]));
    // The years suffice whatever the major.
    assert_eq!(doubts(schooling("本科", ""), vec![job("2020-01-01", None)]), (Answer::Yes, vec![]));
    assert_eq!(doubts(schooling("高中", ""), vec![job("2020-01-01", None)]), (Answer::Yes, vec![]));
    let student = Schooling { graduated: Graduation::Student, ..own };
    assert_eq!(doubts(student, vec![]), (Answer::NeedsEvidence, vec![Doubt::GraduationDay]));
    let undated =
        Schooling { study: Study::FullTime, graduated: Graduation::DayUnknown, ..schooling("本科", "法学") };
    assert_eq!(doubts(undated, vec![job("2020-01-01", None)]), (Answer::NeedsEvidence, vec![Doubt::GraduationDay]));
}

#[test]
fn bars_stand_on_the_day_of_the_examination() {
    // The examination of 2026 begins on 23 May; the days of 2030 are not known.
    for (from, until, year, want, earliest) in [
        ("2021-05-24", Some("2026-05-23"), 2026, Answer::No, Some(2027)),
        ("2021-05-24", Some("2026-05-22"), 2026, Answer::Yes, None),
        ("2026-05-24", None, 2026, Answer::Yes, None),
        ("2020-01-01", None, 2026, Answer::No, None),
        ("2026-06-01", Some("2031-05-31"), 2030, Answer::No, Some(2032)),
        ("2026-06-01", Some("2031-05-31"), 2031, Answer::NeedsEvidence, Some(2032)),
        ("2026-06-01", Some("2031-05-31"), 2032, Answer::Yes, None),
    ] {
        let mut who = facts(vec![schooling("本科", "社会工作")], vec![]);
        who.bars = vec![Bar { from: day(from), until: until.map(day) }];
        let v = ask("junior", year, &who);
        assert_eq!((v.answer, v.earliest_year), (want, earliest), "{from} {until:?} {year}");
        assert_eq!(v.bar.is_some(), want != Answer::Yes);
    }
}

#[test]
fn overrides_have_approver_reason_document_and_end() {
    let complete = Override {
        level: scheme().place_of(scheme().level("junior").unwrap()).unwrap(),
        given_on: day("2026-03-01"),
        until: day("2026-05-23"),
        approver: "李处长".to_owned(),
        reason: "西部紧缺".to_owned(),
        document: "2026-17".to_owned(),
    };
    let with = |o: Override| Facts { overrides: vec![o], ..facts(vec![schooling("初中", "")], vec![]) };
    let v = ask("junior", 2026, &with(complete.clone()));
    assert_eq!((v.answer, v.by_override), (Answer::Yes, Some(0)));
    assert_eq!(ask("junior", 2027, &with(complete.clone())).answer, Answer::No);
    assert_eq!(ask("intermediate", 2026, &with(complete.clone())).answer, Answer::No);
    for wrong in [
        Override { until: day("2026-05-22"), ..complete.clone() },
        Override { given_on: day("2026-03-11"), ..complete.clone() },
        Override { approver: " ".to_owned(), ..complete.clone() },
        Override { reason: String::new(), ..complete.clone() },
        Override { document: String::new(), ..complete.clone() },
    ] {
        assert_eq!(ask("junior", 2026, &with(wrong.clone())).answer, Answer::No, "{wrong:?}");
    }
    // It lifts no bar, and is not named where it is not needed.
    let mut who = with(complete.clone());
    who.bars = vec![Bar { from: day("2026-01-01"), until: None }];
    assert_eq!(ask("junior", 2026, &who).answer, Answer::No);
    let who = Facts { overrides: vec![complete], ..facts(vec![schooling("本科", "社会工作")], vec![]) };
    assert_eq!(ask("junior", 2026, &who).by_override, None);
}

/// The second scheme: two versions of one rule, hours instead of years, work as a student counts.
#[test]
fn another_scheme_asks_for_hours_by_the_version_of_the_year() {
    let s = all().scheme("field-education").unwrap();
    let level = |code: &str| s.level(code).unwrap();
    let student = |hours: i64, programme: &str| Facts {
        schooling: vec![Schooling { graduated: Graduation::Student, ..s.schooling("本科", "社会工作") }],
        practicum: vec![Practice { programme: programme.to_owned(), minutes: hours * 60 }],
        ..Facts::default()
    };
    for (code, programme, hours, year, want) in [
        ("bachelor-field", "FIELD-BSW", 340, 2020, Answer::Yes),
        ("bachelor-field", "FIELD-BSW", 339, 2020, Answer::No),
        ("bachelor-field", "FIELD-BSW", 340, 2021, Answer::No),
        ("bachelor-field", "FIELD-BSW", 400, 2026, Answer::Yes),
        ("bachelor-field", "FIELD-BSW", 399, 2026, Answer::No),
        ("bachelor-field", "FIELD-MSW", 900, 2026, Answer::No),
        ("master-field", "FIELD-MSW", 900, 2026, Answer::NeedsEvidence),
        ("master-field", "FIELD-MSW", 764, 2020, Answer::No),
    ] {
        let v = verdict(s, level(code), year, &student(hours, programme), day("2026-03-10"));
        assert_eq!(v.answer, want, "{code} {programme} {hours} {year}");
    }
    let mut who = student(900, "FIELD-MSW");
    who.schooling = vec![Schooling {
        study: Study::FullTime,
        graduated: Graduation::On(day("2025-06-30")),
        ..s.schooling("本科", "法学")
    }];
    who.work = vec![job("2024-09-01", Some("2025-08-31"))];
    let v = verdict(s, level("master-field"), 2026, &who, day("2026-03-10"));
    assert_eq!((v.answer, v.best().unwrap().practicum.unwrap().needs), (Answer::Yes, 54_000));
    assert_eq!(v.best().unwrap().clause.from_year, 2021);
}

/// The warning beside a row of a file and the full answer agree, wherever the warning can tell.
#[test]
fn declared_years_are_judged_alike() {
    let educations: Vec<&str> = scheme().educations.iter().map(|e| e.code.as_str()).collect();
    let mut compared = 0;
    for level in &scheme().levels {
        for education in &educations {
            for (major, years) in ["社会工作", "会计"].into_iter().flat_map(|m| (0..9).map(move |y| (m, y))) {
                let mut who = facts(vec![schooling(education, major)], vec![]);
                who.declared = Some(Declared { years, up_to: day("2026-12-31") });
                who.certificates = vec![held("junior", "2008-01-01"), held("intermediate", "2009-01-01")];
                let v = verdict(scheme(), level, 2026, &who, day("2026-03-10"));
                let declares = Background { education, major, years: Some(i64::from(years)) };
                let warning = scheme().eligible_warning(declares, 2026, level);
                let what = format!("{} {education} {major} {years}", level.code);
                assert_eq!(v.answer == Answer::Yes, warning.is_none(), "{what}");
                let from = warning.map(|w| w.eligible_from).filter(|y| *y < i32::MAX);
                assert_eq!(v.earliest_year, from, "{what}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 3 * 6 * 2 * 9);
}
