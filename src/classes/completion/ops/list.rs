//! Reading: who completed a class and what is in others' way; certificates, each within what the reader may see.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::completion;
use super::super::rules::Verdict;
use super::settle::Facts;
use crate::classes::entity::{class, class_enrolment};
use crate::classes::ops::{class_row, members_of};
use crate::core::page::Page;
use crate::core::{Actor, Error, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::people::scope;

/// How one person of a class stands.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    /// active, withdrawn or completed.
    pub state: String,
    /// What it would be if the class were closed now.
    pub verdict: Verdict,
    pub minutes: i64,
    /// Hundredths of a point of 100, once published.
    pub total: Option<i64>,
    /// The certificate: the valid one, else the last.
    pub certificate: Option<completion::Model>,
}

impl Outcome {
    /// Whether the certificate names other minutes than are on record now.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|c| c.state == "valid" && (c.minutes != self.minutes || c.name != self.name))
    }
}

/// How everybody of a class stands, with the minutes held; an intern sees themselves.
///
/// # Errors
/// Not found; forbidden for observers.
pub async fn outcomes(db: &impl ConnectionTrait, who: &Actor, class_id: i64) -> Result<(i64, Vec<Outcome>)> {
    let members = members_of(db, who, class_id).await?;
    let class = class_row(db, who, class_id).await?;
    let facts = Facts::of(db, &class).await?;
    let certificates = completion::Entity::find().filter(completion::Column::ClassId.eq(class_id)).all(db).await?;
    let mut last = std::collections::HashMap::new();
    for c in certificates {
        // In the order in which they were made: the valid one is the last.
        last.entry(c.enrolment_id)
            .and_modify(|l: &mut completion::Model| {
                if c.id > l.id {
                    l.clone_from(&c);
                }
            })
            .or_insert(c);
    }
    let one = |m: crate::classes::ops::Member| Outcome {
        verdict: facts.verdict(m.person_id, m.enrolment_id),
        minutes: facts.minutes(m.person_id),
        total: facts.total(m.person_id, m.enrolment_id),
        certificate: last.remove(&m.enrolment_id),
        enrolment_id: m.enrolment_id,
        person_id: m.person_id,
        name: m.name,
        unit: m.unit,
        state: m.state,
    };
    Ok((facts.held, members.into_iter().map(one).collect()))
}

/// A certificate with what the list shows beside it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct CertificateView {
    pub id: i64,
    pub version: i64,
    pub class_id: i64,
    pub person_id: i64,
    pub number: String,
    pub code: String,
    pub name: String,
    pub id_tail: String,
    pub unit: String,
    pub class_name: String,
    pub class_code: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub minutes: i64,
    pub total: Option<i64>,
    pub issued_on: NaiveDate,
    pub issued_by: String,
    pub state: String,
    pub ended_on: Option<NaiveDate>,
    pub reason_code: String,
    pub reason: String,
    pub replaces_id: Option<i64>,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// The beginning of a number, or part of a name.
    pub text: String,
    pub class_id: Option<i64>,
    pub person_id: Option<i64>,
    pub state: String,
    pub year: Option<i64>,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::text("number", "c.number"),
    Order::text("name", "c.name"),
    Order::text("issued_on", "CAST(c.issued_on AS TEXT)"),
    Order::number("minutes", "c.minutes"),
];

const COLUMNS: &str = "c.id, c.version, c.class_id, c.person_id, c.number, c.code, c.name, p.id_tail, p.unit, \
    c.class_name, k.code AS class_code, c.starts_on, c.ends_on, c.minutes, c.total, c.issued_on, c.issued_by, c.state, \
    c.ended_on, c.reason_code, c.reason, c.replaces_id";
const FROM: &str = "completion c JOIN person p ON p.id = c.person_id JOIN class k ON k.id = c.class_id";

fn wanted(who: &Actor, find: &Find) -> Result<Where> {
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Intern]) {
        return Err(Error::Forbidden);
    }
    let mut w = Where::default();
    let (sql, values) = scope::sql(who);
    w.and(&sql, values);
    w.contains(&["c.number", "c.name", "c.code"], &find.text);
    w.equal("c.state", Some(&find.state));
    for (column, id) in [("c.class_id", find.class_id), ("c.person_id", find.person_id)] {
        if let Some(id) = id {
            w.and(&format!("{column} = ?"), [id.into()]);
        }
    }
    if let Some(y) = find.year.and_then(|y| i32::try_from(y).ok()) {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).map(Value::from);
        if let (Some(from), Some(to)) = (day(y, 1, 1), day(y, 12, 31)) {
            w.and("c.issued_on BETWEEN ? AND ?", [from, to]);
        }
    }
    Ok(w)
}

/// Certificates, in the order asked for.
///
/// # Errors
/// Forbidden for supervisors and observers.
pub async fn certificates(
    cx: &Cx,
    who: &Actor,
    find: &Find,
    sort: &str,
    slice: &Slice,
) -> Result<Page<CertificateView>> {
    list::page(cx.read(), COLUMNS, FROM, "c.id", wanted(who, find)?, Sort::of(ORDERS, sort), slice).await
}

/// How many valid ones there are, and their minutes together, over what `find` leaves.
///
/// # Errors
/// As [`certificates`].
pub async fn count(db: &impl ConnectionTrait, who: &Actor, find: &Find) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Sum {
        n: i64,
        minutes: i64,
    }
    let w = wanted(who, find)?;
    let sql = format!(
        "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(c.minutes), 0) AS BIGINT) AS minutes FROM {FROM} WHERE {} \
         AND c.state = 'valid'",
        w.sql
    );
    let rows: Vec<Sum> = db::rows(db, &sql, w.values).await?;
    Ok(rows.first().map_or((0, 0), |s| (s.n, s.minutes)))
}

/// One certificate.
///
/// # Errors
/// Not found, or not the reader's.
pub async fn certificate(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<CertificateView> {
    let mut w = wanted(who, &Find::default())?;
    w.and("c.id = ?", [id.into()]);
    let rows: Vec<CertificateView> =
        db::rows(db, &format!("SELECT {COLUMNS} FROM {FROM} WHERE {}", w.sql), w.values).await?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))
}

/// How one person of a class stands, without names: for what is derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stood {
    pub person_id: i64,
    pub completed: bool,
    pub minutes: i64,
    /// Hundredths of a point of 100, once published.
    pub total: Option<i64>,
}

/// How everybody stands who is in a class that the caller found for the actor, with the minutes held.
///
/// # Errors
/// What the database reports.
pub async fn outcomes_in(db: &impl ConnectionTrait, class: &class::Model) -> Result<(i64, Vec<Stood>)> {
    let facts = Facts::of(db, class).await?;
    let rows = class_enrolment::Entity::find().filter(class_enrolment::Column::ClassId.eq(class.id)).all(db).await?;
    let one = |e: &class_enrolment::Model| Stood {
        person_id: e.person_id,
        completed: e.state == "completed",
        minutes: facts.minutes(e.person_id),
        total: facts.total(e.person_id, e.id),
    };
    Ok((facts.held, rows.iter().map(one).collect()))
}
