//! Honours by rule from a class and from outside; formations with members, activities and figures.

use poem::http::Method;
use serde_json::json;
use yanzhen::assessments::ops as assessments;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::formations::ops as formations;
use yanzhen::honours::ops::{self, Find, HonourInput};

use crate::assessments::{close, key, marked};
use crate::harness::Bench;
use crate::on_both;
use crate::practicum::actor;

async fn of_class(b: &Bench, who: &Actor, class: i64) -> Vec<(String, String, Option<i64>, bool, String)> {
    let find = Find { class_id: Some(class), ..Find::default() };
    let all = ops::list(&b.cx, who, &find, "place", &Slice { after: None, limit: 50 }).await.unwrap().items;
    all.into_iter().map(|h| (h.holder, h.title, h.place, h.tied, h.state)).collect()
}

on_both!(a_class_proposes_by_rule_and_the_office_awards, |b| async move {
    let f = marked(&b).await;
    let one = &f.markers[0];
    assert_eq!(key(ops::propose(&b.cx, one, f.class, "top", None).await.unwrap_err()), "honour-class-open");
    close(&b, &f).await;
    assert_eq!(key(ops::propose(&b.cx, one, f.class, "top", None).await.unwrap_err()), "honour-nobody");
    let v = assessments::assessment(&b.cx, one, f.class).await.unwrap();
    assessments::publish(&b.cx, one, f.class, v.version()).await.unwrap();
    assert_eq!(key(ops::propose(&b.cx, one, f.class, "best", None).await.unwrap_err()), "rule:honour-rule-unknown");
    assert_eq!(ops::propose(&b.cx, one, f.class, "top", Some(2)).await.unwrap(), 2);
    assert_eq!(ops::propose(&b.cx, one, f.class, "top", Some(2)).await.unwrap(), 0, "who was proposed stays");
    // Of the four three completed, all of them at every session.
    assert_eq!(ops::propose(&b.cx, one, f.class, "full_attendance", None).await.unwrap(), 3);
    let all = of_class(&b, one, f.class).await;
    let of = |n: &str, t: &str, p, s: &str| (n.to_owned(), t.to_owned(), p, false, s.to_owned());
    assert!(all.contains(&of("甲一", "优秀学员", Some(1), "proposed")), "{all:?}");
    assert!(all.contains(&of("乙二", "优秀学员", Some(2), "proposed")), "{all:?}");
    assert!(all.contains(&of("丁四", "全勤奖", None, "proposed")), "{all:?}");
    assert_eq!(all.len(), 5);
    let find = Find { class_id: Some(f.class), person_id: Some(f.people[0]), ..Find::default() };
    let slice = Slice { after: None, limit: 5 };
    let mine = ops::list(&b.cx, one, &find, "-place", &slice).await.unwrap().items;
    let top = mine.iter().find(|h| h.rule == "top").unwrap();
    let intern = actor(Role::Intern, Some(f.people[0]), &[]);
    assert!(of_class(&b, &intern, f.class).await.is_empty(), "what is only proposed is not shown");
    let no = ops::decide(&b.cx, one, top.id, 1, "declined", " ").await;
    assert_eq!(key(no.unwrap_err()), "reason:honour-reason-missing");
    ops::decide(&b.cx, one, top.id, 1, "awarded", "").await.unwrap();
    assert_eq!(key(ops::decide(&b.cx, one, top.id, 1, "revoked", "x").await.unwrap_err()), "error-changed-meanwhile");
    assert_eq!(key(ops::decide(&b.cx, one, top.id, 2, "declined", "x").await.unwrap_err()), "honour-step-not-now");
    assert_eq!(of_class(&b, &intern, f.class).await.len(), 1);
    ops::decide(&b.cx, one, top.id, 2, "revoked", "查实代答").await.unwrap();
    let h = ops::get(b.cx.read(), one, top.id).await.unwrap();
    assert_eq!((h.state.as_str(), h.reason.as_str(), h.awarded_on), ("revoked", "查实代答", Some(b.cx.today())));

    let mut t = b.sign_in(Role::Trainer, &[("class", f.class.to_string())], None).await;
    let at = format!("/classes/{}/honours", f.class);
    t.get(&at).await.is(200).shows("优秀学员").shows("第 2 名").shows("已撤销");
    t.post(&at, &[("rule", "top"), ("n", "0")]).await.is(422).shows("名次须为 1 到 1000 的整数");
    t.post(&at, &[("rule", "top"), ("n", "3")]).await.is(303);
    t.get("/honours?state=proposed").await.is(200).shows("全勤奖");
    assert!(t.get("/honours/export").await.is(200).header("content-type").contains("spreadsheetml"));
});

