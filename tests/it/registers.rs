//! Staff, projects and service records: the files of the samples, undo, the same again, bad rows, scope, and the figures
//! that the registers give together.

use yanzhen::certificates::import::Certificates;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::employments::import::Staff;
use yanzhen::employments::ops::{self as employments, EmploymentInput, Find as FindStaff};
use yanzhen::importing::{Kind, Kinds, Outcome, Params, run};
use yanzhen::organisations::import::Organisations;
use yanzhen::projects::import::Projects;
use yanzhen::projects::ops as projects;
use yanzhen::services::import::Services;
use yanzhen::services::kinds;
use yanzhen::services::ops::figures::{self, Ask, By};
use yanzhen::services::ops::overview::{full_time, overview};
use yanzhen::services::ops::{self as services, Find as FindServices};
use yanzhen::stations::import::Stations;

use crate::harness::{Bench, samples};
use crate::on_both;

async fn import(b: &Bench, kind: &dyn Kind, county: &str, text: &[u8]) -> Outcome {
    let params = Params {
        region: Some(county.into()),
        scheme: (kind.name() == "certificates").then(|| "social-work".into()),
        ..Params::default()
    };
    run::now(&b.cx, &Actor::command_line(), kind, &params, "a.csv", text, false).await.unwrap()
}

fn problems(o: &Outcome) -> Vec<(u32, &str, &str)> {
    let mut all: Vec<_> = o.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref(), p.column.as_str())).collect();
    all.sort_unstable();
    all
}

fn sentences(o: &Outcome) {
    for p in &o.problems {
        for lang in yanzhen::core::Lang::ALL {
            let text = p.message(lang);
            assert!(!text.contains("import-code") && !text.contains('$'), "{text}");
        }
    }
}

fn all() -> Slice {
    Slice { after: None, limit: 5000 }
}

const STATIONS: &str = "站点编码,站点名称,层级,乡镇(街道),上级站点编码\r\n\
    T0000,某县总站,县级,,\r\nT0100,河滩镇社会工作服务站,镇级,河滩镇,T0000\r\nT0101,河滩镇东桥村服务室,村级,河滩镇,T0100\r\n";

const STAFF: &str = "序号,姓名,身份证号,人员类别,所在站点,到岗日期,离岗日期,是否持证,专兼职\r\n\
    1,萧波文,990121198904257427,招聘社工,河滩镇社会工作服务站,2025-06-06,,是,专职\r\n\
    2,萧强艳,990121199410252372,招聘社工,河滩镇社会工作服务站,2025-03-09,,否,\r\n\
    3,吴飞洋,990121198802019161,派驻督导,望川镇社会工作服务站,2025-08-20,,是,兼职\r\n";

const SERVICES: &str = "记录编号,站点编码,日期,服务类型,走访户数,帮扶困难群众人数,活动场次,服务人次,服务对象,记录人\r\n\
    F1,T0101,2025-01-01,入户走访,6,1,0,0,,甲\r\nF2,T0100,2025-01-02,社区活动,0,0,1,77,老年人,乙\r\nF3,T0000,2025-03-02,小组,0,0,1,20,未成年人,乙\r\n";

