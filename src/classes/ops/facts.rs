//! What the pipeline is told about the classes of people.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::core::Result;
use crate::db;
use crate::pipeline::Change;

#[derive(FromQueryResult)]
struct Counted {
    person_id: i64,
    under_way: i64,
    complete: i64,
}

/// How these people stand with their classes, for the pipeline's `close`: under way in a class that is, complete with one
/// completed. Everybody asked for gets a line.
///
/// # Errors
/// What the database reports.
pub async fn facts(db: &impl ConnectionTrait, people: &[i64]) -> Result<Vec<(i64, Change)>> {
    let mut known: HashMap<i64, Counted> = HashMap::new();
    for chunk in people.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT ce.person_id, \
             CAST(SUM(CASE WHEN ce.state = 'active' AND c.state = 'under_way' THEN 1 ELSE 0 END) AS BIGINT) AS under_way, \
             CAST(SUM(CASE WHEN ce.state = 'completed' THEN 1 ELSE 0 END) AS BIGINT) AS complete \
             FROM class_enrolment ce JOIN class c ON c.id = ce.class_id WHERE ce.person_id IN ({}) GROUP BY ce.person_id",
            db::places(chunk.len())
        );
        let rows = db::rows::<Counted>(db, &sql, chunk.iter().map(|i| Value::from(*i)).collect::<Vec<_>>()).await?;
        known.extend(rows.into_iter().map(|r| (r.person_id, r)));
    }
    let of = |id: &i64| Change::Class {
        under_way: known.get(id).is_some_and(|c| c.under_way > 0),
        complete: known.get(id).is_some_and(|c| c.complete > 0),
    };
    Ok(people.iter().map(|id| (*id, of(id))).collect())
}
