//! Accounts and the audit log in the API.

use chrono::{DateTime, Utc};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::entries::{self, Filter};
use super::users::{self, UserFilter, UserInput, UserView};
use crate::api::{ApiUser, PageOut, Problem, Result, Tag, page};
use crate::core::{Error, Msg, Role};
use crate::db::Cx;

/// An account.
#[derive(Clone, Debug, Object)]
#[oai(rename = "User")]
pub struct UserOut {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub email: String,
    /// administrator, trainer, supervisor, intern or observer.
    pub role: String,
    pub person_id: Option<i64>,
    pub active: bool,
    /// Has not changed the one-time password yet.
    pub one_time: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub scopes: Vec<ScopeOut>,
    pub version: i64,
}

/// What an account sees.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Scope")]
pub struct ScopeOut {
    /// region, cohort, class or base.
    pub kind: String,
    /// Region code, or the id of cohort, class or base.
    pub key: String,
    pub label: String,
}

/// A new account.
#[derive(Clone, Debug, Object)]
#[oai(rename = "NewUser", deny_unknown_fields)]
pub struct UserIn {
    pub login: String,
    pub name: String,
    #[oai(default)]
    pub email: String,
    /// administrator, trainer, supervisor or observer.
    pub role: String,
    /// Region codes, for administrators and observers.
    #[oai(default)]
    pub regions: Vec<String>,
    /// `cohort:7`, `class:3` for trainers, `base:12` for supervisors.
    #[oai(default)]
    pub scopes: Vec<String>,
}

/// An account made; the password is told this once.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MadeUser")]
pub struct MadeOut {
    pub id: i64,
    pub login: String,
    pub one_time_password: String,
}

/// Made.
#[derive(ApiResponse)]
pub enum Created {
    /// The account was made.
    #[oai(status = 201)]
    Created(Json<MadeOut>),
}

/// One change.
#[derive(Clone, Debug, Object)]
#[oai(rename = "AuditEntry")]
pub struct EntryOut {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub actor_id: Option<i64>,
    pub actor_name: String,
    pub action: String,
    /// The table.
    pub entity: String,
    pub entity_id: i64,
    pub version: i64,
    pub import_id: Option<i64>,
    pub why: String,
    pub changes: Vec<ChangeOut>,
}

/// One field before and after.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FieldChange")]
pub struct ChangeOut {
    pub field: String,
    pub before: String,
    pub after: String,
}

fn user_out(v: UserView) -> UserOut {
    let scopes = v.scopes.into_iter().map(|s| ScopeOut { kind: s.kind, key: s.scope_key, label: s.label }).collect();
    let u = v.user;
    UserOut {
        id: u.id,
        login: u.login,
        name: u.name,
        email: u.email,
        role: u.role,
        person_id: u.person_id,
        active: u.active,
        one_time: u.one_time,
        last_seen_at: u.last_seen_at,
        scopes,
        version: u.version,
    }
}

fn role_of(name: &str) -> Result<Role> {
    Role::parse(name).ok_or_else(|| Problem::from(Error::field("role", Msg::new("admin-role-missing"))))
}

pub struct AdminApi;

#[OpenApi]
impl AdminApi {
    /// List accounts, newest first.
    #[oai(path = "/users", method = "get", operation_id = "list_users", tag = "Tag::Users")]
    async fn users(
        &self,
        cx: Cx,
        user: ApiUser,
        /// Part of login or name.
        q: Query<Option<String>>,
        /// Only this role.
        role: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> Result<Json<PageOut<UserOut>>> {
        let role = role.0.as_deref().map(role_of).transpose()?;
        let filter = UserFilter { q: q.0.unwrap_or_default(), role };
        let page = users::list(&cx, &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, user_out)))
    }

    /// Create an account; the one-time password is in the answer, this once.
    #[oai(path = "/users", method = "post", operation_id = "create_user", tag = "Tag::Users")]
    async fn create_user(&self, cx: Cx, user: ApiUser, body: Json<UserIn>) -> Result<Created> {
        let body = body.0;
        let input = UserInput {
            role: role_of(&body.role)?,
            login: body.login,
            name: body.name,
            email: body.email,
            regions: body.regions.join(","),
            scopes: body.scopes,
            active: true,
        };
        let made = users::create(&cx, &user, input).await?;
        let out = MadeOut { id: made.id, login: made.login, one_time_password: made.one_time_password };
        Ok(Created::Created(Json(out)))
    }

    /// One account.
    #[oai(path = "/users/:id", method = "get", operation_id = "get_user", tag = "Tag::Users")]
    async fn user(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> Result<Json<UserOut>> {
        Ok(Json(user_out(users::get(&cx, &user, id.0).await?)))
    }

    /// List changes, newest first.
    #[oai(path = "/audit", method = "get", operation_id = "list_audit", tag = "Tag::Audit")]
    #[expect(clippy::too_many_arguments, reason = "one argument a filter")]
    async fn audit(
        &self,
        cx: Cx,
        user: ApiUser,
        /// Only this table.
        entity: Query<Option<String>>,
        /// Only the row of this id.
        entity_id: Query<Option<i64>>,
        /// Everything about this person.
        person_id: Query<Option<i64>>,
        /// Only what this account did.
        actor_id: Query<Option<i64>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> Result<Json<PageOut<EntryOut>>> {
        let filter = Filter {
            entity: entity.0.unwrap_or_default(),
            entity_id: entity_id.0,
            person_id: person_id.0,
            actor_id: actor_id.0,
        };
        let page = entries::list(&cx, &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, |e| EntryOut {
            id: e.id,
            at: e.at,
            actor_id: e.actor_id,
            actor_name: e.actor_name,
            action: e.action,
            entity: e.entity,
            entity_id: e.entity_id,
            version: e.version,
            import_id: e.import_id,
            why: e.why,
            changes: e
                .changes
                .into_iter()
                .map(|c| ChangeOut { field: c.field, before: c.before, after: c.after })
                .collect(),
        })))
    }
}
