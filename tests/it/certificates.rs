//! Certificates: the lists of the samples, the same again, contradictions, undo, correction, revocation, pages and API.

use sea_orm::{EntityTrait, PaginatorTrait};
use yanzhen::certificates::entity::Entity as Certificate;
use yanzhen::certificates::import::Certificates;
use yanzhen::certificates::ops::{self, CorrectCertificate, Find, RecordCertificate, RevokeCertificate};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::importing::{Kinds, Outcome, Params, run};
use yanzhen::people::entity::person;
use yanzhen::reports::tally::{Ask, tally};

use crate::harness::{Bench, samples};
use crate::on_both;

pub fn admin() -> Actor {
    Actor::command_line()
}

/// Imports a file of certificates at once.
pub async fn import(b: &Bench, region: Option<&str>, name: &str, bytes: &[u8]) -> Outcome {
    let params = Params { scheme: Some("social-work".into()), region: region.map(str::to_owned), ..Params::default() };
    run::now(&b.cx, &admin(), &Certificates, &params, name, bytes, false).await.unwrap()
}

fn codes(o: &Outcome) -> Vec<(u32, &str)> {
    o.problems.iter().map(|p| (p.row.unwrap_or_default(), p.code.as_ref())).collect()
}

async fn counts(b: &Bench) -> (u64, u64) {
    let people = person::Entity::find().count(b.cx.read()).await.unwrap();
    (people, Certificate::find().count(b.cx.read()).await.unwrap())
}

async fn certified(b: &Bench) -> Vec<(String, i64)> {
    let t = tally(&b.cx, &admin(), &Ask::default()).await.unwrap();
    let mut all: Vec<_> = t.rows.iter().map(|r| (r.key.clone(), r.line.figures.certified)).collect();
    all.push(("total".to_owned(), t.total.figures.certified));
    all
}

const LIST: &str = "县合格人员名单,,,,,,,,\n序号,姓名,身份证号,级别,合格年度,管理号,批准日期,所在乡镇,登记有效期至\n\
    1,张三,990623197202281188,助理社会工作师,2023,202305A990623000011203,2023-06-11,沙井子镇,\n\
    2,李四,990623199203135026,初级,2021,ab12345678,2021-10-17,,2026-12-31\n\
    3,李四,990623199203135026,社会工作师,2023,AB22345678,2023-06-11,,\n合计,3人,,,,,,,\n";

on_both!(a_list_makes_people_once_and_is_taken_back_whole, |b| async move {
    let first = import(&b, Some("990623"), "a.csv", LIST.as_bytes()).await;
    assert_eq!(codes(&first), []);
    assert_eq!((first.rows, first.accepted, first.unchanged), (3, 3, 0));
    assert_eq!(counts(&b).await, (2, 3));
    // By the highest level: the second person counts as intermediate only.
    let want = [("junior", 1), ("intermediate", 1), ("total", 2)].map(|(k, n)| (k.to_owned(), n));
    assert_eq!(certified(&b).await, want);
    let again = import(&b, Some("990623"), "a.csv", LIST.as_bytes()).await;
    assert_eq!((again.rows, again.accepted, again.unchanged), (3, 0, 3));
    assert_eq!(counts(&b).await, (2, 3));

    let kinds = Kinds::new(vec![Box::new(Certificates)]);
    run::undo(&b.cx, &admin(), &kinds, first.import_id.unwrap()).await.unwrap();
    assert_eq!(counts(&b).await, (0, 0));
    assert_eq!(certified(&b).await, [("total".to_owned(), 0)]);
});

