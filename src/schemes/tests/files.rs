//! What the files must say, and what they say.

use super::*;

#[test]
fn wrong_files_are_named_with_their_key() {
    let dir = tempfile::tempdir().unwrap();
    let beside = RuleFiles::beside(Some(&dir.path().join("settings.toml")));
    let schemes = dir.path().join("schemes");
    std::fs::create_dir(&schemes).unwrap();
    let good =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/schemes/social-work.toml")).unwrap();
    for (from, to, said) in [
        ("step = 50", "step = 70", "levels[0].subjects[0].step"),
        ("step = 50", "steps = 50", "steps"),
        ("mark = 6000", "mark = 60000", "pass_lines[0].mark"),
        ("educations = [\"college\"]", "educations = [\"none\"]", "levels[0].eligibility[1].educations"),
        ("value = -1", "value = 1", "score_codes[0].value"),
        ("rank = 2", "rank = 1", "levels.rank"),
        ("\"助理\"]", "\"助理\", \"中级\"]", "levels.aliases"),
        ("area = \"separate\"", "area = \"elsewhere\"", "pass_lines[1].area"),
        ("gives = \"proof\"", "gives = \"certificate\"", "levels[2].passing[0].proof_years"),
        ("source = \"notice of 2022", "source = \"\" # \"", "pass_lines[0].source"),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(schemes.join("social-work.toml"), good.replacen(from, to, 1)).unwrap();
        let message = load(&beside).unwrap_err().to_string();
        assert!(message.contains("social-work.toml") && message.contains(said), "{to}: {message}");
    }
    std::fs::write(schemes.join("social-work.toml"), b"\xff").unwrap();
    assert!(load(&beside).unwrap_err().to_string().contains("UTF-8"));
    std::fs::write(schemes.join("social-work.toml"), &good).unwrap();
    std::fs::write(schemes.join("twice.toml"), &good).unwrap();
    assert!(load(&beside).unwrap_err().to_string().contains("twice.toml: code"));
    std::fs::remove_file(schemes.join("twice.toml")).unwrap();
    std::fs::write(schemes.join("social-work.toml"), good.replacen("mark = 6000", "mark = 5500", 1)).unwrap();
    std::fs::write(schemes.join("own.toml"), good.replacen("code = \"social-work\"", "code = \"own\"", 1)).unwrap();
    let read = load(&beside).unwrap();
    assert_eq!(read.scheme("social-work").unwrap().pass_line(2026, "junior", "practice", None).unwrap().mark, 5500);
    assert_eq!(read.all().count(), 2);

    let cycles = dir.path().join("cycles");
    std::fs::create_dir(&cycles).unwrap();
    let good = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/cycles/2025.toml")).unwrap();
    for (from, to, said) in [
        ("scheme = \"social-work\"", "scheme = \"none\"", "scheme"),
        ("exam_last_day = \"2025-05-25\"", "exam_last_day = \"2025-05-20\"", "exam_last_day"),
        ("closes_on = \"2025-03-31\"", "closes_on = \"2025-03-01\"", "windows[0].closes_on"),
        ("closes_at = \"17:00\"", "closes_at = \"17h\"", "closes_at"),
        ("year = 2025", "year = 1925", "year"),
        ("area = \"41\"", "area = \"\"", "windows[1]"),
    ] {
        std::fs::write(cycles.join("2025.toml"), good.replacen(from, to, 1)).unwrap();
        let message = load(&beside).unwrap_err().to_string();
        assert!(message.contains("2025.toml") && message.contains(said), "{to}: {message}");
    }
}

/// A file beside the settings that takes the place of the first scheme's.
fn changed(from: &str, to: &str) -> Result<Schemes> {
    let dir = tempfile::tempdir().unwrap();
    let schemes = dir.path().join("schemes");
    std::fs::create_dir(&schemes).unwrap();
    let good = RuleFiles::default().read("schemes/social-work.toml").unwrap().text;
    assert!(good.contains(from), "{from}");
    std::fs::write(schemes.join("social-work.toml"), good.replacen(from, to, 1)).unwrap();
    load(&RuleFiles::beside(Some(&dir.path().join("settings.toml"))))
}

