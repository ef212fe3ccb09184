//! Eligibility from the records to the pages: facts, decisions, verdicts of one and of many.

use yanzhen::core::actor::Scope;
use yanzhen::core::{Actor, Error, Lang, Role};
use yanzhen::db;
use yanzhen::db::list::Slice;
use yanzhen::eligibility::ops::{self, BarInput, OverrideInput, SchoolingInput, Wanted, WorkInput};

use crate::harness::Bench;
use crate::on_both;
use crate::practicum::{actor, add_base, add_person};

async fn person(b: &Bench, name: &str) -> i64 {
    let txn = b.cx.begin().await.unwrap();
    let id = add_person(b, &txn, name, "", "").await;
    txn.commit().await.unwrap();
    id
}

fn bachelor(major: &str) -> SchoolingInput {
    SchoolingInput {
        education: "本科".into(),
        major: major.into(),
        study: "full_time".into(),
        graduation: "graduated".into(),
        graduated_on: "2020-06-30".parse().ok(),
        standing: "proven".into(),
        ..SchoolingInput::default()
    }
}

fn work(kind: &str, from: &str) -> WorkInput {
    WorkInput {
        workplace: "城关街道社工站".into(),
        kind: kind.into(),
        starts_on: from.parse().ok(),
        standing: "proven".into(),
        ..WorkInput::default()
    }
}

/// The answer at the intermediate level for 2026, and the first later year.
async fn answer(b: &Bench, id: i64) -> (&'static str, Option<i32>) {
    let who = Actor::command_line();
    let (_, all) = ops::verdicts(&b.cx, &who, id, "social-work", Some(2026), b.cx.today(), Lang::ZhCn).await.unwrap();
    let v = all.into_iter().find(|v| v.level == "intermediate").unwrap();
    (v.answer, v.earliest_year)
}

fn fields(e: Error) -> Vec<String> {
    match e {
        Error::Invalid(all) => all.into_iter().map(|f| f.field).collect(),
        other => panic!("{other:?}"),
    }
}

on_both!(years_of_work_are_counted_to_the_last_day_of_the_exam_year, |b| async move {
    let who = Actor::command_line();
    // A bachelor of the field needs three full years by 31 December 2026, of another major five.
    let cases = [
        ("社会工作", "field", "2024-01-01", ("eligible", None)),
        ("社会工作", "field", "2024-01-02", ("not_eligible", Some(2027))),
        ("会计学", "field", "2022-01-01", ("eligible", None)),
        ("会计学", "field", "2022-01-02", ("not_eligible", Some(2027))),
        ("社会工作", "other", "2021-01-01", ("not_eligible", None)),
        ("社会工作", "unknown", "2021-01-01", ("needs_evidence", None)),
    ];
    for (n, (major, kind, from, want)) in cases.into_iter().enumerate() {
        let id = person(&b, &format!("人{n}")).await;
        ops::add_schooling(&b.cx, &who, id, bachelor(major)).await.unwrap();
        ops::add_work(&b.cx, &who, id, work(kind, from)).await.unwrap();
        let got = answer(&b, id).await;
        assert_eq!(got.0, want.0, "{major} {kind} {from}");
        if want.0 == "not_eligible" {
            assert_eq!(got.1, want.1, "{major} {kind} {from}");
        }
    }
});

on_both!(practicum_is_never_work, |b| async move {
    let who = Actor::command_line();
    let id = person(&b, "实习生").await;
    ops::add_schooling(&b.cx, &who, id, bachelor("社会工作")).await.unwrap();
    ops::add_work(&b.cx, &who, id, work("field", "2024-06-01")).await.unwrap();
    let before = answer(&b, id).await;
    assert_eq!(before, ("not_eligible", Some(2027)));
    let txn = b.cx.begin().await.unwrap();
    let base = add_base(&b, &txn, "JD9", "社工站", &[]).await;
    let at = "'2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'";
    let sql = format!(
        "INSERT INTO placement (person_id, base_id, state, starts_on, ends_on, version, created_at, updated_at) \
         VALUES (?, ?, 'ended', '2020-09-01', '2024-05-31', 1, {at})"
    );
    db::run(&txn, &sql, [id.into(), base.into()]).await.unwrap();
    let placement = db::int(&txn, "SELECT MAX(id) FROM placement", []).await.unwrap().unwrap();
    let sql = format!(
        "INSERT INTO hour_entry (person_id, placement_id, worked_on, minutes, state, version, created_at, updated_at) \
         VALUES (?, ?, '2024-05-30', 300000, 'confirmed', 1, {at})"
    );
    db::run(&txn, &sql, [id.into(), placement.into()]).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(answer(&b, id).await, before);
});

fn override_of(until: &str) -> OverrideInput {
    OverrideInput {
        scheme: "social-work".into(),
        level: "intermediate".into(),
        approver: "王局长".into(),
        reason: "材料已核".into(),
        document: "民函〔2026〕1 号".into(),
        until_on: until.parse().ok(),
    }
}