on_both!(the_files_of_the_samples_come_out_as_listed, |b| async move {
    let Some(dir) = samples() else { return };
    println!("the sample files of the registers were used");
    let read = |name: &str| std::fs::read(dir.join(name)).unwrap();
    let who = Actor::command_line();

    // Each file alone, against nothing.
    let staff = import(&b, &Staff, "990121", &read("set_b/站点人员名册.csv")).await;
    assert_eq!((staff.rows, staff.accepted, staff.problems.len()), (29, 29, 0), "{:?}", staff.problems);
    let again = import(&b, &Staff, "990121", &read("set_b/站点人员名册.csv")).await;
    assert_eq!((again.accepted, again.unchanged), (0, 29));
    let projects = import(&b, &Projects, "990121", &read("set_b/服务项目清单.csv")).await;
    assert_eq!((projects.rows, projects.accepted, projects.problems.len()), (25, 25, 0), "{:?}", projects.problems);
    let again = import(&b, &Projects, "990121", &read("set_b/服务项目清单.csv")).await;
    assert_eq!((again.accepted, again.unchanged), (0, 25));
    import(&b, &Stations, "990181", &read("set_c/三级站点.csv")).await;
    let records = import(&b, &Services, "990181", &read("set_c/服务记录_2025.csv")).await;
    assert_eq!((records.rows, records.accepted, records.refused), (2520, 2512, 8));
    let expected = [
        (303, "unknown_station", "站点编码"),
        (604, "negative_count", "走访户数"),
        (905, "count_not_number", "走访户数"),
        (1206, "date_impossible", "日期"),
        (1507, "duplicate_record_no", "记录编号"),
        (1808, "count_not_whole", "帮扶困难群众人数"),
        (2109, "outside_report_year", "日期"),
        (2310, "unknown_service_type", "服务类型"),
    ];
    assert_eq!(problems(&records), expected);
    sentences(&records);
    let again = import(&b, &Services, "990181", &read("set_c/服务记录_2025.csv")).await;
    assert_eq!((again.accepted, again.unchanged, again.refused), (0, 2512, 8));

    let o = overview(&b.cx, &who, "").await.unwrap();
    assert_eq!((o.recruited.people, o.recruited.certified, o.seconded.people, o.projects), (24, 15, 5, 25));
    assert_eq!((o.coverage.stations(), o.coverage.town.percent()), (147, Some(100)));
    let s = o.services;
    assert_eq!((s.households, s.hardship, s.activities, s.person_times), (7658, 8207, 192, 17188));
    // However they are grouped, the figures are the same.
    let kinds = kinds::of(&b.cx).unwrap();
    for by in By::ALL {
        let ask = Ask { by, ..Ask::default() };
        let f = figures::figures(b.cx.read(), &who, &ask, &kinds, who.lang).await.unwrap();
        let t = f.total;
        assert_eq!((t.households, t.hardship, t.activities, t.person_times), (7658, 8207, 192, 17188), "{by:?}");
        let rows = [(By::County, 1), (By::Town, 15), (By::Kind, 5), (By::Month, 12)].iter().find(|(x, _)| *x == by);
        assert!(rows.is_none_or(|(_, n)| f.rows.len() <= *n), "{by:?}: {}", f.rows.len());
    }

    import(&b, &Organisations, "990623", &read("set_a/社会组织名录.csv")).await;
    import(&b, &Certificates, "990623", &read("set_a/合格人员名单.xlsx")).await;
    let o = overview(&b.cx, &who, "990623").await.unwrap();
    assert_eq!((o.organisations, o.associations, o.service_agencies), (151, 100, 51));
    let levels: Vec<_> = o.certified.iter().map(|(_, level, n)| (level.as_str(), *n)).collect();
    assert_eq!((o.certified_people(), levels, o.full_time), (185, vec![("junior", 143), ("intermediate", 42)], 43));
    let people = full_time(&b.cx, &who, "990623", "", &all()).await.unwrap();
    assert_eq!(people.items.len(), 43);
    assert_eq!(people.items.iter().filter(|p| p.organisation_id.is_some()).count(), 39, "the rest are in communities");

    // Back again: nothing of the service records and the staff is left.
    let kinds: Kinds = Kinds::new(vec![Box::new(Services), Box::new(Staff), Box::new(Projects)]);
    for id in [records.import_id, projects.import_id, staff.import_id] {
        run::undo(&b.cx, &who, &kinds, id.unwrap()).await.unwrap();
    }
    let o = overview(&b.cx, &who, "").await.unwrap();
    assert_eq!((o.recruited.people, o.projects, o.services.records), (0, 0, 0));
});

