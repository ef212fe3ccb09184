//! Checks of a station against a standard.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{StationCheck, list};
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;
use crate::stations::entity::{station_check, station_check_item};
use crate::stations::rules::{self, Answer};
use crate::stations::standard::{self, Standard};

/// A check to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckInput {
    pub standard: String,
    pub checked_on: Option<NaiveDate>,
    pub checker: String,
    pub note: String,
    /// Item code → name of an [`Answer`].
    pub answers: HashMap<String, String>,
}

/// A check with its answers.
#[derive(Clone, Debug)]
pub struct CheckDetail {
    pub check: StationCheck,
    /// Item code → name of an [`Answer`].
    pub answers: HashMap<String, String>,
}

/// The standard of a code.
fn standard_of<'s>(all: &'s [Standard], code: &str, level: &str) -> Result<&'s Standard> {
    let found = all.iter().find(|s| s.code == code);
    found
        .filter(|s| s.is_for(level))
        .ok_or_else(|| Error::field("standard", Msg::new("station-standard-unknown").with("standard", code)))
}

/// Records a check: every item answered, its points added up by the standard.
///
/// # Errors
/// [`Error::Invalid`] naming the items without an answer and other wrong fields, [`Error::Conflict`] when there is a check
/// of that day already, [`Error::NotFound`] for the station.
pub async fn check(cx: &Cx, who: &Actor, station_id: i64, input: CheckInput) -> Result<StationCheck> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let all = standard::of(cx)?;
    let txn = cx.begin().await?;
    let station = list::visible(&txn, who, station_id).await?;
    let s = standard_of(&all, &input.standard, &station.level)?;
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    let mut answers = Vec::new();
    for item in s.items() {
        match input.answers.get(&item.code).and_then(|a| Answer::parse(a)) {
            Some(a) => answers.push((item, a)),
            None => bad(&item.code, Msg::new("station-check-answer-missing").with("item", item.name.text(who.lang))),
        }
    }
    for code in input.answers.keys().filter(|c| s.items().all(|i| i.code != **c)) {
        bad("answers", Msg::new("station-check-item-unknown").with("item", code));
    }
    let checked_on = match input.checked_on {
        Some(day) if day > cx.today() => {
            bad("checked_on", Msg::new("station-check-future"));
            day
        }
        Some(day) => day,
        None => cx.today(),
    };
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let marks: Vec<_> = answers.iter().map(|(i, a)| (i.points, i.must, *a)).collect();
    let score = rules::score(&marks, s.pass_percent);
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let row = StationCheck {
        id: 0,
        station_id,
        standard: s.code.clone(),
        edition: s.edition.clone(),
        checker: input.checker.trim().to_owned(),
        note: input.note.trim().to_owned(),
        checked_on,
        points: score.points,
        of_points: score.of_points,
        meets: score.meets,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    };
    let row = records::insert(&txn, cx, who, row).await.map_err(|e| match e {
        Error::Conflict(_) => Error::field("checked_on", Msg::new("station-check-twice")),
        other => other,
    })?;
    let rows = answers.iter().map(|(i, a)| vec![row.id.into(), i.code.as_str().into(), a.name().into()]);
    let rows: Vec<_> = rows.collect();
    db::insert_rows(&txn, "station_check_item", &["check_id", "item", "answer"], rows, "").await?;
    txn.commit().await?;
    Ok(row)
}

/// The checks of a station, the latest first. The caller has checked that the actor sees the station.
///
/// # Errors
/// What the database reports.
pub async fn checks(db: &impl ConnectionTrait, station_id: i64) -> Result<Vec<StationCheck>> {
    Ok(station_check::Entity::find()
        .filter(station_check::Column::StationId.eq(station_id))
        .order_by_desc(station_check::Column::CheckedOn)
        .order_by_desc(station_check::Column::Id)
        .all(db)
        .await?)
}

/// One check of a station with its answers.
///
/// # Errors
/// [`Error::NotFound`], also when the station is not the actor's to see.
pub async fn check_of(db: &impl ConnectionTrait, who: &Actor, station_id: i64, id: i64) -> Result<CheckDetail> {
    list::visible(db, who, station_id).await?;
    let found = station_check::Entity::find_by_id(id).one(db).await?.filter(|c| c.station_id == station_id);
    let mut check = found.ok_or_else(|| Error::not_found("error-not-found"))?;
    if !who.sees_identities() {
        check.checker.clear();
    }
    let items = station_check_item::Entity::find().filter(station_check_item::Column::CheckId.eq(id)).all(db).await?;
    Ok(CheckDetail { check, answers: items.into_iter().map(|i| (i.item, i.answer)).collect() })
}
