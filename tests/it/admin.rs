//! Accounts of users and of cohorts, and the audit log.

use yanzhen::admin::users;
use yanzhen::cohorts::ops::{self as cohorts, Whom};
use yanzhen::core::{Actor, Role};
use yanzhen::db;

use crate::harness::{Bench, http::PASSWORD};
use crate::on_both;

async fn id(bench: &Bench, sql: &str) -> i64 {
    db::int(bench.cx.writer(), sql, []).await.unwrap().unwrap()
}

/// Two counties with a cohort and a base each; three people in the first cohort.
async fn ground(bench: &Bench) -> (i64, i64, i64) {
    let at = "created_at, updated_at";
    let now = bench.cx.now();
    for (code, name) in [("3301", "杭州"), ("330106", "西湖"), ("3302", "宁波")] {
        let sql = format!("INSERT INTO region (code, name, level, {at}) VALUES (?, ?, 2, ?, ?)");
        db::run(bench.cx.writer(), &sql, [code.into(), name.into(), now.into(), now.into()]).await.unwrap();
    }
    for (code, region) in [("C1", "330106"), ("C2", "3302")] {
        let sql = format!("INSERT INTO cohort (code, name, region_code, active, {at}) VALUES (?, ?, ?, TRUE, ?, ?)");
        let values = [code.into(), code.into(), region.into(), now.into(), now.into()];
        db::run(bench.cx.writer(), &sql, values).await.unwrap();
        let sql = format!("INSERT INTO base (code, name, region_code, active, {at}) VALUES (?, ?, ?, TRUE, ?, ?)");
        let values = [format!("B{code}").into(), code.into(), region.into(), now.into(), now.into()];
        db::run(bench.cx.writer(), &sql, values).await.unwrap();
    }
    let cohort = id(bench, "SELECT id FROM cohort WHERE code = 'C1'").await;
    for (name, number) in [("王芳", "S001"), ("李雷", ""), ("赵敏", "S 003")] {
        let sql = format!(
            "INSERT INTO person (name, name_key, id_hash, student_no, region_code, active, {at}) VALUES (?, ?, ?, ?, '330106', TRUE, ?, ?)"
        );
        let values = [name.into(), name.into(), name.into(), number.into(), now.into(), now.into()];
        db::run(bench.cx.writer(), &sql, values).await.unwrap();
        let sql = format!(
            "INSERT INTO enrolment (cohort_id, person_id, state, {at}) SELECT ?, id, 'active', ?, ? FROM person WHERE name = ?"
        );
        db::run(bench.cx.writer(), &sql, [cohort.into(), now.into(), now.into(), name.into()]).await.unwrap();
        let sql =
            "INSERT INTO person_scope (person_id, kind, target_id) SELECT id, 'cohort', ? FROM person WHERE name = ?";
        db::run(bench.cx.writer(), sql, [cohort.into(), name.into()]).await.unwrap();
    }
    let other = id(bench, "SELECT id FROM cohort WHERE code = 'C2'").await;
    let base = id(bench, "SELECT id FROM base WHERE code = 'BC2'").await;
    (cohort, other, base)
}

on_both!(a_regional_administrator_manages_accounts_within_the_region_only, |bench| async move {
    let (cohort, other, base) = ground(&bench).await;
    let county = [("region", "3301".to_owned())];
    let mut b = bench.sign_in(Role::Administrator, &county, None).await;
    let near = bench.user(Role::Trainer, &[("cohort", cohort.to_string())], None).await;
    let far = bench.user(Role::Trainer, &[("cohort", other.to_string())], None).await;
    let wide = bench.user(Role::Administrator, &[], None).await;
    let both = bench.user(Role::Observer, &[("region", "3301".into()), ("region", "3302".into())], None).await;
    b.get("/users").await.is(200).shows(&near.login).hides(&far.login).hides(&wide.login).hides(&both.login);
    b.get(&format!("/users/{}", near.id)).await.is(200);
    for id in [far.id, wide.id, both.id] {
        b.get(&format!("/users/{id}")).await.is(404);
        b.post(&format!("/users/{id}/reset"), &[]).await.is(404);
        b.post(&format!("/users/{id}"), &[("name", "x"), ("version", "1")]).await.is(404);
    }
    // Nobody widens their own view by making an account.
    for (role, region, scope) in [
        ("administrator", "", String::new()),
        ("administrator", "3302", String::new()),
        ("observer", "33", String::new()),
        ("trainer", "", format!("cohort:{other}")),
        ("supervisor", "", format!("base:{base}")),
        ("intern", "", String::new()),
    ] {
        let fields =
            [("login", "newcomer"), ("name", "新人"), ("role", role), ("region", region), ("scope", scope.as_str())];
        let status = b.post("/users", &fields[..if scope.is_empty() { 4 } else { 5 }]).await.status.as_u16();
        assert!(matches!(status, 422 | 403), "{role} {region} {scope}: {status}");
    }
    let fields = [("login", "newcomer"), ("name", "新人"), ("role", "administrator"), ("region", "330106")];
    b.post("/users", &fields).await.is(200).shows("newcomer");
    b.get("/users").await.is(200).shows("newcomer").shows("西湖");
    b.post("/users", &fields).await.is(422).shows("已被使用").shows("value=\"新人\"");
});

