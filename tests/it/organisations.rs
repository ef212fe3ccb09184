//! Organisations: the list of the samples, the same again, undo, bad rows, scope, pages and API.

use std::collections::HashMap;

use yanzhen::core::{Actor, Error, Role};
use yanzhen::db::list::Slice;
use yanzhen::importing::{Kinds, Outcome, Params, run};
use yanzhen::organisations::import::Organisations;
use yanzhen::organisations::ops::{self, Find, OrganisationInput};

use crate::harness::{Bench, samples};
use crate::on_both;

const LIST: &str = "序号,单位名称,统一社会信用代码,组织类型,登记日期,业务主管单位,所在苏木镇,负责人,联系电话,状态,孵化园\r\n\
    1,乌兰图旗暖阳摄影协会,5199062373571432XT,社会团体,2008-08-25,旗教育体育局,沙井子镇,龙天波,19900000500,正常,\r\n\
    2,乌兰图旗沙井子商会,51990623319546638K,社会团体,2019-02-13,旗卫生健康委员会,白音浩镇,夏晓桐,19900000501,正常,\r\n\
    3,乌兰图旗和谐残疾人康复中心,52990623896534063J,社会服务机构,2006-03-01,旗卫生健康委员会,乌兰滩镇,罗雨辉,19900000649,正常,城南孵化园\r\n";

async fn import(b: &Bench, text: &[u8], dry: bool) -> Outcome {
    let params = Params { region: Some("990623".into()), ..Params::default() };
    run::now(&b.cx, &Actor::command_line(), &Organisations, &params, "名录.csv", text, dry).await.unwrap()
}

async fn counts(b: &Bench, who: &Actor) -> HashMap<String, i64> {
    ops::count(b.cx.read(), who, &Find::default()).await.unwrap()
}

fn all() -> Slice {
    Slice { after: None, limit: 1000 }
}

on_both!(the_list_comes_in_stays_and_goes, |b| async move {
    let who = Actor::command_line();
    let (bytes, expected) = match samples() {
        Some(dir) => (std::fs::read(dir.join("set_a/社会组织名录.csv")).unwrap(), [100, 51]),
        None => (LIST.as_bytes().to_vec(), [2, 1]),
    };
    let n = usize::try_from(expected[0] + expected[1]).unwrap();
    let dry = import(&b, &bytes, true).await;
    assert_eq!((dry.rows, dry.accepted, dry.refused, dry.import_id), (n, n, 0, None), "{:?}", dry.problems);
    assert!(counts(&b, &who).await.is_empty());

    let first = import(&b, &bytes, false).await;
    assert_eq!((first.accepted, first.unchanged, first.problems.len()), (n, 0, 0), "{:?}", first.problems);
    let want: HashMap<String, i64> =
        [("association".to_owned(), expected[0]), ("service_agency".to_owned(), expected[1])].into();
    assert_eq!(counts(&b, &who).await, want);

    let again = import(&b, &bytes, false).await;
    assert_eq!((again.accepted, again.unchanged, again.refused), (0, n, 0));

    // A change of one cell changes one row, and undo puts it back.
    let moved = String::from_utf8(bytes.clone()).unwrap().replacen("龙天波", "龙天海", 1);
    let update = import(&b, moved.as_bytes(), false).await;
    assert_eq!((update.accepted, update.unchanged), (1, n - 1));
    let head = async || {
        let find = Find { text: "5199062373571432XT".into(), ..Find::default() };
        let found = ops::list(&b.cx, &who, &find, "", &all()).await.unwrap();
        (found.items[0].head.clone(), found.items[0].version)
    };
    assert_eq!(head().await, ("龙天海".to_owned(), 2));
    let kinds = Kinds::new(vec![Box::new(Organisations)]);
    run::undo(&b.cx, &who, &kinds, update.import_id.unwrap()).await.unwrap();
    assert_eq!(head().await.0, "龙天波");
    // The first import's row has been changed since: its undo names it and does nothing.
    assert!(matches!(run::undo(&b.cx, &who, &kinds, first.import_id.unwrap()).await, Err(Error::Conflict(_))));
    assert_eq!(counts(&b, &who).await, want);
});

on_both!(undo_of_a_list_leaves_nothing, |b| async move {
    let who = Actor::command_line();
    let done = import(&b, LIST.as_bytes(), false).await;
    let kinds = Kinds::new(vec![Box::new(Organisations)]);
    run::undo(&b.cx, &who, &kinds, done.import_id.unwrap()).await.unwrap();
    assert!(counts(&b, &who).await.is_empty());
});

