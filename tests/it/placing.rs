//! Placing a cohort: places, wishes, the proposal with its reasons, publishing, two who change places, the last place.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set, Value};
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::db::{self, Cx};
use yanzhen::directory::entity::base;
use yanzhen::people::entity::person;
use yanzhen::placing::ops::{self, FindLines, Keep, LineView, PutWishes, RoundInput, SlotInput, bar_msg};
use yanzhen::placing::rules::Near;
use yanzhen::practicum::ops as practicum;

use crate::harness::Bench;
use crate::on_both;
use crate::practicum::{
    actor, add_agreement, add_base, add_campus, add_person, codes, cohort_of, date, facts_of, hours, place_of,
};

/// A county with two bases of one place each and one of two, and five students in three towns.
struct County {
    campus: i64,
    bases: [i64; 3],
    people: Vec<i64>,
    cohort: i64,
}

async fn county(b: &Bench) -> County {
    let txn = b.cx.begin().await.unwrap();
    let campus = add_campus(b, &txn, "北塞师范学院").await;
    let mut bases = Vec::new();
    for (code, name, town) in [("J1", "渠口站", "渠口镇"), ("J2", "望川站", "望川镇"), ("J3", "县中心", "")]
    {
        let id = add_base(b, &txn, code, name, &[&format!("督导{code}")]).await;
        let mut row = base::Entity::find_by_id(id).one(&txn).await.unwrap().unwrap().into_active_model();
        (row.region_code, row.town) = (Set("990121".into()), Set(town.into()));
        row.update(&txn).await.unwrap();
        add_agreement(b, &txn, campus, id, ("2026-09-01", "2028-08-31"), None).await;
        bases.push(id);
    }
    let mut people = Vec::new();
    for (i, town) in ["渠口镇", "渠口镇", "望川镇", "望川镇", "河东镇"].into_iter().enumerate() {
        let id = add_person(b, &txn, &format!("学生{i}"), &format!("S{i}"), &format!("1990001{i:04}")).await;
        let mut row = person::Entity::find_by_id(id).one(&txn).await.unwrap().unwrap().into_active_model();
        (row.campus_id, row.town) = (Set(Some(campus)), Set(town.into()));
        row.update(&txn).await.unwrap();
        people.push(id);
    }
    txn.commit().await.unwrap();
    let cohort = cohort_of(b, "P1", &people).await;
    County { campus, bases: bases.try_into().unwrap(), people, cohort }
}

fn spring(cohort: i64) -> RoundInput {
    RoundInput {
        cohort_id: cohort,
        name: "春季实习".into(),
        programme: "本科".into(),
        starts_on: Some(date("2027-03-01")),
        ends_on: Some(date("2027-06-30")),
        required_minutes: 6000,
        most_wishes: 3,
        ..RoundInput::default()
    }
}

fn offer(base_id: i64, places: i64, field: &str) -> SlotInput {
    SlotInput { base_id, places, field: field.into(), ..SlotInput::default() }
}

async fn wish(b: &Bench, round: i64, person: i64, slots: &[i64]) {
    let who = Actor::command_line();
    let version = ops::student(&b.cx, &who, round, person).await.unwrap().version();
    let put = PutWishes { slots: slots.to_vec(), version, ..PutWishes::default() };
    ops::put_wishes(&b.cx, &who, round, person, put).await.unwrap();
}

async fn propose(b: &Bench, round: i64) -> ops::Proposed {
    let who = Actor::command_line();
    let version = ops::get(b.cx.read(), &who, round).await.unwrap().version;
    ops::propose(&b.cx, &who, round, version, Some(7)).await.unwrap()
}

async fn lines(b: &Bench, round: i64) -> Vec<LineView> {
    let slice = Slice { after: None, limit: 50 };
    let find = FindLines::default();
    ops::lines(b.cx.read(), &Actor::command_line(), round, &find, "", &slice).await.unwrap().items
}

/// "学生0 渠口站 · 养老 wish:1" and the reasons by key.
fn shown(l: &LineView) -> (String, Vec<String>) {
    let at = l.slot.as_ref().map(ops::SlotView::label).unwrap_or_default();
    let rank = l.rank.map(|r| format!(":{r}")).unwrap_or_default();
    let why = l.reasons.iter().map(|(r, _)| format!("{} {}", r.rank, bar_msg(r.why).key)).collect();
    (format!("{} {at} {}{rank}", l.person_name, l.outcome), why)
}

