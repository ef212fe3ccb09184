//! Agreements, places and the ledger: who may be placed where.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set, Value};
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::db::{self, Cx};
use yanzhen::directory::entity::base;
use yanzhen::directory::ops::agreements::{self, AgreementInput, FindAgreements};
use yanzhen::people::entity::person;
use yanzhen::practicum::ops::{self, FindBases, PlacePerson, PlacementChange};

use super::{add_agreement, add_campus, add_person, codes, date, place_of, town};
use crate::harness::Bench;
use crate::on_both;

/// People of one campus.
async fn students(b: &Bench, n: usize) -> (i64, Vec<i64>) {
    let txn = b.cx.begin().await.unwrap();
    let campus = add_campus(b, &txn, "北塞师范学院").await;
    let mut ids = Vec::new();
    for i in 0..n {
        let id = add_person(b, &txn, &format!("学生{i}"), &format!("S{i}"), &format!("1990000{i:04}")).await;
        let row = person::Entity::find_by_id(id).one(&txn).await.unwrap().unwrap();
        let mut row = row.into_active_model();
        row.campus_id = Set(Some(campus));
        row.update(&txn).await.unwrap();
        ids.push(id);
    }
    txn.commit().await.unwrap();
    (campus, ids)
}

async fn capacity(b: &Bench, base_id: i64, n: i64) {
    let row = base::Entity::find_by_id(base_id).one(b.cx.read()).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.capacity = Set(Some(n));
    row.update(b.cx.writer()).await.unwrap();
}

on_both!(a_placement_needs_an_agreement_a_free_place_and_an_active_base, |b| async move {
    let t = town(&b).await;
    let who = Actor::command_line();
    let (campus, people) = students(&b, 4).await;
    let spring = |person: usize, base: i64| place_of(people[person], base, "2027-03-01", "2027-06-30", 100);
    let no = |p: PlacePerson| {
        let (cx, who) = (b.cx.clone(), who.clone());
        async move { codes(&ops::place(&cx, &who, p).await.unwrap_err()) }
    };
    assert_eq!(no(spring(0, t.base)).await, ["base:practicum-no-agreement"], "the other campus's does not count");
    let txn = b.cx.begin().await.unwrap();
    add_agreement(&b, &txn, campus, t.base, ("2027-03-02", "2028-08-31"), Some(2)).await;
    txn.commit().await.unwrap();
    assert_eq!(no(spring(0, t.base)).await, ["starts:practicum-agreement-not-covering"]);
    let of_campus = FindAgreements { campus_id: Some(campus), ..FindAgreements::default() };
    let slice = Slice { after: None, limit: 9 };
    let found = agreements::list(b.cx.read(), &who, &of_campus, "", &slice);
    let found = found.await.unwrap().items.remove(0);
    let mut input = AgreementInput {
        number: found.number.clone(),
        valid_from: Some(date("2027-01-01")),
        valid_to: found.valid_to,
        capacity: Some(2),
        fields: "养老，儿童 ; ".into(),
        ..AgreementInput::default()
    };
    agreements::edit(&b.cx, &who, found.id, input.clone(), 1).await.unwrap();
    let stale = agreements::edit(&b.cx, &who, found.id, input.clone(), 1).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    assert_eq!(agreements::get(b.cx.read(), &who, found.id).await.unwrap().fields, "养老、儿童");
    ops::place(&b.cx, &who, spring(0, t.base)).await.unwrap();
    assert_eq!(no(spring(0, t.other_base)).await, ["starts:practicum-placement-parallel"]);
    let second = ops::place(&b.cx, &who, spring(1, t.base)).await.unwrap();
    assert_eq!(no(spring(2, t.base)).await, ["base:practicum-agreement-full"]);
    // After one has gone there is a place again; and it is not taken back while another has it.
    let change = PlacementChange {
        id: second,
        version: 1,
        starts_on: Some(date("2027-03-01")),
        ends_on: Some(date("2027-06-30")),
        required_minutes: 600,
        campus_mentor: String::new(),
        state: "withdrawn".into(),
        note: String::new(),
    };
    ops::change_placement(&b.cx, &who, change.clone()).await.unwrap();
    ops::place(&b.cx, &who, spring(2, t.base)).await.unwrap();
    let back = PlacementChange { version: 2, state: "active".into(), ..change };
    assert_eq!(codes(&ops::change_placement(&b.cx, &who, back).await.unwrap_err()), ["base:practicum-agreement-full"]);
    // The base's own capacity, over all campuses; other weeks have room.
    capacity(&b, t.base, 2).await;
    input.capacity = None;
    agreements::edit(&b.cx, &who, found.id, input, 2).await.unwrap();
    assert_eq!(no(spring(3, t.base)).await, ["base:practicum-base-full"]);
    ops::place(&b.cx, &who, place_of(people[3], t.base, "2027-09-01", "2027-12-31", 100)).await.unwrap();
    // A retired base keeps its history and takes nobody.
    let sql = "UPDATE base SET active = ? WHERE id = ?";
    db::run(b.cx.writer(), sql, [Value::from(false), Value::from(t.base)]).await.unwrap();
    let later = place_of(people[1], t.base, "2028-01-01", "2028-06-30", 100);
    assert_eq!(no(later).await, ["base:practicum-base-retired"]);
    let old = AgreementInput { campus_id: campus, base_id: t.base, number: "X".into(), ..AgreementInput::default() };
    assert_eq!(codes(&agreements::add(&b.cx, &who, old).await.unwrap_err()), ["base_id:agreement-base-retired"]);

    let day = date("2027-04-01");
    let all = ops::ledger(b.cx.read(), &who, &FindBases::default(), day, "", &slice).await.unwrap().items;
    assert_eq!((all.len(), all[0].code.as_str(), all[0].on_duty, all[0].active), (2, "JD01", 2, false));
    assert_eq!((all[0].campus.as_deref(), all[0].agreements), (Some("北塞师范学院"), 2));
    let retired = FindBases { active: "0".into(), ..FindBases::default() };
    assert_eq!(ops::ledger(b.cx.read(), &who, &retired, day, "-name", &slice).await.unwrap().items.len(), 1);
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    admin.get("/base-ledger").await.is(200).shows("JD01").shows("在岗人数");
    assert!(admin.get("/base-ledger/export").await.is(200).header("content-type").contains("spreadsheetml"));
    let mut observer = b.sign_in(Role::Observer, &[], None).await;
    observer.get("/base-ledger").await.is(200).hides("吴飞洋");
    observer.get("/agreements").await.is(403);
});

