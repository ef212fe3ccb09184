//! Sessions of a class that clash with others, of whatever class: by room (in one county), lecturer or participants.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};

use super::super::config;
use super::super::entity::visible_to;
use super::super::rules::clash::{Shared, overlap};
use super::class::{ROLES, find};
use crate::core::{Actor, Result};
use crate::db::{self, Cx};

/// A session of the class with the one it clashes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub session_id: i64,
    pub held_on: NaiveDate,
    pub other_session: i64,
    /// The other class; nothing where the reader may not see it.
    pub other_class: Option<(i64, String)>,
    pub shared: Shared,
}

#[derive(Clone, FromQueryResult)]
struct Pair {
    id: i64,
    held_on: NaiveDate,
    slot: String,
    starts: Option<i64>,
    ends: Option<i64>,
    other: i64,
    other_class: i64,
    other_slot: String,
    other_starts: Option<i64>,
    other_ends: Option<i64>,
    what: String,
    n: i64,
}

const PAIR: &str = "a.id, a.held_on, a.slot, a.starts, a.ends, b.id AS other, b.class_id AS other_class, b.slot AS other_slot, \
    b.starts AS other_starts, b.ends AS other_ends";

/// The clashes of a class, from today on or of all days, at most 200 of each kind.
///
/// # Errors
/// Forbidden for all but staff; not found.
pub async fn clashes(cx: &Cx, who: &Actor, class_id: i64) -> Result<Vec<Clash>> {
    who.require(ROLES)?;
    let db = cx.read();
    let class = find(db, who, class_id).await?;
    let config = config::of(cx)?;
    let room = format!(
        "SELECT {PAIR}, a.room AS what, CAST(0 AS BIGINT) AS n FROM class_session a \
         JOIN class_session b ON b.held_on = a.held_on AND b.id <> a.id AND b.room = a.room \
         JOIN class c ON c.id = b.class_id AND c.region_code = ? \
         WHERE a.class_id = ? AND a.room <> '' ORDER BY a.held_on, a.id, b.id LIMIT 200"
    );
    let lecturer = format!(
        "SELECT {PAIR}, l.name AS what, CAST(0 AS BIGINT) AS n FROM class_session a \
         JOIN session_lecturer x ON x.session_id = a.id JOIN session_lecturer y ON y.lecturer_id = x.lecturer_id \
         JOIN class_session b ON b.id = y.session_id AND b.held_on = a.held_on AND b.id <> a.id \
         JOIN lecturer l ON l.id = x.lecturer_id WHERE a.class_id = ? ORDER BY a.held_on, a.id, b.id LIMIT 200"
    );
    let people = format!(
        "SELECT {PAIR}, '' AS what, COUNT(*) AS n FROM class_enrolment ea \
         JOIN class_enrolment eb ON eb.person_id = ea.person_id AND eb.class_id <> ea.class_id AND eb.state <> 'withdrawn' \
         JOIN class_session a ON a.class_id = ea.class_id \
         JOIN class_session b ON b.class_id = eb.class_id AND b.held_on = a.held_on \
         WHERE ea.class_id = ? AND ea.state <> 'withdrawn' GROUP BY a.id, a.held_on, a.slot, a.starts, a.ends, \
         b.id, b.class_id, b.slot, b.starts, b.ends ORDER BY a.held_on, a.id, b.id LIMIT 200"
    );
    let mut found: Vec<(Pair, Shared)> = Vec::new();
    let rows: Vec<Pair> = db::rows(db, &room, [class.region_code.clone().into(), class_id.into()]).await?;
    found.extend(rows.into_iter().map(|p| (p.clone(), Shared::Room(p.what))));
    let rows: Vec<Pair> = db::rows(db, &lecturer, [class_id.into()]).await?;
    found.extend(rows.into_iter().map(|p| (p.clone(), Shared::Lecturer(p.what))));
    let rows: Vec<Pair> = db::rows(db, &people, [class_id.into()]).await?;
    found.extend(rows.into_iter().map(|p| (p.clone(), Shared::People(p.n))));
    found.retain(|(p, _)| {
        let own = config.times(&p.slot, p.starts, p.ends);
        overlap(own, config.times(&p.other_slot, p.other_starts, p.other_ends))
    });
    let names = names(cx, who, &found).await?;
    let mut out: Vec<Clash> = found
        .into_iter()
        .map(|(p, shared)| Clash {
            session_id: p.id,
            held_on: p.held_on,
            other_session: p.other,
            other_class: names.get(&p.other_class).map(|n| (p.other_class, n.clone())),
            shared,
        })
        .collect();
    out.sort_by(|a, b| (a.held_on, a.session_id, &a.shared).cmp(&(b.held_on, b.session_id, &b.shared)));
    Ok(out)
}

/// The names of the other classes that the reader may see.
async fn names(cx: &Cx, who: &Actor, found: &[(Pair, Shared)]) -> Result<HashMap<i64, String>> {
    #[derive(FromQueryResult)]
    struct Named {
        id: i64,
        name: String,
    }
    let ids: HashSet<i64> = found.iter().map(|(p, _)| p.other_class).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (scope, values) = visible_to(who);
    let sql = format!("SELECT c.id, c.name FROM class c WHERE c.id IN ({}) AND {scope}", db::places(ids.len()));
    let values: Vec<Value> = ids.into_iter().map(Value::from).chain(values).collect();
    Ok(db::rows::<Named>(cx.read(), &sql, values).await?.into_iter().map(|n| (n.id, n.name)).collect())
}
