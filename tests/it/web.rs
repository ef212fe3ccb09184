//! The frame of every page: signing in, the table, errors, headers.

use poem::http::StatusCode;
use poem::test::TestClient;
use yanzhen::core::clock::Clock;
use yanzhen::core::config::Settings;
use yanzhen::core::{Actor, Role};
use yanzhen::db::{self, Cx};

async fn cx(dir: &tempfile::TempDir) -> Cx {
    let url = format!("sqlite://{}/t.db?mode=rwc", dir.path().display());
    let settings = Settings::load_with(
        None,
        &[("database.url", url.as_str()), ("sign_in.argon2_memory_kib", "8"), ("sign_in.argon2_passes", "1")],
    )
    .unwrap();
    let cx = Cx::open(settings, Clock::System).await.unwrap();
    db::migrate_up(&cx).await.unwrap();
    cx
}

#[tokio::test]
async fn a_visitor_is_led_to_the_sign_in_page_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let cx = cx(&dir).await;
    let new = yanzhen::auth::users::NewUser {
        login: "t1".into(),
        name: "Trainer".into(),
        email: String::new(),
        role: Role::Trainer,
        person_id: None,
        scopes: vec![],
    };
    let made = yanzhen::auth::users::create(&cx, &Actor::command_line(), new).await.unwrap();
    let client = TestClient::new(yanzhen::app::build(cx.clone()));
    let r = client.get("/").send().await;
    r.assert_status(StatusCode::SEE_OTHER);
    r.assert_header("location", "/sign-in?to=%2F");
    let r = client.get("/sign-in?to=%2F").send().await;
    r.assert_status_is_ok();
    let cookie = r.0.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let text = r.0.into_body().into_string().await.unwrap();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let body = format!("login=T1&password={}&csrf={csrf}", made.one_time_password);
    let r = client
        .post("/sign-in")
        .header("cookie", &cookie)
        .content_type("application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await;
    r.assert_status(StatusCode::SEE_OTHER);
    r.assert_header("location", "/account/password");
    let cookie = r.0.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let r = client.get("/").header("cookie", &cookie).send().await;
    r.assert_header("location", "/account/password");
    let r = client.get("/account/password").header("cookie", &cookie).send().await;
    r.assert_status_is_ok();
    let r = client.get("/nothing").send().await;
    r.assert_status(StatusCode::NOT_FOUND);
    let r = client.get("/api/v1/me").send().await;
    r.assert_status(StatusCode::UNAUTHORIZED);
    r.assert_content_type("application/problem+json");
    let token = yanzhen::auth::tokens::create_by_login(&cx, &Actor::command_line(), "t1", 3).await.unwrap();
    let r = client.get("/api/v1/me").header("authorization", format!("Bearer {token}")).send().await;
    r.assert_status_is_ok();
    for p in ["/healthz", "/readyz", "/metrics", "/api/openapi.json"] {
        let r = client.get(p).send().await;
        r.assert_status_is_ok();
    }
    let r = client.get("/api/v1/nothing").send().await;
    r.assert_status(StatusCode::NOT_FOUND);
    r.assert_content_type("application/problem+json");
}
