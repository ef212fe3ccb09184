//! What is the same for every operation of the API: problems, keys, limits, the document.

use poem::http::Method;
use serde_json::json;
use yanzhen::core::Role;
use yanzhen::db;

use crate::on_both;

fn user(login: &str) -> serde_json::Value {
    json!({"login": login, "name": "督导甲", "role": "supervisor"})
}

on_both!(every_error_is_a_problem_document, |bench| async move {
    let api = bench.api(Role::Administrator, &[], None).await;
    let trainer = bench.api(Role::Trainer, &[], None).await;
    let none = bench.nobody();
    for (answer, status, kind) in [
        (none.get("/me").await, 401, "unauthenticated"),
        (none.get("/nothing").await, 404, "not-found"),
        (api.get("/nothing").await, 404, "not-found"),
        (trainer.get("/audit").await, 403, "forbidden"),
        (api.call(Method::DELETE, "/me", None, &[]).await, 405, "method"),
        (api.get("/users/999999").await, 404, "not-found"),
        (api.get("/users?role=king").await, 422, "invalid"),
        (api.get("/users?limit=many").await, 400, "bad-request"),
        (
            api.post("/users", json!({"login": "x1", "name": "n", "role": "supervisor", "more": 1})).await,
            400,
            "bad-request",
        ),
        (api.post("/users", json!([])).await, 400, "bad-request"),
        (api.call(Method::POST, "/users", None, &[("content-type", "text/plain")]).await, 415, "media-type"),
        (api.post("/users", json!({"login": "?", "name": "", "role": "supervisor"})).await, 422, "invalid"),
        (
            api.post("/users", json!({"login": "y".repeat(2 << 20), "name": "n", "role": "supervisor"})).await,
            413,
            "too-large",
        ),
    ] {
        let answer = answer.is(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("/api/docs#problem-{kind}"));
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(none.get("/me").await.header("www-authenticate"), "Bearer");
    let wrong = api.post("/users", json!({"login": "?", "name": "", "role": "supervisor"})).await.json();
    let fields: Vec<&str> = wrong["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["login", "name"]);
});

on_both!(the_same_key_does_one_thing, |bench| async move {
    let api = bench.api(Role::Administrator, &[], None).await;
    let key = [("idempotency-key", "k-1")];
    let first = api.call(Method::POST, "/users", Some(user("s1")), &key).await.is(201);
    let again = api.call(Method::POST, "/users", Some(user("s1")), &key).await.is(201);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    api.call(Method::POST, "/users", Some(user("s2")), &key).await.is(409);
    api.call(Method::POST, "/users", Some(user("s3")), &[("idempotency-key", "")]).await.is(422);
    let sql = "SELECT COUNT(*) FROM user_account WHERE login LIKE 's_'";
    assert_eq!(db::int(bench.cx.read(), sql, []).await.unwrap(), Some(1));
    // A refused call keeps no answer: the key can be used for the corrected one.
    let key = [("idempotency-key", "k-2")];
    api.call(Method::POST, "/users", Some(user("?")), &key).await.is(422);
    api.call(Method::POST, "/users", Some(user("s4")), &key).await.is(201);
    // Somebody else's key is another key; after a day the key is free.
    let other = bench.api(Role::Administrator, &[], None).await;
    other.call(Method::POST, "/users", Some(user("s5")), &key).await.is(201);
    bench.clock.set(bench.cx.now() + chrono::TimeDelta::hours(25));
    api.call(Method::POST, "/users", Some(user("s6")), &key).await.is(201);
});

on_both!(two_calls_at_once_with_one_key_do_one_thing, |bench| async move {
    let api = bench.api(Role::Administrator, &[], None).await;
    let key = [("idempotency-key", "at once")];
    let calls = (0..4).map(|_| api.call(Method::POST, "/users", Some(user("once")), &key));
    let answers = futures_util::future::join_all(calls).await;
    let made =
        answers.iter().filter(|a| a.status.as_u16() == 201 && a.header("idempotency-replayed").is_empty()).count();
    assert_eq!(made, 1);
    assert!(answers.iter().all(|a| matches!(a.status.as_u16(), 201 | 409)));
});

on_both!(lists_go_on_where_the_page_before_ended, |bench| async move {
    let api = bench.api(Role::Administrator, &[], None).await;
    for i in 0..7 {
        api.post("/users", user(&format!("page{i}"))).await.is(201);
    }
    let mut seen = Vec::new();
    let mut path = "/users?limit=3&q=page".to_owned();
    loop {
        let page = api.get(&path).await.is(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|u| u["login"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/users?limit=3&q=page&after={next}"),
            None => break,
        }
    }
    let want: Vec<String> = (0..7).rev().map(|i| format!("page{i}")).collect();
    assert_eq!(seen, want);
});

/// Whoever wrote a client against the document finds a change of it here, in the review, before their users do.
#[test]
fn the_document_is_the_one_on_record() {
    let spec: serde_json::Value = serde_json::from_str(&yanzhen::app::openapi_spec()).unwrap();
    let kept: serde_json::Value = serde_json::from_str(include_str!("../fixtures/openapi.json")).unwrap();
    for part in ["paths", "components"] {
        for (name, was) in kept[part].as_object().unwrap() {
            assert_eq!(
                &spec[part][name], was,
                "{part} {name} changed; if meant so: yanzhen openapi > tests/fixtures/openapi.json"
            );
        }
    }
    assert!(spec == kept, "something new is in the document: yanzhen openapi > tests/fixtures/openapi.json");
}

on_both!(the_document_is_served_to_programs_and_people, |bench| async move {
    let mut b = bench.visitor();
    let spec = b.get("/api/openapi.json").await.is(200).json();
    let post = &spec["paths"]["/users"]["post"];
    assert!(post["parameters"].as_array().unwrap().iter().any(|p| p["name"] == "Idempotency-Key"));
    for status in ["400", "401", "403", "404", "409", "413", "422", "500", "503"] {
        let content = &post["responses"][status]["content"];
        assert!(content["application/problem+json"].is_object(), "{status}: {content}");
    }
    let page = b.get("/api/docs").await.is(200).shows("/api/v1/users").shows("id=\"problem-conflict\"");
    assert!(!page.text.contains("<script>"));
});
