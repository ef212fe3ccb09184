//! What lies in another county stays there: imports, cohorts, classes, people moved; and messages that name the field.

use poem::http::Method;
use serde_json::json;
use yanzhen::cohorts::ops as cohorts;
use yanzhen::core::{Actor, Role};
use yanzhen::db;
use yanzhen::directory::ops::regions::{self, AddRegion};
use yanzhen::people::{entity::person, ops as people};

use crate::harness::Bench;
use crate::on_both;

const ROSTER: &str = "姓名,证件类型,身份证号,报考级别\n陈一,居民身份证,11010519491231002X,初级\n";

fn region(code: &str) -> [(&'static str, String); 1] {
    [("region", code.to_owned())]
}

async fn two_counties(b: &Bench) {
    for code in ["990121", "990122"] {
        let add = AddRegion { code: code.into(), name: format!("县{code}") };
        regions::add(&b.cx, &Actor::command_line(), add).await.unwrap();
    }
}

async fn number(b: &Bench, sql: &str) -> i64 {
    db::int(b.cx.read(), sql, []).await.unwrap().unwrap_or_default()
}

on_both!(an_import_is_seen_and_undone_in_its_own_county_only, |b| async move {
    two_counties(&b).await;
    let one = cohorts::CohortInput {
        code: "B1".into(),
        name: "一批".into(),
        region_code: "990121".into(),
        ..Default::default()
    };
    let one = cohorts::create(&b.cx, &Actor::command_line(), one).await.unwrap();
    let mut trainer = b.sign_in(Role::Trainer, &[("cohort", one.id.to_string())], None).await;
    let to = trainer.upload("/imports/new/roster", &[("cohort", "B1")], "名单.csv", ROSTER.as_bytes()).await.is(303);
    let page = to.header("location").to_owned();
    let id: i64 = page.rsplit('/').next().unwrap().parse().unwrap();

    let mut own = b.sign_in(Role::Administrator, &region("990121"), None).await;
    own.get("/imports").await.is(200).shows("名单.csv");
    own.get(&page).await.is(200);
    let mut other = b.sign_in(Role::Administrator, &region("990122"), None).await;
    other.get("/imports").await.is(200).hides("名单.csv");
    for path in ["", "/refused"] {
        other.get(&format!("{page}{path}")).await.is(404);
    }
    for verb in ["commit", "discard", "undo"] {
        other.post(&format!("{page}/{verb}"), &[]).await.is(404);
    }
    let api = b.api(Role::Administrator, &region("990122"), None).await;
    for path in [format!("/imports/{id}"), format!("/imports/{id}/problems")] {
        api.get(&path).await.is(404);
    }
    api.post(&format!("/imports/{id}/undo"), json!({})).await.is(404);
    assert_eq!(api.get("/imports").await.is(200).json()["items"], json!([]));
    // What the command line brings for a county is its administrator's to see.
    let kinds = yanzhen::app::kinds();
    let p =
        yanzhen::importing::Params { cohort: Some("B1".into()), region: Some("990121".into()), ..Default::default() };
    let kind = kinds.get("roster").unwrap();
    yanzhen::importing::run::now(&b.cx, &Actor::command_line(), kind, &p, "zeile.csv", ROSTER.as_bytes(), false)
        .await
        .unwrap();
    own.get("/imports").await.is(200).shows("zeile.csv");
    other.get("/imports").await.is(200).hides("zeile.csv");
    // Another trainer does not see it either; whoever administers everything does.
    let mut stranger = b.sign_in(Role::Trainer, &[], None).await;
    stranger.get(&page).await.is(404);
    b.sign_in(Role::Administrator, &[], None).await.get(&page).await.is(200);
});

on_both!(what_names_no_region_lies_where_its_maker_works, |b| async move {
    two_counties(&b).await;
    let mut county = b.sign_in(Role::Administrator, &region("990121"), None).await;
    county.post("/cohorts", &[("code", "K1"), ("name", "县批次")]).await.is(303);
    county.post("/classes/new", &[("code", "L1"), ("name", "县班"), ("percent", "80")]).await.is(303);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM cohort WHERE region_code = '990121'").await, 1);
    assert_eq!(number(&b, "SELECT COUNT(*) FROM class WHERE region_code = '990121'").await, 1);
    let outside = county.post("/classes/new", &[("code", "L1"), ("name", "再来"), ("percent", "80")]).await;
    outside.is(422).shows("已有此编码的班级").shows("再来");
    county.post("/cohorts", &[("code", "K1"), ("name", "重名")]).await.is(422).shows("已有此编码的批次").shows("重名");

    // A trainer whose account the county made works in the county.
    let api = b.api(Role::Administrator, &region("990121"), None).await;
    let fields = json!({"login": "neulehrer", "name": "新老师", "role": "trainer"});
    let made = api.post("/users", fields).await.is(201).json();
    let id = made["id"].as_i64().or_else(|| made["user"]["id"].as_i64()).unwrap();
    let mut who = Actor::command_line();
    (who.role, who.user_id) = (Role::Trainer, Some(id));
    let input = cohorts::CohortInput { code: "T1".into(), name: "老师的批次".into(), ..Default::default() };
    assert_eq!(cohorts::create(&b.cx, &who, input).await.unwrap().region_code, "990121");

    // Who looks after two counties must say which.
    let both = [("region", "990121".to_owned()), ("region", "990122".to_owned())];
    let two = b.api(Role::Administrator, &both, None).await;
    let refused = two.post("/cohorts", json!({"code": "Z1", "name": "两县"})).await.is(422).json();
    assert_eq!(refused["errors"][0]["field"], "region_code");
});

on_both!(a_person_moves_to_a_known_region_and_out_of_the_county_by_an_administrator, |b| async move {
    two_counties(&b).await;
    let all = Actor::command_line();
    regions::add(&b.cx, &all, AddRegion { code: "990121001".into(), name: "甲镇".into() }).await.unwrap();
    let one = cohorts::CohortInput {
        code: "B1".into(),
        name: "一批".into(),
        region_code: "990121".into(),
        ..Default::default()
    };
    let one = cohorts::create(&b.cx, &all, one).await.unwrap();
    let by_hand = json!({"name": "陈一", "id_no": "11010519491231002X"});
    let trainer = b.api(Role::Trainer, &[("cohort", one.id.to_string())], None).await;
    trainer.post(&format!("/cohorts/{}/enrolments", one.id), by_hand).await.is(200);
    let id = number(&b, "SELECT id FROM person").await;
    let path = format!("/people/{id}");
    let to = async |code: &str| {
        use sea_orm::EntityTrait;
        let p = person::Entity::find_by_id(id).one(b.cx.read()).await.unwrap().unwrap();
        trainer.call(Method::PATCH, &path, Some(json!({"version": p.version, "region_code": code})), &[]).await
    };
    to("990121").await.is(200);
    let refused = to("990199").await.is(422).json();
    assert_eq!(refused["errors"][0]["field"], "region_code");
    assert!(refused["detail"].as_str().unwrap().contains("990199"), "{refused}");
    to("990122").await.is(422).shows("管理员");
    to("").await.is(422);
    to("990121001").await.is(200);
    let p = people::get(&b.cx, &all, id).await.unwrap().person;
    let edit = people::EditPerson { region_code: Some("990122".into()), ..Default::default() };
    people::edit(&b.cx, &all, id, edit, p.version).await.unwrap();
});

on_both!(an_upload_page_asks_at_the_field_and_keeps_what_was_typed, |b| async move {
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    trainer
        .upload("/imports/new/roster", &[("region", "990121")], "a.csv", ROSTER.as_bytes())
        .await
        .is(422)
        .shows("请填写批次编码")
        .shows("value=\"990121\"");
    // A cohort nobody knows is found while reading; the way back brings the parameters along.
    let fields = [("cohort", "新批次"), ("region", "990121")];
    let to = trainer.upload("/imports/new/roster", &fields, "a.csv", ROSTER.as_bytes()).await.is(303);
    let page = to.header("location").to_owned();
    for _ in 0..200 {
        let shown = trainer.get(&page).await.is(200);
        if shown.text.contains("重新上传") {
            let link =
                shown.text.split("href=\"/imports/new/roster?").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let back = format!("/imports/new/roster?{}", link.replace("&amp;", "&").replace("&#38;", "&"));
            trainer.get(&back).await.is(200).shows("value=\"新批次\"").shows("value=\"990121\"");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the preview never ended");
});

on_both!(a_name_on_record_is_not_told_and_an_observer_sees_no_names, |b| async move {
    two_counties(&b).await;
    let all = Actor::command_line();
    for (code, county) in [("B1", "990121"), ("B2", "990122")] {
        let input = cohorts::CohortInput {
            code: code.into(),
            name: code.into(),
            region_code: county.into(),
            ..Default::default()
        };
        cohorts::create(&b.cx, &all, input).await.unwrap();
    }
    let kinds = yanzhen::app::kinds();
    let import = async |code: &str, text: &str| {
        let p = yanzhen::importing::Params { cohort: Some(code.into()), ..Default::default() };
        yanzhen::importing::run::now(&b.cx, &all, kinds.get("roster").unwrap(), &p, "a.csv", text.as_bytes(), false)
            .await
            .unwrap()
    };
    import("B1", ROSTER).await;
    let done = import("B2", &ROSTER.replace("陈一", "李二")).await;
    let said = done.problems[0].message(yanzhen::core::Lang::ZhCn);
    assert_eq!(done.problems[0].code, "id_used_with_other_name");
    assert!(!said.contains("陈一") && said.contains("李二") && !said.contains('-'), "{said}");

    let base = yanzhen::directory::ops::bases::BaseInput {
        region_code: "990121".into(),
        code: "J1".into(),
        name: "甲基地".into(),
        kind: "agency".into(),
        ..Default::default()
    };
    let base = yanzhen::directory::ops::bases::add(&b.cx, &all, base).await.unwrap();
    yanzhen::directory::ops::bases::add_supervisor(&b.cx, &all, base.id, "王督导", "").await.unwrap();
    let observer = b.api(Role::Observer, &[], None).await;
    observer.get(&format!("/bases/{}", base.id)).await.is(200).hides("王督导");
    let trainer = b.api(Role::Administrator, &[], None).await;
    trainer.get(&format!("/bases/{}", base.id)).await.is(200).shows("王督导");
});

on_both!(a_request_that_cannot_be_read_names_the_parameter, |b| async move {
    let api = b.api(Role::Administrator, &[], None).await;
    let answer = api.get("/tally/people").await.is(400).json();
    assert_eq!(answer["errors"][0]["field"], "measure", "{answer}");
    let answer = api.post("/cohorts", json!({"code": 7})).await.is(400).json();
    assert!(answer["detail"].as_str().unwrap().contains("CohortNew"), "{answer}");
});

on_both!(the_way_back_from_an_error_leads_to_a_page, |b| async move {
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    let page = admin.post("/imports/99999/undo", &[]).await.is(404);
    assert!(!page.text.contains("href=\"/imports/99999/undo\""));
    let page = admin.request(Method::POST, "/alarms/repair", Some(("text/plain", b"x".to_vec()))).await;
    assert!(page.status.is_client_error() && !page.text.contains("href=\"/alarms/repair\""), "{}", page.text);
});

on_both!(a_trainer_puts_nothing_into_another_county, |b| async move {
    let who = yanzhen::core::Actor::command_line();
    let input = yanzhen::cohorts::ops::CohortInput {
        code: "R-1".into(),
        name: "甲".into(),
        region_code: "990121".into(),
        active: true,
        ..Default::default()
    };
    let cohort = yanzhen::cohorts::ops::create(&b.cx, &who, input).await.unwrap().id;
    let api = b.api(Role::Trainer, &[("cohort", cohort.to_string())], None).await;
    for (path, name) in [("/lecturers", "潘文晓"), ("/formations", "头雁一组")] {
        let body = |region: &str| serde_json::json!({ "name": name, "region_code": region });
        api.post(path, body("990122")).await.is(422).shows("region_code");
        api.post(path, body("990121")).await.is(200);
        // Left out, it is where the trainer works.
        let home = api.post(path, serde_json::json!({ "name": format!("{name}二") })).await.is(200).json();
        assert_eq!(home["region_code"], "990121", "{path}");
    }
});