on_both!(rows_that_cannot_be_kept_are_refused, |b| async move {
    import(&b, LIST.as_bytes(), false).await;
    let bad = "单位名称,统一社会信用代码,组织类型,登记日期,状态\r\n\
        甲协会,5199062373571432XU,社会团体,2008-08-25,正常\r\n\
        乙协会,5199062373571432,社会团体,2008-08-25,正常\r\n\
        ,51990623319546638K,社会团体,2008-08-25,正常\r\n\
        丙,,公司,2008-08-25,正常\r\n\
        丁,,社会团体,2008-02-30,正常\r\n\
        戊,,社会团体,2008-02-20,搬家\r\n\
        己,,社会团体,2008-02-20,\r\n\
        己,,社会团体,2008-02-20,\r\n\
        庚,51990623319546638K,社会服务机构,2008-02-20,\r\n\
        辛,51990623319546638K,社会团体,2008-02-20,\r\n";
    let o = import(&b, bad.as_bytes(), false).await;
    let got: Vec<_> = o.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref(), p.column.as_str())).collect();
    let expected = [
        (2, "credit_code_check", "统一社会信用代码"),
        (3, "credit_code_length", "统一社会信用代码"),
        (4, "organisation_name_missing", "单位名称"),
        (5, "organisation_kind_unknown", "组织类型"),
        (6, "date_impossible", "登记日期"),
        (7, "organisation_state_unknown", "状态"),
        (9, "register_row_twice", "单位名称"),
        (10, "credit_code_other_kind", "统一社会信用代码"),
        (11, "credit_code_twice", "统一社会信用代码"),
    ];
    assert_eq!(got, expected);
    assert_eq!((o.rows, o.accepted, o.refused), (10, 2, 8));
    for p in &o.problems {
        for lang in yanzhen::core::Lang::ALL {
            let text = p.message(lang);
            assert!(!text.contains("import-code") && !text.contains('$'), "{text}");
        }
    }
});

on_both!(lists_go_on_by_key_in_any_order_and_keep_to_the_region, |b| async move {
    import(&b, LIST.as_bytes(), false).await;
    let who = Actor::command_line();
    for sort in ["id", "-id", "name", "-name", "kind", "-registered_on", "town", "nonsense"] {
        let whole = ops::list(&b.cx, &who, &Find::default(), sort, &all()).await.unwrap();
        let whole: Vec<i64> = whole.items.iter().map(|m| m.id).collect();
        let mut walked = Vec::new();
        let mut after = None;
        loop {
            let slice = Slice { after, limit: 1 };
            let page = ops::list(&b.cx, &who, &Find::default(), sort, &slice).await.unwrap();
            walked.extend(page.items.iter().map(|m| m.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((walked.len(), &walked), (3, &whole), "{sort}");
    }
    let one = ops::list(&b.cx, &who, &Find { park: "城南孵化园".into(), ..Find::default() }, "", &all()).await.unwrap();
    assert_eq!(one.items.len(), 1);
    let id = one.items[0].id;

    let mut outside = who.clone();
    outside.scope.regions = vec!["990624".into()];
    assert!(counts(&b, &outside).await.is_empty());
    assert!(matches!(ops::get(b.cx.read(), &outside, id).await, Err(Error::NotFound(_))));
    let input = OrganisationInput {
        name: "x".into(),
        kind: "other".into(),
        county_code: "990623".into(),
        ..Default::default()
    };
    assert!(matches!(ops::add(&b.cx, &outside, input).await, Err(Error::Forbidden)));
    let mut observer = who.clone();
    observer.role = Role::Observer;
    let seen = ops::get(b.cx.read(), &observer, id).await.unwrap();
    assert_eq!((seen.head.as_str(), seen.phone.as_str()), ("", ""), "an observer sees no names of people");
});

on_both!(organisations_by_page_and_api, |b| async move {
    import(&b, LIST.as_bytes(), false).await;
    let mut browser = b.sign_in(Role::Administrator, &[], None).await;
    let page = browser.get("/organisations?kind=service_agency&sort=-name").await.is(200);
    page.shows("乌兰图旗和谐残疾人康复中心").hides("乌兰图旗沙井子商会");
    let file = browser.get("/organisations/export?kind=service_agency").await.is(200);
    assert!(file.header("content-type").contains("spreadsheet"));
    let wrong = [("name", ""), ("kind", "association"), ("credit_code", "5199062373571432XU"), ("registered_on", "")];
    browser.post("/organisations", &wrong).await.is(422).shows("校验位").shows("请填写单位名称");
    let right =
        [("name", "新协会"), ("kind", "association"), ("county_code", "990623"), ("registered_on", "2026-01-02")];
    let sent = browser.post("/organisations", &right).await.is(303);
    let at = sent.header("location").to_owned();
    browser.get(&at).await.is(200).shows("新协会").shows("2026-01-02");
    let stale = [("name", "新协会2"), ("kind", "association"), ("version", "7")];
    browser.post(&at, &stale).await.is(422);
    let taken = [("name", "新协会"), ("kind", "association"), ("credit_code", "5199062373571432XT"), ("version", "1")];
    browser.post(&at, &taken).await.is(422);

    let api = b.api(Role::Observer, &[], None).await;
    let list = api.get("/organisations?sort=name&limit=2").await.is(200).json();
    assert_eq!((list["items"].as_array().unwrap().len(), list["items"][0]["head"].as_str()), (2, Some("")));
    assert!(list["next"].is_string());
});
