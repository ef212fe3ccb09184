//! Sessions in a row, their changes, lecturers, and clashes.

use chrono::Weekday;
use yanzhen::classes::ops::{self, EnrolPerson, NewSession};
use yanzhen::classes::rules::clash::Shared;
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::{Actor, Role};
use yanzhen::lecturers::ops::{self as lecturers, LecturerInput};

use super::{class_of, key, line, people, session};
use crate::on_both;

fn with(s: NewSession, room: &str, starts: i64, ends: i64) -> NewSession {
    NewSession { room: room.into(), starts: Some(starts), ends: Some(ends), ..s }
}

on_both!(a_series_is_made_whole_or_not_at_all, |b| async move {
    let (class, ids) = class_of(&b, "S1", "第一期", &people(1)).await;
    let who = Actor::command_line();
    let first = session(class, "2026-11-28", Slot::Morning);
    let weekend = [Weekday::Sat, Weekday::Sun];
    let made = ops::add_series(&b.cx, &who, first.clone(), &weekend, 4).await.unwrap();
    assert_eq!(made.len(), 4);
    let on: Vec<String> =
        ops::sessions(b.cx.read(), &who, class).await.unwrap().iter().map(|s| s.held_on.to_string()).collect();
    assert_eq!(on, ["2026-11-28", "2026-11-29", "2026-12-05", "2026-12-06"]);
    // One day of the next series is taken: none is made.
    let e = ops::add_series(&b.cx, &who, session(class, "2026-12-04", Slot::Morning), &[], 3).await.unwrap_err();
    let yanzhen::core::Error::Invalid(f) = &e else { panic!("{e:?}") };
    assert_eq!(
        (f[0].msg.key.as_str(), f[0].msg.args[0].1.as_str()),
        ("classes-series-taken", "2026-12-05, 2026-12-06")
    );
    assert_eq!(ops::sessions(b.cx.read(), &who, class).await.unwrap().len(), 4);
    for count in [0, 101] {
        let e = ops::add_series(&b.cx, &who, first.clone(), &[], count).await.unwrap_err();
        assert_eq!(key(e), "classes-series-count");
    }
    // One is moved to a day that is taken: no; to another: yes; with attendance only with a reason.
    let moved = |on: &str| with(session(class, on, Slot::Morning), "三楼", 540, 700);
    let e = ops::change_session(&b.cx, &who, made[1], 1, moved("2026-12-05"), "").await.unwrap_err();
    assert_eq!(key(e), "classes-session-exists");
    ops::change_session(&b.cx, &who, made[1], 1, moved("2026-11-30"), "").await.unwrap();
    assert_eq!(
        key(ops::change_session(&b.cx, &who, made[1], 1, moved("2026-11-30"), "").await.unwrap_err()),
        "error-changed-meanwhile"
    );
    ops::record_attendance(&b.cx, &who, made[1], &[line(ids[0], State::Present)], "").await.unwrap();
    let e = ops::change_session(&b.cx, &who, made[1], 2, moved("2026-12-01"), " ").await.unwrap_err();
    assert_eq!(key(e), "classes-reason-missing");
    ops::change_session(&b.cx, &who, made[1], 2, moved("2026-12-01"), "停电改期").await.unwrap();
    let backwards = with(session(class, "2026-12-01", Slot::Morning), "", 700, 700);
    assert_eq!(
        key(ops::change_session(&b.cx, &who, made[1], 3, backwards, "x").await.unwrap_err()),
        "classes-session-times"
    );
    // What happened is not called off; what did not, is.
    assert_eq!(key(ops::cancel_session(&b.cx, &who, made[1], 3).await.unwrap_err()), "classes-session-held");
    ops::cancel_session(&b.cx, &who, made[3], 1).await.unwrap();
    assert_eq!(ops::sessions(b.cx.read(), &who, class).await.unwrap().len(), 3);
});