on_both!(decisions_turn_the_verdict_and_leave_their_reason, |b| async move {
    let who = Actor::command_line();
    let id = person(&b, "张三").await;
    ops::add_schooling(&b.cx, &who, id, bachelor("社会工作")).await.unwrap();
    ops::add_work(&b.cx, &who, id, work("field", "2025-01-01")).await.unwrap();
    let year = |y: i32| {
        let cx = b.cx.clone();
        async move {
            let who = Actor::command_line();
            let (_, all) = ops::verdicts(&cx, &who, id, "social-work", Some(y), cx.today(), Lang::En).await.unwrap();
            all.into_iter().find(|v| v.level == "intermediate").unwrap().answer
        }
    };
    // Asked for 2027: two years in the field and eleven months more do not make three.
    assert_eq!(year(2026).await, "not_eligible");
    let wrong = ops::add_override(&b.cx, &who, id, OverrideInput::default()).await.unwrap_err();
    assert_eq!(fields(wrong), ["approver", "reason", "document", "level", "until_on"]);
    let over = ops::add_override(&b.cx, &who, id, override_of("2026-11-24")).await.unwrap_err();
    assert_eq!(fields(over), ["until_on"]);
    let given = ops::add_override(&b.cx, &who, id, override_of("2027-12-31")).await.unwrap();
    assert_eq!(year(2027).await, "eligible");
    let bar = BarInput {
        scheme: "social-work".into(),
        from_on: "2026-01-01".parse().ok(),
        until_on: None,
        reason: "替考".into(),
        document: "通报".into(),
    };
    let bar = ops::add_bar(&b.cx, &who, id, bar).await.unwrap();
    assert_eq!(year(2027).await, "not_eligible");
    assert_eq!(fields(ops::lift_bar(&b.cx, &who, bar, 1, " ").await.unwrap_err()), ["reason"]);
    ops::lift_bar(&b.cx, &who, bar, 1, "查无此事").await.unwrap();
    assert!(matches!(ops::lift_bar(&b.cx, &who, bar, 2, "再次").await, Err(Error::Conflict(_))));
    assert_eq!(year(2027).await, "eligible");
    ops::revoke_override(&b.cx, &who, given, 1, "改由考试机构决定").await.unwrap();
    let kept = ops::recorded(b.cx.read(), id).await.unwrap();
    assert_eq!(
        (kept.bars[0].lifted_why.as_str(), kept.overrides[0].revoked_why.as_str()),
        ("查无此事", "改由考试机构决定")
    );
    // A trainer keeps facts, not decisions.
    let trainer = actor(Role::Trainer, None, &[]);
    assert!(matches!(ops::add_override(&b.cx, &trainer, id, override_of("2027-12-31")).await, Err(Error::Forbidden)));
    assert!(matches!(ops::add_work(&b.cx, &trainer, id, work("field", "2020-01-01")).await, Err(Error::NotFound(_))));
});

