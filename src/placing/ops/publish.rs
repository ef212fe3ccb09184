//! From the proposal to placements, all of them or none; and two persons who change places afterwards.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::entity::{line, round, slot};
use super::super::rules::Bar;
use super::lines::bar_msg;
use super::round::{locked, open};
use super::scene::{Scene, span};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::agreement;
use crate::pipeline;
use crate::practicum::ops::{self as practicum, PlacePerson, Placed, Room, Want};
use crate::practicum::rules::room::{NoRoom, covers};
use crate::records;

/// Most problems that are told at once.
const TOLD: usize = 50;

#[derive(FromQueryResult)]
struct Wanted {
    person_id: i64,
    slot_id: i64,
}

fn no_room(no: NoRoom) -> Msg {
    match no {
        NoRoom::BaseRetired => bar_msg(Bar::BaseRetired),
        NoRoom::NoAgreement => bar_msg(Bar::NoAgreement),
        NoRoom::NotCovered => bar_msg(Bar::NotCovered),
        NoRoom::BaseFull(n) | NoRoom::AgreementFull(n) => {
            Msg::new(&format!("practicum-{}", no.code().replace('_', "-"))).with("n", n)
        }
    }
}

/// Publishes a round: its lines become placements. What is on record is looked at again under the bases' locks, so that
/// nobody is placed where somebody else was placed meanwhile; when one line cannot be, none is made.
///
/// # Errors
/// Forbidden, not found; a round that is not open, changed meanwhile, or without a proposal; the lines that cannot be, each
/// as the field `line-PERSON`.
pub async fn publish(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<usize> {
    let txn = cx.begin().await?;
    let old = open(&txn, who, id, Some(version)).await?;
    if old.proposed_at.is_none() {
        return Err(Error::conflict("placing-not-proposed"));
    }
    let sql =
        "SELECT person_id, slot_id FROM placing_line WHERE round_id = ? AND slot_id IS NOT NULL ORDER BY person_id";
    let wanted: Vec<Wanted> = db::rows(&txn, sql, [id.into()]).await?;
    if wanted.is_empty() {
        return Err(Error::conflict("placing-nobody-placed"));
    }
    let slots = slot::Entity::find().filter(slot::Column::RoundId.eq(id)).all(&txn).await?;
    let slots: HashMap<i64, slot::Model> = slots.into_iter().map(|s| (s.id, s)).collect();
    let mut bases: Vec<i64> = wanted.iter().filter_map(|w| slots.get(&w.slot_id)).map(|s| s.base_id).collect();
    bases.sort_unstable();
    bases.dedup();
    // Bases before people, as everywhere.
    let room = Room::load(&txn, &bases).await?;
    let people: Vec<i64> = wanted.iter().map(|w| w.person_id).collect();
    let counted = pipeline::open(&txn, &people).await?;
    let scene = Scene::load(&txn, cx, old.clone(), None).await?;
    let list = checked(&scene, room, &slots, &wanted)?;
    let mentors = mentors(&txn, &old, &bases).await?;
    let list: Vec<PlacePerson> = list
        .into_iter()
        .map(|(p, s)| PlacePerson {
            person_id: p,
            base_id: s.base_id,
            cohort_id: Some(old.cohort_id),
            supervisor_id: s.supervisor_id,
            starts_on: Some(old.starts_on),
            ends_on: Some(old.ends_on),
            required_minutes: old.required_minutes,
            programme: old.programme.clone(),
            campus_mentor: mentors.get(&(s.base_id, s.campus_id)).cloned().unwrap_or_default(),
        })
        .collect();
    let made = practicum::place_many(&txn, cx, who, None, &list).await?;
    let known: Vec<FieldError> = list
        .iter()
        .zip(&made)
        .filter(|(_, m)| !matches!(m, Placed::New(_)))
        .map(|(p, _)| problem(p.person_id, Msg::new("practicum-placement-exists")))
        .take(TOLD)
        .collect();
    if !known.is_empty() {
        return Err(Error::Invalid(known));
    }
    let sql = "UPDATE placing_line SET placement_id = (SELECT pl.id FROM placement pl JOIN placing_slot s \
               ON s.base_id = pl.base_id WHERE s.id = placing_line.slot_id AND pl.person_id = placing_line.person_id \
               AND pl.starts_on = ?) WHERE round_id = ? AND slot_id IS NOT NULL";
    db::run(&txn, sql, [old.starts_on.into(), id.into()]).await?;
    let new = round::Model { state: "published".to_owned(), published_at: Some(cx.now()), ..old.clone() };
    records::update(&txn, cx, who, &old, new, audit::Change::new("publish", "placing_round", id, 0)).await?;
    counted.close(&txn, cx, practicum::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(list.len())
}

fn problem(person: i64, msg: Msg) -> FieldError {
    FieldError { field: format!("line-{person}"), msg }
}

/// Every line against what is on record now.
fn checked<'s>(
    scene: &Scene,
    mut room: Room,
    slots: &'s HashMap<i64, slot::Model>,
    wanted: &[Wanted],
) -> Result<Vec<(i64, &'s slot::Model)>> {
    let members: HashMap<i64, &super::scene::Member> = scene.members.iter().map(|m| (m.id, m)).collect();
    let mut places: HashMap<i64, i64> = HashMap::new();
    let mut wrong = Vec::new();
    let mut list = Vec::with_capacity(wanted.len());
    for w in wanted {
        let Some(slot) = slots.get(&w.slot_id) else { continue };
        let Some(member) = members.get(&w.person_id) else {
            wrong.push(problem(w.person_id, Msg::new("placing-left-cohort")));
            continue;
        };
        let used = places.entry(slot.id).or_default();
        *used += 1;
        let want = Want {
            person_id: Some(member.id),
            campus_id: Some(member.campus_id.unwrap_or(slot.campus_id)),
            base_id: slot.base_id,
            span: span(&scene.round),
            own: None,
        };
        let no = if *used > slot.places {
            Some(Msg::new("placing-slot-over").with("n", slot.places))
        } else if let Some(bar) = scene.hard_bar(member, slot) {
            Some(bar_msg(bar))
        } else {
            room.check(&want, true).err().map(no_room)
        };
        match no {
            Some(msg) => wrong.push(problem(member.id, msg)),
            None => {
                room.take(&want);
                list.push((member.id, slot));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(list);
    }
    wrong.truncate(TOLD);
    Err(Error::Invalid(wrong))
}

/// The campus mentors that the agreements name, by base and campus.
async fn mentors(txn: &DatabaseTransaction, r: &round::Model, bases: &[i64]) -> Result<HashMap<(i64, i64), String>> {
    let mut out = HashMap::new();
    for chunk in bases.chunks(db::CHUNK) {
        let rows = agreement::Entity::find().filter(agreement::Column::BaseId.is_in(chunk.iter().copied()));
        for a in rows.all(txn).await? {
            if covers((a.valid_from, a.valid_to), span(r)) && !a.campus_mentor.is_empty() {
                out.entry((a.base_id, a.campus_id)).or_insert(a.campus_mentor);
            }
        }
    }
    Ok(out)
}

/// Lets two persons of a published round change places, with a reason for the record.
///
/// # Errors
/// Forbidden, not found; a round that is not published; somebody without a placement; hours logged already; the same base;
/// no room or no agreement there; an empty reason.
pub async fn swap(cx: &Cx, who: &Actor, id: i64, one: i64, other: i64, reason: &str) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Msg::new("placing-reason-missing")));
    }
    if reason.chars().count() > 500 {
        return Err(Error::field("reason", Msg::new("practicum-text-long").with("most", 500)));
    }
    let txn = cx.begin().await?;
    let round = locked(&txn, who, id).await?;
    if round.state != "published" {
        return Err(Error::conflict("placing-not-published"));
    }
    let mut rows = Vec::new();
    for (field, person) in [("one", one), ("other", other)] {
        let row = line::Entity::find()
            .filter(line::Column::RoundId.eq(id))
            .filter(line::Column::PersonId.eq(person))
            .one(&txn)
            .await?;
        let row = row.filter(|l| l.placement_id.is_some());
        rows.push(row.ok_or_else(|| Error::field(field, Msg::new("placing-not-placed")))?);
    }
    let [a, b] = rows.as_slice() else { return Err(Error::internal("two lines")) };
    let (Some(pa), Some(pb)) = (a.placement_id, b.placement_id) else { return Err(Error::internal("two placements")) };
    practicum::swap_bases(&txn, cx, who, pa, pb, reason).await?;
    for (old, slot_id) in [(a, b.slot_id), (b, a.slot_id)] {
        let new = line::Model { slot_id, outcome: "locked".to_owned(), rank: None, locked: true, ..old.clone() };
        let change = audit::Change::new("swap", "placing_line", old.id, 0).why(reason);
        records::update(&txn, cx, who, old, new, change).await?;
    }
    txn.commit().await?;
    Ok(())
}
