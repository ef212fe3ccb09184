//! An entry and its changes are one piece of work: counted once everywhere, neither twice nor not at all.

use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Lang, Role};
use yanzhen::db::list::Slice;
use yanzhen::importing::{self, Params};
use yanzhen::practicum::import::Hours;
use yanzhen::practicum::ops::{self, EntryFilter, FindBases, LogHours, Mark};
use yanzhen::practicum::rules::State;
use yanzhen::services::kinds;
use yanzhen::services::ops::figures as services;

use super::{Town, codes, date, facts_of, hours, town};
use crate::harness::Bench;
use crate::on_both;

fn mark(of: ops::Logged) -> [Mark; 1] {
    [Mark { id: of.id, version: of.version }]
}

/// The same hours as everybody shows them: confirmed, waiting, returned, draft of the placement; then what the figures, the
/// ledger, the printed record, the pipeline and the service figures count as confirmed.
async fn counted(b: &Bench, t: &Town) -> ([i64; 4], [i64; 6]) {
    let who = Actor::command_line();
    let p = ops::placement(b.cx.read(), &who, t.placement).await.unwrap();
    let f = ops::figures(b.cx.read(), &who, &EntryFilter::default()).await.unwrap();
    for (state, minutes) in [
        (State::Confirmed, p.confirmed_minutes),
        (State::Submitted, p.submitted_minutes),
        (State::Returned, p.returned_minutes),
        (State::Draft, p.draft_minutes),
    ] {
        assert_eq!(f.minutes(state), minutes, "{state:?}");
    }
    assert_eq!((f.minutes(State::Superseded), f.entries(State::Superseded)), (0, 0));
    let slice = Slice { after: None, limit: 9 };
    let ledger = ops::ledger(b.cx.read(), &who, &FindBases::default(), b.cx.today(), "", &slice).await.unwrap().items;
    let record = ops::confirmed_of(b.cx.read(), &who, t.placement).await.unwrap();
    let outlook = ops::outlook(&b.cx, std::slice::from_ref(&p)).await.unwrap().unwrap();
    let by_kind: i64 = outlook.kinds.iter().map(|k| k.confirmed_minutes).sum();
    let waiting: i64 = outlook.kinds.iter().map(|k| k.waiting_minutes).sum();
    assert_eq!(waiting, p.submitted_minutes, "by kind");
    let ask = services::Ask { by: services::By::Beneficiary, ..Default::default() };
    let served = services::figures(b.cx.read(), &who, &ask, &kinds::of(&b.cx).unwrap(), Lang::ZhCn).await.unwrap();
    (
        [p.confirmed_minutes, p.submitted_minutes, p.returned_minutes, p.draft_minutes],
        [
            f.minutes(State::Confirmed),
            ledger.iter().map(|l| l.minutes).sum(),
            record.iter().map(|e| e.minutes).sum(),
            facts_of(b, t.intern.person_id.unwrap()).await.2,
            by_kind,
            served.total.practicum_times,
        ],
    )
}

fn all(minutes: i64, person_times: i64) -> [i64; 6] {
    [minutes, minutes, minutes, minutes, minutes, person_times]
}

