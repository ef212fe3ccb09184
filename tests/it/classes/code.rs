//! Signing in and out by the code of a screen.

use yanzhen::classes::entity::attendance;
use yanzhen::classes::ops;
use yanzhen::classes::rules::code::Way;
use yanzhen::classes::rules::{Slot, State};
use yanzhen::core::{Actor, Role};

use super::{class_of, key, line, people, session};
use crate::on_both;
use crate::practicum::actor;
use sea_orm::EntityTrait;

on_both!(a_code_signs_in_once_and_only_while_it_is_shown, |b| async move {
    let (class, ids) = class_of(&b, "K1", "第一期", &people(3)).await;
    let who = Actor::command_line();
    // 08:30 to 11:30 in Shanghai.
    let s = ops::add_session(&b.cx, &who, session(class, "2026-11-28", Slot::Morning)).await.unwrap();
    b.at("2026-11-28T00:28:00Z");
    let shown = ops::code(&b.cx, &who, s, Way::In).await.unwrap();
    assert_eq!((shown.seconds, shown.people, shown.signed_in), (15, 3, 0));
    let me = |i: usize| actor(Role::Intern, Some(ids[i]), &[]);
    let pass = ops::pass(&b.cx, &shown.token).unwrap();
    let done = ops::attend(&b.cx, &me(0), &pass).await.unwrap();
    assert_eq!((done.state, done.sign_in, done.sign_out, done.again), (State::Present, Some(508), None, false));
    let again = ops::attend(&b.cx, &me(0), &pass).await.unwrap();
    assert_eq!((again.state, again.sign_in, again.again), (State::Present, Some(508), true));
    // The code before still counts; the one before that does not. A pass lasts five minutes.
    b.at("2026-11-28T00:28:29Z");
    ops::pass(&b.cx, &shown.token).unwrap();
    b.at("2026-11-28T00:28:30Z");
    assert_eq!(key(ops::pass(&b.cx, &shown.token).unwrap_err()), "classes-code-over");
    b.at("2026-11-28T00:33:01Z");
    assert_eq!(key(ops::attend(&b.cx, &me(1), &pass).await.unwrap_err()), "classes-code-over");
    // Changed by one character, for another session, or a pass used as a code: not ours.
    for wrong in [shown.token.replacen("-in-", "-out-", 1), format!("{}0", shown.token), pass.clone(), "-".into()] {
        assert!(format!("{:?}", ops::pass(&b.cx, &wrong).unwrap_err()).contains("classes-code-unknown"), "{wrong}");
    }
    // Eleven minutes late; not in the class; staff have no person.
    b.at("2026-11-28T00:41:00Z");
    let pass = ops::pass(&b.cx, &ops::code(&b.cx, &who, s, Way::In).await.unwrap().token).unwrap();
    assert_eq!(ops::attend(&b.cx, &me(1), &pass).await.unwrap().state, State::Late);
    assert_eq!(
        key(ops::attend(&b.cx, &actor(Role::Intern, Some(99), &[]), &pass).await.unwrap_err()),
        "classes-code-not-in-class"
    );
    assert_eq!(key(ops::attend(&b.cx, &who, &pass).await.unwrap_err()), "classes-code-nobody");
    // Two at the same moment with the same phone: one row.
    let second = b.second().await;
    let third = me(2);
    let (x, y) = tokio::join!(ops::attend(&b.cx, &third, &pass), ops::attend(&second, &third, &pass));
    assert_eq!([x.unwrap().again, y.unwrap().again].iter().filter(|a| **a).count(), 1);
    // Out again at the end; long after, no code is taken, nor on another day.
    b.at("2026-11-28T03:35:00Z");
    let out = ops::pass(&b.cx, &ops::code(&b.cx, &who, s, Way::Out).await.unwrap().token).unwrap();
    let done = ops::attend(&b.cx, &me(0), &out).await.unwrap();
    assert_eq!((done.state, done.sign_in, done.sign_out), (State::Present, Some(508), Some(695)));
    for over in ["2026-11-28T04:31:00Z", "2026-11-29T00:30:00Z"] {
        b.at(over);
        let late = ops::pass(&b.cx, &ops::code(&b.cx, &who, s, Way::Out).await.unwrap().token).unwrap();
        assert_eq!(key(ops::attend(&b.cx, &me(1), &late).await.unwrap_err()), "classes-code-not-now", "{over}");
    }
    let rows = attendance::Entity::find().all(b.cx.read()).await.unwrap();
    assert_eq!(rows.len(), 3);
    // What a trainer changes afterwards keeps before, after and the reason.
    let change = ops::Line { version: Some(2), sign_in: Some(508), ..line(ids[0], State::LeftEarly) };
    ops::record_attendance(&b.cx, &who, s, &[change], "提前离场").await.unwrap();
    let log = ops::corrections(b.cx.read(), &who, s).await.unwrap();
    let said: Vec<_> = log.iter().map(|c| (c.before.as_str(), c.after.as_str(), c.why.as_str())).collect();
    assert_eq!(said, [("present", "left_early", "提前离场"), ("present", "present", "code")]);
});

