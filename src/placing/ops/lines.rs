//! The lines of a round: one a member of the cohort, with wishes, outcome and reasons; kept or moved by hand.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::line;
use super::super::rules::Bar;
use super::propose::Reason;
use super::round::{get, open};
use super::scene::Scene;
use super::slot::{SlotView, by_ids, slot_of};
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::list::{Order, Slice, Sort, Where, page};
use crate::db::{self, Cx};
use crate::practicum::programme;
use crate::records;

/// A member's line as it is read.
#[derive(Clone, Debug, FromQueryResult)]
struct Raw {
    person_id: i64,
    person_name: String,
    student_no: String,
    town: String,
    wishes: i64,
    priority: Option<i64>,
    version: Option<i64>,
    slot_id: Option<i64>,
    placement_id: Option<i64>,
    outcome: Option<String>,
    rank: Option<i64>,
    locked: Option<bool>,
    reasons: Option<String>,
}

/// A member of the cohort with their line.
#[derive(Clone, Debug)]
pub struct LineView {
    pub person_id: i64,
    pub person_name: String,
    pub student_no: String,
    pub town: String,
    /// How many wishes they have.
    pub wishes: i64,
    pub priority: i64,
    /// 0 before there is a line.
    pub version: i64,
    pub slot: Option<SlotView>,
    pub placement_id: Option<i64>,
    /// wish, filled, locked or none; empty before there is a line.
    pub outcome: String,
    /// The number of the wish, from 1.
    pub rank: Option<i64>,
    pub locked: bool,
    /// The wishes above it with why each failed, and the place each was for.
    pub reasons: Vec<(Reason, String)>,
}

/// What narrows the lines.
#[derive(Clone, Debug, Default)]
pub struct FindLines {
    pub text: String,
    /// wish, filled, locked, none, or empty for all.
    pub outcome: String,
    pub slot_id: Option<i64>,
}

/// The orders of the lines.
pub const LINE_ORDERS: [Order; 2] = [Order::text("name", "p.name_key"), Order::text("student_no", "p.student_no")];

const FROM: &str = "JOIN person p ON p.id = e.person_id LEFT JOIN placing_student s ON s.person_id = e.person_id \
                    AND s.round_id = e.round_id LEFT JOIN placing_line l ON l.person_id = e.person_id \
                    AND l.round_id = e.round_id";

const COLUMNS: &str = "e.person_id, p.name AS person_name, p.student_no, p.town, s.priority, l.version, l.slot_id, \
                       l.placement_id, l.outcome, l.rank, l.locked, l.reasons, \
                       (SELECT COUNT(*) FROM placing_wish w WHERE w.student_id = s.id) AS wishes";

/// Everybody in the cohort, and who has a line though they left it.
fn everybody(round_id: i64) -> String {
    // The number is the program's own.
    format!(
        "(SELECT r.id AS round_id, n.person_id FROM placing_round r JOIN enrolment n ON n.cohort_id = r.cohort_id \
         AND n.state = 'active' WHERE r.id = {round_id} \
         UNION SELECT q.round_id, q.person_id FROM placing_line q WHERE q.round_id = {round_id}) e {FROM}"
    )
}

async fn dressed(db: &impl ConnectionTrait, raw: Vec<Raw>) -> Result<Vec<LineView>> {
    let read = |r: &Raw| -> Vec<Reason> {
        r.reasons.as_deref().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default()
    };
    let mut ids: Vec<i64> = raw.iter().filter_map(|r| r.slot_id).collect();
    ids.extend(raw.iter().flat_map(|r| read(r).into_iter().map(|x| x.slot_id)));
    ids.sort_unstable();
    ids.dedup();
    let slots: HashMap<i64, SlotView> = by_ids(db, &ids).await?;
    let name = |id: i64| slots.get(&id).map(SlotView::label).unwrap_or_default();
    let line = |r: Raw| LineView {
        reasons: read(&r).into_iter().map(|x| (x, name(x.slot_id))).collect(),
        slot: r.slot_id.and_then(|id| slots.get(&id).cloned()),
        person_id: r.person_id,
        person_name: r.person_name,
        student_no: r.student_no,
        town: r.town,
        wishes: r.wishes,
        priority: r.priority.unwrap_or(0),
        version: r.version.unwrap_or(0),
        placement_id: r.placement_id,
        outcome: r.outcome.unwrap_or_default(),
        rank: r.rank,
        locked: r.locked.unwrap_or(false),
    };
    Ok(raw.into_iter().map(line).collect())
}

/// The lines of a round.
///
/// # Errors
/// Forbidden, or not found for a round that is not the actor's.
pub async fn lines(
    db: &impl ConnectionTrait,
    who: &Actor,
    round_id: i64,
    find: &FindLines,
    sort: &str,
    slice: &Slice,
) -> Result<Page<LineView>> {
    get(db, who, round_id).await?;
    let mut w = Where::default();
    w.contains(&["p.name", "p.student_no"], &find.text);
    w.equal("l.outcome", Some(&find.outcome));
    if let Some(id) = find.slot_id {
        w.and("l.slot_id = ?", [id.into()]);
    }
    let sort = Sort::of(&LINE_ORDERS, sort);
    let raw: Page<Raw> = page(db, COLUMNS, &everybody(round_id), "e.person_id", w, sort, slice).await?;
    Ok(Page { items: dressed(db, raw.items).await?, next: raw.next })
}

