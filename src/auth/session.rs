//! From cookie or bearer token to the visitor, in one query.

use chrono::{DateTime, TimeDelta, Utc};
use poem::Request;
use poem::http::header;
use sea_orm::FromQueryResult;

use crate::core::actor::{Scope, Via};
use crate::core::seal::{new_token, token_hash};
use crate::core::{Actor, Lang, Result, Role};
use crate::db::{self, Cx};
use crate::web::ui::read_cookie;
use crate::web::{Authenticate, Visitor};

/// The cookie of the login session.
pub const LOGIN_COOKIE: &str = "yz_login";
/// The cookie of the language chosen before signing in.
pub const LANG_COOKIE: &str = "yz_lang";
const VISIT_COOKIE: &str = "yz_visit";

/// Which credentials count: the cookie for pages, the bearer token for the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    Cookie,
    Bearer,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    key_id: i64,
    used_at: Option<DateTime<Utc>>,
    id: i64,
    login: String,
    name: String,
    role: String,
    lang: String,
    person_id: Option<i64>,
    one_time: bool,
    kind: Option<String>,
    scope_key: Option<String>,
}

const BY_SESSION: &str = "SELECT s.id AS key_id, s.seen_at AS used_at, u.id, u.login, u.name, u.role, u.lang, u.person_id, \
     u.one_time, c.kind, c.scope_key FROM login_session s JOIN user_account u ON u.id = s.user_id \
     LEFT JOIN user_scope c ON c.user_id = u.id WHERE s.token_hash = ? AND s.expires_at > ? AND u.active = TRUE";
const BY_TOKEN: &str = "SELECT s.id AS key_id, s.last_used_at AS used_at, u.id, u.login, u.name, u.role, u.lang, u.person_id, \
     u.one_time, c.kind, c.scope_key FROM api_token s JOIN user_account u ON u.id = s.user_id \
     LEFT JOIN user_scope c ON c.user_id = u.id WHERE s.token_hash = ? AND (s.expires_at IS NULL OR s.expires_at > ?) \
     AND s.revoked_at IS NULL AND u.active = TRUE";

impl Authenticate for Sessions {
    async fn visitor(&self, cx: &Cx, req: &Request) -> Result<Visitor> {
        let chosen = read_cookie(req, LANG_COOKIE).filter(|t| Lang::ALL.iter().any(|l| l.tag() == t));
        let lang = chosen.as_deref().map(Lang::parse).unwrap_or_default();
        let secret = match self {
            Self::Cookie => read_cookie(req, LOGIN_COOKIE),
            Self::Bearer => req
                .headers()
                .get(header::AUTHORIZATION)
                .and_then(|v| v.to_str().ok())
                .and_then(|v| v.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim().to_owned()),
        };
        if let Some(secret) = secret.filter(|s| s.len() <= 200) {
            let hash = token_hash(&secret);
            if let Some((actor, key_id)) = load(cx, *self, &hash, lang).await? {
                return Ok(Visitor {
                    lang: actor.lang,
                    actor: Some(actor),
                    csrf_seed: hash,
                    session_id: (*self == Self::Cookie).then_some(key_id),
                    new_visit: None,
                });
            }
        }
        if *self == Self::Bearer {
            return Ok(Visitor { lang, ..Visitor::default() });
        }
        let (visit, new_visit) = match read_cookie(req, VISIT_COOKIE).filter(|v| v.len() <= 200) {
            Some(v) => (v, None),
            None => {
                let v = new_token();
                (v.clone(), Some(v))
            }
        };
        Ok(Visitor { lang, csrf_seed: format!("visit {visit}"), new_visit, ..Visitor::default() })
    }
}