on_both!(staff_rows_link_to_their_stations_and_bad_ones_are_refused, |b| async move {
    let who = Actor::command_line();
    import(&b, &Stations, "990121", STATIONS.as_bytes()).await;
    let o = import(&b, &Staff, "990121", STAFF.as_bytes()).await;
    assert_eq!((o.accepted, o.problems.len()), (3, 0), "{:?}", o.problems);
    let list = async |find: FindStaff| employments::list(&b.cx, &who, &find, "name", &all()).await.unwrap().items;
    assert_eq!(list(FindStaff::default()).await.len(), 3);
    let lost = list(FindStaff { unlinked: true, ..FindStaff::default() }).await;
    assert_eq!(lost.iter().map(|e| e.workplace.as_str()).collect::<Vec<_>>(), ["望川镇社会工作服务站"]);
    // Once the station is in the register, it is found.
    let more = "站点编码,站点名称,层级,乡镇(街道)\r\nT0200,望川镇社会工作服务站,镇级,望川镇\r\n";
    import(&b, &Stations, "990121", more.as_bytes()).await;
    assert_eq!(employments::link(&b.cx, &who).await.unwrap(), 1);
    assert!(list(FindStaff { unlinked: true, ..FindStaff::default() }).await.is_empty());

    let bad = "姓名,身份证号,人员类别,所在站点,到岗日期,离岗日期,专兼职\r\n\
        萧波文,990121198904257427,招聘社工,河滩镇社会工作服务站,2025-01-06,,\r\n\
        别人,990121199410252372,招聘社工,河滩镇社会工作服务站,2025-03-09,,\r\n\
        姚洋娜,990121200009090608,招聘社工,,2025-03-09,,\r\n\
        姚洋娜,990121200009090608,招聘社工,甲站,2025-03-09,2024-01-01,\r\n\
        姚洋娜,990121200009090608,厨师,甲站,2025-03-09,,\r\n\
        姚洋娜,990121200009090608,厨师,甲站,2025-03-09,,\r\n\
        姚洋娜,990121200009090609,招聘社工,甲站,2025-03-09,,\r\n\
        萧波文,990121198904257427,招聘社工,河滩镇社会工作服务站,2025-06-06,2026-01-31,专职\r\n";
    let o = import(&b, &Staff, "990121", bad.as_bytes()).await;
    let expected = [
        (2, "employment_overlaps", "到岗日期"),
        (3, "person_other_name", "姓名"),
        (4, "employment_workplace_missing", "所在站点"),
        (5, "end_before_start", "离岗日期"),
        (6, "employment_kind_unknown", "人员类别"),
        (7, "employment_kind_unknown", "人员类别"),
        (7, "register_row_twice", ""),
        (8, "id_check_digit", "身份证号"),
    ];
    assert_eq!(problems(&o), expected);
    sentences(&o);
    assert_eq!((o.accepted, o.refused), (2, 6));
    let recruited = FindStaff { kind: "recruited".into(), current: Some(true), ..FindStaff::default() };
    let now = employments::counts(&b.cx, &who, &recruited).await.unwrap();
    assert_eq!(now.people, 1, "one has left");

    let one = &list(FindStaff { text: "萧强艳".into(), ..FindStaff::default() }).await[0];
    let input = EmploymentInput {
        workplace: one.workplace.clone(),
        county_code: "990121".into(),
        kind: one.kind.clone(),
        starts_on: one.starts_on,
        ends_on: "2026-06-30".parse().ok(),
        ..EmploymentInput::default()
    };
    let wrong = EmploymentInput { ends_on: "2024-06-30".parse().ok(), ..input.clone() };
    assert!(
        matches!(employments::edit(&b.cx, &who, one.id, wrong, 1).await, Err(Error::Invalid(f)) if f[0].field == "ends_on")
    );
    employments::edit(&b.cx, &who, one.id, input.clone(), 1).await.unwrap();
    assert!(matches!(employments::edit(&b.cx, &who, one.id, input.clone(), 1).await, Err(Error::Conflict(_))));
    let clash = EmploymentInput { starts_on: "2026-06-30".parse().ok(), ends_on: None, ..input.clone() };
    assert!(matches!(employments::add(&b.cx, &who, one.person_id, clash).await, Err(Error::Invalid(_))));
    let later = EmploymentInput { starts_on: "2026-07-01".parse().ok(), ends_on: None, ..input };
    employments::add(&b.cx, &who, one.person_id, later).await.unwrap();

    let mut outside = who.clone();
    outside.scope.regions = vec!["990122".into()];
    assert!(employments::list(&b.cx, &outside, &FindStaff::default(), "", &all()).await.unwrap().items.is_empty());
    assert!(matches!(employments::get(b.cx.read(), &outside, one.id).await, Err(Error::NotFound(_))));
    let mut observer = who.clone();
    observer.role = Role::Observer;
    assert!(matches!(employments::get(b.cx.read(), &observer, one.id).await, Err(Error::Forbidden)));
    assert_eq!(employments::timeline(&b.cx, &who, one.person_id).await.unwrap().len(), 3);
});

