//! Classes, sessions, attendance by hand, and the sign-in sheets of set B.

mod code;
mod feedback;
mod places;
mod series;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::EntityTrait;
use yanzhen::classes::import::Attendance;
use yanzhen::classes::ops::{self, ClassInput, EnrolPerson, Line, NewClass, NewSession};
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Lang, Role};
use yanzhen::importing::{self, Outcome, Params};
use yanzhen::pipeline::entity::person_facts;
use yanzhen::{db, pipeline};

use crate::harness::{Bench, samples};
use crate::on_both;
use crate::practicum::{actor, add_person, expected};

/// A class with these people (name and phone).
pub(crate) async fn class_of(b: &Bench, code: &str, name: &str, people: &[(String, String)]) -> (i64, Vec<i64>) {
    let txn = b.cx.begin().await.unwrap();
    let who = Actor::command_line();
    let mut ids = Vec::new();
    for (name, phone) in people {
        ids.push(add_person(b, &txn, name, "", phone).await);
    }
    let open = pipeline::open(&txn, &ids).await.unwrap();
    let new = NewClass { code: code.into(), name: name.into(), cohort_id: None, region_code: "990121".into() };
    let made = ops::ensure_classes(&txn, &b.cx, &who, None, &[new.clone(), new]).await.unwrap();
    assert_eq!((made[0].1, made[1].1), (true, false));
    let class = made[0].0;
    let list: Vec<_> = ids.iter().map(|p| EnrolPerson { class_id: class, person_id: *p }).collect();
    let done = ops::enrol_many(&txn, &b.cx, &who, None, &list).await.unwrap();
    assert!(done.iter().all(|e| matches!(e, ops::Enrolled::New(_))));
    let again = ops::enrol_many(&txn, &b.cx, &who, None, &list).await.unwrap();
    assert!(again.iter().all(|e| matches!(e, ops::Enrolled::Same(_))));
    open.close(&txn, &b.cx, ops::facts(&txn, &ids).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    (class, ids)
}

pub(crate) fn people(n: usize) -> Vec<(String, String)> {
    ["甲一", "乙二", "丙三", "丁四"]
        .iter()
        .take(n)
        .enumerate()
        .map(|(i, p)| ((*p).to_owned(), format!("1990000{i:04}")))
        .collect()
}

async fn stage(b: &Bench, person: i64) -> String {
    person_facts::Entity::find_by_id(person).one(b.cx.read()).await.unwrap().unwrap().stage
}

fn session(class_id: i64, on: &str, slot: Slot) -> NewSession {
    let held_on = on.parse().unwrap();
    NewSession {
        course: "实务".into(), lecturer: "潘文晓".into(), ..NewSession::new(class_id, held_on, slot, 240)
    }
}

fn line(person_id: i64, state: State) -> Line {
    Line { person_id, state, sign_in: None, sign_out: None, note: String::new(), version: None }
}

fn key(e: Error) -> String {
    match e {
        Error::Invalid(f) => f[0].msg.key.clone(),
        Error::Conflict(m) => m.key,
        other => format!("{other:?}"),
    }
}

on_both!(attendance_by_hand_and_completion_when_the_class_is_closed, |b| async move {
    let (class, ids) = class_of(&b, "C1", "第一期", &people(3)).await;
    let who = Actor::command_line();
    assert_eq!(stage(&b, ids[0]).await, "recorded");
    let mut sessions = Vec::new();
    for (on, slot) in [("2026-03-21", Slot::Afternoon), ("2026-03-21", Slot::Morning), ("2026-03-22", Slot::Morning)] {
        sessions.push(ops::add_session(&b.cx, &who, session(class, on, slot)).await.unwrap());
    }
    assert_eq!(stage(&b, ids[0]).await, "class_under_way");
    let twice = ops::add_session(&b.cx, &who, session(class, "2026-03-22", Slot::Morning)).await;
    assert_eq!(key(twice.unwrap_err()), "classes-session-exists");
    for s in &sessions {
        let lines = [line(ids[0], State::Present), line(ids[1], State::Absent), line(ids[2], State::Late)];
        assert_eq!(ops::record_attendance(&b.cx, &who, *s, &lines, "").await.unwrap(), 3);
    }
    // The same again says nothing new; a change needs the version that was seen and a reason.
    let same = Line { version: Some(1), ..line(ids[0], State::Present) };
    assert_eq!(ops::record_attendance(&b.cx, &who, sessions[0], std::slice::from_ref(&same), "").await.unwrap(), 0);
    let change = Line { state: State::Excused, ..same };
    let no = ops::record_attendance(&b.cx, &who, sessions[0], std::slice::from_ref(&change), " ").await;
    assert_eq!(key(no.unwrap_err()), "classes-reason-missing");
    assert_eq!(
        ops::record_attendance(&b.cx, &who, sessions[0], std::slice::from_ref(&change), "有请假条").await.unwrap(),
        1
    );
    let stale = Line { state: State::Absent, ..change };
    let no = ops::record_attendance(&b.cx, &who, sessions[0], &[stale], "再改").await;
    assert_eq!(key(no.unwrap_err()), "error-changed-meanwhile");
    let stranger = ops::record_attendance(&b.cx, &who, sessions[0], &[line(ids[2] + 99, State::Present)], "").await;
    assert_eq!(key(stranger.unwrap_err()), "classes-not-in-class");
    let backwards = Line { sign_in: Some(700), sign_out: Some(600), version: Some(1), ..line(ids[1], State::Present) };
    assert_eq!(
        key(ops::record_attendance(&b.cx, &who, sessions[0], &[backwards], "x").await.unwrap_err()),
        "classes-times-impossible"
    );

    let grid = ops::grid(b.cx.read(), &who, class).await.unwrap();
    assert_eq!(grid.sessions.iter().map(|s| s.slot.as_str()).collect::<Vec<_>>(), ["morning", "afternoon", "morning"]);
    assert_eq!((grid.attended(ids[0]), grid.attended(ids[1]), grid.attended(ids[2])), (480, 0, 720));
    // 80 % of 720 minutes: only the third one. Closing completes, a correction after closing completes too.
    let view = ops::class_view(b.cx.read(), &who, class).await.unwrap();
    assert_eq!((view.people, view.sessions, view.minutes, view.state.as_str()), (3, 3, 720, "under_way"));
    ops::set_class_state(&b.cx, &who, class, view.version, "closed").await.unwrap();
    assert_eq!((stage(&b, ids[0]).await, stage(&b, ids[2]).await), ("recorded".into(), "class_complete".into()));
    let back = Line { version: Some(2), ..line(ids[0], State::Present) };
    ops::record_attendance(&b.cx, &who, sessions[0], &[back], "签到表找到了").await.unwrap();
    assert_eq!(stage(&b, ids[0]).await, "class_complete");
    assert_eq!(ops::class_view(b.cx.read(), &who, class).await.unwrap().completed, 2);
    assert_eq!(
        key(ops::set_class_state(&b.cx, &who, class, view.version, "planned").await.unwrap_err()),
        "error-changed-meanwhile"
    );
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'attendance' AND why IS NOT NULL";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(2));
});

on_both!(everybody_sees_their_own_classes, |b| async move {
    let (one, ids) = class_of(&b, "C1", "第一期", &people(2)).await;
    let (two, _) = class_of(&b, "C2", "第二期", &[("戊五".into(), "19900009999".into())]).await;
    let page = PageReq::default();
    let codes = async |who: &Actor| -> Vec<String> {
        ops::classes(b.cx.read(), who, &page).await.unwrap().items.into_iter().map(|c| c.code).collect()
    };
    let mut trainer = actor(Role::Trainer, None, &[]);
    assert!(codes(&trainer).await.is_empty());
    trainer.scope.classes = vec![two];
    assert_eq!(codes(&trainer).await, ["C2"]);
    assert!(matches!(ops::grid(b.cx.read(), &trainer, one).await, Err(Error::NotFound(_))));
    assert!(matches!(
        ops::add_session(&b.cx, &trainer, session(one, "2026-03-21", Slot::Day)).await,
        Err(Error::NotFound(_))
    ));
    let intern = actor(Role::Intern, Some(ids[0]), &[]);
    assert_eq!(codes(&intern).await, ["C1"]);
    let grid = ops::grid(b.cx.read(), &intern, one).await.unwrap();
    assert_eq!(grid.members.iter().map(|m| m.person_id).collect::<Vec<_>>(), [ids[0]]);
    let observer = actor(Role::Observer, None, &[]);
    assert_eq!(codes(&observer).await, ["C2", "C1"]);
    assert!(matches!(ops::grid(b.cx.read(), &observer, one).await, Err(Error::Forbidden)));
    assert!(codes(&actor(Role::Supervisor, None, &[1])).await.is_empty());

    let who = Actor::command_line();
    let input =
        ClassInput { code: "C3".into(), name: "第三期".into(), required_percent: 101, ..ClassInput::default() };
    assert_eq!(key(ops::add_class(&b.cx, &who, input.clone()).await.unwrap_err()), "classes-percent-range");
    let input = ClassInput { required_percent: 90, capacity: Some(1), ..input };
    let three = ops::add_class(&b.cx, &who, input.clone()).await.unwrap();
    assert_eq!(key(ops::add_class(&b.cx, &who, input).await.unwrap_err()), "classes-code-taken");
    assert_eq!(key(ops::enrol(&b.cx, &who, three, &ids).await.unwrap_err()), "classes-full");
    assert_eq!(ops::enrol(&b.cx, &who, three, &ids[..1]).await.unwrap(), 1);
    let members = ops::members_of(b.cx.read(), &who, three).await.unwrap();
    ops::withdraw(&b.cx, &who, members[0].enrolment_id, 1, false).await.unwrap();
    assert_eq!(ops::class_view(b.cx.read(), &who, three).await.unwrap().people, 0);
});

type Remark = (String, u64, String, String, Option<u64>);

fn listed(of: &serde_json::Value) -> BTreeSet<Remark> {
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    let one = |r: &serde_json::Value| {
        (text(&r["sheet"]), r["row"].as_u64().unwrap(), text(&r["code"]), text(&r["column"]), r["peer_row"].as_u64())
    };
    of.as_array().unwrap().iter().map(one).collect()
}

fn found(done: &Outcome, errors: bool) -> BTreeSet<Remark> {
    let of = done.problems.iter().filter(|p| p.is_error() == errors && p.row.is_some());
    let one = |p: &importing::Problem| {
        (p.sheet.clone(), p.row.unwrap().into(), p.code.to_string(), p.column.clone(), p.peer_row().map(Into::into))
    };
    of.map(one).collect()
}

on_both!(the_sign_in_sheets_of_set_b_come_out_as_listed, |b| async move {
    let Some(dir) = samples() else { return };
    let bytes = std::fs::read(dir.join("set_b/培训报名汇总表.xlsx")).unwrap();
    let book = importing::read(&bytes, "x.xlsx", &importing::Limits::default()).unwrap();
    let mut runs: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in &book.sheets[0].rows[2..] {
        let text = |i: usize| row.cell(i).show().into_owned();
        runs.entry(text(1)).or_default().push((text(2), text(18)));
    }
    let who = Actor::command_line();
    let kinds = importing::Kinds::new(vec![Box::new(Attendance)]);
    for (name, members) in &runs {
        let (class, ids) = class_of(&b, &format!("2026-{name}"), name, members).await;
        let file = format!("set_b/培训签到表_{name}.xlsx");
        let bytes = std::fs::read(dir.join(&file)).unwrap();
        let want = expected(&file);
        let run = async |class: &str, create: bool| {
            let params = Params { class: Some(class.into()), create_sessions: create, ..Params::default() };
            importing::run::now(&b.cx, &who, &Attendance, &params, &file, &bytes, false).await
        };
        // A class that is not there names those that are; sessions that are not there name the flag.
        let Err(Error::Invalid(wrong)) = run("第九期", true).await else { panic!("a class that is not there") };
        assert!(wrong[0].msg.text(Lang::En).contains(&format!("2026-{name}")), "{wrong:?}");
        let none = run(name, false).await.unwrap();
        assert_eq!((none.accepted, none.refused), (0, 363));
        assert!(none.problems.iter().all(|p| !p.is_error() || p.code == "session_missing"));
        assert!(none.problems[0].message(Lang::En).to_lowercase().contains("create sessions"));

        let done = run(name, true).await.unwrap();
        assert_eq!((done.rows, done.accepted, done.refused, done.unchanged), (363, 360, 3, 0));
        assert_eq!(found(&done, true), listed(&want["bad_rows"]));
        assert_eq!(found(&done, false), listed(&want["warnings"]));
        for lang in Lang::ALL {
            assert!(done.problems.iter().all(|p| !p.message(lang).starts_with("import-code")));
        }
        let sessions = ops::sessions(b.cx.read(), &who, class).await.unwrap();
        for (s, w) in sessions.iter().zip(want["expect"]["sessions"].as_array().unwrap()) {
            assert_eq!(s.held_on.to_string(), w["date"].as_str().unwrap());
            assert_eq!(Some(s.minutes), w["hours"].as_i64().map(|h| h * 60));
            let counts = [s.counts.present, s.counts.no_sign_out, s.counts.leave, s.counts.absent];
            assert_eq!(counts, ["present", "no_sign_out", "leave", "absent"].map(|k| w[k].as_i64().unwrap()), "{w}");
        }
        assert_eq!(sessions.len(), 6);
        assert_eq!(stage(&b, ids[0]).await, "class_under_way");
        let again = run(&format!("2026-{name}"), true).await.unwrap();
        assert_eq!((again.accepted, again.refused, again.unchanged), (0, 3, 360));
        importing::run::undo(&b.cx, &who, &kinds, done.import_id.unwrap()).await.unwrap();
        assert_eq!(stage(&b, ids[0]).await, "recorded");
        assert!(ops::sessions(b.cx.read(), &who, class).await.unwrap().is_empty());
    }
    assert_eq!(runs.len(), 2);
});

on_both!(a_file_does_not_overwrite_what_was_changed_by_hand, |b| async move {
    let (class, ids) = class_of(&b, "C1", "第一期", &people(3)).await;
    let who = Actor::command_line();
    let params = Params { class: Some("C1".into()), create_sessions: true, ..Params::default() };
    let head = "签到表\n日期：,2026-03-21,场次：,上午,课程：,实务,学时：,4\n姓名,电话,签到,签退,备注\n";
    let run = async |rows: &str| {
        let bytes = format!("{head}{rows}").into_bytes();
        importing::run::now(&b.cx, &who, &Attendance, &params, "a.csv", &bytes, false).await.unwrap()
    };
    let first = run("甲一,,8:20,12:00,\n乙二,19900000001,,,请假\n丙三,,12:00,8:00,\n").await;
    let codes: Vec<_> = first.problems.iter().filter(|p| p.is_error()).map(|p| p.code.to_string()).collect();
    assert_eq!((first.accepted, codes), (2, vec!["sign_out_before_sign_in".to_owned()]));
    // Seen through the file again it may change; after a change by hand it may not.
    let second = run("甲一,,8:20,,\n").await;
    assert_eq!((second.accepted, second.problems.iter().any(|p| p.code == "no_sign_out")), (1, true));
    let sessions = ops::sessions(b.cx.read(), &who, class).await.unwrap();
    let by_hand = Line { version: Some(1), ..line(ids[1], State::Absent) };
    ops::record_attendance(&b.cx, &who, sessions[0].id, &[by_hand], "没有请假条").await.unwrap();
    let third = run("乙二,,,,请假\n").await;
    assert_eq!((third.accepted, third.refused), (0, 1));
    assert_eq!(third.problems.iter().find(|p| p.is_error()).unwrap().code, "attendance_differs");
    let no_date =
        importing::run::now(&b.cx, &who, &Attendance, &params, "a.csv", "姓名,签到\n甲一,8:20\n".as_bytes(), false)
            .await;
    assert!(no_date.unwrap().problems.iter().any(|p| p.code == "session_date_unreadable"));
});

on_both!(a_trainer_keeps_attendance_on_the_pages_and_over_the_api, |b| async move {
    let (class, ids) = class_of(&b, "C1", "第一期", &people(2)).await;
    let scope = [("class", class.to_string())];
    let mut t = b.sign_in(Role::Trainer, &scope, None).await;
    t.get("/classes").await.is(200).shows("第一期");
    t.get(&format!("/classes/{class}")).await.is(200).shows("还没有课次");
    let path = format!("/classes/{class}/sessions");
    t.post(&path, &[("date", "2026-13-01"), ("slot", "morning"), ("hours", "4")]).await.is(422).shows("2026-13-01");
    let form = [("date", "2026-03-21"), ("slot", "morning"), ("hours", "4"), ("course", "实务")];
    let made = t.post(&path, &form).await.is(303);
    let session = made.header("location").to_owned();
    t.get(&session).await.is(200).shows("甲一").shows("乙二");
    let (a, c) = (ids[0].to_string(), ids[1].to_string());
    let list = |state: &'static str, version: &'static str| {
        vec![
            ("person", a.clone()),
            ("version", version.to_owned()),
            ("state", state.to_owned()),
            ("sign_in", "08:20".to_owned()),
            ("sign_out", String::new()),
            ("note", String::new()),
            ("person", c.clone()),
            ("version", String::new()),
            ("state", String::new()),
            ("sign_in", String::new()),
            ("sign_out", String::new()),
            ("note", String::new()),
        ]
    };
    for (fields, status) in [(list("present", ""), 303), (list("late", "1"), 422)] {
        let refs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        t.post(&session, &refs).await.is(status);
    }
    t.get(&format!("/classes/{class}")).await.is(200).shows("◐").shows("03-21").shows("4 (100%)");
    t.get("/classes/999999").await.is(404);
    t.post("/classes/new", &[("code", "C9"), ("name", "新班")]).await.is(422).shows("自己负责的批次");
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    admin.get("/classes/new").await.is(200);
    admin
        .post("/classes/new", &[("code", "C9"), ("name", "新班"), ("percent", "x")])
        .await
        .is(422)
        .shows("value=\"C9\"");
    admin.post("/classes/new", &[("code", "C9"), ("name", "新班")]).await.is(303);
    let mut observer = b.sign_in(Role::Observer, &[], None).await;
    observer.get(&format!("/classes/{class}")).await.is(200).hides("甲一");
    observer.get(&session).await.is(403);

    let api = b.api(Role::Trainer, &scope, None).await;
    let view = api.get(&format!("/classes/{class}")).await.is(200).json();
    assert_eq!((view["people"].as_i64(), view["state"].as_str()), (Some(2), Some("under_way")));
    let sessions = api.get(&format!("/classes/{class}/sessions")).await.is(200).json();
    assert_eq!((sessions[0]["no_sign_out"].as_i64(), sessions[0]["present"].as_i64()), (Some(1), Some(0)));
    let path = format!("/class-sessions/{}/attendance", sessions[0]["id"]);
    let line = serde_json::json!({"lines": [{"person_id": ids[1], "state": "absent"}]});
    assert_eq!(api.post(&path, line.clone()).await.is(200).json()["written"], 1);
    assert_eq!(api.post(&path, line).await.is(200).json()["written"], 0);
    api.post(&path, serde_json::json!({"lines": [{"person_id": ids[1], "state": "asleep"}]})).await.is(422);
    let list = api.get(&path).await.is(200).json();
    let states: Vec<_> =
        list.as_array().unwrap().iter().map(|l| (l["person_id"].as_i64(), l["state"].as_str())).collect();
    assert!(states.contains(&(Some(ids[1]), Some("absent"))), "{states:?}");
    let closed = serde_json::json!({"version": view["version"], "state": "closed"});
    let done = api.post(&format!("/classes/{class}/state"), closed.clone()).await.is(200).json();
    assert_eq!(done["completed"], 1);
    api.post(&format!("/classes/{class}/state"), closed).await.is(409);
});