on_both!(page_api_and_list_give_one_answer, |b| async move {
    let who = Actor::command_line();
    let mut ids = Vec::new();
    for (n, from) in ["2024-01-01", "2024-02-01", "2023-05-01"].into_iter().enumerate() {
        let id = person(&b, &format!("学员{n}")).await;
        ops::add_schooling(&b.cx, &who, id, bachelor("社会工作")).await.unwrap();
        ops::add_work(&b.cx, &who, id, work("field", from)).await.unwrap();
        ids.push(id);
    }
    let wanted = Wanted { scheme: "social-work".into(), level: "intermediate".into(), year: 2026, ..Wanted::default() };
    let today = b.cx.today();
    let first = Slice { after: None, limit: 2 };
    let page = ops::batch(&b.cx, &who, &wanted, today, Lang::ZhCn, &first).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (2, true));
    let next = Slice { after: page.next.clone(), limit: 2 };
    let rest = ops::batch(&b.cx, &who, &wanted, today, Lang::ZhCn, &next).await.unwrap();
    let lines: Vec<_> = page.items.into_iter().chain(rest.items).collect();
    let said: Vec<_> = lines.iter().map(|l| (l.person_id, l.answer)).collect();
    assert_eq!(said, [(ids[0], "eligible"), (ids[1], "not_eligible"), (ids[2], "eligible")]);
    let counts = ops::counts(&b.cx, &who, &wanted, today).await.unwrap();
    assert_eq!((counts.yes, counts.needs_evidence, counts.no), (2, 0, 1));
    assert!(lines[1].why.contains("3 年"), "{}", lines[1].why);

    let api = b.api(Role::Administrator, &[], None).await;
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    for l in &lines {
        let at = format!("/people/{}/eligibility?scheme=social-work&year=2026", l.person_id);
        let one = api.get(&at).await.is(200).json();
        let level = one["levels"].as_array().unwrap().iter().find(|v| v["level"] == "intermediate").unwrap();
        assert_eq!(level["answer"], l.answer);
        assert_eq!(level["earliest_year"].as_i64(), l.earliest_year.map(i64::from));
        let text = level["headline"].as_str().unwrap();
        admin.get(&at).await.is(200).shows(text);
    }
    let list = api.get("/eligibility?scheme=social-work&level=intermediate&year=2026&limit=2").await.is(200).json();
    assert_eq!(
        (&list["eligible"], &list["not_eligible"], list["items"].as_array().unwrap().len()),
        (&2.into(), &1.into(), 2)
    );
    api.get("/eligibility?scheme=none&level=x&year=2026").await.is(404);
    admin.get("/eligibility?level=social-work/intermediate&year=2026").await.is(200).shows("学员1").shows("暂不可报考");
    let file = admin.get("/eligibility/export?level=social-work/intermediate&year=2026").await.is(200);
    assert!(file.header("content-type").contains("spreadsheetml"));

    // On the page: what is wrong is said at the field and stays typed.
    let at = format!("/people/{}", ids[1]);
    let form = [
        ("education", "小学堂"),
        ("study", "full_time"),
        ("graduation", "graduated"),
        ("graduated_on", "2030-01-01"),
        ("school", "北塞大学"),
    ];
    let said = admin.post(&format!("{at}/schoolings"), &form).await.is(422);
    said.shows("不认识的学历").shows("毕业日期在将来").shows("北塞大学");
    let form = [("workplace", "县社工站"), ("kind", "field"), ("starts_on", "2023-01-01"), ("standing", "proven")];
    admin.post(&format!("{at}/work"), &form).await.is(303);
    assert_eq!(answer(&b, ids[1]).await.0, "eligible");

    // An intern sees and writes only their own, as declared, and cannot take off what was looked at.
    let mut own = b.sign_in(Role::Intern, &[], Some(ids[1])).await;
    own.get(&format!("{at}/eligibility")).await.is(200).hides("添加特批");
    own.get(&format!("/people/{}/eligibility", ids[0])).await.is(404);
    own.post(&format!("{at}/overrides"), &[("level", "intermediate")]).await.is(403);
    own.post(&format!("{at}/work"), &form).await.is(303);
    let kept = ops::recorded(b.cx.read(), ids[1]).await.unwrap();
    let mut standing: Vec<_> = kept.work.iter().map(|w| w.standing.as_str()).collect();
    standing.sort_unstable();
    assert_eq!(standing, ["declared", "proven", "proven"]);
    let proven = kept.work.iter().find(|w| w.standing == "proven").unwrap().id;
    let declared = kept.work.iter().find(|w| w.standing == "declared").unwrap().id;
    own.post(&format!("/work-experiences/{proven}/remove"), &[("version", "1"), ("reason", "x")]).await.is(403);
    own.post(&format!("/work-experiences/{declared}/remove"), &[("version", "1"), ("reason", "写错")]).await.is(303);
    let stranger = Actor { scope: Scope::default(), ..actor(Role::Trainer, None, &[]) };
    let none = ops::batch(&b.cx, &stranger, &wanted, today, Lang::ZhCn, &first).await.unwrap();
    assert!(none.items.is_empty());
    b.sign_in(Role::Observer, &[], None).await.get("/eligibility").await.is(403);
});

on_both!(an_export_holds_everybody_and_a_phone_number_moves_no_years, |b| async move {
    let txn = b.cx.begin().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..205 {
        ids.push(add_person(&b, &txn, &format!("人{n}"), "", "").await);
    }
    let set = "UPDATE person SET education = '本科', major = '社会工作', work_years = 2 WHERE id = ?";
    db::run(&txn, set, [ids[0].into()]).await.unwrap();
    txn.commit().await.unwrap();
    let wanted = Wanted { scheme: "social-work".into(), level: "intermediate".into(), year: 2027, ..Wanted::default() };
    let who = Actor::command_line();
    let all = Slice { after: None, limit: yanzhen::db::list::EXPORT };
    let lines = ops::batch(&b.cx, &who, &wanted, b.cx.today(), Lang::ZhCn, &all).await.unwrap();
    assert_eq!((lines.items.len(), lines.next), (205, None));
    // Two years said on 25 November 2026 are three at the end of 2027, whatever else is corrected later.
    let of = async |on: &str| {
        let (_, v) = ops::verdicts(&b.cx, &who, ids[0], "social-work", Some(2027), on.parse().unwrap(), Lang::ZhCn)
            .await
            .unwrap();
        v.into_iter().find(|v| v.level == "intermediate").unwrap().answer
    };
    let before = of("2026-11-25").await;
    b.at("2027-10-01T02:00:00Z");
    let edit = yanzhen::people::ops::EditPerson { phone: Some("13900000009".into()), ..Default::default() };
    yanzhen::people::ops::edit(&b.cx, &who, ids[0], edit, 1).await.unwrap();
    assert_eq!(of("2027-10-01").await, before);
    let edit =
        yanzhen::people::ops::EditPerson { work_years: Some(Some(2)), unit: Some("x".into()), ..Default::default() };
    yanzhen::people::ops::edit(&b.cx, &who, ids[0], edit, 2).await.unwrap();
    assert_eq!(of("2027-10-01").await, before);
    let edit = yanzhen::people::ops::EditPerson { work_years: Some(Some(1)), ..Default::default() };
    yanzhen::people::ops::edit(&b.cx, &who, ids[0], edit, 3).await.unwrap();
    assert_eq!(of("2027-10-01").await, "not_eligible");
    assert_ne!(before, "not_eligible");
});
