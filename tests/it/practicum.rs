//! Placements, the log of hours, confirmation by two supervisors at once, and the import of a base's log sheet.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::{DatabaseTransaction, EntityTrait, NotSet, Set};
use yanzhen::core::actor::Via;
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Lang, Role};
use yanzhen::directory::entity::{base, supervisor};
use yanzhen::importing::{self, Params, Problem};
use yanzhen::people::entity::person;
use yanzhen::pipeline;
use yanzhen::pipeline::entity::person_facts;
use yanzhen::practicum::import::Hours;
use yanzhen::practicum::ops::{
    self, EntryFilter, LogHours, Mark, PlacePerson, Placed, PlacementChange, PlacementFilter,
};
use yanzhen::practicum::rules::State;

use crate::harness::{Bench, samples};
use crate::on_both;

fn date(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

/// Somebody signed in, with that scope.
pub fn actor(role: Role, person_id: Option<i64>, bases: &[i64]) -> Actor {
    let mut a = Actor::command_line();
    a.role = role;
    a.person_id = person_id;
    a.scope.bases = bases.to_vec();
    a.name = format!("{role:?}");
    a.via = Via::Page;
    a
}

pub async fn add_person(b: &Bench, txn: &DatabaseTransaction, name: &str, student_no: &str, phone: &str) -> i64 {
    let text = |s: &str| Set(s.to_owned());
    let all = person::ActiveModel {
        id: NotSet,
        name: text(name),
        name_key: text(name),
        sex: text(""),
        birth: text(""),
        ethnicity: text(""),
        id_type: text("id_card"),
        id_sealed: text(""),
        id_hash: Set(format!("{name}/{student_no}/{phone}")),
        id_tail: text(""),
        phone: text(phone),
        email: text(""),
        education: text(""),
        school: text(""),
        major: text(""),
        graduated_on: text(""),
        unit: text(""),
        job_title: text(""),
        student_no: text(student_no),
        region_code: text("990121"),
        town: text(""),
        employment_kind: text(""),
        note: text(""),
        work_years: Set(None),
        campus_id: Set(None),
        active: Set(true),
        version: Set(1),
        created_at: Set(b.cx.now()),
        updated_at: Set(b.cx.now()),
        created_by: Set(None),
        updated_by: Set(None),
    };
    person::Entity::insert(all).exec(txn).await.unwrap().last_insert_id
}

async fn add_base(b: &Bench, txn: &DatabaseTransaction, code: &str, name: &str, by: &[&str]) -> i64 {
    let text = |s: &str| Set(s.to_owned());
    let all = base::ActiveModel {
        id: NotSet,
        code: text(code),
        name: text(name),
        kind: text("agency"),
        region_code: text(""),
        town: text(""),
        evaluation: text(""),
        note: text(""),
        capacity: Set(None),
        active: Set(true),
        version: Set(1),
        created_at: Set(b.cx.now()),
        updated_at: Set(b.cx.now()),
        created_by: Set(None),
        updated_by: Set(None),
    };
    let id = base::Entity::insert(all).exec(txn).await.unwrap().last_insert_id;
    for name in by {
        let one = supervisor::ActiveModel {
            id: NotSet,
            base_id: Set(id),
            name: text(name),
            phone: text(""),
            user_id: Set(None),
            active: Set(true),
            version: Set(1),
            created_at: Set(b.cx.now()),
            updated_at: Set(b.cx.now()),
            created_by: Set(None),
            updated_by: Set(None),
        };
        supervisor::Entity::insert(one).exec(txn).await.unwrap();
    }
    id
}

fn place_of(person_id: i64, base_id: i64, from: &str, to: &str, hours: i64) -> PlacePerson {
    PlacePerson {
        person_id,
        base_id,
        cohort_id: None,
        supervisor_id: None,
        starts_on: Some(date(from)),
        ends_on: Some(date(to)),
        required_minutes: hours * 60,
        programme: "本科".into(),
        campus_mentor: "潘文晓".into(),
    }
}

struct Town {
    base: i64,
    other_base: i64,
    intern: Actor,
    supervisor: Actor,
    placement: i64,
}

async fn town(b: &Bench) -> Town {
    let txn = b.cx.begin().await.unwrap();
    let base = add_base(b, &txn, "JD01", "渠口镇社会工作服务站", &["吴飞洋"]).await;
    let other_base = add_base(b, &txn, "JD02", "望川镇社会工作服务站", &["方玲天"]).await;
    let who = Actor::command_line();
    let person = add_person(b, &txn, "余春", "2022990001", "19900001000").await;
    let open = pipeline::open(&txn, &[person]).await.unwrap();
    let placed =
        ops::place_many(&txn, &b.cx, &who, None, &[place_of(person, base, "2026-09-01", "2026-12-31", 10)]).await;
    let Placed::New(placement) = placed.unwrap()[0] else { panic!("not new") };
    open.close(&txn, &b.cx, ops::facts(&txn, &[person]).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    let (intern, supervisor) = (actor(Role::Intern, Some(person), &[]), actor(Role::Supervisor, None, &[base]));
    Town { base, other_base, intern, supervisor, placement }
}

fn hours(on: &str, from: i64, to: i64) -> LogHours {
    LogHours {
        worked_on: date(on),
        starts: Some(from),
        ends: Some(to),
        kind: "个案".into(),
        beneficiary: "老年人".into(),
        beneficiary_count: 2,
        submit: true,
        ..LogHours::default()
    }
}

fn codes(e: &Error) -> Vec<String> {
    match e {
        Error::Invalid(f) => f.iter().map(|f| format!("{}:{}", f.field, f.msg.key)).collect(),
        Error::Conflict(m) => vec![m.key.clone()],
        other => vec![format!("{other:?}")],
    }
}

async fn facts_of(b: &Bench, person: i64) -> (String, i64, i64) {
    let f = person_facts::Entity::find_by_id(person).one(b.cx.read()).await.unwrap().unwrap();
    (f.stage, f.required_minutes, f.confirmed_minutes)
}

on_both!(an_entry_goes_from_the_phone_to_the_pipeline, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    assert_eq!(facts_of(&b, me).await, ("placed".into(), 600, 0));
    // Sent twice with one key: one entry.
    let form = LogHours { client_key: Some("k1".into()), ..hours("2026-11-24", 510, 990) };
    let first = ops::log_hours(&b.cx, &t.intern, form.clone()).await.unwrap();
    let again = ops::log_hours(&b.cx, &t.intern, form).await.unwrap();
    assert!(first.created && !again.created);
    assert_eq!((first.id, first.version, first.state), (again.id, again.version, State::Submitted));

    let refused = [
        (hours("2026-11-24", 900, 1000), "from:practicum-fault-overlaps-other-record"),
        (hours("2026-11-26", 510, 990), "date:practicum-fault-date-in-future"),
        (hours("2026-08-31", 510, 990), "date:practicum-fault-outside-placement"),
        (hours("2026-11-23", 990, 510), "to:practicum-fault-end-before-start"),
        (LogHours { minutes: Some(600), ..hours("2026-11-23", 510, 990) }, "hours:practicum-fault-hours-exceed-span"),
        (LogHours { kind: " ".into(), ..hours("2026-11-23", 510, 990) }, "kind:practicum-kind-missing"),
        (
            LogHours { placement_id: Some(t.placement + 99), ..hours("2026-11-23", 510, 990) },
            "placement:practicum-placement-unknown",
        ),
    ];
    for (form, want) in refused {
        assert_eq!(codes(&ops::log_hours(&b.cx, &t.intern, form).await.unwrap_err()), [want]);
    }
    let stranger = LogHours { person_id: Some(me + 1), ..hours("2026-11-23", 510, 990) };
    assert!(matches!(ops::log_hours(&b.cx, &t.intern, stranger).await, Err(Error::Forbidden)));

    // Another base's supervisor does not see it; this one's returns it with a reason; it is mended and confirmed.
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    let mark = Mark { id: first.id, version: 1 };
    assert!(matches!(ops::confirm(&b.cx, &stranger, &[mark]).await, Err(Error::NotFound(_))));
    assert!(matches!(ops::confirm(&b.cx, &t.intern, &[mark]).await, Err(Error::Forbidden)));
    assert!(ops::waiting(b.cx.read(), &stranger, 100).await.unwrap().is_empty());
    assert_eq!(ops::waiting(b.cx.read(), &t.supervisor, 100).await.unwrap()[0].1.len(), 1);
    assert_eq!(
        codes(&ops::return_entries(&b.cx, &t.supervisor, &[mark], " ").await.unwrap_err()),
        ["reason:practicum-reason-missing"]
    );
    ops::return_entries(&b.cx, &t.supervisor, &[mark], "时数不对").await.unwrap().single().unwrap();
    let seen = ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap();
    assert_eq!((seen.state.as_str(), seen.reason.as_str(), seen.version), ("returned", "时数不对", 2));
    let stale = ops::edit_hours(&b.cx, &t.intern, first.id, 1, hours("2026-11-24", 510, 900)).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    let sent = ops::edit_hours(&b.cx, &t.intern, first.id, 2, hours("2026-11-24", 510, 900)).await.unwrap();
    let mark = Mark { id: sent.id, version: sent.version };
    ops::confirm(&b.cx, &t.supervisor, &[mark]).await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await, ("practicum_under_way".into(), 600, 390));
    // Confirmed is confirmed: no edit, no second confirmation.
    let edit = ops::edit_hours(&b.cx, &t.intern, first.id, 4, hours("2026-11-24", 510, 800)).await;
    assert_eq!(codes(&edit.unwrap_err()), ["practicum-confirmed-already"]);
    let twice = ops::confirm(&b.cx, &t.supervisor, &[Mark { id: sent.id, version: 4 }]).await.unwrap();
    assert_eq!(codes(&twice.single().unwrap_err()), ["practicum-confirmed-already"]);

    // A list: one good, one stale.
    let more = ops::log_hours(&b.cx, &t.intern, hours("2026-11-23", 510, 750)).await.unwrap();
    let draft = LogHours { submit: false, ..hours("2026-11-22", 510, 600) };
    let draft = ops::log_hours(&b.cx, &t.intern, draft).await.unwrap();
    let marks = [Mark { id: more.id, version: 1 }, Mark { id: draft.id, version: 1 }];
    let done = ops::confirm(&b.cx, &t.supervisor, &marks).await.unwrap();
    assert_eq!((done.done, done.left.len()), (vec![more.id], 1));
    assert_eq!(facts_of(&b, me).await, ("practicum_complete".into(), 600, 630));
    // A confirmed entry that proved wrong goes back, and the pipeline with it.
    ops::return_entries(&b.cx, &t.supervisor, &[Mark { id: more.id, version: 2 }], "签到表不符").await.unwrap();
    assert_eq!(facts_of(&b, me).await, ("practicum_under_way".into(), 600, 390));
    ops::submit_hours(&b.cx, &t.intern, draft.id, 1).await.unwrap();
    ops::withdraw_hours(&b.cx, &t.intern, draft.id, 2).await.unwrap();

    let f = ops::figures(b.cx.read(), &Actor::command_line(), &EntryFilter::default()).await.unwrap();
    assert_eq!(f.minutes(State::Confirmed), 390);
    assert_eq!((f.entries(State::Returned), f.entries(State::Draft), f.short, f.placements), (1, 1, 1, 1));
    let mine = ops::placements(b.cx.read(), &t.intern, &PlacementFilter::default(), &PageReq::default()).await.unwrap();
    let p = ops::Progress::of(&mine.items);
    assert_eq!((p.required_minutes, p.confirmed_minutes, p.returned_minutes, p.draft_minutes), (600, 390, 240, 90));
    assert_eq!(p.percent(), 65);
    // Every change of the entry is a version.
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND entity_id = ?";
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, [first.id.into()]).await.unwrap(), Some(4));
});

