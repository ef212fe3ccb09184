//! Regions, and the base ledger through the import run.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use yanzhen::core::page::PageReq;
use yanzhen::core::{Actor, Error};
use yanzhen::directory::entity::{agreement, base, campus, supervisor};
use yanzhen::directory::import::Bases;
use yanzhen::directory::ops::bases::{Coverage, Index, coverage};
use yanzhen::directory::ops::regions::{self, AddRegion};
use yanzhen::importing::{Kinds, Params, run};

use crate::harness::{Bench, samples};
use crate::on_both;

const LEDGER: &str = "基地编码,基地名称,基地类型,乡镇(街道),合作高校,协议编号,协议起,协议止,容量,学校督导,机构督导,年度考核结果\r\n\
    JD01,甲镇社会工作服务站,镇街站,甲镇,某大学,X-1,2025-09-01,2028-08-31,8,张三,李四,合格\r\n\
    JD02,甲镇东村服务点,村社点,甲镇,某大学,X-1,2025-09-01,2028-08-31,4,张三,王五,优秀\r\n\
    JD03,某中心,机构,乙镇,某大学,X-1,2025-09-01,2028-08-31,4,张三,王五,优秀\r\n";

fn ledger() -> (Vec<u8>, Coverage) {
    if let Some(dir) = samples() {
        let bytes = std::fs::read(dir.join("set_b/实习基地台账.csv")).unwrap();
        return (bytes, Coverage { bases: 10, towns: 6, towns_with_station: 6 });
    }
    (LEDGER.as_bytes().to_vec(), Coverage { bases: 3, towns: 2, towns_with_station: 1 })
}

async fn count<E: EntityTrait>(b: &Bench, _: E) -> u64
where
    E::Model: Send + Sync,
{
    E::find().count(b.cx.read()).await.unwrap()
}

