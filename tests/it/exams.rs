//! Registrations and results: the sample files row by row, verdicts, history, corrections, undo, pages and API.

use std::collections::BTreeMap;
use std::path::Path;

use poem::http::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Lang, Role};
use yanzhen::directory::ops::regions;
use yanzhen::exams::entity::{exam_cycle, registration, result};
use yanzhen::exams::import::{Registrations, Results};
use yanzhen::exams::ops::{self, CandidateFilter, ChangeRegistration, Decide, Decision, Outcomes, SetResult};
use yanzhen::exams::rules::Payment;
use yanzhen::importing::{Kind, Kinds, Params};
use yanzhen::importing::{Outcome, run};
use yanzhen::people::{entity::person, ops as people};
use yanzhen::pipeline::entity::{exam_facts, person_facts, tally_counter};
use yanzhen::schemes::{self, Used};

use crate::harness::{Bench, samples};
use crate::on_both;

const SCHEME: &str = "social-work";

fn params(year: i64) -> Params {
    Params { scheme: Some(SCHEME.into()), year: Some(year), ..Params::default() }
}

async fn import(b: &Bench, kind: &dyn Kind, year: i64, name: &str, bytes: &[u8]) -> Outcome {
    run::now(&b.cx, &Actor::command_line(), kind, &params(year), name, bytes, false).await.unwrap()
}

async fn sample(b: &Bench, dir: &Path, kind: &dyn Kind, year: i64, name: &str) -> Outcome {
    let bytes = std::fs::read(dir.join("set_b").join(name)).unwrap();
    import(b, kind, year, name, &bytes).await
}

/// The sheet, row, code and column of each verdict that the samples list.
fn listed(expected: &Value, key: &str) -> Vec<(String, u64, String, String)> {
    let text = |v: &Value, k: &str| v[k].as_str().unwrap_or_default().to_owned();
    let rows = expected[key].as_array().unwrap();
    rows.iter().map(|v| (text(v, "sheet"), v["row"].as_u64().unwrap(), text(v, "code"), text(v, "column"))).collect()
}

#[track_caller]
fn as_listed(got: &Outcome, expected: &Value) {
    let rows = usize::try_from(expected["data_rows"].as_u64().unwrap()).unwrap();
    assert_eq!(got.rows, rows);
    for (key, errors) in [("bad_rows", true), ("warnings", false)] {
        let of = |p: &&yanzhen::importing::Problem| p.is_error() == errors && p.row.is_some();
        let mut found: Vec<_> = got
            .problems
            .iter()
            .filter(of)
            .map(|p| (p.sheet.clone(), u64::from(p.row.unwrap()), p.code.to_string(), p.column.clone()))
            .collect();
        let mut wanted = listed(expected, key);
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{key}");
    }
    for bad in expected["bad_rows"].as_array().unwrap() {
        let Some(peer) = bad["peer_row"].as_u64() else { continue };
        let row = bad["row"].as_u64().unwrap();
        let sheet = bad["sheet"].as_str().unwrap();
        let p = got.problems.iter().find(|p| p.sheet == sheet && p.row.map(u64::from) == Some(row)).unwrap();
        assert_eq!(p.peer_row().map(u64::from), Some(peer), "{sheet}!{row}");
    }
    for p in &got.problems {
        for lang in Lang::ALL {
            let text = p.message(lang);
            assert!(!text.starts_with("import-code-") && !text.contains("{ $"), "{}: {text}", p.code);
        }
    }
}

fn expected(dir: &Path, file: &str) -> Value {
    let all: Value = serde_json::from_slice(&std::fs::read(dir.join("expected.json")).unwrap()).unwrap();
    let files = all["files"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| all["files"].as_object().unwrap().values().cloned().collect());
    files.into_iter().find(|f| f["file"] == file).unwrap()
}

