//! Regions: the tree, adding, renaming, and finding a town by its name.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use super::super::entity::region;
use super::super::rules;
use super::Region;
use crate::audit;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::importing::Job;

/// A region to be added.
#[derive(Clone, Debug, Default)]
pub struct AddRegion {
    pub code: String,
    pub name: String,
}

/// A region with those above it (furthest first) and those directly below it.
#[derive(Clone, Debug)]
pub struct Branch {
    pub region: Option<Region>,
    pub above: Vec<Region>,
    pub below: Page<Region>,
}

/// The region of a code.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(db: &impl ConnectionTrait, code: &str) -> Result<Region> {
    find(db, code).await?.ok_or_else(|| Error::not_found("region-unknown"))
}

async fn find(db: &impl ConnectionTrait, code: &str) -> Result<Option<Region>> {
    Ok(region::Entity::find().filter(region::Column::Code.eq(code)).one(db).await?)
}

/// The tree at one place: below `code`, or the top when there is none.
///
/// # Errors
/// [`Error::NotFound`] for an unknown code.
pub async fn branch(db: &impl ConnectionTrait, code: Option<&str>, page: &PageReq) -> Result<Branch> {
    let here = match code.filter(|c| !c.is_empty()) {
        Some(c) => Some(get(db, c).await?),
        None => None,
    };
    let mut above = Vec::new();
    if let Some(r) = &here {
        let codes = rules::ancestors(&r.code);
        above = region::Entity::find()
            .filter(region::Column::Code.is_in(codes))
            .order_by_asc(region::Column::Level)
            .all(db)
            .await?;
    }
    let mut q = region::Entity::find().order_by_asc(region::Column::Code).limit(page.limit() + 1);
    q = match &here {
        Some(r) => q.filter(region::Column::ParentId.eq(r.id)),
        None => q.filter(region::Column::ParentId.is_null()),
    };
    if let Some(after) = &page.after {
        q = q.filter(region::Column::Code.gt(after.as_str()));
    }
    let below = Page::cut(q.all(db).await?, page.limit(), |r| r.code.clone());
    Ok(Branch { region: here, above, below })
}

/// Names of regions by code; unknown codes are absent.
///
/// # Errors
/// What the database reports.
pub async fn names(db: &impl ConnectionTrait, codes: &[String]) -> Result<HashMap<String, String>> {
    let mut out = HashMap::new();
    for chunk in codes.chunks(db::CHUNK) {
        let rows =
            region::Entity::find().filter(region::Column::Code.is_in(chunk.iter().map(String::as_str))).all(db).await?;
        out.extend(rows.into_iter().map(|r| (r.code, r.name)));
    }
    Ok(out)
}

/// Towns below a region, by the name as it is compared ([`rules::key`]): how a roster's town column is understood.
/// A name that stands for two regions is left out, since it says neither.
///
/// # Errors
/// What the database reports.
pub async fn towns_below(db: &impl ConnectionTrait, code: &str) -> Result<HashMap<String, String>> {
    if code.is_empty() {
        return Ok(HashMap::new());
    }
    let (from, to) = db::prefix_range(code);
    let rows = region::Entity::find()
        .filter(region::Column::Code.gt(from))
        .filter(region::Column::Code.lt(to))
        .filter(region::Column::Level.eq(4))
        .all(db)
        .await?;
    let mut out: HashMap<String, Option<String>> = HashMap::new();
    for r in rows {
        out.entry(rules::key(&r.name)).and_modify(|c| *c = None).or_insert(Some(r.code));
    }
    Ok(out.into_iter().filter_map(|(k, v)| v.map(|v| (k, v))).collect())
}

/// The region an import or a form names: known, or made with the code as its name until an administrator renames it.
///
/// # Errors
/// [`Error::Invalid`] when the code is not 2, 4, 6, 9 or 12 digits; [`Error::Forbidden`] outside the actor's regions.
pub async fn ensure(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, code: &str) -> Result<Region> {
    if rules::level(code).is_none() {
        return Err(Error::field("region", Msg::new("region-code-form").with("code", code)));
    }
    if who.role == Role::Administrator && !rules::within(&who.scope.regions, code) {
        return Err(Error::Forbidden);
    }
    match find(txn, code).await? {
        Some(r) => Ok(r),
        None => insert(txn, cx, who, AddRegion { code: code.to_owned(), name: code.to_owned() }).await,
    }
}

/// Where something lies that the actor makes without saying where: the only region of an administrator; for a trainer the
/// region of their newest cohort, else that of whoever made the account. Empty when none of them is known.
///
/// # Errors
/// What the database reports.
pub async fn home(db: &impl ConnectionTrait, who: &Actor) -> Result<String> {
    if let [only] = who.scope.regions.as_slice() {
        return Ok(only.clone());
    }
    let (Role::Trainer, Some(user)) = (who.role, who.user_id) else { return Ok(String::new()) };
    #[derive(FromQueryResult)]
    struct Code {
        code: String,
    }
    let of_cohort = "SELECT c.region_code AS code FROM user_scope s JOIN cohort c ON s.kind = 'cohort' AND \
                     s.scope_key = CAST(c.id AS TEXT) WHERE s.user_id = ? AND c.region_code <> '' ORDER BY c.id DESC LIMIT 1";
    let of_maker = "SELECT MIN(s.scope_key) AS code FROM user_account u JOIN user_scope s ON s.user_id = u.created_by AND \
                    s.kind = 'region' WHERE u.id = ? HAVING COUNT(*) = 1";
    for sql in [of_cohort, of_maker] {
        let found: Vec<Code> = db::rows(db, sql, [user.into()]).await?;
        if let Some(c) = found.into_iter().next() {
            return Ok(c.code);
        }
    }
    Ok(String::new())
}

