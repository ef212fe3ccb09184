//! What students wish for: entered by themselves while the round takes wishes, or by the office.

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Value};
use serde::Serialize;

use super::super::entity::{round, student};
use super::super::rules::{Bar, Near};
use super::lines::{LineView, bar_msg, line_of};
use super::round::{RoundView, get, locked, one};
use super::scene::Scene;
use super::slot::{SlotView, by_ids, list_of};
use crate::audit;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{Slice, Where};
use crate::db::{self, Cx};
use crate::records;

/// One person in a round: what they ask for, their wishes in order, their line.
#[derive(Clone, Debug)]
pub struct StudentView {
    pub round: RoundView,
    pub line: LineView,
    /// Absent before anything was asked for.
    pub ask: Option<student::Model>,
    /// The most wanted first, with what would stand in the way.
    pub wishes: Vec<(SlotView, Option<Bar>)>,
}

impl StudentView {
    #[must_use]
    pub fn version(&self) -> i64 {
        self.ask.as_ref().map_or(0, |a| a.version)
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// The rounds that an intern takes part in, the newest first.
///
/// # Errors
/// Forbidden for all but interns.
pub async fn my_rounds(db: &impl ConnectionTrait, who: &Actor) -> Result<Vec<RoundView>> {
    let me = own(who)?;
    let sql = "SELECT r.id FROM placing_round r JOIN enrolment e ON e.cohort_id = r.cohort_id WHERE e.person_id = ? \
               AND e.state = 'active' AND r.state <> 'cancelled' ORDER BY r.id DESC LIMIT 20";
    let mut out = Vec::new();
    for r in db::rows::<Id>(db, sql, [me.into()]).await? {
        out.push(round_for(db, who, r.id).await?);
    }
    Ok(out)
}

fn own(who: &Actor) -> Result<i64> {
    who.require(&[Role::Intern])?;
    who.person_id.ok_or(Error::Forbidden)
}

/// The round as this actor may see it: those who run the training theirs, an intern those of their cohorts.
async fn round_for(db: &impl ConnectionTrait, who: &Actor, round_id: i64) -> Result<RoundView> {
    if who.role != Role::Intern {
        return get(db, who, round_id).await;
    }
    let mut w = Where::default();
    w.and("r.id = ? AND r.state <> 'cancelled'", [round_id.into()]);
    w.and(
        "EXISTS (SELECT 1 FROM enrolment e WHERE e.cohort_id = r.cohort_id AND e.person_id = ? AND e.state = 'active')",
        [own(who)?.into()],
    );
    one(db, w).await
}

/// Whom a call is about: an intern only themselves.
fn whom(who: &Actor, person_id: i64) -> Result<i64> {
    match who.role {
        Role::Intern if own(who)? != person_id => Err(Error::not_found("error-not-found")),
        _ => Ok(person_id),
    }
}

/// One person in a round. An intern sees the outcome once it is published.
///
/// # Errors
/// Forbidden, or not found for a round or person that is not the actor's.
pub async fn student(cx: &Cx, who: &Actor, round_id: i64, person_id: i64) -> Result<StudentView> {
    let db = cx.read();
    let person_id = whom(who, person_id)?;
    let view = round_for(db, who, round_id).await?;
    let mut line = line_of(db, round_id, person_id).await?;
    if who.role == Role::Intern && !view.published() {
        (line.slot, line.rank, line.locked, line.outcome) = (None, None, false, String::new());
        line.reasons.clear();
    }
    let row = round::Entity::find_by_id(round_id).one(db).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let scene = Scene::load(db, cx, row, Some(person_id)).await?;
    let ids = scene.wishes.get(&person_id).cloned().unwrap_or_default();
    let mut slots = by_ids(db, &ids).await?;
    let wishes = ids.iter().filter_map(|id| Some((slots.remove(id)?, bar_of(&scene, *id))));
    let wishes = wishes.collect();
    Ok(StudentView { round: view, line, ask: scene.asks.get(&person_id).cloned(), wishes })
}

/// Once it is published everybody placed is "elsewhere": nothing stands in the way of what is done.
fn bar_of(scene: &Scene, slot: i64) -> Option<Bar> {
    let (m, s) = (scene.members.first()?, scene.slots.get(&slot)?);
    if scene.round.state == "open" { scene.bar(m, s) } else { None }
}

/// The places that a person may choose from, with what stands in the way of each. Of a person with a campus only those
/// that are offered to it.
///
/// # Errors
/// As [`student()`].
pub async fn choices(
    cx: &Cx,
    who: &Actor,
    round_id: i64,
    person_id: i64,
    text: &str,
    slice: &Slice,
) -> Result<Page<(SlotView, Option<Bar>)>> {
    let db = cx.read();
    let person_id = whom(who, person_id)?;
    round_for(db, who, round_id).await?;
    let row = round::Entity::find_by_id(round_id).one(db).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let scene = Scene::load(db, cx, row, Some(person_id)).await?;
    let campus = scene.members.first().and_then(|m| m.campus_id);
    let page = list_of(db, round_id, campus, text, "", slice).await?;
    Ok(page.map(|s| {
        let bar = bar_of(&scene, s.id);
        (s, bar)
    }))
}

/// All of what one person asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutWishes {
    /// The most wanted first.
    pub slots: Vec<i64>,
    /// Typed with any separator; kept joined by "、".
    pub fields: String,
    /// Absent: anywhere.
    pub farthest: Option<Near>,
    /// Absent: as it was. Set by the office alone.
    pub priority: Option<i64>,
    /// The version that was on the screen; 0 for none yet.
    pub version: i64,
}

/// What is kept in the audit log of one change.
#[derive(Serialize)]
struct Kept<'k> {
    ask: &'k student::Model,
    wishes: &'k [i64],
}