async fn counters(b: &Bench, year: i64) -> BTreeMap<String, (i64, i64, i64)> {
    let rows = tally_counter::Entity::find()
        .filter(tally_counter::Column::Kind.eq("all"))
        .filter(tally_counter::Column::Year.eq(year))
        .all(b.cx.read())
        .await
        .unwrap();
    rows.into_iter().map(|r| (r.level, (r.registered, r.sat, r.passed))).collect()
}

fn levels(junior: (i64, i64, i64), intermediate: (i64, i64, i64)) -> BTreeMap<String, (i64, i64, i64)> {
    [("junior".to_owned(), junior), ("intermediate".to_owned(), intermediate)].into()
}

/// The words of the samples for a verdict.
fn in_words(c: &ops::Candidate, level: &schemes::Level) -> String {
    let name = |code: &str| level.subject(code).unwrap().name.zh.clone();
    let v = &c.verdict;
    if v.passed {
        let why: Vec<String> = v.why.iter().map(|u: &Used| format!("{} {}", name(&u.subject), u.year)).collect();
        return why.join("; ");
    }
    if v.withheld == Some(schemes::Outcome::Violation) {
        return format!("violation in {}: nothing of this sitting counts", c.year);
    }
    if v.carried.is_empty() {
        return "nothing carried".to_owned();
    }
    let carried: Vec<String> = v.carried.iter().map(|s| name(s)).collect();
    format!("held into {}: {}", c.year + 1, carried.join("、"))
}

async fn cycle_id(b: &Bench, year: i64) -> i64 {
    let found = exam_cycle::Entity::find().filter(exam_cycle::Column::Year.eq(year)).one(b.cx.read()).await.unwrap();
    found.unwrap().id
}

async fn person_id(b: &Bench, id_no: &str) -> i64 {
    let hash = b.cx.seal.lookup("resident", id_no);
    let found = person::Entity::find().filter(person::Column::IdHash.eq(hash)).one(b.cx.read()).await.unwrap();
    found.unwrap().id
}

on_both!(set_b_comes_out_as_listed, |b| async move {
    let Some(dir) = samples() else { return };
    let who = Actor::command_line();

    let registered = sample(&b, &dir, &Registrations, 2026, "考试报名_2026.csv").await;
    as_listed(&registered, &expected(&dir, "set_b/考试报名_2026.csv"));
    assert_eq!((registered.accepted, registered.refused), (126, 0));
    let withdrawn = registration::Entity::find().filter(registration::Column::State.eq("withdrawn"));
    assert_eq!(withdrawn.count(b.cx.read()).await.unwrap(), 7);

    // The cycles of 2024 and 2025 have no registrations on record: their results are history.
    for (year, accepted) in [(2024, 3), (2025, 27)] {
        let name = format!("考试成绩_{year}.xlsx");
        let got = sample(&b, &dir, &Results, year, &name).await;
        as_listed(&got, &expected(&dir, &format!("set_b/{name}")));
        assert_eq!((got.accepted, got.refused), (accepted, 0), "{name}");
    }
    let listed = expected(&dir, "set_b/考试成绩_2026.xlsx");
    let got = sample(&b, &dir, &Results, 2026, "考试成绩_2026.xlsx").await;
    as_listed(&got, &listed);
    assert_eq!((got.accepted, got.refused), (119, 8));

    assert_eq!(counters(&b, 2026).await, levels((83, 71, 28), (36, 31, 11)));

    // The 119 verdicts, each with its reason.
    let all = schemes::of(&b.cx).unwrap();
    let scheme = all.scheme(SCHEME).unwrap();
    let cycle = cycle_id(&b, 2026).await;
    let mut seen = 0;
    let mut rolling = 0;
    for v in listed["expect"]["verdicts"].as_array().unwrap() {
        let level = scheme.level_by_name(v["level"].as_str().unwrap()).unwrap();
        let id = person_id(&b, v["id_no"].as_str().unwrap()).await;
        let (_, c) = ops::candidate(&b.cx, &who, cycle, id, &level.code, Lang::ZhCn).await.unwrap();
        assert_eq!(c.verdict.passed, v["verdict"] == "passed", "{v}");
        assert_eq!(in_words(&c, level), v["why"].as_str().unwrap(), "{v}");
        rolling += i32::from(c.verdict.by_rolling);
        seen += 1;
    }
    assert_eq!((seen, rolling), (119, 6));

    // The lists and their filters tell the same.
    let list = async |outcome| {
        let filter = CandidateFilter { outcome, ..CandidateFilter::default() };
        let (mut n, mut page) = (0, PageReq { after: None, limit: Some(50) });
        loop {
            let got = ops::candidates(&b.cx, &who, cycle, &filter, &page, Lang::En).await.unwrap();
            n += got.items.len();
            let Some(next) = got.next else { return n };
            page.after = Some(next);
        }
    };
    assert_eq!(list(None).await, 119);
    assert_eq!(list(Some(Outcomes::Sat)).await, 102);
    assert_eq!(list(Some(Outcomes::Passed)).await, 39);
    assert_eq!(list(Some(Outcomes::Absent)).await, 17);
    assert_eq!(list(Some(Outcomes::Held)).await, 1);
    assert_eq!(list(Some(Outcomes::NotPassed)).await, 62);

    // The same files again say nothing new.
    let again = sample(&b, &dir, &Registrations, 2026, "考试报名_2026.csv").await;
    assert_eq!((again.accepted, again.unchanged), (0, 126));
    let again = sample(&b, &dir, &Results, 2026, "考试成绩_2026.xlsx").await;
    assert_eq!((again.accepted, again.unchanged, again.refused), (0, 119, 8));
    assert_eq!(result::Entity::find().filter(result::Column::Version.gt(1)).count(b.cx.read()).await.unwrap(), 0);
});

