//! What the start page says of classes: sessions of these days, and what was left undone.

use chrono::{Days, NaiveDate};
use sea_orm::{FromQueryResult, Value};

use super::super::config;
use super::super::entity::visible_to;
use super::super::rules::clash::Times;
use super::class::ROLES;
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};

/// A session to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    pub session_id: i64,
    pub class_id: i64,
    pub class_name: String,
    pub held_on: NaiveDate,
    /// Minutes of the day; the slot's usual ones where the session names none.
    pub times: Times,
    pub course: String,
    pub room: String,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    class_id: i64,
    name: String,
    held_on: NaiveDate,
    slot: String,
    starts: Option<i64>,
    ends: Option<i64>,
    course: String,
    room: String,
}

/// How far ahead the start page looks, in days, today included.
const AHEAD: u64 = 7;
/// How far back it asks for attendance lists.
const BACK: u64 = 14;

/// The sessions of the reader's classes from today on for a week, at most ten.
///
/// # Errors
/// What the database reports.
pub async fn coming(cx: &Cx, who: &Actor) -> Result<Vec<Coming>> {
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Intern]) {
        return Ok(Vec::new());
    }
    let (scope, mut values) = visible_to(who);
    let own = if who.role == Role::Intern {
        values.push(who.person_id.unwrap_or(0).into());
        "AND c.id IN (SELECT ce.class_id FROM class_enrolment ce WHERE ce.person_id = ? AND ce.state <> 'withdrawn')"
    } else {
        ""
    };
    let today = cx.today();
    let last = today.checked_add_days(Days::new(AHEAD - 1)).unwrap_or(today);
    values.extend([Value::from(today), Value::from(last)]);
    let sql = format!(
        "SELECT s.id, s.class_id, c.name, s.held_on, s.slot, s.starts, s.ends, s.course, s.room FROM class_session s \
         JOIN class c ON c.id = s.class_id WHERE {scope} {own} AND s.held_on BETWEEN ? AND ? \
         ORDER BY s.held_on, s.id LIMIT 10"
    );
    let config = config::of(cx)?;
    let one = |r: Row| Coming {
        times: config.times(&r.slot, r.starts, r.ends),
        session_id: r.id,
        class_id: r.class_id,
        class_name: r.name,
        held_on: r.held_on,
        course: r.course,
        room: r.room,
    };
    let mut all: Vec<Coming> = db::rows::<Row>(cx.read(), &sql, values).await?.into_iter().map(one).collect();
    all.sort_by_key(|c| (c.held_on, c.times, c.session_id));
    Ok(all)
}

/// What waits in the classes of those who run them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Requests for a place without an answer.
    pub asked: i64,
    /// Sessions of the last two weeks without any attendance.
    pub unrecorded: i64,
}

/// Counts what waits for the reader; nothing for those who do not run classes.
///
/// # Errors
/// What the database reports.
pub async fn undone(cx: &Cx, who: &Actor) -> Result<Undone> {
    if !who.is(ROLES) {
        return Ok(Undone::default());
    }
    let (scope, values) = visible_to(who);
    let sql = format!(
        "SELECT COUNT(*) FROM class_request r JOIN class c ON c.id = r.class_id WHERE r.state = 'asked' AND {scope}"
    );
    let asked = db::int(cx.read(), &sql, values.clone()).await?.unwrap_or(0);
    let today = cx.today();
    let first = today.checked_sub_days(Days::new(BACK)).unwrap_or(today);
    let sql = format!(
        "SELECT COUNT(*) FROM class_session s JOIN class c ON c.id = s.class_id WHERE s.held_on >= ? AND s.held_on < ? \
         AND {scope} AND NOT EXISTS (SELECT 1 FROM attendance a WHERE a.session_id = s.id)"
    );
    let values = [Value::from(first), Value::from(today)].into_iter().chain(values);
    Ok(Undone { asked, unrecorded: db::int(cx.read(), &sql, values).await?.unwrap_or(0) })
}

/// How many of the reader's own sessions still wait for their feedback.
///
/// # Errors
/// What the database reports.
pub async fn unanswered(cx: &Cx, who: &Actor) -> Result<i64> {
    let Some(person) = who.person_id.filter(|_| who.role == Role::Intern) else { return Ok(0) };
    let days = u64::try_from(config::of(cx)?.feedback.days).unwrap_or(0);
    let first = cx.today().checked_sub_days(Days::new(days)).unwrap_or_else(|| cx.today());
    let sql = "SELECT COUNT(*) FROM attendance a JOIN class_session s ON s.id = a.session_id WHERE a.person_id = ? \
               AND a.state IN ('present', 'late', 'left_early') AND s.held_on >= ? AND NOT EXISTS \
               (SELECT 1 FROM feedback_given g WHERE g.session_id = s.id AND g.person_id = a.person_id)";
    Ok(db::int(cx.read(), sql, [person.into(), first.into()]).await?.unwrap_or(0))
}
