//! Class sessions and who was at them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::ActiveValue::NotSet;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use super::super::entity::{attendance, class, class_session};
use super::super::rules::{Slot, State};
use super::class::{ROLES, find, members, store};
use super::{facts, settle};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result};
use crate::db::{self, Cx};
use crate::pipeline;

/// A session to be held or that was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    pub class_id: i64,
    pub held_on: NaiveDate,
    pub slot: Slot,
    pub course: String,
    /// Names as written.
    pub lecturer: String,
    /// Those of the register; their names are added to what is written.
    pub lecturers: Vec<i64>,
    pub minutes: i64,
    /// Minutes of the civil day; the slot's where absent.
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub room: String,
}

impl NewSession {
    /// A session of which no more is known.
    #[must_use]
    pub fn new(class_id: i64, held_on: NaiveDate, slot: Slot, minutes: i64) -> Self {
        let text = String::new;
        Self {
            class_id,
            held_on,
            slot,
            course: text(),
            lecturer: text(),
            lecturers: Vec::new(),
            minutes,
            starts: None,
            ends: None,
            room: text(),
        }
    }
}

pub(super) fn check(s: &NewSession) -> Result<()> {
    if !(1..=24 * 60).contains(&s.minutes) {
        return Err(Error::field("hours", Msg::new("classes-hours-range")));
    }
    for (field, text, most) in [("course", &s.course, 200), ("lecturer", &s.lecturer, 60), ("room", &s.room, 60)] {
        if text.chars().count() > most {
            return Err(Error::field(field, Msg::new("classes-text-long")));
        }
    }
    let day = 0..=24 * 60;
    let wild = [s.starts, s.ends].iter().flatten().any(|m| !day.contains(m));
    if wild || s.starts.zip(s.ends).is_some_and(|(a, b)| b <= a) {
        return Err(Error::field("ends", Msg::new("classes-session-times")));
    }
    Ok(())
}