const REGISTRATIONS: &str = "报名序号,姓名,证件号码,报考级别,报考科目,学历,所学专业,从事社会工作年限,报名时间,缴费状态\n\
    B1,郑新,990121199007072902,初级,,大专,汉语言文学,7,2026-03-15 16:20,已缴费\n\
    B2,孔磊天,990121199908022881,中级,,本科,行政管理,11,2026-03-11 12:22,已缴费\n\
    B3,吕敏霞,990121200504193612,中级,社会工作法规与政策、社会工作实务,本科,社会工作,3,2026-03-11,已缴费\n\
    B4,卢俊远,99012120040207601X,初级,,本科,社会工作,0,2026-03-09,未缴费\n";

const YEAR_2025: &str = "姓名,证件号码,级别,社会工作法规与政策,社会工作综合能力,社会工作实务\n\
    孔磊天,990121199908022881,社会工作师,60,60.5,-1\n";

const YEAR_2026: &str = "姓名,证件号码,级别,社会工作法规与政策,社会工作综合能力,社会工作实务(中级)\n\
    孔磊天,990121199908022881,社会工作师,,,69\n\
    吕敏霞,990121200504193612,社会工作师,78.5,-2,78.5\n\
    郑新,990121199007072902,助理社会工作师,,-1,\n";

/// A county in small: four registered, one of them unpaid; results of two years.
async fn small(b: &Bench) -> (Outcome, Outcome, Outcome) {
    let registered = import(b, &Registrations, 2026, "报名.csv", REGISTRATIONS.as_bytes()).await;
    let history = import(b, &Results, 2025, "2025.csv", YEAR_2025.as_bytes()).await;
    let results = import(b, &Results, 2026, "2026.csv", YEAR_2026.as_bytes()).await;
    for done in [&registered, &history, &results] {
        assert_eq!(done.refused, 0, "{:?}", done.problems);
    }
    (registered, history, results)
}

fn codes(o: &Outcome) -> Vec<(u32, &str)> {
    o.problems.iter().filter_map(|p| Some((p.row?, p.code.as_ref()))).collect()
}

