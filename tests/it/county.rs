//! The whole line on the sample county: a real county's files in, and its figures out, the same wherever they are asked.

use chrono::NaiveDate;
use yanzhen::cli::demo;
use yanzhen::core::{Actor, Lang};
use yanzhen::reports::nightly;
use yanzhen::reports::tally::{self, Ask, By, Tally};

use crate::harness::Bench;
use crate::on_both;

async fn ask(b: &Bench, who: &Actor, by: By, as_of: Option<&str>) -> Tally {
    let as_of = as_of.map(|d| d.parse::<NaiveDate>().unwrap());
    tally::tally(&b.cx, who, &Ask { as_of, by, ..Ask::default() }).await.unwrap()
}

fn counts(l: &tally::Line) -> (i64, i64, i64, i64) {
    (l.figures.registered, l.figures.sat, l.figures.passed, l.figures.certified)
}

on_both!(the_county_comes_out_as_it_went_in, |b| async move {
    demo::fill(&b.cx, Lang::ZhCn).await.unwrap();
    let all = Actor::command_line();
    let mut county = all.clone();
    county.scope.regions = vec!["990121".to_owned()];
    for who in [&all, &county] {
        for by in [By::Region, By::Level, By::Cohort, By::Year] {
            let t = ask(&b, who, by, None).await;
            assert_eq!((t.year, counts(&t.total)), (Some(2026), (119, 102, 39, 193)), "{by:?}");
        }
        let by_level = ask(&b, who, By::Level, None).await;
        let lines: Vec<_> = by_level.rows.iter().map(|r| (r.line.figures.passed, r.line.figures.certified)).collect();
        assert_eq!(lines, [(28, 142), (11, 51)]);
    }
    // Before the exam nobody had sat it; the registrations were all there.
    let spring = ask(&b, &all, By::Level, Some("2026-04-30")).await;
    assert_eq!(counts(&spring.total).0, 119);
    assert_eq!((spring.total.figures.sat, spring.total.figures.passed), (0, 0));

    // The nightly recount finds the maintained figures true.
    let night = nightly::run(&b.cx, &Actor::job("tally")).await.unwrap();
    assert!(format!("{night:?}").contains("119"), "{night:?}");
    assert!(yanzhen::reports::alarm::open_alarms(&b.cx, &all).await.unwrap().is_empty());

    // Person-times by group served, of the confirmed hours: "more than 1,000 elderly and 7,000 minors".
    let o = yanzhen::services::ops::overview::overview(&b.cx, &county, "990121").await.unwrap();
    let served = |group: &str| o.beneficiaries.iter().find(|(g, _)| g == group).map(|(_, n)| *n);
    assert_eq!((served("老年人"), served("未成年人")), (Some(1000), Some(7000)), "{:?}", o.beneficiaries);

    // Every one of the files again says nothing new.
    for o in demo::import_all(&b.cx).await.unwrap() {
        assert_eq!((o.accepted, o.unchanged + o.refused), (0, o.rows), "{:?}", o.problems.first());
    }
    let t = ask(&b, &all, By::Level, None).await;
    assert_eq!(counts(&t.total), (119, 102, 39, 193));
});

on_both!(an_import_in_use_is_not_undone_and_the_rows_are_named, |b| async move {
    demo::fill(&b.cx, Lang::En).await.unwrap();
    let mut who = Actor::command_line();
    who.lang = Lang::En;
    // The first import is the base ledger; interns are placed at its bases, under its supervisors.
    let refused = yanzhen::importing::run::undo(&b.cx, &who, &yanzhen::app::kinds(), 1).await.unwrap_err();
    let said = refused.text(Lang::En);
    assert!(matches!(refused, yanzhen::core::Error::Conflict(_)), "{refused:?}");
    assert!(said.contains("21 records") && said.contains("row 11 (supervisor 10) is used by other records"), "{said}");
    assert_eq!(counts(&ask(&b, &who, By::Level, None).await.total), (119, 102, 39, 193));
    let bases = yanzhen::db::int(b.cx.read(), "SELECT COUNT(*) FROM base", []).await.unwrap();
    assert_eq!(bases, Some(10), "nothing was undone");
});
