//! The list of accounts and what is done with one.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

use super::scopes::{self, ScopeLine};
use crate::auth::users::{ChangeUser, MadeUser, NewUser};
use crate::auth::{rules, users};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result, Role};
use crate::db::{self, Cx};

/// One account in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct UserRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub email: String,
    pub role: String,
    pub person_id: Option<i64>,
    pub one_time: bool,
    pub active: bool,
    pub wait_until: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i64,
}

/// An account with its scopes.
#[derive(Clone, Debug)]
pub struct UserView {
    pub user: UserRow,
    pub scopes: Vec<ScopeLine>,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Part of the login or the name.
    pub q: String,
    pub role: Option<Role>,
}

const COLUMNS: &str = "u.id, u.login, u.name, u.email, u.role, u.person_id, u.one_time, u.active, u.wait_until, \
                       u.last_seen_at, u.created_at, u.version";

/// Accounts the actor may manage, newest first.
///
/// # Errors
/// [`Error::Forbidden`] but for administrators and trainers.
pub async fn list(cx: &Cx, who: &Actor, filter: &UserFilter, page: &PageReq) -> Result<Page<UserView>> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let (visible, mut values) = scopes::accounts_visible_to(who);
    let mut sql = format!("SELECT {COLUMNS} FROM user_account u WHERE {visible}");
    if let Some(after) = page.after_id() {
        sql += " AND u.id < ?";
        values.push(after.into());
    }
    if let Some(role) = filter.role {
        sql += " AND u.role = ?";
        values.push(role.name().into());
    }
    let q = rules::tidy_login(&filter.q);
    if !q.is_empty() {
        sql += " AND (u.login LIKE ? ESCAPE '!' OR LOWER(u.name) LIKE ? ESCAPE '!')";
        let like = format!("%{}%", q.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        values.extend([Value::from(like.clone()), Value::from(like)]);
    }
    sql += " ORDER BY u.id DESC LIMIT ?";
    values.push(i64::try_from(page.limit() + 1).unwrap_or(i64::MAX).into());
    let rows: Vec<UserRow> = db::rows(cx.read(), &sql, values).await?;
    let page = Page::cut(rows, page.limit(), |r| r.id.to_string());
    let ids: Vec<i64> = page.items.iter().map(|r| r.id).collect();
    let mut lines = scopes::of_accounts(cx, &ids).await?;
    Ok(page.map(|user| {
        let (own, rest) = std::mem::take(&mut lines).into_iter().partition(|l| l.user_id == user.id);
        lines = rest;
        UserView { user, scopes: own }
    }))
}

/// One account.
///
/// # Errors
/// [`Error::NotFound`] when it is not the actor's to manage.
pub async fn get(cx: &Cx, who: &Actor, id: i64) -> Result<UserView> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let (visible, mut values) = scopes::accounts_visible_to(who);
    values.push(id.into());
    let sql = format!("SELECT {COLUMNS} FROM user_account u WHERE {visible} AND u.id = ?");
    let rows: Vec<UserRow> = db::rows(cx.read(), &sql, values).await?;
    let user = rows.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))?;
    let scopes = scopes::of_accounts(cx, &[id]).await?;
    Ok(UserView { user, scopes })
}

/// What the forms for a new and a changed account send.
#[derive(Clone, Debug)]
pub struct UserInput {
    pub login: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// Region codes, separated by commas.
    pub regions: String,
    /// `cohort:7`, `class:3`, `base:12`.
    pub scopes: Vec<String>,
    pub active: bool,
}

/// Roles whose accounts the actor may make here; an intern's account is made from their cohort.
#[must_use]
pub fn roles_for(who: &Actor) -> &'static [Role] {
    match who.role {
        Role::Administrator => &[Role::Trainer, Role::Supervisor, Role::Administrator, Role::Observer],
        Role::Trainer => &[Role::Supervisor],
        _ => &[],
    }
}

/// Makes an account.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Forbidden`] for a role the actor may not give.
pub async fn create(cx: &Cx, who: &Actor, input: UserInput) -> Result<MadeUser> {
    if !roles_for(who).contains(&input.role) {
        return Err(Error::Forbidden);
    }
    let scopes = scopes::read(cx, who, input.role, &input.regions, &input.scopes).await?;
    let new =
        NewUser { login: input.login, name: input.name, email: input.email, role: input.role, person_id: None, scopes };
    users::create(cx, who, new).await
}

/// Changes an account the actor may manage.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Conflict`] when it was changed meanwhile.
pub async fn change(cx: &Cx, who: &Actor, id: i64, version: i64, input: UserInput) -> Result<()> {
    let before = get(cx, who, id).await?;
    let same_role = before.user.role == input.role.name();
    if !same_role && (input.role == Role::Intern || !roles_for(who).contains(&input.role)) {
        return Err(Error::Forbidden);
    }
    let scopes = scopes::read(cx, who, input.role, &input.regions, &input.scopes).await?;
    let change = ChangeUser {
        id,
        version,
        name: input.name,
        email: input.email,
        role: input.role,
        active: input.active,
        scopes,
    };
    users::change(cx, who, change).await
}

/// Gives an account the actor may manage a new one-time password.
///
/// # Errors
/// [`Error::NotFound`] when it is not the actor's to manage; [`Error::Conflict`] for the own account.
pub async fn reset(cx: &Cx, who: &Actor, id: i64) -> Result<MadeUser> {
    let view = get(cx, who, id).await?;
    if who.user_id == Some(view.user.id) {
        return Err(Error::conflict("admin-reset-own"));
    }
    users::reset(cx, who, id).await
}
