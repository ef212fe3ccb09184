//! Confirming, signing off and returning: the supervisor's and the campus mentor's side.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::super::entity::{hour_entry, placement, visible_to};
use super::super::programme;
use super::super::rules::{self, State, Step};
use super::facts;
use super::supersede::supersede;
use crate::audit;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::supervisor;
use crate::pipeline;

/// An entry as it was on the reader's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub id: i64,
    pub version: i64,
}

impl Mark {
    /// Reads "12:3" (entry 12 at version 3), the value of a checkbox.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, version) = text.split_once(':')?;
        Some(Self { id: id.parse().ok()?, version: version.parse().ok()? })
    }
}

/// What became of a list: entries that somebody else had decided or changed meanwhile are left alone and named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub done: Vec<i64>,
    pub left: Vec<(i64, Msg)>,
}

impl Decided {
    /// For one entry alone: being left is an error.
    ///
    /// # Errors
    /// [`Error::Conflict`] with the reason.
    pub fn single(self) -> Result<()> {
        match self.left.into_iter().next() {
            Some((_, msg)) => Err(Error::Conflict(msg)),
            None => Ok(()),
        }
    }
}

/// Most entries that one call decides.
pub const MOST: usize = 1000;

/// What is asked of [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The base stands by it; whether that is enough the programme's rules say.
    Confirm,
    SignOff,
    Return,
}

/// Confirms entries for the base. Where the programme asks for a second signature they wait for the campus mentor.
///
/// # Errors
/// Forbidden for all but supervisors and administrators; not found when one of them is not the actor's.
pub async fn confirm(cx: &Cx, who: &Actor, marks: &[Mark]) -> Result<Decided> {
    who.require(&[Role::Administrator, Role::Supervisor])?;
    decide(cx, who, marks, Ask::Confirm, "").await
}

/// Signs entries for the campus, after the base; never by the one who confirmed them or who sent the link by which they were
/// confirmed.
///
/// # Errors
/// Forbidden for all but trainers and administrators; not found when one of them is not the actor's.
pub async fn sign_off(cx: &Cx, who: &Actor, marks: &[Mark]) -> Result<Decided> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    decide(cx, who, marks, Ask::SignOff, "").await
}

/// Returns entries with a reason, which the intern reads; also confirmed ones that proved wrong. A trainer returns only
/// what waits for the campus's signature.
///
/// # Errors
/// Forbidden for interns and observers; not found; an empty reason.
pub async fn return_entries(cx: &Cx, who: &Actor, marks: &[Mark], reason: &str) -> Result<Decided> {
    who.require(&[Role::Administrator, Role::Supervisor, Role::Trainer])?;
    let reason = reason.trim();
    check_reason(reason)?;
    decide(cx, who, marks, Ask::Return, reason).await
}

pub(super) fn check_reason(reason: &str) -> Result<()> {
    if reason.is_empty() {
        return Err(Error::field("reason", Msg::new("practicum-reason-missing")));
    }
    if reason.chars().count() > 500 {
        return Err(Error::field("reason", Msg::new("practicum-text-long").with("most", 500)));
    }
    Ok(())
}

/// An entry with what is known of its placement.
struct Row {
    entry: hour_entry::Model,
    base: i64,
    programme: String,
    withdrawn: bool,
}

async fn decide(cx: &Cx, who: &Actor, marks: &[Mark], ask: Ask, reason: &str) -> Result<Decided> {
    let txn = cx.begin().await?;
    let done = decide_in(&txn, cx, who, marks, ask, reason).await?;
    txn.commit().await?;
    Ok(done)
}