/// The actor of an account, for work that goes on after the request that began it; `None` when it was closed.
///
/// # Errors
/// What the database reports.
pub async fn actor_of(cx: &Cx, user_id: i64) -> Result<Option<Actor>> {
    let sql = "SELECT u.id AS key_id, u.last_seen_at AS used_at, u.id, u.login, u.name, u.role, u.lang, u.person_id, \
         u.one_time, c.kind, c.scope_key FROM user_account u LEFT JOIN user_scope c ON c.user_id = u.id \
         WHERE u.id = ? AND u.active = TRUE";
    let rows: Vec<Row> = db::rows(cx.read(), sql, [user_id.into()]).await?;
    Ok(actor(&rows, Via::Page, Lang::default()))
}

async fn load(cx: &Cx, kind: Sessions, hash: &str, lang: Lang) -> Result<Option<(Actor, i64)>> {
    let now = cx.now();
    let sql = if kind == Sessions::Cookie { BY_SESSION } else { BY_TOKEN };
    let rows: Vec<Row> = db::rows(cx.read(), sql, [hash.into(), now.into()]).await?;
    let via = if kind == Sessions::Cookie { Via::Page } else { Via::Api };
    let (Some(first), Some(actor)) = (rows.first(), actor(&rows, via, lang)) else { return Ok(None) };
    touch(cx, kind, first, now);
    Ok(Some((actor, first.key_id)))
}

/// The account of the rows with the scopes that stand one in each.
fn actor(rows: &[Row], via: Via, lang: Lang) -> Option<Actor> {
    let first = rows.first()?;
    let role = Role::parse(&first.role)?;
    let mut scope = Scope::default();
    for row in rows {
        if let (Some(kind), Some(key)) = (&row.kind, &row.scope_key) {
            add_scope(&mut scope, kind, key);
        }
    }
    Some(Actor {
        user_id: Some(first.id),
        login: first.login.clone(),
        name: first.name.clone(),
        role,
        lang: if first.lang.is_empty() { lang } else { Lang::parse(&first.lang) },
        person_id: first.person_id,
        scope,
        via,
        // A token was made on purpose by somebody who may: it does not wait for the password to be changed.
        one_time: first.one_time && via == Via::Page,
    })
}

/// Adds one row of `user_scope`.
pub(super) fn add_scope(scope: &mut Scope, kind: &str, key: &str) {
    let id = key.parse::<i64>().ok();
    match (kind, id) {
        ("region", _) => scope.regions.push(key.to_owned()),
        ("cohort", Some(id)) => scope.cohorts.push(id),
        ("class", Some(id)) => scope.classes.push(id),
        ("base", Some(id)) => scope.bases.push(id),
        _ => {}
    }
}

/// Notes the use, at most once a minute and beside the request: reading a page never waits for a writer.
fn touch(cx: &Cx, kind: Sessions, row: &Row, now: DateTime<Utc>) {
    if row.used_at.is_some_and(|at| now - at < TimeDelta::minutes(1)) {
        return;
    }
    let (cx, key_id, user_id) = (cx.clone(), row.key_id, row.id);
    tokio::spawn(async move {
        if let Err(cause) = note_use(&cx, kind, key_id, user_id, now).await {
            tracing::warn!(%cause, "the last use of a login could not be noted");
        }
    });
}

async fn note_use(cx: &Cx, kind: Sessions, key_id: i64, user_id: i64, now: DateTime<Utc>) -> Result<()> {
    let txn = cx.begin().await?;
    match kind {
        Sessions::Cookie => {
            let until = now + TimeDelta::minutes(cx.settings.sign_in.idle_minutes);
            let sql = "UPDATE login_session SET seen_at = ?, expires_at = ? WHERE id = ? AND created_at > ?";
            let oldest = now - TimeDelta::days(super::rules::MAX_SESSION_DAYS);
            db::run(&txn, sql, [now.into(), until.into(), key_id.into(), oldest.into()]).await?;
        }
        Sessions::Bearer => {
            db::run(&txn, "UPDATE api_token SET last_used_at = ? WHERE id = ?", [now.into(), key_id.into()]).await?;
        }
    }
    db::run(&txn, "UPDATE user_account SET last_seen_at = ? WHERE id = ?", [now.into(), user_id.into()]).await?;
    Ok(txn.commit().await?)
}
