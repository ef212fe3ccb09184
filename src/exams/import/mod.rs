//! The two kinds of file: registrations as the portal exports them, and results.

mod columns;
mod reading;
mod registrations;
mod results;

pub use registrations::Registrations;
pub use results::Results;

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::{exam_cycle, registration, result};
use super::facts;
use super::ops::Cycle;
use crate::audit;
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};
use crate::importing::{Ask, Job, Undo};
use crate::people::entity::person;
use crate::people::scope;
use crate::pipeline::{self, Change};
use crate::schemes::{self, Scheme};

/// Which of these people the actor sees; an import writes of no others.
async fn seen(job: &Job<'_>, ids: &[i64]) -> Result<HashSet<i64>> {
    if job.who.sees_all() {
        return Ok(ids.iter().copied().collect());
    }
    let mut seen = HashSet::new();
    for chunk in ids.chunks(db::CHUNK) {
        let found: Vec<i64> = scope::visible_to(job.who)
            .filter(person::Column::Id.is_in(chunk.iter().copied()))
            .select_only()
            .column(person::Column::Id)
            .into_tuple()
            .all(job.txn)
            .await?;
        seen.extend(found);
    }
    Ok(seen)
}

/// The schemes, for the upload page.
fn choices(cx: &Cx, who: &Actor, ask: Ask) -> Result<Vec<(String, String)>> {
    if ask != Ask::Scheme {
        return Ok(Vec::new());
    }
    let schemes = schemes::of(cx)?;
    Ok(schemes.all().map(|s| (s.code.clone(), s.name.text(who.lang).to_owned())).collect())
}

/// The scheme that the import names.
fn scheme_of<'s>(schemes: &'s schemes::Schemes, code: &str) -> Result<&'s Scheme> {
    schemes.scheme(code).map_err(|e| match e {
        Error::NotFound(msg) => Error::field("scheme", msg),
        other => other,
    })
}

/// The registrations on record in a cycle of these people.
async fn registered(job: &Job<'_>, cycle: &Cycle, ids: &[i64]) -> Result<HashMap<(i64, String), registration::Model>> {
    let mut all = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = registration::Entity::find()
            .filter(registration::Column::CycleId.eq(cycle.id))
            .filter(registration::Column::PersonId.is_in(chunk.iter().copied()))
            .all(job.txn)
            .await?;
        all.extend(rows.into_iter().map(|r| ((r.person_id, r.level.clone()), r)));
    }
    Ok(all)
}

/// What both undos have in common: the people concerned, facts derived again, an empty cycle taken away.
async fn undo(undo: &mut Undo<'_>, table: &'static str) -> Result<()> {
    let (cx, txn) = (undo.cx, undo.txn);
    let mut rows = undo.ids(table, "insert");
    rows.extend(undo.ids(table, "update"));
    let created = undo.ids("person", "insert");
    let mut people: HashSet<i64> = undo.ids("person", "update").into_iter().chain(created.iter().copied()).collect();
    let mut cycles: HashSet<i64> = HashSet::new();
    for chunk in rows.chunks(db::CHUNK) {
        let sql = format!("SELECT person_id, cycle_id FROM {table} WHERE id IN ({})", db::places(chunk.len()));
        let found: Vec<Touched> = db::rows(txn, &sql, chunk.iter().map(|id| (*id).into())).await?;
        for t in found {
            people.insert(t.person_id);
            cycles.insert(t.cycle_id);
        }
    }
    let people: Vec<i64> = people.into_iter().collect();
    let before = pipeline::open(txn, &people).await?;
    undo.walk(&[table]).await?;
    if !created.is_empty() {
        pipeline::forget(txn, &created).await?;
    }
    undo.walk(&["person"]).await?;
    for id in cycles {
        drop_empty_cycle(cx, undo, id).await?;
    }
    let created: HashSet<i64> = created.into_iter().collect();
    let stay: Vec<i64> = people.into_iter().filter(|id| !created.contains(id)).collect();
    let schemes = schemes::of(cx)?;
    let mut changes: Vec<(i64, Change)> = stay.iter().map(|id| (*id, Change::Person)).collect();
    changes.extend(facts::of(txn, &schemes, &stay).await?);
    before.close(txn, cx, changes).await
}

#[derive(sea_orm::FromQueryResult)]
struct Touched {
    person_id: i64,
    cycle_id: i64,
}

/// A cycle that an import made and nobody has touched goes with its last row.
async fn drop_empty_cycle(cx: &Cx, undo: &Undo<'_>, id: i64) -> Result<()> {
    let txn = undo.txn;
    let in_use = registration::Entity::find().filter(registration::Column::CycleId.eq(id)).one(txn).await?.is_some()
        || result::Entity::find().filter(result::Column::CycleId.eq(id)).one(txn).await?.is_some();
    let Some(cycle) = exam_cycle::Entity::find_by_id(id).one(txn).await? else { return Ok(()) };
    if in_use || cycle.version != 1 {
        return Ok(());
    }
    exam_cycle::Entity::delete_by_id(id).exec(txn).await?;
    let entry = audit::Change::new("undo_insert", "exam_cycle", id, 2).before(&cycle).import(Some(undo.import_id));
    audit::record(txn, cx, undo.who, [entry]).await
}
