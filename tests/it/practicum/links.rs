//! Links by which a supervisor without an account confirms: signed, for one decision, until a day.

use sea_orm::EntityTrait;
use yanzhen::core::{Actor, Lang, Role};
use yanzhen::mail::{outbox, send_due};
use yanzhen::practicum::entity::confirm_link;
use yanzhen::practicum::ops::{self, LinkDecision, SendLink};
use yanzhen::{app, db};

use super::{Town, codes, facts_of, hours, town};
use crate::harness::Bench;
use crate::on_both;

async fn three_days(b: &Bench, t: &Town) -> Vec<i64> {
    let mut ids = Vec::new();
    for day in ["2026-11-18", "2026-11-19", "2026-11-20"] {
        ids.push(ops::log_hours(&b.cx, &t.intern, hours(day, 510, 630)).await.unwrap().id);
    }
    ids
}

fn to(t: &Town, address: &str) -> SendLink {
    SendLink {
        base_id: t.base, supervisor_id: None, address: address.into(), name: "吴飞洋".into(), lang: Lang::ZhCn
    }
}

async fn token_of(b: &Bench, id: i64) -> String {
    let row = confirm_link::Entity::find_by_id(id).one(b.cx.read()).await.unwrap().unwrap();
    ops::token(&b.cx, &row)
}

on_both!(a_supervisor_without_an_account_decides_by_the_link_in_the_mail, |b| async move {
    let t = town(&b).await;
    let ids = three_days(&b, &t).await;
    let mut trainer = b.sign_in(Role::Administrator, &[], None).await;
    let base = t.base.to_string();
    trainer.get("/confirm-links").await.is(200).shows("渠口镇社会工作服务站").shows("3 条待确认");
    let wrong = [("base", base.as_str()), ("address", "吴 飞洋@"), ("name", "吴飞洋")];
    trainer.post("/confirm-links", &wrong).await.is(422).shows("请填写有效的电子邮箱地址").shows("吴 飞洋@");
    let right = [("base", base.as_str()), ("address", "wu@example.org"), ("name", "吴飞洋")];
    trainer.post("/confirm-links", &right).await.is(303);
    trainer.get("/confirm-links").await.is(200).shows("已发送链接").shows("wu@example.org");

    // The letter holds the link; the outbox row does not.
    let post = app::post(&b.cx);
    send_due(&b.cx, &post).await.unwrap();
    let one = |sql: &'static str| db::int(b.cx.read(), sql, []);
    let mail = one("SELECT id FROM outbox WHERE rule = 'confirm-hours' AND state = 'sent'").await.unwrap().unwrap();
    let text = outbox::written(&post, mail).await.unwrap();
    let link = one("SELECT id FROM confirm_link").await.unwrap().unwrap();
    let token = token_of(&b, link).await;
    let body: String = text.split_whitespace().collect();
    let letter = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap();
    assert!(String::from_utf8(letter).unwrap().contains(&format!("/confirm-hours/{token}")), "{text}");
    assert_eq!(one("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%-%'").await.unwrap(), Some(0));

    // Nobody is signed in: one is returned, two are confirmed; what was typed stays when the reason is missing.
    let mut visitor = b.visitor();
    let at = format!("/confirm-hours/{token}");
    visitor.get(&at).await.is(200).shows("余春").shows("吴飞洋").shows("2026-11-18");
    let fields: Vec<String> = ids.iter().map(|id| format!("e{id}")).collect();
    let mut form =
        vec![(fields[0].as_str(), "confirm"), (fields[1].as_str(), "return"), (fields[2].as_str(), "confirm")];
    visitor.post(&at, &form).await.is(422).shows("请填写退回原因");
    visitor.post(&at, &[]).await.is(422).shows("请先勾选记录");
    form.push(("reason", "缺签到表"));
    visitor.post(&at, &form).await.is(200).shows("已处理 3 条");
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 240);
    let e = ops::entry(b.cx.read(), &t.intern, ids[1]).await.unwrap();
    assert_eq!((e.state.as_str(), e.reason.as_str()), ("returned", "缺签到表"));
    let e = ops::entry(b.cx.read(), &t.intern, ids[0]).await.unwrap();
    assert_eq!((e.state.as_str(), e.supervisor_name.as_str()), ("confirmed", "吴飞洋"));

    // Used once: the page says so, and a second sending changes nothing.
    visitor.get(&at).await.is(410).shows("这个链接已经使用过");
    visitor.post(&at, &form).await.is(410).shows("这个链接已经使用过");
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND actor_name = '吴飞洋'";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(3));
});