/// Puts a person's wishes in the place of those before.
///
/// # Errors
/// Forbidden, not found; a round that takes no wishes (any more); changed meanwhile; too many wishes, one twice, a place of
/// another round or one that cannot be this person's.
pub async fn put_wishes(cx: &Cx, who: &Actor, round_id: i64, person_id: i64, input: PutWishes) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
    let person_id = whom(who, person_id)?;
    let txn = cx.begin().await?;
    let view = round_for(&txn, who, round_id).await?;
    // A proposal under way sees these wishes or those before, never half of them.
    let row = if who.role == Role::Intern {
        db::lock_rows(&txn, "placing_round", &[round_id]).await?;
        round::Entity::find_by_id(round_id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?
    } else {
        locked(&txn, who, round_id).await?
    };
    if row.state != "open" {
        return Err(Error::conflict("placing-not-open"));
    }
    if who.role == Role::Intern && !view.takes_wishes(cx.today()) {
        return Err(Error::conflict("placing-wishes-closed"));
    }
    if who.role == Role::Intern && input.priority.is_some() {
        return Err(Error::Forbidden);
    }
    let most = row.most_wishes;
    let scene = Scene::load(&txn, cx, row, Some(person_id)).await?;
    let member = scene.members.first().ok_or_else(|| Error::not_found("error-not-found"))?;
    let parts: Vec<&str> =
        input.fields.split(['、', ',', '，', ';', '；', '\n']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let old = scene.asks.get(&person_id).cloned();
    if old.as_ref().map_or(0, |a| a.version) != input.version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let blank = || student::Model {
        id: 0,
        round_id,
        person_id,
        fields: String::new(),
        farthest: String::new(),
        priority: 0,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    let base = old.clone().unwrap_or_else(blank);
    let new = student::Model {
        fields: parts.join("、"),
        farthest: input.farthest.map(|n| n.name().to_owned()).unwrap_or_default(),
        priority: input.priority.unwrap_or(base.priority),
        ..base
    };
    check(&scene, &new, &input, most)?;
    let before = scene.wishes.get(&person_id).cloned().unwrap_or_default();
    if old.as_ref() == Some(&new) && before == input.slots {
        return Ok(());
    }
    // The version moves with the wishes too, and the proposal is out of date.
    let (action, kept) = match &old {
        None => ("create", records::insert(&txn, cx, who, new).await?),
        Some(old) => {
            let touched = student::Model { updated_at: cx.now(), updated_by: who.user_id, ..new };
            ("update", bump(&txn, cx, who, old, touched).await?)
        }
    };
    db::run(&txn, "DELETE FROM placing_wish WHERE student_id = ?", [kept.id.into()]).await?;
    let rows = (1_i64..).zip(&input.slots).map(|(rank, s)| vec![kept.id.into(), rank.into(), Value::from(*s)]);
    db::insert_rows(&txn, "placing_wish", &["student_id", "rank", "slot_id"], rows.collect::<Vec<_>>(), "").await?;
    let mut change = audit::Change::new(action, "placing_wish", member.id, kept.version);
    if let Some(old) = &old {
        change = change.before(&Kept { ask: old, wishes: &before });
    }
    audit::record(&txn, cx, who, [change.after(&Kept { ask: &kept, wishes: &input.slots })]).await?;
    txn.commit().await?;
    Ok(())
}

/// Writes the row with the next version, also where only the wishes differ.
async fn bump(
    txn: &sea_orm::DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &student::Model,
    mut new: student::Model,
) -> Result<student::Model> {
    new.version = old.version + 1;
    let sql = "UPDATE placing_student SET fields = ?, farthest = ?, priority = ?, version = ?, updated_at = ?, \
               updated_by = ? WHERE id = ? AND version = ?";
    let values: [Value; 8] = [
        new.fields.clone().into(),
        new.farthest.clone().into(),
        new.priority.into(),
        new.version.into(),
        cx.now().into(),
        who.user_id.into(),
        old.id.into(),
        old.version.into(),
    ];
    if db::run(txn, sql, values).await? == 1 { Ok(new) } else { Err(Error::conflict("error-changed-meanwhile")) }
}

fn check(scene: &Scene, new: &student::Model, input: &PutWishes, most: i64) -> Result<()> {
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if i64::try_from(input.slots.len()).unwrap_or(i64::MAX) > most {
        bad("slots", Msg::new("placing-too-many-wishes").with("most", most));
    }
    if !(0..=9).contains(&new.priority) {
        bad("priority", Msg::new("placing-priority-range"));
    }
    if new.fields.chars().count() > 200 {
        bad("fields", Msg::new("practicum-text-long").with("most", 200));
    }
    let mut seen = std::collections::HashSet::new();
    for id in &input.slots {
        let Some(slot) = scene.slots.get(id) else {
            bad("slots", Msg::new("placing-slot-unknown"));
            continue;
        };
        if !seen.insert(*id) {
            bad("slots", Msg::new("placing-wish-twice"));
        }
        // What the student themself rules out is said with the proposal; what cannot be is refused at once.
        if let Some(bar) = scene.members.first().and_then(|m| scene.hard_bar(m, slot)) {
            bad("slots", bar_msg(bar));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}
