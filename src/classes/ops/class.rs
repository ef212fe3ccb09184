//! Opening, changing and closing classes; who is in them.

use chrono::NaiveDate;
use sea_orm::ActiveValue::NotSet;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    Value,
};

use super::super::entity::{class, class_enrolment, visible_to};
use super::request::{close_seated, free, promote};
use super::{EnrolPerson, NewClass, enrol_many, ensure_classes, facts, settle};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::ops::regions;
use crate::people::scope;
use crate::pipeline;

/// Who runs classes.
pub(super) const ROLES: &[Role] = &[Role::Administrator, Role::Trainer];

/// A class as the actor may see it.
///
/// # Errors
/// Not found, or not the actor's.
pub(super) async fn find(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<class::Model> {
    let (scope, values) = visible_to(who);
    let sql = format!("SELECT c.* FROM class c WHERE c.id = ? AND {scope}");
    let rows: Vec<class::Model> = db::rows(db, &sql, std::iter::once(Value::from(id)).chain(values)).await?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))
}

/// A class as the actor may see it, for what is kept beside it.
///
/// # Errors
/// As [`find`].
pub(crate) async fn class_row(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<class::Model> {
    find(db, who, id).await
}

/// Changes only the share of the minutes that completion asks for.
pub(in crate::classes) async fn set_required_percent(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &class::Model,
    percent: i64,
) -> Result<()> {
    if old.required_percent != percent {
        store(txn, cx, who, old, class::Model { required_percent: percent, ..old.clone() }).await?;
    }
    Ok(())
}

/// A class by its code, or by its name when only one visible class has it.
///
/// # Errors
/// [`Error::Invalid`] on `class`, listing the codes that there are.
pub async fn by_code_or_name(db: &impl ConnectionTrait, who: &Actor, word: &str) -> Result<class::Model> {
    let (scope, values) = visible_to(who);
    let sql = format!("SELECT c.* FROM class c WHERE (c.code = ? OR c.name = ?) AND {scope} ORDER BY c.id LIMIT 20");
    let both = [Value::from(word), Value::from(word)];
    let mut rows: Vec<class::Model> = db::rows(db, &sql, both.into_iter().chain(values.clone())).await?;
    if let Some(at) = rows.iter().position(|c| c.code == word) {
        return Ok(rows.swap_remove(at));
    }
    if let (1, Some(c)) = (rows.len(), rows.pop()) {
        return Ok(c);
    }
    let sql = format!("SELECT c.* FROM class c WHERE {scope} ORDER BY c.id DESC LIMIT 20");
    let known: Vec<class::Model> = db::rows(db, &sql, values).await?;
    let list: Vec<String> = known.iter().map(|c| format!("{} ({})", c.code, c.name)).collect();
    let key = if known.is_empty() { "classes-none-yet" } else { "classes-unknown" };
    Err(Error::field("class", Msg::new(key).with("class", word).with("known", list.join(", "))))
}

/// What may be said of a class.
#[derive(Clone, Debug, Default)]
pub struct ClassInput {
    pub code: String,
    pub name: String,
    pub cohort_id: Option<i64>,
    pub region_code: String,
    pub capacity: Option<i64>,
    pub required_percent: i64,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// What it costs, or that it costs nothing.
    pub fee_note: String,
    /// What is handed out or to be brought, a line each.
    pub materials: String,
    pub note: String,
}

fn check(input: &ClassInput) -> Result<()> {
    let mut wrong = Vec::new();
    let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    let short = |t: &str| (1..=60).contains(&t.trim().chars().count());
    if !short(&input.code) {
        no("code", "classes-code-missing");
    }
    if !short(&input.name) {
        no("name", "classes-name-missing");
    }
    if !(0..=100).contains(&input.required_percent) {
        no("required_percent", "classes-percent-range");
    }
    if input.capacity.is_some_and(|c| !(1..=100_000).contains(&c)) {
        no("capacity", "classes-capacity-range");
    }
    if input.starts_on.zip(input.ends_on).is_some_and(|(a, b)| b < a) {
        no("ends", "classes-ends-before-starts");
    }
    for (field, text, most) in
        [("fee_note", &input.fee_note, 200), ("materials", &input.materials, 4000), ("note", &input.note, 4000)]
    {
        if text.chars().count() > most {
            no(field, "classes-text-long");
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Opens a class.
///
/// # Errors
/// Invalid fields; a code that is taken; a trainer without that cohort.
pub async fn add_class(cx: &Cx, who: &Actor, input: ClassInput) -> Result<i64> {
    who.require(ROLES)?;
    check(&input)?;
    if who.role == Role::Trainer && !input.cohort_id.is_some_and(|c| who.scope.cohorts.contains(&c)) {
        return Err(Error::field("cohort", Msg::new("classes-cohort-own")));
    }
    let txn = cx.begin().await?;
    let region_code = region_of(&txn, who, &input).await?;
    let new = NewClass {
        code: input.code.trim().to_owned(),
        name: input.name.trim().to_owned(),
        cohort_id: input.cohort_id,
        region_code,
    };
    let made = ensure_classes(&txn, cx, who, None, &[new]).await?;
    let Some((id, true)) = made.first().copied() else {
        return Err(Error::field("code", Msg::new("classes-code-taken")));
    };
    let old = find(&txn, who, id).await?;
    let mut row = old.clone();
    fill(&mut row, &input);
    if row != old {
        store(&txn, cx, who, &old, row).await?;
    }
    txn.commit().await?;
    Ok(id)
}

/// A class lies where it says, else with its cohort, else where its maker works.
async fn region_of(txn: &DatabaseTransaction, who: &Actor, input: &ClassInput) -> Result<String> {
    let of_cohort = match input.cohort_id {
        Some(id) => {
            let cohort = crate::cohorts::ops::visible(txn, who, id).await.map_err(|e| match e {
                Error::NotFound(_) => Error::field("cohort", Msg::new("classes-cohort-own")),
                other => other,
            })?;
            cohort.region_code
        }
        None => String::new(),
    };
    let named = input.region_code.trim().to_owned();
    let mut codes = [named, of_cohort].into_iter().filter(|c| !c.is_empty());
    let code = match codes.next() {
        Some(code) => code,
        None => regions::home(txn, who).await?,
    };
    regions::check(txn, who, &code).await?;
    Ok(code)
}

fn fill(row: &mut class::Model, input: &ClassInput) {
    input.code.trim().clone_into(&mut row.code);
    input.name.trim().clone_into(&mut row.name);
    row.capacity = input.capacity;
    row.required_percent = input.required_percent;
    row.starts_on = input.starts_on;
    row.ends_on = input.ends_on;
    row.fee_note.clone_from(&input.fee_note);
    row.materials.clone_from(&input.materials);
    row.note.clone_from(&input.note);
}

/// Changes a class; its cohort and region stay. More capacity lets those who wait move up; less puts nobody out.
///
/// # Errors
/// Invalid fields, not found, changed meanwhile, a code that is taken.
pub async fn change_class(cx: &Cx, who: &Actor, id: i64, version: i64, input: ClassInput) -> Result<()> {
    who.require(ROLES)?;
    check(&input)?;
    let txn = cx.begin().await?;
    db::lock_rows(&txn, "class", &[id]).await?;
    let old = seen(find(&txn, who, id).await?, version)?;
    let people = members(&txn, id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let mut row = old.clone();
    fill(&mut row, &input);
    store(&txn, cx, who, &old, row).await?;
    settle(&txn, cx, who, id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    promote(&txn, cx, who, id).await?;
    txn.commit().await?;
    Ok(())
}

/// Moves a class between planned, under way and closed. Closing works out who completed it; reopening takes that back.
///
/// # Errors
/// Unknown state, not found, changed meanwhile.
pub async fn set_class_state(cx: &Cx, who: &Actor, id: i64, version: i64, state: &str) -> Result<()> {
    who.require(ROLES)?;
    if !["planned", "under_way", "closed"].contains(&state) {
        return Err(Error::field("state", Msg::new("classes-state-unknown")));
    }
    let txn = cx.begin().await?;
    db::lock_rows(&txn, "class", &[id]).await?;
    let old = seen(find(&txn, who, id).await?, version)?;
    let people = members(&txn, id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let mut row = old.clone();
    state.clone_into(&mut row.state);
    store(&txn, cx, who, &old, row).await?;
    settle(&txn, cx, who, id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(())
}

pub(super) fn seen(row: class::Model, version: i64) -> Result<class::Model> {
    if row.version == version { Ok(row) } else { Err(Error::conflict("error-changed-meanwhile")) }
}

pub(super) async fn store(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &class::Model,
    mut row: class::Model,
) -> Result<class::Model> {
    row.version = old.version + 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    let done = class::Entity::update_many()
        .set(class::ActiveModel { id: NotSet, ..row.clone().into_active_model().reset_all() })
        .filter(class::Column::Id.eq(old.id))
        .filter(class::Column::Version.eq(old.version))
        .exec(txn)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let change = audit::Change::new("update", "class", row.id, row.version).before(old).after(&row);
    audit::record(txn, cx, who, [change]).await?;
    Ok(row)
}

/// Everybody who is or was in a class.
pub(crate) async fn everybody(txn: &DatabaseTransaction, class_id: i64) -> Result<Vec<i64>> {
    members(txn, class_id).await
}

pub(super) async fn members(txn: &DatabaseTransaction, class_id: i64) -> Result<Vec<i64>> {
    let rows = class_enrolment::Entity::find().filter(class_enrolment::Column::ClassId.eq(class_id)).all(txn).await?;
    Ok(rows.into_iter().map(|r| r.person_id).collect())
}

/// Puts people into a class.
///
/// # Errors
/// Not found for a class or person that is not the actor's; a class that is full.
pub async fn enrol(cx: &Cx, who: &Actor, class_id: i64, people: &[i64]) -> Result<usize> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let row = find(&txn, who, class_id).await?;
    if row.state == "closed" {
        return Err(Error::conflict("classes-closed"));
    }
    // Before anybody is put in: two who want the last place come one after the other.
    let room = free(&txn, &row).await?;
    let (scope_sql, values) = scope::sql(who);
    let wanted: std::collections::BTreeSet<i64> = people.iter().copied().collect();
    let wanted: Vec<i64> = wanted.into_iter().collect();
    for chunk in wanted.chunks(db::CHUNK) {
        let sql = format!("SELECT COUNT(*) FROM person p WHERE p.id IN ({}) AND {scope_sql}", db::places(chunk.len()));
        let values: Vec<Value> = chunk.iter().map(|i| Value::from(*i)).chain(values.clone()).collect();
        let n = db::int(&txn, &sql, values).await?;
        if n != i64::try_from(chunk.len()).ok() {
            return Err(Error::not_found("error-not-found"));
        }
    }
    let open = pipeline::open(&txn, &wanted).await?;
    let list: Vec<EnrolPerson> = wanted.iter().map(|p| EnrolPerson { class_id, person_id: *p }).collect();
    let done = enrol_many(&txn, cx, who, None, &list).await?;
    let new = done.iter().filter(|e| matches!(e, super::Enrolled::New(_))).count();
    if room.is_some_and(|n| i64::try_from(new).unwrap_or(i64::MAX) > n) {
        return Err(Error::conflict("classes-full"));
    }
    open.close(&txn, cx, facts(&txn, &wanted).await?).await?;
    close_seated(&txn, cx, who, &row).await?;
    txn.commit().await?;
    Ok(new)
}

/// Takes a person out of a class, or (with `back`) in again; attendance stays on record. A place that falls free goes to
/// the first who waits.
///
/// # Errors
/// Not found, changed meanwhile; no place left to come back to.
pub async fn withdraw(cx: &Cx, who: &Actor, enrolment_id: i64, version: i64, back: bool) -> Result<()> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let old = class_enrolment::Entity::find_by_id(enrolment_id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    let class = find(&txn, who, old.class_id).await?;
    let room = free(&txn, &class).await?;
    if back && old.state == "withdrawn" && room == Some(0) {
        return Err(Error::conflict("classes-full"));
    }
    let open = pipeline::open(&txn, &[old.person_id]).await?;
    set_enrolment(&txn, cx, who, &old, version, if back { "active" } else { "withdrawn" }).await?;
    settle(&txn, cx, who, old.class_id).await?;
    open.close(&txn, cx, facts(&txn, &[old.person_id]).await?).await?;
    promote(&txn, cx, who, old.class_id).await?;
    txn.commit().await?;
    Ok(())
}

pub(in crate::classes) async fn set_enrolment(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &class_enrolment::Model,
    version: i64,
    state: &str,
) -> Result<()> {
    let mut row = old.clone();
    state.clone_into(&mut row.state);
    row.version = version + 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    let done = class_enrolment::Entity::update_many()
        .set(class_enrolment::ActiveModel { id: NotSet, ..row.clone().into_active_model().reset_all() })
        .filter(class_enrolment::Column::Id.eq(old.id))
        .filter(class_enrolment::Column::Version.eq(version))
        .exec(txn)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let change = audit::Change::new("update", "class_enrolment", row.id, row.version).before(old).after(&row);
    audit::record(txn, cx, who, [change]).await
}