on_both!(links_that_are_tampered_with_expired_or_replaced_open_nothing, |b| async move {
    let t = town(&b).await;
    let ids = three_days(&b, &t).await;
    let who = Actor::command_line();
    let nobody = ops::send_link(&b.cx, &t.supervisor, to(&t, "wu@example.org")).await;
    assert_eq!(codes(&nobody.unwrap_err()), ["Forbidden"]);
    let elsewhere = ops::send_link(&b.cx, &who, SendLink { base_id: t.other_base, ..to(&t, "a@example.org") }).await;
    assert_eq!(codes(&elsewhere.unwrap_err()), ["practicum-link-nothing"]);
    let first = ops::send_link(&b.cx, &who, to(&t, "wu@example.org")).await.unwrap();
    let token = token_of(&b, first).await;
    let mut visitor = b.visitor();
    let (id, signature) = token.split_once('-').unwrap();
    let mut other: Vec<char> = signature.chars().collect();
    other[0] = if other[0] == '0' { '1' } else { '0' };
    let other: String = other.into_iter().collect();
    for wrong in [format!("{id}-{other}"), format!("{}-{signature}", first + 1), format!("{id}-"), "x".to_owned()] {
        visitor.get(&format!("/confirm-hours/{wrong}")).await.is(404).shows("链接无效");
        let all = LinkDecision { confirm: ids.clone(), ..LinkDecision::default() };
        assert!(ops::decide_by_link(&b.cx, None, &wrong, &all).await.is_err());
    }
    // An entry that is not the link's is not decided by it, and the link stays good.
    let strange = LinkDecision { confirm: vec![ids[0], 999_999], ..LinkDecision::default() };
    assert!(ops::decide_by_link(&b.cx, None, &token, &strange).await.is_err());
    visitor.get(&format!("/confirm-hours/{token}")).await.is(200);

    // A newer link ends the older one.
    let second = ops::send_link(&b.cx, &who, to(&t, "wu@example.org")).await.unwrap();
    visitor.get(&format!("/confirm-hours/{token}")).await.is(410).shows("更新的链接");
    let token = token_of(&b, second).await;
    // One that somebody else sends does not: it may be for other people.
    let office = Actor { user_id: Some(b.user(Role::Administrator, &[], None).await.id), ..who.clone() };
    ops::send_link(&b.cx, &office, to(&t, "wu@example.org")).await.unwrap();
    visitor.get(&format!("/confirm-hours/{token}")).await.is(200);
    // What the intern changes after the mail is not confirmed unseen.
    ops::edit_hours(&b.cx, &t.intern, ids[0], 1, hours("2026-11-18", 510, 900)).await.unwrap();
    let page = visitor.get(&format!("/confirm-hours/{token}")).await.is(200).hides("2026-11-18").shows("2026-11-19");
    assert!(page.text.contains("2026-11-20"));
    // Past its day.
    b.at("2026-12-02T02:00:01Z");
    visitor.get(&format!("/confirm-hours/{token}")).await.is(410).shows("已经过期");
    let one = LinkDecision { confirm: vec![ids[1]], ..LinkDecision::default() };
    let late = ops::decide_by_link(&b.cx, None, &token, &one);
    assert_eq!(codes(&late.await.unwrap_err()), ["practicum-link-expired"]);
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 0);
});

on_both!(a_link_used_twice_at_once_decides_once, |b| async move {
    let t = town(&b).await;
    let ids = three_days(&b, &t).await;
    let second = b.second().await;
    let id = ops::send_link(&b.cx, &Actor::command_line(), to(&t, "wu@example.org")).await.unwrap();
    let token = token_of(&b, id).await;
    let all = LinkDecision { confirm: ids, ..LinkDecision::default() };
    let (x, y) =
        tokio::join!(ops::decide_by_link(&b.cx, None, &token, &all), ops::decide_by_link(&second, None, &token, &all));
    let (done, refused): (Vec<_>, Vec<_>) = [x, y].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    assert_eq!(codes(refused[0].as_ref().unwrap_err()), ["practicum-link-used"]);
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 360);
});
