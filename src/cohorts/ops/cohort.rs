//! Cohorts themselves: list, one with its figures, made and changed.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value,
};

use super::super::entity::{cohort, visible_to};
use super::Cohort;
use crate::audit;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory;

/// A cohort with its figures.
#[derive(Clone, Debug)]
pub struct CohortView {
    pub cohort: Cohort,
    pub region_name: String,
    pub campus_name: String,
    /// People in it now.
    pub people: i64,
    /// How many of them stand at which stage, stages without anybody left out.
    pub stages: Vec<(String, i64)>,
}

/// A cohort to be made or changed.
#[derive(Clone, Debug, Default)]
pub struct CohortInput {
    pub code: String,
    pub name: String,
    pub region_code: String,
    pub programme: String,
    pub note: String,
    pub campus_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub active: bool,
}

#[derive(FromQueryResult)]
struct Count {
    group_key: String,
    people: i64,
}

/// Cohorts, the newest first, with the number of people in each.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<(Cohort, i64)>> {
    let mut q = visible_to(who).order_by_desc(cohort::Column::Id).limit(page.limit() + 1);
    if let Some(after) = page.after_id() {
        q = q.filter(cohort::Column::Id.lt(after));
    }
    let page = Page::cut(q.all(cx.read()).await?, page.limit(), |c| c.id.to_string());
    let ids: Vec<String> = page.items.iter().map(|c| c.id.to_string()).collect();
    let mut people = HashMap::new();
    if !ids.is_empty() {
        let sql = format!(
            "SELECT group_key, people FROM tally_counter WHERE kind = 'cohort' AND scheme = '' AND level = '' AND year = 0 \
             AND group_key IN ({})",
            db::places(ids.len())
        );
        let rows: Vec<Count> = db::rows(cx.read(), &sql, ids.into_iter().map(Value::from)).await?;
        people.extend(rows.into_iter().map(|c| (c.group_key, c.people)));
    }
    Ok(page.map(|c| {
        let n = people.get(&c.id.to_string()).copied().unwrap_or(0);
        (c, n)
    }))
}

/// The cohort's row, if the actor sees it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn visible(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Cohort> {
    let found = visible_to(who).filter(cohort::Column::Id.eq(id)).one(db).await?;
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// One cohort with its figures.
///
/// # Errors
/// As [`visible`].
pub async fn get(cx: &Cx, who: &Actor, id: i64) -> Result<CohortView> {
    #[derive(FromQueryResult)]
    struct AtStage {
        stage: String,
        people: i64,
    }
    let db = cx.read();
    let cohort = visible(db, who, id).await?;
    let sql = "SELECT stage, people FROM stage_counter WHERE kind = 'cohort' AND group_key = ? AND people > 0";
    let stages: Vec<AtStage> = db::rows(db, sql, [cohort.id.to_string().into()]).await?;
    let names = directory::ops::regions::names(db, std::slice::from_ref(&cohort.region_code)).await?;
    let campus_name = match cohort.campus_id {
        Some(c) => directory::entity::campus::Entity::find_by_id(c).one(db).await?.map(|c| c.name).unwrap_or_default(),
        None => String::new(),
    };
    Ok(CohortView {
        region_name: names.get(&cohort.region_code).cloned().unwrap_or_default(),
        campus_name,
        people: stages.iter().map(|s| s.people).sum(),
        stages: stages.into_iter().map(|s| (s.stage, s.people)).collect(),
        cohort,
    })
}

/// Makes a cohort; a trainer who makes it sees it from then on.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the code is taken, [`Error::Forbidden`] outside
/// the actor's regions.
pub async fn create(cx: &Cx, who: &Actor, input: CohortInput) -> Result<Cohort> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let input = tidy(who, at_home(&txn, who, input).await?)?;
    check_campus(&txn, input.campus_id).await?;
    let row = insert(&txn, cx, who, input, None).await?;
    txn.commit().await?;
    Ok(row)
}

async fn check_campus(txn: &DatabaseTransaction, id: Option<i64>) -> Result<()> {
    if let Some(id) = id
        && directory::entity::campus::Entity::find_by_id(id).one(txn).await?.is_none()
    {
        return Err(Error::field("campus_id", Msg::new("people-campus-unknown")));
    }
    Ok(())
}

