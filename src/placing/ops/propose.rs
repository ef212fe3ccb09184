//! Making the proposal, and the lines that it consists of.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};
use serde::{Deserialize, Serialize};

use super::super::entity::{line, round};
use super::super::rules::{Assignment, Bar, Outcome, assign, fill};
use super::round::{SEEDS, open};
use super::scene::Scene;
use crate::audit;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::{self, Cx};
use crate::records;

/// Why one of the wishes above the outcome failed; kept as JSON with the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// From 1.
    pub rank: i64,
    pub slot_id: i64,
    #[serde(flatten)]
    pub why: Bar,
}

/// What a proposal came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposed {
    pub people: usize,
    pub by_wish: usize,
    pub by_first: usize,
    pub filled: usize,
    pub locked: usize,
    pub none: usize,
    pub seed: i64,
}

/// Computes the proposal anew around the lines that are locked. `seed` draws other lots; absent, those of before.
///
/// # Errors
/// Forbidden, not found; a round that is not open or changed meanwhile; no places offered, nobody in the cohort; a seed
/// that is none.
pub async fn propose(cx: &Cx, who: &Actor, id: i64, version: i64, seed: Option<i64>) -> Result<Proposed> {
    if seed.is_some_and(|s| !(0..SEEDS).contains(&s)) {
        return Err(Error::field("seed", Msg::new("placing-seed-range").with("most", SEEDS - 1)));
    }
    let txn = cx.begin().await?;
    let old = open(&txn, who, id, Some(version)).await?;
    let round = round::Model { seed: seed.unwrap_or(old.seed), proposed_at: Some(cx.now()), ..old.clone() };
    let scene = Scene::load(&txn, cx, round.clone(), None).await?;
    if scene.slots.is_empty() {
        return Err(Error::conflict("placing-no-slots"));
    }
    if scene.members.is_empty() {
        return Err(Error::conflict("placing-nobody"));
    }
    let market = scene.market();
    let mut lines = assign(&market);
    if round.fill {
        fill(&market, &mut lines, |i| suiting(&scene, i));
    }
    let ids: Vec<i64> = scene.slots.keys().copied().collect();
    // Who has left the cohort has no line, locked or not.
    let here: HashSet<i64> = scene.members.iter().map(|m| m.id).collect();
    let gone: Vec<i64> = scene.locks.keys().copied().filter(|p| !here.contains(p)).collect();
    for chunk in gone.chunks(db::CHUNK) {
        line::Entity::delete_many()
            .filter(line::Column::RoundId.eq(id))
            .filter(line::Column::PersonId.is_in(chunk.iter().copied()))
            .exec(&txn)
            .await?;
    }
    db::run(&txn, "DELETE FROM placing_line WHERE round_id = ? AND locked = ?", [id.into(), false.into()]).await?;
    let mut out = Proposed { people: lines.len(), seed: round.seed, ..Proposed::default() };
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(lines.len());
    for (member, a) in scene.members.iter().zip(&lines) {
        match a.outcome {
            Outcome::Wish(i) => {
                out.by_wish += 1;
                out.by_first += usize::from(i == 0);
            }
            Outcome::Filled => out.filled += 1,
            Outcome::None => out.none += 1,
            Outcome::Locked => {
                out.locked += 1;
                continue;
            }
        }
        rows.push(row_of(cx, who, id, member.id, a, &ids));
    }
    db::insert_rows(&txn, "placing_line", COLUMNS, rows, "").await?;
    let before = serde_json::json!({ "seed": old.seed, "proposed_at": old.proposed_at });
    let change = audit::Change::new("propose", "placing_round", id, 0).before(&before);
    let kept = records::update(&txn, cx, who, &old, round, change).await?;
    let summary = audit::Change::new("proposal", "placing_round", id, kept.version).after(&out);
    audit::record(&txn, cx, who, [summary]).await?;
    txn.commit().await?;
    Ok(out)
}

/// The places that would suit somebody whose wishes all failed.
fn suiting(scene: &Scene, member: usize) -> Vec<(usize, u8)> {
    let Some(m) = scene.members.get(member) else { return Vec::new() };
    let slots = scene.slots.values().enumerate();
    slots.filter(|(_, s)| scene.bar(m, s).is_none()).map(|(i, s)| (i, scene.near(m, s) as u8)).collect()
}

const COLUMNS: &[&str] = &[
    "round_id",
    "person_id",
    "slot_id",
    "outcome",
    "rank",
    "locked",
    "reasons",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
];

fn row_of(cx: &Cx, who: &Actor, round: i64, person: i64, a: &Assignment, slots: &[i64]) -> Vec<Value> {
    let slot = |i: usize| slots.get(i).copied();
    let number = |rank: usize| i64::try_from(rank + 1).unwrap_or(i64::MAX);
    let reasons: Vec<Reason> = a
        .failed
        .iter()
        .filter_map(|f| Some(Reason { rank: number(f.rank), slot_id: slot(f.slot)?, why: f.why }))
        .collect();
    let (outcome, rank) = match a.outcome {
        Outcome::Wish(i) => ("wish", Some(number(i))),
        Outcome::Filled => ("filled", None),
        Outcome::Locked => ("locked", None),
        Outcome::None => ("none", None),
    };
    let now = cx.now();
    vec![
        round.into(),
        person.into(),
        a.slot.and_then(slot).into(),
        outcome.into(),
        rank.into(),
        false.into(),
        serde_json::to_string(&reasons).unwrap_or_default().into(),
        1_i64.into(),
        now.into(),
        now.into(),
        who.user_id.into(),
        who.user_id.into(),
    ]
}
