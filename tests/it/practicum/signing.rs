//! Whose word counts: nobody confirms for both sides, by a link or without, and nobody their own hours.

use sea_orm::{EntityTrait, Value};
use yanzhen::core::{Actor, Lang, Role};
use yanzhen::db;
use yanzhen::practicum::entity::confirm_link;
use yanzhen::practicum::ops::{self, LinkDecision, Mark, PlacementChange, SendLink};

use super::{Town, actor, codes, date, facts_of, hours, town};
use crate::harness::Bench;
use crate::on_both;

fn to(t: &Town, supervisor_id: Option<i64>, address: &str) -> SendLink {
    let name = if supervisor_id.is_some() { "" } else { "吴飞洋" };
    SendLink { base_id: t.base, supervisor_id, address: address.into(), name: name.into(), lang: Lang::ZhCn }
}

async fn token_of(b: &Bench, id: i64) -> String {
    let row = confirm_link::Entity::find_by_id(id).one(b.cx.read()).await.unwrap().unwrap();
    ops::token(&b.cx, &row)
}

async fn set(b: &Bench, sql: &str, values: Vec<Value>) {
    assert!(db::run(b.cx.writer(), sql, values).await.unwrap() > 0, "{sql}");
}

on_both!(a_link_goes_to_the_bases_supervisor_and_to_nobody_else, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 630)).await.unwrap();
    let office = b.user(Role::Administrator, &[], None).await.id;
    set(&b, "UPDATE user_account SET email = 'Office@Example.org' WHERE id = ?", vec![office.into()]).await;
    set(&b, "UPDATE person SET email = 'yu@example.org' WHERE id = ?", vec![me.into()]).await;
    let sql = "SELECT id FROM supervisor WHERE base_id = ?";
    let supervisor = db::int(b.cx.read(), sql, [t.base.into()]).await.unwrap().unwrap();
    set(&b, "UPDATE placement SET supervisor_id = ?", vec![supervisor.into()]).await;
    let who = Actor { user_id: Some(office), ..Actor::command_line() };
    for (address, want) in [
        (" office@example.ORG ", "address:practicum-link-own-address"),
        ("YU@example.org", "address:practicum-link-intern-address"),
        ("wu@example", "address:practicum-link-address"),
        ("a@example.org,b@example.org", "address:practicum-link-address"),
    ] {
        let no = ops::send_link(&b.cx, &who, to(&t, Some(supervisor), address)).await;
        assert_eq!(codes(&no.unwrap_err()), [want], "{address}");
    }
    let sent = ops::send_link(&b.cx, &who, to(&t, Some(supervisor), "wu@example.org")).await.unwrap();
    let token = token_of(&b, sent).await;
    let all = LinkDecision { confirm: vec![entry.id], ..LinkDecision::default() };
    for visitor in [&who, &t.intern] {
        let own = ops::decide_by_link(&b.cx, Some(visitor), &token, &all).await;
        assert_eq!(codes(&own.unwrap_err()), ["practicum-link-not-yours"]);
    }
    // A supervisor who has left: the link is no longer good, another cannot be sent in their name, and what waited for
    // them can be sent to somebody else.
    set(&b, "UPDATE supervisor SET active = ? WHERE id = ?", vec![false.into(), supervisor.into()]).await;
    b.visitor().get(&format!("/confirm-hours/{token}")).await.is(410).shows("已不在该基地带教");
    let left = ops::decide_by_link(&b.cx, None, &token, &all).await;
    assert_eq!(codes(&left.unwrap_err()), ["practicum-link-supervisor-left"]);
    let left = ops::send_link(&b.cx, &who, to(&t, Some(supervisor), "wu@example.org")).await;
    assert_eq!(codes(&left.unwrap_err()), ["practicum-link-supervisor-left"]);
    let waits = ops::waiting_by_base(&b.cx, &who).await.unwrap();
    assert_eq!((waits.len(), waits[0].supervisor_id, waits[0].entries), (1, None, 1));
    let sent = ops::send_link(&b.cx, &who, to(&t, None, "fang@example.org")).await.unwrap();
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    let done = ops::decide_by_link(&b.cx, Some(&stranger), &token_of(&b, sent).await, &all).await.unwrap();
    assert_eq!(done.done, [entry.id]);
    assert_eq!(facts_of(&b, me).await.2, 120);
});

