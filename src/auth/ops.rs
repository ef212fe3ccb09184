//! Signing in and out, and a user's own account.

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::entity::{account, login_session};
use super::{password, rules};
use crate::audit::{self, Change};
use crate::core::actor::{Scope, Via};
use crate::core::seal::{new_token, token_hash};
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::Cx;

/// What the sign-in form sends.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub login: &'a str,
    pub password: &'a str,
    /// The browser's name for itself.
    pub agent: &'a str,
}

/// A login session begun: the token goes into the cookie and is kept nowhere else.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub token: String,
    pub one_time: bool,
}

/// Begins a login session.
///
/// # Errors
/// One and the same [`Error::Invalid`] whatever is wrong, after the same work.
pub async fn sign_in(cx: &Cx, input: SignIn<'_>) -> Result<SignedIn> {
    let now = cx.now();
    let settings = &cx.settings.sign_in;
    let login = rules::tidy_login(input.login);
    let found = account::Entity::find().filter(account::Column::Login.eq(&login)).one(cx.read()).await?;
    let hash = found.as_ref().filter(|a| a.active).and_then(|a| a.password_hash.clone());
    let too_long = input.password.chars().count() > rules::MAX_PASSWORD;
    let fits = password::verify(settings, if too_long { "" } else { input.password }, hash).await?;
    let refused = || Error::field("login", Msg::new("auth-refused").with("minutes", settings.wait_minutes));
    let Some(found) = found else { return Err(refused()) };

    let txn = cx.begin().await?;
    // Read again: another request may have counted a failure meanwhile.
    let Some(account) = account::Entity::find_by_id(found.id).one(&txn).await? else { return Err(refused()) };
    let waiting = account.wait_until.is_some_and(|until| until > now);
    let same = account.password_hash == found.password_hash && account.active;
    let (id, one_time, version, failures) = (account.id, account.one_time, account.version, account.failures);
    let who = actor_of(&account);
    let mut row = account.into_active_model();
    if !fits || waiting || !same {
        if !waiting {
            let wait = TimeDelta::minutes(settings.wait_minutes);
            let (failures, until) = rules::after_failure(failures, i64::from(settings.max_failures), wait, now);
            row.failures = Set(if until.is_some() { 0 } else { failures });
            row.wait_until = Set(until);
            row.update(&txn).await?;
            if until.is_some() {
                audit::record(&txn, cx, &who, [Change::new("lock", "user_account", id, version)]).await?;
            }
            txn.commit().await?;
        }
        return Err(refused());
    }
    row.failures = Set(0);
    row.wait_until = Set(None);
    row.last_seen_at = Set(Some(now));
    row.update(&txn).await?;
    login_session::Entity::delete_many()
        .filter(login_session::Column::UserId.eq(id))
        .filter(login_session::Column::ExpiresAt.lte(now))
        .exec(&txn)
        .await?;
    let token = new_token();
    login_session::ActiveModel {
        token_hash: Set(token_hash(&token)),
        agent: Set(input.agent.chars().take(200).collect()),
        user_id: Set(id),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(now + TimeDelta::minutes(settings.idle_minutes)),
        ..Default::default()
    }
    .insert(&txn)
    .await?;
    audit::record(&txn, cx, &who, [Change::new("sign_in", "user_account", id, version)]).await?;
    txn.commit().await?;
    Ok(SignedIn { token, one_time })
}

/// The account itself as the one who acts, for the audit log of signing in.
fn actor_of(account: &account::Model) -> Actor {
    Actor {
        user_id: Some(account.id),
        login: account.login.clone(),
        name: account.name.clone(),
        role: Role::parse(&account.role).unwrap_or(Role::Intern),
        lang: Lang::parse(&account.lang),
        person_id: account.person_id,
        scope: Scope::default(),
        via: Via::Page,
        one_time: account.one_time,
    }
}

