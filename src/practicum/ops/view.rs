//! Reading: entries, placements and figures, each within what the reader may see.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::super::entity::{ONCE, visible_to};
use super::super::rules::State;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result};
use crate::db;

/// An hour entry with the names around it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct EntryView {
    pub id: i64,
    pub version: i64,
    pub record_no: Option<String>,
    pub client_key: Option<String>,
    pub person_id: i64,
    pub person_name: String,
    pub student_no: String,
    pub placement_id: i64,
    pub base_code: String,
    pub base_name: String,
    pub worked_on: NaiveDate,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub minutes: i64,
    pub supervision_minutes: i64,
    pub kind: String,
    pub project_no: String,
    pub beneficiary: String,
    pub beneficiary_count: i64,
    pub households: i64,
    pub supervisor_name: String,
    pub state: String,
    pub reason: String,
    pub note: String,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub signed_at: Option<DateTime<Utc>>,
    /// The confirmed entry that this one is to take the place of.
    pub replaces_id: Option<i64>,
    /// The entry that changes this one.
    pub changed_by: Option<i64>,
    /// 1 when there is a photo.
    pub photos: i64,
}

/// What narrows a list of entries; absent is everything visible.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    pub person_id: Option<i64>,
    pub placement_id: Option<i64>,
    pub base_id: Option<i64>,
    pub state: Option<State>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A WHERE clause that grows.
pub(super) struct Where {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Where {
    pub fn visible(who: &Actor) -> Self {
        let (sql, values) = visible_to(who);
        Self { sql, values }
    }

