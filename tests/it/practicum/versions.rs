//! Rules as data, a change after confirmation, the second signature, progress by kind.

use sea_orm::{EntityTrait, Value};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::{self, Cx};
use yanzhen::practicum::entity::hour_entry;
use yanzhen::practicum::ops::{self, LogHours, Mark, PlacePerson, PlacementFilter};
use yanzhen::practicum::rules::State;

use super::{Town, actor, codes, date, facts_of, hours, town};
use crate::harness::Bench;
use crate::on_both;

/// The same database with rules of its own.
async fn with_rules(b: &Bench, change: impl Fn(String) -> String) -> Cx {
    let built_in = yanzhen::core::files::built_in("practicum.toml").unwrap().into_owned();
    std::fs::write(b.dir.path().join("practicum.toml"), change(String::from_utf8(built_in).unwrap())).unwrap();
    let mut settings = (*b.cx.settings).clone();
    settings.file = Some(b.dir.path().join("own.toml"));
    Cx::open(settings, b.clock.clone()).await.unwrap()
}

fn mark(of: ops::Logged) -> [Mark; 1] {
    [Mark { id: of.id, version: of.version }]
}

on_both!(the_rules_of_a_programme_are_data_and_the_message_stands_by_the_field, |b| async move {
    let t = town(&b).await;
    // As shipped: 12 hours a day, 60 days back.
    let early = LogHours { worked_on: date("2026-09-25"), ..hours("2026-09-25", 510, 600) };
    assert_eq!(
        codes(&ops::log_hours(&b.cx, &t.intern, early.clone()).await.unwrap_err()),
        ["date:practicum-fault-window-closed"]
    );
    ops::log_hours(
        &b.cx,
        &Actor { name: "T".into(), ..Actor::command_line() },
        LogHours { person_id: t.intern.person_id, ..early },
    )
    .await
    .expect("staff mend what is older");
    ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 0, 600)).await.unwrap();
    let more = |m| LogHours { starts: None, ends: None, minutes: Some(m), ..hours("2026-11-20", 0, 1) };
    assert_eq!(
        codes(&ops::log_hours(&b.cx, &t.intern, more(121)).await.unwrap_err()),
        ["hours:practicum-fault-over-daily-cap"]
    );
    ops::log_hours(&b.cx, &t.intern, more(120)).await.unwrap();
    ops::log_hours(&b.cx, &t.intern, hours("2026-10-01", 510, 600)).await.unwrap();
    // With a file beside the settings: no holidays, a week back, six hours.
    let own = with_rules(&b, |text| {
        text.replacen("holidays = true", "holidays = false", 1)
            .replacen("daily_cap_minutes = 720", "daily_cap_minutes = 360", 1)
            .replacen("edit_window_days = 60", "edit_window_days = 58", 1)
    })
    .await;
    for (form, want) in [
        (hours("2026-10-02", 510, 600), "date:practicum-fault-holiday"),
        (hours("2026-11-19", 510, 871), "hours:practicum-fault-over-daily-cap"),
        (hours("2026-09-27", 510, 600), "date:practicum-fault-window-closed"),
        (LogHours { households: -1, ..hours("2026-11-19", 510, 600) }, "count:practicum-fault-negative-count"),
        (LogHours { households: 100_001, ..hours("2026-11-19", 510, 600) }, "households:practicum-households-large"),
    ] {
        assert_eq!(codes(&ops::log_hours(&own, &t.intern, form).await.unwrap_err()), [want]);
    }
    let kept = ops::log_hours(&own, &t.intern, LogHours { households: 4, ..hours("2026-11-19", 510, 870) }).await;
    assert_eq!(ops::entry(own.read(), &t.intern, kept.unwrap().id).await.unwrap().households, 4);
});