on_both!(a_room_a_lecturer_and_a_participant_are_in_one_place_at_a_time, |b| async move {
    let (one, ids) = class_of(&b, "C1", "第一期", &people(2)).await;
    let (two, _) = class_of(&b, "C2", "第二期", &[]).await;
    let who = Actor::command_line();
    let pan = LecturerInput { name: "潘文晓".into(), expertise: "个案工作".into(), ..LecturerInput::default() };
    let pan = lecturers::add(&b.cx, &who, pan).await.unwrap().id;
    let at = |class: i64, slot: Slot, room: &str, starts: i64, ends: i64| NewSession {
        lecturers: vec![pan],
        ..with(session(class, "2026-11-28", slot), room, starts, ends)
    };
    let a = ops::add_session(&b.cx, &who, at(one, Slot::Morning, "三楼", 510, 690)).await.unwrap();
    // It begins when the other ends.
    let c = ops::add_session(&b.cx, &who, at(two, Slot::Morning, "三楼", 690, 720)).await.unwrap();
    assert_eq!(ops::clashes(&b.cx, &who, one).await.unwrap(), []);
    ops::change_session(&b.cx, &who, c, 1, at(two, Slot::Morning, "三楼", 680, 720), "").await.unwrap();
    let shared = |all: Vec<ops::Clash>| all.into_iter().map(|c| c.shared).collect::<Vec<_>>();
    let room = Shared::Room("三楼".into());
    let lecturer = Shared::Lecturer("潘文晓".into());
    assert_eq!(shared(ops::clashes(&b.cx, &who, one).await.unwrap()), [room.clone(), lecturer.clone()]);
    let txn = b.cx.begin().await.unwrap();
    let open = yanzhen::pipeline::open(&txn, &ids).await.unwrap();
    let both: Vec<_> = ids.iter().map(|p| EnrolPerson { class_id: two, person_id: *p }).collect();
    ops::enrol_many(&txn, &b.cx, &who, None, &both).await.unwrap();
    open.close(&txn, &b.cx, ops::facts(&txn, &ids).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    let all = ops::clashes(&b.cx, &who, two).await.unwrap();
    assert_eq!(
        (all[0].session_id, all[0].other_session, all[0].other_class.clone()),
        (c, a, Some((one, "第一期".into())))
    );
    assert_eq!(shared(all), [room, lecturer, Shared::People(2)]);
    // Whoever may not see the other class is told that there is one, and no more.
    let mut mine = b.sign_in(Role::Trainer, &[("class", one.to_string())], None).await;
    mine.get(&format!("/classes/{one}")).await.is(200).shows("3 处课次冲突").shows("另一个班").hides("第二期");
    let api = b.api(Role::Trainer, &[("class", one.to_string())], None).await;
    let list = api.get(&format!("/classes/{one}/clashes")).await.is(200).json();
    assert_eq!(
        (list[2]["shared"].as_str(), list[2]["what"].as_str(), &list[2]["other_class_id"]),
        (Some("people"), Some("2"), &serde_json::Value::Null)
    );
});

on_both!(a_trainer_plans_sessions_on_the_page, |b| async move {
    let (class, _) = class_of(&b, "P2", "第一期", &people(1)).await;
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    trainer.get("/lecturers").await.is(200).shows("师资库还没有人");
    trainer.post("/lecturers", &[("name", "")]).await.is(422).shows("姓名须为");
    trainer.post("/lecturers", &[("name", "潘文晓"), ("expertise", "督导"), ("state", "active")]).await.is(303);
    let id = trainer.get("/lecturers?q=督导").await.is(200).shows("潘文晓").text;
    let id = id.split("/lecturers/").find_map(|t| t.split("/edit").next()?.parse::<i64>().ok()).unwrap().to_string();
    let at = format!("/classes/{class}/sessions");
    let mut form = vec![
        ("date", "2026-11-28"),
        ("slot", "morning"),
        ("hours", "3"),
        ("from", "08:30"),
        ("to", "11:30"),
        ("room", "三楼会议室"),
        ("course", "个案工作"),
        ("lecturers", id.as_str()),
        ("count", "x"),
        ("weekdays", "sat"),
        ("weekdays", "sun"),
    ];
    trainer.post(&at, &form).await.is(422).shows("请填整数").shows("三楼会议室");
    form[8].1 = "3";
    trainer.post(&at, &form).await.is(303);
    let shown =
        trainer.get(&format!("/classes/{class}")).await.is(200).shows("12-05").shows("08:30–11:30 · 三楼会议室");
    let s = shown.text.split("/class-sessions/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let edit = trainer.get(&format!("/class-sessions/{s}/edit")).await.is(200).shows("个案工作").shows("checked");
    let version = edit.field("version").unwrap();
    form.truncate(8);
    form.push(("version", &version));
    form[5].1 = "二楼";
    trainer.post(&format!("/class-sessions/{s}/edit"), &form).await.is(303);
    trainer.get(&format!("/class-sessions/{s}")).await.is(200).shows("二楼").shows("潘文晓");
    trainer.post(&format!("/class-sessions/{s}/cancel"), &[("version", "2")]).await.is(303);
    trainer.get(&format!("/class-sessions/{s}")).await.is(404);
    trainer.get("/lecturers/export").await.is(200);
    // The class itself is changed on its page.
    let version = trainer.get(&format!("/classes/{class}/edit")).await.is(200).field("version").unwrap();
    let change = [
        ("code", "P2"),
        ("name", "第一期"),
        ("percent", "75"),
        ("fee_note", "免费"),
        ("materials", "教材一册"),
        ("version", &version),
    ];
    trainer.post(&format!("/classes/{class}/edit"), &change).await.is(303);
    trainer.get(&format!("/classes/{class}")).await.is(200).shows("免费").shows("教材一册").shows("75%");
});

on_both!(the_start_page_says_what_comes_and_what_waits, |b| async move {
    let (class, ids) = class_of(&b, "A1", "第一期", &people(2)).await;
    let (other, _) = class_of(&b, "A2", "别的班", &[]).await;
    let who = Actor::command_line();
    // Today is the 25th: one was on the 20th, one long ago, one is today, one in six days, one in seven.
    for on in ["2026-11-20", "2026-11-01", "2026-11-25", "2026-12-01", "2026-12-02"] {
        ops::add_session(&b.cx, &who, session(class, on, Slot::Morning)).await.unwrap();
    }
    ops::add_session(&b.cx, &who, session(other, "2026-11-25", Slot::Evening)).await.unwrap();
    let trainer = Actor {
        scope: yanzhen::core::actor::Scope { classes: vec![class], ..Default::default() },
        ..crate::practicum::actor(Role::Trainer, None, &[])
    };
    let intern = crate::practicum::actor(Role::Intern, Some(ids[0]), &[]);
    for who in [&trainer, &intern] {
        let on: Vec<String> = ops::coming(&b.cx, who).await.unwrap().iter().map(|c| c.held_on.to_string()).collect();
        assert_eq!(on, ["2026-11-25", "2026-12-01"]);
    }
    assert_eq!(ops::undone(&b.cx, &trainer).await.unwrap(), ops::Undone { asked: 0, unrecorded: 1 });
    assert_eq!(ops::undone(&b.cx, &intern).await.unwrap(), ops::Undone::default());
    let first = ops::sessions(b.cx.read(), &who, class).await.unwrap();
    let held = first.iter().find(|s| s.held_on.to_string() == "2026-11-20").unwrap().id;
    ops::record_attendance(&b.cx, &who, held, &[line(ids[0], State::Present), line(ids[1], State::Absent)], "")
        .await
        .unwrap();
    assert_eq!(ops::undone(&b.cx, &trainer).await.unwrap().unrecorded, 0);
    assert_eq!(ops::unanswered(&b.cx, &intern).await.unwrap(), 1);
    let mut page = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    page.get("/").await.is(200).shows("今天 08:30–11:30").shows("近期课程").hides("别的班");
    let mut page = b.sign_in(Role::Intern, &[], Some(ids[0])).await;
    page.get("/").await.is(200).shows("上过的课等您评价").shows("今天 08:30–11:30");
});

on_both!(a_closed_class_takes_no_session_and_a_retired_lecturer_stays, |b| async move {
    let (class, _) = class_of(&b, "Z1", "第一期", &people(1)).await;
    let who = Actor::command_line();
    let input = LecturerInput { name: "潘文晓".into(), ..LecturerInput::default() };
    let pan = lecturers::add(&b.cx, &who, input.clone()).await.unwrap();
    let with = |room: &str, ids: Vec<i64>| NewSession {
        room: room.into(),
        lecturers: ids,
        ..session(class, "2026-11-28", Slot::Morning)
    };
    let s = ops::add_session(&b.cx, &who, with("一楼", vec![pan.id])).await.unwrap();
    lecturers::edit(&b.cx, &who, pan.id, LecturerInput { state: "retired".into(), ..input }, 1).await.unwrap();
    // The form still offers who held it, so that a corrected room takes nobody off.
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    trainer.get(&format!("/class-sessions/{s}/edit")).await.is(200).shows("潘文晓").shows("checked");
    ops::change_session(&b.cx, &who, s, 1, with("二楼", Vec::new()), "").await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'class_session' AND before LIKE ? AND after LIKE ?";
    let ids = [format!("%\"lecturer_ids\":[{}]%", pan.id).into(), "%\"lecturer_ids\":[]%".into()];
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, ids).await.unwrap(), Some(1));
    // A lecturer of another county is not to be had by number.
    let far = LecturerInput { name: "远方".into(), region_code: "990199".into(), ..LecturerInput::default() };
    let far = lecturers::add(&b.cx, &who, far).await.unwrap().id;
    let county = Actor {
        scope: yanzhen::core::actor::Scope { regions: vec!["990121".into()], ..Default::default() },
        ..crate::practicum::actor(Role::Administrator, None, &[])
    };
    let e = ops::change_session(&b.cx, &county, s, 2, with("二楼", vec![far]), "").await.unwrap_err();
    assert_eq!(key(e), "classes-lecturer-unknown");
    let v = ops::class_view(b.cx.read(), &who, class).await.unwrap();
    ops::set_class_state(&b.cx, &who, class, v.version, "closed").await.unwrap();
    let e = ops::add_session(&b.cx, &who, session(class, "2026-11-29", Slot::Morning)).await.unwrap_err();
    assert_eq!(key(e), "classes-closed");
});

