//! Service records: list, sums, add, change.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

use super::ServiceRecord;
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::records as rows;
use crate::services::entity::{Entity, visible_to};
use crate::services::kinds;
use crate::stations::ops as stations;

/// A service record as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ServiceRow {
    pub id: i64,
    pub record_no: Option<String>,
    pub station_id: i64,
    pub station: String,
    pub town: String,
    pub project_id: Option<i64>,
    pub kind: String,
    pub beneficiary: String,
    /// Empty for an observer.
    pub recorder: String,
    pub note: String,
    pub served_on: NaiveDate,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
    pub version: i64,
}

const COLUMNS: &str = "r.id, r.record_no, r.station_id, s.name AS station, s.town, r.project_id, r.kind, r.beneficiary, \
                       r.recorder, r.note, r.served_on, r.households, r.hardship, r.activities, r.person_times, r.version";

const FROM: &str = "service_record r JOIN station s ON s.id = r.station_id";

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::text("served_on", "CAST(r.served_on AS TEXT)"),
    Order::text("station", "s.name"),
    Order::text("kind", "r.kind"),
    Order::number("households", "r.households"),
    Order::number("hardship", "r.hardship"),
    Order::number("activities", "r.activities"),
    Order::number("person_times", "r.person_times"),
];

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a station's name, or a record number.
    pub text: String,
    pub kind: String,
    pub beneficiary: String,
    pub region: String,
    pub station: Option<i64>,
    pub project: Option<i64>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Only those that count for `households`, `hardship`, `activities` or `person_times`.
    pub measure: String,
}

pub(super) fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["s.name", "r.record_no"], &find.text);
    w.equal("r.kind", Some(&find.kind));
    w.equal("r.beneficiary", Some(&find.beneficiary));
    w.region("r.region_code", &find.region);
    if let Some(id) = find.station {
        w.and("r.station_id = ?", [id.into()]);
    }
    if let Some(id) = find.project {
        w.and("r.project_id = ?", [id.into()]);
    }
    if let Some(day) = find.from {
        w.and("r.served_on >= ?", [day.into()]);
    }
    if let Some(day) = find.to {
        w.and("r.served_on <= ?", [day.into()]);
    }
    match find.measure.as_str() {
        "households" => w.and("r.households > 0", []),
        "hardship" => w.and("r.hardship > 0", []),
        "activities" => w.and("r.activities > 0", []),
        "person_times" => w.and("r.person_times > 0", []),
        _ => {}
    }
    w
}

/// Service records, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<ServiceRow>> {
    let sort = Sort::of(ORDERS, sort);
    let page = list::page(cx.read(), COLUMNS, FROM, "r.id", wanted(who, find), sort, slice).await?;
    Ok(page.map(|mut r: ServiceRow| {
        if !who.sees_identities() {
            r.recorder.clear();
        }
        r
    }))
}

/// What service records add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Sums {
    pub records: i64,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
}

/// The sums as SQL over `r`.
pub(super) const SUMS: &str = "COUNT(*) AS records, CAST(COALESCE(SUM(r.households), 0) AS BIGINT) AS households, \
     CAST(COALESCE(SUM(r.hardship), 0) AS BIGINT) AS hardship, \
     CAST(COALESCE(SUM(r.activities), 0) AS BIGINT) AS activities, \
     CAST(COALESCE(SUM(r.person_times), 0) AS BIGINT) AS person_times";

/// The sums over what `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn sums(db: &impl ConnectionTrait, who: &Actor, find: &Find) -> Result<Sums> {
    let w = wanted(who, find);
    let from = if find.text.trim().is_empty() { "service_record r" } else { FROM };
    let found = db::rows(db, &format!("SELECT {SUMS} FROM {from} WHERE {}", w.sql), w.values).await?.pop();
    Ok(found.unwrap_or_default())
}

/// One service record.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<ServiceRow> {
    let mut w = visible_to(who);
    w.and("r.id = ?", [id.into()]);
    let found = db::rows(db, &format!("SELECT {COLUMNS} FROM {FROM} WHERE {}", w.sql), w.values).await?.pop();
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// A service record to be added or changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceInput {
    /// Empty for none.
    pub record_no: String,
    pub kind: String,
    pub beneficiary: String,
    pub recorder: String,
    pub note: String,
    pub served_on: Option<NaiveDate>,
    pub households: i64,
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
}

/// Adds a service record of a station.
///
/// # Errors
/// [`Error::Invalid`] with the wrong fields, [`Error::Conflict`] when the number is taken, [`Error::NotFound`] for the
/// station.
pub async fn add(cx: &Cx, who: &Actor, station_id: i64, input: ServiceInput) -> Result<ServiceRecord> {
    who.require(&[Role::Administrator])?;
    let txn = cx.begin().await?;
    let station = stations::visible(&txn, who, station_id).await?;
    let mut row = blank(&station);
    fill(cx, &mut row, input)?;
    let row = rows::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(row)
}

/// Corrects a service record.
///
/// # Errors
/// As [`add`], and [`Error::Conflict`] when it was changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, input: ServiceInput, version: i64) -> Result<ServiceRecord> {
    who.require(&[Role::Administrator])?;
    let txn = cx.begin().await?;
    get(&txn, who, id).await?;
    let old = Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let mut new = old.clone();
    fill(cx, &mut new, input)?;
    let new = rows::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?;
    txn.commit().await?;
    Ok(new)
}

/// A record of a station with nothing said yet.
pub(in crate::services) fn blank(station: &stations::Station) -> ServiceRecord {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    ServiceRecord {
        id: 0,
        record_no: None,
        station_id: station.id,
        project_id: None,
        county_code: station.county_code.clone(),
        region_code: station.region_code.clone(),
        kind: String::new(),
        beneficiary: String::new(),
        recorder: String::new(),
        note: String::new(),
        served_on: never.date_naive(),
        households: 0,
        hardship: 0,
        activities: 0,
        person_times: 0,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

fn fill(cx: &Cx, row: &mut ServiceRecord, i: ServiceInput) -> Result<()> {
    let mut wrong = Vec::new();
    let mut bad = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if kinds::of(cx)?.parse(&i.kind).is_none() {
        bad("kind", "service-kind-unknown");
    }
    match i.served_on {
        None => bad("served_on", "service-date-missing"),
        Some(day) if day > cx.today() => bad("served_on", "service-date-future"),
        Some(day) => row.served_on = day,
    }
    let counts = [
        ("households", i.households),
        ("hardship", i.hardship),
        ("activities", i.activities),
        ("person_times", i.person_times),
    ];
    for (field, n) in counts {
        if !(0..=1_000_000_000).contains(&n) {
            bad(field, "web-count-form");
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    row.record_no = Some(i.record_no.trim().to_owned()).filter(|n| !n.is_empty());
    row.kind = i.kind;
    i.beneficiary.trim().clone_into(&mut row.beneficiary);
    i.recorder.trim().clone_into(&mut row.recorder);
    i.note.trim().clone_into(&mut row.note);
    (row.households, row.hardship, row.activities, row.person_times) =
        (i.households, i.hardship, i.activities, i.person_times);
    Ok(())
}
