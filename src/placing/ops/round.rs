//! Rounds: list, one with its figures, made and changed.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::entity::{round, visible_to};
use crate::audit;
use crate::cohorts;
use crate::core::page::Page;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::list::{Order, Slice, Sort, Where, page};
use crate::db::{self, Cx};
use crate::records;
use crate::schemes;

/// A round with its figures.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RoundView {
    pub id: i64,
    pub version: i64,
    pub cohort_id: i64,
    pub cohort_name: String,
    /// The cohort's campus.
    pub campus_id: Option<i64>,
    pub name: String,
    pub programme: String,
    pub note: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub wishes_until: Option<NaiveDate>,
    pub required_minutes: i64,
    pub most_wishes: i64,
    pub seed: i64,
    pub fill: bool,
    pub state: String,
    pub proposed_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    /// Members of the cohort.
    pub people: i64,
    /// Of them those with a wish.
    pub wishing: i64,
    pub places: i64,
    /// Lines with a place, and of these by a first wish.
    pub placed: i64,
    pub by_first: i64,
    pub locked: i64,
    /// Wishes or places that changed after the proposal was made.
    pub changed_since: i64,
}

impl RoundView {
    #[must_use]
    pub fn open(&self) -> bool {
        self.state == "open"
    }

    #[must_use]
    pub fn published(&self) -> bool {
        self.state == "published"
    }

    /// Whether interns may still change their wishes.
    #[must_use]
    pub fn takes_wishes(&self, today: NaiveDate) -> bool {
        self.open() && self.wishes_until.is_none_or(|d| today <= d)
    }
}

/// The orders of the list.
pub const ORDERS: [Order; 3] = [
    Order::text("starts_on", "CAST(r.starts_on AS TEXT)"),
    Order::text("name", "r.name"),
    Order::text("cohort", "c.name"),
];

const FROM: &str = "placing_round r JOIN cohort c ON c.id = r.cohort_id";

const MEMBERS: &str = "FROM enrolment e JOIN person p ON p.id = e.person_id WHERE e.cohort_id = r.cohort_id \
                       AND e.state = 'active' AND p.active";

fn columns() -> String {
    let lines = "(SELECT COUNT(*) FROM placing_line l WHERE l.round_id = r.id AND";
    format!(
        "r.id, r.version, r.cohort_id, c.name AS cohort_name, c.campus_id, r.name, r.programme, r.note, r.starts_on, \
         r.ends_on, r.wishes_until, r.required_minutes, r.most_wishes, r.seed, r.fill, r.state, r.proposed_at, \
         r.published_at, (SELECT COUNT(*) {MEMBERS}) AS people, \
         (SELECT COUNT(*) FROM placing_student s WHERE s.round_id = r.id \
         AND EXISTS (SELECT 1 FROM placing_wish w WHERE w.student_id = s.id)) AS wishing, \
         CAST((SELECT COALESCE(SUM(x.places), 0) FROM placing_slot x WHERE x.round_id = r.id) AS BIGINT) AS places, \
         {lines} l.slot_id IS NOT NULL) AS placed, {lines} l.outcome = 'wish' AND l.rank = 1) AS by_first, \
         {lines} l.locked) AS locked, \
         (SELECT COUNT(*) FROM placing_student s WHERE s.round_id = r.id AND s.updated_at > r.proposed_at) \
         + (SELECT COUNT(*) FROM placing_slot x WHERE x.round_id = r.id AND x.updated_at > r.proposed_at) AS changed_since"
    )
}

fn scope(who: &Actor) -> Result<Where> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let mut w = Where::default();
    w.scope(who, "c.region_code");
    if who.role == Role::Trainer {
        let own = &who.scope.cohorts;
        match own.len() {
            0 => w.and("1 = 0", []),
            n => w.and(&format!("c.id IN ({})", db::places(n)), own.iter().map(|c| (*c).into())),
        }
    }
    Ok(w)
}

/// Rounds of the cohorts that the actor sees.
///
/// # Errors
/// Forbidden for all but those who run the training.
pub async fn list(
    db: &impl ConnectionTrait,
    who: &Actor,
    text: &str,
    state: &str,
    sort: &str,
    slice: &Slice,
) -> Result<Page<RoundView>> {
    let mut w = scope(who)?;
    w.contains(&["r.name", "c.name", "c.code"], text);
    w.equal("r.state", Some(state));
    page(db, &columns(), FROM, "r.id", w, Sort::of(&ORDERS, sort), slice).await
}

/// One round.
///
/// # Errors
/// Not found, also when its cohort is not the actor's.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<RoundView> {
    let mut w = scope(who)?;
    w.and("r.id = ?", [id.into()]);
    one(db, w).await
}

pub(super) async fn one(db: &impl ConnectionTrait, w: Where) -> Result<RoundView> {
    let sql = format!("SELECT {} FROM {FROM} WHERE {}", columns(), w.sql);
    let row = db::rows(db, &sql, w.values).await?.into_iter().next();
    row.ok_or_else(|| Error::not_found("error-not-found"))
}

/// A round to be made or changed; the cohort stays as it is in a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundInput {
    pub cohort_id: i64,
    pub name: String,
    pub programme: String,
    pub note: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub wishes_until: Option<NaiveDate>,
    pub required_minutes: i64,
    pub most_wishes: i64,
    pub fill: bool,
}

/// Most wishes that a round may ask for.
pub const MOST_WISHES: i64 = 20;

