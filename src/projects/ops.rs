//! Use cases of projects: the only writer of their table.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use super::entity::{Model, visible_to};
use super::rules::STATES;
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::directory::rules as places;
use crate::records;
use crate::stations::ops::Workplaces;

pub use super::entity::Model as Project;

/// A project to be added or changed; the workplace is found in the registers by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectInput {
    pub code: String,
    pub name: String,
    pub county_code: String,
    pub beneficiary: String,
    pub workplace: String,
    pub head: String,
    pub note: String,
    /// `under_way` when empty.
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub target_times: Option<i64>,
    pub target_activities: Option<i64>,
    pub target_households: Option<i64>,
}

/// What a project has reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Person-times of confirmed hour entries and of service records.
    pub person_times: i64,
    pub activities: i64,
    pub households: i64,
}

/// A project with what it has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectView {
    pub project: Model,
    pub reached: Reached,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a name, code or workplace.
    pub text: String,
    pub beneficiary: String,
    pub state: String,
    pub region: String,
    pub organisation: Option<i64>,
    pub station: Option<i64>,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::text("code", "j.code"),
    Order::text("name", "j.name"),
    Order::text("beneficiary", "j.beneficiary"),
    Order::text("workplace", "j.workplace"),
    Order::text("starts_on", "COALESCE(CAST(j.starts_on AS TEXT), '')"),
    Order::number("target_times", "COALESCE(j.target_times, -1)"),
];

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["j.name", "j.code", "j.workplace"], &find.text);
    w.equal("j.beneficiary", Some(&find.beneficiary));
    w.equal("j.state", Some(&find.state));
    w.region("j.region_code", &find.region);
    for (column, id) in [("j.organisation_id", find.organisation), ("j.station_id", find.station)] {
        if let Some(id) = id {
            w.and(&format!("{column} = ?"), [id.into()]);
        }
    }
    w
}

/// Projects, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<ProjectView>> {
    let sort = Sort::of(ORDERS, sort);
    let page: Page<Model> = list::page(cx.read(), "j.*", "project j", "j.id", wanted(who, find), sort, slice).await?;
    let ids: Vec<i64> = page.items.iter().map(|m| m.id).collect();
    let reached = reached(cx.read(), &ids).await?;
    Ok(page.map(|m| {
        let reached = reached.get(&m.id).copied().unwrap_or_default();
        ProjectView { project: seen_by(who, m), reached }
    }))
}

/// An observer sees no names of people.
fn seen_by(who: &Actor, mut m: Model) -> Model {
    if !who.sees_identities() {
        m.head.clear();
    }
    m
}

/// How many there are, over what `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn count(db: &impl ConnectionTrait, who: &Actor, find: &Find) -> Result<i64> {
    let w = wanted(who, find);
    let sql = format!("SELECT COUNT(*) FROM project j WHERE {}", w.sql);
    Ok(db::int(db, &sql, w.values).await?.unwrap_or(0))
}

/// What projects have reached, by their ids: confirmed hour entries that name the code at a base of the same region, and
/// service records of the project.
async fn reached(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, Reached>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        person_times: i64,
        activities: i64,
        households: i64,
    }
    let mut out: HashMap<i64, Reached> = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let values = || chunk.iter().map(|id| Value::from(*id));
        let some = db::places(chunk.len());
        let hours = format!(
            "SELECT j.id, CAST(SUM(h.beneficiary_count) AS BIGINT) AS person_times, CAST(0 AS BIGINT) AS activities, \
             CAST(SUM(h.households) AS BIGINT) AS households FROM project j JOIN hour_entry h ON h.project_no = j.code \
             JOIN placement pl ON pl.id = h.placement_id JOIN base b ON b.id = pl.base_id \
             WHERE j.id IN ({some}) AND h.state = 'confirmed' AND pl.state <> 'withdrawn' \
             AND b.region_code LIKE j.county_code || '%' GROUP BY j.id"
        );
        let services = format!(
            "SELECT r.project_id AS id, CAST(SUM(r.person_times) AS BIGINT) AS person_times, \
             CAST(SUM(r.activities) AS BIGINT) AS activities, CAST(SUM(r.households) AS BIGINT) AS households \
             FROM service_record r WHERE r.project_id IN ({some}) GROUP BY r.project_id"
        );
        for sql in [hours, services] {
            for r in db::rows::<Row>(db, &sql, values()).await? {
                let to = out.entry(r.id).or_default();
                to.person_times += r.person_times;
                to.activities += r.activities;
                to.households += r.households;
            }
        }
    }
    Ok(out)
}

