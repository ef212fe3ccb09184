//! Sessions in a row; changing and calling off one.

use chrono::Weekday;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::super::entity::{attendance, class_session};
use super::super::rules::series::{MOST, days};
use super::class::{ROLES, find, members};
use super::session::{begin, check, ensure_session};
use super::{NewSession, facts, lecturers, settle};
use crate::audit;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::{self, Cx};
use crate::pipeline;

/// Adds the same session on `count` days from its first one on, on these weekdays (none: every day), all or none.
/// Gives their ids in order.
///
/// # Errors
/// As for one session; days that already have one in that slot are named.
pub async fn add_series(
    cx: &Cx,
    who: &Actor,
    first: NewSession,
    weekdays: &[Weekday],
    count: usize,
) -> Result<Vec<i64>> {
    who.require(ROLES)?;
    check(&first)?;
    if !(1..=MOST).contains(&count) {
        return Err(Error::field("count", Msg::new("classes-series-count").with("most", MOST)));
    }
    let txn = cx.begin().await?;
    db::lock_rows(&txn, "class", &[first.class_id]).await?;
    let class = find(&txn, who, first.class_id).await?;
    if class.state == "closed" {
        return Err(Error::conflict("classes-closed"));
    }
    let people = members(&txn, class.id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let mut made = Vec::with_capacity(count);
    let mut taken = Vec::new();
    for held_on in days(first.held_on, weekdays, count) {
        let one = NewSession { held_on, ..first.clone() };
        match ensure_session(&txn, cx, who, None, &one).await? {
            (s, true) => made.push(s.id),
            (_, false) => taken.push(held_on.to_string()),
        }
    }
    if !taken.is_empty() {
        return Err(Error::field("date", Msg::new("classes-series-taken").with("days", taken.join(", "))));
    }
    begin(&txn, cx, who, &class).await?;
    settle(&txn, cx, who, class.id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(made)
}

async fn locked(txn: &DatabaseTransaction, who: &Actor, id: i64, version: i64) -> Result<(class_session::Model, bool)> {
    let row = class_session::Entity::find_by_id(id).one(txn).await?;
    let row = row.ok_or_else(|| Error::not_found("error-not-found"))?;
    find(txn, who, row.class_id).await?;
    db::lock_rows(txn, "class", &[row.class_id]).await?;
    let row = class_session::Entity::find_by_id(id).one(txn).await?;
    let row = row.filter(|r| r.version == version).ok_or_else(|| Error::conflict("error-changed-meanwhile"))?;
    let any = attendance::Entity::find().filter(attendance::Column::SessionId.eq(id)).one(txn).await?;
    Ok((row, any.is_some()))
}

/// Changes a session; once attendance is recorded, that needs a reason.
///
/// # Errors
/// As for a new session; not found; changed meanwhile; a missing reason.
pub async fn change_session(
    cx: &Cx,
    who: &Actor,
    id: i64,
    version: i64,
    input: NewSession,
    reason: &str,
) -> Result<()> {
    who.require(ROLES)?;
    check(&input)?;
    let txn = cx.begin().await?;
    let (old, recorded) = locked(&txn, who, id, version).await?;
    if recorded && reason.trim().is_empty() {
        return Err(Error::field("reason", Msg::new("classes-reason-missing")));
    }
    let same_day = class_session::Entity::find()
        .filter(class_session::Column::ClassId.eq(old.class_id))
        .filter(class_session::Column::HeldOn.eq(input.held_on))
        .filter(class_session::Column::Slot.eq(input.slot.name()))
        .filter(class_session::Column::Id.ne(id));
    if same_day.one(&txn).await?.is_some() {
        return Err(Error::field("date", Msg::new("classes-session-exists")));
    }
    let people = members(&txn, old.class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let row = class_session::Model {
        held_on: input.held_on,
        slot: input.slot.name().to_owned(),
        course: input.course,
        lecturer: input.lecturer,
        minutes: input.minutes,
        starts: input.starts,
        ends: input.ends,
        room: input.room,
        version: old.version + 1,
        updated_at: cx.now(),
        updated_by: who.user_id,
        ..old.clone()
    };
    let set = class_session::ActiveModel { id: sea_orm::NotSet, ..row.clone().into_active_model().reset_all() };
    let same = class_session::Column::Version.eq(old.version);
    let done = class_session::Entity::update_many().set(set).filter(class_session::Column::Id.eq(id)).filter(same);
    if done.exec(&txn).await?.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let before = lecturers::ids(&txn, id).await?;
    let after = lecturers::set(&txn, who, id, &input.lecturers).await?;
    let change = audit::Change::new("update", "class_session", id, row.version);
    let change = change.before(&before.of(&old)).after(&after.of(&row));
    audit::record(&txn, cx, who, [change.why(reason.trim())]).await?;
    settle(&txn, cx, who, old.class_id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(())
}

/// Calls a session off. One with attendance on record stays: what happened is not deleted.
///
/// # Errors
/// Not found; changed meanwhile; attendance on record. Gives the class.
pub async fn cancel_session(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<i64> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let (old, recorded) = locked(&txn, who, id, version).await?;
    let said = db::int(&txn, "SELECT COUNT(*) FROM feedback_given WHERE session_id = ?", [id.into()]).await?;
    if recorded || said != Some(0) {
        return Err(Error::conflict("classes-session-held"));
    }
    let people = members(&txn, old.class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let held = lecturers::ids(&txn, id).await?;
    lecturers::set(&txn, who, id, &[]).await?;
    class_session::Entity::delete_by_id(id).exec(&txn).await?;
    let change = audit::Change::new("delete", "class_session", id, old.version + 1).before(&held.of(&old));
    audit::record(&txn, cx, who, [change]).await?;
    settle(&txn, cx, who, old.class_id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(old.class_id)
}
