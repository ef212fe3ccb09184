//! The evaluation in three hands, the printed forms, supervision notes and the ratio warning.

use yanzhen::core::{Actor, Error, Role};
use yanzhen::practicum::ops::{self, Mark, NewNote, Part};

use super::{actor, add_person, codes, cohort_of, date, hours, place_of, town};
use crate::on_both;

on_both!(an_evaluation_is_written_by_three_hands_and_settled_once, |b| async move {
    let t = town(&b).await;
    let trainer = Actor { name: "潘文晓".into(), ..Actor::command_line() };
    let own = |text: &str| Part::Own { text: text.into() };
    let base = |text: &str, mark| Part::Base { text: text.into(), mark };
    let campus = |text: &str, mark| Part::Campus { text: text.into(), mark };
    let p = t.placement;
    let no = ops::write_part(&b.cx, &t.supervisor, p, 0, own("我")).await;
    assert!(matches!(no, Err(Error::Forbidden)));
    let no = ops::write_part(&b.cx, &t.intern, p, 0, base("好", Some(9500))).await;
    assert!(matches!(no, Err(Error::Forbidden)));
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    assert!(matches!(ops::write_part(&b.cx, &stranger, p, 0, base("好", None)).await, Err(Error::NotFound(_))));
    let empty = ops::write_part(&b.cx, &t.intern, p, 0, own("  ")).await;
    assert_eq!(codes(&empty.unwrap_err()), ["self_text:practicum-evaluation-empty"]);
    ops::write_part(&b.cx, &t.intern, p, 0, own("学到了走访的方法")).await.unwrap();
    let stale = ops::write_part(&b.cx, &t.supervisor, p, 0, base("踏实", Some(9000))).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    ops::write_part(&b.cx, &t.supervisor, p, 1, base("踏实", Some(9000))).await.unwrap();
    ops::write_part(&b.cx, &trainer, p, 2, campus("合格", None)).await.unwrap();
    let short = ops::close_evaluation(&b.cx, &trainer, p, 3).await;
    assert_eq!(codes(&short.unwrap_err()), ["practicum-evaluation-hours-short"]);
    for day in ["2026-11-23", "2026-11-24"] {
        let e = ops::log_hours(&b.cx, &t.intern, hours(day, 480, 840)).await.unwrap();
        ops::confirm(&b.cx, &t.supervisor, &[Mark { id: e.id, version: 1 }]).await.unwrap().single().unwrap();
    }
    let half = ops::close_evaluation(&b.cx, &trainer, p, 3).await;
    assert_eq!(codes(&half.unwrap_err()), ["practicum-evaluation-marks-missing"]);
    ops::write_part(&b.cx, &trainer, p, 3, campus("合格", Some(8000))).await.unwrap();
    // Before it is settled each hand reads its own part: of the others only that they are there.
    let read = async |who: &Actor| {
        let v = ops::evaluation(&b.cx, who, p).await.unwrap();
        let r = v.row.unwrap();
        (
            (r.self_text, r.base_text, r.base_mark),
            (r.campus_text, r.campus_mark),
            v.overall,
            v.complete,
            r.base_at.is_some(),
        )
    };
    let none = String::new;
    let campus_side = actor(Role::Trainer, None, &[]);
    assert_eq!(read(&t.intern).await, (("学到了走访的方法".into(), none(), None), (none(), None), None, true, true));
    assert_eq!(read(&t.supervisor).await, ((none(), "踏实".into(), Some(9000)), (none(), None), None, true, true));
    assert!(ops::evaluation(&b.cx, &campus_side, p).await.is_err(), "a trainer of other people");
    let v = ops::evaluation(&b.cx, &trainer, p).await.unwrap();
    assert_eq!((v.overall, v.grade.as_str(), v.closed()), (Some(8600), "good", false));
    let mut early = b.sign_in(Role::Intern, &[], t.intern.person_id).await;
    early
        .get(&format!("/placements/{p}/evaluation"))
        .await
        .is(200)
        .hides("踏实")
        .hides("<b class=\"big\">86")
        .shows("只有填写人可见");
    early.get(&format!("/placements/{p}/evaluation/print")).await.is(200).hides("踏实").hides("合格</p>");
    ops::close_evaluation(&b.cx, &trainer, p, 4).await.unwrap();
    let late = ops::write_part(&b.cx, &t.supervisor, p, 5, base("改", Some(1000))).await;
    assert_eq!(codes(&late.unwrap_err()), ["practicum-evaluation-closed"]);
    assert_eq!(
        codes(&ops::close_evaluation(&b.cx, &trainer, p, 5).await.unwrap_err()),
        ["practicum-evaluation-closed"]
    );

    // The printed form and the weekly record, for the intern and the office; the page of parts.
    let mut intern = b.sign_in(Role::Intern, &[], t.intern.person_id).await;
    intern
        .get(&format!("/placements/{p}/evaluation/print"))
        .await
        .is(200)
        .shows("实习鉴定表")
        .shows("学到了走访的方法")
        .shows("86　良")
        .shows("潘文晓");
    let page = intern.get(&format!("/placements/{p}/record")).await.is(200).shows("2026-11-23 – 2026-11-29");
    assert!(page.text.contains("合计 12 小时，要求 10 小时"), "{}", page.text);
    intern.get(&format!("/placements/{p}/evaluation")).await.is(200).hides("评定总评");
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    let at = format!("/placements/{p}/evaluation");
    admin.get(&at).await.is(200).shows("重新开放修改");
    let mut form = vec![("part", "reopen"), ("version", "5"), ("reason", "")];
    admin.post(&at, &form).await.is(422).shows("请填写退回原因");
    form[2].1 = "分数录错";
    admin.post(&at, &form).await.is(303);
    let wrong = [("part", "base"), ("version", "6"), ("text", "踏实肯干"), ("mark", "101")];
    admin.post(&at, &wrong).await.is(422).shows("评分为 0 到 100 的数").shows("踏实肯干");
    let right = [("part", "base"), ("version", "6"), ("text", "踏实肯干"), ("mark", "59.5")];
    admin.post(&at, &right).await.is(303);
    assert_eq!(ops::evaluation(&b.cx, &trainer, p).await.unwrap().overall, Some(6770));
    let mut observer = b.sign_in(Role::Observer, &[], None).await;
    observer.get(&at).await.is(403);
    let observer = actor(Role::Observer, None, &[]);
    assert!(matches!(ops::notes(b.cx.read(), &observer, p).await, Err(Error::Forbidden)));
    assert!(matches!(ops::about(b.cx.read(), &observer, p).await, Err(Error::Forbidden)));
    assert!(matches!(ops::overloaded(&b.cx, &observer).await, Err(Error::Forbidden)));
});