on_both!(two_supervisors_confirm_one_entry_at_once_and_the_second_is_told, |b| async move {
    let t = town(&b).await;
    let other = actor(Role::Supervisor, None, &[t.base]);
    let second = b.second().await;
    for (day, from) in [("2026-11-20", 510), ("2026-11-19", 510), ("2026-11-18", 510)] {
        let made = ops::log_hours(&b.cx, &t.intern, hours(day, from, from + 60)).await.unwrap();
        let mark = [Mark { id: made.id, version: made.version }];
        let (x, y) = tokio::join!(ops::confirm(&b.cx, &t.supervisor, &mark), ops::confirm(&second, &other, &mark));
        let done: Vec<usize> = [x, y].into_iter().map(|r| r.unwrap().done.len()).collect();
        assert_eq!(done.iter().sum::<usize>(), 1, "{done:?}");
        let seen = ops::entry(b.cx.read(), &t.intern, made.id).await.unwrap();
        assert_eq!((seen.state.as_str(), seen.version), ("confirmed", 2));
    }
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 180);
});

on_both!(a_form_sent_twice_at_once_counts_once, |b| async move {
    let t = town(&b).await;
    let second = b.second().await;
    let form = LogHours { client_key: Some("same".into()), ..hours("2026-11-20", 510, 600) };
    let (x, y) =
        tokio::join!(ops::log_hours(&b.cx, &t.intern, form.clone()), ops::log_hours(&second, &t.intern, form.clone()));
    let (x, y) = (x.unwrap(), y.unwrap());
    assert_eq!(x.id, y.id);
    assert!(x.created != y.created);
    // Two different forms for the same minutes: one is refused.
    let other = |key: &str| LogHours { client_key: Some(key.into()), ..hours("2026-11-19", 510, 600) };
    let (x, y) =
        tokio::join!(ops::log_hours(&b.cx, &t.intern, other("a")), ops::log_hours(&second, &t.intern, other("b")));
    assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|ok| **ok).count(), 1);
});