on_both!(the_base_ledger_comes_in_stays_and_goes, |b| async move {
    let who = Actor::command_line();
    let (bytes, expected) = ledger();
    let params = Params { region: Some("990121".into()), ..Params::default() };
    let import = async |dry| run::now(&b.cx, &who, &Bases, &params, "台账.csv", &bytes, dry).await.unwrap();

    let dry = import(true).await;
    let rows = usize::try_from(expected.bases).unwrap();
    assert_eq!((dry.rows, dry.accepted, dry.refused, dry.import_id), (rows, rows, 0, None));
    assert_eq!(count(&b, base::Entity).await, 0);

    let first = import(false).await;
    assert_eq!((first.accepted, first.unchanged, first.problems.len()), (rows, 0, 0), "{:?}", first.problems);
    assert_eq!(coverage(&b.cx, &who).await.unwrap(), expected);
    assert_eq!(count(&b, campus::Entity).await, 1);
    assert_eq!(count(&b, agreement::Entity).await, rows as u64);
    assert_eq!(count(&b, supervisor::Entity).await, rows as u64);

    let again = import(false).await;
    assert_eq!((again.accepted, again.unchanged, again.refused), (0, rows, 0));

    // A ledger with another capacity changes that base, and undo puts it back.
    let changed = String::from_utf8(bytes.clone()).unwrap().replacen(",8,", ",9,", 1);
    let update = run::now(&b.cx, &who, &Bases, &params, "台账.csv", changed.as_bytes(), false).await.unwrap();
    assert_eq!((update.accepted, update.unchanged), (1, rows - 1));
    let capacity = async || {
        let jd01 = base::Entity::find().filter(base::Column::Code.eq("JD01")).one(b.cx.read()).await.unwrap();
        jd01.unwrap().capacity
    };
    assert_eq!(capacity().await, Some(9));
    let kinds = Kinds::new(vec![Box::new(Bases)]);
    run::undo(&b.cx, &who, &kinds, update.import_id.unwrap()).await.unwrap();
    assert_eq!(capacity().await, Some(8));

    // The first import cannot be undone while a base of it has been changed since; a fresh one can.
    let refused = run::undo(&b.cx, &who, &kinds, first.import_id.unwrap()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(count(&b, base::Entity).await, rows as u64);
});

on_both!(undo_of_a_ledger_leaves_nothing, |b| async move {
    let who = Actor::command_line();
    let (bytes, _) = ledger();
    let params = Params { region: Some("990121".into()), ..Params::default() };
    let done = run::now(&b.cx, &who, &Bases, &params, "台账.csv", &bytes, false).await.unwrap();
    run::undo(&b.cx, &who, &Kinds::new(vec![Box::new(Bases)]), done.import_id.unwrap()).await.unwrap();
    assert_eq!(count(&b, base::Entity).await, 0);
    assert_eq!(count(&b, campus::Entity).await, 0);
    assert_eq!(count(&b, supervisor::Entity).await, 0);
    assert!(regions::get(b.cx.read(), "990121").await.is_err());
});

on_both!(ledger_rows_that_cannot_be_kept_are_refused, |b| async move {
    let who = Actor::command_line();
    let text = format!(
        "{LEDGER}JD01,又一个,机构,甲镇,,,,,,,,\r\nJD09,,机构,,,,,,,,,\r\nJD10,日期,机构,,,,2025-02-30,,x,,,\r\nJD11,餐馆,餐馆,,,,,,,,,\r\n"
    );
    let done = run::now(&b.cx, &who, &Bases, &Params::default(), "a.csv", text.as_bytes(), false).await.unwrap();
    let got: Vec<_> = done.problems.iter().map(|p| (p.row.unwrap(), p.code.as_ref(), p.column.as_str())).collect();
    let expected = [
        (5, "duplicate_row", "基地编码"),
        (6, "base_name_missing", "基地名称"),
        (7, "date_impossible", "协议起"),
        (7, "count_not_number", "容量"),
        (8, "base_kind_unknown", "基地类型"),
    ];
    assert_eq!(got, expected);
    assert_eq!((done.accepted, done.refused), (4, 3));
    let index = Index::load(b.cx.read(), "").await.unwrap();
    let jd01 = index.base("jd01").unwrap();
    assert_eq!(index.base("甲镇 社会工作服务站").map(|x| x.id), Some(jd01.id));
    assert_eq!(index.only_supervisor(jd01.id).map(|s| s.name.as_str()), Some("李四"));
    assert!(index.base("没有").is_none());
});

on_both!(regions_hang_on_the_nearest_known_one, |b| async move {
    let who = Actor::command_line();
    let add = async |code: &str, name: &str| {
        regions::add(&b.cx, &who, AddRegion { code: code.into(), name: name.into() }).await
    };
    add("990121101", "甲镇").await.unwrap();
    add("99", "某省").await.unwrap();
    add("990121", "某县").await.unwrap();
    let page = PageReq::default();
    let top = regions::branch(b.cx.read(), None, &page).await.unwrap();
    assert_eq!(top.below.items.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["99"]);
    let county = regions::branch(b.cx.read(), Some("990121"), &page).await.unwrap();
    assert_eq!(county.above.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["某省"]);
    assert_eq!(county.below.items.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["甲镇"]);
    let towns = regions::towns_below(b.cx.read(), "990121").await.unwrap();
    assert_eq!(towns.get("甲镇").map(String::as_str), Some("990121101"));

    for (code, name) in [("9901212", "短"), ("990121", "又"), ("990122", " ")] {
        assert!(add(code, name).await.is_err(), "{code}");
    }
    let mut narrow = Actor::command_line();
    narrow.scope.regions = vec!["990122".into()];
    assert!(matches!(regions::rename(&b.cx, &narrow, "990121", "别县", 1).await, Err(Error::Forbidden)));
    let renamed = regions::rename(&b.cx, &who, "990121", "某某县", 1).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.version), ("某某县", 2));
    assert!(matches!(regions::rename(&b.cx, &who, "990121", "再", 1).await, Err(Error::Conflict(_))));
});
