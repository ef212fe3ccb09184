use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

mod files;

fn all() -> &'static Schemes {
    static ALL: std::sync::LazyLock<Schemes> = std::sync::LazyLock::new(|| load(&RuleFiles::default()).unwrap());
    &ALL
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn fact(year: i32, subject: &str, outcome: Outcome) -> ResultFact {
    ResultFact { year, subject: subject.to_owned(), outcome, held: false }
}

/// Marks in whole points; a code as its negative number.
fn sitting(scheme: &Scheme, level: &str, year: i32, scores: &[(&str, &str)]) -> Vec<ResultFact> {
    let level = scheme.level(level).unwrap();
    let read: Vec<(String, Outcome)> = scores
        .iter()
        .map(|(s, v)| ((*s).to_owned(), scheme.read_score(level.subject(s).unwrap(), year, v).unwrap()))
        .collect();
    let outcomes: Vec<Outcome> = read.iter().map(|(_, o)| *o).collect();
    let held = scheme.must_hold(year, &outcomes);
    read.into_iter().map(|(subject, outcome)| ResultFact { year, subject, outcome, held }).collect()
}

#[test]
fn levels_and_subjects_are_found_by_any_of_their_names() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    for (text, level) in [
        ("助理社会工作师", Some("junior")),
        ("初级", Some("junior")),
        (" 初 级 ", Some("junior")),
        ("社会工作者（初级）", Some("junior")),
        ("社会工作师", Some("intermediate")),
        ("社会工作师(中级)", Some("intermediate")),
        ("intermediate", Some("intermediate")),
        ("高级社会工作师", Some("senior")),
        ("", None),
        ("特级", None),
    ] {
        assert_eq!(s.level_by_name(text).map(|l| l.code.as_str()), level, "{text}");
    }
    for (level, text, subject) in [
        ("junior", "社会工作实务(初级)", Some("practice")),
        ("junior", "社会工作综合能力（初级）", Some("comprehensive")),
        ("junior", "社会工作实务(中级)", None),
        ("junior", "社会工作法规与政策", None),
        ("intermediate", "社会工作法规与政策", Some("policy")),
        ("intermediate", "社会工作实务", Some("practice")),
    ] {
        let found = s.level(level).unwrap().subject_by_name(text).map(|x| x.code.as_str());
        assert_eq!(found, subject, "{level} {text}");
    }
    assert_eq!(schemes.programme("MSW").map(|p| p.required_minutes), Some(48_000));
    assert_eq!(schemes.programme("本科").map(|p| p.required_minutes), Some(24_000));
    assert_eq!(schemes.programme("FIELD-MSW").map(|p| p.required_minutes), Some(54_000));
    assert_eq!(schemes.level_anywhere("Master").map(|(s, _)| s.code.as_str()), Some("field-education"));
    assert!(matches!(schemes.scheme("nothing"), Err(Error::NotFound(_))));
}

#[test]
fn score_cells() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    let subject = s.level("junior").unwrap().subject("practice").unwrap();
    for (text, want) in [
        ("60", Ok(Outcome::Mark(6000))),
        ("60.5", Ok(Outcome::Mark(6050))),
        ("60.50", Ok(Outcome::Mark(6050))),
        ("６０．５", Ok(Outcome::Mark(6050))),
        ("60.500000000000001", Ok(Outcome::Mark(6050))),
        (".5", Ok(Outcome::Mark(50))),
        ("0", Ok(Outcome::Mark(0))),
        ("100", Ok(Outcome::Mark(10_000))),
        ("-1", Ok(Outcome::Absent)),
        ("-1.0", Ok(Outcome::Absent)),
        ("缺考", Ok(Outcome::Absent)),
        ("-2", Ok(Outcome::Violation)),
        ("-4", Ok(Outcome::Void)),
        ("-3", Err(ScoreProblem::UnknownCode)),
        ("-1.5", Err(ScoreProblem::UnknownCode)),
        ("160", Err(ScoreProblem::OverFullMarks)),
        ("100.5", Err(ScoreProblem::OverFullMarks)),
        ("61.3", Err(ScoreProblem::NotStep)),
        ("60.501", Err(ScoreProblem::NotStep)),
        ("合格", Err(ScoreProblem::NotNumber)),
        ("", Err(ScoreProblem::NotNumber)),
        (".", Err(ScoreProblem::NotNumber)),
        ("1e2", Err(ScoreProblem::NotNumber)),
        ("99999999999999999999", Err(ScoreProblem::NotNumber)),
    ] {
        assert_eq!(s.read_score(subject, 2026, text), want, "{text}");
    }
    let field = schemes.scheme("field-education").unwrap();
    let exam = field.level("bachelor-field").unwrap().subject("field").unwrap();
    assert_eq!(field.read_score(exam, 2026, "70.5"), Err(ScoreProblem::NotStep));
    assert_eq!(field.read_score(exam, 2026, "-9"), Ok(Outcome::Absent));
    assert_eq!(field.read_score(exam, 2026, "-1"), Err(ScoreProblem::UnknownCode));
}