/// The seeds that are drawn: short enough to be read out.
pub const SEEDS: i64 = 1_000_000;

fn tidy(mut r: RoundInput) -> Result<(RoundInput, NaiveDate, NaiveDate)> {
    for s in [&mut r.name, &mut r.programme, &mut r.note] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if r.name.is_empty() {
        bad("name", Msg::new("placing-name-missing"));
    }
    for (field, day) in [("starts_on", r.starts_on), ("ends_on", r.ends_on)] {
        if day.is_none() {
            bad(field, Msg::new("placing-day-missing"));
        }
    }
    if r.starts_on.zip(r.ends_on).is_some_and(|(a, b)| b < a) {
        bad("ends_on", Msg::new("practicum-ends-before-starts"));
    }
    if !(0..=10_000 * 60).contains(&r.required_minutes) {
        bad("required", Msg::new("practicum-required-range"));
    }
    if !(1..=MOST_WISHES).contains(&r.most_wishes) {
        bad("most_wishes", Msg::new("placing-most-wishes-range").with("most", MOST_WISHES));
    }
    for (field, text, most) in [("name", &r.name, 80), ("programme", &r.programme, 80), ("note", &r.note, 2000)] {
        if text.chars().count() > most {
            bad(field, Msg::new("practicum-text-long").with("most", most));
        }
    }
    match (r.starts_on, r.ends_on) {
        (Some(from), Some(to)) if wrong.is_empty() => Ok((r, from, to)),
        _ => Err(Error::Invalid(wrong)),
    }
}

/// Makes a round.
///
/// # Errors
/// Forbidden for all but those who run the training; wrong fields; a cohort that is not the actor's.
pub async fn create(cx: &Cx, who: &Actor, input: RoundInput) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let (r, starts_on, ends_on) = tidy(input)?;
    let txn = cx.begin().await?;
    let cohort = match cohorts::ops::visible(&txn, who, r.cohort_id).await {
        Err(Error::NotFound(_)) => return Err(Error::field("cohort_id", Msg::new("practicum-cohort-unknown"))),
        other => other?,
    };
    let programme = if r.programme.is_empty() { cohort.programme } else { r.programme };
    // A programme that says how many hours it takes need not be told.
    let known = schemes::of(cx)?.programme(&programme).map_or(0, |p| p.required_minutes);
    let row = round::Model {
        id: 0,
        cohort_id: cohort.id,
        name: r.name,
        programme,
        note: r.note,
        starts_on,
        ends_on,
        wishes_until: r.wishes_until,
        required_minutes: if r.required_minutes == 0 { known } else { r.required_minutes },
        most_wishes: r.most_wishes,
        seed: rand::random_range(0..SEEDS),
        fill: r.fill,
        state: "open".to_owned(),
        proposed_at: None,
        published_at: None,
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    };
    let row = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(row.id)
}

/// The round, locked, open, and as it was on the screen.
pub(super) async fn open(
    txn: &DatabaseTransaction,
    who: &Actor,
    id: i64,
    version: Option<i64>,
) -> Result<round::Model> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let row = locked(txn, who, id).await?;
    if version.is_some_and(|v| v != row.version) {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if row.state == "open" { Ok(row) } else { Err(Error::conflict("placing-not-open")) }
}

/// The round, locked: who changes it waits.
pub(super) async fn locked(txn: &DatabaseTransaction, who: &Actor, id: i64) -> Result<round::Model> {
    let unknown = || Error::not_found("error-not-found");
    visible_to(who).filter(round::Column::Id.eq(id)).one(txn).await?.ok_or_else(unknown)?;
    db::lock_rows(txn, "placing_round", &[id]).await?;
    round::Entity::find_by_id(id).one(txn).await?.ok_or_else(unknown)
}

/// Changes a round that is open.
///
/// # Errors
/// As [`create`]; not found; changed meanwhile; published or cancelled.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, version: i64, input: RoundInput) -> Result<()> {
    let (r, starts_on, ends_on) = tidy(input)?;
    let txn = cx.begin().await?;
    let old = open(&txn, who, id, Some(version)).await?;
    // Other weeks or other rules make another proposal.
    let same = (old.starts_on, old.ends_on, old.fill) == (starts_on, ends_on, r.fill);
    let new = round::Model {
        name: r.name,
        programme: r.programme,
        note: r.note,
        starts_on,
        ends_on,
        wishes_until: r.wishes_until,
        required_minutes: r.required_minutes,
        most_wishes: r.most_wishes,
        fill: r.fill,
        proposed_at: old.proposed_at.filter(|_| same),
        ..old.clone()
    };
    records::update(&txn, cx, who, &old, new, audit::Change::new("update", "placing_round", id, 0)).await?;
    txn.commit().await?;
    Ok(())
}

/// Calls a round off; what was wished stays on record.
///
/// # Errors
/// As [`edit`].
pub async fn cancel(cx: &Cx, who: &Actor, id: i64, version: i64, reason: &str) -> Result<()> {
    let txn = cx.begin().await?;
    let old = open(&txn, who, id, Some(version)).await?;
    let new = round::Model { state: "cancelled".to_owned(), ..old.clone() };
    let change = audit::Change::new("cancel", "placing_round", id, 0).why(reason.trim());
    records::update(&txn, cx, who, &old, new, change).await?;
    txn.commit().await?;
    Ok(())
}
