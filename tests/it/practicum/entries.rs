//! An entry's way from the phone to the pipeline, two at once, and what may change of a placement.

use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::practicum::ops::{self, EntryFilter, LogHours, Mark, PlacementChange, PlacementFilter};
use yanzhen::practicum::rules::State;

use super::{actor, codes, date, facts_of, hours, place_of, town};
use crate::on_both;

on_both!(an_entry_goes_from_the_phone_to_the_pipeline, |b| async move {
    let t = town(&b).await;
    let me = t.intern.person_id.unwrap();
    assert_eq!(facts_of(&b, me).await, ("placed".into(), 600, 0));
    // Sent twice with one key: one entry.
    let form = LogHours { client_key: Some("k1".into()), ..hours("2026-11-24", 510, 990) };
    let first = ops::log_hours(&b.cx, &t.intern, form.clone()).await.unwrap();
    let again = ops::log_hours(&b.cx, &t.intern, form).await.unwrap();
    assert!(first.created && !again.created);
    assert_eq!((first.id, first.version, first.state), (again.id, again.version, State::Submitted));

    let refused = [
        (hours("2026-11-24", 900, 1000), "from:practicum-fault-overlaps-other-record"),
        (hours("2026-11-26", 510, 990), "date:practicum-fault-date-in-future"),
        (hours("2026-08-31", 510, 990), "date:practicum-fault-outside-placement"),
        (hours("2026-11-23", 990, 510), "to:practicum-fault-end-before-start"),
        (LogHours { minutes: Some(600), ..hours("2026-11-23", 510, 990) }, "hours:practicum-fault-hours-exceed-span"),
        (LogHours { kind: " ".into(), ..hours("2026-11-23", 510, 990) }, "kind:practicum-kind-missing"),
        (
            LogHours { placement_id: Some(t.placement + 99), ..hours("2026-11-23", 510, 990) },
            "placement:practicum-placement-unknown",
        ),
    ];
    for (form, want) in refused {
        assert_eq!(codes(&ops::log_hours(&b.cx, &t.intern, form).await.unwrap_err()), [want]);
    }
    let stranger = LogHours { person_id: Some(me + 1), ..hours("2026-11-23", 510, 990) };
    assert!(matches!(ops::log_hours(&b.cx, &t.intern, stranger).await, Err(Error::Forbidden)));

    // Another base's supervisor does not see it; this one's returns it with a reason; it is mended and confirmed.
    let stranger = actor(Role::Supervisor, None, &[t.other_base]);
    let mark = Mark { id: first.id, version: 1 };
    assert!(matches!(ops::confirm(&b.cx, &stranger, &[mark]).await, Err(Error::NotFound(_))));
    assert!(matches!(ops::confirm(&b.cx, &t.intern, &[mark]).await, Err(Error::Forbidden)));
    assert!(ops::waiting(b.cx.read(), &stranger, State::Submitted, 100).await.unwrap().is_empty());
    assert_eq!(ops::waiting(b.cx.read(), &t.supervisor, State::Submitted, 100).await.unwrap()[0].1.len(), 1);
    assert_eq!(
        codes(&ops::return_entries(&b.cx, &t.supervisor, &[mark], " ").await.unwrap_err()),
        ["reason:practicum-reason-missing"]
    );
    ops::return_entries(&b.cx, &t.supervisor, &[mark], "时数不对").await.unwrap().single().unwrap();
    let seen = ops::entry(b.cx.read(), &t.intern, first.id).await.unwrap();
    assert_eq!((seen.state.as_str(), seen.reason.as_str(), seen.version), ("returned", "时数不对", 2));
    let stale = ops::edit_hours(&b.cx, &t.intern, first.id, 1, hours("2026-11-24", 510, 900)).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    let sent = ops::edit_hours(&b.cx, &t.intern, first.id, 2, hours("2026-11-24", 510, 900)).await.unwrap();
    let mark = Mark { id: sent.id, version: sent.version };
    ops::confirm(&b.cx, &t.supervisor, &[mark]).await.unwrap().single().unwrap();
    assert_eq!(facts_of(&b, me).await, ("practicum_under_way".into(), 600, 390));
    // Confirmed is confirmed: no second confirmation, not taken back.
    let back = ops::withdraw_hours(&b.cx, &t.intern, first.id, 4).await;
    assert_eq!(codes(&back.unwrap_err()), ["practicum-confirmed-already"]);
    let twice = ops::confirm(&b.cx, &t.supervisor, &[Mark { id: sent.id, version: 4 }]).await.unwrap();
    assert_eq!(codes(&twice.single().unwrap_err()), ["practicum-confirmed-already"]);

    // A list: one good, one stale.
    let more = ops::log_hours(&b.cx, &t.intern, hours("2026-11-23", 510, 750)).await.unwrap();
    let draft = LogHours { submit: false, ..hours("2026-11-22", 510, 600) };
    let draft = ops::log_hours(&b.cx, &t.intern, draft).await.unwrap();
    let marks = [Mark { id: more.id, version: 1 }, Mark { id: draft.id, version: 1 }];
    let done = ops::confirm(&b.cx, &t.supervisor, &marks).await.unwrap();
    assert_eq!((done.done, done.left.len()), (vec![more.id], 1));
    assert_eq!(facts_of(&b, me).await, ("practicum_complete".into(), 600, 630));
    // A confirmed entry that proved wrong goes back, and the pipeline with it.
    ops::return_entries(&b.cx, &t.supervisor, &[Mark { id: more.id, version: 2 }], "签到表不符").await.unwrap();
    assert_eq!(facts_of(&b, me).await, ("practicum_under_way".into(), 600, 390));
    ops::submit_hours(&b.cx, &t.intern, draft.id, 1).await.unwrap();
    ops::withdraw_hours(&b.cx, &t.intern, draft.id, 2).await.unwrap();

    let f = ops::figures(b.cx.read(), &Actor::command_line(), &EntryFilter::default()).await.unwrap();
    assert_eq!(f.minutes(State::Confirmed), 390);
    assert_eq!((f.entries(State::Returned), f.entries(State::Draft), f.short, f.placements), (1, 1, 1, 1));
    let mine = ops::placements(b.cx.read(), &t.intern, &PlacementFilter::default(), &PageReq::default()).await.unwrap();
    let p = ops::Progress::of(&mine.items);
    assert_eq!((p.required_minutes, p.confirmed_minutes, p.returned_minutes, p.draft_minutes), (600, 390, 240, 90));
    assert_eq!(p.percent(), 65);
    // Every change of the entry is a version.
    let sql = "SELECT COUNT(*) FROM audit_entry WHERE entity = 'hour_entry' AND entity_id = ?";
    assert_eq!(yanzhen::db::int(b.cx.read(), sql, [first.id.into()]).await.unwrap(), Some(4));
});