/// What placing would be without the base's lock: places are counted, then taken.
async fn unguarded(cx: &Cx, p: PlacePerson, gate: &tokio::sync::Barrier) -> bool {
    let sql = "SELECT COUNT(*) FROM placement WHERE base_id = ? AND state = 'active' AND starts_on >= '2027-01-01'";
    let taken = db::int(cx.read(), sql, [p.base_id.into()]).await.unwrap().unwrap();
    gate.wait().await;
    if taken >= 1 {
        return false;
    }
    let txn = cx.begin().await.unwrap();
    ops::place_many(&txn, cx, &Actor::command_line(), None, &[p]).await.unwrap();
    txn.commit().await.unwrap();
    true
}

on_both!(the_last_place_goes_to_one_of_two, |b| async move {
    let t = town(&b).await;
    let (campus, people) = students(&b, 6).await;
    let txn = b.cx.begin().await.unwrap();
    for base in [t.base, t.other_base] {
        add_agreement(&b, &txn, campus, base, ("2027-01-01", "2030-12-31"), None).await;
    }
    txn.commit().await.unwrap();
    capacity(&b, t.base, 1).await;
    capacity(&b, t.other_base, 1).await;
    let second = b.second().await;
    let at = |person: usize, base: i64, year: i32| {
        place_of(people[person], base, &format!("{year}-03-01"), &format!("{year}-06-30"), 10)
    };
    // The control: without the guard both get the only place.
    let gate = tokio::sync::Barrier::new(2);
    let both = tokio::join!(
        unguarded(&b.cx, at(0, t.other_base, 2027), &gate),
        unguarded(&second, at(1, t.other_base, 2027), &gate)
    );
    assert_eq!(both, (true, true), "the control does not show the fault");
    let who = Actor::command_line();
    for year in [2027, 2028, 2029] {
        let (x, y) =
            tokio::join!(ops::place(&b.cx, &who, at(2, t.base, year)), ops::place(&second, &who, at(3, t.base, year)));
        let refused: Vec<Error> = [x, y].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.iter().map(codes).collect::<Vec<_>>(), [["base:practicum-base-full"]]);
    }
    let sql = "SELECT COUNT(*) FROM placement WHERE base_id = ? AND starts_on > '2026-12-31'";
    assert_eq!(db::int(b.cx.read(), sql, [t.base.into()]).await.unwrap(), Some(3));
});

on_both!(agreements_have_pages_and_an_api, |b| async move {
    let t = town(&b).await;
    let (campus, _) = students(&b, 0).await;
    let mut trainer = b.sign_in(Role::Administrator, &[], None).await;
    let (base, campus) = (t.base.to_string(), campus.to_string());
    trainer.get(&format!("/agreements/new?base={base}")).await.is(200).shows("吴飞洋");
    let mut form = vec![("base_id", base.as_str()), ("campus_id", campus.as_str()), ("number", ""), ("capacity", "x")];
    form.extend([("valid_from", "2026-09-01"), ("valid_to", "2026-08-31"), ("version", "0")]);
    trainer.post("/agreements", &form).await.is(422).shows("北塞师范学院");
    form[3].1 = "5";
    trainer.post("/agreements", &form).await.is(422).shows("请填写协议编号").shows("截止日期早于生效日期");
    (form[2].1, form[5].1) = ("BS-1", "2028-08-31");
    trainer.post("/agreements", &form).await.is(303);
    trainer.post("/agreements", &form).await.is(422).shows("已有同一编号的协议");
    trainer.get("/agreements?q=BS-1").await.is(200).shows("有效").shows("渠口镇社会工作服务站");
    assert!(trainer.get("/agreements/export").await.is(200).header("content-type").contains("spreadsheetml"));
    let api = b.api(Role::Administrator, &[], None).await;
    let list = api.get(&format!("/agreements?campus_id={campus}&valid_on=2027-01-01")).await.is(200).json();
    let one = &list["items"][0];
    assert_eq!((one["number"].as_str(), one["capacity"].as_i64()), (Some("BS-1"), Some(5)));
    assert_eq!(
        api.get(&format!("/agreements?campus_id={campus}&valid_on=2029-01-01")).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let mine = b.api(Role::Supervisor, &[("base", t.other_base.to_string())], None).await;
    mine.get(&format!("/agreements/{}", one["id"])).await.is(404);
});
