//! Scopes of accounts: which may be given, how they read, and which accounts follow as visible.

use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value};

use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::{classes, cohorts, directory, people};

/// Most lines a list of choices shows.
const CHOICES: u64 = 300;

/// A scope of one account, readable.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ScopeLine {
    pub user_id: i64,
    /// region, cohort, class or base.
    pub kind: String,
    pub scope_key: String,
    pub code: String,
    pub label: String,
}

impl ScopeLine {
    /// `kind:key`, the value that forms send.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{}:{}", self.kind, self.scope_key)
    }
}

/// Something that may be chosen as a scope.
#[derive(Clone, Debug)]
pub struct Choice {
    /// `kind:key`.
    pub token: String,
    pub text: String,
}

/// The scopes of accounts with their names.
///
/// # Errors
/// What the database reports.
pub async fn of_accounts(cx: &Cx, ids: &[i64]) -> Result<Vec<ScopeLine>> {
    let mut out = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT s.user_id, s.kind, s.scope_key, COALESCE(r.code, k.code, c.code, b.code, s.scope_key) AS code, \
             COALESCE(r.name, k.name, c.name, b.name, s.scope_key) AS label FROM user_scope s \
             LEFT JOIN region r ON s.kind = 'region' AND r.code = s.scope_key \
             LEFT JOIN cohort k ON k.id = CASE WHEN s.kind = 'cohort' THEN CAST(s.scope_key AS BIGINT) END \
             LEFT JOIN class c ON c.id = CASE WHEN s.kind = 'class' THEN CAST(s.scope_key AS BIGINT) END \
             LEFT JOIN base b ON b.id = CASE WHEN s.kind = 'base' THEN CAST(s.scope_key AS BIGINT) END \
             WHERE s.user_id IN ({}) ORDER BY s.user_id, s.kind, s.scope_key",
            db::places(chunk.len())
        );
        out.extend(db::rows::<ScopeLine>(cx.read(), &sql, chunk.iter().map(|i| Value::from(*i))).await?);
    }
    Ok(out)
}

/// What the actor may give as a scope: cohorts and classes first (newest first), then bases by name.
///
/// # Errors
/// What the database reports.
pub async fn choices(cx: &Cx, who: &Actor) -> Result<[Vec<Choice>; 3]> {
    let cohorts = cohorts::entity::visible_to(who)
        .order_by_desc(cohorts::entity::cohort::Column::Id)
        .limit(CHOICES)
        .all(cx.read())
        .await?;
    let bases = directory::entity::bases_visible_to(who)
        .filter(directory::entity::base::Column::Active.eq(true))
        .order_by_asc(directory::entity::base::Column::Name)
        .limit(CHOICES)
        .all(cx.read())
        .await?;
    let (visible, values) = classes::entity::visible_to(who);
    let sql = format!("SELECT c.id, c.code, c.name FROM class c WHERE {visible} ORDER BY c.id DESC LIMIT {CHOICES}");
    let classes: Vec<Named> = db::rows(cx.read(), &sql, values).await?;
    let choice = |kind: &str, id: i64, code: &str, name: &str| Choice {
        token: format!("{kind}:{id}"),
        text: if code.is_empty() || code == name { name.to_owned() } else { format!("{name} ({code})") },
    };
    Ok([
        cohorts.iter().map(|c| choice("cohort", c.id, &c.code, &c.name)).collect(),
        classes.iter().map(|c| choice("class", c.id, &c.code, &c.name)).collect(),
        bases.iter().map(|b| choice("base", b.id, &b.code, &b.name)).collect(),
    ])
}

#[derive(FromQueryResult)]
struct Named {
    id: i64,
    code: String,
    name: String,
}

