//! Signing in and out by the code on a screen. The code is signed, bound to its session and to whether people come or go,
//! and counts while it is shown and once after; a phone that must first sign in to the site gets a pass that lasts a few
//! minutes and stays in its browser.

use chrono::Timelike;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::config::{self, Config};
use super::super::entity::{attendance, class_enrolment, class_session};
use super::super::rules::State;
use super::super::rules::code::{Known, Limits, Way, counts, number, read};
use super::class::{ROLES, find};
use super::session::{begin, insert, new_row, update};
use super::{Line, facts, settle};
use crate::audit;
use crate::core::{Actor, Error, Result, civil};
use crate::db::{self, Cx};
use crate::pipeline;

const CODE: &str = "attend";
const PASS: &str = "attend-pass";

/// What the screen of a session shows now.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The signed part of the address in the code.
    pub token: String,
    /// Seconds until it changes.
    pub seconds: i64,
    /// People who signed in, and who signed out.
    pub signed_in: i64,
    pub signed_out: i64,
    /// People of the class.
    pub people: i64,
}

fn sign(cx: &Cx, purpose: &str, text: &str) -> String {
    let sign = cx.seal.sign(purpose, text);
    sign.get(..32).unwrap_or(&sign).to_owned()
}

/// The code to be shown now.
///
/// # Errors
/// Forbidden for all but staff; not found.
pub async fn code(cx: &Cx, who: &Actor, session_id: i64, way: Way) -> Result<Shown> {
    who.require(ROLES)?;
    let db = cx.read();
    let session = session(db, session_id).await?;
    find(db, who, session.class_id).await?;
    let seconds = config::of(cx)?.code.seconds;
    let at = cx.now().timestamp();
    let n = number(at, seconds);
    let text = format!("{session_id}-{}-{n}", way.name());
    let count = |column: &str| format!("SELECT COUNT(*) FROM attendance WHERE session_id = ? AND {column} IS NOT NULL");
    let people = "SELECT COUNT(*) FROM class_enrolment WHERE class_id = ? AND state <> 'withdrawn'";
    Ok(Shown {
        token: format!("{text}-{}", sign(cx, CODE, &text)),
        seconds: (n + 1) * seconds - at,
        signed_in: db::int(db, &count("sign_in"), [session_id.into()]).await?.unwrap_or(0),
        signed_out: db::int(db, &count("sign_out"), [session_id.into()]).await?.unwrap_or(0),
        people: db::int(db, people, [session.class_id.into()]).await?.unwrap_or(0),
    })
}

async fn session(db: &impl ConnectionTrait, id: i64) -> Result<class_session::Model> {
    let row = class_session::Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

/// Session, way and a number out of a text with its signature.
fn opened(cx: &Cx, purpose: &str, sent: &str) -> Result<(i64, Way, i64)> {
    let unknown = || Error::not_found("classes-code-unknown");
    let (text, signature) = sent.rsplit_once('-').ok_or_else(unknown)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(sign(cx, purpose, text).as_bytes(), signature.as_bytes())) {
        return Err(unknown());
    }
    let mut parts = text.splitn(3, '-');
    let session = parts.next().and_then(|p| p.parse().ok()).ok_or_else(unknown)?;
    let way = parts.next().and_then(Way::parse).ok_or_else(unknown)?;
    let number = parts.next().and_then(|p| p.parse().ok()).ok_or_else(unknown)?;
    Ok((session, way, number))
}

/// A code that was just read is changed for a pass that lasts until the phone has signed in to the site.
///
/// # Errors
/// Not found for a code that is not ours; conflict for one that is over.
pub fn pass(cx: &Cx, token: &str) -> Result<String> {
    let (session, way, n) = opened(cx, CODE, token)?;
    let config = config::of(cx)?;
    if !counts(n, number(cx.now().timestamp(), config.code.seconds)) {
        return Err(Error::conflict("classes-code-over"));
    }
    let text = format!("{session}-{}-{}", way.name(), cx.now().timestamp() + config.code.login_minutes * 60);
    Ok(format!("{text}-{}", sign(cx, PASS, &text)))
}

/// What a pass is for, as far as its holder may know before signing.
#[derive(Clone, Debug)]
pub struct Passed {
    pub session: class_session::Model,
    pub class_name: String,
    pub way: Way,
}

/// Opens a pass.
///
/// # Errors
/// Not found for one that is not ours; conflict for one that is over; forbidden for somebody not in the class.
pub async fn passed(cx: &Cx, who: &Actor, pass: &str) -> Result<Passed> {
    let (id, way, until) = opened(cx, PASS, pass)?;
    if until < cx.now().timestamp() {
        return Err(Error::conflict("classes-code-over"));
    }
    let session = session(cx.read(), id).await?;
    member(cx.read(), who, session.class_id).await?;
    let class = super::super::entity::class::Entity::find_by_id(session.class_id).one(cx.read()).await?;
    Ok(Passed { class_name: class.map(|c| c.name).unwrap_or_default(), session, way })
}

