//! Agreements and free places on record, read under the base's lock: two who want the last place are told apart.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::rules::room::{NoRoom, Places, Span, check_room, free};
use crate::core::Result;
use crate::db;
use crate::directory::entity::{agreement, base};

/// Somebody to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// Absent for a person who is not on record yet.
    pub person_id: Option<i64>,
    /// Absent: any campus's agreement will do.
    pub campus_id: Option<i64>,
    pub base_id: i64,
    pub span: Span,
    /// A placement of theirs that this one is (a row read again, a change): it takes no further place.
    pub own: Option<i64>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct There {
    id: i64,
    base_id: i64,
    person_id: i64,
    campus_id: Option<i64>,
    starts_on: Option<chrono::NaiveDate>,
    ends_on: Option<chrono::NaiveDate>,
}

/// The bases with their agreements and who is there.
#[derive(Debug, Default)]
pub struct Room {
    bases: HashMap<i64, base::Model>,
    agreements: HashMap<i64, Vec<agreement::Model>>,
    there: HashMap<i64, Vec<There>>,
}

impl Room {
    /// Reads what is on record for these bases, and locks them until the transaction ends.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn load(txn: &DatabaseTransaction, bases: &[i64]) -> Result<Self> {
        let mut ids = bases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        db::lock_rows(txn, "base", &ids).await?;
        Self::look(txn, &ids).await
    }

    /// Reads what is on record for these bases as it stands, for a proposal; before anybody is placed it is [`Room::load`]ed.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn look(txn: &impl ConnectionTrait, bases: &[i64]) -> Result<Self> {
        let mut ids = bases.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut out = Self::default();
        for chunk in ids.chunks(db::CHUNK) {
            let rows = base::Entity::find().filter(base::Column::Id.is_in(chunk.iter().copied())).all(txn).await?;
            out.bases.extend(rows.into_iter().map(|b| (b.id, b)));
            let rows = agreement::Entity::find().filter(agreement::Column::BaseId.is_in(chunk.iter().copied()));
            for a in rows.all(txn).await? {
                out.agreements.entry(a.base_id).or_default().push(a);
            }
            let sql = format!(
                "SELECT pl.id, pl.base_id, pl.person_id, p.campus_id, pl.starts_on, pl.ends_on FROM placement pl \
                 JOIN person p ON p.id = pl.person_id WHERE pl.state = 'active' AND pl.base_id IN ({})",
                db::places(chunk.len())
            );
            for t in db::rows::<There>(txn, &sql, chunk.iter().map(|i| Value::from(*i))).await? {
                out.there.entry(t.base_id).or_default().push(t);
            }
        }
        Ok(out)
    }

    /// Whether there is room; what was taken before in this transaction by [`Room::take`] counts.
    ///
    /// # Errors
    /// The reason.
    pub fn check(&self, w: &Want, strict: bool) -> std::result::Result<(), NoRoom> {
        let there = self.there.get(&w.base_id).map(Vec::as_slice).unwrap_or_default();
        let own = |t: &&There| {
            w.own == Some(t.id) || (w.person_id == Some(t.person_id) && t.starts_on == w.span.0 && w.own.is_none())
        };
        if w.own.is_none() && there.iter().any(|t| own(&t)) {
            return Ok(());
        }
        check_room(&self.places(w.base_id, w.campus_id, |t| !own(&t)), w.span, strict)
    }

    fn places(&self, base_id: i64, campus_id: Option<i64>, counts: impl Fn(&There) -> bool) -> Places {
        let there = self.there.get(&base_id).map(Vec::as_slice).unwrap_or_default();
        let others = || there.iter().filter(|t| counts(t));
        let of_campus = |campus: Option<i64>| campus_id.is_none() || campus == campus_id;
        let all = self.agreements.get(&base_id).map(Vec::as_slice).unwrap_or_default();
        let agreements = all.iter().filter(|a| of_campus(Some(a.campus_id)));
        Places {
            active: self.bases.get(&base_id).is_some_and(|b| b.active),
            capacity: self.bases.get(&base_id).and_then(|b| b.capacity),
            agreements: agreements.map(|a| ((a.valid_from, a.valid_to), a.capacity)).collect(),
            taken: others().map(|t| (t.starts_on, t.ends_on)).collect(),
            taken_of_campus: others().filter(|t| of_campus(t.campus_id)).map(|t| (t.starts_on, t.ends_on)).collect(),
        }
    }

    /// How many more fit in for a span: at the base, and of the campus under its agreements; `None` for no limit.
    ///
    /// # Errors
    /// Why nobody may, however many places there are.
    pub fn free(&self, base: i64, campus: i64, span: Span) -> std::result::Result<(Option<i64>, Option<i64>), NoRoom> {
        free(&self.places(base, Some(campus), |_| true), span)
    }

    /// The base's row, if there is such a base.
    #[must_use]
    pub fn base(&self, id: i64) -> Option<&base::Model> {
        self.bases.get(&id)
    }

    /// Gives the place of a placement free, for those who are judged after.
    pub fn leave(&mut self, placement_id: i64) {
        for there in self.there.values_mut() {
            there.retain(|t| t.id != placement_id);
        }
    }

    /// Takes the place, for those who are judged after.
    pub fn take(&mut self, w: &Want) {
        self.there.entry(w.base_id).or_default().push(There {
            id: 0,
            base_id: w.base_id,
            // Nobody has this id: a person judged twice in one file takes one place by their first row.
            person_id: w.person_id.unwrap_or(-1),
            campus_id: w.campus_id,
            starts_on: w.span.0,
            ends_on: w.span.1,
        });
    }
}