async fn insert(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    input: CohortInput,
    import_id: Option<i64>,
) -> Result<Cohort> {
    let now = cx.now();
    let row = cohort::ActiveModel {
        id: NotSet,
        code: Set(input.code),
        name: Set(input.name),
        region_code: Set(input.region_code),
        programme: Set(input.programme),
        note: Set(input.note),
        campus_id: Set(input.campus_id),
        starts_on: Set(input.starts_on),
        ends_on: Set(input.ends_on),
        active: Set(true),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(who.user_id),
        updated_by: Set(who.user_id),
    }
    .insert(txn)
    .await?;
    if let (Role::Trainer, Some(user)) = (who.role, who.user_id) {
        // The account's scope is auth's table; this one row belongs to the act of making a cohort.
        let sql = "INSERT INTO user_scope (user_id, kind, scope_key) VALUES (?, 'cohort', ?) \
                   ON CONFLICT (user_id, kind, scope_key) DO NOTHING";
        db::run(txn, sql, [user.into(), row.id.to_string().into()]).await?;
    }
    let change = audit::Change::new("create", "cohort", row.id, 1).after(&row).import(import_id);
    audit::record(txn, cx, who, [change]).await?;
    Ok(row)
}

/// The cohort of a code for an import: known and visible, or made (`true`) where the import may make it.
///
/// # Errors
/// [`Error::Invalid`] on `cohort` when it is unknown and may not be made, or the code is not one; [`Error::NotFound`]
/// when it exists and is not the actor's.
pub async fn ensure(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    code: &str,
    region_code: &str,
    may_create: bool,
    import_id: Option<i64>,
) -> Result<(Cohort, bool)> {
    let code = code.trim();
    if let Some(c) = cohort::Entity::find().filter(cohort::Column::Code.eq(code)).one(txn).await? {
        return Ok((visible(txn, who, c.id).await?, false));
    }
    if !may_create {
        return Err(Error::field("cohort", Msg::new("cohorts-unknown-code").with("code", code)));
    }
    let input = CohortInput {
        code: code.to_owned(),
        name: code.to_owned(),
        region_code: region_code.to_owned(),
        active: true,
        ..CohortInput::default()
    };
    let input = at_home(txn, who, input).await?;
    let input = tidy(who, input).map_err(|e| match e {
        // The import's field is called cohort, whatever is wrong with the code.
        Error::Invalid(f) => {
            Error::Invalid(f.into_iter().map(|f| FieldError { field: "cohort".into(), msg: f.msg }).collect())
        }
        other => other,
    })?;
    Ok((insert(txn, cx, who, input, import_id).await?, true))
}

/// Changes a cohort.
///
/// # Errors
/// As [`create`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: CohortInput, version: i64) -> Result<Cohort> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let active = input.active;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let old = visible(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    check_campus(&txn, input.campus_id).await?;
    let new = Cohort {
        code: input.code,
        name: input.name,
        region_code: input.region_code,
        programme: input.programme,
        note: input.note,
        campus_id: input.campus_id,
        starts_on: input.starts_on,
        ends_on: input.ends_on,
        active,
        version: old.version + 1,
        updated_at: cx.now(),
        updated_by: who.user_id,
        ..old.clone()
    };
    new.clone().into_active_model().reset_all().update(&txn).await?;
    let change = audit::Change::new("update", "cohort", id, new.version).before(&old).after(&new);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(new)
}

/// A new cohort that names no region lies where its maker works; otherwise the county would not see it.
async fn at_home(txn: &DatabaseTransaction, who: &Actor, mut c: CohortInput) -> Result<CohortInput> {
    if c.region_code.trim().is_empty() {
        c.region_code = directory::ops::regions::home(txn, who).await?;
    }
    Ok(c)
}

fn tidy(who: &Actor, mut c: CohortInput) -> Result<CohortInput> {
    for s in [&mut c.code, &mut c.name, &mut c.region_code, &mut c.programme, &mut c.note] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if c.code.is_empty() || c.code.chars().count() > 60 || c.code.chars().any(char::is_control) {
        bad("code", Msg::new("cohorts-code-form"));
    }
    if c.name.is_empty() || c.name.chars().count() > 200 {
        bad("name", Msg::new("cohorts-name-missing"));
    }
    if !c.region_code.is_empty() && directory::rules::level(&c.region_code).is_none() {
        bad("region_code", Msg::new("region-code-form").with("code", &c.region_code));
    }
    if c.region_code.is_empty() && who.role == Role::Administrator && !who.sees_all() {
        bad("region_code", Msg::new("region-needed"));
    }
    if c.starts_on.zip(c.ends_on).is_some_and(|(a, b)| b < a) {
        bad("ends_on", Msg::new("cohorts-ends-before-starts"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if who.role == Role::Administrator && !directory::rules::within(&who.scope.regions, &c.region_code) {
        return Err(Error::Forbidden);
    }
    Ok(c)
}
