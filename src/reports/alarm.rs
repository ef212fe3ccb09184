//! Alarms: a figure that cannot be trusted is said so, on every dashboard, until it agrees again or an administrator
//! has looked and says why it may stand.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::entity::alarm;
use super::tally::rules::Difference;
use crate::audit::{self, Change};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;

/// Counters that differ from the recount.
pub const COUNTERS: &str = "counters";
/// People whose facts differ from their source rows.
pub const FACTS: &str = "facts";
const TALLY_DIFFERS: &str = "tally_differs";

/// What an alarm says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The first of them, with group and both figures.
    pub differences: Vec<Difference>,
    /// Of the people whose facts differ, the first.
    pub people: Vec<i64>,
    /// How many there are in all.
    pub count: i64,
    /// Why an administrator cleared it.
    pub cleared_why: String,
}

/// An alarm as its readers get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub id: i64,
    pub kind: String,
    pub subject: String,
    pub details: Details,
    pub raised_at: DateTime<Utc>,
    pub cleared_at: Option<DateTime<Utc>>,
    pub cleared_by: Option<i64>,
}

/// The open alarms that concern the reader: all for whoever sees all, else those with groups of the own region.
///
/// # Errors
/// What the database reports.
pub async fn open_alarms(cx: &Cx, who: &Actor) -> Result<Vec<Alarm>> {
    if !who.is(&[Role::Administrator, Role::Observer]) {
        return Ok(Vec::new());
    }
    let rows = open_alarms_in(cx.read()).await?;
    Ok(rows.into_iter().filter_map(|r| seen_by(who, r)).collect())
}

/// The open alarms, whoever they concern.
///
/// # Errors
/// What the database reports.
pub(super) async fn open_alarms_in(db: &impl ConnectionTrait) -> Result<Vec<alarm::Model>> {
    let open = alarm::Entity::find().filter(alarm::Column::ClearedAt.is_null()).order_by_desc(alarm::Column::Id);
    Ok(open.limit(50).all(db).await?)
}

/// All alarms, open and cleared, the latest first.
///
/// # Errors
/// [`Error::Forbidden`], or what the database reports.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<Alarm>> {
    who.require(&[Role::Administrator, Role::Observer])?;
    let mut find = alarm::Entity::find().order_by_desc(alarm::Column::Id).limit(page.limit().saturating_add(1));
    if let Some(after) = page.after_id() {
        find = find.filter(alarm::Column::Id.lt(after));
    }
    let rows = Page::cut(find.all(cx.read()).await?, page.limit(), |r| r.id.to_string());
    Ok(Page { items: rows.items.into_iter().filter_map(|r| seen_by(who, r)).collect(), next: rows.next })
}

fn seen_by(who: &Actor, row: alarm::Model) -> Option<Alarm> {
    let mut details: Details = serde_json::from_str(&row.details).unwrap_or_default();
    if !who.sees_all() {
        let own =
            |d: &Difference| d.kind == "region" && who.scope.regions.iter().any(|r| d.key.starts_with(r.as_str()));
        details.differences.retain(own);
        details.people.clear();
        details.count = i64::try_from(details.differences.len()).unwrap_or(i64::MAX);
        if details.differences.is_empty() {
            return None;
        }
    }
    if !who.sees_identities() {
        details.people.clear();
    }
    Some(Alarm {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        details,
        raised_at: row.raised_at,
        cleared_at: row.cleared_at,
        cleared_by: row.cleared_by,
    })
}

/// Clears an alarm with a reason; the next recount raises a new one if the figures still differ.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Invalid`] without a reason, [`Error::NotFound`], [`Error::Conflict`] when it is
/// cleared already.
pub async fn clear(cx: &Cx, who: &Actor, id: i64, why: &str) -> Result<()> {
    who.require(&[Role::Administrator])?;
    if !who.sees_all() {
        return Err(Error::Forbidden);
    }
    let why = why.trim();
    if why.is_empty() {
        return Err(Error::field("why", Msg::new("reports-alarm-why-missing")));
    }
    let txn = cx.begin().await?;
    let found = alarm::Entity::find_by_id(id).one(&txn).await?;
    let row = found.ok_or_else(|| Error::not_found("error-not-found"))?;
    if row.cleared_at.is_some() {
        return Err(Error::conflict("reports-alarm-cleared-already"));
    }
    close(&txn, cx, who, row, why).await?;
    Ok(txn.commit().await?)
}

/// Brings the alarm of one subject in line with what the recount found: raised, kept with news, or cleared.
/// Gives whether one is open now.
pub(super) async fn settle(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    subject: &str,
    details: Details,
) -> Result<bool> {
    let open = alarm::Entity::find()
        .filter(alarm::Column::Kind.eq(TALLY_DIFFERS))
        .filter(alarm::Column::Subject.eq(subject))
        .filter(alarm::Column::ClearedAt.is_null())
        .order_by_asc(alarm::Column::Id)
        .one(txn)
        .await?;
    let differs = details.count > 0;
    match (open, differs) {
        (None, false) => {}
        (Some(row), false) => close(txn, cx, who, row, "").await?,
        (Some(row), true) => {
            let text = serde_json::to_string(&details).map_err(Error::internal)?;
            if text != row.details {
                let id = row.id;
                let after = alarm::ActiveModel { id: Set(id), details: Set(text), ..alarm::ActiveModel::default() };
                let after = alarm::Entity::update(after).exec(txn).await?;
                audit::record(txn, cx, who, [Change::new("update", "alarm", id, 1).before(&row).after(&after)]).await?;
            }
        }
        (None, true) => raise(txn, cx, who, subject, &details).await?,
    }
    Ok(differs)
}

async fn raise(txn: &impl ConnectionTrait, cx: &Cx, who: &Actor, subject: &str, details: &Details) -> Result<()> {
    let row = alarm::ActiveModel {
        id: NotSet,
        kind: Set(TALLY_DIFFERS.to_owned()),
        subject: Set(subject.to_owned()),
        details: Set(serde_json::to_string(details).map_err(Error::internal)?),
        raised_at: Set(cx.now()),
        cleared_at: Set(None),
        cleared_by: Set(None),
    };
    let row = alarm::Entity::insert(row).exec_with_returning(txn).await?;
    tracing::error!(alarm = row.id, subject, "the maintained tally differs from the recount");
    audit::record(txn, cx, who, [Change::new("raise", "alarm", row.id, 1).after(&row)]).await
}

async fn close(txn: &impl ConnectionTrait, cx: &Cx, who: &Actor, row: alarm::Model, why: &str) -> Result<()> {
    let mut details: Details = serde_json::from_str(&row.details).unwrap_or_default();
    why.clone_into(&mut details.cleared_why);
    let after = alarm::ActiveModel {
        id: Set(row.id),
        details: Set(serde_json::to_string(&details).map_err(Error::internal)?),
        cleared_at: Set(Some(cx.now())),
        cleared_by: Set(who.user_id),
        ..alarm::ActiveModel::default()
    };
    let after = alarm::Entity::update(after).exec(txn).await?;
    let change = Change::new("clear", "alarm", row.id, 2).before(&row).after(&after).why(why);
    audit::record(txn, cx, who, [change]).await
}
