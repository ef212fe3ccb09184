//! Rosters end to end: the sample files' verdicts, what they make, the same file again, undo, speed of look-ups aside.

use std::collections::BTreeSet;
use std::path::Path;

use sea_orm::{EntityTrait, FromQueryResult, PaginatorTrait};
use serde_json::Value;
use yanzhen::core::{Actor, Error};
use yanzhen::db;
use yanzhen::directory::import::Bases;
use yanzhen::importing::{Kinds, Outcome, Params, run};
use yanzhen::people::entity::person;
use yanzhen::rosters::import::Roster;

use crate::harness::{Bench, samples};
use crate::on_both;

fn params(cohort: &str) -> Params {
    Params { cohort: Some(cohort.into()), create_cohort: true, region: Some("990121".into()), ..Params::default() }
}

async fn import(b: &Bench, cohort: &str, name: &str, bytes: &[u8], dry: bool) -> Outcome {
    run::now(&b.cx, &Actor::command_line(), &Roster, &params(cohort), name, bytes, dry).await.unwrap()
}

fn kinds() -> Kinds {
    Kinds::new(vec![Box::new(Bases), Box::new(Roster)])
}

/// Row, column, code, peer row: what counts of a problem.
type Said = (u64, String, String, Option<u64>);

fn listed(file: &Value, list: &str) -> BTreeSet<Said> {
    let all = file[list].as_array().unwrap();
    all.iter()
        .map(|p| {
            let text = |k: &str| p[k].as_str().unwrap_or_default().to_owned();
            (p["row"].as_u64().unwrap(), text("column"), text("code"), p["peer_row"].as_u64())
        })
        .collect()
}

fn said(done: &Outcome, errors: bool) -> BTreeSet<Said> {
    let of_rows = done.problems.iter().filter(|p| p.row.is_some() && p.is_error() == errors);
    of_rows
        .map(|p| {
            (u64::from(p.row.unwrap()), p.column.clone(), p.code.clone().into_owned(), p.peer_row().map(u64::from))
        })
        .collect()
}

/// A warning's peer is not listed everywhere; where it is not, ours is not compared.
fn same(expected: &BTreeSet<Said>, got: &BTreeSet<Said>) -> bool {
    let plain = |s: &BTreeSet<Said>| s.iter().map(|(r, c, k, _)| (*r, c.clone(), k.clone())).collect::<BTreeSet<_>>();
    plain(expected) == plain(got) && expected.iter().filter(|e| e.3.is_some()).all(|e| got.contains(e))
}