on_both!(two_supervisors_confirm_one_entry_at_once_and_the_second_is_told, |b| async move {
    let t = town(&b).await;
    let other = actor(Role::Supervisor, None, &[t.base]);
    let second = b.second().await;
    for (day, from) in [("2026-11-20", 510), ("2026-11-19", 510), ("2026-11-18", 510)] {
        let made = ops::log_hours(&b.cx, &t.intern, hours(day, from, from + 60)).await.unwrap();
        let mark = [Mark { id: made.id, version: made.version }];
        let (x, y) = tokio::join!(ops::confirm(&b.cx, &t.supervisor, &mark), ops::confirm(&second, &other, &mark));
        let done: Vec<usize> = [x, y].into_iter().map(|r| r.unwrap().done.len()).collect();
        assert_eq!(done.iter().sum::<usize>(), 1, "{done:?}");
        let seen = ops::entry(b.cx.read(), &t.intern, made.id).await.unwrap();
        assert_eq!((seen.state.as_str(), seen.version), ("confirmed", 2));
    }
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.2, 180);
});

on_both!(a_form_sent_twice_at_once_counts_once, |b| async move {
    let t = town(&b).await;
    let second = b.second().await;
    let form = LogHours { client_key: Some("same".into()), ..hours("2026-11-20", 510, 600) };
    let (x, y) =
        tokio::join!(ops::log_hours(&b.cx, &t.intern, form.clone()), ops::log_hours(&second, &t.intern, form.clone()));
    let (x, y) = (x.unwrap(), y.unwrap());
    assert_eq!(x.id, y.id);
    assert!(x.created != y.created);
    // Two different forms for the same minutes: one is refused.
    let other = |key: &str| LogHours { client_key: Some(key.into()), ..hours("2026-11-19", 510, 600) };
    let (x, y) =
        tokio::join!(ops::log_hours(&b.cx, &t.intern, other("a")), ops::log_hours(&second, &t.intern, other("b")));
    assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|ok| **ok).count(), 1);
});

on_both!(placements_are_changed_with_the_version_that_was_seen, |b| async move {
    let t = town(&b).await;
    let who = Actor::command_line();
    let change = PlacementChange {
        id: t.placement,
        version: 1,
        starts_on: Some(date("2026-09-01")),
        ends_on: Some(date("2026-12-31")),
        required_minutes: 1200,
        campus_mentor: "唐宇东".into(),
        state: "active".into(),
        note: String::new(),
    };
    ops::change_placement(&b.cx, &who, change.clone()).await.unwrap();
    let stale = ops::change_placement(&b.cx, &who, change.clone()).await;
    assert_eq!(codes(&stale.unwrap_err()), ["error-changed-meanwhile"]);
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.1, 1200);
    let backwards = PlacementChange { version: 2, ends_on: Some(date("2026-08-01")), ..change.clone() };
    assert_eq!(
        codes(&ops::change_placement(&b.cx, &who, backwards).await.unwrap_err()),
        ["ends:practicum-ends-before-starts"]
    );
    let withdrawn = PlacementChange { version: 2, state: "withdrawn".into(), ..change };
    ops::change_placement(&b.cx, &who, withdrawn).await.unwrap();
    assert_eq!(facts_of(&b, t.intern.person_id.unwrap()).await.1, 0);
    let log = ops::log_hours(&b.cx, &t.intern, hours("2026-11-20", 510, 600)).await;
    assert_eq!(codes(&log.unwrap_err()), ["placement:practicum-placement-none"]);
    // The same person, base and first day is the same placement.
    let p = place_of(t.intern.person_id.unwrap(), t.base, "2026-09-01", "2026-12-31", 20);
    assert_eq!(codes(&ops::place(&b.cx, &who, p).await.unwrap_err()), ["practicum-placement-exists"]);
});
