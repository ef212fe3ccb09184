//! Stations: the list of the samples, coverage by level, the same again, undo, bad rows, checks against the standard,
//! scope, pages and API.

use std::collections::HashMap;

use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::directory::ops::regions::{self, AddRegion};
use yanzhen::importing::{Kinds, Outcome, Params, run};
use yanzhen::stations::import::Stations;
use yanzhen::stations::ops::{self, CheckInput, Find, LevelCoverage, StationInput};
use yanzhen::stations::standard;

use crate::harness::{Bench, samples};
use crate::on_both;

/// Villages stand before the towns they hang on: the order of a file does not matter.
const LIST: &str = "站点编码,站点名称,层级,乡镇(街道),上级站点编码,负责人,联系电话,启用日期,建设阶段\r\n\
    T0101,河滩镇东桥村社会工作服务室,村级,河滩镇,T0100,甲,19900003016,2021-02-01,\r\n\
    T0100,河滩镇社会工作服务站,镇级,河滩镇,T0000,乙,19900003002,2024-05-01,提升\r\n\
    T0200,新桥镇社会工作服务站,镇级,新桥镇,T0000,丙,19900003003,2022-06-01,\r\n\
    T0201,新桥镇南桥村社会工作服务室,村级,新桥镇,T0200,丁,19900003017,2024-11-01,筹建\r\n\
    T0000,某市社会工作服务总站,县级,某市,,戊,19900003001,2021-12-01,\r\n";

pub async fn import(b: &Bench, county: &str, text: &[u8]) -> Outcome {
    let params = Params { region: Some(county.into()), ..Params::default() };
    run::now(&b.cx, &Actor::command_line(), &Stations, &params, "站点.csv", text, false).await.unwrap()
}

async fn counts(b: &Bench, who: &Actor) -> HashMap<String, i64> {
    ops::count(b.cx.read(), who, &Find::default()).await.unwrap()
}

fn kinds() -> Kinds {
    Kinds::new(vec![Box::new(Stations)])
}

fn all() -> Slice {
    Slice { after: None, limit: 1000 }
}

async fn station(b: &Bench, code: &str) -> ops::StationRow {
    let find = Find { text: code.into(), ..Find::default() };
    ops::list(&b.cx, &Actor::command_line(), &find, "", &all()).await.unwrap().items.remove(0)
}

on_both!(the_three_levels_of_the_samples, |b| async move {
    let Some(dir) = samples() else { return };
    println!("the sample list of stations was used");
    let who = Actor::command_line();
    let bytes = std::fs::read(dir.join("set_c/三级站点.csv")).unwrap();
    let o = import(&b, "990181", &bytes).await;
    assert_eq!((o.rows, o.accepted, o.refused, o.problems.len()), (147, 147, 0, 0), "{:?}", o.problems.first());
    let want: HashMap<String, i64> =
        [("county", 1), ("town", 14), ("village", 132)].map(|(k, n)| (k.to_owned(), n)).into();
    assert_eq!(counts(&b, &who).await, want);
    let c = ops::coverage(b.cx.read(), &who, "").await.unwrap();
    assert_eq!((c.stations(), c.town.places, c.town.covered, c.town.percent()), (147, 14, 14, Some(100)));
    assert_eq!((c.county.percent(), c.village.stations, c.village.percent()), (Some(100), 132, None));
    let again = import(&b, "990181", &bytes).await;
    assert_eq!((again.accepted, again.unchanged), (0, 147));
    run::undo(&b.cx, &who, &kinds(), o.import_id.unwrap()).await.unwrap();
    assert!(counts(&b, &who).await.is_empty());
});