fn expected(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("expected.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["files"].as_array().unwrap().clone()
}

/// Compares one file's verdicts; gives what differs.
fn compare(file: &Value, done: &Outcome) -> Vec<String> {
    let name = file["file"].as_str().unwrap();
    if file["file_verdict"] == "reject" {
        let code = done.problems.first().map(|p| p.code.clone().into_owned()).unwrap_or_default();
        let also = match name {
            "set_d/22_空表.xlsx" => "empty_file",
            "set_d/23_远角单元格.xlsx" => "missing_required_column",
            _ => "",
        };
        let right = done.rejected && (file["code"] == code.as_str() || also == code) && done.rows == 0;
        return if right { Vec::new() } else { vec![format!("{name}: rejected with {code}: {done:?}")] };
    }
    let mut wrong = Vec::new();
    let count = |k: &str| usize::try_from(file[k].as_u64().unwrap()).unwrap();
    let got = (done.rows, done.accepted + done.unchanged, done.refused);
    if got != (count("data_rows"), count("good"), count("bad")) {
        wrong.push(format!("{name}: rows, good, bad = {got:?}"));
    }
    for (list, errors) in [("bad_rows", true), ("warnings", false)] {
        let (e, mut g) = (listed(file, list), said(done, errors));
        // A second thing that is wrong with a row is listed by its code alone.
        for row in file[list].as_array().unwrap().iter().filter(|r| r["also"].is_string()) {
            let (n, also) = (row["row"].as_u64().unwrap(), row["also"].as_str().unwrap());
            let all = g.len();
            g.retain(|p| p.0 != n || p.2 != also);
            assert_eq!(g.len() + 1, all, "{name} row {n}: {also}");
        }
        if !same(&e, &g) {
            wrong.push(format!("{name} {list}: expected {e:?}, got {g:?}"));
        }
    }
    wrong
}

on_both!(set_d_comes_out_as_listed, |b| async move {
    let Some(dir) = samples() else { return };
    let mut wrong = Vec::new();
    for file in expected(&dir).iter().filter(|f| f["file"].as_str().unwrap().starts_with("set_d/")) {
        let name = file["file"].as_str().unwrap();
        let bytes = std::fs::read(dir.join(name)).unwrap();
        let done = import(&b, "D", name, &bytes, true).await;
        wrong.extend(compare(file, &done));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(person::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    assert!(yanzhen::directory::ops::regions::get(b.cx.read(), "990121").await.is_err(), "a dry run makes nothing");
});

#[derive(FromQueryResult)]
struct Line {
    line: String,
}

/// Everything a roster can touch, as text: what an undo must bring back.
async fn everything(b: &Bench) -> Vec<String> {
    let mut all = Vec::new();
    for (table, columns) in [
        ("person", "id || name || phone || unit || town || region_code || school"),
        ("enrolment", "cohort_id || ' ' || person_id || level || state"),
        ("cohort", "id || code"),
        ("region", "id || code"),
        ("person_scope", "kind || target_id || ' ' || person_id"),
        ("class", "id || code"),
        ("class_enrolment", "class_id || ' ' || person_id"),
        ("placement", "person_id || ' ' || base_id || ' ' || required_minutes"),
        ("person_facts", "person_id || stage"),
    ] {
        let sql = format!("SELECT {columns} AS line FROM {table}");
        let rows: Vec<Line> = db::rows(b.cx.read(), &sql, []).await.unwrap();
        all.extend(rows.into_iter().map(|l| format!("{table} {}", l.line)));
    }
    for (table, columns) in [
        ("tally_counter", "kind || group_key || scheme || level || year || ' ' || people"),
        ("stage_counter", "kind || group_key || stage || people"),
    ] {
        let sql = format!("SELECT {columns} AS line FROM {table} WHERE people <> 0");
        let rows: Vec<Line> = db::rows(b.cx.read(), &sql, []).await.unwrap();
        all.extend(rows.into_iter().map(|l| format!("{table} {}", l.line)));
    }
    all.sort();
    all
}

async fn number(b: &Bench, sql: &str) -> i64 {
    db::int(b.cx.read(), sql, []).await.unwrap().unwrap_or_default()
}

on_both!(set_b_from_ledger_to_rosters, |b| async move {
    let Some(dir) = samples() else { return };
    let who = Actor::command_line();
    let files = expected(&dir);
    let of = |name: &str| {
        let file = files.iter().find(|f| f["file"] == name).unwrap().clone();
        (file, std::fs::read(dir.join(name)).unwrap())
    };
    let (ledger, bytes) = of("set_b/实习基地台账.csv");
    let p = Params { region: Some("990121".into()), ..Params::default() };
    let done = run::now(&b.cx, &who, &Bases, &p, "台账.csv", &bytes, false).await.unwrap();
    assert!(compare(&ledger, &done).is_empty());

    let (interns, intern_bytes) = of("set_b/学校实习生名单.xlsx");
    let done = import(&b, "INT", "interns.xlsx", &intern_bytes, false).await;
    let wrong = compare(&interns, &done);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(number(&b, "SELECT COUNT(*) FROM placement").await, 60);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM placement WHERE required_minutes = 24000").await, 44);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM placement WHERE required_minutes = 48000").await, 16);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM placement WHERE supervisor_id IS NULL").await, 0);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM person WHERE campus_id IS NULL").await, 0);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM person_facts WHERE stage = 'placed'").await, 60);
    let before_classes = everything(&b).await;

    let (classes, class_bytes) = of("set_b/培训报名汇总表.xlsx");
    let done = import(&b, "2026-01", "报名.xlsx", &class_bytes, false).await;
    let wrong = compare(&classes, &done);
    assert!(wrong.is_empty(), "{wrong:?}");
    for (code, n) in [("2026-01-第一期", 60), ("2026-01-第二期", 60)] {
        let sql =
            format!("SELECT COUNT(*) FROM class_enrolment e JOIN class c ON c.id = e.class_id WHERE c.code = '{code}'");
        assert_eq!(number(&b, &sql).await, n);
    }
    let all = number(&b, "SELECT COUNT(*) FROM person").await;
    let people = "SELECT people FROM tally_counter WHERE kind = 'all' AND year = 0 AND level = ''";
    assert_eq!(number(&b, people).await, all);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM person WHERE birth NOT LIKE '____-__-__'").await, 0);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM enrolment WHERE level = ''").await, 60);

    // Both again: nothing new, nothing changed, not even a version.
    let state = everything(&b).await;
    let audited = number(&b, "SELECT COUNT(*) FROM audit_entry").await;
    for (cohort, bytes, n) in [("INT", &intern_bytes, 60), ("2026-01", &class_bytes, 120)] {
        let again = import(&b, cohort, "again.xlsx", bytes, false).await;
        assert_eq!((again.accepted, again.unchanged, again.refused), (0, n, 0));
    }
    assert_eq!(everything(&b).await, state);
    // One entry an import: that it took place.
    assert_eq!(number(&b, "SELECT COUNT(*) FROM audit_entry").await, audited + 2);

    run::undo(&b.cx, &who, &kinds(), done.import_id.unwrap()).await.unwrap();
    assert_eq!(everything(&b).await, before_classes);
});

