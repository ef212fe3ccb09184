//! Proposing, awarding, recording honours.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{Column, Entity, Model};
use super::super::rules::{self, Finisher, LEVELS, Proposed};
use super::list::get;
use crate::audit;
use crate::classes::completion::config;
use crate::classes::completion::ops::outcomes_in;
use crate::classes::ops as classes;
use crate::core::{Actor, Error, FieldError, Lang, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;

const ROLES: &[Role] = &[Role::Administrator, Role::Trainer];

fn blank() -> Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    Model {
        id: 0,
        class_id: None,
        person_id: None,
        organisation_id: None,
        station_id: None,
        rule: String::new(),
        title: String::new(),
        level: String::new(),
        year: 0,
        document_no: String::new(),
        given_by: String::new(),
        state: "awarded".to_owned(),
        reason: String::new(),
        place: None,
        tied: false,
        total: None,
        awarded_on: None,
        note: String::new(),
        region_code: String::new(),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

/// Proposes honours from a closed class, by a rule: `top` (with `n`, the program's number when absent) or
/// `full_attendance`. Who was proposed by this rule before stays as they are; gives how many are new.
///
/// # Errors
/// Forbidden; not found; an unknown rule; the class is not closed; nobody to propose.
pub async fn propose(cx: &Cx, who: &Actor, class_id: i64, rule: &str, n: Option<i64>) -> Result<usize> {
    who.require(ROLES)?;
    let file = config::of(cx)?;
    let n = n.unwrap_or(file.honours.top.value);
    if !(1..=1000).contains(&n) {
        return Err(Error::field("n", Msg::new("honour-top-range")));
    }
    let txn = cx.begin().await?;
    let class = classes::class_row(&txn, who, class_id).await?;
    db::lock_rows(&txn, "class", &[class_id]).await?;
    if class.state != "closed" {
        return Err(Error::conflict("honour-class-open"));
    }
    let (held, all) = outcomes_in(&txn, &class).await?;
    let people: Vec<Finisher> = all
        .into_iter()
        .filter(|o| o.completed)
        .map(|o| Finisher { person_id: o.person_id, total: o.total, attended: o.minutes })
        .collect();
    let (found, title) = match rule {
        "top" => (rules::top(&people, usize::try_from(n).unwrap_or(0)), &file.honours.top_title),
        "full_attendance" => (rules::full_attendance(&people, held), &file.honours.full_attendance_title),
        _ => return Err(Error::field("rule", Msg::new("honour-rule-unknown"))),
    };
    if found.is_empty() {
        return Err(Error::conflict("honour-nobody"));
    }
    let known: HashSet<Option<i64>> = Entity::find()
        .filter(Column::ClassId.eq(class_id))
        .filter(Column::Rule.eq(rule))
        .all(&txn)
        .await?
        .into_iter()
        .map(|h| h.person_id)
        .collect();
    let today = cx.today();
    let row = |p: &Proposed| Model {
        class_id: Some(class_id),
        person_id: Some(p.person_id),
        rule: rule.to_owned(),
        // Kept as it is printed: in the office's language.
        title: title.text(Lang::ZhCn).to_owned(),
        level: "class".to_owned(),
        year: class.ends_on.map_or(i64::from(today.year()), |d| i64::from(d.year())),
        state: "proposed".to_owned(),
        place: p.place,
        tied: p.tied,
        total: p.total,
        region_code: class.region_code.clone(),
        ..blank()
    };
    let rows: Vec<Model> = found.iter().filter(|p| !known.contains(&Some(p.person_id))).map(row).collect();
    let made = records::insert_many(&txn, cx, who, rows, None).await?;
    txn.commit().await?;
    Ok(made.len())
}

/// Awards, declines or revokes an honour.
///
/// # Errors
/// Forbidden; not found; a state that cannot follow; a missing reason for declining or revoking; changed meanwhile.
pub async fn decide(cx: &Cx, who: &Actor, id: i64, version: i64, state: &str, reason: &str) -> Result<()> {
    who.require(ROLES)?;
    let reason = reason.trim();
    if state != "awarded" && !(1..=500).contains(&reason.chars().count()) {
        return Err(Error::field("reason", Msg::new("honour-reason-missing")));
    }
    let txn = cx.begin().await?;
    get(&txn, who, id).await?;
    let old = Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if !rules::may_follow(&old.state, state) {
        return Err(Error::conflict("honour-step-not-now"));
    }
    may_write(who, &old)?;
    let awarded = state == "awarded";
    let row = Model {
        state: state.to_owned(),
        reason: if awarded { String::new() } else { reason.to_owned() },
        awarded_on: if awarded { Some(old.awarded_on.unwrap_or_else(|| cx.today())) } else { old.awarded_on },
        given_by: if awarded && old.given_by.is_empty() { who.name.clone() } else { old.given_by.clone() },
        ..old.clone()
    };
    let change = audit::Change::new("decide", "honour", id, 0).why(reason);
    records::update(&txn, cx, who, &old, row, change).await?;
    txn.commit().await?;
    Ok(())
}

/// Honours of organisations and stations are the administrator's, as the registers are.
fn may_write(who: &Actor, h: &Model) -> Result<()> {
    if h.person_id.is_none() { who.require(&[Role::Administrator]) } else { Ok(()) }
}

/// An honour from outside; exactly one holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HonourInput {
    pub person_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    pub title: String,
    /// county, city, province or nation.
    pub level: String,
    pub year: i64,
    pub document_no: String,
    pub given_by: String,
    pub awarded_on: Option<NaiveDate>,
    pub note: String,
}

fn tidy(cx: &Cx, mut i: HonourInput) -> Result<HonourInput> {
    for s in [&mut i.title, &mut i.level, &mut i.document_no, &mut i.given_by, &mut i.note] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    let holders = [i.person_id, i.organisation_id, i.station_id].iter().flatten().count();
    if holders != 1 {
        no("holder", "honour-one-holder");
    }
    if !(1..=100).contains(&i.title.chars().count()) {
        no("title", "honour-title-missing");
    }
    if !LEVELS.contains(&i.level.as_str()) || i.level == "class" {
        no("level", "honour-level-unknown");
    }
    let today = cx.today();
    if !rules::year_fits(i.year, i64::from(today.year())) {
        no("year", "honour-year-range");
    }
    if i.awarded_on.is_some_and(|d| d > today) {
        no("awarded_on", "honour-date-future");
    }
    if i.document_no.chars().count() > 100 || i.given_by.chars().count() > 100 {
        no("document_no", "honour-text-long");
    }
    if i.note.chars().count() > 500 {
        no("note", "honour-text-long");
    }
    if wrong.is_empty() { Ok(i) } else { Err(Error::Invalid(wrong)) }
}

/// The region of whose it is; refuses a holder out of scope.
async fn region_of(txn: &DatabaseTransaction, who: &Actor, i: &HonourInput) -> Result<String> {
    let at_field = |e: Error| match e {
        Error::NotFound(_) => Error::field("holder", Msg::new("honour-holder-unknown")),
        other => other,
    };
    if let Some(id) = i.person_id {
        return Ok(crate::people::ops::visible(txn, who, id).await.map_err(at_field)?.region_code);
    }
    who.require(&[Role::Administrator])?;
    if let Some(id) = i.organisation_id {
        return Ok(crate::organisations::ops::get(txn, who, id).await.map_err(at_field)?.region_code);
    }
    let id = i.station_id.unwrap_or(0);
    Ok(crate::stations::ops::visible(txn, who, id).await.map_err(at_field)?.region_code)
}

fn filled(row: Model, i: HonourInput, region_code: String) -> Model {
    Model {
        person_id: i.person_id,
        organisation_id: i.organisation_id,
        station_id: i.station_id,
        title: i.title,
        level: i.level,
        year: i.year,
        document_no: i.document_no,
        given_by: i.given_by,
        awarded_on: i.awarded_on,
        note: i.note,
        region_code,
        ..row
    }
}

/// The same honour of the same holder in the same year is there already.
async fn no_twin(txn: &DatabaseTransaction, new: &Model) -> Result<()> {
    let of = Entity::find()
        .filter(Column::Title.eq(new.title.as_str()))
        .filter(Column::Year.eq(new.year))
        .filter(Column::Level.eq(new.level.as_str()))
        .filter(Column::State.eq("awarded"))
        .filter(Column::Id.ne(new.id));
    let of = match (new.person_id, new.organisation_id, new.station_id) {
        (Some(id), _, _) => of.filter(Column::PersonId.eq(id)),
        (_, Some(id), _) => of.filter(Column::OrganisationId.eq(id)),
        (_, _, id) => of.filter(Column::StationId.eq(id)),
    };
    if of.one(txn).await?.is_some() {
        return Err(Error::field("title", Msg::new("honour-twice")));
    }
    Ok(())
}

/// Records an honour from outside.
///
/// # Errors
/// Forbidden (of organisations and stations for all but administrators); [`Error::Invalid`] with the wrong fields, a
/// holder that is not the actor's to see, or one that is there already.
pub async fn add(cx: &Cx, who: &Actor, input: HonourInput) -> Result<Model> {
    who.require(ROLES)?;
    let input = tidy(cx, input)?;
    let txn = cx.begin().await?;
    let region = region_of(&txn, who, &input).await?;
    let new = filled(blank(), input, region);
    no_twin(&txn, &new).await?;
    let row = records::insert(&txn, cx, who, new).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes an honour from outside.
///
/// # Errors
/// As [`add`]; not found; of a class; changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, version: i64, input: HonourInput) -> Result<Model> {
    who.require(ROLES)?;
    let input = tidy(cx, input)?;
    let txn = cx.begin().await?;
    get(&txn, who, id).await?;
    let old = Entity::find_by_id(id).one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.class_id.is_some() {
        return Err(Error::conflict("honour-of-class"));
    }
    may_write(who, &old)?;
    let region = region_of(&txn, who, &input).await?;
    let new = filled(old.clone(), input, region);
    no_twin(&txn, &new).await?;
    let row = records::update(&txn, cx, who, &old, new, audit::Change::new("update", "honour", id, 0)).await?;
    txn.commit().await?;
    Ok(row)
}