/// Adds a session; the class is under way from then on.
///
/// # Errors
/// Invalid fields; not found; the class has one on that day and slot.
pub async fn add_session(cx: &Cx, who: &Actor, s: NewSession) -> Result<i64> {
    who.require(ROLES)?;
    check(&s)?;
    let txn = cx.begin().await?;
    db::lock_rows(&txn, "class", &[s.class_id]).await?;
    let class = find(&txn, who, s.class_id).await?;
    if class.state == "closed" {
        // A session more would take completions and their certificates back.
        return Err(Error::conflict("classes-closed"));
    }
    let people = members(&txn, class.id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let (made, new) = ensure_session(&txn, cx, who, None, &s).await?;
    if !new {
        return Err(Error::field("date", Msg::new("classes-session-exists")));
    }
    begin(&txn, cx, who, &class).await?;
    settle(&txn, cx, who, class.id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(made.id)
}

/// The session of that class, day and slot, made where it is missing; the flag says whether it was.
pub(crate) async fn ensure_session(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    import_id: Option<i64>,
    s: &NewSession,
) -> Result<(class_session::Model, bool)> {
    if let Some(known) = session_at(txn, s.class_id, s.held_on, s.slot).await? {
        return Ok((known, false));
    }
    let now = cx.now();
    let row = class_session::Model {
        id: 0,
        class_id: s.class_id,
        held_on: s.held_on,
        slot: s.slot.name().to_owned(),
        course: s.course.clone(),
        lecturer: s.lecturer.clone(),
        minutes: s.minutes,
        starts: s.starts,
        ends: s.ends,
        room: s.room.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    };
    let made = class_session::ActiveModel { id: NotSet, ..row.into_active_model().reset_all() }.insert(txn).await?;
    let held = super::lecturers::set(txn, who, made.id, &s.lecturers).await?;
    let change = audit::Change::new("create", "class_session", made.id, 1).after(&held.of(&made)).import(import_id);
    audit::record(txn, cx, who, [change]).await?;
    Ok((made, true))
}

/// The session of a class on a day and slot.
pub(crate) async fn session_at(
    txn: &DatabaseTransaction,
    class_id: i64,
    on: NaiveDate,
    slot: Slot,
) -> Result<Option<class_session::Model>> {
    Ok(class_session::Entity::find()
        .filter(class_session::Column::ClassId.eq(class_id))
        .filter(class_session::Column::HeldOn.eq(on))
        .filter(class_session::Column::Slot.eq(slot.name()))
        .one(txn)
        .await?)
}

/// A planned class is under way once it has a session; gives the row as it is now where that changed it.
pub(crate) async fn begin(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
) -> Result<Option<class::Model>> {
    if class.state != "planned" {
        return Ok(None);
    }
    let mut row = class.clone();
    "under_way".clone_into(&mut row.state);
    store(txn, cx, who, class, row).await.map(Some)
}

/// One line of the attendance list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub person_id: i64,
    pub state: State,
    /// Minutes of the day.
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    pub note: String,
    /// The version that was on the screen; absent when nothing was recorded yet.
    pub version: Option<i64>,
}

/// Records the attendance of a session by list. Lines that say nothing new are left alone; a change of what was recorded
/// needs a reason. Gives the number of rows written.
///
/// # Errors
/// Not found; somebody who is not in the class; changed meanwhile; a missing reason; impossible times.
pub async fn record_attendance(cx: &Cx, who: &Actor, session_id: i64, lines: &[Line], reason: &str) -> Result<usize> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let session = class_session::Entity::find_by_id(session_id).one(&txn).await?;
    let session = session.ok_or_else(|| Error::not_found("error-not-found"))?;
    // Everywhere the class is locked before its people: two who go the other way round would wait for each other.
    db::lock_rows(&txn, "class", &[session.class_id]).await?;
    let class = find(&txn, who, session.class_id).await?;
    let people = members(&txn, class.id).await?;
    let open = pipeline::open(&txn, &people).await?;
    check_lines(lines, &people)?;
    let known = recorded(&txn, session_id).await?;
    let mut written = 0;
    let mut changes = Vec::new();
    let mut fresh = Vec::new();
    for l in lines {
        let Some(old) = known.get(&l.person_id) else {
            if l.version.is_some() {
                return Err(Error::conflict("error-changed-meanwhile"));
            }
            fresh.push(new_row(cx, who, session_id, l));
            continue;
        };
        let mut row = old.clone();
        set(&mut row, l);
        if row == *old {
            continue;
        }
        if l.version != Some(old.version) {
            return Err(Error::conflict("error-changed-meanwhile"));
        }
        if reason.trim().is_empty() {
            return Err(Error::field("reason", Msg::new("classes-reason-missing")));
        }
        let row = update(&txn, cx, who, old, row).await?;
        let change = audit::Change::new("update", "attendance", row.id, row.version).before(old).after(&row);
        changes.push(change.why(reason.trim()));
        written += 1;
    }
    for made in insert(&txn, fresh).await? {
        changes.push(audit::Change::new("create", "attendance", made.id, 1).after(&made));
        written += 1;
    }
    audit::record(&txn, cx, who, changes).await?;
    begin(&txn, cx, who, &class).await?;
    settle(&txn, cx, who, class.id).await?;
    open.close(&txn, cx, facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(written)
}

fn check_lines(lines: &[Line], people: &[i64]) -> Result<()> {
    let members: HashSet<i64> = people.iter().copied().collect();
    let mut seen = HashSet::new();
    for l in lines {
        if !members.contains(&l.person_id) || !seen.insert(l.person_id) {
            return Err(Error::field("person", Msg::new("classes-not-in-class").with("id", l.person_id)));
        }
        let day = 0..=24 * 60;
        let times = [l.sign_in, l.sign_out];
        let backwards = l.sign_in.zip(l.sign_out).is_some_and(|(a, b)| b < a);
        if backwards || times.iter().flatten().any(|t| !day.contains(t)) {
            let msg = Msg::new("classes-times-impossible").with("id", l.person_id);
            return Err(Error::Invalid(vec![FieldError { field: "sign_out".to_owned(), msg }]));
        }
    }
    Ok(())
}

/// What is recorded of a session, by person.
pub(crate) async fn recorded(txn: &DatabaseTransaction, session_id: i64) -> Result<HashMap<i64, attendance::Model>> {
    let rows = attendance::Entity::find().filter(attendance::Column::SessionId.eq(session_id)).all(txn).await?;
    Ok(rows.into_iter().map(|r| (r.person_id, r)).collect())
}

/// Puts what a line says into a row.
pub(crate) fn set(row: &mut attendance::Model, l: &Line) {
    l.state.name().clone_into(&mut row.state);
    row.sign_in = l.sign_in;
    row.sign_out = l.sign_out;
    row.note.clone_from(&l.note);
}

pub(crate) fn new_row(cx: &Cx, who: &Actor, session_id: i64, l: &Line) -> attendance::Model {
    let now = cx.now();
    attendance::Model {
        id: 0,
        session_id,
        person_id: l.person_id,
        state: l.state.name().to_owned(),
        sign_in: l.sign_in,
        sign_out: l.sign_out,
        note: l.note.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    }
}

pub(crate) async fn insert(txn: &DatabaseTransaction, rows: Vec<attendance::Model>) -> Result<Vec<attendance::Model>> {
    let mut out = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(500) {
        let rows =
            chunk.iter().map(|r| attendance::ActiveModel { id: NotSet, ..r.clone().into_active_model().reset_all() });
        out.extend(attendance::Entity::insert_many(rows).exec_with_returning(txn).await?);
    }
    Ok(out)
}

/// Writes a changed row one version up.
pub(crate) async fn update(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &attendance::Model,
    mut row: attendance::Model,
) -> Result<attendance::Model> {
    row.version = old.version + 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    let done = attendance::Entity::update_many()
        .set(attendance::ActiveModel { id: NotSet, ..row.clone().into_active_model().reset_all() })
        .filter(attendance::Column::Id.eq(old.id))
        .filter(attendance::Column::Version.eq(old.version))
        .exec(txn)
        .await?;
    if done.rows_affected == 1 { Ok(row) } else { Err(Error::conflict("error-changed-meanwhile")) }
}