on_both!(towns_and_villages_are_known_by_name_and_coverage_follows, |b| async move {
    let who = Actor::command_line();
    let add = async |code: &str, name: &str| {
        regions::add(&b.cx, &who, AddRegion { code: code.into(), name: name.into() }).await.unwrap();
    };
    add("990181", "某市").await;
    add("990181101", "河滩镇").await;
    add("990181102", "古渡镇").await;
    add("990181101001", "东桥村").await;
    add("990181101002", "西桥村").await;
    let o = import(&b, "990181", LIST.as_bytes()).await;
    assert_eq!((o.accepted, o.problems.len()), (5, 0), "{:?}", o.problems);
    assert_eq!(station(&b, "T0101").await.region_code, "990181101001");
    assert_eq!(station(&b, "T0100").await.region_code, "990181101");
    assert_eq!(
        station(&b, "T0200").await.region_code,
        "990181",
        "a town that is not in the tree is counted under the county"
    );
    assert_eq!(station(&b, "T0100").await.parent.as_deref(), Some("某市社会工作服务总站"));

    // 古渡镇 has none; 新桥镇 is not in the tree but has one. The planned village station covers nothing.
    let c = ops::coverage(b.cx.read(), &who, "990181").await.unwrap();
    let level = |stations, places, covered| LevelCoverage { stations, meet: 0, places, covered };
    assert_eq!((c.county, c.town, c.village), (level(1, 1, 1), level(2, 3, 2), level(1, 2, 1)));
    let rows = ops::coverage_below(b.cx.read(), &who, "990181").await.unwrap();
    let rows: Vec<_> =
        rows.iter().map(|r| (r.name.as_str(), r.coverage.town.covered, r.coverage.village.stations)).collect();
    assert_eq!(rows, [("新桥镇", 1, 0), ("河滩镇", 1, 1), ("古渡镇", 0, 0)]);
    let county = ops::coverage_below(b.cx.read(), &who, "").await.unwrap();
    assert_eq!(county.iter().map(|r| (r.code.as_str(), r.coverage.stations())).collect::<Vec<_>>(), [("990181", 4)]);

    // Closing a station takes its town out.
    let s = station(&b, "T0100").await;
    let closed = StationInput {
        code: s.code.clone(),
        name: s.name.clone(),
        level: s.level.clone(),
        phase: s.phase.clone(),
        state: "closed".into(),
        county_code: s.county_code.clone(),
        town: s.town.clone(),
        parent_id: s.parent_id,
        ..StationInput::default()
    };
    ops::edit(&b.cx, &who, s.id, closed.clone(), 1).await.unwrap();
    assert!(matches!(ops::edit(&b.cx, &who, s.id, closed.clone(), 1).await, Err(Error::Conflict(_))));
    let c = ops::coverage(b.cx.read(), &who, "990181").await.unwrap();
    assert_eq!((c.town.places, c.town.covered, c.town.percent()), (3, 1, Some(33)));
    // A station cannot stand above itself or above one that is not lower.
    let above = StationInput { parent_id: Some(s.id), ..closed.clone() };
    assert!(matches!(ops::edit(&b.cx, &who, s.id, above, 2).await, Err(Error::Invalid(_))));
    let sunk = StationInput { level: "village".into(), ..closed };
    assert!(matches!(ops::edit(&b.cx, &who, s.id, sunk, 2).await, Err(Error::Invalid(f)) if f[0].field == "level"));
});

on_both!(stations_that_cannot_be_kept_are_refused, |b| async move {
    import(&b, "990181", LIST.as_bytes()).await;
    let bad = "站点编码,站点名称,层级,乡镇(街道),上级站点编码,启用日期,建设阶段\r\n\
        T0300,,镇级,古渡镇,T0000,,\r\n\
        T0301,甲,省级,古渡镇,T0000,,\r\n\
        T0302,乙,村级,古渡镇,T9999,,\r\n\
        T0303,丙,镇级,古渡镇,T0100,,\r\n\
        T0304,丁,镇级,古渡镇,T0000,2021-13-01,\r\n\
        T0305,戊,镇级,古渡镇,T0000,,拆除\r\n\
        T0306,己,镇级,古渡镇,T0000,,\r\n\
        t0306,庚,镇级,古渡镇,T0000,,\r\n\
        T0307,辛,村级,古渡镇,T0306,,\r\n";
    let o = import(&b, "990181", bad.as_bytes()).await;
    let mut got: Vec<_> = o.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref(), p.column.as_str())).collect();
    got.sort_unstable();
    let expected = [
        (2, "station_name_missing", "站点名称"),
        (3, "station_level_unknown", "层级"),
        (4, "station_parent_unknown", "上级站点编码"),
        (5, "station_parent_level", "上级站点编码"),
        (6, "date_impossible", "启用日期"),
        (7, "station_phase_unknown", "建设阶段"),
        (9, "register_row_twice", "站点编码"),
    ];
    assert_eq!(got, expected);
    assert_eq!((o.rows, o.accepted, o.refused), (9, 2, 7));
    for p in &o.problems {
        for lang in yanzhen::core::Lang::ALL {
            let text = p.message(lang);
            assert!(!text.contains("import-code") && !text.contains('$'), "{text}");
        }
    }
    // The same codes in another county are other stations.
    let other = import(&b, "990182", LIST.as_bytes()).await;
    assert_eq!(other.accepted, 5);
    let mut narrow = Actor::command_line();
    narrow.scope.regions = vec!["990182".into()];
    assert_eq!(counts(&b, &narrow).await.values().sum::<i64>(), 5);
    let mine = station(&b, "T0306").await;
    assert!(matches!(ops::get(b.cx.read(), &narrow, mine.id).await, Err(Error::NotFound(_))));
});

