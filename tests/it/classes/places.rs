//! Places in a class: who gets the last one, the waiting list and its order, requests by link.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use yanzhen::classes::entity::{class, class_enrolment, class_request};
use yanzhen::classes::ops::request::{self, Answer, Applicant};
use yanzhen::classes::ops::{self, ClassInput};
use yanzhen::core::{Actor, Role};
use yanzhen::db::{self, Cx};
use yanzhen::people::entity::person;

use super::{class_of, key, people};
use crate::harness::Bench;
use crate::on_both;
use crate::practicum::{actor, add_person};

async fn set_capacity(b: &Bench, id: i64, capacity: i64, starts: &str) {
    let v = ops::class_view(b.cx.read(), &Actor::command_line(), id).await.unwrap();
    let input = ClassInput {
        code: v.code,
        name: v.name,
        capacity: Some(capacity),
        required_percent: 80,
        starts_on: Some(starts.parse().unwrap()),
        ..ClassInput::default()
    };
    ops::change_class(&b.cx, &Actor::command_line(), id, v.version, input).await.unwrap();
}

async fn more(b: &Bench, names: &[&str]) -> Vec<i64> {
    let txn = b.cx.begin().await.unwrap();
    let mut ids = Vec::new();
    for n in names {
        let id = add_person(b, &txn, n, "", "").await;
        let row = person::Entity::find_by_id(id).one(&txn).await.unwrap().unwrap();
        person::ActiveModel { email: Set(format!("p{id}@example.com")), ..row.into_active_model() }
            .update(&txn)
            .await
            .unwrap();
        ids.push(id);
    }
    txn.commit().await.unwrap();
    ids
}

async fn names(b: &Bench, class: i64, state: &str) -> Vec<String> {
    let all = request::requests(b.cx.read(), &Actor::command_line(), class).await.unwrap();
    all.into_iter().filter(|r| r.state == state).map(|r| r.name).collect()
}

async fn enrolment(b: &Bench, class: i64, person: i64) -> class_enrolment::Model {
    let all = class_enrolment::Entity::find().all(b.cx.read()).await.unwrap();
    all.into_iter().find(|e| e.class_id == class && e.person_id == person).unwrap()
}

async fn mails(b: &Bench) -> i64 {
    db::int(b.cx.read(), "SELECT COUNT(*) FROM outbox WHERE rule = 'class-news'", []).await.unwrap().unwrap()
}

on_both!(who_waits_moves_up_in_order_and_is_told, |b| async move {
    let (class, ids) = class_of(&b, "W1", "第一期", &people(2)).await;
    set_capacity(&b, class, 2, "2026-12-01").await;
    let who = Actor::command_line();
    let extra = more(&b, &["候一", "候二", "候三"]).await;
    // The class is full: a place is refused, the list is offered.
    assert_eq!(key(ops::enrol(&b.cx, &who, class, &extra[..1]).await.unwrap_err()), "classes-full");
    assert_eq!(request::queue(&b.cx, &who, class, &extra).await.unwrap(), (0, 3));
    assert_eq!(names(&b, class, "waiting").await, ["候一", "候二", "候三"]);
    assert_eq!(mails(&b).await, 3);
    // Asked again, nobody stands there twice and nobody is written to again.
    assert_eq!(request::queue(&b.cx, &who, class, &extra).await.unwrap(), (0, 0));
    // The first gives up and asks again: now at the end.
    let all = request::requests(b.cx.read(), &who, class).await.unwrap();
    let own = actor(Role::Intern, Some(extra[0]), &[]);
    request::leave(&b.cx, &own, all[0].id, all[0].version).await.unwrap();
    assert_eq!(
        key(request::leave(&b.cx, &own, all[1].id, all[1].version).await.unwrap_err()),
        "NotFound(Msg { key: \"error-not-found\", args: [] })"
    );
    b.at("2026-11-25T02:05:00Z");
    assert_eq!(request::queue(&b.cx, &who, class, &extra[..1]).await.unwrap(), (0, 1));
    assert_eq!(names(&b, class, "waiting").await, ["候二", "候三", "候一"]);
    // A place falls free: the first of the list has it, in the same transaction, and is told.
    let before = mails(&b).await;
    let gone = enrolment(&b, class, ids[0]).await;
    ops::withdraw(&b.cx, &who, gone.id, gone.version, false).await.unwrap();
    assert_eq!(enrolment(&b, class, extra[1]).await.state, "active");
    assert_eq!(names(&b, class, "waiting").await, ["候三", "候一"]);
    assert_eq!(mails(&b).await, before + 1);
    // Nobody slips in while others wait, and there is no way back into a full class.
    let late = more(&b, &["插队"]).await;
    assert_eq!(request::queue(&b.cx, &who, class, &late).await.unwrap(), (0, 1));
    let gone = enrolment(&b, class, ids[0]).await;
    assert_eq!(key(ops::withdraw(&b.cx, &who, gone.id, gone.version, true).await.unwrap_err()), "classes-full");
    // More room: two move up, in order.
    set_capacity(&b, class, 4, "2026-12-01").await;
    assert_eq!(names(&b, class, "waiting").await, ["插队"]);
    assert_eq!(ops::class_view(b.cx.read(), &who, class).await.unwrap().people, 4);
    // Less room puts nobody out.
    set_capacity(&b, class, 1, "2026-12-01").await;
    assert_eq!(ops::class_view(b.cx.read(), &who, class).await.unwrap().people, 4);
});

