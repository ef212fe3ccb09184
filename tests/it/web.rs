//! The frame of every page: the table, errors, headers, forms, languages.

use poem::http::Method;
use yanzhen::core::Role;

use crate::harness::Bench;
use crate::on_both;

on_both!(a_visitor_is_led_to_the_sign_in_page_and_back, |bench| async move {
    let mut b = bench.visitor();
    let r = b.get("/account?x=1").await.is(303);
    assert_eq!(r.header("location"), "/sign-in?to=%2Faccount%3Fx%3D1");
    b.get("/sign-in?to=/account").await.is(200).shows("name=\"to\" value=\"/account\"");
    let made = bench.user(Role::Trainer, &[], None).await;
    let fields = [("login", made.login.as_str()), ("password", made.one_time_password.as_str()), ("to", "/account")];
    assert_eq!(b.post("/sign-in", &fields).await.is(303).header("location"), "/account/password");
    // Nothing else opens with a one-time password, but the language and signing out do.
    assert_eq!(b.get("/account").await.is(303).header("location"), "/account/password");
    b.post("/language", &[("lang", "en"), ("to", "/account/password")]).await.is(303);
    b.get("/account/password").await.is(200).shows("one-time password");
});

on_both!(errors_are_pages_with_a_way_on, |bench| async move {
    let mut b = bench.visitor();
    let r = b.get("/nothing-here").await.is(404).shows("href=\"/\"");
    assert!(r.header("content-type").starts_with("text/html"));
    b.request(Method::DELETE, "/sign-in", None).await.is(405);
    let mut b = bench.sign_in(Role::Trainer, &[], None).await;
    b.get("/account").await.is(200);
    b.request(Method::POST, "/account/password", Some(("text/plain", b"x".to_vec()))).await.is(400);
    let r = b.request(
        Method::POST,
        "/account/tokens",
        Some(("application/x-www-form-urlencoded", b"name=x&days=3".to_vec())),
    );
    r.await.is(403).shows("页面已过期");
    let big = vec![b'a'; (1 << 20) + 10];
    b.request(Method::POST, "/account/tokens", Some(("application/x-www-form-urlencoded", big))).await.is(413);
    b.request(Method::POST, "/account/tokens/x/revoke", Some(("application/x-www-form-urlencoded", vec![])))
        .await
        .is(404);
});

on_both!(every_answer_has_its_headers, |bench| async move {
    let mut b = bench.visitor();
    for path in ["/sign-in", "/nothing", "/healthz", "/account"] {
        let r = b.get(path).await;
        assert!(r.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!r.header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(r.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(r.header("cache-control"), "no-store", "{path}");
    }
    let page = b.get("/sign-in").await.is(200);
    for inline in ["<style", " style=", " onclick=", "<script>"] {
        assert!(!page.text.contains(inline), "{inline}");
    }
    let css = page.text.split("href=\"/assets/style.").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let r = b.get(&format!("/assets/style.{css}")).await.is(200);
    assert!(r.header("cache-control").contains("immutable"));
    b.get("/assets/style.0.css").await.is(404);
});

on_both!(chinese_is_the_default_and_the_choice_is_kept, |bench| async move {
    let mut b = bench.visitor();
    let r = b.request(Method::GET, "/sign-in", None).await;
    assert!(r.text.contains("<html lang=\"zh-CN\">"));
    b.post("/language", &[("lang", "en"), ("to", "//evil.example")]).await.is(303);
    b.get("/sign-in").await.is(200).shows("<html lang=\"en\">");
    let mut b = bench.sign_in(Role::Trainer, &[], None).await;
    b.get("/account").await.is(200).shows("<html lang=\"zh-CN\">");
    b.post("/language", &[("lang", "en")]).await.is(303);
    b.cookies.remove("yz_lang");
    b.get("/account").await.is(200).shows("<html lang=\"en\">");
});

on_both!(machines_find_their_pages, |bench| async move {
    let mut b = bench.visitor();
    b.get("/healthz").await.is(200);
    b.get("/readyz").await.is(200);
    b.get("/metrics").await.is(200).shows("yanzhen_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1");
    let spec = b.get("/api/openapi.json").await.is(200).json();
    assert_eq!(spec["servers"][0]["url"], "/api/v1");
});

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let bench = Bench::start_with(crate::harness::Backend::Sqlite, &[("server.port", port.as_str())]).await;
    let error = yanzhen::app::serve(bench.cx.clone()).await.unwrap_err().to_string();
    assert!(error.contains("server.port") && error.contains(&port), "{error}");
}