    pub fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    pub fn entries(who: &Actor, f: &EntryFilter) -> Self {
        let mut w = Self::visible(who);
        for (sql, value) in [
            ("h.person_id = ?", f.person_id.map(Value::from)),
            ("h.placement_id = ?", f.placement_id.map(Value::from)),
            ("pl.base_id = ?", f.base_id.map(Value::from)),
            ("h.state = ?", f.state.map(|s| Value::from(s.name()))),
            ("h.worked_on >= ?", f.from.map(Value::from)),
            ("h.worked_on <= ?", f.to.map(Value::from)),
        ] {
            if let Some(v) = value {
                w.and(sql, [v]);
            }
        }
        if f.state.is_none() {
            // What a later version took the place of is history: it stands in a list only when it is asked for.
            w.and("h.state <> 'superseded'", []);
        }
        w
    }
}

pub(super) const FROM: &str = "FROM hour_entry h JOIN placement pl ON pl.id = h.placement_id JOIN person p ON p.id = pl.person_id \
                    JOIN base b ON b.id = pl.base_id";

const COLUMNS: &str = "h.id, h.version, h.record_no, h.client_key, h.person_id, p.name AS person_name, p.student_no, h.placement_id, \
                       b.code AS base_code, b.name AS base_name, h.worked_on, h.starts, h.ends, h.minutes, h.supervision_minutes, h.kind, \
                       h.project_no, h.beneficiary, h.beneficiary_count, h.households, h.supervisor_name, h.state, \
                       h.reason, h.note, h.confirmed_at, h.signed_at, h.replaces_id, \
                       (SELECT n.id FROM hour_entry n WHERE n.replaces_id = h.id) AS changed_by, \
                       (SELECT COUNT(*) FROM hour_photo f WHERE f.entry_id = h.id) AS photos";

/// Names of people are not for observers.
pub(super) fn identities(who: &Actor) -> Result<()> {
    if who.sees_identities() { Ok(()) } else { Err(Error::Forbidden) }
}

/// Entries, the newest day first.
///
/// # Errors
/// Forbidden for observers, who see figures only.
pub async fn entries(
    db: &impl ConnectionTrait,
    who: &Actor,
    filter: &EntryFilter,
    page: &PageReq,
) -> Result<Page<EntryView>> {
    identities(who)?;
    let mut w = Where::entries(who, filter);
    if let Some((day, id)) = page.after.as_deref().and_then(|k| k.split_once('_')) {
        let day: Option<NaiveDate> = day.parse().ok();
        if let Some((day, id)) = day.zip(id.parse::<i64>().ok()) {
            w.and("(h.worked_on < ? OR (h.worked_on = ? AND h.id < ?))", [day.into(), day.into(), id.into()]);
        }
    }
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE {} ORDER BY h.worked_on DESC, h.id DESC LIMIT ?", w.sql);
    w.values.push(limit_and_one(page).into());
    let rows: Vec<EntryView> = db::rows(db, &sql, w.values).await?;
    Ok(Page::cut(rows, page.limit(), |r| format!("{}_{}", r.worked_on, r.id)))
}

/// Entries for a sheet, the oldest day first; at most `limit`.
///
/// # Errors
/// Forbidden for observers.
pub async fn entries_to_export(
    db: &impl ConnectionTrait,
    who: &Actor,
    filter: &EntryFilter,
    limit: u64,
) -> Result<Vec<EntryView>> {
    identities(who)?;
    let mut w = Where::entries(who, filter);
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE {} ORDER BY h.worked_on, h.id LIMIT ?", w.sql);
    w.values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    db::rows(db, &sql, w.values).await
}

fn limit_and_one(page: &PageReq) -> i64 {
    i64::try_from(page.limit()).unwrap_or(i64::MAX - 1) + 1
}

/// One entry.
///
/// # Errors
/// Not found, or not the reader's to see.
pub async fn entry(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<EntryView> {
    identities(who)?;
    let mut w = Where::visible(who);
    w.and("h.id = ?", [id.into()]);
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE {}", w.sql);
    let row = db::rows(db, &sql, w.values).await?.into_iter().next();
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

/// Most entries of a printed record.
const RECORD: i64 = 5000;

/// All confirmed entries of a placement, the oldest first: the printed record.
///
/// # Errors
/// Not found for a placement that is not the reader's to see.
pub async fn confirmed_of(db: &impl ConnectionTrait, who: &Actor, placement_id: i64) -> Result<Vec<EntryView>> {
    placement(db, who, placement_id).await?;
    let sql = format!(
        "SELECT {COLUMNS} {FROM} WHERE h.placement_id = ? AND h.state = 'confirmed' \
         ORDER BY h.worked_on, COALESCE(h.starts, 0), h.id LIMIT ?"
    );
    db::rows(db, &sql, [placement_id.into(), RECORD.into()]).await
}

/// Entries by their ids, whoever asks: the caller has a right to them of its own (a signed link).
pub(super) async fn entries_of(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<EntryView>> {
    let mut out = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE h.id IN ({}) ORDER BY p.name_key, p.id, h.worked_on, h.id",
            db::places(chunk.len())
        );
        out.extend(db::rows::<EntryView>(db, &sql, chunk.iter().map(|i| Value::from(*i))).await?);
    }
    Ok(out)
}

/// Entries that wait for a decision: `Submitted` for the base's, `Endorsed` for the campus's. Those of one intern
/// together, the oldest day first; at most `limit`.
///
/// # Errors
/// Forbidden for observers.
pub async fn waiting(
    db: &impl ConnectionTrait,
    who: &Actor,
    state: State,
    limit: i64,
) -> Result<Vec<(i64, Vec<EntryView>)>> {
    identities(who)?;
    let filter = EntryFilter { state: Some(state), ..EntryFilter::default() };
    let mut w = Where::entries(who, &filter);
    w.and("pl.state <> 'withdrawn'", []);
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE {} ORDER BY p.name_key, p.id, h.worked_on, h.id LIMIT ?", w.sql);
    w.values.push(limit.into());
    let rows: Vec<EntryView> = db::rows(db, &sql, w.values).await?;
    let mut out: Vec<(i64, Vec<EntryView>)> = Vec::new();
    for r in rows {
        match out.last_mut() {
            Some((id, list)) if *id == r.person_id => list.push(r),
            _ => out.push((r.person_id, vec![r])),
        }
    }
    Ok(out)
}

/// A placement with the names around it and its minutes by state.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PlacementView {
    pub id: i64,
    pub version: i64,
    pub person_id: i64,
    pub person_name: String,
    pub student_no: String,
    pub base_id: i64,
    pub base_name: String,
    pub cohort_id: Option<i64>,
    pub cohort_name: Option<String>,
    pub supervisor_name: Option<String>,
    pub campus_mentor: String,
    pub programme: String,
    pub note: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    pub state: String,
    pub confirmed_minutes: i64,
    /// Handed in and not counted yet: those that wait for the campus included, changes of confirmed entries not.
    pub submitted_minutes: i64,
    pub returned_minutes: i64,
    pub draft_minutes: i64,
}

impl PlacementView {
    /// Minutes still to be confirmed.
    #[must_use]
    pub fn missing_minutes(&self) -> i64 {
        (self.required_minutes - self.confirmed_minutes).max(0)
    }
}

/// What narrows a list of placements.
#[derive(Clone, Debug, Default)]
pub struct PlacementFilter {
    pub person_id: Option<i64>,
    pub base_id: Option<i64>,
    pub cohort_id: Option<i64>,
    pub state: Option<String>,
    /// Only those whose confirmed hours do not reach what is required.
    pub short: bool,
    /// Part of a name or student number.
    pub text: String,
}

/// The minutes of one state of the placement at hand: served by the index (`placement_id`, state).
pub(super) fn minutes_in(state: State) -> String {
    let which = match state {
        State::Confirmed => "h.state = 'confirmed'".to_owned(),
        State::Submitted => format!("h.state IN ('submitted', 'endorsed') AND {ONCE}"),
        s => format!("h.state = '{}' AND {ONCE}", s.name()),
    };
    format!(
        "CAST((SELECT COALESCE(SUM(h.minutes), 0) FROM hour_entry h WHERE h.placement_id = pl.id AND {which}) AS BIGINT)"
    )
}

/// Placements, in the order in which they were made.
///
/// # Errors
/// Forbidden for observers.
pub async fn placements(
    db: &impl ConnectionTrait,
    who: &Actor,
    f: &PlacementFilter,
    page: &PageReq,
) -> Result<Page<PlacementView>> {
    identities(who)?;
    let mut w = Where::visible(who);
    for (sql, value) in [
        ("pl.person_id = ?", f.person_id.map(Value::from)),
        ("pl.base_id = ?", f.base_id.map(Value::from)),
        ("pl.cohort_id = ?", f.cohort_id.map(Value::from)),
        ("pl.state = ?", f.state.clone().map(Value::from)),
        ("pl.id > ?", page.after_id().map(Value::from)),
    ] {
        if let Some(v) = value {
            w.and(sql, [v]);
        }
    }
    if f.short {
        w.and(&format!("pl.state <> 'withdrawn' AND pl.required_minutes > {}", minutes_in(State::Confirmed)), []);
    }
    let text = f.text.trim();
    if !text.is_empty() {
        let like = format!("%{}%", text.replace(['%', '_'], ""));
        w.and("(p.name LIKE ? OR p.student_no LIKE ?)", [like.clone().into(), like.into()]);
    }
    w.and("1 = 1 ORDER BY pl.id LIMIT ?", [limit_and_one(page).into()]);
    let rows = placement_rows(db, w).await?;
    Ok(Page::cut(rows, page.limit(), |r| r.id.to_string()))
}

/// One placement.
///
/// # Errors
/// Not found, or not the reader's to see.
pub async fn placement(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<PlacementView> {
    identities(who)?;
    let mut w = Where::visible(who);
    w.and("pl.id = ?", [id.into()]);
    let row = placement_rows(db, w).await?.into_iter().next();
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

async fn placement_rows(db: &impl ConnectionTrait, w: Where) -> Result<Vec<PlacementView>> {
    let sql = format!(
        "SELECT pl.id, pl.version, pl.person_id, p.name AS person_name, p.student_no, pl.base_id, b.name AS base_name, \
         pl.cohort_id, c.name AS cohort_name, s.name AS supervisor_name, pl.campus_mentor, pl.programme, pl.note, \
         pl.starts_on, pl.ends_on, pl.required_minutes, pl.state, {} AS confirmed_minutes, {} AS submitted_minutes, \
         {} AS returned_minutes, {} AS draft_minutes \
         FROM placement pl JOIN person p ON p.id = pl.person_id JOIN base b ON b.id = pl.base_id \
         LEFT JOIN cohort c ON c.id = pl.cohort_id LEFT JOIN supervisor s ON s.id = pl.supervisor_id WHERE {}",
        minutes_in(State::Confirmed),
        minutes_in(State::Submitted),
        minutes_in(State::Returned),
        minutes_in(State::Draft),
        w.sql
    );
    db::rows(db, &sql, w.values).await
}