async fn fact(b: &Bench, person_id: i64, level: &str, year: i64) -> Option<(bool, bool, bool)> {
    let row = exam_facts::Entity::find_by_id((person_id, SCHEME.to_owned(), level.to_owned(), year)).one(b.cx.read());
    row.await.unwrap().map(|f| (f.registered, f.sat, f.passed))
}

async fn stage(b: &Bench, person_id: i64) -> String {
    person_facts::Entity::find_by_id(person_id).one(b.cx.read()).await.unwrap().unwrap().stage
}

async fn set(
    b: &Bench,
    person_id: i64,
    year: i64,
    subject: &str,
    score: &str,
    version: Option<i64>,
) -> Result<(), Error> {
    let input = SetResult {
        cycle_id: cycle_id(b, year).await,
        person_id,
        level: "intermediate".into(),
        subject: subject.into(),
        score: score.into(),
        published_on: None,
        why: "re-check".into(),
        version,
    };
    ops::set_result(&b.cx, &Actor::command_line(), input).await
}

on_both!(an_earlier_years_correction_moves_the_later_pass, |b| async move {
    let (registered, _, results) = small(&b).await;
    assert_eq!(codes(&registered), [(5, "unpaid_counts_as_withdrawn")]);
    assert_eq!(codes(&results), [(3, "violation_with_marks")]);
    assert_eq!(counters(&b, 2026).await, levels((1, 0, 0), (2, 2, 1)));
    assert_eq!(counters(&b, 2025).await.get("intermediate"), Some(&(0, 1, 0)));
    let id = person_id(&b, "990121199908022881").await;
    assert_eq!(
        (fact(&b, id, "intermediate", 2026).await, stage(&b, id).await),
        (Some((true, true, true)), "passed".into())
    );

    // The re-check of 2025 takes a subject away: the pass of 2026 goes with it, in counters and stage.
    set(&b, id, 2025, "policy", "59.5", Some(1)).await.unwrap();
    assert_eq!(
        (fact(&b, id, "intermediate", 2026).await, stage(&b, id).await),
        (Some((true, true, false)), "sat".into())
    );
    assert_eq!(counters(&b, 2026).await, levels((1, 0, 0), (2, 2, 0)));
    // The file of 2025 again does not put the old mark back, and says so.
    let again = import(&b, &Results, 2025, "2025.csv", YEAR_2025.as_bytes()).await;
    assert_eq!((again.unchanged, codes(&again)), (1, vec![(2, "corrected_by_hand")]));
    assert_eq!(fact(&b, id, "intermediate", 2026).await, Some((true, true, false)));

    // Who has not seen the newest version may not write over it; wrong scores say what is wrong.
    assert!(matches!(set(&b, id, 2025, "policy", "60", Some(1)).await, Err(Error::Conflict(_))));
    assert!(matches!(set(&b, id, 2025, "policy", "60", None).await, Err(Error::Conflict(_))));
    for score in ["160", "60.3", "-3", "good"] {
        let said = set(&b, id, 2025, "policy", score, Some(2)).await.unwrap_err();
        assert!(matches!(&said, Error::Invalid(f) if f[0].field == "score"), "{score}: {said:?}");
        // A sentence that names the subject, not the key of one.
        assert!(said.text(Lang::ZhCn).contains("法规与政策"), "{score}: {}", said.text(Lang::ZhCn));
    }
    set(&b, id, 2025, "policy", "60", Some(2)).await.unwrap();
    assert_eq!(stage(&b, id).await, "passed");
    // A subject that was not on record is added; one who is not registered gets none.
    set(&b, id, 2026, "comprehensive", "70", None).await.unwrap();
    let unpaid = person_id(&b, "99012120040207601X").await;
    assert!(matches!(set(&b, unpaid, 2026, "practice", "70", None).await, Err(Error::Conflict(_))));
});