#[test]
fn every_education_and_major_falls_under_one_clause_or_refusal() {
    let college = "code = \"college-own\"\neducations = [\"college\"]\nmajor = \"own\"\nyears = 2\n";
    let refusal = "[[levels.refusals]]\neducations = [\"below\"]";
    for (from, to, said) in [
        (
            refusal,
            "[[levels.refusals]]\neducations = [\"doctor\"]",
            &[
                "levels[0]: exam year 2006: \"below\" with an own major falls under no clause and no refusal",
                "\"below\" with another major falls under no clause",
                "\"doctor\" with an own major falls under eligibility[3] and refusals[0]",
            ][..],
        ),
        (
            college,
            &college.replace("own\"\nyears", "any\"\nyears"),
            &["\"college\" with another major falls under eligibility[1] and eligibility[2]"],
        ),
        (college, &college.replace("[\"college\"]", "[\"none\"]"), &["levels[0].eligibility[1].educations: \"none\""]),
        (college, &college.replace("[\"college\"]", "[]"), &["levels[0].eligibility[1].educations"]),
        (
            college,
            &format!("{college}to_year = 2024\n"),
            &["exam year 2025: \"college\" with an own major falls under no clause"],
        ),
        (
            college,
            &college.replace("college-own", "secondary"),
            &["levels[0].eligibility[1].code: \"secondary\" of 2006 stands twice"],
        ),
        ("holds = \"junior\"", "holds = \"none\"", &["levels[1].eligibility[0].holds"]),
        ("holds = \"junior\"\n", "", &["levels[1].eligibility[0].counted"]),
        (college, &format!("{college}practicum = \"none\"\n"), &["levels[0].eligibility[1].practicum"]),
        ("cut_off_month = 12\ncut_off_day = 31", "cut_off_month = 2\ncut_off_day = 29", &["counting[0].cut_off_day"]),
        (
            "graduation = false\nfrom_year = 2006",
            "graduation = false\nfrom_year = 2010",
            &["counting: no rule for the exam year 2006"],
        ),
        ("proof_months = 36", "proof_months = 0", &["levels[2].reviews[0].proof_months"]),
        ("fen = 6100", "fen = -1", &["fees[0].fen"]),
        ("bar_years = 5", "bar_years = 0", &["consequences[1].bar_years"]),
        ("bar_years = 5", "bar_years = 5\nbar_long = true", &["consequences[1].bar_years"]),
        ("takes = \"sitting\"", "takes = \"subject\"", &["consequences[1].takes"]),
        ("follows = \"violation\"", "follows = \"absent\"", &["consequences[0].follows"]),
        ("code = \"sitting_void_5y\"", "code = \"subject_void\"", &["consequences[1].code"]),
        ("subjects = []", "subjects = [\"policy\"]", &["levels[0].waivers[0].subjects"]),
    ] {
        let message = changed(from, to).unwrap_err().to_string();
        for part in said {
            assert!(message.contains("social-work.toml") && message.contains(part), "{to}: {message}");
        }
    }
}

#[test]
fn two_versions_of_a_clause_stand_side_by_side() {
    let old = "code = \"college-own\"\neducations = [\"college\"]\nmajor = \"own\"\nyears = 2\nfrom_year = 2006\n";
    let new = old
        .replace("years = 2", "years = 3")
        .replace("2006", "2026")
        .replace("code", "source = \"made up\"\n\n[[levels.eligibility]]\ncode");
    let schemes = changed(old, &format!("{old}to_year = 2025\n{new}")).unwrap();
    let s = schemes.scheme("social-work").unwrap();
    let level = s.level("junior").unwrap();
    let who = eligibility::Facts {
        schooling: vec![eligibility::Schooling {
            study: eligibility::Study::PartTime,
            ..s.schooling("大专", "社会工作")
        }],
        declared: Some(eligibility::Declared { years: 2, up_to: day("2025-12-31") }),
        ..eligibility::Facts::default()
    };
    for (year, years, want, earliest) in [
        (2024, 2, eligibility::Answer::No, Some(2025)),
        (2025, 2, eligibility::Answer::Yes, None),
        (2026, 3, eligibility::Answer::Yes, None),
    ] {
        let v = eligibility::verdict(s, level, year, &who, day("2025-03-01"));
        assert_eq!((v.answer, v.earliest_year), (want, earliest), "{year}");
        assert_eq!(v.best().unwrap().clause.years, years, "{year}");
    }
}

#[test]
fn fees_and_continuing_education() {
    let s = all().scheme("social-work").unwrap();
    let fee = |level: &str, year: i32, region: &str| {
        let level = s.level(level).unwrap();
        s.fee_of(year, region, level, level.subjects_in(year))
    };
    for (level, year, region, want) in [
        ("junior", 2026, "500101", Some(12_200)),
        ("intermediate", 2026, "500101", Some(6100 * 2 + 6500)),
        ("senior", 2026, "500101", Some(6900)),
        ("junior", 2025, "500101", None),
        ("junior", 2026, "410102", None),
    ] {
        assert_eq!(fee(level, year, region), want, "{level} {year} {region}");
    }
    let kind = |code: &str| s.ce_kinds_in(2026).find(|k| k.code == code).unwrap();
    assert_eq!(kind("training").credit(480, true), 480);
    assert_eq!((kind("degree").credit(0, false), kind("degree").credit(0, true)), (5400, 0));
    assert_eq!(s.ce_kinds_in(2008).count(), 0);
    for (level, hours) in [("junior", 72), ("intermediate", 90), ("senior", 90)] {
        assert_eq!(s.level(level).unwrap().registration_in(2026).unwrap().ce_minutes, hours * 60);
    }
    let waiver = s.level("junior").unwrap().waiver_in(2026).unwrap();
    assert!(waiver.subjects.is_empty() && waiver.single_decision);
}

#[test]
fn consequences_and_the_bars_they_bring() {
    let s = all().scheme("social-work").unwrap();
    let of = |means, year| s.consequences_of(means, year).map(|c| c.code.as_str()).collect::<Vec<_>>();
    assert_eq!(of(CodeMeaning::Violation, 2026), ["subject_void", "sitting_void_5y", "sitting_void_long"]);
    assert_eq!(of(CodeMeaning::Void, 2026), ["similar_answers", "ineligible_void"]);
    assert_eq!(of(CodeMeaning::Violation, 2016), [""; 0]);
    let bars: Vec<_> =
        s.consequences_of(CodeMeaning::Violation, 2026).map(|c| c.bar(day("2026-06-20")).map(|b| b.until)).collect();
    assert_eq!(bars, [None, Some(Some(day("2031-06-19"))), Some(None)]);
}
