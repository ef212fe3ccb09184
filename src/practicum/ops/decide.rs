//! Confirming and returning: the supervisor's side.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::super::entity::{hour_entry, visible_to};
use super::super::rules::{self, State, Step};
use super::facts;
use crate::audit;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::supervisor;
use crate::pipeline;

/// An entry as it was on the reader's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub id: i64,
    pub version: i64,
}

impl Mark {
    /// Reads "12:3" (entry 12 at version 3), the value of a checkbox.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, version) = text.split_once(':')?;
        Some(Self { id: id.parse().ok()?, version: version.parse().ok()? })
    }
}

/// What became of a list: entries that somebody else had decided or changed meanwhile are left alone and named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub done: Vec<i64>,
    pub left: Vec<(i64, Msg)>,
}

impl Decided {
    /// For one entry alone: being left is an error.
    ///
    /// # Errors
    /// [`Error::Conflict`] with the reason.
    pub fn single(self) -> Result<()> {
        match self.left.into_iter().next() {
            Some((_, msg)) => Err(Error::Conflict(msg)),
            None => Ok(()),
        }
    }
}

/// Most entries that one call decides.
pub const MOST: usize = 1000;

/// Confirms entries.
///
/// # Errors
/// Forbidden for all but supervisors and administrators; not found when one of them is not the actor's.
pub async fn confirm(cx: &Cx, who: &Actor, marks: &[Mark]) -> Result<Decided> {
    decide(cx, who, marks, Step::Confirm, "").await
}

/// Returns entries with a reason, which the intern reads; also confirmed ones that proved wrong.
///
/// # Errors
/// As [`confirm`]; an empty reason.
pub async fn return_entries(cx: &Cx, who: &Actor, marks: &[Mark], reason: &str) -> Result<Decided> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Msg::new("practicum-reason-missing")));
    }
    if reason.chars().count() > 500 {
        return Err(Error::field("reason", Msg::new("practicum-text-long").with("most", 500)));
    }
    decide(cx, who, marks, Step::Return, reason).await
}

async fn decide(cx: &Cx, who: &Actor, marks: &[Mark], step: Step, reason: &str) -> Result<Decided> {
    who.require(&[Role::Administrator, Role::Supervisor])?;
    if marks.is_empty() {
        return Err(Error::field("entries", Msg::new("practicum-none-chosen")));
    }
    if marks.len() > MOST {
        return Err(Error::field("entries", Msg::new("practicum-too-many").with("most", MOST)));
    }
    let txn = cx.begin().await?;
    let seen: BTreeMap<i64, i64> = marks.iter().map(|m| (m.id, m.version)).collect();
    let ids: Vec<i64> = seen.keys().copied().collect();
    let people = people_of(&txn, who, &ids).await?;
    // Locks the people first: what is read below is what is decided on.
    let open = pipeline::open(&txn, &people).await?;
    let mut out = Decided::default();
    let mut by_base: BTreeMap<i64, Vec<hour_entry::Model>> = BTreeMap::new();
    for (row, base) in load(&txn, &ids).await? {
        let now = State::parse(&row.state).ok_or_else(|| Error::internal("hour entry state"))?;
        let changed = seen.get(&row.id) != Some(&row.version);
        if changed || rules::next(now, step).is_none() {
            let key = match (now, step) {
                (State::Confirmed, Step::Confirm) => "practicum-confirmed-already",
                (State::Returned, _) => "practicum-returned-already",
                _ if changed => "error-changed-meanwhile",
                _ => "practicum-step-not-now",
            };
            out.left.push((row.id, Msg::new(key)));
        } else {
            by_base.entry(base).or_default().push(row);
        }
    }
    let mut changes = Vec::new();
    for (base, rows) in by_base {
        let supervisor = own_supervisor(&txn, who, base).await?;
        for chunk in rows.chunks(db::CHUNK) {
            let after: Vec<_> = chunk.iter().map(|r| decided(cx, who, r, step, reason, supervisor)).collect();
            write(&txn, &after).await?;
            for (old, new) in chunk.iter().zip(&after) {
                let action = if step == Step::Confirm { "confirm" } else { "return" };
                let change = audit::Change::new(action, "hour_entry", new.id, new.version);
                changes.push(change.before(old).after(new).why(reason));
                out.done.push(new.id);
            }
        }
    }
    audit::record(&txn, cx, who, changes).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(out)
}

