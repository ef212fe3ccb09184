//! Use cases of lecturers: the only writer of their table.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::entity::{Model, visible_to};
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::people::rules::mail;
use crate::records;

pub use super::entity::Model as Lecturer;

const STAFF: &[Role] = &[Role::Administrator, Role::Trainer];

/// `active`, `retired`.
pub const STATES: [&str; 2] = ["active", "retired"];

/// A lecturer to be added or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LecturerInput {
    pub name: String,
    pub unit: String,
    pub job_title: String,
    pub expertise: String,
    pub phone: String,
    pub email: String,
    /// Where they are at home; the writer's own county when left out.
    pub region_code: String,
    pub note: String,
    /// `active` when left out.
    pub state: String,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a name, a unit or a field of expertise.
    pub text: String,
    pub state: String,
    pub region: String,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] =
    &[Order::text("name", "l.name_key"), Order::text("unit", "l.unit"), Order::number("id", "l.id")];

const COLUMNS: &str = "l.id, l.name, l.name_key, l.unit, l.job_title, l.expertise, l.phone, l.email, l.region_code, l.note, \
                       l.state, l.version, l.created_at, l.updated_at, l.created_by, l.updated_by";

/// A lecturer with the sessions they hold.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    #[sea_orm(nested)]
    pub lecturer: Model,
    pub sessions: i64,
    pub minutes: i64,
}

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["l.name", "l.unit", "l.expertise"], &find.text);
    w.equal("l.state", Some(&find.state));
    w.region("l.region_code", &find.region);
    w
}

/// Lecturers, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<Line>> {
    let columns = format!(
        "{COLUMNS}, (SELECT COUNT(*) FROM session_lecturer sl WHERE sl.lecturer_id = l.id) AS sessions, \
         CAST((SELECT COALESCE(SUM(cs.minutes), 0) FROM session_lecturer sl JOIN class_session cs ON cs.id = sl.session_id \
         WHERE sl.lecturer_id = l.id) AS BIGINT) AS minutes"
    );
    let sort = Sort::of(ORDERS, sort);
    list::page::<Line>(cx.read(), &columns, "lecturer l", "l.id", wanted(who, find), sort, slice).await
}

/// Those who can be chosen for a session, as (id, name with unit); at most 500.
///
/// # Errors
/// What the database reports.
pub async fn choices(db: &impl ConnectionTrait, who: &Actor) -> Result<Vec<(String, String)>> {
    let find = Find { state: "active".to_owned(), ..Find::default() };
    let w = wanted(who, &find);
    let sql = format!("SELECT {COLUMNS} FROM lecturer l WHERE {} ORDER BY l.name_key, l.id LIMIT 500", w.sql);
    let name = |m: Model| if m.unit.is_empty() { m.name } else { format!("{} ({})", m.name, m.unit) };
    Ok(db::rows::<Model>(db, &sql, w.values).await?.into_iter().map(|m| (m.id.to_string(), name(m))).collect())
}

/// One lecturer.
///
/// # Errors
/// [`Error::NotFound`], also when they are not the actor's to see.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Model> {
    let mut w = visible_to(who);
    w.and("l.id = ?", [id.into()]);
    let sql = format!("SELECT {COLUMNS} FROM lecturer l WHERE {}", w.sql);
    db::rows::<Model>(db, &sql, w.values).await?.pop().ok_or_else(|| Error::not_found("error-not-found"))
}

/// Adds a lecturer.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields; [`Error::Forbidden`] outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, input: LecturerInput) -> Result<Model> {
    who.require(STAFF)?;
    let txn = cx.begin().await?;
    let input = tidy(input, &regions::home(&txn, who).await?)?;
    regions::check(&txn, who, &input.region_code).await?;
    let row = records::insert(&txn, cx, who, model(input)).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes a lecturer.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when they were changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: LecturerInput, version: i64) -> Result<Model> {
    who.require(STAFF)?;
    let txn = cx.begin().await?;
    let old = get(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let input = tidy(input, &old.region_code)?;
    if input.region_code != old.region_code {
        regions::check(&txn, who, &input.region_code).await?;
    }
    let new = model(input);
    let new = Model {
        id: old.id,
        version: old.version,
        created_at: old.created_at,
        updated_at: old.updated_at,
        created_by: old.created_by,
        updated_by: old.updated_by,
        ..new
    };
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
}

fn model(i: LecturerInput) -> Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    Model {
        id: 0,
        name_key: places::key(&i.name),
        name: i.name,
        unit: i.unit,
        job_title: i.job_title,
        expertise: i.expertise,
        phone: i.phone,
        email: i.email,
        region_code: i.region_code,
        note: i.note,
        state: i.state,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

fn tidy(mut i: LecturerInput, home: &str) -> Result<LecturerInput> {
    for s in [
        &mut i.name,
        &mut i.unit,
        &mut i.job_title,
        &mut i.expertise,
        &mut i.phone,
        &mut i.email,
        &mut i.region_code,
        &mut i.note,
        &mut i.state,
    ] {
        *s = s.trim().to_owned();
    }
    if i.region_code.is_empty() {
        home.clone_into(&mut i.region_code);
    }
    if i.state.is_empty() {
        "active".clone_into(&mut i.state);
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if !(1..=60).contains(&i.name.chars().count()) {
        bad("name", "lecturer-name-missing");
    }
    if !STATES.contains(&i.state.as_str()) {
        bad("state", "lecturer-state-unknown");
    }
    if !i.email.is_empty() && !mail::is_address(&i.email) {
        bad("email", "lecturer-email-wrong");
    }
    for (field, text, most) in [
        ("unit", &i.unit, 100),
        ("job_title", &i.job_title, 60),
        ("expertise", &i.expertise, 500),
        ("phone", &i.phone, 40),
        ("note", &i.note, 2000),
    ] {
        if text.chars().count() > most {
            bad(field, "classes-text-long");
        }
    }
    if !i.region_code.is_empty() && places::level(&i.region_code).is_none() {
        let msg = Msg::new("region-code-form").with("code", &i.region_code);
        wrong.push(FieldError { field: "region_code".to_owned(), msg });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    Ok(i)
}