/// Reads the scopes of a form (`kind:key`), refusing what the actor may not give and what the role cannot use.
///
/// # Errors
/// [`Error::Invalid`] for `region` or `scope`.
pub async fn read(
    cx: &Cx,
    who: &Actor,
    role: Role,
    regions: &str,
    tokens: &[String],
) -> Result<Vec<(&'static str, String)>> {
    let mut out = Vec::new();
    for code in regions.split([',', '，', ' ', '、', ';']).map(str::trim).filter(|c| !c.is_empty()) {
        region(cx, who, code).await?;
        out.push(("region", code.to_owned()));
    }
    for token in tokens {
        let wrong = || Error::field("scope", Msg::new("admin-scope-unknown").with("scope", token));
        let (kind, id) =
            token.split_once(':').and_then(|(k, v)| Some((k, v.parse::<i64>().ok()?))).ok_or_else(wrong)?;
        let (kind, found) = match kind {
            "cohort" => ("cohort", sees_cohort(cx, who, id).await?),
            "class" => ("class", sees_class(cx, who, id).await?),
            "base" => ("base", sees_base(cx, who, id).await?),
            _ => return Err(wrong()),
        };
        if !found {
            return Err(wrong());
        }
        out.push((kind, id.to_string()));
    }
    let wide = matches!(role, Role::Administrator | Role::Observer);
    if wide && !out.iter().any(|(kind, _)| *kind == "region") && !who.sees_all() {
        return Err(Error::field("region", Msg::new("admin-region-needed")));
    }
    let fits = |kind: &str| match role {
        Role::Administrator | Role::Observer => kind == "region",
        Role::Trainer => matches!(kind, "cohort" | "class"),
        Role::Supervisor => kind == "base",
        Role::Intern => false,
    };
    out.retain(|(kind, _)| fits(kind));
    Ok(out)
}

async fn region(cx: &Cx, who: &Actor, code: &str) -> Result<()> {
    let wrong = |key: &str| Err(Error::field("region", Msg::new(key).with("code", code)));
    if !who.sees_all() && !who.scope.regions.iter().any(|own| code.starts_with(own.as_str())) {
        return wrong("admin-region-outside");
    }
    let sql = "SELECT id FROM region WHERE code = ?";
    if db::int(cx.read(), sql, [code.into()]).await?.is_none() {
        return wrong("admin-region-unknown");
    }
    Ok(())
}

async fn sees_cohort(cx: &Cx, who: &Actor, id: i64) -> Result<bool> {
    let found = cohorts::entity::visible_to(who).filter(cohorts::entity::cohort::Column::Id.eq(id)).one(cx.read());
    Ok(found.await?.is_some())
}

async fn sees_base(cx: &Cx, who: &Actor, id: i64) -> Result<bool> {
    let found =
        directory::entity::bases_visible_to(who).filter(directory::entity::base::Column::Id.eq(id)).one(cx.read());
    Ok(found.await?.is_some())
}

async fn sees_class(cx: &Cx, who: &Actor, id: i64) -> Result<bool> {
    let (visible, mut values) = classes::entity::visible_to(who);
    values.push(id.into());
    let sql = format!("SELECT c.id FROM class c WHERE {visible} AND c.id = ?");
    Ok(db::int(cx.read(), &sql, values).await?.is_some())
}

/// Accounts the actor sees and may manage, as a piece of SQL (after AND) for `user_account u` with its values: all for an
/// administrator without a region; within a region those whose every scope lies in it and those made by oneself that have
/// none; for a trainer the interns they see and the supervisors they made.
#[must_use]
pub fn accounts_visible_to(who: &Actor) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let me = who.user_id.unwrap_or(0);
    let text = match who.role {
        Role::Administrator if who.scope.regions.is_empty() => "1 = 1".to_owned(),
        Role::Administrator => {
            let (within, of_regions) = crate::auth::users::within(&who.scope.regions);
            values.extend(of_regions);
            values.push(me.into());
            format!(
                "({within} OR (u.created_by = ? AND u.role NOT IN ('administrator', 'observer') AND u.id NOT IN \
                 (SELECT n.user_id FROM user_scope n)))"
            )
        }
        Role::Trainer => {
            let (person, of_person) = people::scope::sql(who);
            values.push(me.into());
            values.extend(of_person);
            format!(
                "((u.role = 'supervisor' AND u.created_by = ?) OR (u.role = 'intern' AND u.person_id IN \
                 (SELECT p.id FROM person p WHERE {person})))"
            )
        }
        _ => "1 = 0".to_owned(),
    };
    (text, values)
}