on_both!(wishes_become_a_proposal_with_reasons_and_the_proposal_placements, |b| async move {
    let c = county(&b).await;
    let who = Actor { user_id: Some(b.user(Role::Administrator, &[], None).await.id), ..Actor::command_line() };
    let round = ops::create(&b.cx, &who, spring(c.cohort)).await.unwrap();
    let v = ops::get(b.cx.read(), &who, round).await.unwrap();
    let nothing = ops::propose(&b.cx, &who, round, v.version, None).await;
    assert_eq!(codes(&nothing.unwrap_err()), ["placing-no-slots"]);
    let near = ops::add_slot(&b.cx, &who, round, offer(c.bases[0], 1, "养老")).await.unwrap();
    let other = ops::add_slot(&b.cx, &who, round, offer(c.bases[1], 1, "儿童")).await.unwrap();
    let centre = ops::add_slot(&b.cx, &who, round, offer(c.bases[2], 2, "")).await.unwrap();
    let twice = ops::add_slot(&b.cx, &who, round, offer(c.bases[0], 2, " 养老")).await;
    assert_eq!(codes(&twice.unwrap_err()), ["field:placing-slot-there"]);

    // 0 and 1 live where the first base is, 2 and 3 at the second, 4 elsewhere; 3 is set first by the office; 4 asks for its
    // own field and does not want to go far.
    for (person, slots) in [(0, [near, centre]), (1, [near, other]), (2, [near, other]), (3, [near, centre])] {
        wish(&b, round, c.people[person], &slots).await;
    }
    let put = PutWishes { slots: vec![near, other, centre], version: 1, priority: Some(3), ..PutWishes::default() };
    ops::put_wishes(&b.cx, &who, round, c.people[3], put).await.unwrap();
    let put = PutWishes {
        slots: vec![other, near],
        fields: "养老 ; 社区".into(),
        farthest: Some(Near::Town),
        ..PutWishes::default()
    };
    ops::put_wishes(&b.cx, &who, round, c.people[4], put).await.unwrap();
    let done = propose(&b, round).await;
    assert_eq!((done.people, done.by_wish, done.by_first, done.none, done.seed), (5, 3, 1, 2, 7));
    let all: Vec<_> = lines(&b, round).await.iter().map(shown).collect();
    let (taken, far) = ("placing-bar-taken-priority", "placing-bar-too-far");
    assert_eq!(all[3], ("学生3 渠口站 · 养老 wish:1".into(), vec![]));
    assert_eq!(all[0], ("学生0 县中心 wish:2".into(), vec![format!("1 {taken}")]));
    assert_eq!(all[2], ("学生2 望川站 · 儿童 wish:2".into(), vec![format!("1 {taken}")]));
    let near_wins = "2 placing-bar-taken-distance";
    assert_eq!(all[1], ("学生1  none".into(), vec![format!("1 {taken}"), near_wins.into()]));
    let fields = "1 placing-bar-field".to_owned();
    assert_eq!(all[4], ("学生4  none".into(), vec![fields, format!("2 {far}")]));
    // The same again is the same; and it says so when a wish changed since.
    let again: Vec<_> = {
        propose(&b, round).await;
        lines(&b, round).await.iter().map(shown).collect()
    };
    assert_eq!(all, again);
    b.at("2026-11-25T03:00:00Z");
    wish(&b, round, c.people[1], &[near, centre]).await;
    assert_eq!(ops::get(b.cx.read(), &who, round).await.unwrap().changed_since, 1);

    // By hand: 2 is kept at the first base though 3 comes first there, 4 is kept out; the rest is computed around them.
    let line = |all: &[LineView], p: i64| all.iter().find(|l| l.person_id == p).unwrap().clone();
    let now = lines(&b, round).await;
    let v2 = line(&now, c.people[2]).version;
    ops::put_line(&b.cx, &who, round, c.people[2], v2, Keep::At(near)).await.unwrap();
    let stale = ops::put_line(&b.cx, &who, round, c.people[2], v2, Keep::Out).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    let full = ops::put_line(&b.cx, &who, round, c.people[0], 1, Keep::At(near)).await;
    assert_eq!(codes(&full.unwrap_err()), ["slot:placing-slot-kept"]);
    ops::put_line(&b.cx, &who, round, c.people[4], 1, Keep::Out).await.unwrap();
    let done = propose(&b, round).await;
    assert_eq!((done.locked, done.by_wish, done.none), (2, 3, 0));
    let all: Vec<_> = lines(&b, round).await.iter().map(|l| shown(l).0).collect();
    assert_eq!(
        all,
        [
            "学生0 县中心 wish:2",
            "学生1 县中心 wish:2",
            "学生2 渠口站 · 养老 locked",
            "学生3 望川站 · 儿童 wish:2",
            "学生4  locked"
        ]
    );
    let version = ops::get(b.cx.read(), &who, round).await.unwrap().version;
    assert_eq!(ops::publish(&b.cx, &who, round, version).await.unwrap(), 4);
    let twice = ops::publish(&b.cx, &who, round, version).await;
    assert_eq!(codes(&twice.unwrap_err()), ["error-changed-meanwhile"]);
    assert_eq!(facts_of(&b, c.people[0]).await, ("placed".into(), 6000, 0));
    let sql =
        "SELECT COUNT(*) FROM placement WHERE cohort_id = ? AND starts_on = '2027-03-01' AND required_minutes = 6000";
    assert_eq!(db::int(b.cx.read(), sql, [c.cohort.into()]).await.unwrap(), Some(4));
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'placement' AND action = 'create'";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(4));
    let late = ops::put_line(&b.cx, &who, round, c.people[4], 2, Keep::Free).await;
    assert_eq!(codes(&late.unwrap_err()), ["placing-not-open"]);

    // Two change places, with a reason; each is then their new base's to see, and nobody moves once hours are logged.
    let swap = async |one: usize, other: usize, reason: &str| {
        ops::swap(&b.cx, &who, round, c.people[one], c.people[other], reason).await
    };
    assert_eq!(codes(&swap(0, 3, " ").await.unwrap_err()), ["reason:placing-reason-missing"]);
    assert_eq!(codes(&swap(0, 4, "x").await.unwrap_err()), ["other:placing-not-placed"]);
    assert_eq!(codes(&swap(0, 1, "x").await.unwrap_err()), ["practicum-swap-same-base"]);
    swap(0, 3, "家中有事").await.unwrap();
    let all = lines(&b, round).await;
    let at = |p: usize| line(&all, c.people[p]).slot.unwrap().base_id;
    assert_eq!((at(0), at(3)), (c.bases[1], c.bases[2]));
    let second = actor(Role::Supervisor, None, &[c.bases[1]]);
    let page = yanzhen::core::page::PageReq::default();
    let theirs = practicum::placements(b.cx.read(), &second, &Default::default(), &page).await.unwrap().items;
    assert_eq!(theirs.iter().map(|p| p.person_id).collect::<Vec<_>>(), [c.people[0]]);
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE action = 'swap' AND why = '家中有事'";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(4));
    b.at("2027-03-05T02:00:00Z");
    let intern = actor(Role::Intern, Some(c.people[0]), &[]);
    practicum::log_hours(&b.cx, &intern, hours("2027-03-04", 510, 600)).await.unwrap();
    assert_eq!(codes(&swap(0, 3, "x").await.unwrap_err()), ["practicum-swap-begun"]);
});

