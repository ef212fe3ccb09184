//! Reading: classes, their people, sessions and the grid of attendance, each within what the reader may see.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::super::entity::visible_to;
use super::super::rules::{Counts, State, warn};
use super::class::find;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result, Role};
use crate::db;

/// A class with what is in it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ClassView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub cohort_id: Option<i64>,
    pub cohort_name: Option<String>,
    pub region_code: String,
    pub capacity: Option<i64>,
    pub required_percent: i64,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub state: String,
    pub note: String,
    pub fee_note: String,
    pub materials: String,
    /// What the link of self-registration is signed with; for those who run the class.
    pub join_key: String,
    pub people: i64,
    /// Requests that wait for an answer, and people on the waiting list.
    pub asked: i64,
    pub waiting: i64,
    pub completed: i64,
    pub sessions: i64,
    pub minutes: i64,
}

const CLASS: &str = "SELECT c.id, c.version, c.code, c.name, c.cohort_id, co.name AS cohort_name, c.region_code, c.capacity, \
    c.required_percent, c.starts_on, c.ends_on, c.state, c.note, c.fee_note, c.materials, c.join_key, \
    (SELECT COUNT(*) FROM class_request r WHERE r.class_id = c.id AND r.state = 'asked') AS asked, \
    (SELECT COUNT(*) FROM class_request r WHERE r.class_id = c.id AND r.state = 'waiting') AS waiting, \
    (SELECT COUNT(*) FROM class_enrolment ce WHERE ce.class_id = c.id AND ce.state <> 'withdrawn') AS people, \
    (SELECT COUNT(*) FROM class_enrolment ce WHERE ce.class_id = c.id AND ce.state = 'completed') AS completed, \
    (SELECT COUNT(*) FROM class_session cs WHERE cs.class_id = c.id) AS sessions, \
    CAST((SELECT COALESCE(SUM(cs.minutes), 0) FROM class_session cs WHERE cs.class_id = c.id) AS BIGINT) AS minutes \
    FROM class c LEFT JOIN cohort co ON co.id = c.cohort_id WHERE";

/// Classes, the newest first.
///
/// # Errors
/// What the database reports.
pub async fn classes(db: &impl ConnectionTrait, who: &Actor, page: &PageReq) -> Result<Page<ClassView>> {
    let (scope, mut values) = visible_to(who);
    let after = page.after_id().unwrap_or(i64::MAX);
    values.push(after.into());
    values.push((i64::try_from(page.limit()).unwrap_or(200) + 1).into());
    let sql = format!("{CLASS} {scope} AND c.id < ? ORDER BY c.id DESC LIMIT ?");
    let rows: Vec<ClassView> = db::rows(db, &sql, values).await?;
    Ok(Page::cut(rows, page.limit(), |r| r.id.to_string()))
}

/// One class.
///
/// # Errors
/// Not found, or not the reader's.
pub async fn class(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<ClassView> {
    let (scope, values) = visible_to(who);
    let sql = format!("{CLASS} {scope} AND c.id = ?");
    let rows: Vec<ClassView> = db::rows(db, &sql, values.into_iter().chain([Value::from(id)])).await?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))
}

/// Somebody in a class.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    pub enrolment_id: i64,
    pub version: i64,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    pub phone: String,
    pub state: String,
}

/// The people of a class by name; an intern sees only themselves.
///
/// # Errors
/// Forbidden for observers; not found.
pub async fn members_of(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<Vec<Member>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    find(db, who, class_id).await?;
    let own = if who.role == Role::Intern { who.person_id } else { None };
    let sql = "SELECT ce.id AS enrolment_id, ce.version, ce.person_id, p.name, p.unit, p.phone, ce.state \
               FROM class_enrolment ce JOIN person p ON p.id = ce.person_id WHERE ce.class_id = ? \
               AND (? = 0 OR ce.person_id = ?) ORDER BY p.name_key, p.id";
    let id = own.unwrap_or(0);
    db::rows(db, sql, [class_id.into(), id.into(), id.into()]).await
}

