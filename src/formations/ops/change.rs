//! Making and changing formations, their members and activities.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{formation, formation_activity, formation_member};
use super::super::rules::{self, KINDS};
use super::list::get;
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::records;

const ROLES: &[Role] = &[Role::Administrator, Role::Trainer];

/// What is said of a formation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormationInput {
    pub name: String,
    /// Where its maker works, when empty.
    pub region_code: String,
    pub goal: String,
    pub note: String,
    /// `active` when empty.
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

async fn tidy(txn: &DatabaseTransaction, who: &Actor, mut i: FormationInput) -> Result<FormationInput> {
    for s in [&mut i.name, &mut i.region_code, &mut i.goal, &mut i.note, &mut i.state] {
        *s = s.trim().to_owned();
    }
    let mut wrong = Vec::new();
    let mut bad = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if !(1..=60).contains(&i.name.chars().count()) {
        bad("name", Msg::new("formation-name-missing"));
    }
    if i.goal.chars().count() > 500 || i.note.chars().count() > 500 {
        bad("goal", Msg::new("formation-text-long"));
    }
    if !["", "active", "ended"].contains(&i.state.as_str()) {
        bad("state", Msg::new("formation-state-unknown"));
    }
    if i.starts_on.zip(i.ends_on).is_some_and(|(a, b)| b < a) {
        bad("ends_on", Msg::new("formation-ends-before"));
    }
    if i.region_code.is_empty() {
        i.region_code = regions::home(txn, who).await?;
    }
    if places::level(&i.region_code).is_none() {
        bad("region_code", Msg::new("region-code-form").with("code", &i.region_code));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    regions::check(txn, who, &i.region_code).await?;
    Ok(i)
}

fn filled(row: formation::Model, i: FormationInput) -> formation::Model {
    formation::Model {
        name_key: places::key(&i.name),
        name: i.name,
        region_code: i.region_code,
        goal: i.goal,
        note: i.note,
        state: if i.state.is_empty() { "active".to_owned() } else { i.state },
        starts_on: i.starts_on,
        ends_on: i.ends_on,
        ..row
    }
}

fn blank() -> formation::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    formation::Model {
        id: 0,
        name: String::new(),
        name_key: String::new(),
        region_code: String::new(),
        goal: String::new(),
        note: String::new(),
        state: String::new(),
        starts_on: None,
        ends_on: None,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

/// Makes a formation.
///
/// # Errors
/// Forbidden; [`Error::Invalid`] with the wrong fields; [`Error::Conflict`] when the region has one of that name.
pub async fn add(cx: &Cx, who: &Actor, input: FormationInput) -> Result<i64> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let input = tidy(&txn, who, input).await?;
    let row = records::insert(&txn, cx, who, filled(blank(), input)).await?;
    txn.commit().await?;
    Ok(row.id)
}

/// Changes a formation.
///
/// # Errors
/// As [`add`]; not found; changed meanwhile.
pub async fn edit(cx: &Cx, who: &Actor, id: i64, version: i64, input: FormationInput) -> Result<()> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let old = found(&txn, cx, who, id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let input = tidy(&txn, who, FormationInput { region_code: old.region_code.clone(), ..input }).await?;
    let new = filled(old.clone(), input);
    records::update(&txn, cx, who, &old, new, audit::Change::new("update", "formation", id, 0)).await?;
    txn.commit().await?;
    Ok(())
}

async fn found(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, id: i64) -> Result<formation::Model> {
    get(cx, txn, who, id).await?;
    db::lock_rows(txn, "formation", &[id]).await?;
    formation::Entity::find_by_id(id).one(txn).await?.ok_or_else(|| Error::not_found("error-not-found"))
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberInput {
    pub person_id: i64,
    /// lead, flock or support.
    pub role: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub note: String,
}

fn check_member(i: &MemberInput) -> Result<()> {
    let mut wrong = Vec::new();
    let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if !rules::ROLES.contains(&i.role.as_str()) {
        no("role", "formation-role-unknown");
    }
    if i.ends_on.is_some_and(|end| end < i.starts_on) {
        no("member_ends_on", "formation-ends-before");
    }
    if i.note.chars().count() > 500 {
        no("member_note", "formation-text-long");
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// A person is in a formation once at a time: another role begins when the one before has ended.
async fn no_overlap(txn: &DatabaseTransaction, formation_id: i64, own: i64, i: &MemberInput) -> Result<()> {
    let others = formation_member::Entity::find()
        .filter(formation_member::Column::FormationId.eq(formation_id))
        .filter(formation_member::Column::PersonId.eq(i.person_id))
        .filter(formation_member::Column::Id.ne(own))
        .all(txn)
        .await?;
    if others.iter().any(|o| rules::overlap((o.starts_on, o.ends_on), (i.starts_on, i.ends_on))) {
        return Err(Error::field("member_starts_on", Msg::new("formation-member-overlaps")));
    }
    Ok(())
}

/// Takes somebody into a formation.
///
/// # Errors
/// Forbidden; not found; a person the actor does not see; [`Error::Invalid`] also for days shared with another
/// membership of the person in this formation.
pub async fn add_member(cx: &Cx, who: &Actor, formation_id: i64, input: MemberInput) -> Result<i64> {
    who.require(ROLES)?;
    check_member(&input)?;
    let txn = cx.begin().await?;
    found(&txn, cx, who, formation_id).await?;
    crate::people::ops::visible(&txn, who, input.person_id).await.map_err(|e| match e {
        Error::NotFound(_) => Error::field("person", Msg::new("formation-person-unknown")),
        other => other,
    })?;
    no_overlap(&txn, formation_id, 0, &input).await?;
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let row = formation_member::Model {
        id: 0,
        formation_id,
        person_id: input.person_id,
        role: input.role,
        starts_on: input.starts_on,
        ends_on: input.ends_on,
        note: input.note.trim().to_owned(),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    };
    let made = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(made.id)
}

/// Changes a membership: its end above all. The person stays.
///
/// # Errors
/// As [`add_member`]; changed meanwhile.
pub async fn change_member(cx: &Cx, who: &Actor, id: i64, version: i64, input: MemberInput) -> Result<i64> {
    who.require(ROLES)?;
    check_member(&input)?;
    let txn = cx.begin().await?;
    let old = formation_member::Entity::find_by_id(id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    found(&txn, cx, who, old.formation_id).await?;
    // A trainer changes only people of their own.
    crate::people::ops::visible(&txn, who, old.person_id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let input = MemberInput { person_id: old.person_id, ..input };
    no_overlap(&txn, old.formation_id, id, &input).await?;
    let new = formation_member::Model {
        role: input.role,
        starts_on: input.starts_on,
        ends_on: input.ends_on,
        note: input.note.trim().to_owned(),
        ..old.clone()
    };
    records::update(&txn, cx, who, &old, new, audit::Change::new("update", "formation_member", id, 0)).await?;
    txn.commit().await?;
    Ok(old.formation_id)
}

/// Something a formation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityInput {
    pub held_on: NaiveDate,
    pub kind: String,
    pub title: String,
    pub people: i64,
    pub outcome: String,
}

fn check_activity(cx: &Cx, i: &ActivityInput) -> Result<()> {
    let mut wrong = Vec::new();
    let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if i.held_on > cx.today() {
        no("held_on", "formation-date-future");
    }
    if !KINDS.contains(&i.kind.as_str()) {
        no("kind", "formation-kind-unknown");
    }
    if !(1..=100).contains(&i.title.trim().chars().count()) {
        no("title", "formation-title-missing");
    }
    if !(1..=100_000).contains(&i.people) {
        no("people", "formation-people-range");
    }
    if i.outcome.chars().count() > 2000 {
        no("outcome", "formation-text-long");
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Records an activity.
///
/// # Errors
/// Forbidden; not found; [`Error::Invalid`] with the wrong fields.
pub async fn add_activity(cx: &Cx, who: &Actor, formation_id: i64, input: ActivityInput) -> Result<i64> {
    who.require(ROLES)?;
    check_activity(cx, &input)?;
    let txn = cx.begin().await?;
    found(&txn, cx, who, formation_id).await?;
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let row = formation_activity::Model {
        id: 0,
        formation_id,
        held_on: input.held_on,
        kind: input.kind,
        title: input.title.trim().to_owned(),
        people: input.people,
        outcome: input.outcome.trim().to_owned(),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    };
    let made = records::insert(&txn, cx, who, row).await?;
    txn.commit().await?;
    Ok(made.id)
}

/// Changes an activity.
///
/// # Errors
/// As [`add_activity`]; changed meanwhile.
pub async fn change_activity(cx: &Cx, who: &Actor, id: i64, version: i64, input: ActivityInput) -> Result<i64> {
    who.require(ROLES)?;
    check_activity(cx, &input)?;
    let txn = cx.begin().await?;
    let old = formation_activity::Entity::find_by_id(id).one(&txn).await?;
    let old = old.ok_or_else(|| Error::not_found("error-not-found"))?;
    found(&txn, cx, who, old.formation_id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = formation_activity::Model {
        held_on: input.held_on,
        kind: input.kind,
        title: input.title.trim().to_owned(),
        people: input.people,
        outcome: input.outcome.trim().to_owned(),
        ..old.clone()
    };
    records::update(&txn, cx, who, &old, new, audit::Change::new("update", "formation_activity", id, 0)).await?;
    txn.commit().await?;
    Ok(old.formation_id)
}