on_both!(an_entry_and_its_change_count_once_whoever_counts, |b| async move {
    let t = town(&b).await;
    let list = async |state: Option<State>| {
        let f = EntryFilter { state, ..EntryFilter::default() };
        ops::entries(b.cx.read(), &t.intern, &f, &PageReq::default()).await.unwrap().items.len()
    };
    let first = ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 510, 990)).await.unwrap();
    assert_eq!(counted(&b, &t).await, ([0, 480, 0, 0], all(0, 0)));
    ops::confirm(&b.cx, &t.supervisor, &mark(first)).await.unwrap().single().unwrap();
    assert_eq!(counted(&b, &t).await, ([480, 0, 0, 0], all(480, 2)));

    // The change as a draft, handed in and returned: what is confirmed counts, the change waits and is no more hours.
    let less = LogHours { beneficiary_count: 5, ..hours("2026-11-24", 510, 870) };
    let draft = LogHours { submit: false, ..less.clone() };
    let change = ops::edit_hours(&b.cx, &t.intern, first.id, 2, draft).await.unwrap();
    assert_eq!(counted(&b, &t).await, ([480, 0, 0, 0], all(480, 2)));
    let change = ops::submit_hours(&b.cx, &t.intern, change.id, change.version).await.unwrap();
    assert_eq!(counted(&b, &t).await, ([480, 0, 0, 0], all(480, 2)));
    ops::return_entries(&b.cx, &t.supervisor, &mark(change), "几点？").await.unwrap().single().unwrap();
    assert_eq!(counted(&b, &t).await, ([480, 0, 0, 0], all(480, 2)));
    let change = ops::edit_hours(&b.cx, &t.intern, change.id, change.version + 1, less).await.unwrap();

    // The confirmed one goes back too: the change is what is left of the work, and only it can be handed in.
    let old = Mark { id: first.id, version: 2 };
    ops::return_entries(&b.cx, &t.supervisor, &[old], "不对").await.unwrap().single().unwrap();
    assert_eq!(counted(&b, &t).await, ([0, 360, 0, 0], all(0, 0)));
    for refused in [
        ops::submit_hours(&b.cx, &t.intern, first.id, 3).await,
        ops::edit_hours(&b.cx, &t.intern, first.id, 3, hours("2026-11-24", 900, 990)).await,
        ops::withdraw_hours(&b.cx, &t.intern, first.id, 3).await,
    ] {
        assert_eq!(codes(&refused.unwrap_err()), ["practicum-change-waits"]);
    }
    ops::confirm(&b.cx, &t.supervisor, &mark(change)).await.unwrap().single().unwrap();
    assert_eq!(counted(&b, &t).await, ([360, 0, 0, 0], all(360, 5)));
    assert_eq!(ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap().state, "superseded");
    // History stands in a list only when it is asked for.
    assert_eq!((list(None).await, list(Some(State::Superseded)).await), (1, 1));

    // A change of the change; its pace counts in the forecast: 360 of 600 in four weeks, 240 to go.
    let p = ops::placement(b.cx.read(), &t.intern, t.placement).await.unwrap();
    let outlook = ops::outlook(&b.cx, &[p]).await.unwrap().unwrap();
    assert_eq!(outlook.finish_on, Some(date("2026-12-14")));
    let again = ops::edit_hours(&b.cx, &t.intern, change.id, 5, hours("2026-11-24", 510, 750)).await.unwrap();
    ops::confirm(&b.cx, &t.supervisor, &mark(again)).await.unwrap().single().unwrap();
    assert_eq!(counted(&b, &t).await, ([240, 0, 0, 0], all(240, 2)));
    assert_eq!((list(None).await, list(Some(State::Superseded)).await), (1, 2));
});

on_both!(a_batch_of_changes_supersedes_all_they_change, |b| async move {
    let t = town(&b).await;
    let mut marks = Vec::new();
    for i in 0..12 {
        let e = ops::log_hours(&b.cx, &t.intern, hours("2026-11-24", 30 * i, 30 * i + 30)).await.unwrap();
        marks.push(Mark { id: e.id, version: 1 });
    }
    ops::confirm(&b.cx, &t.supervisor, &marks).await.unwrap();
    let mut changes = Vec::new();
    for (i, m) in (0..).zip(&marks) {
        let e = ops::edit_hours(&b.cx, &t.intern, m.id, 2, hours("2026-11-24", 30 * i, 30 * i + 20)).await.unwrap();
        changes.push(Mark { id: e.id, version: 1 });
    }
    assert_eq!(counted(&b, &t).await, ([360, 0, 0, 0], all(360, 24)));
    ops::confirm(&b.cx, &t.supervisor, &changes).await.unwrap();
    assert_eq!(counted(&b, &t).await, ([240, 0, 0, 0], all(240, 24)));
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND action = 'supersede'";
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, []).await.unwrap(), Some(12));
});

on_both!(a_window_counts_from_the_return_and_not_from_the_last_saving, |b| async move {
    let t = town(&b).await;
    let entry = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 600)).await.unwrap();
    ops::return_entries(&b.cx, &t.supervisor, &mark(entry), "缺起止").await.unwrap().single().unwrap();
    // Returned on 25 November, 60 days: until 24 January, however often it is saved.
    b.at("2027-01-20T02:00:00Z");
    let draft = LogHours { submit: false, ..hours("2026-11-20", 510, 620) };
    let saved = ops::edit_hours(&b.cx, &t.intern, entry.id, 2, draft.clone()).await.unwrap();
    assert_eq!(saved.state, State::Returned);
    b.at("2027-01-24T15:59:59Z");
    let saved = ops::edit_hours(&b.cx, &t.intern, entry.id, saved.version, draft).await.expect("the last minute there");
    b.at("2027-01-24T16:00:00Z");
    let late = ops::submit_hours(&b.cx, &t.intern, entry.id, saved.version).await;
    assert_eq!(codes(&late.unwrap_err()), ["date:practicum-fault-window-closed"]);
    // Taken back it is a draft with the same window.
    b.at("2027-01-24T15:00:00Z");
    let back = ops::withdraw_hours(&b.cx, &t.intern, entry.id, saved.version).await.unwrap();
    ops::submit_hours(&b.cx, &t.intern, entry.id, back.version).await.unwrap();
});