on_both!(a_move_across_an_area_with_lines_of_its_own_moves_the_pass, |b| async move {
    small(&b).await;
    let year_2024 = "姓名,证件号码,级别,社会工作综合能力,社会工作实务\n郑新,990121199007072902,助理社会工作师,55,54\n";
    let done = import(&b, &Results, 2024, "2024.csv", year_2024.as_bytes()).await;
    assert_eq!((done.accepted, done.refused), (1, 0), "{:?}", done.problems);
    let id = person_id(&b, "990121199007072902").await;
    assert_eq!(fact(&b, id, "junior", 2024).await, Some((false, true, false)), "60 is the country's line");

    let jobs = yanzhen::app::jobs(&b.cx).unwrap();
    for code in ["540102", "990121"] {
        let add = regions::AddRegion { code: code.into(), name: code.into() };
        regions::add(&b.cx, &Actor::command_line(), add).await.unwrap();
    }
    let move_to = async |region: &str| {
        let p = person::Entity::find_by_id(id).one(b.cx.read()).await.unwrap().unwrap();
        let input = people::EditPerson { region_code: Some(region.to_owned()), ..Default::default() };
        people::edit(&b.cx, &Actor::command_line(), id, input, p.version).await.unwrap();
        yanzhen::jobs::worker::run_due(&b.cx, &jobs).await.unwrap();
    };
    move_to("540102").await;
    assert_eq!(fact(&b, id, "junior", 2024).await, Some((false, true, true)), "53 is the line there");
    assert_eq!(counters(&b, 2024).await.get("junior"), Some(&(0, 1, 1)));
    move_to("990121").await;
    assert_eq!(fact(&b, id, "junior", 2024).await, Some((false, true, false)));
    assert_eq!(counters(&b, 2024).await.get("junior"), Some(&(0, 1, 0)));
});

on_both!(a_held_sitting_waits_for_a_decision, |b| async move {
    small(&b).await;
    let who = Actor::command_line();
    let id = person_id(&b, "990121200504193612").await;
    let cycle = cycle_id(&b, 2026).await;
    let show = async || ops::candidate(&b.cx, &who, cycle, id, "intermediate", Lang::En).await.unwrap().1;
    let held = show().await;
    assert_eq!((held.outcome(), held.verdict.carried.len()), (Outcomes::Held, 0));

    let decide = |decision, why: &str| Decide {
        cycle_id: cycle,
        person_id: id,
        level: "intermediate".into(),
        decision,
        why: why.to_owned(),
    };
    assert!(matches!(ops::decide(&b.cx, &who, decide(Decision::SubjectOnly, " ")).await, Err(Error::Invalid(_))));
    ops::decide(&b.cx, &who, decide(Decision::SubjectOnly, "Art. 6")).await.unwrap();
    assert_eq!(show().await.verdict.carried, ["policy", "practice"]);
    assert!(matches!(ops::decide(&b.cx, &who, decide(Decision::WholeSitting, "x")).await, Err(Error::Conflict(_))));

    // The same file again leaves the decision alone.
    let again = import(&b, &Results, 2026, "2026.csv", YEAR_2026.as_bytes()).await;
    assert_eq!((again.unchanged, codes(&again)), (3, vec![]));
    assert_eq!(show().await.verdict.carried.len(), 2);

    // A violation found later holds the sitting again; then all of it is void.
    let practice = show().await.subjects.iter().find(|s| s.subject == "practice").unwrap().version;
    set(&b, id, 2026, "practice", "-2", Some(practice)).await.unwrap();
    assert_eq!(show().await.outcome(), Outcomes::Held);
    ops::decide(&b.cx, &who, decide(Decision::WholeSitting, "Art. 7")).await.unwrap();
    let lost = show().await;
    assert_eq!((lost.outcome(), lost.verdict.carried.len()), (Outcomes::NotPassed, 0));
    assert!(lost.subjects.iter().all(|s| s.outcome == schemes::Outcome::Violation));
});

