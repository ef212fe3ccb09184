//! What the benches share: a database, a signed-in visitor, raw queries, medians.

// Each bench uses its part.
#![allow(dead_code)]

use std::path::Path;
use std::time::{Duration, Instant};

use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt, Request, Response};
use yanzhen::app;
use yanzhen::auth::{ops as sign_in, users};
use yanzhen::core::clock::Clock;
use yanzhen::core::config::Settings;
use yanzhen::core::{Actor, Role};
use yanzhen::db::{self, Cx};

/// A migrated database of its own.
pub async fn open(dir: &Path) -> Cx {
    std::fs::create_dir_all(dir).unwrap();
    let url = format!("sqlite://{}?mode=rwc", dir.join("bench.db").display());
    let dir = dir.display().to_string();
    let set = [("database.url", url.as_str()), ("data.dir", &dir), ("sign_in.argon2_memory_kib", "64")];
    let cx = Cx::open(Settings::load_with(None, &set).unwrap(), Clock::System).await.unwrap();
    db::migrate_up(&cx).await.unwrap();
    cx
}

/// Milliseconds.
pub fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// A signed-in administrator in front of the whole application, without a port.
pub struct Visit {
    app: BoxEndpoint<'static, Response>,
    token: String,
    /// Under which the login session is found.
    pub hash: String,
}

impl Visit {
    pub async fn new(cx: &Cx) -> Self {
        let new = users::NewUser {
            login: "admin".to_owned(),
            name: "admin".to_owned(),
            email: String::new(),
            role: Role::Administrator,
            person_id: None,
            scopes: Vec::new(),
        };
        let made = users::create(cx, &Actor::command_line(), new).await.unwrap();
        users::keep_password(cx, &Actor::command_line(), made.id).await.unwrap();
        let password = made.one_time_password;
        let input = sign_in::SignIn { login: "admin", password: &password, agent: "bench" };
        let token = sign_in::sign_in(cx, input).await.unwrap().token;
        let hash = yanzhen::core::seal::token_hash(&token);
        Self { app: app::build(cx.clone()).boxed(), token, hash }
    }

    /// Asks for a page and reads it to its end.
    pub async fn get(&self, path: String) {
        let cookie = format!("yz_login={}", self.token);
        let req = Request::builder().uri(path.parse().unwrap()).header("cookie", cookie).finish();
        let res = self.app.get_response(req).await;
        assert_eq!(res.status(), 200, "{path}");
        let _ = res.into_body().into_bytes().await.unwrap();
    }
}

/// p50 and p99 of many runs.
pub async fn measure<F: Future<Output = ()>>(n: usize, mut f: impl FnMut(usize) -> F) -> (Duration, Duration) {
    let mut all = Vec::with_capacity(n);
    for i in 0..n + 20 {
        let begun = Instant::now();
        f(i).await;
        if i >= 20 {
            all.push(begun.elapsed());
        }
    }
    all.sort();
    (all[n / 2], all[n * 99 / 100])
}

/// What every request looks up first.
pub const SESSION: &str = "SELECT s.id, s.seen_at, u.id, u.login, u.name, u.role, u.lang, u.person_id, u.one_time, c.kind, \
    c.scope_key FROM login_session s JOIN user_account u ON u.id = s.user_id LEFT JOIN user_scope c ON c.user_id = u.id \
    WHERE s.token_hash = ? AND s.expires_at > ? AND u.active = TRUE";

/// Rows of a query, fetched and counted.
pub async fn raw(cx: &Cx, sql: &str, values: Vec<sea_orm::Value>) -> usize {
    use sea_orm::ConnectionTrait;
    cx.read().query_all_raw(db::sql_of(cx.read(), sql, values)).await.unwrap().len()
}

/// Prints a figure with its reference.
pub fn tell(what: &str, ours: (Duration, Duration), reference: (Duration, Duration)) {
    let ratio = ours.0.as_secs_f64() / reference.0.as_secs_f64();
    let (p50, p99, raw) = (ms(ours.0), ms(ours.1), ms(reference.0));
    println!(
        "{what}: p50 {p50:.2} ms, p99 {p99:.2} ms; raw SQL p50 {raw:.2} ms; ratio {ratio:.2} (goal <= 2 or <= 3 ms)"
    );
}
