//! Recording a certificate by hand and correcting one.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{dates_of, facts, insertable, invalid, known, list, msg, save};
use crate::audit::{self, Change};
use crate::certificates::entity::{Column, Entity, Model};
use crate::certificates::rules::{self, Fault, Known, Step};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;
use crate::people::entity::person;
use crate::people::scope;
use crate::pipeline;
use crate::schemes;

/// A certificate to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCertificate {
    pub person_id: i64,
    pub scheme: String,
    pub level: String,
    pub number: String,
    /// 0 when unknown.
    pub exam_year: i64,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    pub unit: String,
    pub note: String,
}

/// What a correction may change, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectCertificate {
    pub number: String,
    pub exam_year: i64,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    pub unit: String,
    pub note: String,
    pub why: String,
}

/// Records a certificate. The same one again changes nothing and gives the one on record; a later registration is taken.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`] for a person out of scope, [`Error::Invalid`] naming the wrong fields.
pub async fn record(cx: &Cx, who: &Actor, input: RecordCertificate) -> Result<Model> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let schemes = schemes::of(cx)?;
    let level = schemes.scheme(&input.scheme)?.level(&input.level);
    let level = level.ok_or_else(|| Error::field("level", Msg::new("certificates-level-unknown")))?;
    let number = rules::number(&input.number).map_err(|f| invalid(vec![f]))?;
    let dates = rules::Dates {
        exam_year: input.exam_year,
        approved_on: input.approved_on,
        first_registered_on: input.first_registered_on,
        registered_until: input.registered_until,
    };
    let faults = rules::dates(&dates, cx.today());
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    let txn = cx.begin().await?;
    let holder = scope::visible_to(who).filter(person::Column::Id.eq(input.person_id)).one(&txn).await?;
    let holder = holder.ok_or_else(|| Error::not_found("error-not-found"))?;
    let before = pipeline::open(&txn, &[holder.id]).await?;
    let same = Entity::find()
        .filter(Column::Scheme.eq(input.scheme.as_str()))
        .filter(Column::Level.eq(level.code.as_str()))
        .filter(Column::Number.eq(number.as_str()))
        .one(&txn)
        .await?;
    let held = held(&txn, holder.id, &input.scheme, &level.code).await?;
    let by_number = same.as_ref().map(known);
    let row = match rules::judge(Some(holder.id), &number, &dates, by_number.as_ref(), &held) {
        Err((fault, _)) => return Err(invalid(vec![fault])),
        Ok(Step::Unchanged(_)) => return same.ok_or_else(|| Error::not_found("error-not-found")),
        Ok(Step::Update(_)) => {
            let old = same.ok_or_else(|| Error::not_found("error-not-found"))?;
            let mut new = old.clone();
            renew(&mut new, &dates);
            new.updated_at = cx.now();
            new.updated_by = who.user_id;
            let new = save(&txn, &old, new).await?;
            let entry = Change::new("update", "certificate", new.id, new.version).before(&old).after(&new);
            audit::record(&txn, cx, who, [entry]).await?;
            new
        }
        Ok(Step::New) => {
            let now = cx.now();
            let row = Model {
                id: 0,
                person_id: holder.id,
                scheme: input.scheme,
                level: level.code.clone(),
                number,
                unit: input.unit.trim().to_owned(),
                area: String::new(),
                note: input.note.trim().to_owned(),
                exam_year: dates.exam_year,
                approved_on: dates.approved_on,
                first_registered_on: dates.first_registered_on,
                registered_until: dates.registered_until,
                revoked_on: None,
                revoked_why: String::new(),
                version: 1,
                created_at: now,
                updated_at: now,
                created_by: who.user_id,
                updated_by: who.user_id,
            };
            let row = Entity::insert(insertable(&row)).exec_with_returning(&txn).await?;
            audit::record(&txn, cx, who, [Change::new("create", "certificate", row.id, 1).after(&row)]).await?;
            row
        }
    };
    let changes = facts(&txn, &schemes, &[holder.id]).await?;
    before.close(&txn, cx, changes).await?;
    txn.commit().await?;
    Ok(row)
}

/// Takes over what a renewal brings.
pub(in crate::certificates) fn renew(row: &mut Model, d: &rules::Dates) {
    if row.exam_year == 0 {
        row.exam_year = d.exam_year;
    }
    row.first_registered_on = row.first_registered_on.or(d.first_registered_on);
    row.registered_until = d.registered_until.or(row.registered_until);
}

async fn held(txn: &impl sea_orm::ConnectionTrait, person: i64, scheme: &str, level: &str) -> Result<Vec<Known>> {
    let rows = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Scheme.eq(scheme))
        .filter(Column::Level.eq(level))
        .all(txn)
        .await?;
    Ok(rows.iter().map(known).collect())
}

/// Corrects what was recorded wrongly; the row before stays in the audit log.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] naming the wrong fields, [`Error::Conflict`] when it was
/// changed meanwhile.
pub async fn correct(cx: &Cx, who: &Actor, id: i64, version: i64, input: CorrectCertificate) -> Result<Model> {
    who.require(&[Role::Administrator])?;
    let schemes = schemes::of(cx)?;
    let txn = cx.begin().await?;
    let old = list::visible(&txn, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let mut new = old.clone();
    let mut faults = Vec::new();
    match rules::number(&input.number) {
        Ok(n) => new.number = n,
        Err(f) => faults.push(f),
    }
    new.exam_year = input.exam_year;
    new.approved_on = input.approved_on;
    new.first_registered_on = input.first_registered_on;
    new.registered_until = input.registered_until;
    input.unit.trim().clone_into(&mut new.unit);
    input.note.trim().clone_into(&mut new.note);
    faults.extend(rules::dates(&dates_of(&new), cx.today()));
    if old.revoked_on.is_some_and(|r| r < new.approved_on) {
        faults.push(Fault::RevokedBeforeApproved);
    }
    let why = input.why.trim();
    if why.is_empty() {
        faults.push(Fault::ReasonMissing);
    }
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    if new == old {
        return Ok(old);
    }
    let taken = Entity::find()
        .filter(Column::Scheme.eq(old.scheme.as_str()))
        .filter(Column::Level.eq(old.level.as_str()))
        .filter(Column::Number.eq(new.number.as_str()))
        .filter(Column::Id.ne(id))
        .one(&txn)
        .await?;
    if taken.is_some() {
        return Err(Error::field("number", msg(Fault::NumberTaken)));
    }
    let before = pipeline::open(&txn, &[old.person_id]).await?;
    new.updated_at = cx.now();
    new.updated_by = who.user_id;
    let new = save(&txn, &old, new).await?;
    let entry = Change::new("correct", "certificate", id, new.version).before(&old).after(&new).why(why);
    audit::record(&txn, cx, who, [entry]).await?;
    let changes = facts(&txn, &schemes, &[old.person_id]).await?;
    before.close(&txn, cx, changes).await?;
    txn.commit().await?;
    Ok(new)
}
