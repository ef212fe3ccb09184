//! Wrong ids, keys of others, people and bases that are no longer there; the form without a network; the choice of a base.

use sea_orm::Value;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db;
use yanzhen::db::list::Slice;
use yanzhen::practicum::ops::{self, FindBases, LogHours, PlacePerson, PlacementChange};

use super::{actor, add_agreement, add_base, add_campus, add_person, codes, cohort_of, date, hours, place_of, town};
use crate::on_both;

on_both!(a_client_key_is_its_persons_and_its_entrys, |b| async move {
    let t = town(&b).await;
    let txn = b.cx.begin().await.unwrap();
    let other = add_person(&b, &txn, "任夏", "2022990002", "").await;
    let place = place_of(other, t.base, "2026-09-01", "2026-12-31", 10);
    ops::place_many(&txn, &b.cx, &Actor::command_line(), None, &[place]).await.unwrap();
    txn.commit().await.unwrap();
    let them = actor(Role::Intern, Some(other), &[]);
    let form = |day: &str| LogHours { client_key: Some("k".into()), ..hours(day, 510, 600) };
    let mine = ops::log_hours(&b.cx, &t.intern, form("2026-11-20")).await.unwrap();
    let theirs = ops::log_hours(&b.cx, &them, form("2026-11-20")).await.unwrap();
    assert!(mine.created && theirs.created && mine.id != theirs.id);
    // The key of one entry says nothing about another: it is not taken for a form that arrived before.
    let second = ops::log_hours(&b.cx, &t.intern, hours("2026-11-19", 510, 600)).await.unwrap();
    let no = ops::edit_hours(&b.cx, &t.intern, second.id, 1, form("2026-11-19")).await;
    assert_eq!(codes(&no.unwrap_err()), ["practicum-client-key-used"]);
    // Ids of others.
    for no in [
        ops::edit_hours(&b.cx, &t.intern, theirs.id, 1, form("2026-11-20")).await.map(|_| ()),
        ops::withdraw_hours(&b.cx, &t.intern, theirs.id, 1).await.map(|_| ()),
        ops::discard_hours(&b.cx, &t.intern, theirs.id, 1).await,
        ops::put_photo(&b.cx, &t.intern, theirs.id, vec![0xFF, 0xD8, 0xFF]).await.map(|_| ()),
        ops::remove_photo(&b.cx, &t.intern, theirs.id).await,
    ] {
        assert!(matches!(no, Err(Error::NotFound(_) | Error::Invalid(_))), "{no:?}");
    }
    assert_eq!(ops::entry(b.cx.read(), &them, theirs.id).await.unwrap().version, 1);
    // Somebody who is no longer there logs nothing, and nobody for them.
    let sql = "UPDATE person SET active = ? WHERE id = ?";
    db::run(b.cx.writer(), sql, [Value::from(false), Value::from(other)]).await.unwrap();
    let office = Actor::command_line();
    let late = LogHours { person_id: Some(other), ..hours("2026-11-18", 510, 600) };
    for no in [
        ops::log_hours(&b.cx, &them, hours("2026-11-18", 510, 600)).await,
        ops::log_hours(&b.cx, &office, late).await,
        ops::submit_hours(&b.cx, &them, theirs.id, 1).await,
    ] {
        assert_eq!(codes(&no.unwrap_err()), ["placement:practicum-person-closed"]);
    }
});

