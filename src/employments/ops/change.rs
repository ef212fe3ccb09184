//! Recording and changing an employment, and finding workplaces that have come into a register since.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{Employment, list};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::rules as places;
use crate::employments::entity::{Column, Entity, visible_to};
use crate::employments::rules::{self, HOURS, Kind};
use crate::people::entity::person;
use crate::people::scope;
use crate::records;
use crate::stations::ops::Workplaces;

/// An employment to be recorded or changed; the workplace is found in the registers by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmploymentInput {
    pub workplace: String,
    pub county_code: String,
    pub kind: String,
    /// `unknown` when empty.
    pub hours: String,
    pub job_title: String,
    pub note: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

/// Records an employment of a person.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, also when it shares days with another of the same kind at the same place;
/// [`Error::NotFound`] for a person out of scope, [`Error::Forbidden`] outside the actor's regions.
pub async fn add(cx: &Cx, who: &Actor, person_id: i64, input: EmploymentInput) -> Result<Employment> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    let holder = scope::visible_to(who).filter(person::Column::Id.eq(person_id)).one(&txn).await?;
    let holder = holder.ok_or_else(|| Error::not_found("error-not-found"))?;
    let new = filled(&txn, who, blank(holder.id), input).await?;
    no_clash(&txn, &new).await?;
    let row = records::insert(&txn, cx, who, new).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes an employment: its end above all.
///
/// # Errors
/// As [`add`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: EmploymentInput, version: i64) -> Result<Employment> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let input = tidy(who, input)?;
    let txn = cx.begin().await?;
    list::get(&txn, who, id).await?;
    let old = Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = filled(&txn, who, old.clone(), input).await?;
    no_clash(&txn, &new).await?;
    let new = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
}

/// Looks again for the workplaces that were in no register: those that are by now are pointed at. Gives how many.
///
/// # Errors
/// What the database reports.
pub async fn link(cx: &Cx, who: &Actor) -> Result<usize> {
    who.require(&[Role::Administrator])?;
    let txn = cx.begin().await?;
    let known = Workplaces::load(&txn, who, "").await?;
    let mut w = visible_to(who);
    w.and("e.station_id IS NULL AND e.organisation_id IS NULL AND e.workplace <> ''", []);
    let sql = format!("SELECT e.* FROM employment e JOIN person p ON p.id = e.person_id WHERE {}", w.sql);
    let mut n = 0;
    for old in db::rows::<Employment>(&txn, &sql, w.values).await? {
        let Some(found) = known.find(&old.workplace).filter(|f| f.region_code.starts_with(&old.county_code)) else {
            continue;
        };
        let new = Employment {
            station_id: found.station_id,
            organisation_id: found.organisation_id,
            region_code: found.region_code,
            ..old.clone()
        };
        records::update(&txn, cx, who, &old, new, audit::Change::new("link", "", 0, 0)).await?;
        n += 1;
    }
    txn.commit().await?;
    Ok(n)
}

async fn filled(txn: &DatabaseTransaction, who: &Actor, mut row: Employment, i: EmploymentInput) -> Result<Employment> {
    let found = Workplaces::load(txn, who, &i.county_code).await?.find(&i.workplace);
    row.station_id = found.as_ref().and_then(|f| f.station_id);
    row.organisation_id = found.as_ref().and_then(|f| f.organisation_id);
    row.region_code = found.map_or_else(|| i.county_code.clone(), |f| f.region_code);
    row.workplace_key = places::key(&i.workplace);
    row.workplace = i.workplace;
    row.county_code = i.county_code;
    row.kind = i.kind;
    row.hours = if i.hours.is_empty() { "unknown".to_owned() } else { i.hours };
    row.job_title = i.job_title;
    row.note = i.note;
    row.starts_on = i.starts_on;
    row.ends_on = i.ends_on;
    Ok(row)
}

async fn no_clash(txn: &DatabaseTransaction, new: &Employment) -> Result<()> {
    let known = Entity::find()
        .filter(Column::PersonId.eq(new.person_id))
        .filter(Column::WorkplaceKey.eq(new.workplace_key.as_str()))
        .filter(Column::Kind.eq(new.kind.as_str()))
        .filter(Column::Id.ne(new.id))
        .all(txn)
        .await?;
    let spans: Vec<_> = known.iter().map(|k| (k.starts_on, k.ends_on)).collect();
    if spans.iter().any(|s| rules::overlap((new.starts_on, new.ends_on), *s)) {
        return Err(Error::field("starts_on", Msg::new("employment-overlaps")));
    }
    Ok(())
}

/// A row with nothing said yet.
pub(in crate::employments) fn blank(person_id: i64) -> Employment {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    Employment {
        id: 0,
        person_id,
        organisation_id: None,
        station_id: None,
        workplace: String::new(),
        workplace_key: String::new(),
        county_code: String::new(),
        region_code: String::new(),
        job_title: String::new(),
        note: String::new(),
        kind: String::new(),
        hours: "unknown".to_owned(),
        declared: "unknown".to_owned(),
        starts_on: None,
        ends_on: None,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

/// What a later roster changes of an employment on record: it fills what is empty and replaces what it says.
pub(in crate::employments) fn merged(old: &Employment, new: &Employment) -> Employment {
    let mut row = old.clone();
    if new.station_id.is_some() || new.organisation_id.is_some() {
        (row.station_id, row.organisation_id) = (new.station_id, new.organisation_id);
        row.region_code.clone_from(&new.region_code);
    }
    for (to, from) in [(&mut row.job_title, &new.job_title), (&mut row.note, &new.note)] {
        if !from.is_empty() {
            to.clone_from(from);
        }
    }
    for (to, from) in [(&mut row.hours, &new.hours), (&mut row.declared, &new.declared)] {
        if from != "unknown" {
            to.clone_from(from);
        }
    }
    row.starts_on = new.starts_on.or(old.starts_on);
    row.ends_on = new.ends_on.or(old.ends_on);
    row
}

fn tidy(who: &Actor, mut i: EmploymentInput) -> Result<EmploymentInput> {
    for s in [&mut i.workplace, &mut i.county_code, &mut i.kind, &mut i.hours, &mut i.job_title, &mut i.note] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if i.workplace.is_empty() {
        bad("workplace", Msg::new("employment-workplace-missing"));
    }
    if Kind::parse(&i.kind).is_none() {
        bad("kind", Msg::new("employment-kind-unknown"));
    }
    if !i.hours.is_empty() && !HOURS.contains(&i.hours.as_str()) {
        bad("hours", Msg::new("employment-hours-unknown"));
    }
    if i.starts_on.zip(i.ends_on).is_some_and(|(a, b)| b < a) {
        bad("ends_on", Msg::new("employment-ends-before"));
    }
    if !i.county_code.is_empty() && places::level(&i.county_code).is_none() {
        bad("county_code", Msg::new("region-code-form").with("code", &i.county_code));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if who.role == Role::Administrator && !places::within(&who.scope.regions, &i.county_code) {
        return Err(Error::Forbidden);
    }
    Ok(i)
}
