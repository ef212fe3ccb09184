//! Deriving who completed a class.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::entity::completion;
use super::super::rules::{Asked, Standing, Verdict, total, verdict};
use super::certificate::end;
use super::rule::{asked, load};
use crate::classes::entity::{class, class_enrolment};
use crate::classes::ops::set_enrolment;
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};

#[derive(FromQueryResult)]
struct Attended {
    person_id: i64,
    minutes: i64,
}

#[derive(FromQueryResult)]
struct Stood {
    enrolment_id: i64,
    earned: i64,
    minimums_met: bool,
}

/// Minutes held by a class, and attended by each of its people.
///
/// # Errors
/// What the database reports.
pub async fn attended(db: &impl ConnectionTrait, class_id: i64) -> Result<(i64, HashMap<i64, i64>)> {
    let sql = "SELECT CAST(COALESCE(SUM(minutes), 0) AS BIGINT) FROM class_session WHERE class_id = ?";
    let held = db::int(db, sql, [class_id.into()]).await?.unwrap_or(0);
    let sql = "SELECT a.person_id, CAST(SUM(cs.minutes) AS BIGINT) AS minutes FROM attendance a \
               JOIN class_session cs ON cs.id = a.session_id WHERE cs.class_id = ? \
               AND a.state IN ('present', 'late', 'left_early') GROUP BY a.person_id";
    let attended: Vec<Attended> = db::rows(db, sql, [class_id.into()]).await?;
    Ok((held, attended.into_iter().map(|a| (a.person_id, a.minutes)).collect()))
}

/// Everything that decides about the people of one class.
pub(super) struct Facts {
    pub held: i64,
    attended: HashMap<i64, i64>,
    standings: HashMap<i64, Standing>,
    pub asked: Option<Asked>,
    percent: i64,
}

impl Facts {
    pub(super) async fn of(db: &impl ConnectionTrait, class: &class::Model) -> Result<Self> {
        let (held, attended) = attended(db, class.id).await?;
        let sql = "SELECT s.enrolment_id, s.earned, s.minimums_met FROM class_standing s \
                   JOIN class_enrolment ce ON ce.id = s.enrolment_id WHERE ce.class_id = ?";
        let stood: Vec<Stood> = db::rows(db, sql, [class.id.into()]).await?;
        let standing = |s: &Stood| Standing { earned: s.earned, minimums_met: s.minimums_met };
        Ok(Self {
            held,
            attended,
            standings: stood.iter().map(|s| (s.enrolment_id, standing(s))).collect(),
            asked: asked(load(db, class.id).await?.as_ref()),
            percent: class.required_percent,
        })
    }

    pub(super) fn minutes(&self, person_id: i64) -> i64 {
        self.attended.get(&person_id).copied().unwrap_or(0)
    }

    pub(super) fn verdict(&self, person_id: i64, enrolment_id: i64) -> Verdict {
        let standing = self.standings.get(&enrolment_id).copied();
        verdict((self.minutes(person_id), self.held), self.percent, self.asked, standing)
    }

    /// The published total of 100 points in hundredths.
    pub(super) fn total(&self, person_id: i64, enrolment_id: i64) -> Option<i64> {
        let asked = self.asked.filter(|a| a.published)?;
        let standing = self.standings.get(&enrolment_id)?;
        Some(total(*standing, asked.attendance, self.minutes(person_id), self.held))
    }
}

/// Derives who completed a closed class from the attendance and the assessment on record; in a class that is not closed
/// nobody has. Certificates of people who have not (any more) are revoked. The caller holds the pipeline open for the
/// class's people.
///
/// # Errors
/// [`Error::Conflict`] when a class with valid certificates would be open again.
pub(in crate::classes) async fn settle(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, class_id: i64) -> Result<()> {
    let Some(class) = class::Entity::find_by_id(class_id).one(txn).await? else { return Ok(()) };
    let closed = class.state == "closed";
    let certificates = completion::Entity::find()
        .filter(completion::Column::ClassId.eq(class_id))
        .filter(completion::Column::State.eq("valid"))
        .all(txn)
        .await?;
    if !closed && !certificates.is_empty() {
        return Err(Error::conflict("completion-stands"));
    }
    let facts = Facts::of(txn, &class).await?;
    let rows = class_enrolment::Entity::find().filter(class_enrolment::Column::ClassId.eq(class_id)).all(txn).await?;
    let mut why: HashMap<i64, &'static str> = HashMap::new();
    for r in rows {
        if !["active", "completed"].contains(&r.state.as_str()) {
            why.insert(r.id, "withdrawn");
            continue;
        }
        let found = facts.verdict(r.person_id, r.id);
        if found != Verdict::Completed {
            why.insert(r.id, found.name());
        }
        let state = if closed && found == Verdict::Completed { "completed" } else { "active" };
        if r.state != state {
            set_enrolment(txn, cx, who, &r, r.version, state).await?;
        }
    }
    for c in certificates {
        if let Some(code) = why.get(&c.enrolment_id) {
            end(txn, cx, who, &c, "revoked", code, "").await?;
        }
    }
    Ok(())
}
