use proptest::prelude::*;

use super::*;
use crate::core::Lang;
use crate::core::files::RuleFiles;
use crate::schemes::policy::Extension;
use crate::schemes::{Schemes, load};

fn all() -> &'static Schemes {
    static ALL: std::sync::LazyLock<Schemes> = std::sync::LazyLock::new(|| load(&RuleFiles::default()).unwrap());
    &ALL
}

fn scheme() -> &'static Scheme {
    all().scheme("social-work").unwrap()
}

fn intermediate() -> &'static Level {
    scheme().level("intermediate").unwrap()
}

fn marks(year: i32, marks: &[(&str, i64)]) -> Vec<ResultFact> {
    let of = |(subject, mark): &(&str, i64)| ResultFact {
        year,
        subject: (*subject).to_owned(),
        outcome: if *mark < 0 { Outcome::Absent } else { Outcome::Mark(mark * 100) },
        held: false,
    };
    marks.iter().map(of).collect()
}

fn codes(all: &[Retake]) -> Vec<&str> {
    all.iter().map(|r| r.subject.as_str()).collect()
}

#[test]
fn who_holds_what_until_when_and_what_to_sit() {
    let s = scheme();
    let mut results = marks(2025, &[("policy", 66), ("comprehensive", 50), ("practice", -1)]);
    let held = s.credits(intermediate(), 2025, &results, None);
    assert_eq!(held.iter().map(|u| (u.subject.as_str(), u.until)).collect::<Vec<_>>(), [("policy", 2026)]);
    let advice = s.advice(intermediate(), 2025, &results, None);
    assert_eq!((advice.year, codes(&advice.retake)), (2026, vec!["comprehensive", "practice"]));
    assert_eq!(advice.last_time, ["policy"]);
    assert_eq!(advice.retake[0].why, Why::Below { year: 2025, mark: 5000, line: 6000 });
    assert_eq!(advice.retake[1].why, Why::Code { year: 2025, outcome: Outcome::Absent });

    // 2026: one more; what was passed in 2025 has lapsed for 2027.
    results.extend(marks(2026, &[("comprehensive", 60), ("practice", 59)]));
    let advice = s.advice(intermediate(), 2026, &results, None);
    assert_eq!(codes(&advice.retake), ["policy", "practice"]);
    assert_eq!(advice.retake[0].why, Why::Lapsed { year: 2025 });
    assert_eq!(
        advice.keep.iter().map(|u| (u.subject.as_str(), u.until)).collect::<Vec<_>>(),
        [("comprehensive", 2027)]
    );

    // Passed: nothing to sit, nothing carried.
    results.retain(|r| r.year == 2025);
    results.extend(marks(2026, &[("comprehensive", 60), ("practice", 60)]));
    let advice = s.advice(intermediate(), 2026, &results, None);
    assert!(advice.done && advice.retake.is_empty() && s.credits(intermediate(), 2026, &results, None).is_empty());

    // The junior level rolls nothing; the senior proof has to be renewed when it has run out.
    let junior = s.level("junior").unwrap();
    let advice = s.advice(junior, 2026, &marks(2026, &[("comprehensive", 80), ("practice", 50)]), None);
    assert_eq!((codes(&advice.retake), advice.keep.len()), (vec!["comprehensive", "practice"], 0));
    assert_eq!(advice.retake[0].why, Why::Lapsed { year: 2026 });
    let senior = s.level("senior").unwrap();
    let proof = marks(2023, &[("practice", 70)]);
    assert_eq!([2023, 2024, 2025].map(|y| s.advice(senior, y, &proof, None).done), [true, true, false]);
    assert_eq!(codes(&s.advice(senior, 2025, &proof, None).retake), ["practice"]);
    let review = senior.review_in(2023).unwrap();
    assert_eq!(review.proof_until("2023-08-11".parse().unwrap()).to_string(), "2026-08-10");
    // Nobody knows the lines before 2022.
    let advice = s.advice(junior, 2019, &marks(2019, &[("practice", 90)]), None);
    assert_eq!(advice.retake[1].why, Why::LineUnknown { year: 2019, mark: 9000 });
    assert_eq!(advice.retake[0].why, Why::NotSat);
}

#[test]
fn local_lines() {
    let s = scheme();
    let results = marks(2025, &[("policy", 58), ("comprehensive", 70), ("practice", 57)]);
    let v = s.verdict(intermediate(), 2025, &results, Some("separate"));
    assert_eq!((v.passed, v.carried.as_slice()), (false, ["policy".to_owned(), "comprehensive".to_owned()].as_slice()));
    let held = s.credits(intermediate(), 2025, &results, Some("separate"));
    assert_eq!(held.iter().map(|u| u.local).collect::<Vec<_>>(), [true, false]);
    // The line of 2025 is known, that of 2026 is not: a mark below 60 may still become a pass, but only there.
    assert_eq!(s.advice(intermediate(), 2025, &results, Some("separate")).line_to_come, [""; 0]);
    let results = marks(2026, &[("policy", 58), ("comprehensive", 70), ("practice", -1)]);
    assert_eq!(s.advice(intermediate(), 2026, &results, Some("separate")).line_to_come, ["policy"]);
    assert_eq!(s.advice(intermediate(), 2026, &results, None).line_to_come, [""; 0]);
}