/// Whether a region of this code is on record.
///
/// # Errors
/// What the database reports.
pub async fn exists(db: &impl ConnectionTrait, code: &str) -> Result<bool> {
    Ok(find(db, code).await?.is_some())
}

/// Whether somebody may put a record of theirs into a region: within an administrator's regions, or in the county of a
/// trainer's work (anywhere, for a trainer whose county is not known). An administrator of regions has to name one.
///
/// # Errors
/// [`Error::Invalid`] on `region_code`.
pub async fn check(db: &impl ConnectionTrait, who: &Actor, code: &str) -> Result<()> {
    let no = |key: &str| Err(Error::field("region_code", Msg::new(key).with("code", code)));
    if code.is_empty() {
        let needs = who.role == Role::Administrator && !who.scope.regions.is_empty();
        return if needs { no("region-needed") } else { Ok(()) };
    }
    let own = match who.role {
        Role::Administrator => rules::within(&who.scope.regions, code),
        _ => {
            let home = home(db, who).await?;
            home.is_empty() || rules::county(&home) == rules::county(code)
        }
    };
    if !own {
        return no("region-outside");
    }
    Ok(())
}

/// The region code an import works under: the one it names (made when it is new), or the only region of the actor; empty
/// when there is neither.
///
/// # Errors
/// As [`ensure`].
pub async fn of_import(job: &mut Job<'_>) -> Result<String> {
    let named = job.params.region.as_deref().map_or("", str::trim);
    if named.is_empty() {
        return home(job.txn, job.who).await;
    }
    let known = find(job.txn, named).await?.is_some();
    let region = ensure(job.txn, job.cx, job.who, named).await?;
    if !known {
        job.inserted("region", region.id, None);
    }
    Ok(region.code)
}

/// Adds a region under the nearest one above it that is known.
///
/// # Errors
/// [`Error::Invalid`] for the form of the code or an empty name, [`Error::Conflict`] when the code is taken.
pub async fn add(cx: &Cx, who: &Actor, input: AddRegion) -> Result<Region> {
    who.require(&[Role::Administrator])?;
    let input = AddRegion { code: input.code.trim().to_owned(), name: input.name.trim().to_owned() };
    if rules::level(&input.code).is_none() {
        return Err(Error::field("code", Msg::new("region-code-form").with("code", &input.code)));
    }
    if input.name.is_empty() {
        return Err(Error::field("name", Msg::new("region-name-missing")));
    }
    if !rules::within(&who.scope.regions, &input.code) {
        return Err(Error::Forbidden);
    }
    let txn = cx.begin().await?;
    if find(&txn, &input.code).await?.is_some() {
        return Err(Error::conflict("error-taken-region"));
    }
    let row = insert(&txn, cx, who, input).await?;
    txn.commit().await?;
    Ok(row)
}

async fn insert(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, input: AddRegion) -> Result<Region> {
    let level = rules::level(&input.code).unwrap_or(1);
    let parent = region::Entity::find()
        .filter(region::Column::Code.is_in(rules::ancestors(&input.code)))
        .order_by_desc(region::Column::Level)
        .one(txn)
        .await?
        .map(|r| r.id);
    let now = cx.now();
    let row = region::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        code: Set(input.code),
        name: Set(input.name),
        level: Set(level),
        parent_id: Set(parent),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    }
    .insert(txn)
    .await?;
    // Regions below that hung on the one above (or on nothing) now hang here.
    let (from, to) = db::prefix_range(&row.code);
    let mut below = region::Entity::update_many()
        .col_expr(region::Column::ParentId, sea_orm::sea_query::Expr::value(row.id))
        .filter(region::Column::Code.gt(from))
        .filter(region::Column::Code.lt(to));
    below = match parent {
        Some(p) => below.filter(region::Column::ParentId.eq(p)),
        None => below.filter(region::Column::ParentId.is_null()),
    };
    below.exec(txn).await?;
    audit::record(txn, cx, who, [audit::Change::new("create", "region", row.id, 1).after(&row)]).await?;
    Ok(row)
}

/// Gives a region another name.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`] outside the actor's regions, [`Error::Conflict`] when it was changed
/// meanwhile, [`Error::Invalid`] for an empty name.
pub async fn rename(cx: &Cx, who: &Actor, code: &str, name: &str, version: i64) -> Result<Region> {
    who.require(&[Role::Administrator])?;
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::field("name", Msg::new("region-name-missing")));
    }
    if !rules::within(&who.scope.regions, code) {
        return Err(Error::Forbidden);
    }
    let txn = cx.begin().await?;
    let old = get(&txn, code).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.name == name {
        return Ok(old);
    }
    let new = region::ActiveModel {
        id: Set(old.id),
        name: Set(name.to_owned()),
        version: Set(old.version + 1),
        updated_at: Set(cx.now()),
        updated_by: Set(who.user_id),
        ..Default::default()
    }
    .update(&txn)
    .await?;
    let change = audit::Change::new("update", "region", new.id, new.version).before(&old).after(&new);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(new)
}
