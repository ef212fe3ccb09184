//! API tokens: made, listed, revoked by their owner; the command line makes them for anybody.

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::entity::{account, api_token};
use super::ops::own;
use super::rules;
use crate::audit::{self, Change};
use crate::core::seal::{new_token, token_hash};
use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;

/// Days a token lives unless asked otherwise.
pub const DEFAULT_DAYS: i64 = 90;
/// Days a token may live.
pub const MAX_DAYS: i64 = 730;

/// Makes a token for the acting user and gives it in clear, this once.
///
/// # Errors
/// [`Error::Invalid`] for `name` or `days`.
pub async fn create(cx: &Cx, who: &Actor, name: &str, days: i64) -> Result<String> {
    create_for(cx, who, own(who)?, name, days).await
}

/// `token create`: for the account with this login name.
///
/// # Errors
/// [`Error::NotFound`] for an unknown login, [`Error::Forbidden`] unless an administrator acts.
pub async fn create_by_login(cx: &Cx, who: &Actor, login: &str, days: i64) -> Result<String> {
    who.require(&[crate::core::Role::Administrator])?;
    let login = rules::tidy_login(login);
    let account = account::Entity::find()
        .filter(account::Column::Login.eq(&login))
        .filter(account::Column::Active.eq(true))
        .one(cx.read())
        .await?
        .ok_or_else(|| Error::NotFound(Msg::new("auth-unknown-login").with("login", &login)))?;
    create_for(cx, who, account.id, "command line", days).await
}

async fn create_for(cx: &Cx, who: &Actor, user_id: i64, name: &str, days: i64) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(Error::field("name", Msg::new("auth-token-name")));
    }
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Error::field("days", Msg::new("auth-token-days").with("max", MAX_DAYS)));
    }
    let token = format!("yz_{}", new_token());
    let now = cx.now();
    let txn = cx.begin().await?;
    let row = api_token::ActiveModel {
        token_hash: Set(token_hash(&token)),
        name: Set(name.to_owned()),
        user_id: Set(user_id),
        created_at: Set(now),
        expires_at: Set(Some(now + TimeDelta::days(days))),
        ..Default::default()
    }
    .insert(&txn)
    .await?;
    audit::record(&txn, cx, who, [Change::new("create", "api_token", row.id, 1)]).await?;
    txn.commit().await?;
    Ok(token)
}

/// The user's tokens that still open something, newest first.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor) -> Result<Vec<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::UserId.eq(own(who)?))
        .filter(api_token::Column::RevokedAt.is_null())
        .order_by_desc(api_token::Column::Id)
        .all(cx.read())
        .await?)
}

/// Revokes an own token.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn revoke(cx: &Cx, who: &Actor, id: i64) -> Result<()> {
    let txn = cx.begin().await?;
    let row = api_token::Entity::find_by_id(id)
        .filter(api_token::Column::UserId.eq(own(who)?))
        .one(&txn)
        .await?
        .ok_or_else(|| Error::not_found("error-not-found"))?;
    if row.revoked_at.is_none() {
        let mut row = row.into_active_model();
        row.revoked_at = Set(Some(cx.now()));
        row.update(&txn).await?;
        audit::record(&txn, cx, who, [Change::new("revoke", "api_token", id, 2)]).await?;
    }
    Ok(txn.commit().await?)
}
