//! People and cohorts through their pages and the API: found, changed, enrolled, withdrawn, each within their rows.

use poem::http::Method;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Role};
use yanzhen::importing::{Params, run};
use yanzhen::people::entity::person;
use yanzhen::people::ops::{self, Filter};
use yanzhen::rosters::import::Roster;

use crate::harness::Bench;
use crate::on_both;

const ROSTER: &str = "姓名,身份证号,联系电话,乡镇(街道),报考级别,工作单位\n\
    甲某某,11010519491231002X,19900000001,渠口镇,初级,甲单位\n\
    甲某人,990121199209100000,19900000002,没有的镇,中级,乙单位\n\
    乙某,990121200009090608,,,,=1+1\n";

async fn import(b: &Bench, cohort: &str, region: &str) -> i64 {
    let params =
        Params { cohort: Some(cohort.into()), create_cohort: true, region: Some(region.into()), ..Params::default() };
    let who = Actor::command_line();
    let done = run::now(&b.cx, &who, &Roster, &params, "a.csv", ROSTER.as_bytes(), false).await.unwrap();
    assert_eq!(done.refused, 0, "{:?}", done.problems);
    yanzhen::cohorts::ops::list(&b.cx, &who, &PageReq::default()).await.unwrap().items[0].0.id
}

async fn first_person(b: &Bench) -> person::Model {
    person::Entity::find().order_by_asc(person::Column::Id).one(b.cx.read()).await.unwrap().unwrap()
}

async fn names(b: &Bench, who: &Actor, filter: Filter) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        // One a page: the key must carry on through every order.
        let req = PageReq { after, limit: Some(1) };
        let page = ops::list(&b.cx, who, &filter, &req).await.unwrap();
        all.extend(page.items.into_iter().map(|l| l.name));
        after = page.next;
        if after.is_none() {
            all.sort();
            return all;
        }
    }
}

on_both!(people_are_found_by_every_filter, |b| async move {
    let cohort = import(&b, "C1", "990121").await;
    let who = Actor::command_line();
    let q = |q: &str| Filter { q: q.into(), ..Filter::default() };
    let all = ["乙某", "甲某人", "甲某某"];
    let cases: Vec<(Filter, &[&str])> = vec![
        (Filter::default(), &all),
        (q("甲"), &all[1..]),
        (q("甲 某某"), &all[2..]),
        (q("某"), &[]),
        (q("11010519491231002x"), &all[2..]),
        (q("002X"), &all[2..]),
        (q("19900000002"), &all[1..2]),
        (q("%"), &[]),
        (Filter { cohort: Some(cohort), ..Filter::default() }, &all),
        (Filter { cohort: Some(cohort + 7), ..Filter::default() }, &[]),
        (Filter { region: "99".into(), ..Filter::default() }, &all),
        (Filter { region: "990121001".into(), ..Filter::default() }, &[]),
        (Filter { stage: "enrolled".into(), ..Filter::default() }, &all),
        (
            Filter {
                stage: "enrolled".into(),
                region: "990121".into(),
                q: "乙".into(),
                cohort: Some(cohort),
                ..Filter::default()
            },
            &all[..1],
        ),
        (Filter { level: "junior".into(), ..Filter::default() }, &[]),
        (Filter { inactive: true, ..Filter::default() }, &[]),
    ];
    for (filter, expected) in cases {
        assert_eq!(names(&b, &who, filter.clone()).await, expected, "{filter:?}");
    }
    let with = |role, change: fn(&mut Actor, i64), id| {
        let mut a = Actor::command_line();
        a.role = role;
        change(&mut a, id);
        a
    };
    let p = first_person(&b).await;
    let scoped: Vec<(Actor, usize)> = vec![
        (with(Role::Trainer, |a, id| a.scope.cohorts = vec![id], cohort), 3),
        (with(Role::Trainer, |_, _| (), 0), 0),
        (with(Role::Supervisor, |a, id| a.scope.bases = vec![id], 1), 0),
        (with(Role::Intern, |a, id| a.person_id = Some(id), p.id), 1),
        (with(Role::Administrator, |a, _| a.scope.regions = vec!["9901".into()], 0), 3),
        (with(Role::Administrator, |a, _| a.scope.regions = vec!["9902".into()], 0), 0),
    ];
    for (who, n) in scoped {
        assert_eq!(names(&b, &who, Filter::default()).await.len(), n, "{who:?}");
    }
});