on_both!(two_phones_sign_in_from_one_screen, |b| async move {
    let (class, ids) = class_of(&b, "K2", "第一期", &people(2)).await;
    let who = Actor::command_line();
    let s = ops::add_session(&b.cx, &who, session(class, "2026-11-28", Slot::Morning)).await.unwrap();
    b.at("2026-11-28T00:25:00Z");
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    let screen = format!("/class-sessions/{s}/screen");
    trainer.get(&screen).await.is(200).shows("0 / 2").shows("http-equiv=\"refresh\"").shows("<svg");
    let token = ops::code(&b.cx, &who, s, Way::In).await.unwrap().token;
    // The first is signed in to the site already; the second must do that first and is led back.
    let mut first = b.sign_in(Role::Intern, &[], Some(ids[0])).await;
    assert_eq!(first.get(&format!("/attend/{token}")).await.is(303).header("location"), "/attend");
    first.get("/attend").await.is(200).shows("第一期").shows("签到");
    first.post("/attend", &[]).await.is(200).shows("签到成功").shows("08:25");
    first.post("/attend", &[]).await.is(200).shows("之前已经登记过了");
    let made = b.user(Role::Intern, &[], Some(ids[1])).await;
    let mut second = b.visitor();
    second.get(&format!("/attend/{token}")).await.is(303);
    let to = second.get("/attend").await.is(303).header("location").to_owned();
    assert!(to.starts_with("/sign-in?to=") && to.contains("attend"), "{to}");
    second.sign_in(&made.login, &made.one_time_password).await.is(303);
    let change = [
        ("old", made.one_time_password.as_str()),
        ("new", crate::harness::http::PASSWORD),
        ("again", crate::harness::http::PASSWORD),
    ];
    second.post("/account/password", &change).await.is(303);
    second.post("/attend", &[]).await.is(200).shows("签到成功");
    trainer.get(&screen).await.is(200).shows("2 / 2");
    trainer.get(&format!("/class-sessions/{s}/sheet")).await.is(200).shows("培训签到表").shows("甲一");
    // Without a code there is nothing to confirm.
    let mut empty = b.sign_in(Role::Intern, &[], Some(ids[0])).await;
    empty.get("/attend").await.is(409).shows("重新扫描");
    // An account without a person, by API.
    let api = b.api(Role::Trainer, &[("class", class.to_string())], None).await;
    api.post("/attend", serde_json::json!({ "code": token })).await.is(409);
    let api = b.api(Role::Intern, &[], Some(ids[0])).await;
    let said = api.post("/attend", serde_json::json!({ "code": token })).await.is(200).json();
    assert_eq!((said["state"].as_str(), said["again"].as_bool()), (Some("present"), Some(true)));
});