on_both!(a_file_read_again_while_a_change_waits_leaves_both, |b| async move {
    let t = town(&b).await;
    let who = Actor::command_line();
    let params = Params { year: Some(2026), ..Params::default() };
    let head = "记录编号,学号,姓名,基地编码,日期,起,止,时数,工作内容,服务对象,服务人次,督导,确认状态\n";
    let one = |no: &str, day: &str, from: &str, to: &str, hours: &str| {
        format!("{no},2022990001,余春,JD01,{day},{from},{to},{hours},个案,老年人,3,吴飞洋,已确认\n")
    };
    let run = async |lines: String| {
        let bytes = format!("{head}{lines}").into_bytes();
        importing::run::now(&b.cx, &who, &Hours, &params, "a.csv", &bytes, false).await.unwrap()
    };
    let sheet = one("R1", "2026-10-08", "08:30", "16:30", "7");
    assert_eq!(run(sheet.clone()).await.accepted, 1);
    let id = ops::entries(b.cx.read(), &who, &EntryFilter::default(), &PageReq::default()).await.unwrap().items[0].id;
    let change = LogHours { person_id: t.intern.person_id, ..hours("2026-10-08", 510, 900) };
    let change = ops::edit_hours(&b.cx, &who, id, 1, change).await.unwrap();
    let again = run(sheet.clone()).await;
    assert_eq!((again.unchanged, again.refused), (1, 0), "{:?}", again.problems);
    // Another row at its time is still refused, whichever stands first.
    let beside = one("R2", "2026-10-08", "15:30", "16:00", "0.5");
    for lines in [format!("{beside}{sheet}"), format!("{sheet}{beside}")] {
        let both = run(lines).await;
        assert_eq!((both.unchanged, both.refused), (1, 1));
        assert_eq!(both.problems[0].code, "overlaps_other_record");
    }
    ops::confirm(&b.cx, &t.supervisor, &mark(change)).await.unwrap().single().unwrap();
    let again = run(sheet).await;
    assert_eq!((again.unchanged, again.refused), (1, 0));
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 390);

    // The programme's rules hold for a file too: the cap of a day, no day ahead.
    let long = one("R3", "2026-10-09", "06:00", "16:00", "10") + &one("R4", "2026-10-09", "17:00", "20:00", "2.5");
    let capped = run(long + &one("R5", "2026-11-26", "08:00", "09:00", "1")).await;
    assert_eq!(capped.accepted, 1);
    let said: Vec<String> = capped.problems.iter().map(|p| format!("{} {}", p.code, p.message(Lang::ZhCn))).collect();
    assert!(said[0].starts_with("over_daily_cap") && said[0].contains("12 小时"), "{said:?}");
    assert!(said[1].starts_with("date_in_future") && said[1].contains("2026-11-26"), "{said:?}");

    // Where the campus signs too, a confirmed row waits for it; on a holiday of such a programme there is none.
    let sql = "UPDATE placement SET programme = 'FIELD-MSW'";
    yanzhen::db::run(b.cx.writer(), sql, []).await.unwrap();
    let campus =
        run(one("R6", "2026-10-12", "08:00", "09:00", "1") + &one("R7", "2026-10-01", "08:00", "09:00", "1")).await;
    assert_eq!((campus.accepted, campus.refused), (1, 1));
    let found: Vec<&str> = campus.problems.iter().map(|p| p.code.as_ref()).collect();
    assert_eq!(found, ["not_signed", "holiday"]);
    assert_eq!(ops::waiting(b.cx.read(), &who, State::Endorsed, 9).await.unwrap().len(), 1);
    let again = run(one("R6", "2026-10-12", "08:00", "09:00", "1")).await;
    assert_eq!((again.unchanged, again.refused), (1, 0));
    let mut office = b.sign_in(Role::Administrator, &[], None).await;
    office.get("/hours?list=campus").await.is(200).shows("2026-10-12");
});

on_both!(households_of_confirmed_entries_are_in_the_service_figures, |b| async move {
    let t = town(&b).await;
    let visits = LogHours { households: 4, beneficiary_count: 0, ..hours("2026-11-24", 510, 990) };
    let entry = ops::log_hours(&b.cx, &t.intern, visits).await.unwrap();
    let who = Actor::command_line();
    let kinds = kinds::of(&b.cx).unwrap();
    let total = async || {
        let ask = services::Ask { by: services::By::Month, ..Default::default() };
        let f = services::figures(b.cx.read(), &who, &ask, &kinds, Lang::ZhCn).await.unwrap();
        (f.total.households, f.total.practicum_households)
    };
    assert_eq!(total().await, (0, 0));
    ops::confirm(&b.cx, &t.supervisor, &mark(entry)).await.unwrap().single().unwrap();
    // A source of its own: the households of service records open those records and stay apart.
    assert_eq!(total().await, (0, 4));
    let slice = Slice { after: None, limit: 9 };
    let rows = services::entries(b.cx.read(), &who, &services::Ask::default(), "", "", &slice).await.unwrap().items;
    assert_eq!(rows.iter().map(|r| r.households).collect::<Vec<_>>(), [4]);
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    admin.get("/service-figures?by=month").await.is(200).shows("实习走访户数");
    admin.get("/figures/hours").await.is(200).shows("实习走访户数");
});