on_both!(a_placement_names_only_what_belongs_to_it, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let who = Actor::command_line();
    let spring = place_of(me, t.base, "2027-03-01", "2027-06-30", 100);
    let sql = "SELECT id FROM supervisor WHERE base_id = ?";
    let theirs = db::int(b.cx.read(), sql, [t.other_base.into()]).await.unwrap();
    let mine = db::int(b.cx.read(), sql, [t.base.into()]).await.unwrap();
    let cohort = cohort_of(&b, "B1", &[me]).await;
    let other_cohort = cohort_of(&b, "B2", &[]).await;
    let mut trainer = actor(Role::Trainer, None, &[]);
    trainer.scope.cohorts = vec![cohort];
    for (p, want) in [
        (PlacePerson { supervisor_id: theirs, ..spring.clone() }, "supervisor:practicum-supervisor-unknown"),
        (PlacePerson { supervisor_id: Some(9999), ..spring.clone() }, "supervisor:practicum-supervisor-unknown"),
        (PlacePerson { cohort_id: Some(other_cohort), ..spring.clone() }, "cohort:practicum-cohort-unknown"),
        (PlacePerson { cohort_id: Some(9999), ..spring.clone() }, "cohort:practicum-cohort-unknown"),
        (PlacePerson { base_id: 9999, ..spring.clone() }, "base:practicum-base-unknown"),
    ] {
        assert_eq!(codes(&ops::place(&b.cx, &trainer, p).await.unwrap_err()), [want]);
    }
    // A base of another county is not an administrator's to fill.
    let mut county = actor(Role::Administrator, None, &[]);
    county.scope.regions = vec!["990121".into()];
    let no = ops::place(&b.cx, &county, spring.clone()).await;
    assert_eq!(codes(&no.unwrap_err()), ["base:practicum-base-unknown"]);
    let good = PlacePerson { supervisor_id: mine, cohort_id: Some(cohort), ..spring };
    let spring = ops::place(&b.cx, &trainer, good).await.unwrap();
    // No second base in the same weeks by moving the days either.
    let change = PlacementChange {
        id: spring,
        version: 1,
        starts_on: Some(date("2026-12-01")),
        ends_on: Some(date("2027-06-30")),
        required_minutes: 600,
        campus_mentor: String::new(),
        state: "active".into(),
        note: String::new(),
    };
    let no = ops::change_placement(&b.cx, &who, change).await;
    assert_eq!(codes(&no.unwrap_err()), ["starts:practicum-placement-parallel"]);
});

on_both!(the_ledger_names_nobody_for_an_observer, |b| async move {
    let t = town(&b).await;
    let slice = Slice { after: None, limit: 9 };
    let day = b.cx.today();
    let all = FindBases::default();
    let rows = ops::ledger(b.cx.read(), &t.supervisor, &all, day, "", &slice).await.unwrap().items;
    assert_eq!(rows[0].supervisor.as_deref(), Some("吴飞洋"));
    let observer = actor(Role::Observer, None, &[]);
    let rows = ops::ledger(b.cx.read(), &observer, &all, day, "", &slice).await.unwrap().items;
    assert!(rows.len() == 2 && rows.iter().all(|r| r.supervisor.is_none() && r.campus_mentor.is_none()));
});

on_both!(the_form_without_a_network_is_renewed_with_its_texts, |b| async move {
    let t = town(&b).await;
    let mut intern = b.sign_in(Role::Intern, &[], t.intern.person_id).await;
    let store = |text: &str| text.lines().find(|l| l.contains("STORE =")).unwrap().to_owned();
    let zh = store(&intern.get("/hours-worker.js").await.is(200).text);
    assert_eq!(zh, store(&intern.get("/hours-worker.js").await.text), "the same form, the same store");
    intern.post("/language", &[("lang", "en")]).await.is(303);
    let en = store(&intern.get("/hours-worker.js").await.is(200).text);
    assert_ne!(zh, en, "other texts, another store");
    assert!(!zh.contains("VERSION"));
});

on_both!(an_agreement_is_made_with_any_base_however_many_there_are, |b| async move {
    let t = town(&b).await;
    let txn = b.cx.begin().await.unwrap();
    let campus = add_campus(&b, &txn, "北塞师范学院").await;
    for i in 0..205 {
        add_base(&b, &txn, &format!("X{i:03}"), &format!("基地{}", i % 204), &[]).await;
    }
    add_agreement(&b, &txn, campus, t.base, ("2026-01-01", "2026-12-31"), None).await;
    txn.commit().await.unwrap();
    let mut office = b.sign_in(Role::Administrator, &[], None).await;
    office.get("/agreements/new").await.is(200).shows("基地的编码或全称");
    let campus = campus.to_string();
    let mut form = vec![("base", "没有"), ("campus_id", campus.as_str()), ("number", "N1"), ("version", "0")];
    office.post("/agreements", &form).await.is(422).shows("没有编码或名称为“没有”的在用基地").shows("value=\"没有\"");
    form[0].1 = "基地0";
    office.post("/agreements", &form).await.is(422).shows("有多个同名基地").shows("X204");
    form[0].1 = "X204";
    office.post("/agreements", &form).await.is(303);
    office.get("/agreements?q=N1").await.is(200).shows("基地0");
});

