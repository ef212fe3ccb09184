//! Imports as a trainer meets them on the pages: upload, preview that stores nothing, commit, refused rows, undo.

use std::time::Duration;

use sea_orm::{EntityTrait, PaginatorTrait};
use yanzhen::core::Role;
use yanzhen::people::entity::person;

use crate::harness::Bench;
use crate::harness::http::Browser;
use crate::on_both;

const ROSTER: &str = "姓名,证件类型,身份证号,报考级别\n陈一,居民身份证,11010519491231002X,初级\n李二,居民身份证,110105194912310021,初级\n";

/// Asks for the page until the work behind it has come to the state whose text is given.
async fn until(browser: &mut Browser, path: &str, state: &str) {
    for _ in 0..200 {
        let page = browser.get(path).await.is(200);
        if page.text.contains(state) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never came to {state}");
}

async fn people(b: &Bench) -> u64 {
    person::Entity::find().count(b.cx.read()).await.unwrap()
}

on_both!(a_file_is_previewed_committed_and_taken_back, |b| async move {
    let mut trainer = b.sign_in(Role::Trainer, &[], None).await;
    trainer.get("/imports").await.is(200).shows("人员名单");
    trainer.get("/imports/new/roster").await.is(200).shows("批次代码");
    trainer.get("/imports/new/nonsense").await.is(404);

    // Without a file the form comes back with what was typed.
    let fields = [("cohort", "C1"), ("create_cohort", "1")];
    trainer.upload("/imports/new/roster", &fields, "leer.csv", b"").await.is(422).shows("C1");

    let sent = trainer.upload("/imports/new/roster", &fields, "名单.csv", ROSTER.as_bytes()).await.is(303);
    let at = sent.header("location").to_owned();
    until(&mut trainer, &at, "待确认").await;
    trainer.get(&at).await.shows("校验位").hides("110105194912310021");
    assert_eq!(people(&b).await, 0, "a preview stores nothing");

    // It is its maker's: another trainer does not find it.
    let mut other = b.sign_in(Role::Trainer, &[], None).await;
    other.get(&at).await.is(404);
    other.post(&format!("{at}/commit"), &[]).await.is(404);

    trainer.post(&format!("{at}/commit"), &[]).await.is(303);
    until(&mut trainer, &at, "已保存").await;
    assert_eq!(people(&b).await, 1);
    // Twice does nothing twice.
    trainer.post(&format!("{at}/commit"), &[]).await.is(409);

    let refused = trainer.get(&format!("{at}/refused")).await.is(200);
    assert!(refused.header("content-type").contains("spreadsheet"), "{}", refused.header("content-type"));
    trainer.post(&format!("{at}/undo"), &[]).await.is(303);
    assert_eq!(people(&b).await, 0, "exactly what was added is gone");
    trainer.post(&format!("{at}/undo"), &[]).await.is(409);
});