on_both!(whoever_sent_the_link_does_not_sign_for_the_campus, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    set(&b, "UPDATE placement SET programme = 'FIELD-MSW'", vec![]).await;
    let mut ids = Vec::new();
    for day in ["2026-11-18", "2026-11-19"] {
        ids.push(ops::log_hours(&b.cx, &t.intern, hours(day, 510, 630)).await.unwrap().id);
    }
    let mut people = Vec::new();
    for _ in 0..2 {
        let user = b.user(Role::Administrator, &[], None).await.id;
        people.push(Actor { user_id: Some(user), ..Actor::command_line() });
    }
    let sent = ops::send_link(&b.cx, &people[0], to(&t, None, "wu@example.org")).await.unwrap();
    let all = LinkDecision { confirm: ids.clone(), ..LinkDecision::default() };
    ops::decide_by_link(&b.cx, None, &token_of(&b, sent).await, &all).await.unwrap();
    let marks: Vec<Mark> = ids.iter().map(|id| Mark { id: *id, version: 2 }).collect();
    let own = ops::sign_off(&b.cx, &people[0], &marks).await.unwrap();
    assert_eq!((own.done.len(), own.left.len()), (0, 2));
    assert!(own.left.iter().all(|(_, m)| m.key == "practicum-sign-own-link"));
    let signed = ops::sign_off(&b.cx, &people[1], &marks[..1]).await.unwrap();
    assert_eq!(signed.done, [ids[0]]);
    assert_eq!(facts_of(&b, me).await.2, 120);
    // Returned, mended and confirmed by the supervisor's own account: then the sender may sign.
    ops::return_entries(&b.cx, &people[0], &marks[1..], "缺照片").await.unwrap().single().unwrap();
    let again = ops::submit_hours(&b.cx, &t.intern, ids[1], 3).await.unwrap();
    let by_account = Actor { user_id: Some(b.user(Role::Supervisor, &[], None).await.id), ..t.supervisor.clone() };
    ops::confirm(&b.cx, &by_account, &[Mark { id: again.id, version: again.version }]).await.unwrap();
    let signed = ops::sign_off(&b.cx, &people[0], &[Mark { id: again.id, version: again.version + 1 }]).await.unwrap();
    assert_eq!(signed.done, [ids[1]]);
});

on_both!(nothing_is_decided_on_a_withdrawn_placement_nor_on_ones_own_hours, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 630)).await.unwrap();
    let mark = [Mark { id: entry.id, version: 1 }];
    let both = Actor { person_id: Some(me), ..t.supervisor.clone() };
    let own = ops::confirm(&b.cx, &both, &mark).await.unwrap();
    assert_eq!(codes(&own.single().unwrap_err()), ["practicum-own-hours"]);
    let mut change = PlacementChange {
        id: t.placement,
        version: 1,
        starts_on: Some(date("2026-09-01")),
        ends_on: Some(date("2026-11-19")),
        required_minutes: 600,
        campus_mentor: String::new(),
        state: "ended".into(),
        note: String::new(),
    };
    let who = Actor::command_line();
    let cut = ops::change_placement(&b.cx, &who, change.clone()).await;
    assert_eq!(codes(&cut.unwrap_err()), ["ends:practicum-hours-outside"]);
    change.starts_on = Some(date("2026-11-21"));
    change.ends_on = Some(date("2026-12-31"));
    let cut = ops::change_placement(&b.cx, &who, change.clone()).await;
    assert_eq!(codes(&cut.unwrap_err()), ["starts:practicum-hours-outside"]);
    // Ended while the entry waits: it is still decided on, and counts.
    (change.starts_on, change.ends_on) = (Some(date("2026-11-20")), Some(date("2026-11-20")));
    ops::change_placement(&b.cx, &who, change.clone()).await.unwrap();
    ops::confirm(&b.cx, &t.supervisor, &mark).await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await.2, 120);
    let more = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 700, 730)).await.unwrap();
    (change.version, change.state) = (2, "withdrawn".into());
    ops::change_placement(&b.cx, &who, change).await.unwrap();
    let waits = ops::waiting(b.cx.read(), &t.supervisor, yanzhen::practicum::rules::State::Submitted, 9).await.unwrap();
    assert!(waits.is_empty() && ops::waiting_by_base(&b.cx, &who).await.unwrap().is_empty());
    let gone = ops::confirm(&b.cx, &t.supervisor, &[Mark { id: more.id, version: 1 }]).await.unwrap();
    assert_eq!(codes(&gone.single().unwrap_err()), ["practicum-withdrawn-placement"]);
    assert_eq!(facts_of(&b, me).await.2, 0);
});