on_both!(one_person_is_placed_on_a_page_and_their_hours_are_a_sheet, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let mut office = b.sign_in(Role::Administrator, &[], None).await;
    office.get("/placements/new?person=2022990001").await.is(200).shows("value=\"2022990001\"");
    let mut form = vec![("person", "没有"), ("base", "JD02"), ("starts", "2027-03-01"), ("ends", "2027-06-30")];
    form.extend([("required", "x"), ("supervisor", "吴飞洋"), ("programme", "本科"), ("mentor", ""), ("cohort", "")]);
    let page = office.post("/placements", &form).await.is(422).shows("没有学号或姓名为“没有”的人");
    page.shows("该基地没有这位在岗的督导").shows("value=\"没有\"").shows("请填小时数");
    (form[0].1, form[4].1, form[5].1) = ("余春", "100", "方玲天");
    let at = office.post("/placements", &form).await.is(303).header("location").to_owned();
    office.get(&at).await.is(200).shows("望川镇社会工作服务站").shows("100");
    office.post("/placements", &form).await.is(422).shows("已有同一开始日期");
    let txn = b.cx.begin().await.unwrap();
    add_person(&b, &txn, "余春", "2022990009", "").await;
    txn.commit().await.unwrap();
    office.post("/placements", &form).await.is(422).shows("有多人同名").shows("2022990009");

    let first = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 600)).await.unwrap();
    ops::confirm(&b.cx, &t.supervisor, &[ops::Mark { id: first.id, version: 1 }]).await.unwrap();
    ops::log_hours(&b.cx, &t.intern, hours("2026-11-19", 510, 600)).await.unwrap();
    let file = office.get(&format!("/hour-entries/export?placement={}", t.placement)).await.is(200);
    assert!(file.header("content-type").contains("spreadsheetml"));
    let all = ops::entries_to_export(b.cx.read(), &t.supervisor, &ops::EntryFilter::default(), 99).await.unwrap();
    assert_eq!(all.iter().map(|e| e.worked_on.to_string()).collect::<Vec<_>>(), ["2026-11-19", "2026-11-20"]);
    assert_eq!(all[0].base_code, "JD01");
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    let none = ops::entries_to_export(b.cx.read(), &stranger, &ops::EntryFilter::default(), 99).await.unwrap();
    assert!(none.is_empty());
    assert_eq!(ops::person_named(b.cx.read(), &t.intern, "person", "2022990001").await.unwrap(), me);
});

on_both!(notes_evaluations_and_the_ledger_have_an_api, |b| async move {
    let t = town(&b).await;
    let supervisor = b.api(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let intern = b.api(Role::Intern, &[], t.intern.person_id).await;
    let observer = b.api(Role::Observer, &[], None).await;
    let notes = format!("/placements/{}/notes", t.placement);
    let note =
        serde_json::json!({"held_on": "2026-11-20", "kind": "group", "minutes": 60, "content": "讨论", "shared": true});
    intern.post(&notes, note.clone()).await.is(403);
    supervisor.post(&notes, note).await.is(200);
    let late = serde_json::json!({"held_on": "2026-12-20", "kind": "visit", "minutes": 60, "content": "x"});
    supervisor.post(&notes, late).await.is(422).shows("held_on");
    assert_eq!(intern.get(&notes).await.is(200).json()[0]["content"], "讨论");
    let at = format!("/placements/{}/evaluation", t.placement);
    let put = poem::http::Method::PUT;
    let own = serde_json::json!({"part": "own", "text": "学到了"});
    assert_eq!(intern.call(put.clone(), &at, Some(own.clone()), &[]).await.is(200).json()["version"], 1);
    supervisor.call(put.clone(), &at, Some(own), &[]).await.is(403);
    let base = serde_json::json!({"part": "base", "version": 1, "text": "踏实", "mark": 9000});
    supervisor.call(put.clone(), &at, Some(base), &[]).await.is(200);
    let seen = intern.get(&at).await.is(200).json();
    assert_eq!(
        (seen["base_text"].as_str(), seen["base_mark"].as_i64(), seen["complete"].as_bool()),
        (Some(""), None, Some(false))
    );
    observer.get(&at).await.is(403);
    let ledger = observer.get("/base-ledger?limit=1").await.is(200).json();
    assert_eq!(ledger["items"][0]["code"], "JD01");
    assert!(ledger["items"][0]["supervisor"].is_null() && ledger["next"].is_string());
    assert_eq!(supervisor.get("/base-ledger").await.is(200).json()["items"][0]["supervisor"], "吴飞洋");
});