/// A session with its counts.
#[derive(Clone, Debug)]
pub struct SessionView {
    pub id: i64,
    pub version: i64,
    pub held_on: NaiveDate,
    pub slot: String,
    pub course: String,
    /// As written, then those of the register.
    pub lecturer: String,
    /// As written only.
    pub written: String,
    pub lecturer_ids: Vec<i64>,
    /// The names of those of the register, in the order of the ids.
    pub lecturer_names: Vec<String>,
    pub minutes: i64,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    pub room: String,
    pub counts: Counts,
}

#[derive(FromQueryResult)]
struct SessionRow {
    id: i64,
    version: i64,
    held_on: NaiveDate,
    slot: String,
    course: String,
    lecturer: String,
    minutes: i64,
    starts: Option<i64>,
    ends: Option<i64>,
    room: String,
}

/// One attendance row of the grid.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Mark {
    pub session_id: i64,
    pub person_id: i64,
    pub state: String,
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    pub note: String,
    pub version: i64,
}

impl Mark {
    #[must_use]
    pub fn kind(&self) -> Option<State> {
        State::parse(&self.state)
    }
}

/// The sessions of a class in order, with counts over all its people.
///
/// # Errors
/// Not found.
pub async fn sessions(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<Vec<SessionView>> {
    find(db, who, class_id).await?;
    let marks = marks_of(db, class_id, 0, 0).await?;
    let mut sessions = sessions_with(db, class_id, &marks).await?;
    if !who.sees_identities() {
        for s in &mut sessions {
            s.lecturer.clear();
            s.written.clear();
            s.lecturer_ids.clear();
            s.lecturer_names.clear();
        }
    }
    Ok(sessions)
}

async fn sessions_with(db: &impl ConnectionTrait, class_id: i64, marks: &[Mark]) -> Result<Vec<SessionView>> {
    let sql = "SELECT id, version, held_on, slot, course, lecturer, minutes, starts, ends, room FROM class_session \
               WHERE class_id = ?";
    let mut held = super::lecturers::of_class(db, class_id).await?;
    let rows: Vec<SessionRow> = db::rows(db, sql, [class_id.into()]).await?;
    let mut counts: HashMap<i64, Counts> = HashMap::new();
    for m in marks {
        if let Some(state) = m.kind() {
            counts.entry(m.session_id).or_default().add(state, m.sign_in, m.sign_out);
        }
    }
    let mut out: Vec<SessionView> = rows
        .into_iter()
        .map(|r| {
            let known = held.remove(&r.id).unwrap_or_default();
            let names = std::iter::once(r.lecturer.clone()).chain(known.iter().map(|h| h.name.clone()));
            SessionView {
                counts: counts.get(&r.id).copied().unwrap_or_default(),
                id: r.id,
                version: r.version,
                held_on: r.held_on,
                slot: r.slot,
                course: r.course,
                lecturer: names.filter(|n| !n.is_empty()).collect::<Vec<_>>().join("、"),
                written: r.lecturer,
                lecturer_ids: known.iter().map(|h| h.lecturer_id).collect(),
                lecturer_names: known.into_iter().map(|h| h.name).collect(),
                minutes: r.minutes,
                starts: r.starts,
                ends: r.ends,
                room: r.room,
            }
        })
        .collect();
    out.sort_by_key(|s| (s.held_on, super::super::rules::Slot::parse(&s.slot), s.starts, s.id));
    Ok(out)
}

async fn marks_of(db: &impl ConnectionTrait, class_id: i64, session_id: i64, person_id: i64) -> Result<Vec<Mark>> {
    let sql = "SELECT a.session_id, a.person_id, a.state, a.sign_in, a.sign_out, a.note, a.version FROM attendance a \
               JOIN class_session cs ON cs.id = a.session_id WHERE cs.class_id = ? AND (? = 0 OR a.session_id = ?) \
               AND (? = 0 OR a.person_id = ?) ORDER BY a.id";
    let values = [class_id.into(), session_id.into(), session_id.into(), person_id.into(), person_id.into()];
    db::rows(db, sql, values).await
}

/// Everything on record of a class's attendance: people down, sessions across.
#[derive(Clone, Debug)]
pub struct Grid {
    pub members: Vec<Member>,
    pub sessions: Vec<SessionView>,
    /// By person and session.
    pub marks: HashMap<(i64, i64), Mark>,
}

impl Grid {
    #[must_use]
    pub fn mark(&self, person_id: i64, session_id: i64) -> Option<&Mark> {
        self.marks.get(&(person_id, session_id))
    }

    /// Minutes that a person attended.
    #[must_use]
    pub fn attended(&self, person_id: i64) -> i64 {
        let was = |s: &&SessionView| self.mark(person_id, s.id).and_then(Mark::kind).is_some_and(State::attended);
        self.sessions.iter().filter(was).map(|s| s.minutes).sum()
    }

    /// What the trainer should be told of a person; see [`warn::warnings`].
    #[must_use]
    pub fn warnings(&self, person_id: i64, percent: i64, in_a_row: usize) -> Vec<warn::Warning> {
        let recorded: HashSet<i64> = self.marks.keys().map(|(_, s)| *s).collect();
        let (past, ahead): (Vec<&SessionView>, Vec<&SessionView>) =
            self.sessions.iter().partition(|s| recorded.contains(&s.id));
        let past: Vec<(i64, Option<State>)> =
            past.iter().map(|s| (s.minutes, self.mark(person_id, s.id).and_then(Mark::kind))).collect();
        warn::warnings(&past, ahead.iter().map(|s| s.minutes).sum(), percent, in_a_row)
    }
}

/// The grid of a class; an intern sees their own line.
///
/// # Errors
/// Forbidden for observers; not found.
pub async fn grid(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<Grid> {
    let members = members_of(db, who, class_id).await?;
    let marks = marks_of(db, class_id, 0, 0).await?;
    let sessions = sessions_with(db, class_id, &marks).await?;
    let seen: std::collections::HashSet<i64> = members.iter().map(|m| m.person_id).collect();
    let marks = marks.into_iter().filter(|m| seen.contains(&m.person_id));
    Ok(Grid { members, sessions, marks: marks.map(|m| ((m.person_id, m.session_id), m)).collect() })
}

/// The attendance list of one session: everybody in the class, with what is recorded.
///
/// # Errors
/// As [`grid`].
pub async fn attendance_of(
    db: &impl ConnectionTrait,
    who: &Actor,
    session_id: i64,
) -> Result<(i64, SessionView, Vec<(Member, Option<Mark>)>)> {
    let class_id = db::int(db, "SELECT class_id FROM class_session WHERE id = ?", [session_id.into()]).await?;
    let class_id = class_id.ok_or_else(|| Error::not_found("error-not-found"))?;
    let members = members_of(db, who, class_id).await?;
    let marks = marks_of(db, class_id, session_id, 0).await?;
    let session = sessions_with(db, class_id, &marks).await?.into_iter().find(|s| s.id == session_id);
    let session = session.ok_or_else(|| Error::not_found("error-not-found"))?;
    let mut by_person: HashMap<i64, Mark> = marks.into_iter().map(|m| (m.person_id, m)).collect();
    let list = members.into_iter().map(|m| {
        let mark = by_person.remove(&m.person_id);
        (m, mark)
    });
    // Who left the class is listed only where something was recorded.
    let list = list.filter(|(m, mark)| m.state != "withdrawn" || mark.is_some()).collect();
    Ok((class_id, session, list))
}

/// The cohorts in which the actor may open a class, as (id, name).
///
/// # Errors
/// What the database reports.
pub async fn cohorts(db: &impl ConnectionTrait, who: &Actor) -> Result<Vec<(String, String)>> {
    let rows = crate::cohorts::entity::visible_to(who).all(db).await?;
    Ok(rows.into_iter().map(|c| (c.id.to_string(), c.name)).collect())
}
