//! Keeping educations, work, bars and overrides.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::super::entity::{eligibility_override, exam_bar, schooling, work_experience};
use super::STAFF;
use super::check::Check;
use crate::audit::{self, Change};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;
use crate::people::ops::visible;
use crate::records::{self, Record};
use crate::schemes;

/// All that is kept of one person.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    pub schooling: Vec<schooling::Model>,
    pub work: Vec<work_experience::Model>,
    pub bars: Vec<exam_bar::Model>,
    pub overrides: Vec<eligibility_override::Model>,
}

/// An education. Its standing is `declared` when an intern writes it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolingInput {
    pub education: String,
    pub school: String,
    pub major: String,
    /// full_time, part_time or unknown.
    pub study: String,
    /// graduated or student.
    pub graduation: String,
    pub gained_abroad: bool,
    pub began_on: Option<NaiveDate>,
    pub graduated_on: Option<NaiveDate>,
    /// proven, declared or doubted.
    pub standing: String,
    pub document: String,
    pub note: String,
}

/// Work at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkInput {
    pub workplace: String,
    pub job_title: String,
    /// field, other or unknown.
    pub kind: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub standing: String,
    pub document: String,
    pub note: String,
}

/// A time in which somebody may not sit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BarInput {
    pub scheme: String,
    pub from_on: Option<NaiveDate>,
    /// Absent: for the long term.
    pub until_on: Option<NaiveDate>,
    pub reason: String,
    pub document: String,
}

/// A decision to let somebody in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverrideInput {
    pub scheme: String,
    pub level: String,
    pub approver: String,
    pub reason: String,
    pub document: String,
    pub until_on: Option<NaiveDate>,
}

const STANDINGS: &[&str] = &["proven", "declared", "doubted"];

/// Staff say how far a fact can be relied on; what an intern writes is declared.
fn standing_of(who: &Actor, text: &str) -> String {
    if who.is(STAFF) && !text.is_empty() { text.to_owned() } else { "declared".to_owned() }
}

fn may_write(who: &Actor) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])
}

