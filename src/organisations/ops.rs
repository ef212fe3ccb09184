//! Use cases of organisations: the only writer of their table.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::entity::{Column, Entity, Model, visible_to};
use super::rules::{self, Kind};
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::records;

pub use super::entity::Model as Organisation;

/// An organisation to be added or changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrganisationInput {
    /// Empty until it has one.
    pub credit_code: String,
    pub name: String,
    pub kind: String,
    pub state: String,
    pub county_code: String,
    pub town: String,
    pub authority: String,
    pub head: String,
    pub phone: String,
    pub park: String,
    pub note: String,
    pub registered_on: Option<NaiveDate>,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a name, a credit code or a head's name.
    pub text: String,
    pub kind: String,
    pub state: String,
    pub park: String,
    pub region: String,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::number("id", "o.id"),
    Order::text("name", "o.name"),
    Order::text("kind", "o.kind"),
    Order::text("town", "o.town"),
    Order::text("registered_on", "COALESCE(CAST(o.registered_on AS TEXT), '')"),
];

const COLUMNS: &str = "o.id, o.credit_code, o.name, o.name_key, o.county_code, o.region_code, o.town, o.authority, o.head, \
                       o.phone, o.park, o.note, o.kind, o.state, o.registered_on, o.version, o.created_at, o.updated_at, \
                       o.created_by, o.updated_by";

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    let columns =
        if who.sees_identities() { &["o.name", "o.credit_code", "o.head"][..] } else { &["o.name", "o.credit_code"] };
    w.contains(columns, &find.text);
    w.equal("o.kind", Some(&find.kind));
    w.equal("o.state", Some(&find.state));
    w.equal("o.park", Some(&find.park));
    w.region("o.region_code", &find.region);
    w
}

/// Organisations, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<Model>> {
    let sort = Sort::of(ORDERS, sort);
    let page =
        list::page::<Model>(cx.read(), COLUMNS, "organisation o", "o.id", wanted(who, find), sort, slice).await?;
    Ok(page.map(|m| seen_by(who, m)))
}

/// An observer sees no names of people.
fn seen_by(who: &Actor, mut m: Model) -> Model {
    if !who.sees_identities() {
        m.head.clear();
        m.phone.clear();
    }
    m
}

/// How many there are of each kind, over what `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn count(db: &impl ConnectionTrait, who: &Actor, find: &Find) -> Result<HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        n: i64,
    }
    let w = wanted(who, find);
    let sql = format!("SELECT o.kind, COUNT(*) AS n FROM organisation o WHERE {} GROUP BY o.kind", w.sql);
    let rows: Vec<Row> = db::rows(db, &sql, w.values).await?;
    Ok(rows.into_iter().map(|r| (r.kind, r.n)).collect())
}

/// The incubation parks named so far.
///
/// # Errors
/// What the database reports.
pub async fn parks(db: &impl ConnectionTrait, who: &Actor) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        park: String,
    }
    let mut w = visible_to(who);
    w.and("o.park <> ''", []);
    let sql = format!("SELECT DISTINCT o.park FROM organisation o WHERE {} ORDER BY o.park LIMIT 200", w.sql);
    Ok(db::rows::<Row>(db, &sql, w.values).await?.into_iter().map(|r| r.park).collect())
}

/// One organisation.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Model> {
    let mut w = visible_to(who);
    w.and("o.id = ?", [id.into()]);
    let sql = format!("SELECT {COLUMNS} FROM organisation o WHERE {}", w.sql);
    let found = db::rows::<Model>(db, &sql, w.values).await?.pop();
    found.map(|m| seen_by(who, m)).ok_or_else(|| Error::not_found("error-not-found"))
}

/// Names by id, whoever asks: for records that already point at them.
///
/// # Errors
/// What the database reports.
pub async fn names(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut out = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = Entity::find().filter(Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        out.extend(rows.into_iter().map(|m| (m.id, m.name)));
    }
    Ok(out)
}

/// Adds an organisation.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the credit code is taken, [`Error::Forbidden`]
/// outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, input: OrganisationInput) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let region_code = region_of(&txn, &input).await?;
    let row = records::insert(&txn, cx, who, model(input, region_code)).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes an organisation.
///
/// # Errors
/// As [`add`], and [`Error::NotFound`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: OrganisationInput, version: i64) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let old = get(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let region_code = region_of(&txn, &input).await?;
    let new = merged(&old, model(input, region_code));
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
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

async fn region_of(txn: &DatabaseTransaction, input: &OrganisationInput) -> Result<String> {
    let towns = regions::towns_below(txn, &input.county_code).await?;
    Ok(towns.get(&places::key(&input.town)).cloned().unwrap_or_else(|| input.county_code.clone()))
}

/// The row of an input whose fields are right.
pub(super) fn model(i: OrganisationInput, region_code: String) -> Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    Model {
        id: 0,
        credit_code: Some(i.credit_code).filter(|c| !c.is_empty()),
        name_key: places::key(&i.name),
        name: i.name,
        county_code: i.county_code,
        region_code,
        town: i.town,
        authority: i.authority,
        head: i.head,
        phone: i.phone,
        park: i.park,
        note: i.note,
        kind: i.kind,
        state: if i.state.is_empty() { "active".to_owned() } else { i.state },
        registered_on: i.registered_on,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

fn tidy(who: &Actor, mut i: OrganisationInput) -> Result<OrganisationInput> {
    for s in [
        &mut i.credit_code,
        &mut i.name,
        &mut i.kind,
        &mut i.state,
        &mut i.county_code,
        &mut i.town,
        &mut i.authority,
        &mut i.head,
        &mut i.phone,
        &mut i.park,
        &mut i.note,
    ] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if !i.credit_code.is_empty() {
        match rules::credit_code(&i.credit_code) {
            Ok(code) => i.credit_code = code,
            Err(code) => {
                bad("credit_code", Msg::new(&crate::importing::Problem::key(code)).with("value", &i.credit_code))
            }
        }
    }
    if i.name.is_empty() {
        bad("name", Msg::new("organisation-name-missing"));
    }
    if Kind::parse(&i.kind).is_none() {
        bad("kind", Msg::new("organisation-kind-unknown"));
    }
    if i.state.is_empty() {
        "active".clone_into(&mut i.state);
    }
    if !rules::STATES.contains(&i.state.as_str()) {
        bad("state", Msg::new("organisation-state-unknown"));
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

/// Organisations in memory by name, for imports that name them.
#[derive(Clone, Debug, Default)]
pub struct Index {
    by_name: HashMap<String, Vec<(i64, String, String)>>,
}

impl Index {
    /// Reads those of a region and above it (`county` empty: all).
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(db: &impl ConnectionTrait, county: &str) -> Result<Self> {
        let mut w = Where::default();
        w.region("o.region_code", county);
        let sql = format!("SELECT {COLUMNS} FROM organisation o WHERE {}", w.sql);
        let mut out = Self::default();
        for m in db::rows::<Model>(db, &sql, w.values).await? {
            out.by_name.entry(m.name_key).or_default().push((m.id, m.region_code, m.name));
        }
        Ok(out)
    }

    /// The id and region of the organisation of a name, if only one has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(i64, &str)> {
        match self.by_name.get(&places::key(name))?.as_slice() {
            [(id, region, _)] => Some((*id, region)),
            _ => None,
        }
    }
}