on_both!(projects_and_service_records_by_file_page_and_api, |b| async move {
    let who = Actor::command_line();
    import(&b, &Stations, "990121", STATIONS.as_bytes()).await;
    let list = "项目编号,项目名称,服务对象,实施站点,开始日期,结束日期,状态,目标人次\r\n\
        P1,助老,老年人,河滩镇社会工作服务站,2026-01-01,2026-12-31,进行中,500\r\n\
        P1,助老二,老年人,河滩镇社会工作服务站,2026-01-01,2026-12-31,进行中,\r\n\
        P2,,老年人,,,,,\r\nP3,护苗,未成年人,,2026-12-31,2026-01-01,,\r\nP4,护苗,未成年人,,,,好,\r\nP5,护苗,未成年人,,,,,-5\r\n";
    let o = import(&b, &Projects, "990121", list.as_bytes()).await;
    let expected = [
        (3, "register_row_twice", "项目编号"),
        (4, "project_name_missing", "项目名称"),
        (5, "end_before_start", "结束日期"),
        (6, "project_state_unknown", "状态"),
        (7, "negative_count", "目标人次"),
    ];
    assert_eq!(problems(&o), expected);
    sentences(&o);
    assert_eq!(projects::count(b.cx.read(), &who, &projects::Find::default()).await.unwrap(), 1);

    let o = import(&b, &Services, "990121", SERVICES.as_bytes()).await;
    assert_eq!((o.accepted, o.problems.len()), (3, 0), "{:?}", o.problems);
    let ask = Ask { by: By::Beneficiary, from: "2025-01-02".parse().ok(), ..Ask::default() };
    let kinds = kinds::of(&b.cx).unwrap();
    let f = figures::figures(b.cx.read(), &who, &ask, &kinds, who.lang).await.unwrap();
    assert_eq!(
        f.rows.iter().map(|r| (r.key.as_str(), r.line.person_times)).collect::<Vec<_>>(),
        [("未成年人", 20), ("老年人", 77)]
    );
    // A number that is another station's is not taken over.
    let other = SERVICES.replace("F1,T0101", "F1,T0100").replace("F2,T0100,2025-01-02", "F9,T0100,2027-01-02");
    let o = import(&b, &Services, "990121", other.as_bytes()).await;
    assert_eq!(problems(&o), [(2, "record_no_other_station", "记录编号"), (3, "service_in_future", "日期")]);
    sentences(&o);
    let find = FindServices { measure: "person_times".into(), ..FindServices::default() };
    assert_eq!(services::list(&b.cx, &who, &find, "-person_times", &all()).await.unwrap().items[0].person_times, 77);

    let mut admin = b.sign_in(Role::Administrator, &[], None).await;
    for path in [
        "/figures",
        "/figures?region=990121",
        "/service-figures?by=month",
        "/service-records?measure=households",
        "/projects",
        "/employments",
        "/figures/full-time",
        "/figures/hours",
        "/service-records/new?station=1",
        "/projects/new",
        "/employments/new",
    ] {
        admin.get(path).await.is(200);
    }
    for path in ["/service-records/export", "/service-figures/export", "/projects/export", "/employments/export"] {
        assert!(admin.get(path).await.is(200).header("content-type").contains("spreadsheet"), "{path}");
    }
    let station = services::list(&b.cx, &who, &FindServices::default(), "", &all()).await.unwrap().items[0]
        .station_id
        .to_string();
    let wrong = [("station", station.as_str()), ("served_on", "2026-11-26"), ("kind", "visit"), ("households", "x")];
    admin.post("/service-records", &wrong).await.is(422).shows("请填写不小于 0 的整数");
    let right = [("station", station.as_str()), ("served_on", "2026-11-24"), ("kind", "visit"), ("households", "3")];
    admin.post("/service-records", &right).await.is(303);
    admin.get("/figures").await.is(200).shows("走访户数").shows("9");

    let api = b.api(Role::Observer, &[("region", "990121".to_owned())], None).await;
    let o = api.get("/overview").await.is(200).json();
    assert_eq!((o["households"].as_i64(), o["projects"].as_i64()), (Some(9), Some(1)));
    let records = api.get("/service-records?limit=2").await.is(200).json();
    assert_eq!(records["items"][0]["recorder"], "");
    api.get("/employments").await.is(403);
    assert_eq!(api.get("/service-figures?by=nonsense").await.status.as_u16(), 422);
    let other = b.api(Role::Observer, &[("region", "990122".to_owned())], None).await;
    assert_eq!(other.get("/overview").await.is(200).json()["households"].as_i64(), Some(0));
});
