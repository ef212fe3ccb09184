//! Feedback: once, only by those who were there, never shown in small numbers, never with a name.

use sea_orm::{ConnectionTrait, Statement};
use yanzhen::classes::ops as classes;
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::{Actor, Error, Role};
use yanzhen::feedback::ops::{self, Answers};

use super::{class_of, key, line, people, session};
use crate::on_both;
use crate::practicum::actor;

fn answers(v: i64, remark: &str) -> Answers {
    Answers { values: vec![("content".into(), v), ("pace".into(), v)], remark: remark.into() }
}

on_both!(answers_are_given_once_and_shown_in_fives, |b| async move {
    let six: Vec<(String, String)> = (0..6).map(|i| (format!("学员{i}"), format!("1990000{i:04}"))).collect();
    let (class, ids) = class_of(&b, "F1", "第一期", &six).await;
    let who = Actor::command_line();
    let s = classes::add_session(&b.cx, &who, session(class, "2026-11-25", Slot::Morning)).await.unwrap();
    let me = |i: usize| actor(Role::Intern, Some(ids[i]), &[]);
    assert_eq!(key(ops::give(&b.cx, &me(0), s, &answers(5, "")).await.unwrap_err()), "feedback-not-there");
    let mut lines: Vec<_> = ids.iter().map(|p| line(*p, State::Present)).collect();
    lines[5].state = State::Absent;
    classes::record_attendance(&b.cx, &who, s, &lines, "").await.unwrap();
    assert_eq!(key(ops::give(&b.cx, &me(5), s, &answers(5, "")).await.unwrap_err()), "feedback-not-there");
    assert_eq!(key(ops::give(&b.cx, &me(0), s, &answers(6, "")).await.unwrap_err()), "feedback-value");
    assert_eq!(key(ops::give(&b.cx, &me(0), s, &Answers::default()).await.unwrap_err()), "feedback-nothing");
    for (i, v) in [5, 4, 4, 3].into_iter().enumerate() {
        ops::give(&b.cx, &me(i), s, &answers(v, if i == 0 { "讲得好" } else { "" })).await.unwrap();
    }
    assert_eq!(key(ops::give(&b.cx, &me(0), s, &answers(1, "")).await.unwrap_err()), "feedback-given");
    let few = ops::report(&b.cx, &who, s).await.unwrap();
    assert_eq!((few.answers, few.there, few.least, few.shown.is_none()), (4, 5, 5, true));
    // Twice at the same moment: once.
    let second = b.second().await;
    let (fifth, given) = (me(4), answers(1, ""));
    let (x, y) = tokio::join!(ops::give(&b.cx, &fifth, s, &given), ops::give(&second, &fifth, s, &given));
    assert_eq!([x, y].into_iter().filter_map(Result::err).map(key).collect::<Vec<_>>(), ["feedback-given"]);
    let full = ops::report(&b.cx, &who, s).await.unwrap();
    let (questions, remarks) = full.shown.unwrap();
    let said: Vec<_> = questions.iter().map(|(q, s)| (q.code.as_str(), s.mean, s.counts)).collect();
    assert_eq!(said, [("content", 340, [1, 0, 1, 2, 1]), ("pace", 340, [1, 0, 1, 2, 1])]);
    assert_eq!(remarks, ["讲得好"]);
    // Nothing in the tables leads from an answer to a person, and the log keeps silent.
    let db = b.cx.read();
    let all =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), "SELECT * FROM feedback")).await.unwrap();
    let mut names = all[0].column_names();
    names.sort();
    assert_eq!(names, ["answers", "id", "remark", "session_id"]);
    let logged =
        yanzhen::db::int(db, "SELECT COUNT(*) FROM audit_entry WHERE entity LIKE 'feedback%'", []).await.unwrap();
    assert_eq!(logged, Some(0));
    // Not for supervisors, observers or other trainers; not after the last day.
    assert!(matches!(ops::report(&b.cx, &actor(Role::Observer, None, &[]), s).await, Err(Error::Forbidden)));
    assert!(matches!(ops::report(&b.cx, &actor(Role::Trainer, None, &[]), s).await, Err(Error::NotFound(_))));
    classes::record_attendance(
        &b.cx,
        &who,
        s,
        &[classes::Line { version: Some(1), ..line(ids[5], State::Late) }],
        "补签",
    )
    .await
    .unwrap();
    b.at("2026-12-10T02:00:00Z");
    assert_eq!(key(ops::give(&b.cx, &me(5), s, &answers(5, "")).await.unwrap_err()), "feedback-over");
});

on_both!(feedback_on_the_phone, |b| async move {
    let (class, ids) = class_of(&b, "F2", "第一期", &people(1)).await;
    let who = Actor::command_line();
    let s = classes::add_session(&b.cx, &who, session(class, "2026-11-25", Slot::Morning)).await.unwrap();
    classes::record_attendance(&b.cx, &who, s, &[line(ids[0], State::Present)], "").await.unwrap();
    let mut intern = b.sign_in(Role::Intern, &[], Some(ids[0])).await;
    let at = format!("/class-sessions/{s}/feedback");
    intern.get(&format!("/classes/{class}")).await.is(200).shows(&at);
    intern.get(&at).await.is(200).shows("评价不记名").shows("讲解清楚易懂");
    intern.post(&at, &[("remark", "无")]).await.is(422).shows("至少回答一个");
    intern.post(&at, &[("q-content", "4"), ("remark", "很好")]).await.is(303);
    intern.get(&at).await.is(200).shows("您已经评过");
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    trainer.get(&at).await.is(200).shows("评价 1 份").shows("满 5 份").hides("很好");
    trainer.post(&at, &[("q-content", "4")]).await.is(403);
});