on_both!(honours_from_outside_are_of_one_holder_and_scoped, |b| async move {
    let f = crate::assessments::class_of(&b).await;
    let admin = Actor::command_line();
    let input = HonourInput {
        person_id: Some(f.people[0]),
        title: "最美社工".into(),
        level: "province".into(),
        year: 2025,
        document_no: "民发〔2025〕3号".into(),
        given_by: "省民政厅".into(),
        ..HonourInput::default()
    };
    let bad =
        HonourInput { organisation_id: Some(1), title: " ".into(), level: "class".into(), year: 2027, ..input.clone() };
    let said = key(ops::add(&b.cx, &admin, bad).await.unwrap_err());
    assert_eq!(
        said,
        "holder:honour-one-holder title:honour-title-missing level:honour-level-unknown year:honour-year-range"
    );
    let made = ops::add(&b.cx, &f.markers[0], input.clone()).await.unwrap();
    assert_eq!(made.region_code, "990121");
    assert_eq!(key(ops::add(&b.cx, &admin, input.clone()).await.unwrap_err()), "title:honour-twice");
    let mut other = actor(Role::Trainer, None, &[]);
    other.scope.classes = vec![f.class + 9];
    let no = ops::add(&b.cx, &other, HonourInput { year: 2024, ..input.clone() }).await;
    assert_eq!(key(no.unwrap_err()), "holder:honour-holder-unknown");
    assert!(matches!(ops::get(b.cx.read(), &other, made.id).await, Err(Error::NotFound(_))));
    let api = b.api(Role::Administrator, &[], None).await;
    let org = json!({"name": "宁渠社工协会", "kind": "association", "county_code": "990121"});
    let org = api.post("/organisations", org).await.is(200).json()["id"].as_i64().unwrap();
    let body = json!({"organisation_id": org, "title": "先进社会组织", "level": "city", "year": 2026});
    let id = api.post("/honours", body.clone()).await.is(200).json()["id"].as_i64().unwrap();
    let trainer = b.api(Role::Trainer, &[("class", f.class.to_string())], None).await;
    trainer
        .post("/honours", json!({"organisation_id": org, "title": "x", "level": "city", "year": 2026}))
        .await
        .is(403);
    // A trainer sees honours of organisations; an observer sees both, the person's without a name.
    assert_eq!(trainer.get("/honours").await.is(200).json()["items"].as_array().unwrap().len(), 2);
    let observer = b.api(Role::Observer, &[("region", "9901".into())], None).await;
    let seen = observer.get("/honours?sort=-level").await.is(200).json();
    let names: Vec<&str> = seen["items"].as_array().unwrap().iter().map(|h| h["holder"].as_str().unwrap()).collect();
    assert_eq!(names, ["", "宁渠社工协会"]);
    assert!(observer.get("/honours?q=甲一").await.is(200).json()["items"].as_array().unwrap().is_empty());
    let elsewhere = b.api(Role::Observer, &[("region", "9902".into())], None).await;
    assert!(elsewhere.get("/honours").await.is(200).json()["items"].as_array().unwrap().is_empty());
    let changed = json!({"organisation_id": org, "title": "先进社会组织", "level": "province", "year": 2026});
    api.call(Method::PUT, &format!("/honours/{id}?version=1"), Some(changed), &[]).await.is(200);
    api.call(Method::PUT, &format!("/honours/{id}?version=1"), Some(body), &[]).await.is(409);
    let mut page = b.sign_in(Role::Administrator, &[], None).await;
    page.get("/honours?level=province").await.is(200).shows("最美社工").shows("先进社会组织").shows("民发〔2025〕3号");
    let form = [("kind", "station"), ("holder", "77"), ("title", "示范站"), ("level", "county"), ("year", "2026")];
    page.post("/honours", &form).await.is(422).shows("没有这个编号").shows("示范站");
    page.get(&format!("/people/{}", f.people[0])).await.is(200).shows("获得荣誉“最美社工”");
});

