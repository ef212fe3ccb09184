//! Reminders from rule file to mail server: whom they reach, and whom they must not.

use std::path::Path;
use std::sync::Arc;

use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Role};
use yanzhen::db::{self, Cx};
use yanzhen::mail::{Post, Templates, outbox, send_due};
use yanzhen::reminders::{letters, lists, plan};

use crate::harness::smtp::Smtp;
use crate::mail::with_server;
use crate::on_both;

/// An exam year in which registration closes on the given day everywhere, and in region 50 on 2027-03-19.
fn cycles(dir: &Path, closes: &str) {
    let window = |kind: &str, area: &str, opens: &str, closes: &str| {
        format!(
            "[[windows]]\nkind = \"{kind}\"\narea = \"{area}\"\narea_name = \"x\"\nsource = \"x\"\n\
             opens_on = \"{opens}\"\ncloses_on = \"{closes}\"\n"
        )
    };
    let text = format!(
        "year = 2027\nscheme = \"social-work\"\nexam_first_day = \"2027-05-22\"\nexam_last_day = \"2027-05-23\"\n\
         source = \"x\"\n{}{}{}",
        window("registration", "", "2027-03-01", closes),
        window("registration", "50", "2027-03-09", "2027-03-19"),
        window("tickets", "", "2027-05-17", "2027-05-22"),
    );
    std::fs::create_dir_all(dir.join("cycles")).unwrap();
    std::fs::write(dir.join("cycles/2027.toml"), text).unwrap();
}

/// The program with rule files beside a settings file in `dir`.
fn with_files(cx: &Cx, dir: &Path) -> Cx {
    let mut s = (*cx.settings).clone();
    s.file = Some(dir.join("settings.toml"));
    let mut cx = cx.clone();
    cx.settings = Arc::new(s);
    cx
}

async fn replan(cx: &Cx) -> plan::Planned {
    plan::run(cx, cx.now()).await.unwrap()
}

fn post(cx: &Cx) -> Post {
    Post::new(cx, Templates::new(letters::templates()))
}

async fn sql(cx: &Cx, text: &str) {
    let now = cx.now();
    let n = text.matches('?').count();
    db::run(cx.writer(), text, (0..n).map(|_| now.into())).await.unwrap();
}

/// Person `id` with this address in this region.
async fn person(cx: &Cx, id: i64, email: &str, region: &str) {
    sql(
        cx,
        &format!(
            "INSERT INTO person (id, name, name_key, id_type, id_hash, email, phone, region_code, active, version, \
             created_at, updated_at) VALUES ({id}, '学员{id}', '学员{id}', 'id', 'h{id}', '{email}', '1380000{id:04}', \
             '{region}', TRUE, 1, ?, ?)"
        ),
    )
    .await;
}

async fn enrol(cx: &Cx, id: i64, level: &str) {
    let made = "version, created_at, updated_at";
    sql(
        cx,
        &format!(
            "INSERT INTO cohort (id, code, name, active, {made}) VALUES (1, 'C1', 'C1', TRUE, 1, ?, ?) \
             ON CONFLICT (id) DO NOTHING"
        ),
    )
    .await;
    sql(
        cx,
        &format!(
            "INSERT INTO enrolment (cohort_id, person_id, scheme, level, state, {made}) \
             VALUES (1, {id}, 'social-work', '{level}', 'active', 1, ?, ?)"
        ),
    )
    .await;
}

async fn register(cx: &Cx, id: i64, payment: &str, state: &str) {
    let made = "version, created_at, updated_at";
    sql(
        cx,
        &format!(
            "INSERT INTO exam_cycle (id, scheme, year, {made}) VALUES (1, 'social-work', 2027, 1, ?, ?) \
             ON CONFLICT (id) DO NOTHING"
        ),
    )
    .await;
    sql(
        cx,
        &format!(
            "INSERT INTO registration (cycle_id, person_id, level, payment, state, registered_on, {made}) \
             VALUES (1, {id}, 'junior', '{payment}', '{state}', '2027-03-10', 1, ?, ?)"
        ),
    )
    .await;
}