on_both!(nobody_moves_up_by_themselves_once_the_class_has_begun, |b| async move {
    let (class, ids) = class_of(&b, "W2", "第二期", &people(1)).await;
    set_capacity(&b, class, 1, "2026-11-24").await;
    let who = Actor::command_line();
    let extra = more(&b, &["候一"]).await;
    request::queue(&b.cx, &who, class, &extra).await.unwrap();
    let gone = enrolment(&b, class, ids[0]).await;
    ops::withdraw(&b.cx, &who, gone.id, gone.version, false).await.unwrap();
    assert_eq!(names(&b, class, "waiting").await, ["候一"]);
    // The trainer may; a closed class takes nobody.
    let r = request::requests(b.cx.read(), &who, class).await.unwrap().remove(0);
    let done = request::answer(&b.cx, &who, r.id, r.version, Answer::Accept, "").await.unwrap();
    assert_eq!(done.state, "accepted");
    assert_eq!(
        key(request::answer(&b.cx, &who, r.id, done.version, Answer::Accept, "").await.unwrap_err()),
        "classes-request-answered"
    );
    let v = ops::class_view(b.cx.read(), &who, class).await.unwrap();
    ops::set_class_state(&b.cx, &who, class, v.version, "closed").await.unwrap();
    assert_eq!(key(request::queue(&b.cx, &who, class, &ids).await.unwrap_err()), "classes-closed");
    assert_eq!(key(ops::enrol(&b.cx, &who, class, &ids).await.unwrap_err()), "classes-closed");
});

/// What enrolling would be without the class's lock: places are counted, then taken.
async fn unguarded(cx: &Cx, class_id: i64, person: i64, gate: &tokio::sync::Barrier) -> bool {
    let sql = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND state <> 'withdrawn'";
    let taken = db::int(cx.read(), sql, [class_id.into()]).await.unwrap().unwrap();
    gate.wait().await;
    if taken >= 1 {
        return false;
    }
    let txn = cx.begin().await.unwrap();
    let list = [ops::EnrolPerson { class_id, person_id: person }];
    ops::enrol_many(&txn, cx, &Actor::command_line(), None, &list).await.unwrap();
    txn.commit().await.unwrap();
    true
}