on_both!(supervision_is_noted_and_a_loaded_supervisor_is_shown, |b| async move {
    let t = town(&b).await;
    let note = |content: &str, shared| NewNote {
        placement_id: t.placement,
        held_on: date("2026-11-20"),
        kind: "individual".into(),
        minutes: 60,
        content: content.into(),
        shared,
    };
    let wrong = NewNote { held_on: date("2026-11-26"), minutes: 0, kind: "x".into(), ..note(" ", true) };
    let said = codes(&ops::add_note(&b.cx, &t.supervisor, wrong).await.unwrap_err());
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(matches!(ops::add_note(&b.cx, &t.intern, note("x", true)).await, Err(Error::Forbidden)));
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    assert!(matches!(ops::add_note(&b.cx, &stranger, note("x", true)).await, Err(Error::NotFound(_))));
    ops::add_note(&b.cx, &t.supervisor, note("只给督导看", false)).await.unwrap();
    ops::add_note(&b.cx, &t.supervisor, note("谈了走访记录", true)).await.unwrap();
    assert_eq!(ops::notes(b.cx.read(), &t.supervisor, t.placement).await.unwrap().len(), 2);
    let mut intern = b.sign_in(Role::Intern, &[], t.intern.person_id).await;
    let at = format!("/placements/{}/notes", t.placement);
    intern.get(&at).await.is(200).shows("谈了走访记录").hides("只给督导看");
    intern.post(&at, &[("content", "x")]).await.is(403);
    let mut supervisor = b.sign_in(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let form =
        [("held_on", "2026-11-24"), ("kind", "group"), ("hours", "1.5"), ("content", "小组讨论"), ("shared", "1")];
    supervisor.post(&at, &form).await.is(303);
    supervisor.get(&at).await.is(200).shows("小组讨论").shows("共 3 次，3.5 小时");

    // Eleven interns of one supervisor: a warning on the list of placements, not a refusal.
    let txn = b.cx.begin().await.unwrap();
    let sql = "SELECT id FROM supervisor WHERE base_id = ?";
    let s = yanzhen::db::int(&txn, sql, [t.base.into()]).await.unwrap();
    let mut list = Vec::new();
    for i in 0..10 {
        let id = add_person(&b, &txn, &format!("学生{i}"), &format!("S{i}"), "").await;
        list.push(ops::PlacePerson { supervisor_id: s, ..place_of(id, t.base, "2026-09-01", "2026-12-31", 10) });
    }
    ops::place_many(&txn, &b.cx, &Actor::command_line(), None, &list).await.unwrap();
    txn.commit().await.unwrap();
    let who = Actor::command_line();
    assert_eq!(ops::overloaded(&b.cx, &who).await.unwrap(), []);
    let one = place_of(t.intern.person_id.unwrap(), t.base, "2026-09-01", "2026-12-31", 10);
    let txn = b.cx.begin().await.unwrap();
    let one = [ops::PlacePerson { supervisor_id: s, ..one }];
    ops::place_many(&txn, &b.cx, &who, None, &one).await.unwrap();
    txn.commit().await.unwrap();
    let loaded = ops::overloaded(&b.cx, &who).await.unwrap();
    assert_eq!((loaded.len(), loaded[0].interns, loaded[0].limit), (1, 11, 10));
    assert_eq!(loaded[0].supervisor, "吴飞洋");
    supervisor.get("/placements").await.is(200).shows("督导带教人数超过提醒线").shows("带教 11 人（提醒线 1:10）");
    assert_eq!(ops::overloaded(&b.cx, &stranger).await.unwrap(), []);
    // Whoever sees one of them is told of the whole load, as a number; a programme's own limit counts.
    let cohort = cohort_of(&b, "B1", &[t.intern.person_id.unwrap()]).await;
    let mut trainer = actor(Role::Trainer, None, &[]);
    trainer.scope.cohorts = vec![cohort];
    assert_eq!(ops::overloaded(&b.cx, &trainer).await.unwrap()[0].interns, 11);
    let sql = "UPDATE placement SET programme = 'FIELD-MSW', state = CASE WHEN id % 3 = 0 THEN 'ended' ELSE state END";
    yanzhen::db::run(b.cx.writer(), sql, []).await.unwrap();
    let sql = "SELECT COUNT(*) FROM placement WHERE state = 'active' AND supervisor_id IS NOT NULL";
    let left = yanzhen::db::int(b.cx.read(), sql, []).await.unwrap().unwrap();
    let loaded = ops::overloaded(&b.cx, &who).await.unwrap();
    assert!(left > 6 && left < 10, "{left}");
    assert_eq!((loaded[0].interns, loaded[0].limit), (left, 6));
});
