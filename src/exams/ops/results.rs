//! Results entered, corrected and decided by hand; each with a reason, each deriving again what hangs on it.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{registration, result};
use super::super::facts;
use super::{Cycle, EDITORS, bulk, cycle_by_id, cycles, visible, year_of};
use crate::core::{Actor, Error, Msg, Result};
use crate::db::Cx;
use crate::pipeline;
use crate::schemes::{self, BesideMarks, Outcome, Scheme};

/// A result entered or corrected by hand.
#[derive(Clone, Debug)]
pub struct SetResult {
    pub cycle_id: i64,
    pub person_id: i64,
    /// The level's code.
    pub level: String,
    /// The subject's code.
    pub subject: String,
    /// A mark or a code, as a file would have it.
    pub score: String,
    /// The day from which it counts; absent: as the cycle says, or for a correction as before.
    pub published_on: Option<NaiveDate>,
    pub why: String,
    /// The version seen; absent when nothing is on record yet.
    pub version: Option<i64>,
}

/// Enters or corrects one result. A correction that puts a violation beside marks holds the sitting.
///
/// # Errors
/// [`Error::Invalid`] on `score`, `level`, `subject` or `why`; [`Error::Conflict`] when somebody else changed it meanwhile
/// or the candidate is not registered in a cycle that has registrations.
pub async fn set_result(cx: &Cx, who: &Actor, input: SetResult) -> Result<()> {
    who.require(EDITORS)?;
    let why = reason(&input.why)?;
    let schemes = schemes::of(cx)?;
    let txn = cx.begin().await?;
    let cycle = cycle_by_id(&txn, input.cycle_id).await?;
    let year = year_of(&cycle);
    let scheme = schemes.scheme(&cycle.scheme)?;
    let level = scheme.level(&input.level).ok_or_else(|| Error::field("level", Msg::new("exams-level-unknown")))?;
    let subject = level.subject(&input.subject);
    let subject = subject.ok_or_else(|| Error::field("subject", Msg::new("exams-subject-unknown")))?;
    let outcome = scheme.read_score(subject, year, &input.score).map_err(|p| {
        let key = format!("import-code-{}", p.code().replace('_', "-"));
        let full = super::super::rules::show_mark(subject.full_marks);
        let step = super::super::rules::show_mark(subject.step);
        // The sentence is the import's, which names the column.
        let column = subject.name.text(who.lang).to_owned();
        let msg = Msg::new(&key).with("column", column).with("full", full).with("step", step);
        Error::field("score", msg.with("value", &input.score))
    })?;
    visible(&txn, who, input.person_id).await?;
    if !may_have_results(&txn, &cycle, input.person_id, &level.code).await? {
        return Err(Error::conflict("exams-not-registered"));
    }
    let before = pipeline::open(&txn, &[input.person_id]).await?;
    let mut sitting = sitting(&txn, &cycle, input.person_id, &level.code).await?;
    let (code, mark) = outcome.parts();
    match (sitting.iter().position(|r| r.subject == subject.code), input.version) {
        (Some(at), Some(seen)) => {
            let Some(slot) = sitting.get_mut(at) else { return Err(Error::internal("a place that was just found")) };
            if slot.version != seen {
                return Err(Error::conflict("error-changed-meanwhile"));
            }
            let mut new = slot.clone();
            code.clone_into(&mut new.code);
            new.mark = mark;
            new.corrected = true;
            new.published_on = input.published_on.unwrap_or(slot.published_on);
            *slot = bulk::update_result(&txn, cx, who, slot, new, why, None).await?;
        }
        (None, None) => {
            let published_on = match input.published_on {
                Some(on) => on,
                None => cycles::published_on(cx, &cycle)?,
            };
            let mut new = [result::Model {
                id: 0,
                cycle_id: cycle.id,
                person_id: input.person_id,
                level: level.code.clone(),
                subject: subject.code.clone(),
                archive_no: sitting.first().map(|r| r.archive_no.clone()).unwrap_or_default(),
                note: String::new(),
                code: code.to_owned(),
                mark,
                held: sitting.iter().any(|r| r.held),
                corrected: true,
                published_on,
                version: 1,
                created_at: cx.now(),
                updated_at: cx.now(),
                created_by: who.user_id,
                updated_by: who.user_id,
            }];
            bulk::insert_results(&txn, cx, who, &mut new, why, None).await?;
            sitting.extend(new);
        }
        _ => return Err(Error::conflict("error-changed-meanwhile")),
    }
    let newly = scheme.beside_marks(outcome, year) == BesideMarks::Hold;
    let held = must_hold(scheme, year, &sitting) && (newly || sitting.iter().any(|r| r.held));
    hold(&txn, cx, who, &sitting, held, why).await?;
    let changes = facts::of(&txn, &schemes, &[input.person_id]).await?;
    before.close(&txn, cx, changes).await?;
    Ok(txn.commit().await?)
}