on_both!(the_last_place_of_a_class_goes_to_one_of_two, |b| async move {
    let extra = more(&b, &["甲", "乙"]).await;
    let second = b.second().await;
    let who = Actor::command_line();
    // The control: without the guard both get the only place.
    let (open, _) = class_of(&b, "R0", "对照", &[]).await;
    set_capacity(&b, open, 1, "2026-12-01").await;
    let gate = tokio::sync::Barrier::new(2);
    let both = tokio::join!(unguarded(&b.cx, open, extra[0], &gate), unguarded(&second, open, extra[1], &gate));
    assert_eq!(both, (true, true), "the control does not show the fault");
    for n in 1..=3 {
        let (class, _) = class_of(&b, &format!("R{n}"), "第一期", &[]).await;
        set_capacity(&b, class, 1, "2026-12-01").await;
        let (x, y) =
            tokio::join!(ops::enrol(&b.cx, &who, class, &extra[..1]), ops::enrol(&second, &who, class, &extra[1..]));
        let refused: Vec<_> = [x, y].into_iter().filter_map(Result::err).map(key).collect();
        assert_eq!(refused, ["classes-full"]);
        // By the list: one has the place, the other waits.
        let (class, _) = class_of(&b, &format!("Q{n}"), "第一期", &[]).await;
        set_capacity(&b, class, 1, "2026-12-01").await;
        let (x, y) = tokio::join!(
            request::queue(&b.cx, &who, class, &extra[..1]),
            request::queue(&second, &who, class, &extra[1..])
        );
        let mut got = [x.unwrap(), y.unwrap()];
        got.sort_unstable();
        assert_eq!(got, [(0, 1), (1, 0)]);
    }
});

fn applicant(name: &str, id_no: &str) -> Applicant {
    Applicant {
        name: name.into(),
        id_type: "id_card".into(),
        id_no: id_no.into(),
        phone: "13900000001".into(),
        email: "new@example.com".into(),
        ..Applicant::default()
    }
}