const SMALL: &str = "姓名,身份证号,联系电话,乡镇(街道),报考级别,班次,工作单位\n\
    甲某,11010519491231002X,19900000001,渠口镇,初级,第一期,甲单位\n\
    乙某,990121199209100000,19900000002,没有的镇,中级,第一期,乙单位\n";

on_both!(an_undo_leaves_the_database_as_it_was, |b| async move {
    let who = Actor::command_line();
    let empty = everything(&b).await;
    let done = import(&b, "C1", "a.csv", SMALL.as_bytes(), false).await;
    assert_eq!((done.accepted, done.refused), (2, 0), "{:?}", done.problems);
    let first = everything(&b).await;

    // The same cohort's later roster owns its people: a new phone and unit replace the old.
    let later = SMALL.replace("19900000001", "19900000009").replace("乙单位", "丙单位");
    let update = import(&b, "C1", "b.csv", later.as_bytes(), false).await;
    assert_eq!((update.accepted, update.unchanged), (2, 0));
    assert_eq!(number(&b, "SELECT COUNT(*) FROM person WHERE phone = '19900000009' OR unit = '丙单位'").await, 2);
    run::undo(&b.cx, &who, &kinds(), update.import_id.unwrap()).await.unwrap();
    assert_eq!(everything(&b).await, first);

    // Another cohort's roster only fills in what is empty.
    let other = import(&b, "C2", "c.csv", later.as_bytes(), false).await;
    assert_eq!(other.accepted, 2);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM person WHERE phone = '19900000001'").await, 1);
    // The first import cannot go while the second stands on its people; nothing is half undone.
    let both = everything(&b).await;
    let refused = run::undo(&b.cx, &who, &kinds(), done.import_id.unwrap()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(everything(&b).await, both);
    run::undo(&b.cx, &who, &kinds(), other.import_id.unwrap()).await.unwrap();
    assert_eq!(everything(&b).await, first);
    // An undone update has left its people at a later version: the first import names them.
    let refused = run::undo(&b.cx, &who, &kinds(), done.import_id.unwrap()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");

    let text = SMALL.replace("11010519491231002X", "990121200009090608");
    let fresh = import(&b, "C9", "d.csv", text.as_bytes(), false).await.import_id.unwrap();
    run::undo(&b.cx, &who, &kinds(), fresh).await.unwrap();
    assert_eq!(everything(&b).await, first);
    assert!(empty.len() < first.len());
});

on_both!(a_roster_is_refused_where_it_cannot_be_right, |b| async move {
    let who = Actor::command_line();
    // No cohort given; an unknown one without leave to make it.
    for p in [Params::default(), Params { cohort: Some("X".into()), ..Params::default() }] {
        let r = run::now(&b.cx, &who, &Roster, &p, "a.csv", SMALL.as_bytes(), false).await;
        assert!(matches!(&r, Err(Error::Invalid(f)) if f[0].field == "cohort"), "{r:?}");
    }
    let p = Params { region: Some("12345".into()), ..params("X") };
    let r = run::now(&b.cx, &who, &Roster, &p, "a.csv", SMALL.as_bytes(), false).await;
    assert!(matches!(&r, Err(Error::Invalid(f)) if f[0].field == "region"), "{r:?}");
    assert_eq!(number(&b, "SELECT COUNT(*) FROM cohort").await, 0);

    // A known number under another name; an unknown base without and with a ledger.
    import(&b, "C", "a.csv", SMALL.as_bytes(), false).await;
    let text = "姓名,身份证号,实习基地,实习开始,实习结束,要求时数\n\
        丁某,11010519491231002X,,,,\n\
        丙某,990121200009090608,不知基地,2026-03-01,2026-06-30,400\n";
    let done = import(&b, "C", "b.csv", text.as_bytes(), true).await;
    let got: Vec<_> = done.problems.iter().map(|p| (p.row, p.code.as_ref(), p.is_error())).collect();
    assert_eq!(got, [(Some(2), "id_used_with_other_name", true), (Some(3), "unknown_base", false)]);
    let ledger = "基地编码,基地名称\nJ1,甲基地\n";
    let p = Params { region: Some("990121".into()), ..Params::default() };
    run::now(&b.cx, &who, &Bases, &p, "l.csv", ledger.as_bytes(), false).await.unwrap();
    let text = format!("{text}戊某,990121199708146468,J1,2026-06-30,2026-03-01,四百\n");
    let done = import(&b, "C", "b.csv", text.as_bytes(), true).await;
    let got: Vec<_> = done.problems.iter().map(|p| (p.row, p.code.as_ref(), p.is_error())).collect();
    let expected = [
        (Some(2), "id_used_with_other_name", true),
        (Some(3), "unknown_base", true),
        (Some(4), "end_before_start", true),
        (Some(4), "hours_not_number", true),
    ];
    assert_eq!(got, expected);
});