#[test]
fn a_window_may_be_longer_in_one_area() {
    let mut s = scheme().clone();
    let extension = Extension {
        area: "separate".to_owned(),
        passed_from: 2023,
        passed_to: 2024,
        extra_exam_years: 1,
        source: "made up".to_owned(),
    };
    s.levels[1].extensions.push(extension);
    let level = &s.levels[1];
    for (year, area, until) in [
        (2022, Some("separate"), 2023),
        (2023, Some("separate"), 2025),
        (2024, Some("separate"), 2026),
        (2025, Some("separate"), 2026),
        (2024, Some("elsewhere"), 2025),
        (2024, None, 2025),
    ] {
        assert_eq!(level.pass_counts_until(year, area), until, "{year} {area:?}");
    }
    let mut results = marks(2024, &[("policy", 61), ("comprehensive", 62)]);
    results.extend(marks(2026, &[("practice", 63)]));
    assert!(!s.verdict(level, 2026, &results, None).passed);
    let v = s.verdict(level, 2026, &results, Some("separate"));
    assert!(v.passed && v.by_rolling);
    assert_eq!(s.advice(level, 2025, &results, Some("separate")).last_time, ["policy", "comprehensive"]);
}

#[test]
fn the_words() {
    let s = scheme();
    let mut results = marks(2025, &[("policy", 66), ("comprehensive", 50)]);
    let said = words::advice(Lang::ZhCn, intermediate(), &s.advice(intermediate(), 2025, &results, None));
    assert_eq!(
        said,
        [
            "2026 年度只须报考：社会工作综合能力、社会工作实务。",
            "社会工作综合能力：2025 年 50 分，未达到合格标准 60 分。",
            "社会工作法规与政策：2025 年 66 分合格，有效至 2026 考试年度。",
            "社会工作法规与政策的成绩到 2026 年度为止；若 2026 年度其余科目没有全部合格，须重新报考。",
        ]
    );
    results.extend(marks(2026, &[("comprehensive", 60), ("practice", 70)]));
    let v = s.verdict(intermediate(), 2026, &results, None);
    assert_eq!(
        words::because(Lang::ZhCn, intermediate(), &v.why),
        "社会工作法规与政策 2025 年（≥ 60）、社会工作综合能力＋社会工作实务 2026 年（≥ 60）"
    );
    assert_eq!(
        words::because(Lang::En, intermediate(), &v.why),
        "Laws and policies 2025 (≥ 60) and Comprehensive ability + Practice 2026 (≥ 60)"
    );
    let low = marks(2025, &[("policy", 58), ("comprehensive", 70), ("practice", 90)]);
    let v = s.verdict(intermediate(), 2025, &low, Some("separate"));
    assert_eq!(
        words::because(Lang::En, intermediate(), &v.why),
        "Laws and policies 2025 (≥ 58, local line) and Comprehensive ability + Practice 2025 (≥ 58)"
    );
}

proptest! {
    /// Advice leaves nothing out and follows the verdict: what is kept is carried, the rest is to be sat, and whoever passes the rest next
    /// year has passed.
    #[test]
    fn who_follows_the_advice_passes(
        all in proptest::collection::btree_map((2022_i32..2027, 0_usize..3), -1_i64..=100, 0..12),
        area in prop_oneof![Just(None), Just(Some("separate"))],
        year in 2023_i32..2027,
    ) {
        let (s, level) = (scheme(), intermediate());
        let subjects = ["policy", "comprehensive", "practice"];
        let mut results: Vec<ResultFact> =
            all.into_iter().flat_map(|((y, n), m)| marks(y, &[(subjects[n], m)])).filter(|r| r.year <= year).collect();
        let verdict = s.verdict(level, year, &results, area);
        let advice = s.advice(level, year, &results, area);
        let kept: Vec<String> = advice.keep.iter().map(|u| u.subject.clone()).collect();
        prop_assert_eq!(&kept, &verdict.carried);
        prop_assert_eq!(advice.done, verdict.passed || verdict.passed_before.is_some());
        if !advice.done {
            prop_assert_eq!(kept.len() + advice.retake.len(), 3);
            let sat: Vec<(&str, i64)> = advice.retake.iter().map(|r| (r.subject.as_str(), 60)).collect();
            let next = marks(year + 1, &sat);
            // One subject fewer is not enough.
            let mut fewer = results.clone();
            fewer.extend(next.iter().skip(1).cloned());
            prop_assert!(!s.verdict(level, year + 1, &fewer, area).passed);
            results.extend(next);
            prop_assert!(s.verdict(level, year + 1, &results, area).passed);
        }
        for lang in Lang::ALL {
            let said = words::advice(lang, level, &advice);
            prop_assert!(said.iter().all(|t| !t.contains("credits-")), "{said:?}");
        }
    }
}