on_both!(somebody_not_on_record_asks_by_the_link, |b| async move {
    let (class, _) = class_of(&b, "L1", "第一期", &[]).await;
    set_capacity(&b, class, 1, "2026-12-01").await;
    let who = Actor::command_line();
    let row = class::Entity::find_by_id(class).one(b.cx.read()).await.unwrap().unwrap();
    assert_eq!(request::join_token(&b.cx, class, &row.join_key), None);
    request::join_link(&b.cx, &who, class, row.version, true).await.unwrap();
    let row = class::Entity::find_by_id(class).one(b.cx.read()).await.unwrap().unwrap();
    let token = request::join_token(&b.cx, class, &row.join_key).unwrap();
    let mut bad = token.clone();
    bad.pop();
    for wrong in [bad.as_str(), "1", "", "1-0", "x-y"] {
        assert!(request::joining(&b.cx, wrong).await.is_err(), "{wrong}");
    }
    let kind = yanzhen::people::rules::id_type::IdType::all().next().unwrap().code().to_owned();
    let ask = |name: &str, id: &str| Applicant { id_type: kind.clone(), ..applicant(name, id) };
    // Wrong fields are named; nothing is kept.
    let e = request::ask(&b.cx, &token, &Applicant::default()).await.unwrap_err();
    let yanzhen::core::Error::Invalid(fields) = e else { panic!("{e:?}") };
    assert_eq!(fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["name", "id_type", "phone"]);
    let e = request::ask(&b.cx, &token, &ask("王一", "990121199001011230")).await.unwrap_err();
    assert_eq!(key(e), "classes-join-id-no");
    let number = |serial: u32| {
        let body = format!("99012119900101{serial:03}");
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(weights).map(|(c, w)| u32::from(c - b'0') * w).sum();
        format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
    };
    for (name, serial) in [("王一", 123), ("李二", 124), ("王一", 123)] {
        request::ask(&b.cx, &token, &ask(name, &number(serial))).await.unwrap();
    }
    assert_eq!(names(&b, class, "asked").await, ["王一", "李二"]);
    let sealed = class_request::Entity::find().all(b.cx.read()).await.unwrap();
    assert!(sealed.iter().all(|r| r.person_id.is_none() && !r.details.contains(&number(123))));
    // A refusal needs its reason; who is accepted is on record from then on; the next waits.
    let all = request::requests(b.cx.read(), &who, class).await.unwrap();
    let no = request::answer(&b.cx, &who, all[1].id, all[1].version, Answer::Refuse, " ").await.unwrap_err();
    assert_eq!(key(no), "classes-refusal-reason");
    let done = request::answer(&b.cx, &who, all[0].id, all[0].version, Answer::Accept, "").await.unwrap();
    let made = person::Entity::find_by_id(done.person_id.unwrap()).one(b.cx.read()).await.unwrap().unwrap();
    assert_eq!(
        (made.name.as_str(), made.region_code.as_str(), made.id_tail.as_str()),
        ("王一", "990121", &number(123)[14..])
    );
    assert_eq!((done.state.as_str(), enrolment(&b, class, made.id).await.state.as_str()), ("accepted", "active"));
    let done = request::answer(&b.cx, &who, all[1].id, all[1].version, Answer::Accept, "").await.unwrap();
    assert_eq!(done.state, "waiting");
    // Answered, what they wrote of themselves is not kept twice.
    let left = class_request::Entity::find().all(b.cx.read()).await.unwrap();
    assert!(left.iter().all(|r| r.details.is_empty() && r.person_id.is_some()));
    // The number is on record under another name now: no answer changes that person.
    let (other, _) = class_of(&b, "L2", "第二期", &[]).await;
    let row = class::Entity::find_by_id(other).one(b.cx.read()).await.unwrap().unwrap();
    request::join_link(&b.cx, &who, other, row.version, true).await.unwrap();
    let row = class::Entity::find_by_id(other).one(b.cx.read()).await.unwrap().unwrap();
    let token2 = request::join_token(&b.cx, other, &row.join_key).unwrap();
    request::ask(&b.cx, &token2, &ask("王二一", &number(123))).await.unwrap();
    let r = request::requests(b.cx.read(), &who, other).await.unwrap().remove(0);
    let e = request::answer(&b.cx, &who, r.id, r.version, Answer::Accept, "").await.unwrap_err();
    assert_eq!(key(e), "classes-request-other-name");
    // Closed, the link is dead; opened again it is another one.
    request::join_link(&b.cx, &who, other, row.version, false).await.unwrap();
    assert!(request::ask(&b.cx, &token2, &ask("王一", &number(123))).await.is_err());
    request::join_link(&b.cx, &who, other, row.version + 1, true).await.unwrap();
    assert!(request::joining(&b.cx, &token2).await.is_err());
});