on_both!(a_formation_has_members_activities_and_figures, |b| async move {
    let f = crate::assessments::class_of(&b).await;
    let api = b.api(Role::Administrator, &[], None).await;
    let new = json!({"name": "城关雁阵", "region_code": "990121", "goal": "两年内持证过半", "starts_on": "2026-01-01"});
    let made = api.post("/formations", new.clone()).await.is(200).json();
    let id = made["id"].as_i64().unwrap();
    assert_eq!(made["state"], "active");
    api.post("/formations", new).await.is(409);
    let at = format!("/formations/{id}");
    let member = |p: i64, role: &str, from: &str, to: Option<&str>| json!({"person_id": p, "role": role, "starts_on": from, "ends_on": to});
    let add = async |body: serde_json::Value| api.post(&format!("{at}/members"), body).await;
    add(member(f.people[0], "lead", "2026-01-01", None)).await.is(200);
    add(member(f.people[1], "flock", "2026-01-01", Some("2026-06-30"))).await.is(200);
    add(member(f.people[1], "support", "2026-06-30", None)).await.is(422);
    add(member(f.people[1], "support", "2026-07-01", None)).await.is(200);
    let learner = add(member(f.people[2], "flock", "2026-03-01", None)).await.is(200).json()["id"].as_i64().unwrap();
    add(member(f.people[2], "goose", "2026-03-01", None)).await.is(422);
    add(member(999_999, "flock", "2026-03-01", None)).await.is(422);
    let activity = |title: &str, day: &str, people: i64| json!({"title": title, "held_on": day, "kind": "case_discussion", "people": people, "outcome": "形成个案 3 份"});
    api.post(&format!("{at}/activities"), activity("个案研讨", "2026-05-10", 12)).await.is(200);
    api.post(&format!("{at}/activities"), activity("走访", "2026-11-20", 8)).await.is(200);
    api.post(&format!("{at}/activities"), activity("以后", "2026-11-26", 8)).await.is(422);
    api.post(&format!("{at}/activities"), activity(" ", "2026-11-20", 0)).await.is(422);
    // Somebody of the flock is certified by now.
    let sql = "UPDATE person_facts SET highest_rank = 1 WHERE person_id = ?";
    yanzhen::db::run(b.cx.writer(), sql, [f.people[1].into()]).await.unwrap();
    let v = api.get(&at).await.is(200).json();
    let figures = ["leads", "flock", "supports", "learners", "certified", "activities", "person_times"];
    let got: Vec<i64> = figures.iter().map(|k| v[*k].as_i64().unwrap()).collect();
    assert_eq!(got, [1, 1, 1, 2, 1, 2, 20]);
    assert_eq!(v["last_activity_on"], "2026-11-20");
    let sums = formations::sums(&b.cx, &Actor::command_line(), &formations::Find::default()).await.unwrap();
    assert_eq!((sums.formations, sums.people, sums.activities, sums.person_times), (1, 3, 2, 20));
    // Membership ends; the figures follow the day.
    let ended = member(f.people[2], "flock", "2026-03-01", Some("2026-10-31"));
    api.call(Method::PUT, &format!("/formation-members/{learner}?version=1"), Some(ended.clone()), &[]).await.is(200);
    api.call(Method::PUT, &format!("/formation-members/{learner}?version=1"), Some(ended), &[]).await.is(409);
    assert_eq!(api.get(&at).await.is(200).json()["flock"], 0);

    // Scope: the trainer of these people, not another; an intern of the group sees names, an observer none.
    let own = b.api(Role::Trainer, &[("class", f.class.to_string())], None).await;
    assert_eq!(own.get("/formations").await.is(200).json()["items"].as_array().unwrap().len(), 1);
    let other = b.api(Role::Trainer, &[("class", (f.class + 5).to_string())], None).await;
    other.get(&at).await.is(404);
    let intern = b.api(Role::Intern, &[], Some(f.people[2])).await;
    let members = intern.get(&format!("{at}/members")).await.is(200).json();
    let ids: Vec<i64> = members.as_array().unwrap().iter().map(|m| m["person_id"].as_i64().unwrap()).collect();
    assert_eq!(
        (ids.len(), ids.iter().filter(|i| **i == f.people[2]).count(), ids.iter().filter(|i| **i == 0).count()),
        (4, 1, 3)
    );
    let stranger = b.api(Role::Intern, &[], Some(f.people[3])).await;
    stranger.get(&at).await.is(404);
    let observer = b.api(Role::Observer, &[("region", "99".into())], None).await;
    assert!(observer.get(&format!("{at}/members")).await.is(200).json().as_array().unwrap().is_empty());

    let mut page = b.sign_in(Role::Administrator, &[], None).await;
    page.get("/formations").await.is(200).shows("城关雁阵").shows("头雁");
    page.get(&at).await.is(200).shows("两年内持证过半").shows("个案研讨").shows("甲一");
    let form = [("person", ""), ("role", "flock"), ("member_starts_on", "2026-11-01"), ("member_note", "实习生")];
    page.post(&format!("{at}/members"), &form).await.is(422).shows("没有这个人员编号").shows("value=\"实习生\"");
    let form =
        [("title", "分享会"), ("held_on", ""), ("kind", "sharing"), ("people", "9"), ("outcome", "写成经验三条")];
    page.post(&format!("{at}/activities"), &form).await.is(422).shows("写成经验三条");
    assert!(page.get("/formations/export").await.is(200).header("content-type").contains("spreadsheetml"));
    page.get(&format!("/people/{}", f.people[1]))
        .await
        .is(200)
        .shows("加入雁阵小组“城关雁阵”（群雁）")
        .shows("至 2026-06-30");
});