/// One project with what it has reached.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<ProjectView> {
    let project = visible(db, who, id).await?;
    let reached = reached(db, &[id]).await?.get(&id).copied().unwrap_or_default();
    Ok(ProjectView { project: seen_by(who, project), reached })
}

async fn visible(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Model> {
    let mut w = visible_to(who);
    w.and("j.id = ?", [id.into()]);
    let found = db::rows::<Model>(db, &format!("SELECT j.* FROM project j WHERE {}", w.sql), w.values).await?.pop();
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// Adds a project.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the code is taken in that register,
/// [`Error::Forbidden`] outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, input: ProjectInput) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let new = found(&txn, who, input).await?;
    let row = records::insert(&txn, cx, who, new).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes a project.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: ProjectInput, version: i64) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let old = visible(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = merged(&old, found(&txn, who, input).await?);
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
}

async fn found(txn: &DatabaseTransaction, who: &Actor, input: ProjectInput) -> Result<Model> {
    let known = Workplaces::load(txn, who, &input.county_code).await?;
    Ok(model(input, &known))
}

/// The new fields on the old row.
pub(super) fn merged(old: &Model, new: Model) -> Model {
    Model {
        id: old.id,
        version: old.version,
        created_at: old.created_at,
        updated_at: old.updated_at,
        created_by: old.created_by,
        updated_by: old.updated_by,
        ..new
    }
}

/// The row of an input whose fields are right.
pub(super) fn model(i: ProjectInput, known: &Workplaces) -> Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let place = known.find(&i.workplace);
    Model {
        id: 0,
        name_key: places::key(&i.name),
        workplace_key: places::key(&i.workplace),
        organisation_id: place.as_ref().and_then(|p| p.organisation_id),
        station_id: place.as_ref().and_then(|p| p.station_id),
        region_code: place.map_or_else(|| i.county_code.clone(), |p| p.region_code),
        code: i.code,
        name: i.name,
        county_code: i.county_code,
        beneficiary: i.beneficiary,
        workplace: i.workplace,
        head: i.head,
        note: i.note,
        state: if i.state.is_empty() { "under_way".to_owned() } else { i.state },
        starts_on: i.starts_on,
        ends_on: i.ends_on,
        target_times: i.target_times,
        target_activities: i.target_activities,
        target_households: i.target_households,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

fn tidy(who: &Actor, mut i: ProjectInput) -> Result<ProjectInput> {
    for s in [
        &mut i.code,
        &mut i.name,
        &mut i.county_code,
        &mut i.beneficiary,
        &mut i.workplace,
        &mut i.head,
        &mut i.note,
        &mut i.state,
    ] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if i.code.is_empty() {
        bad("code", Msg::new("project-code-missing"));
    }
    if i.name.is_empty() {
        bad("name", Msg::new("project-name-missing"));
    }
    if !i.state.is_empty() && !STATES.contains(&i.state.as_str()) {
        bad("state", Msg::new("project-state-unknown"));
    }
    if i.starts_on.zip(i.ends_on).is_some_and(|(a, b)| b < a) {
        bad("ends_on", Msg::new("project-ends-before"));
    }
    for (field, n) in [
        ("target_times", i.target_times),
        ("target_activities", i.target_activities),
        ("target_households", i.target_households),
    ] {
        if n.is_some_and(|n| !(0..=1_000_000_000).contains(&n)) {
            bad(field, Msg::new("web-count-form"));
        }
    }
    if !i.county_code.is_empty() && places::level(&i.county_code).is_none() {
        bad("county_code", Msg::new("region-code-form").with("code", &i.county_code));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if !places::within(&who.scope.regions, &i.county_code) {
        return Err(Error::Forbidden);
    }
    Ok(i)
}