/// Ends one login session; ending one twice is no error.
///
/// # Errors
/// What the database reports.
pub async fn sign_out(cx: &Cx, session_id: i64) -> Result<()> {
    let txn = cx.begin().await?;
    login_session::Entity::delete_by_id(session_id).exec(&txn).await?;
    Ok(txn.commit().await?)
}

/// Ends all login sessions of the user but `keep`.
///
/// # Errors
/// What the database reports.
pub async fn sign_out_everywhere(cx: &Cx, who: &Actor, keep: Option<i64>) -> Result<u64> {
    let user_id = own(who)?;
    let txn = cx.begin().await?;
    let n = end_sessions(&txn, user_id, keep).await?;
    audit::record(&txn, cx, who, [Change::new("sign_out_everywhere", "user_account", user_id, 0)]).await?;
    txn.commit().await?;
    Ok(n)
}

pub(super) async fn end_sessions(txn: &impl sea_orm::ConnectionTrait, user_id: i64, keep: Option<i64>) -> Result<u64> {
    let mut delete = login_session::Entity::delete_many().filter(login_session::Column::UserId.eq(user_id));
    if let Some(keep) = keep {
        delete = delete.filter(login_session::Column::Id.ne(keep));
    }
    Ok(delete.exec(txn).await?.rows_affected)
}

/// The id of the account that acts.
///
/// # Errors
/// [`Error::Unauthenticated`] for the command line and jobs, which have none.
pub(super) fn own(who: &Actor) -> Result<i64> {
    who.user_id.ok_or(Error::Unauthenticated)
}

/// The account page: the account and its live login sessions, newest first.
///
/// # Errors
/// What the database reports.
pub async fn own_account(cx: &Cx, who: &Actor) -> Result<(account::Model, Vec<login_session::Model>)> {
    let id = own(who)?;
    let account = account::Entity::find_by_id(id).one(cx.read()).await?.ok_or(Error::Unauthenticated)?;
    let sessions = login_session::Entity::find()
        .filter(login_session::Column::UserId.eq(id))
        .filter(login_session::Column::ExpiresAt.gt(cx.now()))
        .order_by_desc(login_session::Column::SeenAt)
        .all(cx.read())
        .await?;
    Ok((account, sessions))
}

/// Changes the own password; ends all other login sessions.
///
/// # Errors
/// [`Error::Invalid`] by field: `old`, `new`, `again`.
pub async fn change_password(
    cx: &Cx,
    who: &Actor,
    session_id: Option<i64>,
    old: &str,
    new: &str,
    again: &str,
) -> Result<()> {
    let id = own(who)?;
    let settings = &cx.settings.sign_in;
    let account = account::Entity::find_by_id(id).one(cx.read()).await?.ok_or(Error::Unauthenticated)?;
    let mut wrong = rules::password_problems(&account.login, old, new, again);
    if !password::verify(settings, old, account.password_hash.clone()).await? {
        wrong.push(crate::core::FieldError { field: "old".into(), msg: Msg::new("auth-password-wrong") });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let hash = password::hash(settings, new).await?;
    let (now, version) = (cx.now(), account.version + 1);
    let txn = cx.begin().await?;
    let mut row = account.into_active_model();
    row.password_hash = Set(Some(hash));
    row.one_time = Set(false);
    row.failures = Set(0);
    row.version = Set(version);
    row.updated_at = Set(now);
    row.updated_by = Set(Some(id));
    row.update(&txn).await?;
    end_sessions(&txn, id, session_id).await?;
    audit::record(&txn, cx, who, [Change::new("change_password", "user_account", id, version)]).await?;
    Ok(txn.commit().await?)
}

/// Keeps the language of the screens with the account.
///
/// # Errors
/// What the database reports.
pub async fn choose_language(cx: &Cx, who: &Actor, lang: Lang) -> Result<()> {
    let id = own(who)?;
    let txn = cx.begin().await?;
    account::Entity::update_many()
        .col_expr(account::Column::Lang, sea_orm::sea_query::Expr::value(lang.tag()))
        .filter(account::Column::Id.eq(id))
        .exec(&txn)
        .await?;
    Ok(txn.commit().await?)
}