on_both!(payment_is_corrected_by_hand_and_stays, |b| async move {
    small(&b).await;
    let who = Actor::command_line();
    let id = person_id(&b, "99012120040207601X").await;
    assert_eq!(fact(&b, id, "junior", 2026).await, None);
    let row = registration::Entity::find().filter(registration::Column::PersonId.eq(id)).one(b.cx.read());
    let row = row.await.unwrap().unwrap();
    let change = |version, payment, why: &str| ChangeRegistration {
        id: row.id,
        version,
        payment,
        withdrawn: false,
        why: why.to_owned(),
    };
    let no_reason = ops::change_registration(&b.cx, &who, change(1, Payment::Paid, "")).await;
    assert!(matches!(no_reason, Err(Error::Invalid(_))));
    ops::change_registration(&b.cx, &who, change(1, Payment::Paid, "receipt shown")).await.unwrap();
    assert_eq!(fact(&b, id, "junior", 2026).await, Some((true, false, false)));
    assert_eq!(counters(&b, 2026).await.get("junior"), Some(&(2, 0, 0)));
    let seen_before = ops::change_registration(&b.cx, &who, change(1, Payment::Unpaid, "x")).await;
    assert!(matches!(seen_before, Err(Error::Conflict(_))));
    let again = import(&b, &Registrations, 2026, "报名.csv", REGISTRATIONS.as_bytes()).await;
    assert_eq!(again.unchanged, 4);
    assert_eq!(fact(&b, id, "junior", 2026).await, Some((true, false, false)));
});

on_both!(rows_that_cannot_be_taken_say_why, |b| async move {
    small(&b).await;
    let results = "姓名,证件号码,级别,社会工作综合能力,社会工作实务\n\
        卢俊远,99012120040207601X,初级,61,61\n\
        郑心,990121199007072902,初级,61,61\n\
        郑新,990121199007072902,特级,61,61\n\
        郑新,990121199007072902,,61,61\n\
        郑新,990121199007072902,中级,61,61\n\
        郑新,990121199007072902,初级,,\n\
        郑新,990121199007072902,初级,70,71\n\
        郑新,990121199007072902,初级,70,71\n\
        周天莉,990121200412079484,初级,70,71\n";
    let got = import(&b, &Results, 2026, "r.csv", results.as_bytes()).await;
    let wanted = [
        (2, "candidate_withdrawn"),
        (3, "candidate_other_name"),
        (4, "level_unknown_value"),
        (5, "level_missing"),
        (6, "unknown_candidate"),
        (7, "score_missing"),
        (9, "second_result"),
        (10, "unknown_candidate"),
    ];
    assert_eq!(codes(&got), wanted);
    assert_eq!((got.accepted, got.refused), (1, 8));
    // In a year without registrations only the person must be known.
    let got = import(&b, &Results, 2024, "r.csv", results.as_bytes()).await;
    assert_eq!(codes(&got).last(), Some(&(10, "unknown_person")));
    assert!(!codes(&got).iter().any(|(row, _)| *row == 2), "{:?}", codes(&got));

    let registrations = "姓名,证件号码,报考级别,报考科目,缴费状态,审核状态\n\
        周天莉,990121200412079484,,,,\n\
        周天莉,990121200412079484,初级,会计,,\n\
        周天莉,990121200412079484,初级,,也许,\n\
        周天莉,990121200412079484,初级,,,审核不通过\n\
        郑心,990121199007072902,初级,,,\n";
    let got = import(&b, &Registrations, 2026, "g.csv", registrations.as_bytes()).await;
    let wanted = [
        (2, "level_missing"),
        (3, "duplicate_row"),
        (4, "duplicate_row"),
        (5, "duplicate_row"),
        (6, "candidate_other_name"),
    ];
    assert_eq!(codes(&got).iter().map(|c| c.0).collect::<Vec<_>>(), wanted.map(|c| c.0), "{:?}", codes(&got));
    let one = |row: &str| format!("姓名,证件号码,报考级别,报考科目,缴费状态,审核状态\n{row}\n");
    for (row, code) in [
        ("周天莉,990121200412079484,初级,会计,,", "subject_unknown"),
        ("周天莉,990121200412079484,初级,,也许,", "payment_unknown_value"),
        ("周天莉,990121200412079484,初级,,,审核不通过", "turned_down_counts_as_withdrawn"),
    ] {
        let got = import(&b, &Registrations, 2026, "g.csv", one(row).as_bytes()).await;
        assert_eq!(codes(&got), [(2, code)]);
    }
    // An unknown scheme and a missing year concern the whole import.
    let no_scheme = Params { scheme: Some("none".into()), ..params(2026) };
    let who = Actor::command_line();
    let refused = run::now(&b.cx, &who, &Results, &no_scheme, "r.csv", results.as_bytes(), false).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
});