on_both!(contradictions_are_refused_by_row_and_a_renewal_is_taken, |b| async move {
    import(&b, None, "a.csv", LIST.as_bytes()).await;
    let bad = "姓名,身份证号,级别,合格年度,管理号,批准日期,首次登记日期,登记有效期至\n\
        张三,990623197202281188,初级,2023,CC12345678,2023-06-11,,\n\
        王五,990623198011168267,初级,2021,AB12345678,2021-10-17,,\n\
        张四,990623197202281188,初级,2023,202305A990623000011203,2023-06-11,,\n\
        李四,990623199203135026,初级,2020,AB12345678,2021-10-17,,\n\
        王五,990623198011168267,初级,2021,123,2021-10-17,,\n\
        王五,990623198011168267,初级,2021,DD12345678,2027-10-17,,\n\
        王五,990623198011168267,特级,2021,DD12345678,2021-10-17,,\n\
        王五,990623198011168267,初级,2021,DD12345678,,,\n\
        王五,990623198011168267,初级,2021,DD12345678,2021-10-17,,\n\
        王五,990623198011168267,初级,2021,EE12345678,2021-10-17,,\n\
        李四,990623199203135026,初级,2021,AB12345678,2021-10-17,2022-01-01,2029-12-31\n";
    let o = import(&b, None, "b.csv", bad.as_bytes()).await;
    let want = [
        (2, "certificate_other_number"),
        (3, "certificate_number_taken"),
        (4, "person_other_name"),
        (5, "certificate_differs"),
        (6, "certificate_number_form"),
        (7, "approved_in_future"),
        (8, "level_unknown_value"),
        (9, "approved_missing"),
        (11, "certificate_other_number"),
    ];
    let mut got = codes(&o);
    got.sort_unstable();
    assert_eq!(got, want);
    assert_eq!((o.rows, o.accepted, o.refused), (11, 2, 9));
    assert_eq!(counts(&b).await, (3, 4));
    let renewed = Certificate::find().all(b.cx.read()).await.unwrap();
    let renewed = renewed.iter().find(|c| c.number == "AB12345678").unwrap();
    assert_eq!((renewed.version, renewed.registered_until), (2, "2029-12-31".parse().ok()));
    // Every message is a sentence in both languages.
    for p in &o.problems {
        for lang in yanzhen::core::Lang::ALL {
            let text = p.message(lang);
            assert!(!text.contains("import-code") && !text.contains('$'), "{text}");
        }
    }
});

on_both!(the_lists_of_the_samples, |b| async move {
    let Some(dir) = samples() else { return };
    println!("the sample lists were used");
    let bytes = std::fs::read(dir.join("set_a/合格人员名单.xlsx")).unwrap();
    let o = import(&b, Some("990623"), "合格人员名单.xlsx", &bytes).await;
    assert_eq!((codes(&o), o.rows, o.accepted), (vec![], 185, 185));
    let want = [("junior", 143), ("intermediate", 42), ("total", 185)].map(|(k, n)| (k.to_owned(), n));
    assert_eq!(certified(&b).await, want);
    let again = import(&b, Some("990623"), "合格人员名单.xlsx", &bytes).await;
    assert_eq!((again.accepted, again.unchanged), (0, 185));

    let other = Bench::start(b.backend).await;
    let bytes = std::fs::read(dir.join("set_b/证书名单.xlsx")).unwrap();
    let o = import(&other, Some("990121"), "证书名单.xlsx", &bytes).await;
    assert_eq!((codes(&o), o.rows, o.accepted), (vec![], 209, 209));
    assert_eq!(counts(&other).await, (193, 209));
    let want = [("junior", 142), ("intermediate", 51), ("total", 193)].map(|(k, n)| (k.to_owned(), n));
    assert_eq!(certified(&other).await, want);
    let again = import(&other, Some("990121"), "证书名单.xlsx", &bytes).await;
    assert_eq!((again.accepted, again.unchanged), (0, 209));
});

