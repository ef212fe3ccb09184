//! The places that bases offer in a round.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::{round, slot};
use super::round::{get, open};
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result};
use crate::db::list::{Order, Slice, Sort, Where, page};
use crate::db::{self, Cx};
use crate::directory::entity::{agreement, base, bases_visible_to, supervisor};
use crate::records;

/// A slot with the names around it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SlotView {
    pub id: i64,
    pub version: i64,
    pub base_id: i64,
    pub base_code: String,
    pub base_name: String,
    pub town: String,
    pub campus_id: i64,
    pub campus_name: String,
    pub supervisor_id: Option<i64>,
    pub supervisor_name: Option<String>,
    /// Empty for any.
    pub field: String,
    pub note: String,
    pub places: i64,
    /// Who wished for it, and of these as their first.
    pub wished: i64,
    pub first: i64,
    /// Lines of the proposal.
    pub placed: i64,
}

impl SlotView {
    /// "渠口镇社会工作服务站 · 养老".
    #[must_use]
    pub fn label(&self) -> String {
        if self.field.is_empty() { self.base_name.clone() } else { format!("{} · {}", self.base_name, self.field) }
    }

    /// Places that no line of the proposal has.
    #[must_use]
    pub fn left(&self) -> i64 {
        (self.places - self.placed).max(0)
    }
}

/// The orders of the list.
pub const SLOT_ORDERS: [Order; 3] =
    [Order::text("base", "b.name"), Order::text("field", "x.field"), Order::number("places", "x.places")];

const FROM: &str = "placing_slot x JOIN base b ON b.id = x.base_id JOIN campus c ON c.id = x.campus_id \
                    LEFT JOIN supervisor s ON s.id = x.supervisor_id";

const COLUMNS: &str = "x.id, x.version, x.base_id, b.code AS base_code, b.name AS base_name, b.town, x.campus_id, \
                       c.name AS campus_name, x.supervisor_id, s.name AS supervisor_name, x.field, x.note, x.places, \
                       (SELECT COUNT(*) FROM placing_wish w WHERE w.slot_id = x.id) AS wished, \
                       (SELECT COUNT(*) FROM placing_wish w WHERE w.slot_id = x.id AND w.rank = 1) AS first, \
                       (SELECT COUNT(*) FROM placing_line l WHERE l.slot_id = x.id) AS placed";

pub(super) async fn list_of(
    db: &impl ConnectionTrait,
    round_id: i64,
    campus: Option<i64>,
    text: &str,
    sort: &str,
    slice: &Slice,
) -> Result<Page<SlotView>> {
    let mut w = Where::default();
    w.and("x.round_id = ?", [round_id.into()]);
    if let Some(c) = campus {
        w.and("x.campus_id = ?", [c.into()]);
    }
    w.contains(&["b.name", "b.code", "b.town", "x.field"], text);
    page(db, COLUMNS, FROM, "x.id", w, Sort::of(&SLOT_ORDERS, sort), slice).await
}

/// The slots of a round.
///
/// # Errors
/// Forbidden, or not found for a round that is not the actor's.
pub async fn slots(
    db: &impl ConnectionTrait,
    who: &Actor,
    round_id: i64,
    text: &str,
    sort: &str,
    slice: &Slice,
) -> Result<Page<SlotView>> {
    get(db, who, round_id).await?;
    list_of(db, round_id, None, text, sort, slice).await
}

/// Slots by their ids, whoever asks: for lines and wishes that point at them.
pub(super) async fn by_ids(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, SlotView>> {
    let mut out = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE x.id IN ({})", db::places(chunk.len()));
        let rows: Vec<SlotView> = db::rows(db, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
        out.extend(rows.into_iter().map(|s| (s.id, s)));
    }
    Ok(out)
}

/// One slot of a round that the caller has looked up.
///
/// # Errors
/// Not found in that round.
pub async fn slot_view(db: &impl ConnectionTrait, round_id: i64, id: i64) -> Result<SlotView> {
    slot_of(db, round_id, id).await?;
    by_ids(db, &[id]).await?.remove(&id).ok_or_else(|| Error::not_found("error-not-found"))
}

/// A slot to be offered or changed; base and campus stay as they are in a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotInput {
    pub base_id: i64,
    /// Absent: the cohort's, or the only one that has an agreement with the base.
    pub campus_id: Option<i64>,
    pub supervisor_id: Option<i64>,
    pub field: String,
    pub note: String,
    pub places: i64,
}

fn tidy(mut s: SlotInput) -> Result<SlotInput> {
    s.field = s.field.trim().to_owned();
    s.note = s.note.trim().to_owned();
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if !(0..=1000).contains(&s.places) {
        bad("places", Msg::new("placing-places-range"));
    }
    for (field, text, most) in [("field", &s.field, 40), ("note", &s.note, 500)] {
        if text.chars().count() > most {
            bad(field, Msg::new("practicum-text-long").with("most", most));
        }
    }
    if wrong.is_empty() { Ok(s) } else { Err(Error::Invalid(wrong)) }
}

async fn check_supervisor(txn: &DatabaseTransaction, base: i64, id: Option<i64>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let row = supervisor::Entity::find_by_id(id).one(txn).await?;
    if row.is_some_and(|s| s.base_id == base && s.active) {
        return Ok(());
    }
    Err(Error::field("supervisor_id", Msg::new("practicum-supervisor-unknown")))
}

