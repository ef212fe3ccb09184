//! The pages on the phone, and the API.

use yanzhen::core::Role;
use yanzhen::practicum::ops::{self, EntryFilter};
use yanzhen::practicum::rules::State;

use super::town;
use crate::on_both;

on_both!(an_intern_and_a_supervisor_work_through_their_pages, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id;
    let mut intern = b.sign_in(Role::Intern, &[], me).await;
    let mut supervisor = b.sign_in(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let page = intern.get("/my-hours").await.is(200).shows("渠口镇社会工作服务站").shows("value=\"2026-11-25\"");
    let key = page.field("client_key").unwrap();
    let placement = t.placement.to_string();
    let form = |date: &str, from: &str, to: &str, key: &str| -> Vec<(String, String)> {
        [("date", date), ("from", from), ("to", to), ("kind", "走访"), ("beneficiary", "老年人"), ("count", "3")]
            .into_iter()
            .chain([("placement", placement.as_str()), ("client_key", key), ("action", "submit")])
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    };
    let as_refs = |f: &[(String, String)]| f.iter().map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>();
    macro_rules! post {
        ($browser:expr, $path:expr, $form:expr) => {{
            let owned = as_refs(&$form);
            let fields: Vec<(&str, &str)> = owned.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            $browser.post($path, &fields).await
        }};
    }
    // Wrong: the message stands by the field and what was typed stays.
    post!(intern, "/my-hours", form("2026-11-24", "16:30", "08:30", &key))
        .is(422)
        .shows("结束时间不晚于开始时间")
        .shows("value=\"16:30\"")
        .shows(&key);
    // Sent twice: one entry.
    for _ in 0..2 {
        let to = post!(intern, "/my-hours", form("2026-11-24", "08:30", "16:30", &key)).is(303);
        assert_eq!(to.header("location"), "/my-hours");
    }
    intern.get("/my-hours").await.is(200).shows("08:30–16:30").shows("待确认 8 小时");
    assert_eq!(
        ops::figures(b.cx.read(), &t.supervisor, &EntryFilter::default()).await.unwrap().entries(State::Submitted),
        1
    );
    intern.get("/hours").await.is(403);

    let page = supervisor.get("/hours").await.is(200).shows("余春").shows("08:30–16:30");
    let mark = page.field("entry").unwrap();
    supervisor.post("/hours", &[("entry", &mark), ("action", "return")]).await.is(422).shows("请填写退回原因");
    supervisor.post("/hours", &[("entry", &mark), ("action", "return"), ("reason", "<b>缺签名")]).await.is(303);
    intern.get("/my-hours").await.is(200).shows("&#60;b&#62;缺签名").hides("<b>缺签名");
    let id = mark.split(':').next().unwrap();
    let version = intern.get(&format!("/my-hours/{id}")).await.is(200).field("version").unwrap();
    let mut again = form("2026-11-24", "08:30", "15:30", "");
    again.push(("version".to_owned(), version));
    post!(intern, &format!("/my-hours/{id}"), again).is(303);
    // The mark on the first page is stale by now: the supervisor is told.
    supervisor.post("/hours", &[("entry", &mark), ("action", "confirm")]).await.is(409).shows("没有处理");
    let fresh = supervisor.get("/hours").await.is(200).field("entry").unwrap();
    supervisor.post("/hours", &[("entry", &fresh), ("action", "confirm")]).await.is(303);
    supervisor.get("/hours").await.is(200).shows("已确认 1 条").shows("没有待确认的时数");
    intern.get("/my-hours").await.is(200).shows("<b class=\"big\">7</b> / 10");
    // A change of what is confirmed is an entry of its own; until it is confirmed, and if it is thrown away, nothing moves.
    let page = intern.get(&format!("/my-hours/{id}")).await.is(200).shows("这条记录已经确认");
    let mut change = form("2026-11-24", "08:30", "14:30", &page.field("client_key").unwrap());
    change.retain(|(n, _)| n != "action");
    change.extend([("version".to_owned(), page.field("version").unwrap()), ("action".to_owned(), "draft".to_owned())]);
    post!(intern, &format!("/my-hours/{id}"), change).is(303);
    let page = intern.get("/my-hours").await.is(200).shows("<b class=\"big\">7</b> / 10").shows("正在等待确认");
    intern.get(&format!("/my-hours/{id}")).await.is(409);
    let discard = page.text.split("action=\"/my-hours/").find_map(|s| s.split_once("/discard\"")).unwrap().0.to_owned();
    intern.post(&format!("/my-hours/{discard}/discard"), &[("version", "1")]).await.is(303);
    intern.get("/my-hours").await.is(200).hides("正在等待确认");
    supervisor.get("/placements").await.is(200).shows("余春").shows("还差 3 小时");
    supervisor.get(&format!("/placements/{placement}")).await.is(200).shows("走访").hides("更改实习安排");
    supervisor.get("/placements/999999").await.is(404);
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    let page = admin.get(&format!("/placements/{placement}")).await.is(200).shows("更改实习安排");
    let version = page.field("version").unwrap();
    let change =
        [("version", version.as_str()), ("starts", "2026-09-01"), ("ends", ""), ("required", "7"), ("state", "active")];
    admin.post(&format!("/placements/{placement}"), &change).await.is(303);
    admin.get("/placements?short=1").await.is(200).hides("余春");
    admin.post(&format!("/placements/{placement}"), &change).await.is(422).shows("该记录已被他");
});