on_both!(a_check_adds_up_by_the_standard, |b| async move {
    import(&b, "990181", LIST.as_bytes()).await;
    let who = Actor::command_line();
    let s = station(&b, "T0100").await;
    let all = standard::of(&b.cx).unwrap();
    let standard = &all[0];
    let mut answers: HashMap<String, String> = standard.items().map(|i| (i.code.clone(), "yes".to_owned())).collect();
    answers.insert("evaluation-satisfaction".into(), "not_applicable".into());
    answers.insert("services-activities".into(), "no".into());
    let input = CheckInput {
        standard: standard.code.clone(),
        checked_on: "2026-11-20".parse().ok(),
        checker: "督导甲".into(),
        note: String::new(),
        answers,
    };
    let mut short = input.clone();
    short.answers.remove("site-room");
    assert!(matches!(ops::check(&b.cx, &who, s.id, short).await, Err(Error::Invalid(f)) if f[0].field == "site-room"));
    let future = CheckInput { checked_on: "2026-11-26".parse().ok(), ..input.clone() };
    assert!(
        matches!(ops::check(&b.cx, &who, s.id, future).await, Err(Error::Invalid(f)) if f[0].field == "checked_on")
    );
    let done = ops::check(&b.cx, &who, s.id, input.clone()).await.unwrap();
    assert_eq!((done.points, done.of_points, done.meets), (90, 96, true));
    assert!(matches!(ops::check(&b.cx, &who, s.id, input.clone()).await, Err(Error::Invalid(_))), "twice on one day");
    let c = ops::coverage(b.cx.read(), &who, "").await.unwrap();
    assert_eq!(c.town.meet, 1);
    // A later check that misses a must takes it back.
    let mut later = CheckInput { checked_on: "2026-11-24".parse().ok(), ..input };
    later.answers.insert("staff-two".into(), "no".into());
    assert!(!ops::check(&b.cx, &who, s.id, later.clone()).await.unwrap().meets);
    assert_eq!(ops::coverage(b.cx.read(), &who, "").await.unwrap().town.meet, 0);
    let row = station(&b, "T0100").await;
    assert_eq!((row.points, row.meets), (Some(82), Some(false)));
    let county = station(&b, "T0000").await;
    assert!(matches!(ops::check(&b.cx, &who, county.id, later).await, Err(Error::Invalid(_))), "not for that level");
});

on_both!(stations_by_page_and_api, |b| async move {
    import(&b, "990181", LIST.as_bytes()).await;
    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    admin.get("/stations?level=town&sort=-code").await.is(200).shows("新桥镇社会工作服务站").hides("东桥村");
    admin.get("/stations/coverage?region=990181").await.is(200).shows("新桥镇").shows("100%");
    for path in ["/stations/export?level=town", "/stations/coverage/export"] {
        assert!(admin.get(path).await.is(200).header("content-type").contains("spreadsheet"));
    }
    let s = station(&b, "T0100").await;
    let at = format!("/stations/{}", s.id);
    admin.get(&at).await.is(200).shows("还没有检查记录");
    admin.get(&format!("{at}/edit")).await.is(200).shows("某市社会工作服务总站");
    admin.get(&format!("{at}/checks/new")).await.is(200).shows("场所").shows("必达项");
    let wrong = [("checked_on", "x"), ("site-room", "yes")];
    admin.post(&format!("{at}/checks?standard=station"), &wrong).await.is(422);
    let all = standard::of(&b.cx).unwrap();
    let mut fields: Vec<(&str, &str)> = all[0].items().map(|i| (i.code.as_str(), "yes")).collect();
    fields.push(("checked_on", "2026-11-20"));
    admin.post(&format!("{at}/checks?standard=station"), &fields).await.is(303);
    let page = admin.get(&at).await.is(200).shows("100/100").shows("达标");
    let check = page.text.split(&format!("{at}/checks/")).nth(2).unwrap().split('"').next().unwrap().to_owned();
    admin.get(&format!("{at}/checks/{check}")).await.is(200).shows("督导");
    let other = station(&b, "T0200").await;
    admin.get(&format!("/stations/{}/checks/{check}", other.id)).await.is(404);

    let api = b.api(Role::Trainer, &[], None).await;
    let list = api.get("/stations?check=met").await.is(200).json();
    assert_eq!((list["items"].as_array().unwrap().len(), list["items"][0]["points"].as_i64()), (1, Some(100)));
    let c = api.get("/station-coverage").await.is(200).json();
    assert_eq!((c["total"]["town"]["percent"].as_i64(), c["rows"][0]["code"].as_str()), (Some(100), Some("990181")));
    let observer = b.api(Role::Observer, &[("region", "990182".to_owned())], None).await;
    observer.get(&format!("/stations/{}", s.id)).await.is(404);
});
