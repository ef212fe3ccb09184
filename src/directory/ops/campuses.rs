//! Campuses: list, add, edit, and making those a ledger names.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::super::entity::campus;
use super::super::rules;
use super::Campus;
use crate::audit;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;

/// A campus to be added or changed.
#[derive(Clone, Debug, Default)]
pub struct CampusInput {
    pub name: String,
    pub region_code: String,
    pub note: String,
}

/// Campuses in the order they were recorded.
///
/// # Errors
/// [`Error::Forbidden`] for an intern.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<Campus>> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Supervisor, Role::Observer])?;
    let mut q = campus::Entity::find().order_by_asc(campus::Column::Id).limit(page.limit() + 1);
    if let Some(after) = page.after_id() {
        q = q.filter(campus::Column::Id.gt(after));
    }
    Ok(Page::cut(q.all(cx.read()).await?, page.limit(), |c| c.id.to_string()))
}

/// The campus of a name.
///
/// # Errors
/// [`Error::Invalid`] on `field` when there is none.
pub async fn named(db: &impl ConnectionTrait, field: &str, name: &str) -> Result<i64> {
    let found = campus::Entity::find().filter(campus::Column::Name.eq(name.trim())).one(db).await?;
    let found = found.ok_or_else(|| Error::field(field, Msg::new("campus-name-unknown").with("name", name.trim())))?;
    Ok(found.id)
}

/// Adds a campus.
///
/// # Errors
/// [`Error::Invalid`] for an empty name or a wrong region code, [`Error::Conflict`] when the name is taken.
pub async fn add(cx: &Cx, who: &Actor, input: CampusInput) -> Result<Campus> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let input = tidy(input)?;
    let txn = cx.begin().await?;
    let row = insert(&txn, cx, who, input).await?;
    let change = audit::Change::new("create", "campus", row.id, 1).after(&row);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes a campus.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: CampusInput, version: i64) -> Result<Campus> {
    who.require(&[Role::Administrator])?;
    let input = tidy(input)?;
    let txn = cx.begin().await?;
    let old = campus::Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let within = |code: &str| rules::within(&who.scope.regions, code);
    if !within(&old.region_code) || !within(&input.region_code) {
        return Err(Error::Forbidden);
    }
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = campus::ActiveModel {
        id: Set(id),
        name: Set(input.name),
        region_code: Set(input.region_code),
        note: Set(input.note),
        version: Set(old.version + 1),
        updated_at: Set(cx.now()),
        updated_by: Set(who.user_id),
        ..Default::default()
    }
    .update(&txn)
    .await?;
    let change = audit::Change::new("update", "campus", id, new.version).before(&old).after(&new);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(new)
}

fn tidy(mut input: CampusInput) -> Result<CampusInput> {
    for s in [&mut input.name, &mut input.region_code, &mut input.note] {
        *s = s.trim().to_owned();
    }
    if input.name.is_empty() {
        return Err(Error::field("name", Msg::new("campus-name-missing")));
    }
    if !input.region_code.is_empty() && rules::level(&input.region_code).is_none() {
        return Err(Error::field("region_code", Msg::new("region-code-form").with("code", &input.region_code)));
    }
    Ok(input)
}

async fn insert(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, input: CampusInput) -> Result<Campus> {
    let now = cx.now();
    Ok(campus::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        name: Set(input.name),
        region_code: Set(input.region_code),
        note: Set(input.note),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    }
    .insert(txn)
    .await?)
}

/// All campuses by the name as it is compared ([`rules::key`]); there are hundreds in the nation, not thousands.
///
/// # Errors
/// What the database reports.
pub async fn index(db: &impl ConnectionTrait) -> Result<HashMap<String, Campus>> {
    Ok(campus::Entity::find().all(db).await?.into_iter().map(|c| (rules::key(&c.name), c)).collect())
}

/// The campus of a name, made when it is new; `true` when it was made.
///
/// # Errors
/// What the database reports.
pub async fn ensure(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    name: &str,
    import_id: Option<i64>,
) -> Result<(Campus, bool)> {
    if let Some(c) = campus::Entity::find().filter(campus::Column::Name.eq(name)).one(txn).await? {
        return Ok((c, false));
    }
    let row = insert(txn, cx, who, CampusInput { name: name.to_owned(), ..CampusInput::default() }).await?;
    let change = audit::Change::new("create", "campus", row.id, 1).after(&row).import(import_id);
    audit::record(txn, cx, who, [change]).await?;
    Ok((row, true))
}
