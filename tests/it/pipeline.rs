//! Counters move by before and after, and equal a count over the facts.

use chrono::NaiveDate;
use sea_orm::{EntityTrait, NotSet, Set};
use yanzhen::db;
use yanzhen::people::entity::person;
use yanzhen::pipeline::entity::{stage_counter, tally_counter};
use yanzhen::pipeline::{self, Change, ExamFact};

use crate::harness::Bench;
use crate::on_both;

async fn person(b: &Bench, txn: &sea_orm::DatabaseTransaction, name: &str, region: &str) -> i64 {
    let now = b.cx.now();
    let text = |s: &str| Set(s.to_owned());
    person::ActiveModel {
        id: NotSet,
        name: text(name),
        name_key: text(name),
        id_hash: text(name),
        region_code: text(region),
        active: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..<person::ActiveModel as Default>::default()
    }
    .insert_with_blanks(txn)
    .await
}

trait Blanks {
    async fn insert_with_blanks(self, txn: &sea_orm::DatabaseTransaction) -> i64;
}

impl Blanks for person::ActiveModel {
    async fn insert_with_blanks(self, txn: &sea_orm::DatabaseTransaction) -> i64 {
        person::Entity::insert(self).exec(txn).await.unwrap().last_insert_id
    }
}

async fn counter(b: &Bench, kind: &str, key: &str, level: &str, year: i64) -> (i64, i64, i64, i64, i64) {
    let scheme = if level.is_empty() { "" } else { "s" };
    let at = (kind.to_owned(), key.to_owned(), scheme.to_owned(), level.to_owned(), year);
    let row = tally_counter::Entity::find_by_id(at).one(b.cx.read()).await.unwrap();
    row.map_or((0, 0, 0, 0, 0), |r| (r.people, r.registered, r.sat, r.passed, r.certified))
}

on_both!(counters_follow_people_through_the_pipeline, |b| async move {
    let txn = b.cx.begin().await.unwrap();
    let before = pipeline::open(&txn, &[]).await.unwrap();
    let a = person(&b, &txn, "甲", "990121001").await;
    let c = person(&b, &txn, "乙", "").await;
    let exam = |registered, sat, passed| {
        Change::Exam(ExamFact { scheme: "s".into(), level: "junior".into(), year: 2026, registered, sat, passed })
    };
    let enrolled = Change::Enrolment { enrolled: true, withdrawn: false };
    before.close(&txn, &b.cx, vec![(a, exam(true, true, false)), (a, enrolled), (c, Change::Person)]).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(counter(&b, "all", "", "", 0).await, (2, 0, 0, 0, 0));
    assert_eq!(counter(&b, "region", "990121", "", 0).await, (1, 0, 0, 0, 0));
    assert_eq!(counter(&b, "region", "99", "junior", 2026).await, (0, 1, 1, 0, 0));

    // The same told twice changes nothing; a correction moves the figures; moving town moves every region's count.
    for _ in 0..2 {
        let txn = b.cx.begin().await.unwrap();
        let before = pipeline::open(&txn, &[a, c]).await.unwrap();
        db::run(&txn, "UPDATE person SET region_code = ? WHERE id = ?", ["990200".into(), a.into()]).await.unwrap();
        let cert = Change::Certificates {
            highest_scheme: "s".into(),
            highest_level: "junior".into(),
            highest_rank: 1,
            registered_until: NaiveDate::from_ymd_opt(2026, 12, 31),
            due_from: NaiveDate::from_ymd_opt(2026, 10, 1),
        };
        before.close(&txn, &b.cx, vec![(a, exam(true, true, true)), (a, cert)]).await.unwrap();
        txn.commit().await.unwrap();
    }
    assert_eq!(counter(&b, "all", "", "junior", 2026).await, (0, 1, 1, 1, 0));
    assert_eq!(counter(&b, "all", "", "junior", 0).await, (0, 0, 0, 0, 1));
    assert_eq!(counter(&b, "region", "990121", "junior", 2026).await, (0, 0, 0, 0, 0));
    assert_eq!(counter(&b, "region", "9902", "junior", 2026).await, (0, 1, 1, 1, 0));
    let stages = stage_counter::Entity::find().all(b.cx.read()).await.unwrap();
    let at = |kind: &str, stage: &str| {
        stages.iter().find(|s| s.kind == kind && s.group_key.is_empty() && s.stage == stage).map_or(0, |s| s.people)
    };
    assert_eq!((at("all", "due"), at("all", "recorded"), at("all", "sat")), (1, 1, 0));

    // With the date alone.
    b.at("2027-01-02T00:00:00Z");
    assert_eq!(pipeline::rederive_due(&b.cx, 100).await.unwrap(), 1);
    assert_eq!(pipeline::rederive_due(&b.cx, 100).await.unwrap(), 0);
    let stages = stage_counter::Entity::find().all(b.cx.read()).await.unwrap();
    assert!(stages.iter().any(|s| s.kind == "all" && s.stage == "lapsed" && s.people == 1));

    // Forgotten people count for nothing.
    let txn = b.cx.begin().await.unwrap();
    let before = pipeline::open(&txn, &[a]).await.unwrap();
    pipeline::forget(&txn, &[a]).await.unwrap();
    person::Entity::delete_by_id(a).exec(&txn).await.unwrap();
    before.close(&txn, &b.cx, vec![]).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(counter(&b, "all", "", "", 0).await, (1, 0, 0, 0, 0));
    assert_eq!(counter(&b, "all", "", "junior", 2026).await, (0, 0, 0, 0, 0));
});