/// (person, state, due) of the reminders of a rule, by person.
async fn planned(cx: &Cx, rule: &str) -> Vec<(i64, String, String)> {
    let filter = lists::Filter { rule: Some(rule.into()), state: None };
    let found = lists::planned(cx, &Actor::command_line(), &filter, &PageReq::default()).await.unwrap();
    let mut all: Vec<_> =
        found.items.into_iter().map(|l| (l.person_id, l.state, l.due_at.to_rfc3339()[..16].to_owned())).collect();
    all.sort();
    all
}

fn is(person: i64, state: &str, due: &str) -> (i64, String, String) {
    (person, state.to_owned(), due.to_owned())
}

on_both!(registration_closes_reaches_those_who_aim_and_have_not_registered, |bench| async move {
    cycles(bench.dir.path(), "2027-03-31");
    let smtp = Smtp::start().await;
    let cx = &with_files(&with_server(&bench.cx, smtp.port, 2), bench.dir.path());
    replan(cx).await;
    bench.at("2027-03-01T00:00:00Z");
    for (id, email, region) in [
        (1, "a@x.cn", ""),
        (2, "b@x.cn", "500101"),
        (3, "", ""),
        (4, "d@x.cn", ""),
        (5, "e@x.cn", ""),
        (6, "f@x.cn", ""),
    ] {
        person(cx, id, email, region).await;
    }
    for (id, level) in [(1, "junior"), (2, "junior"), (3, "junior"), (4, ""), (5, "junior"), (6, "intermediate")] {
        enrol(cx, id, level).await;
    }
    register(cx, 5, "paid", "active").await;
    register(cx, 6, "unpaid", "withdrawn").await;
    let made = replan(cx).await;
    assert_eq!(made.new, 4, "{made:?}");
    let elsewhere = "2027-03-28T01:00";
    assert_eq!(
        planned(cx, "registration-closes").await,
        [
            is(1, "planned", elsewhere),
            is(2, "planned", "2027-03-16T01:00"),
            is(3, "no_address", elsewhere),
            is(6, "planned", elsewhere)
        ]
    );
    assert_eq!(replan(cx).await, plan::Planned::default(), "again changes nothing");
    // Registered meanwhile, after the last look of the planning job; another is no longer active.
    register(cx, 1, "unpaid", "active").await;
    bench.at("2027-03-28T01:00:30Z");
    person(cx, 7, "late@x.cn", "").await;
    enrol(cx, 7, "junior").await;
    let report = send_due(cx, &post(cx)).await.unwrap();
    assert_eq!((report.sent, report.cancelled, report.missed), (1, 1, 1), "{report:?}");
    let mail = &smtp.taken()[0];
    assert_eq!(mail.to, "f@x.cn");
    let off = outbox::view(cx, &Actor::command_line(), 1, None).await.unwrap();
    assert!(off.mail.error.contains("reminders-off-registered"), "{:?}", off.mail);
    // Enrolled after the moment: nothing, although the window is still open.
    assert_eq!(replan(cx).await.new, 0);
    // The call list is scoped: an outside trainer sees nobody, a region's administrator theirs.
    let who = Actor::command_line();
    let calls = lists::call_list(cx, &who, &PageReq::default()).await.unwrap().items;
    assert_eq!((calls.len(), calls[0].phone.as_str()), (1, "13800000003"));
    let mut trainer = who.clone();
    trainer.role = Role::Trainer;
    assert!(lists::call_list(cx, &trainer, &PageReq::default()).await.unwrap().items.is_empty());
    trainer.role = Role::Intern;
    assert!(lists::call_list(cx, &trainer, &PageReq::default()).await.is_err());
});

