//! The log sheet of a base.

use std::collections::{BTreeMap, BTreeSet};

use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Lang};
use yanzhen::importing::{self, Params, Problem};
use yanzhen::pipeline;
use yanzhen::practicum::import::Hours;
use yanzhen::practicum::ops::{self, EntryFilter, PlacePerson, PlacementFilter};
use yanzhen::practicum::rules::State;

use super::{add_base, add_person, expected, facts_of, place_of, town};
use crate::harness::{Bench, samples};
use crate::on_both;

/// The interns and bases of set B, straight from its files: the roster import is another feature.
async fn set_b(b: &Bench) {
    let dir = samples().unwrap().join("set_b");
    let limits = importing::Limits::default();
    let txn = b.cx.begin().await.unwrap();
    let who = Actor::command_line();
    let mut bases = BTreeMap::new();
    let ledger = std::fs::read_to_string(dir.join("实习基地台账.csv")).unwrap();
    for line in ledger.lines().skip(1) {
        let c: Vec<&str> = line.split(',').collect();
        bases.insert(c[1].to_owned(), add_base(b, &txn, c[0], c[1], &[c[10]]).await);
    }
    let bytes = std::fs::read(dir.join("学校实习生名单.xlsx")).unwrap();
    let book = importing::read(&bytes, "x.xlsx", &limits).unwrap();
    let mut list = Vec::new();
    for row in &book.sheets[0].rows[1..] {
        let text = |i: usize| row.cell(i).show().into_owned();
        let day = |i: usize| row.cell(i).to_date().unwrap().unwrap().day().unwrap();
        let id = add_person(b, &txn, &text(1), &text(5), &text(15)).await;
        list.push(PlacePerson {
            starts_on: Some(day(12)),
            ends_on: Some(day(13)),
            ..place_of(id, bases[&text(11)], "2026-01-01", "2026-01-01", text(14).parse().unwrap())
        });
    }
    assert_eq!(list.len(), 60);
    let people: Vec<i64> = list.iter().map(|p| p.person_id).collect();
    let open = pipeline::open(&txn, &people).await.unwrap();
    ops::place_many(&txn, &b.cx, &who, None, &list).await.unwrap();
    open.close(&txn, &b.cx, ops::facts(&txn, &people).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
}

type Remark = (u64, String, String, Option<u64>);

fn remarks(of: &serde_json::Value) -> BTreeSet<Remark> {
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    let one = |r: &serde_json::Value| {
        (r["row"].as_u64().unwrap(), text(&r["code"]), text(&r["column"]), r["peer_row"].as_u64())
    };
    of.as_array().unwrap().iter().map(one).collect()
}

fn found(problems: &[Problem], errors: bool) -> BTreeSet<Remark> {
    let of = problems.iter().filter(|p| p.is_error() == errors);
    of.map(|p| (p.row.unwrap().into(), p.code.to_string(), p.column.clone(), p.peer_row().map(Into::into))).collect()
}

on_both!(the_log_sheet_of_set_b_comes_out_as_listed, |b| async move {
    if samples().is_none() {
        return;
    }
    set_b(&b).await;
    let who = Actor::command_line();
    let bytes = std::fs::read(samples().unwrap().join("set_b/实习时数记录.csv")).unwrap();
    let params = Params { year: Some(2026), ..Params::default() };
    let dry = importing::run::now(&b.cx, &who, &Hours, &params, "实习时数记录.csv", &bytes, true).await.unwrap();
    let done = importing::run::now(&b.cx, &who, &Hours, &params, "实习时数记录.csv", &bytes, false).await.unwrap();
    let want = expected("set_b/实习时数记录.csv");
    assert_eq!((done.rows, done.accepted, done.refused, done.unchanged), (4414, 4400, 14, 0));
    assert_eq!(dry.problems, done.problems);
    assert_eq!(found(&done.problems, true), remarks(&want["bad_rows"]));
    assert_eq!(found(&done.problems, false), remarks(&want["warnings"]));
    for lang in Lang::ALL {
        for p in &done.problems {
            assert!(!p.message(lang).starts_with("import-code"), "{}", p.message(lang));
        }
    }

    let want = &want["expect"];
    let f = ops::figures(b.cx.read(), &who, &EntryFilter::default()).await.unwrap();
    let hours = |m: i64| m as f64 / 60.0;
    assert_eq!(hours(f.minutes(State::Confirmed)), want["confirmed_hours"].as_f64().unwrap());
    let words = BTreeMap::from([("submitted", "待确认"), ("returned", "退回")]);
    for r in &f.rows {
        let listed = match words.get(r.state.as_str()) {
            Some(w) => &want["person_times_not_confirmed"][format!("{}/{w}", r.beneficiary)],
            None => &want["confirmed_person_times"][&r.beneficiary],
        };
        assert_eq!(listed.as_i64(), Some(r.person_times), "{r:?}");
    }
    assert_eq!(f.rows.len(), 9);
    let page = PageReq { limit: Some(200), after: None };
    let all = ops::placements(b.cx.read(), &who, &PlacementFilter::default(), &page).await.unwrap().items;
    for p in &all {
        assert_eq!(want["confirmed_hours_by_student"][&p.student_no].as_f64(), Some(hours(p.confirmed_minutes)));
        let facts = facts_of(&b, p.person_id).await;
        assert_eq!((facts.1, facts.2), (p.required_minutes, p.confirmed_minutes));
    }
    let short = PlacementFilter { short: true, ..PlacementFilter::default() };
    let short = ops::placements(b.cx.read(), &who, &short, &page).await.unwrap().items;
    let numbers: BTreeSet<&str> = short.iter().map(|p| p.student_no.as_str()).collect();
    let listed = want["interns_short_of_required_hours"].as_array().unwrap();
    assert_eq!(numbers, listed.iter().map(|n| n.as_str().unwrap()).collect());
    assert_eq!(f.short, 7);

    // The same file again changes nothing; undo takes back exactly what it added.
    let again = importing::run::now(&b.cx, &who, &Hours, &params, "实习时数记录.csv", &bytes, false).await.unwrap();
    assert_eq!((again.accepted, again.refused, again.unchanged), (0, 14, 4400));
    let kinds = importing::Kinds::new(vec![Box::new(Hours)]);
    importing::run::undo(&b.cx, &who, &kinds, done.import_id.unwrap()).await.unwrap();
    let f = ops::figures(b.cx.read(), &who, &EntryFilter::default()).await.unwrap();
    assert!(f.rows.is_empty());
    assert_eq!(facts_of(&b, all[0].person_id).await, ("placed".into(), 24_000, 0));
});

on_both!(a_corrected_sheet_changes_what_is_not_confirmed_and_nothing_else, |b| async move {
    let t = town(&b).await;
    let who = Actor::command_line();
    let params = Params { year: Some(2026), ..Params::default() };
    let head = "记录编号,学号,姓名,基地编码,日期,起,止,时数,工作内容,服务对象,服务人次,督导,确认状态\n";
    let sheet = |lines: &str| format!("{head}{lines}").into_bytes();
    let one = |no: &str, day: &str, hours: &str, state: &str| {
        format!("{no},2022990001,余春,JD01,{day},08:30,16:30,{hours},个案,老年人,3,吴飞洋,{state}\n")
    };
    let run =
        async |bytes: Vec<u8>| importing::run::now(&b.cx, &who, &Hours, &params, "a.csv", &bytes, false).await.unwrap();
    let first = run(sheet(&(one("R1", "2026-10-08", "7", "已确认") + &one("R2", "2026-10-09", "7", "退回")))).await;
    assert_eq!((first.accepted, first.refused), (2, 0));
    let second = run(sheet(&(one("R1", "2026-10-08", "6", "已确认") + &one("R2", "2026-10-09", "6", "已确认")))).await;
    assert_eq!((second.accepted, second.refused), (1, 1));
    assert_eq!(second.problems[0].code, "confirmed_differs");
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 780);
    // The first import cannot be undone while the second one's change stands; backwards it can.
    let kinds = importing::Kinds::new(vec![Box::new(Hours)]);
    let undo = importing::run::undo(&b.cx, &who, &kinds, first.import_id.unwrap()).await;
    assert!(matches!(undo, Err(Error::Conflict(_))), "{undo:?}");
    importing::run::undo(&b.cx, &who, &kinds, second.import_id.unwrap()).await.unwrap();
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 420);
    // What is on record is overlapped by nothing; without record numbers a sheet read twice is unchanged.
    let bare = head.replace("记录编号,", "");
    let line = |day: &str| one("", day, "7", "已确认").trim_start_matches(',').to_owned();
    let mixed = format!("{bare}{}{}", line("2026-10-08"), line("2026-10-12")).into_bytes();
    let third = run(mixed.clone()).await;
    assert_eq!((third.accepted, third.refused, third.unchanged), (1, 1, 0));
    assert_eq!(third.problems[0].code, "overlaps_other_record");
    let fourth = run(mixed).await;
    assert_eq!((fourth.accepted, fourth.refused, fourth.unchanged), (0, 1, 1));
    let outside = run(sheet(&one("R9", "2026-10-13", "7", "确认过了"))).await;
    assert_eq!(outside.problems[0].code, "state_unknown_value");
});