on_both!(by_hand_recorded_corrected_revoked, |b| async move {
    import(&b, None, "a.csv", LIST.as_bytes()).await;
    let people = person::Entity::find().all(b.cx.read()).await.unwrap();
    let zhang = people.iter().find(|p| p.name == "张三").unwrap().id;
    let input = RecordCertificate {
        person_id: zhang,
        scheme: "social-work".into(),
        level: "intermediate".into(),
        number: "zz 9999 9999".into(),
        exam_year: 2026,
        approved_on: "2026-05-24".parse().unwrap(),
        first_registered_on: None,
        registered_until: None,
        unit: String::new(),
        note: String::new(),
    };
    let made = ops::record(&b.cx, &admin(), input.clone()).await.unwrap();
    assert_eq!((made.number.as_str(), made.version), ("ZZ99999999", 1));
    assert_eq!(ops::record(&b.cx, &admin(), input.clone()).await.unwrap(), made);
    let taken = RecordCertificate { number: "AB22345678".into(), ..input.clone() };
    assert!(matches!(ops::record(&b.cx, &admin(), taken).await, Err(Error::Invalid(f)) if f[0].field == "number"));
    assert_eq!(certified(&b).await.last().unwrap().1, 2);

    let fix = CorrectCertificate {
        number: made.number.clone(),
        exam_year: 2025,
        approved_on: "2025-05-25".parse().unwrap(),
        first_registered_on: None,
        registered_until: Some("2028-01-01".parse().unwrap()),
        unit: "某站".into(),
        note: String::new(),
        why: "录错年份".into(),
    };
    let no_reason = CorrectCertificate { why: " ".into(), ..fix.clone() };
    assert!(matches!(ops::correct(&b.cx, &admin(), made.id, 1, no_reason).await, Err(Error::Invalid(_))));
    let fixed = ops::correct(&b.cx, &admin(), made.id, 1, fix.clone()).await.unwrap();
    assert_eq!((fixed.version, fixed.exam_year), (2, 2025));
    // Somebody with the old version is told.
    let late = RevokeCertificate { on: b.cx.today(), why: "x".into() };
    assert!(matches!(ops::revoke(&b.cx, &admin(), made.id, 1, late).await, Err(Error::Conflict(_))));
    let out = RevokeCertificate { on: "2026-11-01".parse().unwrap(), why: "伪造材料".into() };
    ops::revoke(&b.cx, &admin(), made.id, 2, out.clone()).await.unwrap();
    assert!(matches!(ops::revoke(&b.cx, &admin(), made.id, 3, out).await, Err(Error::Conflict(_))));
    // Down to the junior certificate again; as of a day before the revocation the higher one counts.
    let by = |day: &str| Ask { as_of: day.parse().ok(), ..Ask::default() };
    let levels = |t: yanzhen::reports::tally::Tally| {
        t.rows.iter().map(|r| (r.key.clone(), r.line.figures.certified)).collect::<Vec<_>>()
    };
    let now = tally(&b.cx, &admin(), &Ask::default()).await.unwrap();
    assert_eq!(levels(now), [("junior".to_owned(), 1), ("intermediate".to_owned(), 1)]);
    let then = tally(&b.cx, &admin(), &by("2026-10-31")).await.unwrap();
    assert_eq!(levels(then), [("intermediate".to_owned(), 2)]);
    let revoked = Find { revoked: Some(true), ..Find::default() };
    assert_eq!(ops::list(&b.cx, &admin(), &revoked, &PageReq::default()).await.unwrap().items.len(), 1);
    let lines = ops::timeline(&b.cx, &admin(), zhang).await.unwrap();
    assert_eq!(lines.len(), 3);
});

on_both!(rows_keep_to_the_region_and_observers_see_none, |b| async move {
    import(&b, Some("990623"), "a.csv", LIST.as_bytes()).await;
    let mut inside = admin();
    inside.scope.regions = vec!["9906".into()];
    let mut outside = admin();
    outside.scope.regions = vec!["9901".into()];
    let all = ops::list(&b.cx, &inside, &Find::default(), &PageReq::default()).await.unwrap();
    assert_eq!(all.items.len(), 3);
    assert!(ops::list(&b.cx, &outside, &Find::default(), &PageReq::default()).await.unwrap().items.is_empty());
    let id = all.items[0].certificate.id;
    assert!(matches!(ops::get(&b.cx, &outside, id).await, Err(Error::NotFound(_))));
    let mut observer = inside.clone();
    observer.role = Role::Observer;
    assert!(matches!(ops::get(&b.cx, &observer, id).await, Err(Error::Forbidden)));
});

on_both!(pages_and_api_do_the_same, |b| async move {
    import(&b, None, "a.csv", LIST.as_bytes()).await;
    let mut browser = b.sign_in(Role::Administrator, &[], None).await;
    let page =
        browser.get("/certificates?q=%E5%BC%A0").await.is(200).shows("202305A990623000011203").hides("AB12345678");
    let id: i64 = page.text.split("/certificates/").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let one = format!("/certificates/{id}");
    browser.get(&one).await.is(200).shows("吊销证书");
    let wrong = [("version", "1"), ("on", "2030-01-01"), ("why", "")];
    browser.post(&format!("{one}/revoke"), &wrong).await.is(422).shows("吊销日期不能晚于今天").shows("请填写原因");
    let right = [("version", "1"), ("on", "2026-11-20"), ("why", "伪造")];
    browser.post(&format!("{one}/revoke"), &right).await.is(303);
    browser.get(&one).await.is(200).shows("已吊销").hides("吊销证书</button>");

    let api = b.api(Role::Administrator, &[], None).await;
    let list = api.get("/certificates?revoked=true").await.is(200).json();
    assert_eq!(list["items"][0]["id"], id);
    assert_eq!(list["items"][0]["standing"], "revoked");
    let trainer = b.api(Role::Trainer, &[], None).await;
    assert_eq!(trainer.get("/certificates").await.is(200).json()["items"].as_array().unwrap().len(), 0);
    trainer.get(&format!("/certificates/{id}")).await.is(404);
});