on_both!(the_api_of_hours_tells_what_happened, |b| async move {
    let t = town(&b).await;
    let intern = b.api(Role::Intern, &[], t.intern.person_id).await;
    let supervisor = b.api(Role::Supervisor, &[("base", t.base.to_string())], None).await;
    let stranger = b.api(Role::Supervisor, &[("base", t.other_base.to_string())], None).await;
    let observer = b.api(Role::Observer, &[], None).await;
    let entry = serde_json::json!({
        "worked_on": "2026-11-24", "starts": "08:30", "ends": "10:30", "kind": "个案", "submit": true, "client_key": "k",
    });
    let made = intern.post("/hour-entries", entry.clone()).await.is(200).json();
    assert_eq!((made["created"].as_bool(), made["state"].as_str()), (Some(true), Some("submitted")));
    assert_eq!(intern.post("/hour-entries", entry).await.is(200).json()["created"], false);
    let late = serde_json::json!({"worked_on": "2026-12-24", "minutes": 60, "kind": "个案"});
    intern.post("/hour-entries", late).await.is(422).shows("\"field\":\"date\"");
    let odd = serde_json::json!({"worked_on": "2026-11-24", "minutes": 60, "kind": "个案", "state": "confirmed"});
    intern.post("/hour-entries", odd).await.is(400);
    let decision = serde_json::json!({"entries": [{"id": made["id"], "version": 1}]});
    stranger.post("/hour-entries/confirm", decision.clone()).await.is(404);
    intern.post("/hour-entries/confirm", decision.clone()).await.is(403);
    supervisor.post("/hour-entries/return", decision.clone()).await.is(422);
    supervisor.post("/hour-entries/confirm", decision.clone()).await.is(200);
    supervisor.post("/hour-entries/confirm", decision).await.is(409);
    let list = intern.get("/hour-entries?state=confirmed&limit=1").await.is(200).json();
    assert_eq!((list["items"][0]["minutes"].as_i64(), list["items"][0]["starts"].as_str()), (Some(120), Some("08:30")));
    assert_eq!(stranger.get("/hour-entries").await.is(200).json()["items"].as_array().unwrap().len(), 0);
    observer.get("/hour-entries").await.is(403);
    assert_eq!(observer.get("/hour-entries/figures").await.is(200).json()["confirmed_hours"], 2.0);
    let placement = intern.get("/placements").await.is(200).json()["items"][0].clone();
    assert_eq!(placement["confirmed_minutes"], 120);
    intern.get(&format!("/placements/{}", placement["id"])).await.is(200);
});