on_both!(the_pages_of_places_in_both_hands, |b| async move {
    let (class, ids) = class_of(&b, "P1", "第一期", &people(1)).await;
    set_capacity(&b, class, 1, "2026-12-01").await;
    let mut trainer = b.sign_in(Role::Trainer, &[("class", class.to_string())], None).await;
    let page = format!("/classes/{class}/people");
    trainer.get(&page).await.is(200).shows("打开报名链接");
    let version = ops::class_view(b.cx.read(), &Actor::command_line(), class).await.unwrap().version.to_string();
    trainer.post(&format!("/classes/{class}/join-link"), &[("version", &version), ("on", "1")]).await.is(303);
    let shown = trainer.get(&page).await.is(200).shows("<svg");
    let token = shown.text.split("/join/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Somebody signed in asks for themselves; the trainer answers.
    let own = more(&b, &["候一"]).await[0];
    let mut intern = b.sign_in(Role::Intern, &[], Some(own)).await;
    intern.get(&format!("/join/{token}")).await.is(200).shows("以本人身份").shows("名额已满");
    intern.post(&format!("/join/{token}"), &[("own", "1"), ("note", "想早点学")]).await.is(200).shows("申请已收到");
    let asked = trainer.get(&page).await.is(200).shows("候一").shows("想早点学");
    let id = asked.text.split("/class-requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let at = format!("/class-requests/{id}");
    let c = class.to_string();
    let refuse = [("version", "1"), ("class", c.as_str()), ("answer", "refuse"), ("reason", "")];
    trainer.post(&at, &refuse).await.is(422).shows("请写明原因");
    trainer.post(&at, &[("version", "1"), ("class", &c), ("answer", "accept")]).await.is(303);
    trainer.get(&page).await.is(200).shows("候补名单");
    // The person sees where they stand; nobody else can give it up for them.
    intern.get("/classes").await.is(200).shows("候补第 1 位").shows(&at);
    let mut stranger = b.sign_in(Role::Intern, &[], Some(ids[0])).await;
    stranger.get("/classes").await.is(200).hides(&at);
    stranger.post(&at, &[("version", "2"), ("class", &c), ("answer", "leave")]).await.is(404);
    intern.post(&at, &[("version", "2"), ("class", &c), ("answer", "leave")]).await.is(303);
    intern.get("/classes").await.is(200).hides(&at);
    // Asked again: answered again.
    intern.post(&format!("/join/{token}"), &[("own", "1")]).await.is(200);
    intern.get("/classes").await.is(200).shows("等培训老师答复");
    trainer.post(&at, &[("version", "4"), ("class", &c), ("answer", "accept")]).await.is(303);
    // Another trainer sees neither class nor request; a visitor fills in the form.
    let mut other = b.sign_in(Role::Trainer, &[], None).await;
    other.get(&page).await.is(404);
    other.post(&at, &[("version", "5"), ("class", &c), ("answer", "accept")]).await.is(404);
    let mut visitor = b.visitor();
    visitor.get(&format!("/join/{token}")).await.is(200).shows("证件号码");
    visitor.get("/join/1-0").await.is(404).shows("报名链接无效");
    visitor.post(&format!("/join/{token}"), &[("name", "")]).await.is(422).shows("请填写真实姓名");
    // The one in the class is withdrawn: the one who waits has the place.
    let e = enrolment(&b, class, ids[0]).await;
    let gone = [("version", e.version.to_string()), ("class", c.clone()), ("back", "0".into())];
    let gone: Vec<(&str, &str)> = gone.iter().map(|(n, v)| (*n, v.as_str())).collect();
    trainer.post(&format!("/class-enrolments/{}", e.id), &gone).await.is(303);
    assert_eq!(enrolment(&b, class, own).await.state, "active");
    let api = b.api(Role::Trainer, &[("class", class.to_string())], None).await;
    let list = api.get(&format!("/classes/{class}/requests")).await.is(200).json();
    assert_eq!((list[0]["state"].as_str(), list[0]["source"].as_str()), (Some("accepted"), Some("own")));
});

on_both!(who_comes_in_another_way_takes_no_place_of_the_list, |b| async move {
    let (class, ids) = class_of(&b, "W5", "第五期", &people(1)).await;
    set_capacity(&b, class, 1, "2026-12-01").await;
    let who = Actor::command_line();
    let extra = more(&b, &["候一", "候二"]).await;
    request::queue(&b.cx, &who, class, &extra).await.unwrap();
    // A roster puts the first of the list into the class; then two places fall free.
    let txn = b.cx.begin().await.unwrap();
    let open = yanzhen::pipeline::open(&txn, &extra).await.unwrap();
    let list = [ops::EnrolPerson { class_id: class, person_id: extra[0] }];
    ops::enrol_many(&txn, &b.cx, &who, None, &list).await.unwrap();
    open.close(&txn, &b.cx, ops::facts(&txn, &extra).await.unwrap()).await.unwrap();
    txn.commit().await.unwrap();
    let gone = enrolment(&b, class, ids[0]).await;
    ops::withdraw(&b.cx, &who, gone.id, gone.version, false).await.unwrap();
    // The class is at its limit with the first: the second still waits, and the first no longer stands on the list.
    assert_eq!(names(&b, class, "waiting").await, ["候二"]);
    set_capacity(&b, class, 2, "2026-12-01").await;
    assert_eq!(names(&b, class, "waiting").await, Vec::<String>::new());
    assert_eq!(enrolment(&b, class, extra[1]).await.state, "active");
});