on_both!(a_change_after_confirmation_counts_only_once_it_is_confirmed, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let first = ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 510, 990)).await.unwrap();
    ops::confirm(&b.cx, &t.supervisor, &mark(first)).await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await.2, 480);
    let seen = ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap();

    // The change is an entry of its own; it may overlap what it replaces and nothing else, and does not count twice.
    let key = LogHours { client_key: Some("c".into()), ..hours("2026-11-24", 510, 900) };
    let change = ops::edit_hours(&b.cx, &t.intern, first.id, seen.version, key.clone()).await.unwrap();
    assert!(change.id != first.id && change.created);
    let again = ops::edit_hours(&b.cx, &t.intern, first.id, seen.version, key).await.unwrap();
    assert_eq!((again.id, again.created), (change.id, false), "sent twice is one change");
    let other = ops::edit_hours(&b.cx, &t.intern, first.id, seen.version, hours("2026-11-24", 510, 600)).await;
    assert_eq!(codes(&other.unwrap_err()), ["practicum-change-waits"]);
    let beside = ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 930, 1000)).await;
    assert_eq!(codes(&beside.unwrap_err()), ["from:practicum-fault-overlaps-other-record"], "the old one still counts");
    assert_eq!(facts_of(&b, me).await.2, 480);
    let old = ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap();
    assert_eq!((old.state.as_str(), old.changed_by), ("confirmed", Some(change.id)));

    // Returned: the confirmed one counts on. Handed in again and confirmed: the new one counts, the old one no more.
    ops::return_entries(&b.cx, &t.supervisor, &mark(change), "几点离开？").await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await.2, 480);
    let sent = ops::edit_hours(&b.cx, &t.intern, change.id, 2, hours("2026-11-24", 510, 870)).await.unwrap();
    ops::confirm(&b.cx, &t.supervisor, &mark(sent)).await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await.2, 360);
    let old = ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap();
    assert_eq!((old.state.as_str(), old.minutes, old.version), ("superseded", 480, 3));
    ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 930, 1000)).await.expect("its time is free again");
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND action = 'supersede'";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(1));

    // A change of the change; thrown away as a draft it leaves everything as it was.
    let now = ops::entry(b.cx.read(), &t.intern, sent.id).await.unwrap();
    let draft = LogHours { submit: false, ..hours("2026-11-24", 510, 600) };
    let draft = ops::edit_hours(&b.cx, &t.intern, sent.id, now.version, draft).await.unwrap();
    let stranger = actor(Role::Intern, Some(me + 1), &[]);
    assert!(matches!(ops::discard_hours(&b.cx, &stranger, draft.id, 1).await, Err(Error::NotFound(_))));
    ops::discard_hours(&b.cx, &t.intern, draft.id, 1).await.unwrap();
    let gone = ops::discard_hours(&b.cx, &t.intern, sent.id, now.version).await;
    assert_eq!(codes(&gone.unwrap_err()), ["practicum-confirmed-already"]);
    assert_eq!(facts_of(&b, me).await.2, 360);
});

/// Another placement, of a programme that asks for the campus's signature.
async fn master(b: &Bench, t: &Town) -> i64 {
    let p = PlacePerson {
        programme: "FIELD-MSW".into(),
        ..super::place_of(t.intern.person_id.unwrap(), t.other_base, "2027-01-01", "2027-06-30", 900)
    };
    let id = ops::place(&b.cx, &Actor::command_line(), p).await.unwrap();
    b.at("2027-03-10T02:00:00Z");
    id
}