on_both!(a_person_page_shows_the_record_and_keeps_the_number, |b| async move {
    let cohort = import(&b, "C1", "990121").await;
    let p = first_person(&b).await;
    let mut trainer = b.sign_in(Role::Trainer, &[("cohort", cohort.to_string())], None).await;
    let page = format!("/people/{}", p.id);
    trainer.get(&page).await.is(200).shows("甲某某").shows("002X").hides("11010519491231002X").shows("加入批次");
    trainer.post(&format!("{page}/reveal"), &[]).await.is(200).shows("11010519491231002X");
    trainer.get(&page).await.is(200).shows("查看了完整证件号").hides("11010519491231002X");
    let list = trainer.get("/people?q=甲").await.is(200).shows("甲某人").hides("19900000002");
    // Nobody has a certificate: the level is empty, not the word for "all levels".
    list.shows("<td data-label=\"持证级别\"></td>");

    // Changed with the version seen; the same form again comes too late.
    let version = trainer.get(&format!("{page}/edit")).await.is(200).field("version").unwrap();
    let form = [("name", "甲某某"), ("phone", "19900000077"), ("region_code", "990121"), ("version", version.as_str())];
    trainer.post(&page, &form).await.is(303);
    trainer.get(&page).await.shows("19900000077").shows("修改了资料");
    trainer.post(&page, &form).await.is(422);
    let bad = [("name", ""), ("phone", "x"), ("version", "2")];
    trainer.post(&page, &bad).await.is(422).shows("请填写姓名");

    // Not of this trainer's cohorts: not there.
    let mut other = b.sign_in(Role::Trainer, &[], None).await;
    other.get(&page).await.is(404);
    other.post(&format!("{page}/reveal"), &[]).await.is(404);
    let mut observer = b.sign_in(Role::Observer, &[], None).await;
    observer.get(&page).await.is(403);
    let mut intern = b.sign_in(Role::Intern, &[], Some(p.id)).await;
    intern.get(&page).await.is(200);
    intern.get(&format!("/people/{}", p.id + 1)).await.is(404);
});

on_both!(a_trainer_makes_a_cohort_and_fills_it, |b| async move {
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    trainer.get("/cohorts").await.is(200).shows("还没有批次");
    trainer.post("/cohorts", &[("code", ""), ("name", "")]).await.is(422).shows("批次编码");
    let to = trainer.post("/cohorts", &[("code", "2026-01"), ("name", "第一批")]).await.is(303);
    let cohort = to.header("location").to_owned();
    trainer.get(&cohort).await.is(200).shows("第一批");
    let person =
        [("name", "丙某"), ("id_no", "11010519491231002X"), ("phone", "19900000003"), ("level", "social-work/junior")];
    trainer.post(&format!("{cohort}/enrol"), &[("name", "丙某"), ("id_no", "123")]).await.is(422).shows("位数");
    trainer.post(&format!("{cohort}/enrol"), &person).await.is(303);
    trainer.post(&format!("{cohort}/enrol"), &person).await.is(422).shows("已在该批次中");
    let page = trainer.get(&cohort).await.is(200).shows("丙某").shows("助理社会工作师");
    trainer.post(&format!("{cohort}/accounts"), &[]).await.is(200).shows("19900000003");
    trainer.post(&format!("{cohort}/accounts"), &[]).await.is(200).shows("没有需要生成账号的人");

    let enrolment = page.text.split("/enrolments/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let state = format!("/enrolments/{enrolment}/state");
    trainer.post(&state, &[("active", "0"), ("version", "1")]).await.is(303);
    trainer.post(&state, &[("active", "1"), ("version", "1")]).await.is(409);
    trainer.post(&state, &[("active", "1"), ("version", "2")]).await.is(303);
});

on_both!(the_api_gives_the_same, |b| async move {
    let cohort = import(&b, "C1", "990121").await;
    let p = first_person(&b).await;
    let api = b.api(Role::Administrator, &[], None).await;
    let list = api.get("/people?limit=2").await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let next = list["next"].as_str().unwrap();
    assert_eq!(api.get(&format!("/people?after={next}")).await.is(200).json()["items"].as_array().unwrap().len(), 1);
    let path = format!("/people/{}", p.id);
    let got = api.get(&path).await.is(200).hides("11010519491231002X").json();
    assert_eq!((got["stage"].as_str(), got["birth"].as_str()), (Some("enrolled"), Some("1949-12-31")));
    let patch = json!({"version": 1, "region_code": "990122"});
    api.call(Method::PATCH, &path, Some(patch.clone()), &[]).await.is(422).shows("990122");
    api.post("/regions", json!({"code": "990122", "name": "邻县"})).await.is(200);
    let moved = api.call(Method::PATCH, &path, Some(patch.clone()), &[]).await.is(200).json();
    assert_eq!(moved["version"], 2);
    api.call(Method::PATCH, &path, Some(patch), &[]).await.is(409);
    api.call(Method::PATCH, &path, Some(json!({"version": 2, "unknown": 1})), &[]).await.is(400);
    // The counters moved with the person.
    let county = |code: &str| {
        let sql = format!(
            "SELECT people FROM tally_counter WHERE kind = 'region' AND group_key = '{code}' AND year = 0 AND level = ''"
        );
        let cx = b.cx.clone();
        async move { yanzhen::db::int(cx.read(), &sql, []).await.unwrap().unwrap_or_default() }
    };
    assert_eq!((county("990121").await, county("990122").await), (2, 1));
    let cohort = api.get(&format!("/cohorts/{cohort}")).await.is(200).json();
    assert_eq!(cohort["cohort"]["people"], 3);
    assert!(!api.get(&format!("{path}/timeline")).await.is(200).json().as_array().unwrap().is_empty());
    api.get("/bases").await.is(200);
    assert_eq!(api.get("/regions").await.is(200).json()["items"][0]["code"], "990121");
});
