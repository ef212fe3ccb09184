//! Signing in, passwords, login sessions, tokens, accounts.

use chrono::TimeDelta;
use yanzhen::auth::{tokens, users};
use yanzhen::core::{Actor, Role};
use yanzhen::db;

use crate::harness::http::PASSWORD;
use crate::on_both;

on_both!(an_unknown_login_and_a_wrong_password_get_the_same_answer, |bench| async move {
    let made = bench.user(Role::Trainer, &[], None).await;
    let mut b = bench.visitor();
    let strip = |text: &str, login: &str| text.replace(login, "");
    let unknown = b.sign_in("nobody-here", "x").await.is(422);
    let wrong = b.sign_in(&made.login, "x").await.is(422);
    assert_eq!(strip(&unknown.text, "nobody-here"), strip(&wrong.text, &made.login));
    // The login typed is kept, the password never.
    assert_eq!(wrong.field("login").as_deref(), Some(made.login.as_str()));
    assert_eq!(wrong.field("password").as_deref(), Some(""));
    b.sign_in(&made.login.to_uppercase(), &made.one_time_password).await.is(303);
});

on_both!(after_too_many_failures_the_account_waits_even_for_the_right_password, |bench| async move {
    let made = bench.user(Role::Trainer, &[], None).await;
    let max = bench.cx.settings.sign_in.max_failures;
    let mut b = bench.visitor();
    for _ in 0..max {
        b.sign_in(&made.login, "wrong").await.is(422);
    }
    b.sign_in(&made.login, &made.one_time_password).await.is(422);
    bench
        .clock
        .set(bench.cx.now() + TimeDelta::minutes(bench.cx.settings.sign_in.wait_minutes) + TimeDelta::seconds(1));
    b.sign_in(&made.login, &made.one_time_password).await.is(303);
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE action = 'lock' AND entity_id = ?";
    assert_eq!(db::int(bench.cx.read(), sql, [made.id.into()]).await.unwrap(), Some(1));
});

on_both!(failures_short_of_the_limit_are_forgotten_by_a_right_password, |bench| async move {
    let made = bench.user(Role::Trainer, &[], None).await;
    let mut b = bench.visitor();
    for _ in 0..3 {
        for _ in 0..bench.cx.settings.sign_in.max_failures - 1 {
            b.sign_in(&made.login, "wrong").await.is(422);
        }
        b = bench.visitor();
        b.sign_in(&made.login, &made.one_time_password).await.is(303);
        b = bench.visitor();
    }
});

on_both!(a_one_time_password_must_be_changed_and_the_old_one_is_dead, |bench| async move {
    let made = bench.user(Role::Trainer, &[], None).await;
    let mut b = bench.visitor();
    b.sign_in(&made.login, &made.one_time_password).await.is(303);
    let old = made.one_time_password.as_str();
    for (new, again, text) in [
        ("short", "short", "至少要有 8"),
        (old, old, "不能与当前密码相同"),
        ("geese fly north", "geese fly south", "不一致"),
        ("12345678", "12345678", "太容易"),
    ] {
        b.post("/account/password", &[("old", old), ("new", new), ("again", again)]).await.is(422).shows(text);
    }
    b.post("/account/password", &[("old", "x"), ("new", PASSWORD), ("again", PASSWORD)]).await.is(422);
    b.post("/account/password", &[("old", old), ("new", PASSWORD), ("again", PASSWORD)]).await.is(303);
    b.get("/").await.is(200).shows("密码已修改");
    // The notice is shown once.
    b.get("/").await.is(200).hides("密码已修改");
    let mut c = bench.visitor();
    c.sign_in(&made.login, old).await.is(422);
    c.sign_in(&made.login, PASSWORD).await.is(303);
});

