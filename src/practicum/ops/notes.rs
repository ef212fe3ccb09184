//! Supervision notes, and supervisors with more interns than the rules' warning limit.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};

use super::super::entity::{supervision_note, visible_to};
use super::super::programme;
use super::view::identities;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;

/// The kinds of supervision.
pub const NOTE_KINDS: [&str; 3] = ["individual", "group", "visit"];

/// A note to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    pub placement_id: i64,
    pub held_on: NaiveDate,
    pub kind: String,
    pub minutes: i64,
    pub content: String,
    /// The intern reads it too.
    pub shared: bool,
}

/// Writes a supervision note.
///
/// # Errors
/// Forbidden for interns and observers; not found; a day ahead, no content, a time beyond a day.
pub async fn add_note(cx: &Cx, who: &Actor, n: NewNote) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Supervisor])?;
    let mut wrong: Vec<FieldError> = too_long("content", &n.content, 4000).into_iter().collect();
    let mut bad = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if n.content.trim().is_empty() {
        bad("content", "practicum-note-empty");
    }
    if n.held_on > cx.today() {
        bad("held_on", "practicum-fault-date-in-future");
    }
    if !(1..=24 * 60).contains(&n.minutes) {
        bad("hours", "practicum-note-hours");
    }
    if !NOTE_KINDS.contains(&n.kind.as_str()) {
        bad("kind", "practicum-kind-missing");
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let txn = cx.begin().await?;
    seen(&txn, who, n.placement_id).await?;
    let row = supervision_note::Model {
        id: 0,
        placement_id: n.placement_id,
        held_on: n.held_on,
        kind: n.kind,
        minutes: n.minutes,
        content: n.content.trim().to_owned(),
        author: who.name.clone(),
        shared: n.shared,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    let row = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(row.id)
}

/// The notes of a placement, the newest first; an intern reads those that are shared.
///
/// # Errors
/// Not found for a placement that is not the actor's to see; forbidden for observers.
pub async fn notes(db: &impl ConnectionTrait, who: &Actor, placement_id: i64) -> Result<Vec<supervision_note::Model>> {
    seen(db, who, placement_id).await?;
    let mut q = supervision_note::Entity::find()
        .filter(supervision_note::Column::PlacementId.eq(placement_id))
        .order_by_desc(supervision_note::Column::HeldOn)
        .order_by_desc(supervision_note::Column::Id);
    if who.role == Role::Intern {
        q = q.filter(supervision_note::Column::Shared.eq(true));
    }
    Ok(q.all(db).await?)
}

/// A supervisor with more interns than the warning allows: everybody who is there, also those whom the reader does not
/// see, but as a number only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    pub supervisor: String,
    pub base_name: String,
    pub interns: i64,
    /// The least that the programmes of these interns warn at.
    pub limit: i64,
}

/// Most supervisors that are named.
const NAMED: usize = 20;

#[derive(FromQueryResult)]
struct ByProgramme {
    id: i64,
    supervisor: String,
    base_name: String,
    programme: String,
    interns: i64,
}

/// Supervisors of interns whom the reader sees, with more interns today than the rules of these interns' programmes warn at
/// (1:10 as a rule), the most loaded first. A warning only.
///
/// # Errors
/// Forbidden for observers; what the database reports.
pub async fn overloaded(cx: &Cx, who: &Actor) -> Result<Vec<Load>> {
    identities(who)?;
    let today = cx.today();
    let least = programme::of(cx)?.least_ratio_warning();
    let (scope, values) = visible_to(who);
    let there = |a: &str| {
        format!(
            "{a}.state = 'active' AND ({a}.starts_on IS NULL OR {a}.starts_on <= ?) AND ({a}.ends_on IS NULL OR {a}.ends_on >= ?)"
        )
    };
    let sql = format!(
        "SELECT s.id, s.name AS supervisor, b.name AS base_name, q.programme, COUNT(*) AS interns FROM placement q \
         JOIN supervisor s ON s.id = q.supervisor_id JOIN base b ON b.id = q.base_id WHERE {} AND q.supervisor_id IN \
         (SELECT x.supervisor_id FROM placement x WHERE {} GROUP BY x.supervisor_id HAVING COUNT(*) > ?) \
         AND q.supervisor_id IN (SELECT pl.supervisor_id FROM placement pl JOIN person p ON p.id = pl.person_id \
         WHERE {} AND {scope}) GROUP BY s.id, s.name, b.name, q.programme ORDER BY s.id",
        there("q"),
        there("x"),
        there("pl"),
    );
    let days = || [Value::from(today), Value::from(today)];
    let values = days().into_iter().chain(days()).chain([least.into()]).chain(days()).chain(values);
    let rows: Vec<ByProgramme> = db::rows(cx.read(), &sql, values).await?;
    let mut all = Vec::new();
    for of in rows.chunk_by(|a, b| a.id == b.id) {
        let Some(first) = of.first() else { continue };
        let mut limit = i64::MAX;
        for r in of {
            limit = limit.min(programme::rules_for(cx, &r.programme, today)?.programme.ratio_warning);
        }
        let interns = of.iter().map(|r| r.interns).sum();
        let (supervisor, base_name) = (first.supervisor.clone(), first.base_name.clone());
        all.push(Load { supervisor, base_name, interns, limit });
    }
    all.retain(|l| l.interns > l.limit);
    all.sort_by(|a, b| b.interns.cmp(&a.interns).then_with(|| a.supervisor.cmp(&b.supervisor)));
    all.truncate(NAMED);
    Ok(all)
}

pub(super) async fn seen(db: &impl ConnectionTrait, who: &Actor, placement_id: i64) -> Result<()> {
    identities(who)?;
    let (scope, values) = visible_to(who);
    let sql =
        format!("SELECT pl.id FROM placement pl JOIN person p ON p.id = pl.person_id WHERE pl.id = ? AND {scope}");
    let found = db::int(db, &sql, std::iter::once(Value::from(placement_id)).chain(values)).await?;
    found.map(|_| ()).ok_or_else(|| Error::not_found("error-not-found"))
}

pub(super) fn too_long(field: &str, text: &str, most: usize) -> Option<FieldError> {
    let msg = Msg::new("practicum-text-long").with("most", most);
    (text.chars().count() > most).then(|| FieldError { field: field.to_owned(), msg })
}