on_both!(placements_are_changed_with_the_version_that_was_seen, |b| async move {
    let t = town(&b).await;
    let who = Actor::command_line();
    let change = PlacementChange {
        id: t.placement,
        version: 1,
        starts_on: Some(date("2026-09-01")),
        ends_on: Some(date("2026-12-31")),
        required_minutes: 1200,
        campus_mentor: "唐宇东".into(),
        state: "active".into(),
        note: String::new(),
    };
    ops::change_placement(&b.cx, &who, change.clone()).await.unwrap();
    let stale = ops::change_placement(&b.cx, &who, change.clone()).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.1, 1200);
    let backwards = PlacementChange { version: 2, ends_on: Some(date("2026-08-01")), ..change.clone() };
    assert_eq!(
        codes(&ops::change_placement(&b.cx, &who, backwards).await.unwrap_err()),
        ["ends:practicum-ends-before-starts"]
    );
    let withdrawn = PlacementChange { version: 2, state: "withdrawn".into(), ..change };
    ops::change_placement(&b.cx, &who, withdrawn).await.unwrap();
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.1, 0);
    let log = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 600)).await;
    assert_eq!(codes(&log.unwrap_err()), ["placement:practicum-placement-none"]);
    // The same person, base and first day is the same placement.
    let p = place_of(t.intern.person_id.unwrap(), t.base, "2026-09-01", "2026-12-31", 20);
    assert_eq!(codes(&ops::place(&b.cx, &who, p).await.unwrap_err()), ["practicum-placement-exists"]);
});

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

