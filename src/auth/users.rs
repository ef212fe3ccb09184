//! Other people's accounts: made, given scopes, reset, closed. `admin` and `people` say for whom.

use sea_orm::Value;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::entity::{account, scope};
use super::{ops, password, rules};
use crate::audit::{self, Change};
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};

/// A new account. Scopes are (kind, key) of `user_scope`.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub login: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub person_id: Option<i64>,
    pub scopes: Vec<(&'static str, String)>,
}

/// An account made, with the password to hand out, this once.
#[derive(Clone, Debug)]
pub struct MadeUser {
    pub id: i64,
    pub login: String,
    pub one_time_password: String,
}

/// Who may make and manage accounts of a role: an administrator all, a trainer those of supervisors and interns.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_manage(who: &Actor, role: Role) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    if who.role == Role::Trainer && !matches!(role, Role::Supervisor | Role::Intern) {
        return Err(Error::Forbidden);
    }
    Ok(())
}

/// Makes one account with a one-time password.
///
/// # Errors
/// [`Error::Invalid`] for `login` (form, taken) or `name`.
pub async fn create(cx: &Cx, who: &Actor, new: NewUser) -> Result<MadeUser> {
    may_manage(who, new.role)?;
    let plain = rules::one_time_password(rand::random());
    let hash = password::hash(&cx.settings.sign_in, &plain).await?;
    let txn = cx.begin().await?;
    let made = insert(&txn, cx, who, new, plain, hash).await?;
    txn.commit().await?;
    Ok(made)
}