on_both!(wishes_are_the_interns_own_and_for_the_time_that_is_given, |b| async move {
    let c = county(&b).await;
    let who = Actor::command_line();
    let until = RoundInput { wishes_until: Some(date("2026-11-30")), fill: true, ..spring(c.cohort) };
    let round = ops::create(&b.cx, &who, until).await.unwrap();
    let mut slots = Vec::new();
    for base in c.bases {
        slots.push(ops::add_slot(&b.cx, &who, round, offer(base, 2, "")).await.unwrap());
    }
    let other_cohort = cohort_of(&b, "P2", &[]).await;
    let elsewhere = ops::create(&b.cx, &who, spring(other_cohort)).await.unwrap();
    let strange = ops::add_slot(&b.cx, &who, elsewhere, offer(c.bases[0], 1, "")).await.unwrap();
    let me = actor(Role::Intern, Some(c.people[0]), &[]);
    let put = |slots: &[i64], version| PutWishes { slots: slots.to_vec(), version, ..PutWishes::default() };
    for (input, want) in [
        (put(&[slots[0], slots[0]], 0), "slots:placing-wish-twice"),
        (put(&[strange], 0), "slots:placing-slot-unknown"),
    ] {
        let no = ops::put_wishes(&b.cx, &me, round, c.people[0], input).await;
        assert_eq!(codes(&no.unwrap_err()), [want]);
    }
    let priority = PutWishes { priority: Some(9), ..put(&slots, 0) };
    assert!(matches!(ops::put_wishes(&b.cx, &me, round, c.people[0], priority).await, Err(Error::Forbidden)));
    for (person, at) in [(c.people[1], round), (c.people[0], elsewhere)] {
        let no = ops::put_wishes(&b.cx, &me, at, person, put(&[], 0)).await;
        assert!(matches!(no, Err(Error::NotFound(_))), "{no:?}");
        assert!(matches!(ops::student(&b.cx, &me, at, person).await, Err(Error::NotFound(_))));
    }
    ops::put_wishes(&b.cx, &me, round, c.people[0], put(&slots, 0)).await.unwrap();
    let stale = ops::put_wishes(&b.cx, &me, round, c.people[0], put(&slots[..1], 0)).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    ops::put_wishes(&b.cx, &me, round, c.people[0], put(&[slots[2], slots[1]], 1)).await.unwrap();
    // What is not published is nobody's to know but the office's.
    propose(&b, round).await;
    let v = ops::student(&b.cx, &me, round, c.people[0]).await.unwrap();
    assert_eq!(v.wishes.iter().map(|(s, _)| s.id).collect::<Vec<_>>(), [slots[2], slots[1]]);
    assert!(v.line.outcome.is_empty() && v.line.slot.is_none());
    // Who wished for nothing is put at a free place, as the round says; the nearest.
    let all: Vec<_> = lines(&b, round).await.iter().map(|l| shown(l).0).collect();
    assert_eq!(
        all,
        [
            "学生0 县中心 wish:1",
            "学生1 渠口站 filled",
            "学生2 望川站 filled",
            "学生3 望川站 filled",
            "学生4 渠口站 filled"
        ]
    );
    // The last minute of the last day, and the first after it, in the office's zone.
    b.at("2026-11-30T15:59:59Z");
    ops::put_wishes(&b.cx, &me, round, c.people[0], put(&slots[..1], 2)).await.unwrap();
    b.at("2026-11-30T16:00:00Z");
    let late = ops::put_wishes(&b.cx, &me, round, c.people[0], put(&slots, 3)).await;
    assert_eq!(codes(&late.unwrap_err()), ["placing-wishes-closed"]);
    // Somebody who left the cohort is in it no more; nor is a person who is placed elsewhere in these weeks.
    let sql = "UPDATE enrolment SET state = 'withdrawn' WHERE person_id = ?";
    db::run(b.cx.writer(), sql, [c.people[4].into()]).await.unwrap();
    practicum::place(&b.cx, &who, place_of(c.people[1], c.bases[2], "2027-05-01", "2027-07-31", 10)).await.unwrap();
    let done = propose(&b, round).await;
    assert_eq!((done.people, done.none), (4, 1));
    let barred = ops::put_line(&b.cx, &who, round, c.people[1], 1, Keep::At(slots[0])).await;
    assert_eq!(codes(&barred.unwrap_err()), ["slot:placing-bar-elsewhere"]);
});