/// Under whose agreement the base offers: as asked, the cohort's campus, or the only campus that has one.
async fn campus_of(txn: &DatabaseTransaction, round: &round::Model, s: &SlotInput) -> Result<i64> {
    let agreements = agreement::Entity::find().filter(agreement::Column::BaseId.eq(s.base_id)).all(txn).await?;
    let mut known: Vec<i64> = agreements.iter().map(|a| a.campus_id).collect();
    known.sort_unstable();
    known.dedup();
    let cohort = crate::cohorts::entity::cohort::Entity::find_by_id(round.cohort_id).one(txn).await?;
    let wanted = s.campus_id.or_else(|| cohort.and_then(|c| c.campus_id));
    match (wanted, known.as_slice()) {
        (Some(c), known) if known.contains(&c) => Ok(c),
        (None, [only]) => Ok(*only),
        (None, [_, _, ..]) => Err(Error::field("campus_id", Msg::new("placing-campus-choose"))),
        _ => Err(Error::field("base_id", Msg::new("practicum-no-agreement"))),
    }
}

/// Offers places at a base.
///
/// # Errors
/// Forbidden; a round that is not open; a base that is unknown, retired or without an agreement; the same offer again.
pub async fn add_slot(cx: &Cx, who: &Actor, round_id: i64, input: SlotInput) -> Result<i64> {
    let s = tidy(input)?;
    let txn = cx.begin().await?;
    let round = open(&txn, who, round_id, None).await?;
    let found = bases_visible_to(who).filter(base::Column::Id.eq(s.base_id)).one(&txn).await?;
    let found = found.ok_or_else(|| Error::field("base_id", Msg::new("practicum-base-unknown")))?;
    if !found.active {
        return Err(Error::field("base_id", Msg::new("practicum-base-retired")));
    }
    check_supervisor(&txn, found.id, s.supervisor_id).await?;
    let campus_id = campus_of(&txn, &round, &s).await?;
    let same = slot::Entity::find()
        .filter(slot::Column::RoundId.eq(round_id))
        .filter(slot::Column::BaseId.eq(found.id))
        .filter(slot::Column::CampusId.eq(campus_id))
        .filter(slot::Column::Field.eq(s.field.as_str()));
    if same.one(&txn).await?.is_some() {
        return Err(Error::field("field", Msg::new("placing-slot-there")));
    }
    let row = slot::Model {
        id: 0,
        round_id,
        base_id: found.id,
        campus_id,
        supervisor_id: s.supervisor_id,
        field: s.field,
        note: s.note,
        places: s.places,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    let row = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(row.id)
}

pub(super) async fn slot_of(db: &impl ConnectionTrait, round_id: i64, id: i64) -> Result<slot::Model> {
    let row = slot::Entity::find_by_id(id).one(db).await?.filter(|s| s.round_id == round_id);
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

/// Changes what is offered; 0 places end the offer without touching the wishes.
///
/// # Errors
/// As [`add_slot`]; not found; changed meanwhile.
pub async fn edit_slot(cx: &Cx, who: &Actor, round_id: i64, id: i64, version: i64, input: SlotInput) -> Result<()> {
    let s = tidy(input)?;
    let txn = cx.begin().await?;
    open(&txn, who, round_id, None).await?;
    let old = slot_of(&txn, round_id, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    check_supervisor(&txn, old.base_id, s.supervisor_id).await?;
    let same = slot::Entity::find()
        .filter(slot::Column::RoundId.eq(round_id))
        .filter(slot::Column::BaseId.eq(old.base_id))
        .filter(slot::Column::CampusId.eq(old.campus_id))
        .filter(slot::Column::Field.eq(s.field.as_str()))
        .filter(slot::Column::Id.ne(id));
    if same.one(&txn).await?.is_some() {
        return Err(Error::field("field", Msg::new("placing-slot-there")));
    }
    let new =
        slot::Model { supervisor_id: s.supervisor_id, field: s.field, note: s.note, places: s.places, ..old.clone() };
    records::update(&txn, cx, who, &old, new, audit::Change::new("update", "placing_slot", id, 0)).await?;
    txn.commit().await?;
    Ok(())
}

/// Takes an offer away that nobody wished for and nobody is placed by.
///
/// # Errors
/// As [`edit_slot`]; wished for already.
pub async fn remove_slot(cx: &Cx, who: &Actor, round_id: i64, id: i64, version: i64) -> Result<()> {
    let txn = cx.begin().await?;
    open(&txn, who, round_id, None).await?;
    let old = slot_of(&txn, round_id, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let sql = "SELECT (SELECT COUNT(*) FROM placing_wish WHERE slot_id = ?) \
               + (SELECT COUNT(*) FROM placing_line WHERE slot_id = ?)";
    let used = db::int(&txn, sql, [id.into(), id.into()]).await?.unwrap_or(0);
    if used > 0 {
        return Err(Error::Conflict(Msg::new("placing-slot-used").with("n", used)));
    }
    slot::Entity::delete_by_id(id).exec(&txn).await?;
    let change = audit::Change::new("delete", "placing_slot", id, version + 1).before(&old);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(())
}