/// Makes the account in a transaction under way; the hash was computed before it began.
///
/// # Errors
/// As [`create`].
pub async fn insert(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    new: NewUser,
    plain: String,
    hash: String,
) -> Result<MadeUser> {
    let login = rules::tidy_login(&new.login);
    let name = new.name.trim();
    let mut wrong = Vec::new();
    if let Some(msg) = rules::login_problem(&login) {
        wrong.push(FieldError { field: "login".into(), msg });
    } else if account::Entity::find().filter(account::Column::Login.eq(&login)).one(txn).await?.is_some() {
        wrong.push(FieldError { field: "login".into(), msg: Msg::new("auth-login-taken").with("login", &login) });
    }
    if name.is_empty() || name.chars().count() > 80 {
        wrong.push(FieldError { field: "name".into(), msg: Msg::new("auth-name-form") });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let now = cx.now();
    let row = account::ActiveModel {
        login: Set(login.clone()),
        name: Set(name.to_owned()),
        email: Set(new.email.trim().to_owned()),
        lang: Set(String::new()),
        role: Set(new.role.name().to_owned()),
        person_id: Set(new.person_id),
        password_hash: Set(Some(hash)),
        one_time: Set(true),
        active: Set(true),
        failures: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
        ..Default::default()
    }
    .insert(txn)
    .await?;
    set_scopes(txn, row.id, &new.scopes).await?;
    audit::record(txn, cx, who, [Change::new("create", "user_account", row.id, 1).after(&row)]).await?;
    Ok(MadeUser { id: row.id, login, one_time_password: plain })
}

async fn set_scopes(txn: &DatabaseTransaction, user_id: i64, scopes: &[(&'static str, String)]) -> Result<()> {
    db::run(txn, "DELETE FROM user_scope WHERE user_id = ?", [user_id.into()]).await?;
    for (kind, key) in scopes {
        grant(txn, user_id, kind, key).await?;
    }
    Ok(())
}

/// Scopes of one account as (kind, key).
///
/// # Errors
/// What the database reports.
pub async fn scopes_of(db: &impl sea_orm::ConnectionTrait, user_id: i64) -> Result<Vec<(String, String)>> {
    let rows = scope::Entity::find().filter(scope::Column::UserId.eq(user_id)).all(db).await?;
    Ok(rows.into_iter().map(|r| (r.kind, r.scope_key)).collect())
}

/// What may be changed on an account; `version` is the one seen.
#[derive(Clone, Debug)]
pub struct ChangeUser {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub active: bool,
    pub scopes: Vec<(&'static str, String)>,
}

/// Changes an account; closing it ends its login sessions.
///
/// # Errors
/// [`Error::Conflict`] when it was changed meanwhile, or when an administrator would close their own account.
pub async fn change(cx: &Cx, who: &Actor, input: ChangeUser) -> Result<()> {
    may_manage(who, input.role)?;
    let name = input.name.trim();
    if name.is_empty() || name.chars().count() > 80 {
        return Err(Error::field("name", Msg::new("auth-name-form")));
    }
    if who.user_id == Some(input.id) && (!input.active || input.role != who.role) {
        return Err(Error::conflict("auth-not-yourself"));
    }
    let txn = cx.begin().await?;
    let before = load(&txn, input.id).await?;
    may_manage(who, Role::parse(&before.role).unwrap_or(Role::Administrator))?;
    if before.version != input.version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let mut row = before.clone().into_active_model();
    row.name = Set(name.to_owned());
    row.email = Set(input.email.trim().to_owned());
    row.role = Set(input.role.name().to_owned());
    row.active = Set(input.active);
    row.version = Set(before.version + 1);
    row.updated_at = Set(cx.now());
    row.updated_by = Set(who.user_id);
    let after = row.update(&txn).await?;
    set_scopes(&txn, after.id, &input.scopes).await?;
    if !input.active {
        ops::end_sessions(&txn, after.id, None).await?;
    }
    let change = Change::new("update", "user_account", after.id, after.version).before(&before).after(&after);
    audit::record(&txn, cx, who, [change]).await?;
    Ok(txn.commit().await?)
}

/// Gives an account a new one-time password and ends its login sessions.
///
/// # Errors
/// [`Error::NotFound`] for an unknown account.
pub async fn reset(cx: &Cx, who: &Actor, id: i64) -> Result<MadeUser> {
    let plain = rules::one_time_password(rand::random());
    let hash = password::hash(&cx.settings.sign_in, &plain).await?;
    let txn = cx.begin().await?;
    let login = replace_code(&txn, cx, who, id, hash).await?;
    txn.commit().await?;
    Ok(MadeUser { id, login, one_time_password: plain })
}

/// Replaces the unused one-time code of an account in a transaction under way; gives its login.
///
/// # Errors
/// [`Error::NotFound`] for an unknown account.
pub async fn replace_code(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, id: i64, hash: String) -> Result<String> {
    let before = load(txn, id).await?;
    may_manage(who, Role::parse(&before.role).unwrap_or(Role::Administrator))?;
    let (version, login) = (before.version + 1, before.login.clone());
    let mut row = before.into_active_model();
    row.password_hash = Set(Some(hash));
    row.one_time = Set(true);
    row.failures = Set(0);
    row.wait_until = Set(None);
    row.version = Set(version);
    row.updated_at = Set(cx.now());
    row.updated_by = Set(who.user_id);
    row.update(txn).await?;
    ops::end_sessions(txn, id, None).await?;
    audit::record(txn, cx, who, [Change::new("reset_password", "user_account", id, version)]).await?;
    Ok(login)
}

/// Lets an account keep the password it was given: for the demo and for scripts that make accounts.
///
/// # Errors
/// [`Error::NotFound`] for an unknown account; [`Error::Forbidden`] unless an administrator acts.
pub async fn keep_password(cx: &Cx, who: &Actor, id: i64) -> Result<()> {
    who.require(&[Role::Administrator])?;
    let txn = cx.begin().await?;
    let before = load(&txn, id).await?;
    let version = before.version + 1;
    let mut row = before.into_active_model();
    row.one_time = Set(false);
    row.version = Set(version);
    row.updated_at = Set(cx.now());
    row.updated_by = Set(who.user_id);
    row.update(&txn).await?;
    audit::record(&txn, cx, who, [Change::new("keep_password", "user_account", id, version)]).await?;
    Ok(txn.commit().await?)
}

/// Adds one scope to an account in a transaction under way: whoever makes a cohort or class sees it.
///
/// # Errors
/// What the database reports.
pub async fn grant(txn: &DatabaseTransaction, user_id: i64, kind: &'static str, key: &str) -> Result<()> {
    let sql = "INSERT INTO user_scope (user_id, kind, scope_key) VALUES (?, ?, ?) \
               ON CONFLICT (user_id, kind, scope_key) DO NOTHING";
    db::run(txn, sql, [user_id.into(), kind.into(), key.into()]).await?;
    Ok(())
}

async fn load(txn: &DatabaseTransaction, id: i64) -> Result<account::Model> {
    account::Entity::find_by_id(id).one(txn).await?.ok_or_else(|| Error::not_found("error-not-found"))
}

/// Accounts whose whole scope lies in these regions, as a piece of SQL for `user_account u` with its values. An intern's
/// account lies where its person does.
#[must_use]
pub fn within(regions: &[String]) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut within = |column: &str| {
        let any = regions.iter().map(|code| {
            let (from, to) = db::prefix_range(code);
            values.extend([Value::from(from), Value::from(to)]);
            format!("({column} >= ? AND {column} < ?)")
        });
        format!("({})", any.collect::<Vec<_>>().join(" OR "))
    };
    let region = within("s.scope_key");
    let mut inside = vec![format!("SELECT s.user_id FROM user_scope s WHERE s.kind = 'region' AND {region}")];
    for kind in ["cohort", "class", "base"] {
        inside.push(format!(
            "SELECT s.user_id FROM {kind} x JOIN user_scope s ON s.kind = '{kind}' AND s.scope_key = CAST(x.id AS TEXT) \
             WHERE {}",
            within("x.region_code")
        ));
    }
    let person = within("p.region_code");
    let outside = within("o.scope_key");
    let sql = format!(
        "((u.id IN ({}) OR u.person_id IN (SELECT p.id FROM person p WHERE {person})) AND u.id NOT IN \
         (SELECT o.user_id FROM user_scope o WHERE o.kind = 'region' AND NOT {outside}))",
        inside.join(" UNION ")
    );
    (sql, values)
}