on_both!(an_account_is_changed_closed_and_guarded_by_its_version, |bench| async move {
    let mut b = bench.sign_in(Role::Administrator, &[], None).await;
    let mut c = bench.sign_in(Role::Observer, &[], None).await;
    let path = format!("/users/{}", c.user_id);
    let page = b.get(&path).await.is(200);
    let version = page.field("version").unwrap();
    let fields = [("name", "改名"), ("role", "observer"), ("version", version.as_str()), ("active", "1")];
    b.post(&path, &fields).await.is(303);
    b.post(&path, &fields).await.is(422).shows("已被他人修改");
    b.get(&path).await.is(200).shows("改名");
    c.get("/account").await.is(200);
    let version = b.get(&path).await.field("version").unwrap();
    b.post(&path, &[("name", "改名"), ("role", "observer"), ("version", &version)]).await.is(303);
    c.get("/account").await.is(303);
    bench.visitor().sign_in(&c.login, PASSWORD).await.is(422);
    let own = format!("/users/{}", b.user_id);
    let version = b.get(&own).await.field("version").unwrap();
    b.post(&own, &[("name", "x"), ("role", "administrator"), ("version", &version)])
        .await
        .is(422)
        .shows("不能停用自己");
});

on_both!(a_cohort_gets_accounts_with_codes_once, |bench| async move {
    let (cohort, other, _) = ground(&bench).await;
    let mut b = bench.sign_in(Role::Trainer, &[("cohort", cohort.to_string())], None).await;
    b.get(&format!("/cohorts/{other}/accounts")).await.is(404);
    let path = format!("/cohorts/{cohort}/accounts");
    b.get(&path).await.is(200);
    let page = b.post(&path, &[]).await.is(200).shows("s001").shows("s003").shows("李雷");
    assert_eq!(page.text.matches("class=\"slip\"").count(), 3);
    b.post(&path, &[]).await.is(200).shows("没有需要生成账号的人");
    let who = Actor::command_line();
    let state = cohorts::account_state(&bench.cx, &who, cohort).await.unwrap();
    assert_eq!((state.members, state.with_account, state.waiting), (3, 3, 3));
    // A code opens the account of its person; a new code replaces the old one, but not a password already chosen.
    let slips = cohorts::make_accounts(&bench.cx, &who, cohort, Whom::Waiting).await.unwrap();
    let mine = slips.iter().find(|s| s.login == "s001").unwrap();
    let mut c = bench.visitor();
    c.sign_in("s001", &mine.code).await.is(303);
    c.post("/account/password", &[("old", &mine.code), ("new", PASSWORD), ("again", PASSWORD)]).await.is(303);
    let slips = cohorts::make_accounts(&bench.cx, &who, cohort, Whom::Waiting).await.unwrap();
    assert_eq!(slips.len(), 2);
    c.get("/account").await.is(200);
    // The trainer sees and resets these accounts, and no others.
    let list = b.get("/users").await.is(200);
    assert_eq!(list.text.matches("href=\"/users/").count() - list.text.matches("href=\"/users/new\"").count(), 3);
    let intern = id(&bench, "SELECT id FROM user_account WHERE login = 's001'").await;
    b.post(&format!("/users/{intern}/reset"), &[]).await.is(200);
    c.get("/account").await.is(303);
    b.post(&format!("/users/{}/reset", b.user_id), &[]).await.is(404);
    assert!(users::get(&bench.cx, &who, intern).await.unwrap().user.one_time);
});

on_both!(the_audit_log_can_be_narrowed_and_read_on, |bench| async move {
    ground(&bench).await;
    let mut b = bench.sign_in(Role::Administrator, &[], None).await;
    for i in 0..60 {
        let path = format!("/users/{}", b.user_id);
        let version = b.get(&path).await.field("version").unwrap();
        let fields = [("name", format!("管理员{i}")), ("version", version)];
        let mut all = vec![("role", "administrator"), ("active", "1")];
        all.extend(fields.iter().map(|(n, v)| (*n, v.as_str())));
        b.post(&path, &all).await.is(303);
    }
    let mine = format!("/audit?entity=user_account&id={}", b.user_id);
    let page = b.get(&mine).await.is(200).shows("管理员59").hides("管理员3<");
    let next = page.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    b.get(&next).await.is(200).shows("管理员3<");
    b.get("/audit?actor=999999").await.is(200).shows("没有操作记录");
    b.get("/audit?person=1").await.is(200);
    let mut c = bench.sign_in(Role::Administrator, &[("region", "3302".to_owned())], None).await;
    c.get(&mine).await.is(200).shows("没有操作记录");
});