/// The same in the caller's transaction.
pub(super) async fn decide_in(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    marks: &[Mark],
    ask: Ask,
    reason: &str,
) -> Result<Decided> {
    if marks.is_empty() {
        return Err(Error::field("entries", Msg::new("practicum-none-chosen")));
    }
    if marks.len() > MOST {
        return Err(Error::field("entries", Msg::new("practicum-too-many").with("most", MOST)));
    }
    let seen: BTreeMap<i64, i64> = marks.iter().map(|m| (m.id, m.version)).collect();
    let ids: Vec<i64> = seen.keys().copied().collect();
    let people = people_of(txn, who, &ids).await?;
    // Locks the people first: what is read below is what is decided on.
    let open = pipeline::open(txn, &people).await?;
    let through_own_link = if ask == Ask::SignOff { by_links_of(txn, who, &ids).await? } else { HashSet::new() };
    let mut out = Decided::default();
    // Rows of one base that take the same step are written by one statement.
    let mut alike: BTreeMap<(i64, &'static str), Vec<hour_entry::Model>> = BTreeMap::new();
    for row in load(txn, &ids).await? {
        let version = seen.get(&row.entry.id).copied().unwrap_or_default();
        let own_link = through_own_link.contains(&row.entry.id);
        match step_of(cx, who, &row, version, ask, own_link)? {
            Ok(state) => alike.entry((row.base, state.name())).or_default().push(row.entry),
            Err(why) => out.left.push((row.entry.id, why)),
        }
    }
    let mut changes = Vec::new();
    let mut replaced = Vec::new();
    for ((base, state), rows) in alike {
        let supervisor = own_supervisor(txn, who, base).await?;
        let state = State::parse(state).ok_or_else(|| Error::internal("hour entry state"))?;
        for chunk in rows.chunks(db::CHUNK) {
            let after: Vec<_> = chunk.iter().map(|r| decided(cx, who, r, ask, state, reason, supervisor)).collect();
            write(txn, &after, ask).await?;
            for (old, new) in chunk.iter().zip(&after) {
                let action = match ask {
                    Ask::Confirm => "confirm",
                    Ask::SignOff => "sign_off",
                    Ask::Return => "return",
                };
                let change = audit::Change::new(action, "hour_entry", new.id, new.version);
                changes.push(change.before(old).after(new).why(reason));
                out.done.push(new.id);
                replaced.extend(new.replaces_id.filter(|_| state == State::Confirmed));
            }
        }
    }
    changes.extend(supersede(txn, cx, who, &replaced).await?);
    audit::record(txn, cx, who, changes).await?;
    open.close(txn, cx, facts(txn, &people).await?).await?;
    Ok(out)
}

/// The state that the entry goes to, or why it is left alone.
fn step_of(
    cx: &Cx,
    who: &Actor,
    row: &Row,
    version: i64,
    ask: Ask,
    own_link: bool,
) -> Result<std::result::Result<State, Msg>> {
    let e = &row.entry;
    let now = State::parse(&e.state).ok_or_else(|| Error::internal("hour entry state"))?;
    let step = match ask {
        Ask::SignOff => Step::SignOff,
        Ask::Return => Step::Return,
        Ask::Confirm if programme::rules_for(cx, &row.programme, e.worked_on)?.programme.second_sign_off => {
            Step::Endorse
        }
        Ask::Confirm => Step::Confirm,
    };
    let changed = version != e.version;
    if row.withdrawn {
        return Ok(Err(Msg::new("practicum-withdrawn-placement")));
    }
    if ask != Ask::Return && who.person_id == Some(e.person_id) {
        return Ok(Err(Msg::new("practicum-own-hours")));
    }
    let key = match (rules::next(now, step).filter(|_| !changed), now, ask) {
        (Some(_), _, Ask::SignOff) if own_link => "practicum-sign-own-link",
        (Some(_), _, Ask::SignOff) if e.confirmed_by.is_some() && e.confirmed_by == who.user_id => "practicum-sign-own",
        (Some(_), now, Ask::Return) if who.role == Role::Trainer && now != State::Endorsed => "practicum-step-not-now",
        (Some(next), _, _) => return Ok(Ok(next)),
        (None, State::Confirmed | State::Endorsed, Ask::Confirm) => "practicum-confirmed-already",
        (None, State::Confirmed, Ask::SignOff) => "practicum-confirmed-already",
        (None, State::Returned, _) => "practicum-returned-already",
        (None, _, _) if changed => "error-changed-meanwhile",
        (None, _, _) => "practicum-step-not-now",
    };
    Ok(Err(Msg::new(key)))
}

async fn people_of(txn: &DatabaseTransaction, who: &Actor, ids: &[i64]) -> Result<Vec<i64>> {
    let (scope, values) = visible_to(who);
    let mut found = 0;
    let mut people = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT h.id, h.person_id FROM hour_entry h JOIN placement pl ON pl.id = h.placement_id \
             JOIN person p ON p.id = pl.person_id WHERE h.id IN ({}) AND {scope}",
            db::places(chunk.len())
        );
        let values: Vec<Value> = chunk.iter().map(|i| Value::from(*i)).chain(values.clone()).collect();
        let rows: Vec<Pair> = db::rows(txn, &sql, values).await?;
        found += rows.len();
        people.extend(rows.into_iter().map(|r| r.person_id));
    }
    people.sort_unstable();
    people.dedup();
    if found == ids.len() { Ok(people) } else { Err(Error::not_found("error-not-found")) }
}

#[derive(sea_orm::FromQueryResult)]
struct Pair {
    person_id: i64,
}

/// The rows in the order of their ids.
async fn load(txn: &DatabaseTransaction, ids: &[i64]) -> Result<Vec<Row>> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(db::CHUNK) {
        let rows =
            hour_entry::Entity::find().filter(hour_entry::Column::Id.is_in(chunk.iter().copied())).all(txn).await?;
        let placements = placement::Entity::find()
            .filter(placement::Column::Id.is_in(rows.iter().map(|r| r.placement_id)))
            .all(txn)
            .await?;
        let of: HashMap<i64, placement::Model> = placements.into_iter().map(|p| (p.id, p)).collect();
        out.extend(rows.into_iter().filter_map(|entry| {
            let p = of.get(&entry.placement_id)?;
            Some(Row { entry, base: p.base_id, programme: p.programme.clone(), withdrawn: p.state == "withdrawn" })
        }));
    }
    out.sort_by_key(|r| r.entry.id);
    Ok(out)
}

