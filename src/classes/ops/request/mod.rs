//! Who wants a place in a class: asked for by link or by the person, put on the list by staff, answered, promoted.
//!
//! The order of the waiting list is (`queued_at`, `id`). A place that falls free goes to the first who waits, in the
//! transaction that frees it, so nobody can slip in between; who gave up and asks again waits at the end; nobody moves up
//! in a class that is closed, or by themselves after the day `config/attendance.toml` names.

mod answer;
mod ask;
mod promote;
mod view;

pub use answer::{Answer, answer, leave, queue};
pub use ask::{Applicant, Joining, ask, ask_own, join_link, join_token, joining};
pub(super) use promote::{close_seated, free, promote};
pub use view::{RequestView, own_requests, requests};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{class, class_request};
use crate::audit;
use crate::core::{Actor, Lang, Result};
use crate::db::Cx;
use crate::mail::{NewMail, plan};
use crate::records;

/// The name of the letter that tells somebody how they stand with a class.
pub const NEWS: &str = "class-news";

/// The key of a person on record in `class_request.who_key`.
fn key_of(person_id: i64) -> String {
    format!("p:{person_id}")
}

async fn known(txn: &DatabaseTransaction, class_id: i64, who_key: &str) -> Result<Option<class_request::Model>> {
    Ok(class_request::Entity::find()
        .filter(class_request::Column::ClassId.eq(class_id))
        .filter(class_request::Column::WhoKey.eq(who_key))
        .one(txn)
        .await?)
}

/// A request as new; the stamp is given when it is stored.
fn fresh(cx: &Cx, class_id: i64, who_key: String, source: &str, state: &str) -> class_request::Model {
    class_request::Model {
        id: 0,
        class_id,
        person_id: None,
        who_key,
        name: String::new(),
        details: String::new(),
        note: String::new(),
        reason: String::new(),
        state: state.to_owned(),
        source: source.to_owned(),
        queued_at: cx.now(),
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    }
}

/// Moves a request to a state, with its letter where the person hears of it. What somebody wrote of themselves is needed
/// no longer once it is answered.
async fn turn(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
    old: &class_request::Model,
    mut new: class_request::Model,
    address: Option<String>,
) -> Result<class_request::Model> {
    if new.state != "asked" {
        new.details.clear();
    }
    let row = records::update(txn, cx, who, old, new, audit::Change::new("update", "class_request", old.id, 0)).await?;
    if ["waiting", "accepted", "refused"].contains(&row.state.as_str()) {
        let mail = NewMail {
            rule: NEWS.to_owned(),
            occasion: format!("request:{}:{}", row.id, row.version),
            template: NEWS,
            payload:
                serde_json::json!({ "class": class.id, "state": row.state, "name": row.name, "reason": row.reason })
                    .to_string(),
            person_id: row.person_id,
            address: address.unwrap_or_default(),
            lang: Lang::ZhCn,
            due_at: cx.now(),
            expires_at: Some(cx.now() + chrono::Duration::days(7)),
        };
        plan(txn, cx, &[mail]).await?;
    }
    Ok(row)
}
