//! The disk runs full and the database goes away while an import is under way: a clear message, nothing half-saved, and
//! what was begun from a page is done once the trouble is over.

use std::time::Duration;

use sea_orm::{EntityTrait, PaginatorTrait};
use yanzhen::app;
use yanzhen::core::{Actor, Error, Role};
use yanzhen::db;
use yanzhen::importing::{Params, run as imports};
use yanzhen::people::entity::person;

use crate::harness::http::Browser;
use crate::harness::{Backend, Bench};
use crate::on_both;

/// A roster long enough to need new pages of the database file; the IDs are made up and have their check digit.
fn roster(rows: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut s = String::from("姓名,证件类型,身份证号,报考级别\n");
    for i in 0..rows {
        let id = format!("990121199{}0{}1{}{:03}", i % 10, 1 + i / 10 % 9, i / 90 % 9, i / 810);
        let sum: u32 = id.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
        let check = char::from(b"10X98765432"[(sum % 11) as usize]);
        let given = char::from_u32(0x4e00 + i).unwrap();
        s += &format!("王{given},居民身份证,{id}{check},初级\n");
    }
    s
}

fn params() -> Params {
    Params { cohort: Some("F1".to_owned()), create_cohort: true, ..Params::default() }
}

async fn import(b: &Bench, text: &str) -> Result<usize, Error> {
    let kinds = app::kinds();
    let kind = kinds.get("roster").unwrap();
    let o = imports::now(&b.cx, &Actor::command_line(), kind, &params(), "名单.csv", text.as_bytes(), false).await?;
    Ok(o.accepted)
}

/// Rows of every table an import writes.
async fn stored(b: &Bench) -> Vec<i64> {
    let mut all = Vec::new();
    for t in ["person", "cohort", "enrolment", "import_run", "import_change", "audit_entry", "person_facts"] {
        all.push(db::int(b.cx.read(), &format!("SELECT COUNT(*) FROM {t}"), []).await.unwrap().unwrap());
    }
    all
}

/// Lets the database take no more, or lets it again.
async fn full(b: &Bench, full: bool) {
    let w = b.cx.writer();
    if b.backend == Backend::Sqlite {
        let pages = db::int(w, "PRAGMA page_count", []).await.unwrap().unwrap();
        let most = if full { pages + 8 } else { 1_000_000 };
        db::run(w, &format!("PRAGMA max_page_count = {most}"), []).await.unwrap();
    } else if full {
        // What PostgreSQL says when its disk is full, at the moment a late table is written.
        let f = "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend \
                 file: No space left on device' USING ERRCODE = '53100'; END $$";
        db::run(w, f, []).await.unwrap();
        let t = "CREATE TRIGGER no_space BEFORE INSERT ON import_change FOR EACH ROW EXECUTE FUNCTION no_space()";
        db::run(w, t, []).await.unwrap();
    } else {
        db::run(w, "DROP TRIGGER no_space ON import_change", []).await.unwrap();
    }
}

on_both!(a_full_disk_stores_nothing_and_says_so, |b| async move {
    let text = roster(600);
    let before = stored(&b).await;
    full(&b, true).await;
    let e = import(&b, &text).await.unwrap_err();
    assert!(matches!(&e, Error::Unavailable(m) if m.key == "error-disk-full"), "{e:?}");
    assert_eq!(stored(&b).await, before);
    full(&b, false).await;
    assert_eq!(import(&b, &text).await.unwrap(), 600, "the same file goes in once there is space");
});

async fn until(browser: &mut Browser, path: &str, state: &str) {
    for _ in 0..300 {
        if browser.get(path).await.is(200).text.contains(state) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never came to {state}");
}

on_both!(a_commit_waits_for_a_full_disk_and_is_done_once, |b| async move {
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    let fields = [("cohort", "F1"), ("create_cohort", "1")];
    let sent = trainer.upload("/imports/new/roster", &fields, "名单.csv", roster(600).as_bytes()).await.is(303);
    let at = sent.header("location").to_owned();
    until(&mut trainer, &at, "待确认").await;
    full(&b, true).await;
    trainer.post(&format!("{at}/commit"), &[]).await.is(303);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(person::Entity::find().count(b.cx.read()).await.unwrap(), 0);
    full(&b, false).await;
    until(&mut trainer, &at, "已保存").await;
    assert_eq!(person::Entity::find().count(b.cx.read()).await.unwrap(), 600);
});

/// PostgreSQL alone: its connection can be cut from outside, in the middle of the work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_connection_is_cut_is_done_once() {
    let b = Bench::start(Backend::Postgres).await;
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    let fields = [("cohort", "F1"), ("create_cohort", "1")];
    let sent = trainer.upload("/imports/new/roster", &fields, "名单.csv", roster(300).as_bytes()).await.is(303);
    let at = sent.header("location").to_owned();
    until(&mut trainer, &at, "待确认").await;

    // Holds the import at the table it writes late, until its connection is cut.
    let other = b.second().await;
    let holder = other.begin().await.unwrap();
    db::run(&holder, "LOCK TABLE import_change IN ACCESS EXCLUSIVE MODE", []).await.unwrap();
    trainer.post(&format!("{at}/commit"), &[]).await.is(303);
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND \
               wait_event_type = 'Lock' AND query LIKE '%import_change%' AND pid <> pg_backend_pid()";
    let mut victims = 0;
    for _ in 0..200 {
        victims = db::int(other.read(), cut, []).await.unwrap().unwrap_or(0);
        if victims > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(victims, 1, "the import was under way");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(person::Entity::find().count(other.read()).await.unwrap(), 0, "nothing half-saved");
    holder.rollback().await.unwrap();
    until(&mut trainer, &at, "已保存").await;
    assert_eq!(person::Entity::find().count(other.read()).await.unwrap(), 300);

    // At once, as the command line does it: the message says what happened.
    let holder = other.begin().await.unwrap();
    db::run(&holder, "LOCK TABLE import_change IN ACCESS EXCLUSIVE MODE", []).await.unwrap();
    let text = roster(310).replace("王", "李");
    let (e, ()) = tokio::join!(import(&b, &text), async {
        for _ in 0..200 {
            if db::int(other.read(), cut, []).await.unwrap().unwrap_or(0) > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let e = e.unwrap_err();
    assert!(matches!(&e, Error::Unavailable(m) if m.key == "error-database-gone"), "{e:?}");
}