on_both!(a_list_filled_in_while_somebody_signs_in_overwrites_nothing, |b| async move {
    let (class, ids) = class_of(&b, "Z2", "第二期", &people(2)).await;
    let who = Actor::command_line();
    let s = ops::add_session(&b.cx, &who, session(class, "2026-11-25", Slot::Morning)).await.unwrap();
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    ops::record_attendance(&b.cx, &who, s, &[line(ids[0], State::Present)], "").await.unwrap();
    let (a, z) = (ids[0].to_string(), ids[1].to_string());
    let form = [
        ("person", a.as_str()),
        ("version", ""),
        ("state", "absent"),
        ("sign_in", ""),
        ("sign_out", ""),
        ("note", ""),
        ("person", z.as_str()),
        ("version", ""),
        ("state", "excused"),
        ("sign_in", ""),
        ("sign_out", ""),
        ("note", "病假"),
        ("reason", ""),
    ];
    let shown =
        trainer.post(&format!("/class-sessions/{s}"), &form).await.is(422).shows("刚刚已有新的登记").shows("病假");
    // The line of the first shows what is on record, not what was typed; the other keeps what was typed.
    let first = shown.text.split("刚刚已有新的登记").nth(1).unwrap().split("</tr>").next().unwrap().to_owned();
    assert!(first.contains("value=\"present\" selected"), "{first}");
});