/// Which of these entries stand confirmed through a link that the actor sent: theirs is not the second pair of eyes.
async fn by_links_of(txn: &DatabaseTransaction, who: &Actor, ids: &[i64]) -> Result<HashSet<i64>> {
    let Some(user) = who.user_id else { return Ok(HashSet::new()) };
    let mut out = HashSet::new();
    for chunk in ids.chunks(db::CHUNK) {
        // The decision by the link is the version after the one that the link was sent for.
        let sql = format!(
            "SELECT h.id FROM hour_entry h JOIN confirm_link_entry e ON e.entry_id = h.id AND e.entry_version = h.version - 1 \
             JOIN confirm_link l ON l.id = e.link_id WHERE l.state = 'used' AND l.created_by = ? \
             AND h.confirmed_by IS NULL AND h.id IN ({})",
            db::places(chunk.len())
        );
        let values = std::iter::once(Value::from(user)).chain(chunk.iter().map(|i| Value::from(*i)));
        out.extend(db::rows::<Id>(txn, &sql, values).await?.into_iter().map(|r| r.id));
    }
    Ok(out)
}

#[derive(sea_orm::FromQueryResult)]
struct Id {
    id: i64,
}

async fn own_supervisor(txn: &DatabaseTransaction, who: &Actor, base: i64) -> Result<Option<i64>> {
    let Some(user) = who.user_id else { return Ok(None) };
    let row = supervisor::Entity::find()
        .filter(supervisor::Column::UserId.eq(user))
        .filter(supervisor::Column::BaseId.eq(base))
        .one(txn)
        .await?;
    Ok(row.map(|r| r.id))
}

fn decided(
    cx: &Cx,
    who: &Actor,
    old: &hour_entry::Model,
    ask: Ask,
    state: State,
    reason: &str,
    supervisor: Option<i64>,
) -> hour_entry::Model {
    let mut row = old.clone();
    state.name().clone_into(&mut row.state);
    reason.clone_into(&mut row.reason);
    match ask {
        Ask::Confirm => {
            row.confirmed_at = Some(cx.now());
            row.confirmed_by = who.user_id;
            row.supervisor_name.clone_from(&who.name);
            row.supervisor_id = supervisor.or(old.supervisor_id);
        }
        Ask::SignOff => {
            row.signed_at = Some(cx.now());
            row.signed_by = who.user_id;
        }
        Ask::Return => {
            (row.confirmed_at, row.confirmed_by) = (None, None);
            (row.signed_at, row.signed_by) = (None, None);
            row.returned_at = Some(cx.now());
            row.supervisor_id = supervisor.or(old.supervisor_id);
        }
    }
    row.version += 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    row
}

/// One statement for rows that were decided alike at one base.
async fn write(txn: &DatabaseTransaction, rows: &[hour_entry::Model], ask: Ask) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let mut sql = String::from(
        "UPDATE hour_entry SET state = ?, reason = ?, updated_at = ?, updated_by = ?, version = version + 1",
    );
    let mut values: Vec<Value> =
        vec![first.state.clone().into(), first.reason.clone().into(), first.updated_at.into(), first.updated_by.into()];
    let mut set = |column: &str, value: Value| {
        sql.push_str(", ");
        sql.push_str(column);
        sql.push_str(" = ?");
        values.push(value);
    };
    if ask != Ask::SignOff {
        set("confirmed_at", first.confirmed_at.into());
        set("confirmed_by", first.confirmed_by.into());
        if let Some(id) = first.supervisor_id.filter(|id| rows.iter().all(|r| r.supervisor_id == Some(*id))) {
            set("supervisor_id", id.into());
        }
    }
    if ask == Ask::Return {
        set("returned_at", first.returned_at.into());
    }
    if ask == Ask::Confirm {
        set("supervisor_name", first.supervisor_name.clone().into());
    } else {
        set("signed_at", first.signed_at.into());
        set("signed_by", first.signed_by.into());
    }
    sql.push_str(" WHERE (id, version) IN (VALUES ");
    let pairs = vec!["(?, ?)"; rows.len()].join(", ");
    sql.push_str(&pairs);
    sql.push(')');
    for r in rows {
        values.push(r.id.into());
        values.push((r.version - 1).into());
    }
    let done = db::run(txn, &sql, values).await?;
    if done == rows.len() as u64 { Ok(()) } else { Err(Error::conflict("error-changed-meanwhile")) }
}
