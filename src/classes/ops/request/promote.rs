//! Places that are free, and who gets them.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::super::config::{self, Until};
use super::super::super::entity::{class, class_enrolment, class_request};
use super::super::class::set_enrolment;
use super::super::{EnrolPerson, enrol_many, facts, settle};
use super::turn;
use crate::core::{Actor, Result};
use crate::db::{self, Cx};
use crate::pipeline;

/// Places of a class that nobody has; nothing when it has no limit. Locks the class until the transaction ends: two who
/// want the last place come one after the other.
pub(in super::super) async fn free(txn: &DatabaseTransaction, class: &class::Model) -> Result<Option<i64>> {
    db::lock_rows(txn, "class", &[class.id]).await?;
    let Some(capacity) = class.capacity else { return Ok(None) };
    let sql = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND state <> 'withdrawn'";
    let taken = db::int(txn, sql, [class.id.into()]).await?.unwrap_or(0);
    Ok(Some((capacity - taken).max(0)))
}

/// Puts one person into a class, or back into it; the caller has seen to it that there is room.
pub(in super::super) async fn seat(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class_id: i64,
    person_id: i64,
) -> Result<()> {
    let open = pipeline::open(txn, &[person_id]).await?;
    let there = class_enrolment::Entity::find()
        .filter(class_enrolment::Column::ClassId.eq(class_id))
        .filter(class_enrolment::Column::PersonId.eq(person_id))
        .one(txn)
        .await?;
    match there {
        Some(row) if row.state == "withdrawn" => {
            set_enrolment(txn, cx, who, &row, row.version, "active").await?;
            settle(txn, cx, who, class_id).await?;
        }
        Some(_) => {}
        None => {
            enrol_many(txn, cx, who, None, &[EnrolPerson { class_id, person_id }]).await?;
        }
    }
    open.close(txn, cx, facts(txn, &[person_id]).await?).await
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// Gives the free places of a class to those who wait, in their order; called in the transaction that freed a place (a
/// withdrawal, more capacity), after the pipeline was closed. Gives the people who moved up.
pub(in super::super) async fn promote(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class_id: i64,
) -> Result<Vec<i64>> {
    let Some(class) = class::Entity::find_by_id(class_id).one(txn).await? else { return Ok(Vec::new()) };
    let begun = class.starts_on.is_some_and(|d| d < cx.today());
    if class.state == "closed" || (begun && config::of(cx)?.waiting.until == Until::Start) {
        return Ok(Vec::new());
    }
    close_seated(txn, cx, who, &class).await?;
    let limit = free(txn, &class).await?.unwrap_or(i64::MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT r.id FROM class_request r JOIN person p ON p.id = r.person_id WHERE r.class_id = ? \
               AND r.state = 'waiting' AND p.active AND NOT EXISTS (SELECT 1 FROM class_enrolment ce \
               WHERE ce.class_id = r.class_id AND ce.person_id = r.person_id AND ce.state <> 'withdrawn') ORDER BY r.queued_at, r.id LIMIT ?";
    let first: Vec<Id> = db::rows(txn, sql, [class_id.into(), limit.into()]).await?;
    let mut moved = Vec::new();
    for Id { id } in first {
        let Some(old) = class_request::Entity::find_by_id(id).one(txn).await? else { continue };
        let Some(person) = old.person_id else { continue };
        seat(txn, cx, who, class_id, person).await?;
        let new = class_request::Model { state: "accepted".to_owned(), ..old.clone() };
        turn(txn, cx, who, &class, &old, new, email_of(txn, person).await?).await?;
        moved.push(person);
    }
    Ok(moved)
}

/// Ends the requests of people who got into the class another way (a roster, a trainer), so that none of them takes up a
/// place of the list; they are told.
pub(in super::super) async fn close_seated(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
) -> Result<()> {
    let sql = "SELECT r.id FROM class_request r JOIN class_enrolment ce ON ce.class_id = r.class_id \
               AND ce.person_id = r.person_id AND ce.state <> 'withdrawn' \
               WHERE r.class_id = ? AND r.state IN ('asked', 'waiting') ORDER BY r.id";
    let ids: Vec<Id> = db::rows(txn, sql, [class.id.into()]).await?;
    for Id { id } in ids {
        let Some(old) = class_request::Entity::find_by_id(id).one(txn).await? else { continue };
        let address = match old.person_id {
            Some(p) => email_of(txn, p).await?,
            None => None,
        };
        let new = class_request::Model { state: "accepted".to_owned(), ..old.clone() };
        turn(txn, cx, who, class, &old, new, address).await?;
    }
    Ok(())
}

/// Where a person's mail goes.
pub(super) async fn email_of(txn: &DatabaseTransaction, person_id: i64) -> Result<Option<String>> {
    Ok(crate::people::entity::person::Entity::find_by_id(person_id).one(txn).await?.map(|p| p.email))
}
