//! Certificates of training: issued for a closed class, replaced, revoked.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::config;
use super::super::entity::completion;
use super::super::rules::{Pattern, code};
use super::settle::Facts;
use crate::audit;
use crate::classes::entity::class;
use crate::classes::ops::class_row;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;

const ROLES: &[Role] = &[Role::Administrator, Role::Trainer];

/// What an issue came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    pub issued: usize,
    /// Had a valid one already.
    pub had: usize,
}

#[derive(FromQueryResult)]
struct Finisher {
    enrolment_id: i64,
    person_id: i64,
    name: String,
}

#[derive(FromQueryResult)]
struct Last {
    last: i64,
}

#[derive(FromQueryResult)]
struct Span {
    first: Option<chrono::NaiveDate>,
    last: Option<chrono::NaiveDate>,
}

/// Issues a certificate to everybody who completed a closed class and has no valid one.
///
/// # Errors
/// Forbidden; not found; [`Error::Conflict`] when the class is not closed or nobody completed it.
pub async fn issue(cx: &Cx, who: &Actor, class_id: i64) -> Result<Issued> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let class = class_row(&txn, who, class_id).await?;
    db::lock_rows(&txn, "class", &[class_id]).await?;
    if class.state != "closed" {
        return Err(Error::conflict("completion-class-open"));
    }
    let sql = "SELECT ce.id AS enrolment_id, ce.person_id, p.name FROM class_enrolment ce \
               JOIN person p ON p.id = ce.person_id WHERE ce.class_id = ? AND ce.state = 'completed' \
               ORDER BY p.name_key, p.id";
    let all: Vec<Finisher> = db::rows(&txn, sql, [class_id.into()]).await?;
    if all.is_empty() {
        return Err(Error::conflict("completion-nobody"));
    }
    // A correction under way waits for the certificate and then revokes it; without this it would find none.
    let people: Vec<i64> = all.iter().map(|f| f.person_id).collect();
    db::lock_rows(&txn, "person", &people).await?;
    let all: Vec<Finisher> = db::rows(&txn, sql, [class_id.into()]).await?;
    let have: HashSet<i64> = completion::Entity::find()
        .filter(completion::Column::ClassId.eq(class_id))
        .filter(completion::Column::State.eq("valid"))
        .all(&txn)
        .await?
        .into_iter()
        .map(|c| c.enrolment_id)
        .collect();
    let fresh: Vec<Finisher> = all.into_iter().filter(|f| !have.contains(&f.enrolment_id)).collect();
    let done = Issued { issued: fresh.len(), had: have.len() };
    let made = make(&txn, cx, who, &class, fresh, None).await?;
    records::insert_many(&txn, cx, who, made, None).await?;
    txn.commit().await?;
    Ok(done)
}

/// The rows of new certificates, numbered on from the last of their series.
async fn make(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class: &class::Model,
    people: Vec<Finisher>,
    replaces: Option<i64>,
) -> Result<Vec<completion::Model>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let rules = config::of(cx)?;
    let pattern = Pattern::read(&rules.certificate.number.value)
        .ok_or_else(|| Error::internal("certificate.number is no pattern"))?;
    let today = cx.today();
    let year = chrono::Datelike::year(&today);
    let facts = Facts::of(txn, class).await?;
    let span: Vec<Span> = db::rows(
        txn,
        "SELECT MIN(held_on) AS first, MAX(held_on) AS last FROM class_session WHERE class_id = ?",
        [class.id.into()],
    )
    .await?;
    let (first, last) = span.first().map_or((None, None), |s| (s.first, s.last));
    // One statement that waits for others on the same series: no number is given twice, on both databases.
    let n = i64::try_from(people.len()).unwrap_or(0);
    let sql = "INSERT INTO completion_series (series, last) VALUES (?, ?) \
               ON CONFLICT (series) DO UPDATE SET last = completion_series.last + excluded.last RETURNING last";
    let series = pattern.series(&class.region_code, year, &class.code);
    let ended: Vec<Last> = db::rows(txn, sql, [series.into(), n.into()]).await?;
    let ended = ended.first().map_or(0, |l| l.last);
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let row = |(i, f): (i64, Finisher)| completion::Model {
        id: 0,
        enrolment_id: f.enrolment_id,
        class_id: class.id,
        person_id: f.person_id,
        number: pattern.number(&class.region_code, year, &class.code, ended - n + i),
        code: code(rand::random()),
        name: f.name,
        class_name: class.name.clone(),
        starts_on: class.starts_on.or(first),
        ends_on: class.ends_on.or(last),
        minutes: facts.minutes(f.person_id),
        total: facts.total(f.person_id, f.enrolment_id),
        issued_on: today,
        issued_by: who.name.clone(),
        state: "valid".to_owned(),
        ended_on: None,
        reason_code: String::new(),
        reason: String::new(),
        replaces_id: replaces,
        valid_key: Some(f.enrolment_id),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    };
    Ok((1..).zip(people).map(row).collect())
}

/// Ends a valid certificate.
pub(super) async fn end(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &completion::Model,
    state: &str,
    code: &str,
    reason: &str,
) -> Result<()> {
    let row = completion::Model {
        state: state.to_owned(),
        ended_on: Some(cx.today()),
        reason_code: code.to_owned(),
        reason: reason.to_owned(),
        valid_key: None,
        ..old.clone()
    };
    let why = if reason.is_empty() { code } else { reason };
    let change = audit::Change::new("revoke", "completion", old.id, 0).why(why);
    records::update(txn, cx, who, old, row, change).await?;
    Ok(())
}

async fn valid(
    txn: &DatabaseTransaction,
    who: &Actor,
    id: i64,
    version: i64,
) -> Result<(completion::Model, class::Model)> {
    let row = completion::Entity::find_by_id(id).one(txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let class = class_row(txn, who, row.class_id).await?;
    if row.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if row.state != "valid" {
        return Err(Error::conflict("completion-not-valid"));
    }
    Ok((row, class))
}

fn reason_of(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::field("reason", Msg::new("completion-reason-missing")));
    }
    Ok(reason)
}

/// Takes a certificate back by hand; the completion itself stands.
///
/// # Errors
/// Forbidden; not found; a missing reason; changed meanwhile; not valid any more.
pub async fn revoke(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<()> {
    who.require(ROLES)?;
    let reason = reason_of(reason)?;
    let txn = cx.begin().await?;
    let (old, _) = valid(&txn, who, id, version).await?;
    end(&txn, cx, who, &old, "revoked", "by_hand", reason).await?;
    txn.commit().await?;
    Ok(())
}

/// Puts a new certificate in the place of a valid one: the name was corrected, the minutes were. Gives the new one's id.
///
/// # Errors
/// As [`revoke`].
pub async fn replace(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<i64> {
    who.require(ROLES)?;
    let reason = reason_of(reason)?;
    let txn = cx.begin().await?;
    let (old, class) = valid(&txn, who, id, version).await?;
    end(&txn, cx, who, &old, "replaced", "replaced", reason).await?;
    let name = crate::people::entity::person::Entity::find_by_id(old.person_id).one(&txn).await?.map(|p| p.name);
    let one = Finisher {
        enrolment_id: old.enrolment_id,
        person_id: old.person_id,
        name: name.unwrap_or_else(|| old.name.clone()),
    };
    let made = make(&txn, cx, who, &class, vec![one], Some(old.id)).await?;
    let made = made.into_iter().next().ok_or_else(|| Error::internal("no certificate was made"))?;
    let made = records::insert(&txn, cx, who, made).await?;
    txn.commit().await?;
    Ok(made.id)
}