/// Adds an education.
///
/// # Errors
/// Invalid fields; not found for somebody the actor does not see.
pub async fn add_schooling(cx: &Cx, who: &Actor, person_id: i64, i: SchoolingInput) -> Result<i64> {
    may_write(who)?;
    let standing = standing_of(who, &i.standing);
    let mut c = Check::default();
    c.text("education", &i.education, 1, 40);
    for (field, text) in [("school", &i.school), ("major", &i.major), ("document", &i.document), ("note", &i.note)] {
        c.text(field, text, 0, 300);
    }
    c.one_of("study", &i.study, &["full_time", "part_time", "unknown"]);
    c.one_of("graduation", &i.graduation, &["graduated", "student"]);
    c.one_of("standing", &standing, STANDINGS);
    c.order("graduated_on", i.began_on, i.graduated_on);
    if i.graduation == "graduated" && i.graduated_on.is_some_and(|d| d > cx.today()) {
        c.no("graduated_on", "eligible-graduated-later");
    }
    let known = schemes::of(cx)?.all().any(|s| s.education_by_name(&i.education).is_some());
    if !known && !i.education.trim().is_empty() {
        c.no("education", "eligible-education-unknown");
    }
    c.done()?;
    let row = schooling::Model {
        id: 0,
        person_id,
        education: i.education.trim().to_owned(),
        school: i.school.trim().to_owned(),
        major: i.major.trim().to_owned(),
        document: i.document.trim().to_owned(),
        note: i.note.trim().to_owned(),
        study: i.study,
        graduation: i.graduation,
        standing,
        gained_abroad: i.gained_abroad,
        began_on: i.began_on,
        graduated_on: i.graduated_on,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    add(cx, who, person_id, row).await
}

/// Adds work at one place. Practicum is not work and is not written here.
///
/// # Errors
/// As [`add_schooling`].
pub async fn add_work(cx: &Cx, who: &Actor, person_id: i64, i: WorkInput) -> Result<i64> {
    may_write(who)?;
    let standing = standing_of(who, &i.standing);
    let mut c = Check::default();
    c.text("workplace", &i.workplace, 1, 200);
    for (field, text) in [("job_title", &i.job_title), ("document", &i.document), ("note", &i.note)] {
        c.text(field, text, 0, 300);
    }
    c.one_of("kind", &i.kind, &["field", "other", "unknown"]);
    c.one_of("standing", &standing, STANDINGS);
    c.order("ends_on", i.starts_on, i.ends_on);
    if i.starts_on.is_none() {
        c.no("starts_on", "eligible-missing");
    } else if i.starts_on.is_some_and(|d| d > cx.today()) {
        c.no("starts_on", "eligible-future");
    }
    c.done()?;
    let row = work_experience::Model {
        id: 0,
        person_id,
        workplace: i.workplace.trim().to_owned(),
        job_title: i.job_title.trim().to_owned(),
        document: i.document.trim().to_owned(),
        note: i.note.trim().to_owned(),
        kind: i.kind,
        standing,
        starts_on: i.starts_on.unwrap_or_else(|| cx.today()),
        ends_on: i.ends_on,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    add(cx, who, person_id, row).await
}

/// Bars somebody from the examinations of a scheme.
///
/// # Errors
/// As [`add_schooling`]; only an administrator may.
pub async fn add_bar(cx: &Cx, who: &Actor, person_id: i64, i: BarInput) -> Result<i64> {
    who.require(&[Role::Administrator])?;
    let mut c = Check::default();
    c.text("reason", &i.reason, 1, 500);
    c.text("document", &i.document, 1, 300);
    if schemes::of(cx)?.scheme(&i.scheme).is_err() {
        c.no("scheme", "eligible-choose");
    }
    if i.from_on.is_none() {
        c.no("from_on", "eligible-missing");
    }
    c.order("until_on", i.from_on, i.until_on);
    c.done()?;
    let row = exam_bar::Model {
        id: 0,
        person_id,
        scheme: i.scheme,
        reason: i.reason.trim().to_owned(),
        document: i.document.trim().to_owned(),
        lifted_why: String::new(),
        from_on: i.from_on.unwrap_or_else(|| cx.today()),
        until_on: i.until_on,
        lifted_on: None,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    add(cx, who, person_id, row).await
}

/// Lets somebody register although the clauses do not say so: with approver, reason, document and an end. A bar stays.
///
/// # Errors
/// As [`add_bar`].
pub async fn add_override(cx: &Cx, who: &Actor, person_id: i64, i: OverrideInput) -> Result<i64> {
    who.require(&[Role::Administrator])?;
    let mut c = Check::default();
    for (field, text) in [("approver", &i.approver), ("reason", &i.reason), ("document", &i.document)] {
        c.text(field, text, 1, 300);
    }
    let schemes = schemes::of(cx)?;
    if schemes.scheme(&i.scheme).ok().and_then(|s| s.level(&i.level)).is_none() {
        c.no("level", "eligible-choose");
    }
    match i.until_on {
        None => c.no("until_on", "eligible-missing"),
        Some(d) if d < cx.today() => c.no("until_on", "eligible-over"),
        Some(_) => {}
    }
    c.done()?;
    let row = eligibility_override::Model {
        id: 0,
        person_id,
        scheme: i.scheme,
        level: i.level,
        approver: i.approver.trim().to_owned(),
        reason: i.reason.trim().to_owned(),
        document: i.document.trim().to_owned(),
        revoked_why: String::new(),
        given_on: cx.today(),
        until_on: i.until_on.unwrap_or_else(|| cx.today()),
        revoked_on: None,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    add(cx, who, person_id, row).await
}

async fn add<M, A>(cx: &Cx, who: &Actor, person_id: i64, row: M) -> Result<i64>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait<Model = M>,
{
    let txn = cx.begin().await?;
    visible(&txn, who, person_id).await?;
    let made = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(made.id())
}

fn why(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if (1..=500).contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(Error::field("reason", Msg::new("eligible-why")))
    }
}

/// Takes an education off the record, with the reason; the log keeps it. An intern takes off only what they declared.
///
/// # Errors
/// Not found; changed meanwhile; a missing reason; forbidden for what staff have looked at.
pub async fn remove_schooling(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<i64> {
    may_write(who)?;
    let txn = cx.begin().await?;
    let row = schooling::Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    let (person, standing) = (row.person_id, row.standing.clone());
    remove::<schooling::Model, schooling::ActiveModel>(&txn, cx, who, row, person, &standing, version, reason).await?;
    txn.commit().await?;
    Ok(person)
}

/// Takes work off the record, as [`remove_schooling`].
///
/// # Errors
/// As [`remove_schooling`].
pub async fn remove_work(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<i64> {
    may_write(who)?;
    let txn = cx.begin().await?;
    let row = work_experience::Entity::find_by_id(id).one(&txn).await?;
    let row = row.ok_or_else(|| Error::not_found("error-not-found"))?;
    let (person, standing) = (row.person_id, row.standing.clone());
    remove::<work_experience::Model, work_experience::ActiveModel>(
        &txn, cx, who, row, person, &standing, version, reason,
    )
    .await?;
    txn.commit().await?;
    Ok(person)
}

#[expect(clippy::too_many_arguments, reason = "one private place where a fact is taken off the record")]
async fn remove<M, A>(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    row: M,
    person_id: i64,
    standing: &str,
    version: i64,
    reason: &str,
) -> Result<()>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
    A::Entity: EntityTrait<Model = M>,
{
    visible(txn, who, person_id).await?;
    if who.role == Role::Intern && standing != "declared" {
        return Err(Error::Forbidden);
    }
    let reason = if who.role == Role::Intern { reason.trim() } else { why(reason)? };
    if row.version() != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let change = Change::new("delete", M::TABLE, row.id(), version + 1).before(&row).why(reason);
    row.into_active_model().delete(txn).await?;
    audit::record(txn, cx, who, [change]).await
}

/// Lifts a bar, with the reason.
///
/// # Errors
/// Not found; changed meanwhile; lifted already; a missing reason; only an administrator may.
pub async fn lift_bar(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<i64> {
    who.require(&[Role::Administrator])?;
    let reason = why(reason)?;
    let txn = cx.begin().await?;
    let old = exam_bar::Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    visible(&txn, who, old.person_id).await?;
    if old.version != version || old.lifted_on.is_some() {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = exam_bar::Model { lifted_on: Some(cx.today()), lifted_why: reason.to_owned(), ..old.clone() };
    records::update(&txn, cx, who, &old, new, Change::new("lift", "exam_bar", id, 0).why(reason)).await?;
    txn.commit().await?;
    Ok(old.person_id)
}

/// Revokes an override, with the reason.
///
/// # Errors
/// As [`lift_bar`].
pub async fn revoke_override(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<i64> {
    who.require(&[Role::Administrator])?;
    let reason = why(reason)?;
    let txn = cx.begin().await?;
    let old = eligibility_override::Entity::find_by_id(id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    visible(&txn, who, old.person_id).await?;
    if old.version != version || old.revoked_on.is_some() {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new =
        eligibility_override::Model { revoked_on: Some(cx.today()), revoked_why: reason.to_owned(), ..old.clone() };
    let change = Change::new("revoke", "eligibility_override", id, 0).why(reason);
    records::update(&txn, cx, who, &old, new, change).await?;
    txn.commit().await?;
    Ok(old.person_id)
}