on_both!(nothing_is_published_where_one_line_cannot_be, |b| async move {
    let c = county(&b).await;
    let who = Actor::command_line();
    let round = ops::create(&b.cx, &who, spring(c.cohort)).await.unwrap();
    let near = ops::add_slot(&b.cx, &who, round, offer(c.bases[0], 2, "")).await.unwrap();
    let far = ops::add_slot(&b.cx, &who, round, offer(c.bases[1], 2, "")).await.unwrap();
    for p in &c.people[..2] {
        wish(&b, round, *p, &[near]).await;
    }
    wish(&b, round, c.people[2], &[far]).await;
    let version = ops::get(b.cx.read(), &who, round).await.unwrap().version;
    let early = ops::publish(&b.cx, &who, round, version).await;
    assert_eq!(codes(&early.unwrap_err()), ["placing-not-proposed"]);
    assert_eq!(propose(&b, round).await.by_wish, 3);
    // Meanwhile the base says that it has room for one only.
    let sql = "UPDATE base SET capacity = 1 WHERE id = ?";
    db::run(b.cx.writer(), sql, [Value::from(c.bases[0])]).await.unwrap();
    let version = ops::get(b.cx.read(), &who, round).await.unwrap().version;
    let no = ops::publish(&b.cx, &who, round, version).await.unwrap_err();
    assert_eq!(codes(&no), [format!("line-{}:practicum-base-full", c.people[1])]);
    let sql = "SELECT COUNT(*) FROM placement";
    assert_eq!(db::int(b.cx.read(), sql, []).await.unwrap(), Some(0));
    let mut office = b.sign_in(Role::Administrator, &[], None).await;
    let form = [("version", version.to_string())];
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    office.post(&format!("/placing/{round}/publish"), &form).await.is(422).shows("1 个名额已满").shows("学生1");
    // Computed again it knows: one of the two has the place, the other is told why not.
    let done = propose(&b, round).await;
    assert_eq!((done.by_wish, done.none), (2, 3));
    let version = ops::get(b.cx.read(), &who, round).await.unwrap().version;
    assert_eq!(ops::publish(&b.cx, &who, round, version).await.unwrap(), 2);
});