async fn people_of(txn: &DatabaseTransaction, who: &Actor, ids: &[i64]) -> Result<Vec<i64>> {
    let (scope, values) = visible_to(who);
    let mut found = 0;
    let mut people = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT h.id, h.person_id FROM hour_entry h JOIN placement pl ON pl.id = h.placement_id \
             JOIN person p ON p.id = pl.person_id WHERE h.id IN ({}) AND {scope}",
            db::places(chunk.len())
        );
        let values: Vec<Value> = chunk.iter().map(|i| Value::from(*i)).chain(values.clone()).collect();
        let rows: Vec<Pair> = db::rows(txn, &sql, values).await?;
        found += rows.len();
        people.extend(rows.into_iter().map(|r| r.person_id));
    }
    people.sort_unstable();
    people.dedup();
    if found == ids.len() { Ok(people) } else { Err(Error::not_found("error-not-found")) }
}

#[derive(sea_orm::FromQueryResult)]
struct Pair {
    person_id: i64,
}

/// The rows with the base of their placement, in the order of `ids`.
async fn load(txn: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<(hour_entry::Model, i64)>> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(db::CHUNK) {
        let rows =
            hour_entry::Entity::find().filter(hour_entry::Column::Id.is_in(chunk.iter().copied())).all(txn).await?;
        let placements = super::super::entity::placement::Entity::find()
            .filter(super::super::entity::placement::Column::Id.is_in(rows.iter().map(|r| r.placement_id)))
            .all(txn)
            .await?;
        let base: HashMap<i64, i64> = placements.into_iter().map(|p| (p.id, p.base_id)).collect();
        out.extend(rows.into_iter().filter_map(|r| base.get(&r.placement_id).map(|b| (r, *b))));
    }
    out.sort_by_key(|(r, _)| r.id);
    Ok(out)
}

async fn own_supervisor(txn: &DatabaseTransaction, who: &Actor, base: i64) -> Result<Option<i64>> {
    let Some(user) = who.user_id else { return Ok(None) };
    let row = supervisor::Entity::find()
        .filter(supervisor::Column::UserId.eq(user))
        .filter(supervisor::Column::BaseId.eq(base))
        .one(txn)
        .await?;
    Ok(row.map(|r| r.id))
}

fn decided(
    cx: &Cx,
    who: &Actor,
    old: &hour_entry::Model,
    step: Step,
    reason: &str,
    supervisor: Option<i64>,
) -> hour_entry::Model {
    let mut row = old.clone();
    let confirmed = step == Step::Confirm;
    (if confirmed { State::Confirmed } else { State::Returned }).name().clone_into(&mut row.state);
    reason.clone_into(&mut row.reason);
    row.confirmed_at = confirmed.then(|| cx.now());
    row.confirmed_by = if confirmed { who.user_id } else { None };
    row.supervisor_id = supervisor.or(old.supervisor_id);
    if confirmed {
        row.supervisor_name.clone_from(&who.name);
    }
    row.version += 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    row
}

/// One statement for rows that were decided alike at one base.
async fn write(txn: &DatabaseTransaction, rows: &[hour_entry::Model]) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let mut sql = String::from(
        "UPDATE hour_entry SET state = ?, reason = ?, confirmed_at = ?, confirmed_by = ?, updated_at = ?, updated_by = ?, \
         version = version + 1",
    );
    let mut values: Vec<Value> = vec![
        first.state.clone().into(),
        first.reason.clone().into(),
        first.confirmed_at.into(),
        first.confirmed_by.into(),
        first.updated_at.into(),
        first.updated_by.into(),
    ];
    if first.confirmed_at.is_some() {
        sql.push_str(", supervisor_name = ?");
        values.push(first.supervisor_name.clone().into());
    }
    if let Some(id) = first.supervisor_id.filter(|id| rows.iter().all(|r| r.supervisor_id == Some(*id))) {
        sql.push_str(", supervisor_id = ?");
        values.push(id.into());
    }
    sql.push_str(" WHERE (id, version) IN (VALUES ");
    let pairs = vec!["(?, ?)"; rows.len()].join(", ");
    sql.push_str(&pairs);
    sql.push(')');
    for r in rows {
        values.push(r.id.into());
        values.push((r.version - 1).into());
    }
    let done = db::run(txn, &sql, values).await?;
    if done == rows.len() as u64 { Ok(()) } else { Err(Error::conflict("error-changed-meanwhile")) }
}
