//! The photo of an entry: put by the intern while the entry is not confirmed, seen by whoever sees the entry.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::hour_photo;
use super::super::rules::{State, photo};
use super::log::own_entry;
use super::view::entry;
use crate::audit;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;
use crate::records;

/// Puts a photo to an entry, in the place of the one before.
///
/// # Errors
/// Not found; no photo by its content, too large; an entry that is confirmed or replaced.
pub async fn put_photo(cx: &Cx, who: &Actor, entry_id: i64, bytes: Vec<u8>) -> Result<()> {
    let photo = photo::tidy(bytes).map_err(|bad| Error::field("photo", Msg::new(bad.key())))?;
    let txn = cx.begin().await?;
    open_entry(&txn, who, entry_id).await?;
    take_away(&txn, cx, who, entry_id).await?;
    let row = hour_photo::Model {
        id: 0,
        entry_id,
        mime: photo.mime.to_owned(),
        width: photo.width,
        height: photo.height,
        bytes: photo.bytes,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(())
}

/// Takes the photo of an entry away.
///
/// # Errors
/// As [`put_photo`].
pub async fn remove_photo(cx: &Cx, who: &Actor, entry_id: i64) -> Result<()> {
    let txn = cx.begin().await?;
    open_entry(&txn, who, entry_id).await?;
    take_away(&txn, cx, who, entry_id).await?;
    txn.commit().await?;
    Ok(())
}

/// The photo of an entry.
///
/// # Errors
/// Not found, also for an entry that is not the reader's to see.
pub async fn photo_of(db: &impl ConnectionTrait, who: &Actor, entry_id: i64) -> Result<hour_photo::Model> {
    entry(db, who, entry_id).await?;
    let row = hour_photo::Entity::find().filter(hour_photo::Column::EntryId.eq(entry_id)).one(db).await?;
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

async fn open_entry(txn: &DatabaseTransaction, who: &Actor, id: i64) -> Result<()> {
    let row = own_entry(txn, who, id).await?;
    match State::parse(&row.state) {
        Some(State::Draft | State::Submitted | State::Returned) => Ok(()),
        Some(State::Confirmed) => Err(Error::conflict("practicum-confirmed-already")),
        _ => Err(Error::conflict("practicum-step-not-now")),
    }
}

pub(super) async fn take_away(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, entry_id: i64) -> Result<()> {
    let old = hour_photo::Entity::find().filter(hour_photo::Column::EntryId.eq(entry_id)).one(txn).await?;
    let Some(old) = old else { return Ok(()) };
    hour_photo::Entity::delete_by_id(old.id).exec(txn).await?;
    audit::record(txn, cx, who, [audit::Change::new("delete", "hour_photo", old.id, old.version + 1).before(&old)])
        .await
}