/// What publishing would be without the bases' locks: the room is looked at, then the place is taken.
async fn unguarded(cx: &Cx, person: i64, base: i64, gate: &tokio::sync::Barrier) -> bool {
    let sql = "SELECT COUNT(*) FROM placement WHERE base_id = ? AND state = 'active'";
    let taken = db::int(cx.read(), sql, [base.into()]).await.unwrap().unwrap();
    gate.wait().await;
    if taken >= 1 {
        return false;
    }
    let txn = cx.begin().await.unwrap();
    let place = place_of(person, base, "2027-03-01", "2027-06-30", 10);
    practicum::place_many(&txn, cx, &Actor::command_line(), None, &[place]).await.unwrap();
    txn.commit().await.unwrap();
    true
}

on_both!(two_rounds_published_at_once_do_not_share_the_last_place, |b| async move {
    let c = county(&b).await;
    let who = Actor::command_line();
    let second = b.second().await;
    for base in [c.bases[0], c.bases[2]] {
        db::run(b.cx.writer(), "UPDATE base SET capacity = 1 WHERE id = ?", [Value::from(base)]).await.unwrap();
    }
    // The control: without the guard both get the only place.
    let gate = tokio::sync::Barrier::new(2);
    let both = tokio::join!(
        unguarded(&b.cx, c.people[3], c.bases[2], &gate),
        unguarded(&second, c.people[4], c.bases[2], &gate)
    );
    assert_eq!(both, (true, true), "the control does not show the fault");
    let mut rounds = Vec::new();
    for (i, p) in c.people[..2].iter().enumerate() {
        let cohort = cohort_of(&b, &format!("R{i}"), &[*p]).await;
        let round = ops::create(&b.cx, &who, spring(cohort)).await.unwrap();
        let slot = ops::add_slot(&b.cx, &who, round, offer(c.bases[0], 1, "")).await.unwrap();
        wish(&b, round, *p, &[slot]).await;
        assert_eq!(propose(&b, round).await.by_first, 1);
        rounds.push((round, ops::get(b.cx.read(), &who, round).await.unwrap().version));
    }
    let (x, y) = tokio::join!(
        ops::publish(&b.cx, &who, rounds[0].0, rounds[0].1),
        ops::publish(&second, &who, rounds[1].0, rounds[1].1)
    );
    let refused: Vec<String> = [x, y].iter().filter_map(|r| r.as_ref().err()).flat_map(codes).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].ends_with(":practicum-base-full"), "{refused:?}");
    let sql = "SELECT COUNT(*) FROM placement WHERE base_id = ?";
    assert_eq!(db::int(b.cx.read(), sql, [c.bases[0].into()]).await.unwrap(), Some(1));
});