/// One person's line, whoever asks.
pub(super) async fn line_of(db: &impl ConnectionTrait, round_id: i64, person_id: i64) -> Result<LineView> {
    let sql = format!("SELECT {COLUMNS} FROM {} WHERE e.person_id = ?", everybody(round_id));
    let raw = db::rows(db, &sql, [person_id.into()]).await?;
    let found = dressed(db, raw).await?.into_iter().next();
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// What is wanted of a line by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// At this place, whatever is computed.
    At(i64),
    /// Without a place.
    Out,
    /// As the next proposal has it.
    Free,
}

/// Keeps a line as it is put, or leaves it to the next proposal again.
///
/// # Errors
/// Forbidden, not found; a round that is not open; changed meanwhile; a place that cannot be this person's, or all of whose
/// places are kept for others.
pub async fn put_line(cx: &Cx, who: &Actor, round_id: i64, person_id: i64, version: i64, keep: Keep) -> Result<()> {
    let txn = cx.begin().await?;
    let round = open(&txn, who, round_id, None).await?;
    let old = line::Entity::find()
        .filter(line::Column::RoundId.eq(round_id))
        .filter(line::Column::PersonId.eq(person_id))
        .one(&txn)
        .await?;
    if old.as_ref().map_or(0, |l| l.version) != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let scene = Scene::load(&txn, cx, round, Some(person_id)).await?;
    let member = scene.members.first().ok_or_else(|| Error::not_found("error-not-found"))?;
    let slot_id = match keep {
        Keep::At(id) => {
            let slot = slot_of(&txn, round_id, id).await?;
            if let Some(bar) = scene.hard_bar(member, &slot) {
                return Err(Error::field("slot", bar_msg(bar)));
            }
            let kept = scene.locks.iter().filter(|(p, s)| **p != person_id && **s == Some(id)).count();
            if i64::try_from(kept).unwrap_or(i64::MAX) >= slot.places {
                return Err(Error::field("slot", Msg::new("placing-slot-kept").with("n", slot.places)));
            }
            Some(id)
        }
        Keep::Out => None,
        Keep::Free => old.as_ref().and_then(|l| l.slot_id),
    };
    let base = old.clone().unwrap_or_else(|| line::Model {
        id: 0,
        round_id,
        person_id,
        slot_id: None,
        placement_id: None,
        outcome: "none".to_owned(),
        rank: None,
        locked: false,
        reasons: String::new(),
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    });
    let locked = keep != Keep::Free;
    let outcome = if locked { "locked".to_owned() } else { base.outcome.clone() };
    let row = line::Model { slot_id, locked, outcome, rank: base.rank.filter(|_| !locked), ..base };
    match old {
        None => drop(records::insert(&txn, cx, who, row).await?),
        Some(old) => {
            let change = audit::Change::new(if locked { "keep" } else { "release" }, "placing_line", old.id, 0);
            drop(records::update(&txn, cx, who, &old, row, change).await?);
        }
    }
    txn.commit().await?;
    Ok(())
}

/// The sentence for what stands in the way.
#[must_use]
pub fn bar_msg(bar: Bar) -> Msg {
    let msg = |key: &str| Msg::new(&format!("placing-bar-{key}"));
    match bar {
        Bar::Taken { places, by } => msg(&format!("taken-{}", by.name())).with("n", places),
        other => msg(&other.code().replace('_', "-")),
    }
}

/// A supervisor who would have more interns than is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heavy {
    pub supervisor: String,
    pub base_name: String,
    pub interns: i64,
    pub limit: i64,
}

/// Supervisors whom the proposal brings above the programme's warning limit, those there already included. A warning only.
///
/// # Errors
/// As [`lines`].
pub async fn heavy(cx: &Cx, who: &Actor, round_id: i64) -> Result<Vec<Heavy>> {
    #[derive(FromQueryResult)]
    struct Row {
        supervisor: String,
        base_name: String,
        interns: i64,
    }
    let r = get(cx.read(), who, round_id).await?;
    let limit = programme::rules_for(cx, &r.programme, r.starts_on)?.programme.ratio_warning;
    let sql = "SELECT y.supervisor, y.base_name, y.interns FROM (SELECT s.id, s.name AS supervisor, b.name AS base_name, \
               (SELECT COUNT(*) FROM placement pl WHERE pl.supervisor_id = s.id AND pl.state = 'active' \
               AND (pl.starts_on IS NULL OR pl.starts_on <= ?) AND (pl.ends_on IS NULL OR pl.ends_on >= ?)) \
               + (SELECT COUNT(*) FROM placing_line l JOIN placing_slot x ON x.id = l.slot_id WHERE x.supervisor_id = s.id \
               AND l.round_id = ? AND l.placement_id IS NULL) AS interns FROM supervisor s JOIN base b ON b.id = s.base_id \
               WHERE s.id IN (SELECT x.supervisor_id FROM placing_slot x WHERE x.round_id = ?)) y \
               WHERE y.interns > ? ORDER BY y.interns DESC, y.id LIMIT 20";
    let values: [Value; 5] = [r.ends_on.into(), r.starts_on.into(), round_id.into(), round_id.into(), limit.into()];
    let rows: Vec<Row> = db::rows(cx.read(), sql, values).await?;
    let heavy = |r: Row| Heavy { supervisor: r.supervisor, base_name: r.base_name, interns: r.interns, limit };
    Ok(rows.into_iter().map(heavy).collect())
}
