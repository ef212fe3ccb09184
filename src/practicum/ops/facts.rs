//! What the pipeline is told about the practicum of people.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::core::Result;
use crate::db;
use crate::pipeline::Change;

#[derive(FromQueryResult)]
struct Sum {
    person_id: i64,
    placements: i64,
    minutes: i64,
}

/// How the practicum of these people stands, for the pipeline's `close`: withdrawn placements and their hours count for
/// nothing. Everybody asked for gets a line, also those without a placement.
///
/// # Errors
/// What the database reports.
pub async fn facts(db: &impl ConnectionTrait, people: &[i64]) -> Result<Vec<(i64, Change)>> {
    let mut required: HashMap<i64, Sum> = HashMap::new();
    let mut confirmed: HashMap<i64, i64> = HashMap::new();
    for chunk in people.chunks(db::CHUNK) {
        let ids = || chunk.iter().map(|i| Value::from(*i)).collect::<Vec<_>>();
        let sql = format!(
            "SELECT person_id, COUNT(*) AS placements, CAST(SUM(required_minutes) AS BIGINT) AS minutes FROM placement \
             WHERE state <> 'withdrawn' AND person_id IN ({}) GROUP BY person_id",
            db::places(chunk.len())
        );
        required.extend(db::rows::<Sum>(db, &sql, ids()).await?.into_iter().map(|s| (s.person_id, s)));
        let sql = format!(
            "SELECT h.person_id, COUNT(*) AS placements, CAST(SUM(h.minutes) AS BIGINT) AS minutes FROM hour_entry h \
             JOIN placement pl ON pl.id = h.placement_id WHERE h.state = 'confirmed' AND pl.state <> 'withdrawn' \
             AND h.person_id IN ({}) GROUP BY h.person_id",
            db::places(chunk.len())
        );
        confirmed.extend(db::rows::<Sum>(db, &sql, ids()).await?.into_iter().map(|s| (s.person_id, s.minutes)));
    }
    let of = |id: &i64| Change::Practicum {
        placed: required.get(id).is_some_and(|s| s.placements > 0),
        required_minutes: required.get(id).map_or(0, |s| s.minutes),
        confirmed_minutes: confirmed.get(id).copied().unwrap_or(0),
    };
    Ok(people.iter().map(|id| (*id, of(id))).collect())
}