on_both!(a_round_has_pages_for_the_office_and_the_phone_and_an_api, |b| async move {
    let c = county(&b).await;
    let mut trainer = b.sign_in(Role::Trainer, &[("cohort", c.cohort.to_string())], None).await;
    let mut stranger = b.sign_in(Role::Trainer, &[], None).await;
    let cohort = c.cohort.to_string();
    trainer.get("/placing").await.is(200).shows("还没有分配轮次");
    trainer.get(&format!("/placing/new?cohort={cohort}")).await.is(200).shows("批次P1");
    let mut form = vec![("cohort_id", cohort.as_str()), ("name", ""), ("starts_on", "2027-03-01"), ("ends_on", "x")];
    form.extend([("most_wishes", "99"), ("required", "100"), ("fill", "0"), ("version", "0")]);
    trainer.post("/placing", &form).await.is(422).shows("请写成 2026-03-01 这样的日期");
    form[3].1 = "2027-02-01";
    trainer
        .post("/placing", &form)
        .await
        .is(422)
        .shows("请填写轮次名称")
        .shows("志愿数须在 1 到 20")
        .shows("结束日期早于");
    (form[1].1, form[3].1, form[4].1) = ("春季", "2027-06-30", "2");
    let at = trainer.post("/placing", &form).await.is(303).header("location").to_owned();
    let id: i64 = at.rsplit('/').next().unwrap().parse().unwrap();
    stranger.get(&at).await.is(404);
    stranger.get(&format!("{at}/slots")).await.is(404);
    stranger.post(&format!("{at}/publish"), &[("version", "1")]).await.is(404);

    let slots = format!("{at}/slots");
    trainer.get(&slots).await.is(200).shows("还没有名额");
    let wrong = [("base_id", "没有"), ("places", "x"), ("field", ""), ("version", "0")];
    trainer.post(&slots, &wrong).await.is(422).shows("没有编码或名称为“没有”");
    for (base, supervisor) in [("J1", "督导J1"), ("望川站", "")] {
        let form =
            [("base_id", base), ("places", "1"), ("field", "养老"), ("supervisor_id", supervisor), ("version", "0")];
        trainer.post(&slots, &form).await.is(303);
    }
    trainer.get(&slots).await.is(200).shows("渠口站").shows("督导J1").shows("北塞师范学院");
    let slot_at = async |base: i64| {
        let sql = "SELECT id FROM placing_slot WHERE round_id = ? AND base_id = ?";
        db::int(b.cx.read(), sql, [id.into(), base.into()]).await.unwrap().unwrap().to_string()
    };
    let (slot, other) = (slot_at(c.bases[0]).await, slot_at(c.bases[1]).await);
    let edit = [("places", "2"), ("field", "养老"), ("supervisor_id", "督导J2"), ("version", "1")];
    trainer.post(&format!("{slots}/{slot}"), &edit).await.is(422).shows("该基地没有这位在岗的督导");

    // On the phone: two wishes, the second moved up; a third is one too many.
    let mut intern = b.sign_in(Role::Intern, &[], Some(c.people[0])).await;
    intern.get("/").await.is(200).shows("尚未填报的实习志愿");
    intern.get("/my-placing").await.is(200).shows("春季").shows("填报志愿");
    let mine = format!("/my-placing/{id}");
    let page = intern.get(&mine).await.is(200).shows("选为第 1 志愿").hides("优先级").hides("安排到此并锁定");
    assert!(page.field("slot").is_some());
    intern.post(&mine, &[("step", "add"), ("slot", &slot), ("version", "0")]).await.is(303);
    intern.get(&mine).await.is(200).shows("已在志愿中").shows("选为第 2 志愿");
    intern.get("/").await.is(200).hides("尚未填报的实习志愿");
    intern.post(&mine, &[("step", "add"), ("slot", &other), ("version", "0")]).await.is(422).shows("该记录已被他");
    intern.post(&mine, &[("step", "add"), ("slot", &other), ("version", "1")]).await.is(303);
    intern.post(&mine, &[("step", "up"), ("slot", &other), ("version", "2")]).await.is(303);
    intern.post(&mine, &[("step", "keep"), ("slot", &other), ("version", "0")]).await.is(422).shows("不能这样处理");
    intern.post(&mine, &[("step", "ask"), ("farthest", "town"), ("fields", ""), ("version", "3")]).await.is(303);
    intern.get(&mine).await.is(200).shows("超出本人要求的距离");
    intern.get(&at).await.is(403);

    trainer.post(&format!("{at}/propose"), &[("version", "1"), ("seed", "x")]).await.is(422).shows("种子须为");
    trainer.post(&format!("{at}/propose"), &[("version", "1"), ("seed", "12")]).await.is(303);
    let page =
        trainer.get(&at).await.is(200).shows("种子 12").shows("学生0").shows("第 2 志愿").shows("超出本人要求的距离");
    page.shows("未分配");
    let person = format!("{at}/people/{}", c.people[1]);
    let page = trainer.get(&person).await.is(200).shows("锁定为不分配").shows("安排到此并锁定").shows("优先级");
    page.hides("第 2 志愿");
    trainer.post(&person, &[("step", "ask"), ("priority", "x"), ("version", "0")]).await.is(422).shows("优先级须为");
    trainer.post(&person, &[("step", "keep"), ("slot", &other), ("version", "1")]).await.is(303);
    trainer.get(&format!("{at}?outcome=locked")).await.is(200).shows("学生1").hides("学生0");
    let version = trainer.get(&at).await.field("version").unwrap();
    trainer.post(&format!("{at}/publish"), &[("version", &version)]).await.is(303);
    trainer.get(&at).await.is(200).shows("已发布，建立实习安排 2 项").hides("计算方案</button>");
    assert!(trainer.get(&format!("{at}/export")).await.is(200).header("content-type").contains("spreadsheetml"));
    intern.get(&mine).await.is(200).shows("第 2 志愿").hides("选为第");
    trainer.get(&person).await.is(200).shows("与另一人对调");
    trainer
        .post(&person, &[("step", "swap"), ("other", "没有"), ("reason", "x")])
        .await
        .is(422)
        .shows("没有这个学号或姓名");
    trainer.post(&person, &[("step", "swap"), ("other", "S0"), ("reason", "家中有事")]).await.is(303);

    let api = b.api(Role::Trainer, &[("cohort", c.cohort.to_string())], None).await;
    let list = api.get("/placing-rounds").await.is(200).json();
    assert_eq!((list["items"][0]["state"].as_str(), list["items"][0]["placed"].as_i64()), (Some("published"), Some(2)));
    let all = api.get(&format!("/placing-rounds/{id}/lines?outcome=locked")).await.is(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let body = serde_json::json!({
        "cohort_id": c.cohort, "name": "秋季", "starts_on": "2027-09-01", "ends_on": "2027-12-31",
    });
    let made = api.post("/placing-rounds", body).await.is(200).json();
    assert_eq!((made["most_wishes"].as_i64(), made["version"].as_i64()), (Some(5), Some(1)));
    let made = made["id"].as_i64().unwrap();
    let body = serde_json::json!({ "base_id": c.bases[2], "campus_id": c.campus, "places": 1 });
    let slot = api.post(&format!("/placing-rounds/{made}/slots"), body).await.is(200).json().as_i64().unwrap();
    let own = b.api(Role::Intern, &[], Some(c.people[2])).await;
    assert_eq!(own.get("/my-placing-rounds").await.is(200).json().as_array().unwrap().len(), 2);
    let body = serde_json::json!({ "slots": [slot] });
    let path = format!("/placing-rounds/{made}/wishes/{}", c.people[2]);
    assert_eq!(own.call(poem::http::Method::PUT, &path, Some(body.clone()), &[]).await.is(200).json()["version"], 1);
    let path = format!("/placing-rounds/{made}/wishes/{}", c.people[3]);
    own.call(poem::http::Method::PUT, &path, Some(body), &[]).await.is(404);
    let body = serde_json::json!({ "version": 1 });
    let done = api.post(&format!("/placing-rounds/{made}/propose"), body).await.is(200).json();
    assert_eq!((done["by_wish"].as_i64(), done["none"].as_i64()), (Some(1), Some(4)));
});