/// What becomes of a sitting on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Only the subject of the violation is void; the marks count (人社部令第31号, Art. 6 and 11).
    SubjectOnly,
    /// Every subject of the sitting is void (Art. 7 and 8).
    WholeSitting,
}

/// A decision on a sitting on hold.
#[derive(Clone, Debug)]
pub struct Decide {
    pub cycle_id: i64,
    pub person_id: i64,
    pub level: String,
    pub decision: Decision,
    pub why: String,
}

/// Ends the hold.
///
/// # Errors
/// [`Error::Conflict`] when the sitting is not on hold.
pub async fn decide(cx: &Cx, who: &Actor, input: Decide) -> Result<()> {
    who.require(EDITORS)?;
    let why = reason(&input.why)?;
    let txn = cx.begin().await?;
    let cycle = cycle_by_id(&txn, input.cycle_id).await?;
    visible(&txn, who, input.person_id).await?;
    let before = pipeline::open(&txn, &[input.person_id]).await?;
    let sitting = sitting(&txn, &cycle, input.person_id, &input.level).await?;
    if !sitting.iter().any(|r| r.held) {
        return Err(Error::conflict("exams-not-held"));
    }
    for old in &sitting {
        let mut new = old.clone();
        new.held = false;
        new.corrected = true;
        if input.decision == Decision::WholeSitting && old.mark.is_some() {
            Outcome::Violation.parts().0.clone_into(&mut new.code);
            new.mark = None;
        }
        bulk::update_result(&txn, cx, who, old, new, why, None).await?;
    }
    let schemes = schemes::of(cx)?;
    let changes = facts::of(&txn, &schemes, &[input.person_id]).await?;
    before.close(&txn, cx, changes).await?;
    Ok(txn.commit().await?)
}

fn reason(why: &str) -> Result<&str> {
    let why = why.trim();
    if why.is_empty() { Err(Error::field("why", Msg::new("exams-why-missing"))) } else { Ok(why) }
}

async fn sitting(txn: &DatabaseTransaction, cycle: &Cycle, person_id: i64, level: &str) -> Result<Vec<result::Model>> {
    let rows = result::Entity::find()
        .filter(result::Column::CycleId.eq(cycle.id))
        .filter(result::Column::PersonId.eq(person_id))
        .filter(result::Column::Level.eq(level));
    Ok(rows.all(txn).await?)
}

/// A cycle with registrations on record takes results only of those registered for the level.
async fn may_have_results(txn: &DatabaseTransaction, cycle: &Cycle, person_id: i64, level: &str) -> Result<bool> {
    let in_cycle = || registration::Entity::find().filter(registration::Column::CycleId.eq(cycle.id));
    if in_cycle().one(txn).await?.is_none() {
        return Ok(true);
    }
    let own = in_cycle()
        .filter(registration::Column::PersonId.eq(person_id))
        .filter(registration::Column::Level.eq(level))
        .filter(registration::Column::State.eq("active"));
    Ok(own.one(txn).await?.is_some())
}

fn must_hold(scheme: &Scheme, year: i32, sitting: &[result::Model]) -> bool {
    let outcomes: Vec<Outcome> = sitting.iter().filter_map(|r| Outcome::from_parts(&r.code, r.mark)).collect();
    scheme.must_hold(year, &outcomes)
}

/// Puts the rows of a sitting on hold or takes them off.
async fn hold(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    sitting: &[result::Model],
    held: bool,
    why: &str,
) -> Result<()> {
    for old in sitting.iter().filter(|r| r.held != held) {
        let mut new = old.clone();
        new.held = held;
        bulk::update_result(txn, cx, who, old, new, why, None).await?;
    }
    Ok(())
}
