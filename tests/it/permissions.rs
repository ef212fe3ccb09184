//! The permission table against the routers and the API document, and every line of it with every role.

use std::collections::BTreeSet;

use poem::http::Method;
use yanzhen::app::permissions::TABLE;
use yanzhen::core::Role;
use yanzhen::web::Access;

use crate::harness::{Backend, Bench};

#[test]
fn the_table_and_the_routers_name_the_same_routes() {
    let mut routes: BTreeSet<(String, String)> = BTreeSet::new();
    for (method, path) in yanzhen::app::pages().listed() {
        assert!(routes.insert(((*method).to_owned(), (*path).to_owned())), "{method} {path} is there twice");
    }
    let spec: serde_json::Value = serde_json::from_str(&yanzhen::app::openapi_spec()).unwrap();
    for (path, methods) in spec["paths"].as_object().unwrap() {
        let path = path.replace('{', ":").replace('}', "");
        for method in methods.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), format!("{}{path}", yanzhen::app::API_ROOT)));
        }
    }
    let mut table: BTreeSet<(String, String)> = BTreeSet::new();
    for (method, path, _) in TABLE {
        assert!(table.insert(((*method).to_owned(), (*path).to_owned())), "{method} {path} stands twice in the table");
    }
    let missing: Vec<_> = routes.difference(&table).collect();
    assert!(missing.is_empty(), "routes that are not in the permission table: {missing:#?}");
    let dead: Vec<_> = table.difference(&routes).collect();
    assert!(dead.is_empty(), "lines of the permission table without a route: {dead:#?}");
}

/// What an answer says about access: the handler may then refuse for its own reasons (no such row, bad form), which is
/// still "may".
fn refused_page(status: u16, location: &str) -> bool {
    status == 403 || status == 401 || location.starts_with("/sign-in?")
}

async fn walk(bench: &Bench, role: Option<Role>) {
    let person = (role == Some(Role::Intern)).then_some(1);
    let mut browser = match role {
        Some(role) => bench.sign_in(role, &[], person).await,
        None => bench.visitor(),
    };
    let api = match role {
        Some(role) => bench.api(role, &[], person).await,
        None => bench.nobody(),
    };
    let csrf = browser.csrf().await;
    // Signing out last, or the rest of the walk would be anonymous.
    let mut lines: Vec<_> = TABLE.iter().collect();
    lines.sort_by_key(|l| l.1 == "/sign-out");
    for (method, path, access) in lines {
        let may = match access {
            Access::Public => true,
            Access::SignedIn => role.is_some(),
            Access::Roles(roles) => role.is_some_and(|r| roles.contains(&r)),
        };
        let concrete: String =
            path.split('/').map(|s| if s.starts_with(':') { "999999" } else { s }).collect::<Vec<_>>().join("/");
        let name: Method = method.parse().unwrap();
        if let Some(rest) = concrete.strip_prefix(yanzhen::app::API_ROOT) {
            let body = (*method != "GET").then(|| serde_json::json!({}));
            let r = api.call(name, rest, body, &[]).await;
            let refused = matches!(r.status.as_u16(), 401 | 403);
            assert_eq!(refused, !may, "{method} {path} as {role:?}: {} {}", r.status, r.text);
            assert!(r.status.as_u16() < 500, "{method} {path} as {role:?}: {}", r.text);
            if r.status.as_u16() >= 400 {
                assert_eq!(r.header("content-type"), "application/problem+json", "{method} {path}");
            }
        } else {
            let body =
                (*method == "POST").then(|| ("application/x-www-form-urlencoded", format!("csrf={csrf}").into_bytes()));
            let r = browser.request(name, &concrete, body).await;
            let location = r.header("location").to_owned();
            assert_eq!(
                refused_page(r.status.as_u16(), &location),
                !may,
                "{method} {path} as {role:?}: {} {location}",
                r.status
            );
            assert!(r.status.as_u16() < 500, "{method} {path} as {role:?}: {}", r.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_with_every_role_sqlite() {
    let bench = Bench::start(Backend::Sqlite).await;
    for role in Role::ALL.into_iter().map(Some).chain([None]) {
        walk(&bench, role).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_with_every_role_postgres() {
    let bench = Bench::start(Backend::Postgres).await;
    for role in Role::ALL.into_iter().map(Some).chain([None]) {
        walk(&bench, role).await;
    }
}