/// The signed-in person, who must be in the class.
async fn member(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<i64> {
    let person = who.person_id.ok_or_else(|| Error::conflict("classes-code-nobody"))?;
    let there = class_enrolment::Entity::find()
        .filter(class_enrolment::Column::ClassId.eq(class_id))
        .filter(class_enrolment::Column::PersonId.eq(person))
        .filter(class_enrolment::Column::State.ne("withdrawn"))
        .one(db)
        .await?;
    there.map(|_| person).ok_or_else(|| Error::conflict("classes-code-not-in-class"))
}

/// What became of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub way: Way,
    pub state: State,
    pub sign_in: Option<i64>,
    pub sign_out: Option<i64>,
    /// It said so already.
    pub again: bool,
}

fn known(row: &attendance::Model) -> Known {
    let state = State::parse(&row.state).unwrap_or(State::Absent);
    Known { state, sign_in: row.sign_in, sign_out: row.sign_out }
}

/// The session's day and hours, and the minute of the day it is now.
fn minute(cx: &Cx, config: &Config, session: &class_session::Model) -> Result<(i64, Limits)> {
    let (from, to) = config.times(&session.slot, session.starts, session.ends);
    let now = cx.now().with_timezone(&cx.zone());
    let minute = i64::from(now.hour() * 60 + now.minute());
    let taken = (from - config.code.early_minutes)..=(to + config.code.after_minutes);
    if civil::date_in(cx.now(), cx.zone()) != session.held_on || !taken.contains(&minute) {
        return Err(Error::conflict("classes-code-not-now"));
    }
    let limits = Limits { late_after: from + config.rule.late_minutes, early_before: to - config.rule.leave_minutes };
    Ok((minute, limits))
}

/// Signs the signed-in person in or out, once whatever they send.
///
/// # Errors
/// As [`passed`]; not the session's day or hours.
pub async fn attend(cx: &Cx, who: &Actor, pass: &str) -> Result<Read> {
    let (id, way, until) = opened(cx, PASS, pass)?;
    if until < cx.now().timestamp() {
        return Err(Error::conflict("classes-code-over"));
    }
    let config = config::of(cx)?;
    let txn = cx.begin().await?;
    let session = session(&txn, id).await?;
    db::lock_rows(&txn, "class", &[session.class_id]).await?;
    let person = member(&txn, who, session.class_id).await?;
    let (minute, limits) = minute(cx, &config, &session)?;
    let old = attendance::Entity::find()
        .filter(attendance::Column::SessionId.eq(id))
        .filter(attendance::Column::PersonId.eq(person))
        .one(&txn)
        .await?;
    let Some(new) = read(old.as_ref().map(known), way, minute, limits) else {
        let k = old.as_ref().map(known);
        let (state, sign_in, sign_out) = k.map_or((State::Present, None, None), |k| (k.state, k.sign_in, k.sign_out));
        return Ok(Read { way, state, sign_in, sign_out, again: true });
    };
    store(&txn, cx, who, &session, person, old, new).await?;
    txn.commit().await?;
    Ok(Read { way, state: new.state, sign_in: new.sign_in, sign_out: new.sign_out, again: false })
}

async fn store(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    session: &class_session::Model,
    person: i64,
    old: Option<attendance::Model>,
    new: Known,
) -> Result<()> {
    let open = pipeline::open(txn, &[person]).await?;
    let line = Line {
        person_id: person,
        state: new.state,
        sign_in: new.sign_in,
        sign_out: new.sign_out,
        note: old.as_ref().map(|o| o.note.clone()).unwrap_or_default(),
        version: None,
    };
    let change = match old {
        Some(old) => {
            let mut row = old.clone();
            super::session::set(&mut row, &line);
            let row = update(txn, cx, who, &old, row).await?;
            audit::Change::new("update", "attendance", row.id, row.version).before(&old).after(&row)
        }
        None => {
            let made = insert(txn, vec![new_row(cx, who, session.id, &line)]).await?;
            let made = made.into_iter().next().ok_or_else(|| Error::internal("attendance not written"))?;
            audit::Change::new("create", "attendance", made.id, 1).after(&made)
        }
    };
    audit::record(txn, cx, who, [change.why("code")]).await?;
    let class = super::super::entity::class::Entity::find_by_id(session.class_id).one(txn).await?;
    if let Some(class) = class {
        begin(txn, cx, who, &class).await?;
    }
    settle(txn, cx, who, session.class_id).await?;
    open.close(txn, cx, facts(txn, &[person]).await?).await
}