on_both!(a_login_session_ends_when_idle_signed_out_or_closed, |bench| async move {
    let mut b = bench.sign_in(Role::Trainer, &[], None).await;
    let mut c = bench.visitor();
    c.sign_in(&b.login, PASSWORD).await.is(303);
    c.get("/account").await.is(200);
    b.post("/account/sign-out-everywhere", &[]).await.is(303);
    c.get("/account").await.is(303);
    b.get("/account").await.is(200);
    let stolen = b.cookies.clone();
    b.post("/sign-out", &[]).await.is(303);
    b.cookies = stolen;
    b.get("/account").await.is(303);

    let mut d = bench.visitor();
    d.sign_in(&b.login, PASSWORD).await.is(303);
    bench.clock.set(bench.cx.now() + TimeDelta::minutes(bench.cx.settings.sign_in.idle_minutes + 1));
    d.get("/account").await.is(303);

    let mut e = bench.visitor();
    e.sign_in(&b.login, PASSWORD).await.is(303);
    users::reset(&bench.cx, &Actor::command_line(), b.user_id).await.unwrap();
    e.get("/account").await.is(303);
});

on_both!(secrets_are_not_stored, |bench| async move {
    let mut b = bench.sign_in(Role::Trainer, &[], None).await;
    let page = b.post("/account/tokens", &[("name", "script"), ("days", "3")]).await.is(200);
    let token = page.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let cookie = b.cookies["yz_login"].clone();
    for secret in [token.as_str(), cookie.as_str(), PASSWORD] {
        for sql in [
            "SELECT COUNT(*) FROM login_session WHERE token_hash LIKE ?",
            "SELECT COUNT(*) FROM api_token WHERE token_hash LIKE ?",
            "SELECT COUNT(*) FROM user_account WHERE password_hash LIKE ?",
            "SELECT COUNT(*) FROM audit_entry WHERE after LIKE ?",
        ] {
            let like = format!("%{secret}%");
            assert_eq!(db::int(bench.cx.read(), sql, [like.into()]).await.unwrap(), Some(0), "{sql}");
        }
    }
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE after LIKE '%argon2%' OR before LIKE '%argon2%'";
    assert_eq!(db::int(bench.cx.read(), sql, []).await.unwrap(), Some(0));
});

on_both!(tokens_open_the_api_until_they_expire_or_are_revoked, |bench| async move {
    let made = bench.user(Role::Trainer, &[], None).await;
    let who = Actor::command_line();
    let mut api = bench.nobody();
    api.get("/me").await.is(401);
    api.token = "yz_0000".into();
    api.get("/me").await.is(401);
    api.token = tokens::create_by_login(&bench.cx, &who, &made.login, 2).await.unwrap();
    assert_eq!(api.get("/me").await.is(200).json()["login"], made.login.as_str());
    bench.clock.set(bench.cx.now() + TimeDelta::days(3));
    api.get("/me").await.is(401);

    assert!(tokens::create_by_login(&bench.cx, &who, "nobody-here", 2).await.is_err());
    assert!(tokens::create_by_login(&bench.cx, &who, &made.login, 0).await.is_err());

    let mut b = bench.sign_in(Role::Intern, &[], None).await;
    b.post("/account/tokens", &[("name", ""), ("days", "900")]).await.is(422).shows("请填写名称");
    let page = b.post("/account/tokens", &[("name", "script"), ("days", "30")]).await.is(200);
    api.token = page.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    api.get("/me").await.is(200);
    let id = page.text.split("/account/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut other = bench.sign_in(Role::Administrator, &[], None).await;
    other.post(&format!("/account/tokens/{id}/revoke"), &[]).await.is(404);
    b.post(&format!("/account/tokens/{id}/revoke"), &[]).await.is(303);
    api.get("/me").await.is(401);
    // The login cookie opens no API.
    let cookie = b.cookies["yz_login"].clone();
    let r = api.call(poem::http::Method::GET, "/me", None, &[("cookie", &format!("yz_login={cookie}"))]).await;
    assert_eq!(r.status.as_u16(), 401);
});