on_both!(two_who_save_and_scan_at_once_do_not_block_each_other, |b| async move {
    let (class, ids) = class_of(&b, "Z3", "第三期", &people(4)).await;
    let who = Actor::command_line();
    let s = ops::add_session(&b.cx, &who, session(class, "2026-11-25", Slot::Morning)).await.unwrap();
    b.at("2026-11-25T00:25:00Z");
    let token = ops::code(&b.cx, &who, s, yanzhen::classes::rules::code::Way::In).await.unwrap().token;
    let pass = ops::pass(&b.cx, &token).unwrap();
    let second = b.second().await;
    for round in 0..5 {
        let note = format!("{round}");
        let rows = ops::attendance_of(b.cx.read(), &who, s).await.unwrap().2;
        let lines: Vec<_> = rows
            .iter()
            .filter(|(m, _)| m.person_id != ids[3])
            .map(|(m, a)| ops::Line {
                note: note.clone(),
                version: a.as_ref().map(|a| a.version),
                ..line(m.person_id, State::Present)
            })
            .collect();
        let own = crate::practicum::actor(Role::Intern, Some(ids[3]), &[]);
        let (x, y) =
            tokio::join!(ops::record_attendance(&b.cx, &who, s, &lines, "x"), ops::attend(&second, &own, &pass));
        x.unwrap();
        y.unwrap();
    }
});