on_both!(a_day_that_moves_takes_its_reminders_along, |bench| async move {
    cycles(bench.dir.path(), "2027-03-31");
    let cx = &with_files(&bench.cx, bench.dir.path());
    replan(cx).await;
    bench.at("2027-03-01T00:00:00Z");
    for id in 1..=3 {
        person(cx, id, &format!("p{id}@x.cn"), "").await;
        enrol(cx, id, "junior").await;
    }
    assert_eq!(replan(cx).await.new, 3);
    // The year's file is corrected; the planning job sees it.
    let later = bench.dir.path().join("later");
    cycles(&later, "2027-04-10");
    let moved = &with_files(cx, &later);
    assert_eq!(replan(moved).await.moved, 3);
    assert_eq!(planned(moved, "registration-closes").await[0], is(1, "planned", "2027-04-07T01:00"));
    // Corrected again, and this time a mail comes due before the planning job has looked.
    let latest = bench.dir.path().join("latest");
    cycles(&latest, "2027-04-20");
    let moved = &with_files(cx, &latest);
    bench.at("2027-04-07T02:00:00Z");
    let report = send_due(moved, &post(moved)).await.unwrap();
    assert_eq!(report.sent, 0);
    assert_eq!(planned(moved, "registration-closes").await[0], is(1, "planned", "2027-04-17T01:00"));
    // Somebody drops out and comes back; somebody is called off by hand and stays so.
    sql(moved, "UPDATE enrolment SET state = 'withdrawn' WHERE person_id = 1").await;
    let hand = outbox::view(moved, &Actor::command_line(), 2, None).await.unwrap().mail;
    outbox::cancel(moved, &Actor::command_line(), 2, hand.version, None).await.unwrap();
    assert_eq!(replan(moved).await.cancelled, 1);
    sql(moved, "UPDATE enrolment SET state = 'active' WHERE person_id = 1").await;
    assert_eq!(replan(moved).await.revived, 1);
    let states: Vec<_> = planned(moved, "registration-closes").await.into_iter().map(|(_, s, _)| s).collect();
    assert_eq!(states, ["planned", "cancelled", "planned"]);
    bench.at("2027-04-17T01:00:00Z");
    assert_eq!(send_due(moved, &post(moved)).await.unwrap().sent, 2);
    let text = std::fs::read_to_string(bench.dir.path().join("mail/00000001.eml")).unwrap();
    assert!(text.contains("To: =?utf-8?"), "{text}");
    // Brought forward so far that it is over: not sent late.
    sql(moved, "UPDATE outbox SET state = 'planned', sent_at = NULL WHERE id = 3").await;
    let early = bench.dir.path().join("early");
    cycles(&early, "2027-04-01");
    let early = &with_files(cx, &early);
    assert_eq!(send_due(early, &post(early)).await.unwrap().cancelled, 1);
});

on_both!(tickets_go_to_the_registered_and_paid_and_a_new_rule_leaves_the_past_alone, |bench| async move {
    cycles(bench.dir.path(), "2027-03-31");
    let cx = &with_files(&bench.cx, bench.dir.path());
    bench.at("2027-04-20T00:00:00Z");
    replan(cx).await;
    for (id, payment, state) in
        [(1, "paid", "active"), (2, "unpaid", "active"), (3, "paid", "withdrawn"), (4, "paid", "active")]
    {
        person(cx, id, &format!("p{id}@x.cn"), "").await;
        register(cx, id, payment, state).await;
    }
    sql(cx, "UPDATE person SET active = FALSE WHERE id = 4").await;
    assert_eq!(replan(cx).await.new, 1);
    assert_eq!(planned(cx, "tickets-open").await, [is(1, "planned", "2027-05-17T01:30")]);
    // Down over the window: missed, not late.
    bench.at("2027-05-19T01:30:00Z");
    let report = send_due(cx, &post(cx)).await.unwrap();
    assert_eq!((report.sent, report.missed), (0, 1));
    // The same people under a rule that is first seen a day after its moment: nothing.
    let other = bench.dir.path().join("other");
    cycles(&other, "2027-03-31");
    std::fs::create_dir_all(other.join("reminders")).unwrap();
    let built_in = yanzhen::core::files::RuleFiles::default().read("reminders/tickets-open.toml").unwrap().text;
    let text = built_in.replace("name = \"tickets-open\"", "name = \"new-rule\"").replace("= 48", "= 240");
    std::fs::write(other.join("reminders/new.toml"), &text).unwrap();
    let new = &with_files(cx, &other);
    assert_eq!(replan(new).await.new, 0);
    // One whose moment is still to come does plan.
    let soon = bench.dir.path().join("soon");
    cycles(&soon, "2027-03-31");
    std::fs::create_dir_all(soon.join("reminders")).unwrap();
    std::fs::write(soon.join("reminders/new.toml"), text.replace("days = 0", "days = 4")).unwrap();
    assert_eq!(replan(&with_files(cx, &soon)).await.new, 1);
});

