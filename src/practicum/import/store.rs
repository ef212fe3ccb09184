//! Storing the good rows, many at a time.

use std::collections::HashMap;

use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::super::entity::hour_entry;
use super::super::rules::State;
use super::judge::{Good, same_facts};
use super::known::Known;
use crate::audit;
use crate::core::{Error, Result};
use crate::db;
use crate::importing::{Before, Job};

/// What tells two rows of one file apart in the answer of an insert.
type Key = (Option<String>, i64, i64, chrono::NaiveDate, Option<i64>, Option<i64>, i64);

fn key(r: &hour_entry::Model) -> Key {
    (r.record_no.clone(), r.person_id, r.placement_id, r.worked_on, r.starts, r.ends, r.minutes)
}

pub(super) async fn store(job: &mut Job<'_>, known: &Known, rows: Vec<Good>) -> Result<()> {
    let on_file: HashMap<i64, &hour_entry::Model> =
        known.by_number.values().chain(known.others.values().flatten()).map(|h| (h.id, h)).collect();
    let mut fresh: Vec<(u32, hour_entry::Model)> = Vec::new();
    let mut changes = Vec::new();
    for g in rows {
        let Some(old) = g.old.and_then(|id| on_file.get(&id)) else {
            fresh.push((g.row, new_row(job, g)));
            continue;
        };
        let new = changed(job, old, &g);
        if new == **old {
            job.unchanged(&g.sheet, g.row);
            continue;
        }
        let change = audit::Change::new("update", "hour_entry", new.id, new.version).before(*old).after(&new);
        changes.push(change.import(Some(job.import_id)));
        job.updated("hour_entry", new.id, new.version, before(old), Some(g.row));
        hour_entry::Entity::update_many()
            .set(hour_entry::ActiveModel { id: NotSet, ..new.clone().into_active_model().reset_all() })
            .filter(hour_entry::Column::Id.eq(old.id))
            .exec(job.txn)
            .await?;
    }
    let mut done = 0;
    for chunk in fresh.chunks(500) {
        let mut row_of: HashMap<Key, Vec<u32>> = HashMap::new();
        for (row, r) in chunk {
            row_of.entry(key(r)).or_default().push(*row);
        }
        let rows = chunk
            .iter()
            .map(|(_, r)| hour_entry::ActiveModel { id: NotSet, ..r.clone().into_active_model().reset_all() });
        for made in hour_entry::Entity::insert_many(rows).exec_with_returning(job.txn).await? {
            let row = row_of.get_mut(&key(&made)).and_then(Vec::pop);
            let row = row.ok_or_else(|| Error::internal("an hour entry came back that was not sent"))?;
            job.inserted("hour_entry", made.id, Some(row));
            let change = audit::Change::new("create", "hour_entry", made.id, 1).after(&made);
            changes.push(change.import(Some(job.import_id)));
        }
        done += chunk.len();
        job.progress(done);
    }
    audit::record(job.txn, job.cx, job.who, changes).await
}

fn new_row(job: &Job<'_>, g: Good) -> hour_entry::Model {
    let now = job.cx.now();
    let confirmed = matches!(g.state, State::Endorsed | State::Confirmed);
    hour_entry::Model {
        id: 0,
        record_no: g.record_no,
        client_key: None,
        person_id: g.person_id,
        placement_id: g.placement_id,
        worked_on: g.figures.worked_on,
        starts: g.figures.starts,
        ends: g.figures.ends,
        // The supervisor confirmed on paper; their name stands in `supervisor_name`.
        confirmed_by: None,
        supervisor_id: g.supervisor_id,
        replaces_id: None,
        signed_by: None,
        minutes: g.figures.minutes,
        supervision_minutes: g.figures.supervision_minutes,
        beneficiary_count: g.figures.beneficiary_count,
        households: g.figures.households,
        kind: g.kind,
        project_no: g.project_no,
        beneficiary: g.beneficiary,
        supervisor_name: g.supervisor_name,
        reason: if g.state == State::Returned { g.note.clone() } else { String::new() },
        note: g.note,
        state: g.state.name().to_owned(),
        confirmed_at: confirmed.then_some(now),
        signed_at: None,
        returned_at: (g.state == State::Returned).then_some(now),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: job.who.user_id,
        updated_by: job.who.user_id,
    }
}

/// The record with what the row says; equal to `old` when it says nothing new. A record that is confirmed here stays so
/// though the file does not know it yet.
fn changed(job: &Job<'_>, old: &hour_entry::Model, g: &Good) -> hour_entry::Model {
    let mut new = old.clone();
    if kept(old) || (old.state == g.state.name() && same(old, g)) {
        return new;
    }
    new.placement_id = g.placement_id;
    new.worked_on = g.figures.worked_on;
    new.starts = g.figures.starts;
    new.ends = g.figures.ends;
    new.minutes = g.figures.minutes;
    new.supervision_minutes = g.figures.supervision_minutes;
    new.beneficiary_count = g.figures.beneficiary_count;
    new.households = g.figures.households;
    new.kind.clone_from(&g.kind);
    new.project_no.clone_from(&g.project_no);
    new.beneficiary.clone_from(&g.beneficiary);
    new.supervisor_id = g.supervisor_id.or(old.supervisor_id);
    new.supervisor_name.clone_from(&g.supervisor_name);
    new.note.clone_from(&g.note);
    if old.state != g.state.name() {
        g.state.name().clone_into(&mut new.state);
        new.confirmed_at = matches!(g.state, State::Endorsed | State::Confirmed).then(|| job.cx.now());
        new.reason = if g.state == State::Returned { g.note.clone() } else { String::new() };
        if g.state == State::Returned {
            new.returned_at = Some(job.cx.now());
        }
    }
    new.version += 1;
    new.updated_at = job.cx.now();
    new.updated_by = job.who.user_id;
    new
}

/// Confirmed by the base, or confirmed once and changed here since: a file does not touch it.
pub(super) fn kept(old: &hour_entry::Model) -> bool {
    [State::Endorsed, State::Confirmed, State::Superseded].iter().any(|s| s.name() == old.state)
}

fn same(old: &hour_entry::Model, g: &Good) -> bool {
    same_facts(old, g) && old.supervisor_name == g.supervisor_name
}

fn before(old: &hour_entry::Model) -> Before {
    Before::new()
        .int("placement_id", old.placement_id)
        .date("worked_on", old.worked_on)
        .int("starts", old.starts)
        .int("ends", old.ends)
        .int("minutes", old.minutes)
        .int("supervision_minutes", old.supervision_minutes)
        .int("beneficiary_count", old.beneficiary_count)
        .int("households", old.households)
        .text("kind", old.kind.clone())
        .text("project_no", old.project_no.clone())
        .text("beneficiary", old.beneficiary.clone())
        .int("supervisor_id", old.supervisor_id)
        .text("supervisor_name", old.supervisor_name.clone())
        .text("reason", old.reason.clone())
        .text("note", old.note.clone())
        .text("state", old.state.clone())
        .instant("confirmed_at", old.confirmed_at)
        .instant("returned_at", old.returned_at)
}

/// Whose entries these are.
pub(super) async fn people_of(txn: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<i64>> {
    let mut people = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = hour_entry::Entity::find().filter(hour_entry::Column::Id.is_in(chunk.iter().copied()));
        people.extend(rows.all(txn).await?.into_iter().map(|r| r.person_id));
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}