on_both!(undo_takes_back_what_an_import_made, |b| async move {
    let (registered, history, results) = small(&b).await;
    let who = Actor::command_line();
    let kinds = Kinds::new(vec![Box::new(Registrations), Box::new(Results)]);
    let refused = run::undo(&b.cx, &who, &kinds, registered.import_id.unwrap()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    for done in [results, history, registered] {
        run::undo(&b.cx, &who, &kinds, done.import_id.unwrap()).await.unwrap();
    }
    assert_eq!(result::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    assert_eq!(registration::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    assert_eq!(exam_cycle::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    assert_eq!(person::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    assert_eq!(exam_facts::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    let left = tally_counter::Entity::find().all(b.cx.read()).await.unwrap();
    assert!(left.iter().all(|c| c.people + c.registered + c.sat + c.passed == 0), "{left:?}");
});

on_both!(the_second_scheme_has_rules_of_its_own, |b| async move {
    let registrations = |day: &str| format!("姓名,证件号码,报考级别,报名时间\n郑新,990121199007072902,BSW,{day}\n");
    let results = "姓名,证件号码,级别,实习考核\n郑新,990121199007072902,BSW,69\n";
    let who = Actor::command_line();
    let params = |year| Params { scheme: Some("field-education".into()), ..params(year) };
    let first = registrations("2026-09-01");
    let load = async |kind: &dyn Kind, year, text: &str| {
        run::now(&b.cx, &who, kind, &params(year), "f.csv", text.as_bytes(), false).await.unwrap()
    };
    assert_eq!(codes(&load(&Registrations, 2026, &first).await), []);
    assert_eq!(codes(&load(&Results, 2026, results).await), []);
    // Published on the day of the import, 2026-11-25: the next attempt is possible 90 days later.
    let early = load(&Registrations, 2027, &registrations("2027-02-22")).await;
    assert_eq!(codes(&early), [(2, "retake_too_early")]);
    let late = load(&Registrations, 2027, &registrations("2027-02-23")).await;
    assert_eq!(codes(&late), []);
    let wrong = results.replace(",69", ",69.5");
    assert_eq!(codes(&load(&Results, 2027, &wrong).await), [(2, "score_not_half_step")]);
});

on_both!(each_role_sees_its_own_rows, |b| async move {
    small(&b).await;
    let (mine, other) = (person_id(&b, "990121199908022881").await, person_id(&b, "990121200504193612").await);
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    admin.get("/exams").await.is(200).shows("2026");
    admin.get("/exams/social-work/2026").await.is(200).shows("重庆市");
    admin.get("/exams/social-work/2026/results?outcome=passed").await.is(200).shows("孔磊天").hides("吕敏霞");
    admin.get("/exams/social-work/2026/results?name=%E5%90%95").await.is(200).shows("吕敏霞").hides("孔磊天");
    admin.get("/exams/social-work/2026/registrations?state=withdrawn").await.is(200).shows("卢俊远").hides("郑新");
    admin.get("/exams/social-work/1999").await.is(404);
    admin.get("/exams/nothing/2026").await.is(404);

    let page = format!("/exams/social-work/2026/results/{other}/intermediate");
    admin.get(&page).await.is(200).shows("吕敏霞").shows("/decide");
    let form = [("subject", "policy"), ("score", "160"), ("why", ""), ("seen", "policy:1")];
    admin.post(&page, &form).await.is(422).shows("160");
    let form = [("subject", "policy"), ("score", "160"), ("why", "x"), ("seen", "policy:1")];
    admin.post(&page, &form).await.is(422).shows("e-score");
    let form = [("subject", "policy"), ("score", "80"), ("why", "re-check"), ("seen", "policy:1")];
    admin.post(&page, &form).await.is(303);
    admin.get(&page).await.is(200).shows("80");
    admin.post(&format!("{page}/decide"), &[("decision", "subject"), ("why", "Art. 6")]).await.is(303);
    let form = [("results_on", "2026-07-30"), ("note", ""), ("version", "1")];
    admin.post("/exams/social-work/2026", &form).await.is(303);
    admin.get("/exams/social-work/2026").await.is(200).shows("2026-07-30");
    let form = [("results_on", "2026-05-01"), ("note", ""), ("version", "2")];
    admin.post("/exams/social-work/2026", &form).await.is(422);

    // A trainer without cohorts sees nobody, an intern themselves, an observer figures only.
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    trainer.get("/exams/social-work/2026/results").await.is(200).hides("孔磊天");
    trainer.get(&page).await.is(404);
    let mut intern = b.sign_in(Role::Intern, &[], Some(mine)).await;
    intern.get("/exams/social-work/2026/results").await.is(200).shows("孔磊天").hides("吕敏霞");
    intern.get(&page).await.is(404);
    let own = format!("/exams/social-work/2026/results/{mine}/intermediate");
    intern.get(&own).await.is(200).hides("exams-").hides("<form method=\"post\" action=\"/exams");
    intern.post(&own, &form).await.is(403);
    let mut observer = b.sign_in(Role::Observer, &[], None).await;
    observer.get("/exams/social-work/2026").await.is(200).hides("/results?");
    observer.get("/exams/social-work/2026/results").await.is(403);
});

on_both!(the_api_says_the_same, |b| async move {
    small(&b).await;
    let other = person_id(&b, "990121200504193612").await;
    let api = b.api(Role::Administrator, &[], None).await;
    let cycle = api.get("/exam-cycles/social-work/2026").await.is(200).json();
    let intermediate =
        cycle["levels"].as_array().unwrap().iter().find(|l| l["level"] == "intermediate").unwrap().clone();
    assert_eq!([&intermediate["registered"], &intermediate["sat"], &intermediate["passed"]], [2, 2, 1]);
    let passed = api.get("/exam-cycles/social-work/2026/results?outcome=passed").await.is(200).json();
    assert_eq!(passed["items"].as_array().unwrap().len(), 1);
    assert_eq!(passed["items"][0]["by_rolling"], true);
    let first = api.get("/exam-cycles/social-work/2026/registrations?limit=3").await.is(200).json();
    let next = first["next"].as_str().unwrap();
    let rest =
        api.get(&format!("/exam-cycles/social-work/2026/registrations?limit=3&after={next}")).await.is(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest.get("next"), None);
    let set = |score: &str| {
        serde_json::json!({ "person_id": other, "level": "intermediate", "subject": "policy", "score": score, "why": "re-check",
            "version": 1 })
    };
    let put = async |body| api.call(Method::PUT, "/exam-cycles/social-work/2026/results", Some(body), &[]).await;
    let wrong = put(set("61.3")).await.is(422).json();
    assert_eq!(wrong["errors"][0]["field"], "score");
    let done = put(set("80.5")).await.is(200).json();
    assert_eq!(done["subjects"][0]["mark"], "80.5");
    put(set("80.5")).await.is(409);
});