#[test]
fn lines_by_year_area_and_level() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    for (year, level, area, want) in [
        (2026, "junior", None, Some(6000)),
        (2022, "senior", None, Some(6000)),
        (2021, "junior", None, None),
        (2024, "junior", Some("separate"), Some(5300)),
        (2025, "intermediate", Some("separate"), Some(5800)),
        (2025, "senior", Some("separate"), Some(6000)),
        (2026, "junior", Some("separate"), Some(6000)),
        (2024, "junior", Some("nowhere"), Some(6000)),
    ] {
        let found = s.pass_line(year, level, "practice", area).map(|l| l.mark);
        assert_eq!(found, want, "{year} {level} {area:?}");
    }
    assert_eq!(s.area_of("540102").map(|a| a.code.as_str()), Some("separate"));
    assert!(s.area_of("990121").is_none());
}

#[test]
fn verdicts() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    struct Case<'a> {
        what: &'a str,
        level: &'a str,
        sittings: &'a [(i32, &'a [(&'a str, &'a str)])],
        passed: bool,
        rolling: bool,
        carried: &'a [&'a str],
        withheld: Option<Outcome>,
    }
    let cases = [
        Case {
            what: "junior, both",
            level: "junior",
            sittings: &[(2026, &[("comprehensive", "60"), ("practice", "60")])],
            passed: true,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "junior, half a mark short",
            level: "junior",
            sittings: &[(2026, &[("comprehensive", "59.5"), ("practice", "90")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "junior does not roll",
            level: "junior",
            sittings: &[
                (2025, &[("comprehensive", "66"), ("practice", "50")]),
                (2026, &[("comprehensive", "50"), ("practice", "66")]),
            ],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "intermediate rolls over two years",
            level: "intermediate",
            sittings: &[
                (2025, &[("policy", "60"), ("comprehensive", "60.5"), ("practice", "51.5")]),
                (2026, &[("practice", "69")]),
            ],
            passed: true,
            rolling: true,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "a pass two years back is lost",
            level: "intermediate",
            sittings: &[(2024, &[("policy", "74")]), (2026, &[("comprehensive", "71.5"), ("practice", "64")])],
            passed: false,
            rolling: false,
            carried: &["comprehensive", "practice"],
            withheld: None,
        },
        Case {
            what: "last year's pass is not carried on",
            level: "intermediate",
            sittings: &[(2025, &[("policy", "74")]), (2026, &[("comprehensive", "71.5")])],
            passed: false,
            rolling: false,
            carried: &["comprehensive"],
            withheld: None,
        },
        Case {
            what: "violation beside marks holds the sitting",
            level: "intermediate",
            sittings: &[(2026, &[("policy", "78.5"), ("comprehensive", "-2"), ("practice", "78.5")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: Some(Outcome::Violation),
        },
        Case {
            what: "a held sitting does not count next year",
            level: "intermediate",
            sittings: &[
                (2025, &[("policy", "66"), ("comprehensive", "-2"), ("practice", "61")]),
                (2026, &[("comprehensive", "63")]),
            ],
            passed: false,
            rolling: false,
            carried: &["comprehensive"],
            withheld: None,
        },
        Case {
            what: "void takes the sitting",
            level: "intermediate",
            sittings: &[(2026, &[("policy", "66"), ("comprehensive", "-4"), ("practice", "61")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: Some(Outcome::Void),
        },
        Case {
            what: "absent does not",
            level: "intermediate",
            sittings: &[(2026, &[("policy", "66"), ("comprehensive", "-1")])],
            passed: false,
            rolling: false,
            carried: &["policy"],
            withheld: None,
        },
        Case {
            what: "codes only",
            level: "junior",
            sittings: &[(2026, &[("comprehensive", "-2"), ("practice", "-2")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: Some(Outcome::Violation),
        },
        Case {
            what: "absent throughout",
            level: "junior",
            sittings: &[(2026, &[("comprehensive", "-1"), ("practice", "-1")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "completed last year: not again",
            level: "intermediate",
            sittings: &[
                (2025, &[("policy", "66"), ("comprehensive", "66"), ("practice", "61")]),
                (2026, &[("practice", "70")]),
            ],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "no line known",
            level: "junior",
            sittings: &[(2019, &[("comprehensive", "90"), ("practice", "90")])],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
        Case {
            what: "nothing at all",
            level: "junior",
            sittings: &[],
            passed: false,
            rolling: false,
            carried: &[],
            withheld: None,
        },
    ];
    for c in cases {
        let facts: Vec<ResultFact> =
            c.sittings.iter().flat_map(|(y, scores)| sitting(s, c.level, *y, scores)).collect();
        let year = c.sittings.iter().map(|(y, _)| *y).max().unwrap_or(2026);
        let v = s.verdict(s.level(c.level).unwrap(), year, &facts, None);
        assert_eq!((v.passed, v.by_rolling), (c.passed, c.rolling), "{}: {v:?}", c.what);
        assert_eq!(v.carried, c.carried, "{}", c.what);
        assert_eq!(v.withheld, c.withheld, "{}", c.what);
    }
}

#[test]
fn what_a_verdict_tells() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    let level = s.level("intermediate").unwrap();
    let mut facts =
        sitting(s, "intermediate", 2025, &[("policy", "40"), ("comprehensive", "74.5"), ("practice", "-1")]);
    facts.extend(sitting(s, "intermediate", 2026, &[("policy", "62"), ("practice", "60")]));
    let v = s.verdict(level, 2026, &facts, None);
    let why: Vec<(&str, i32)> = v.why.iter().map(|u| (u.subject.as_str(), u.year)).collect();
    assert_eq!(why, [("comprehensive", 2025), ("policy", 2026), ("practice", 2026)]);
    assert_eq!(s.verdict(level, 2025, &facts, None).missing, ["policy", "practice"]);

    // A decided violation takes only its own subject.
    let mut decided =
        sitting(s, "intermediate", 2026, &[("policy", "66"), ("comprehensive", "-2"), ("practice", "61")]);
    assert!(decided.iter().all(|r| r.held));
    decided.iter_mut().for_each(|r| r.held = false);
    let v = s.verdict(level, 2026, &decided, None);
    assert_eq!((v.withheld, v.carried.as_slice()), (None, ["policy".to_owned(), "practice".to_owned()].as_slice()));

    // An area's own line passes where the country's does not, and says so.
    let junior = s.level("junior").unwrap();
    let low = sitting(s, "junior", 2025, &[("comprehensive", "53"), ("practice", "70")]);
    assert!(!s.verdict(junior, 2025, &low, None).passed);
    let local = s.verdict(junior, 2025, &low, Some("separate"));
    assert!(local.passed && local.local);

    // No line known: not passed, and the verdict says that it could not judge.
    assert!(s.verdict(junior, 2019, &sitting(s, "junior", 2019, &[("practice", "90")]), None).line_unknown);

    // A proof can be earned again when it has run out, a certificate is earned once.
    let senior = s.level("senior").unwrap();
    let again: Vec<ResultFact> =
        [2022, 2024, 2025].iter().flat_map(|y| sitting(s, "senior", *y, &[("practice", "70")])).collect();
    assert!(s.verdict(senior, 2022, &again, None).passed);
    assert_eq!(s.verdict(senior, 2024, &again, None).passed_before, Some(2022));
    assert!(s.verdict(senior, 2025, &again, None).passed);

    // The second scheme carries nothing and makes people wait.
    let field = schemes.scheme("field-education").unwrap();
    let exam = field.level("bachelor-field").unwrap();
    assert!(field.verdict(exam, 2026, &[fact(2026, "field", Outcome::Mark(7000))], None).passed);
    assert!(!field.verdict(exam, 2026, &[fact(2026, "field", Outcome::Mark(6900))], None).passed);
    let rule = exam.passing_in(2026).unwrap();
    assert_eq!(rule.next_attempt_from(day("2026-03-01")), day("2026-05-30"));
}

#[test]
fn eligibility() {
    let schemes = all();
    let s = schemes.scheme("social-work").unwrap();
    // education, major, years, level → years needed when short
    for (education, major, years, level, want) in [
        ("大专", "会计", Some(2), "junior", Some(4)),
        ("大专", "护理", Some(4), "intermediate", Some(6)),
        ("大专", "社会工作", Some(2), "junior", None),
        ("大专", "社会工作", Some(3), "intermediate", Some(4)),
        ("本科", "社会工作", Some(0), "junior", None),
        ("本科", "法学", Some(1), "junior", Some(2)),
        ("本科", "法学", Some(5), "intermediate", None),
        ("硕士", "社会工作", Some(0), "junior", None),
        ("硕士", "法学", Some(0), "junior", Some(2)),
        ("硕士", "社会工作", Some(0), "intermediate", Some(1)),
        ("博士", "社会工作", Some(0), "intermediate", None),
        ("高中", "", Some(3), "junior", Some(4)),
        ("中专", "", Some(6), "intermediate", None),
        ("大专", "会计", None, "junior", None),
        ("小学", "", Some(0), "junior", Some(i64::MAX)),
        ("大专", "社会工作", Some(20), "senior", Some(i64::MAX)),
        ("本科", "会计", Some(4), "senior", Some(5)),
    ] {
        let who = Background { education, major, years };
        let found = s.eligible_warning(who, 2026, s.level(level).unwrap());
        assert_eq!(found.as_ref().map(|f| f.needs_years), want, "{education} {major} {years:?} {level}");
    }
    let short = Background { education: "大专", major: "会计", years: Some(2) };
    let found = s.eligible_warning(short, 2026, s.level("junior").unwrap()).unwrap();
    assert_eq!((found.eligible_from, found.own_major, found.has_years), (2028, false, 2));
}

#[test]
fn windows_go_by_area_and_time_of_day() {
    let schemes = all();
    let zone: chrono_tz::Tz = "Asia/Shanghai".parse().unwrap();
    let y2025 = schemes.cycle("social-work", 2025).unwrap();
    let henan = y2025.window(WindowKind::Registration, "410102").unwrap();
    assert_eq!((henan.area.as_str(), henan.closes(zone).to_rfc3339()), ("41", "2025-03-26T16:00:00+00:00".to_owned()));
    assert_eq!(y2025.window(WindowKind::Registration, "990121").unwrap().area, "");
    let pay = y2025.window(WindowKind::Payment, "41").unwrap();
    assert_eq!(pay.closes(zone).to_rfc3339(), "2025-03-28T09:00:00+00:00");
    assert_eq!(pay.opens(zone), None);
    assert!(y2025.window(WindowKind::Payment, "11").is_none());
    let y2026 = schemes.cycle("social-work", 2026).unwrap();
    assert!(y2026.window(WindowKind::Registration, "990121").is_none());
    assert_eq!(y2026.results_on, None);
    assert_eq!(schemes.cycles("social-work").map(|c| c.year).collect::<Vec<_>>(), (2018..=2026).collect::<Vec<_>>());
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        6 => (0_i64..=200).prop_map(|half| Outcome::Mark(half * 50)),
        1 => Just(Outcome::Absent),
        1 => Just(Outcome::Violation),
        1 => Just(Outcome::Void),
    ]
}

fn history() -> impl Strategy<Value = Vec<ResultFact>> {
    let subject = prop_oneof![Just("policy"), Just("comprehensive"), Just("practice")];
    proptest::collection::btree_map((2022_i32..=2027, subject), (outcome(), proptest::bool::weighted(0.1)), 0..14)
        .prop_map(|all| {
            all.into_iter()
                .map(|((year, subject), (outcome, held))| ResultFact {
                    year,
                    subject: subject.to_owned(),
                    outcome,
                    held,
                })
                .collect()
        })
}

proptest! {
    /// A level is completed at most once, within its years, and only by marks that reach the line in sittings that count.
    #[test]
    fn a_level_is_completed_once_and_by_marks(facts in history()) {
        let schemes = all();
        let s = schemes.scheme("social-work").unwrap();
        let level = s.level("intermediate").unwrap();
        let passed: Vec<Verdict> = (2022..=2027).map(|y| s.verdict(level, y, &facts, None)).filter(|v| v.passed).collect();
        prop_assert!(passed.len() <= 1);
        for v in &passed {
            prop_assert_eq!(v.why.len(), 3);
            let newest = v.why.iter().map(|u| u.year).max().unwrap();
            prop_assert!(v.why.iter().all(|u| u.mark >= 6000 && newest - u.year <= 1));
            for u in &v.why {
                let fact = facts.iter().find(|f| f.year == u.year && f.subject == u.subject).unwrap();
                prop_assert_eq!(fact.outcome, Outcome::Mark(u.mark));
                prop_assert!(facts.iter().filter(|f| f.year == u.year).all(|f| !f.held && f.outcome != Outcome::Void));
            }
        }
    }

    /// The order of the records, and records of later years, change nothing.
    #[test]
    fn order_and_later_years_do_not_matter(facts in history(), year in 2022_i32..=2027) {
        let schemes = all();
        let s = schemes.scheme("social-work").unwrap();
        let level = s.level("intermediate").unwrap();
        let v = s.verdict(level, year, &facts, None);
        let mut other: Vec<ResultFact> = facts.iter().filter(|f| f.year <= year).cloned().collect();
        other.reverse();
        prop_assert_eq!(s.verdict(level, year, &other, None), v);
    }

    /// A better mark never takes a pass away: it comes in the same year or an earlier one.
    #[test]
    fn a_better_mark_never_harms(facts in history(), which in 0_usize..14) {
        let schemes = all();
        let s = schemes.scheme("social-work").unwrap();
        let level = s.level("intermediate").unwrap();
        let completed = |facts: &[ResultFact]| (2022..=2027).find(|y| s.verdict(level, *y, facts, None).passed);
        let before = completed(&facts);
        let mut better = facts.clone();
        if let Some(Outcome::Mark(m)) = better.get_mut(which).map(|f| &mut f.outcome) {
            *m = 10_000;
        }
        prop_assert!(before.is_none_or(|b| completed(&better).is_some_and(|a| a <= b)));
    }

    /// No text makes the reader fail in another way than by a named problem, and what it takes is on the step.
    #[test]
    fn any_text_is_a_mark_a_code_or_a_problem(text in "\\PC{0,12}|-?[0-9]{0,4}(\\.[0-9]{0,4})?") {
        let schemes = all();
        let s = schemes.scheme("social-work").unwrap();
        let subject = s.level("junior").unwrap().subject("practice").unwrap();
        if let Ok(Outcome::Mark(m)) = s.read_score(subject, 2026, &text) {
            prop_assert!((0..=10_000).contains(&m) && m % 50 == 0);
        }
    }
}