on_both!(where_two_signatures_are_asked_for_an_entry_counts_after_the_second, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let placement = master(&b, &t).await;
    let admin = b.user(Role::Administrator, &[], None).await;
    let supervisor = actor(Role::Supervisor, None, &[t.other_base]);
    let trainer = Actor { user_id: Some(admin.id), ..actor(Role::Administrator, None, &[]) };
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2027-03-09", 510, 990)).await.unwrap();
    let early = ops::sign_off(&b.cx, &trainer, &mark(entry)).await.unwrap();
    assert_eq!(codes(&early.single().unwrap_err()), ["practicum-step-not-now"]);
    ops::confirm(&b.cx, &supervisor, &mark(entry)).await.unwrap().single().unwrap();
    let seen = ops::entry(b.cx.read(), &t.intern, entry.id).await.unwrap();
    assert_eq!((seen.state.as_str(), facts_of(&b, me).await.2), ("endorsed", 0));
    assert_eq!(ops::waiting(b.cx.read(), &trainer, State::Endorsed, 9).await.unwrap().len(), 1);
    assert!(matches!(ops::sign_off(&b.cx, &supervisor, &mark(entry)).await, Err(Error::Forbidden)));
    let marks = [Mark { id: entry.id, version: seen.version }];
    ops::sign_off(&b.cx, &trainer, &marks).await.unwrap().single().unwrap();
    let seen = ops::entry(b.cx.read(), &t.intern, entry.id).await.unwrap();
    assert_eq!((seen.state.as_str(), seen.signed_at.is_some(), facts_of(&b, me).await.2), ("confirmed", true, 480));

    // One person does not sign for both sides.
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2027-03-08", 510, 990)).await.unwrap();
    ops::confirm(&b.cx, &trainer, &mark(entry)).await.unwrap().single().unwrap();
    let own = ops::sign_off(&b.cx, &trainer, &[Mark { id: entry.id, version: 2 }]).await.unwrap();
    assert_eq!(codes(&own.single().unwrap_err()), ["practicum-sign-own"]);
    ops::return_entries(&b.cx, &trainer, &[Mark { id: entry.id, version: 2 }], "缺照片")
        .await
        .unwrap()
        .single()
        .unwrap();

    // Progress by kind against what the programme asks for, and the day of completion.
    let form = LogHours { kind: "小组".into(), supervision_minutes: 60, ..hours("2027-03-05", 510, 810) };
    let group = ops::log_hours(&b.cx, &t.intern, form).await.unwrap();
    ops::confirm(&b.cx, &supervisor, &mark(group)).await.unwrap().single().unwrap();
    let p = ops::placement(b.cx.read(), &t.intern, placement).await.unwrap();
    assert_eq!((p.confirmed_minutes, p.submitted_minutes, p.returned_minutes), (480, 300, 480));
    let o = ops::outlook(&b.cx, &[p]).await.unwrap().unwrap();
    let line = |i: usize| {
        let k = &o.kinds[i];
        (k.kind.as_str(), k.required_minutes, k.confirmed_minutes, k.waiting_minutes)
    };
    assert_eq!(line(0), ("个案", 6000, 480, 0));
    assert_eq!(line(1), ("小组", 4800, 0, 300));
    assert_eq!(line(2), ("接受督导", 2400, 0, 60));
    // 53,520 minutes at 780 in four weeks: 1,922 days.
    assert_eq!(o.finish_on, Some(date("2032-06-13")));
    assert!(o.late());
    let all = ops::placements(b.cx.read(), &t.intern, &PlacementFilter::default(), &PageReq::default()).await.unwrap();
    assert_eq!(ops::outlook(&b.cx, &all.items).await.unwrap().unwrap().kinds.len(), 3);
    let mut page = b.sign_in(Role::Intern, &[], Some(me)).await;
    page.get("/my-hours").await.is(200).shows("按工作内容查看进度").shows("8 / 100 小时").shows("待院校签认");
    let mut page = b.sign_in(Role::Trainer, &[("base", t.other_base.to_string())], None).await;
    page.get("/hours?list=campus").await.is(200);
});

/// What confirming would be without its guard: the state is read, then written by id alone.
async fn unguarded(cx: &Cx, id: i64, gate: &tokio::sync::Barrier) -> bool {
    let row = hour_entry::Entity::find_by_id(id).one(cx.read()).await.unwrap().unwrap();
    gate.wait().await;
    if row.state != "submitted" {
        return false;
    }
    let txn = cx.begin().await.unwrap();
    let sql = "UPDATE hour_entry SET state = 'confirmed', version = version + 1 WHERE id = ?";
    let done = db::run(&txn, sql, [Value::from(id)]).await.unwrap();
    txn.commit().await.unwrap();
    done == 1
}

on_both!(two_confirm_at_once_and_only_the_guard_makes_it_one, |b| async move {
    let t = town(&b).await;
    let second = b.second().await;
    let gate = tokio::sync::Barrier::new(2);
    // The control: without the guard both believe that they did it.
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 600)).await.unwrap();
    let both = tokio::join!(unguarded(&b.cx, entry.id, &gate), unguarded(&second, entry.id, &gate));
    assert_eq!(both, (true, true), "the control does not show the fault");
    // The guarded way with batches that overlap: every entry is done once, and told to the other.
    let mut marks = Vec::new();
    for i in 0..20 {
        let made = ops::log_hours(&b.cx, &t.intern, hours("2026-11-19", 30 * i, 30 * i + 30)).await.unwrap();
        marks.push(Mark { id: made.id, version: made.version });
    }
    let (x, y) = tokio::join!(
        ops::confirm(&b.cx, &t.supervisor, &marks[..15]),
        ops::confirm(&second, &t.supervisor, &marks[5..])
    );
    let (x, y) = (x.unwrap(), y.unwrap());
    assert_eq!((x.done.len() + y.done.len(), x.left.len() + y.left.len()), (20, 10));
    assert!(x.left.iter().chain(&y.left).all(|(_, m)| m.key == "practicum-confirmed-already"));
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND action = 'confirm'";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(20));
});