on_both!(pages_and_api_show_the_outbox_within_the_readers_scope, |bench| async move {
    let cx = &bench.cx;
    for (id, email, region) in [(1, "a@x.cn", "500101"), (2, "", "320000"), (3, "c@x.cn", "320000")] {
        person(cx, id, email, region).await;
    }
    let mail = |person, address: &str| yanzhen::mail::NewMail {
        rule: "tickets-open".into(),
        occasion: "social-work:2026".into(),
        template: "reminder-tickets-open",
        payload: "{}".into(),
        person_id: Some(person),
        address: address.into(),
        lang: yanzhen::core::Lang::ZhCn,
        due_at: cx.now() + chrono::TimeDelta::days(1),
        expires_at: Some(cx.now() + chrono::TimeDelta::days(3)),
    };
    let txn = cx.begin().await.unwrap();
    yanzhen::mail::plan(&txn, cx, &[mail(1, "a@x.cn"), mail(2, ""), mail(3, "c@x.cn")]).await.unwrap();
    txn.commit().await.unwrap();
    let mut b = bench.sign_in(Role::Administrator, &[], None).await;
    b.get("/reminders").await.is(200).shows("学员1").shows("准考证开始打印").shows("已计划");
    b.get("/reminders/calls").await.is(200).shows("13800000002").hides("13800000001");
    b.get("/outbox?state=planned").await.is(200).shows("a@x.cn").shows("c@x.cn");
    b.get("/outbox/1").await.is(200).shows("已不在提醒范围内").shows("Message-ID");
    b.post("/outbox/1/cancel", &[("version", "1")]).await.is(303);
    b.get("/outbox/1").await.is(200).shows("已取消").shows("手工操作");
    b.post("/language", &[("lang", "en"), ("to", "/outbox/1")]).await.is(303);
    b.get("/outbox/1").await.is(200).shows("cancelled").shows("by hand").shows("What happened");
    b.get("/outbox/99").await.is(404);
    // A region's administrator sees the mails of that region's people only, and can act on no other.
    let api = bench.api(Role::Administrator, &[("region", "32".into())], None).await;
    let seen = api.get("/outbox").await.is(200).json();
    let ids: Vec<_> = seen["items"].as_array().unwrap().iter().map(|m| m["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [3, 2]);
    api.get("/outbox/1").await.is(404);
    api.post("/outbox/1/resend", serde_json::json!({ "version": 2 })).await.is(404);
    api.post("/outbox/3/cancel", serde_json::json!({ "version": 9 })).await.is(409);
    let off = api.post("/outbox/3/cancel", serde_json::json!({ "version": 1 })).await.is(200).json();
    assert_eq!(off["state"], "cancelled");
    let calls = api.get("/reminders?state=no_address").await.is(200).json();
    assert_eq!(calls["items"][0]["phone"], "13800000002");
    api.get("/reminders/rules").await.is(200);
    let trainer = bench.api(Role::Trainer, &[], None).await;
    assert_eq!(trainer.get("/outbox").await.is(200).json()["items"], serde_json::json!([]));
    bench.api(Role::Observer, &[], None).await.get("/outbox").await.is(403);
});

/// People 1..=n with an address, registered and paid in the exam year.
pub async fn paid(cx: &Cx, n: i64, year: i32) {
    let made = "version, created_at, updated_at";
    let cycle = format!("INSERT INTO exam_cycle (id, scheme, year, {made}) VALUES (1, 'social-work', {year}, 1, ?, ?)");
    sql(cx, &cycle).await;
    for id in 1..=n {
        person(cx, id, &format!("p{id}@x.cn"), "").await;
        register(cx, id, "paid", "active").await;
    }
}