pub fn expected(file: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(samples().unwrap().join("expected.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    all["files"].as_array().unwrap().iter().find(|f| f["file"] == file).unwrap().clone()
}

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

on_both!(an_intern_and_a_supervisor_work_through_their_pages, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id;
    let mut intern = b.sign_in(Role::Intern, &[], me).await;
    let mut supervisor = b.sign_in(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let page = intern.get("/my-hours").await.is(200).shows("渠口镇社会工作服务站").shows("value=\"2026-11-25\"");
    let key = page.field("client_key").unwrap();
    let placement = t.placement.to_string();
    let form = |date: &str, from: &str, to: &str, key: &str| -> Vec<(String, String)> {
        [("date", date), ("from", from), ("to", to), ("kind", "走访"), ("beneficiary", "老年人"), ("count", "3")]
            .into_iter()
            .chain([("placement", placement.as_str()), ("client_key", key), ("action", "submit")])
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    };
    let as_refs = |f: &[(String, String)]| f.iter().map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>();
    macro_rules! post {
        ($browser:expr, $path:expr, $form:expr) => {{
            let owned = as_refs(&$form);
            let fields: Vec<(&str, &str)> = owned.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            $browser.post($path, &fields).await
        }};
    }
    // Wrong: the message stands by the field and what was typed stays.
    post!(intern, "/my-hours", form("2026-11-24", "16:30", "08:30", &key))
        .is(422)
        .shows("结束时间不晚于开始时间")
        .shows("value=\"16:30\"")
        .shows(&key);
    // Sent twice: one entry.
    for _ in 0..2 {
        let to = post!(intern, "/my-hours", form("2026-11-24", "08:30", "16:30", &key)).is(303);
        assert_eq!(to.header("location"), "/my-hours");
    }
    intern.get("/my-hours").await.is(200).shows("08:30–16:30").shows("待确认 8 小时");
    assert_eq!(
        ops::figures(b.cx.read(), &t.supervisor, &EntryFilter::default()).await.unwrap().entries(State::Submitted),
        1
    );
    intern.get("/hours").await.is(403);

    let page = supervisor.get("/hours").await.is(200).shows("余春").shows("08:30–16:30");
    let mark = page.field("entry").unwrap();
    supervisor.post("/hours", &[("entry", &mark), ("action", "return")]).await.is(422).shows("请填写退回原因");
    supervisor.post("/hours", &[("entry", &mark), ("action", "return"), ("reason", "<b>缺签名")]).await.is(303);
    intern.get("/my-hours").await.is(200).shows("&#60;b&#62;缺签名").hides("<b>缺签名");
    let id = mark.split(':').next().unwrap();
    let version = intern.get(&format!("/my-hours/{id}")).await.is(200).field("version").unwrap();
    let mut again = form("2026-11-24", "08:30", "15:30", "");
    again.push(("version".to_owned(), version));
    post!(intern, &format!("/my-hours/{id}"), again).is(303);
    // The mark on the first page is stale by now: the supervisor is told.
    supervisor.post("/hours", &[("entry", &mark), ("action", "confirm")]).await.is(409).shows("没有处理");
    let fresh = supervisor.get("/hours").await.is(200).field("entry").unwrap();
    supervisor.post("/hours", &[("entry", &fresh), ("action", "confirm")]).await.is(303);
    supervisor.get("/hours").await.is(200).shows("已确认 1 条").shows("没有待确认的时数");
    intern.get("/my-hours").await.is(200).shows("<b class=\"big\">7</b> / 10");
    intern.get(&format!("/my-hours/{id}")).await.is(409);
    supervisor.get("/placements").await.is(200).shows("余春").shows("还差 3 小时");
    supervisor.get(&format!("/placements/{placement}")).await.is(200).shows("走访").hides("更改实习安排");
    supervisor.get("/placements/999999").await.is(404);
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    let page = admin.get(&format!("/placements/{placement}")).await.is(200).shows("更改实习安排");
    let version = page.field("version").unwrap();
    let change =
        [("version", version.as_str()), ("starts", "2026-09-01"), ("ends", ""), ("required", "7"), ("state", "active")];
    admin.post(&format!("/placements/{placement}"), &change).await.is(303);
    admin.get("/placements?short=1").await.is(200).hides("余春");
    admin.post(&format!("/placements/{placement}"), &change).await.is(422).shows("该记录已被他");
});

on_both!(the_api_of_hours_tells_what_happened, |b| async move {
    let t = town(&b).await;
    let intern = b.api(Role::Intern, &[], t.intern.person_id).await;
    let supervisor = b.api(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let stranger = b.api(Role::Supervisor, &[("base", t.other_base.to_string())], None).await;
    let observer = b.api(Role::Observer, &[], None).await;
    let entry = serde_json::json!({
        "worked_on": "2026-11-24", "starts": "08:30", "ends": "10:30", "kind": "个案", "submit": true, "client_key": "k",
    });
    let made = intern.post("/hour-entries", entry.clone()).await.is(200).json();
    assert_eq!((made["created"].as_bool(), made["state"].as_str()), (Some(true), Some("submitted")));
    assert_eq!(intern.post("/hour-entries", entry).await.is(200).json()["created"], false);
    let late = serde_json::json!({"worked_on": "2026-12-24", "minutes": 60, "kind": "个案"});
    intern.post("/hour-entries", late).await.is(422).shows("\"field\":\"date\"");
    let odd = serde_json::json!({"worked_on": "2026-11-24", "minutes": 60, "kind": "个案", "state": "confirmed"});
    intern.post("/hour-entries", odd).await.is(400);
    let decision = serde_json::json!({"entries": [{"id": made["id"], "version": 1}]});
    stranger.post("/hour-entries/confirm", decision.clone()).await.is(404);
    intern.post("/hour-entries/confirm", decision.clone()).await.is(403);
    supervisor.post("/hour-entries/return", decision.clone()).await.is(422);
    supervisor.post("/hour-entries/confirm", decision.clone()).await.is(200);
    supervisor.post("/hour-entries/confirm", decision).await.is(409);
    let list = intern.get("/hour-entries?state=confirmed&limit=1").await.is(200).json();
    assert_eq!((list["items"][0]["minutes"].as_i64(), list["items"][0]["starts"].as_str()), (Some(120), Some("08:30")));
    assert_eq!(stranger.get("/hour-entries").await.is(200).json()["items"].as_array().unwrap().len(), 0);
    observer.get("/hour-entries").await.is(403);
    assert_eq!(observer.get("/hour-entries/figures").await.is(200).json()["confirmed_hours"], 2.0);
    let placement = intern.get("/placements").await.is(200).json()["items"][0].clone();
    assert_eq!(placement["confirmed_minutes"], 120);
    intern.get(&format!("/placements/{}", placement["id"])).await.is(200);
});
