//! Logging hours: the intern's side.

use sea_orm::ActiveValue::NotSet;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, Value};

use super::super::entity::{hour_entry, visible_to};
use super::super::rules::{self, State, Step};
use super::input::{LogHours, Logged, figures_of_row};
use super::judge::{Case, judge, placement_for};
use crate::audit;
use crate::core::{Actor, Error, Result, Role};
use crate::db::{self, Cx};

/// Logs one entry.
///
/// # Errors
/// What the rules find, by field; not found for a placement that is not the actor's to log on.
pub async fn log_hours(cx: &Cx, who: &Actor, input: LogHours) -> Result<Logged> {
    let person_id = input.whose(who)?;
    let figures = input.figures()?;
    input.check_texts()?;
    let txn = cx.begin().await?;
    // One person's entries are judged one after another: two at once cannot overlap, and one form is one entry.
    db::lock_rows(&txn, "person", &[person_id]).await?;
    if let Some(known) = by_key(&txn, person_id, input.client_key.as_deref()).await? {
        return Ok(Logged::known(&known));
    }
    let placed = placement_for(&txn, who, person_id, &input).await?;
    let case = Case { placed: &placed, figures, submit: input.submit, own: None, replaces: None };
    judge(&txn, cx, who, &case).await?;
    let mut row = blank(cx, who, person_id);
    row.client_key.clone_from(&input.client_key);
    row.supervisor_id = placed.supervisor_id;
    state_of(input.submit).name().clone_into(&mut row.state);
    let key = input.client_key.clone();
    input.fill(&mut row, placed.id, &figures);
    let mut once = OnConflict::columns([hour_entry::Column::PersonId, hour_entry::Column::ClientKey]);
    once.do_nothing();
    let made = hour_entry::Entity::insert_many([fresh(row)]).on_conflict(once).exec_with_returning(&txn).await?;
    let Some(made) = made.into_iter().next() else {
        // The same form arrived on another connection and was first.
        let known = by_key(&txn, person_id, key.as_deref()).await?;
        return known
            .as_ref()
            .map(Logged::known)
            .ok_or_else(|| Error::internal("hour entry neither written nor found"));
    };
    audit::record(&txn, cx, who, [audit::Change::new("create", "hour_entry", made.id, 1).after(&made)]).await?;
    txn.commit().await?;
    Ok(Logged { created: true, ..Logged::known(&made) })
}

/// Changes an entry and hands it in (again) or keeps it. A confirmed entry stays as it is and counts: the change is an
/// entry of its own that takes its place once it is confirmed, and its id is given back.
///
/// # Errors
/// As [`log_hours`]; changed meanwhile; a change of it waits already.
pub async fn edit_hours(cx: &Cx, who: &Actor, id: i64, version: i64, input: LogHours) -> Result<Logged> {
    let figures = input.figures()?;
    input.check_texts()?;
    let txn = cx.begin().await?;
    let old = own_entry(&txn, who, id).await?;
    if let Some(known) = by_key(&txn, old.person_id, input.client_key.as_deref()).await?
        && known.id != id
    {
        // The same change sent again; the key of another entry is no word on this one.
        let again = known.replaces_id == Some(id);
        return if again { Ok(Logged::known(&known)) } else { Err(Error::conflict("practicum-client-key-used")) };
    }
    no_change_waits(&txn, id).await?;
    let placed = placement_for(&txn, who, old.person_id, &input).await?;
    if old.state == State::Confirmed.name() {
        if old.version != version {
            return Err(Error::conflict("error-changed-meanwhile"));
        }
        let case = Case { placed: &placed, figures, submit: input.submit, own: None, replaces: Some(id) };
        judge(&txn, cx, who, &case).await?;
        let mut row = blank(cx, who, old.person_id);
        row.replaces_id = Some(id);
        row.client_key.clone_from(&input.client_key);
        row.supervisor_id = placed.supervisor_id;
        state_of(input.submit).name().clone_into(&mut row.state);
        input.fill(&mut row, placed.id, &figures);
        let made = hour_entry::Entity::insert(fresh(row)).exec_with_returning(&txn).await?;
        audit::record(&txn, cx, who, [audit::Change::new("create", "hour_entry", made.id, 1).after(&made)]).await?;
        txn.commit().await?;
        return Ok(Logged { created: true, ..Logged::known(&made) });
    }
    let step = if input.submit { Step::Submit } else { Step::Save };
    let state = step_from(&old, version, step)?;
    let case = Case { placed: &placed, figures, submit: input.submit, own: Some(&old), replaces: old.replaces_id };
    judge(&txn, cx, who, &case).await?;
    let mut row = old.clone();
    let action = if input.submit { "submit" } else { "update" };
    input.fill(&mut row, placed.id, &figures);
    store(&txn, cx, who, &old, row, state, action).await?;
    txn.commit().await?;
    Ok(Logged { id, version: version + 1, state, created: false })
}

/// Hands in a draft or a returned entry as it is.
///
/// # Errors
/// As [`edit_hours`].
pub async fn submit_hours(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<Logged> {
    let txn = cx.begin().await?;
    let old = own_entry(&txn, who, id).await?;
    let state = step_from(&old, version, Step::Submit)?;
    no_change_waits(&txn, id).await?;
    let input = LogHours { placement_id: Some(old.placement_id), worked_on: old.worked_on, ..LogHours::default() };
    let placed = placement_for(&txn, who, old.person_id, &input).await?;
    let figures = figures_of_row(&old);
    let case = Case { placed: &placed, figures, submit: true, own: Some(&old), replaces: old.replaces_id };
    judge(&txn, cx, who, &case).await?;
    store(&txn, cx, who, &old, old.clone(), state, "submit").await?;
    txn.commit().await?;
    Ok(Logged { id, version: version + 1, state, created: false })
}

/// Takes an entry back, so that it is a draft again and claims nothing.
///
/// # Errors
/// Not found, changed meanwhile, confirmed already.
pub async fn withdraw_hours(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<Logged> {
    let txn = cx.begin().await?;
    let old = own_entry(&txn, who, id).await?;
    let state = step_from(&old, version, Step::Withdraw)?;
    no_change_waits(&txn, id).await?;
    store(&txn, cx, who, &old, old.clone(), state, "withdraw").await?;
    txn.commit().await?;
    Ok(Logged { id, version: version + 1, state, created: false })
}

/// Throws a draft away: also a change that is not wanted after all. What it held stays in the audit log.
///
/// # Errors
/// Not found, changed meanwhile, no draft.
pub async fn discard_hours(cx: &Cx, who: &Actor, id: i64, version: i64) -> Result<()> {
    let txn = cx.begin().await?;
    let old = own_entry(&txn, who, id).await?;
    step_from(&old, version, Step::Discard)?;
    no_change_waits(&txn, id).await?;
    super::photo::take_away(&txn, cx, who, id).await?;
    hour_entry::Entity::delete_by_id(id).exec(&txn).await?;
    let change = audit::Change::new("delete", "hour_entry", id, version + 1).before(&old);
    audit::record(&txn, cx, who, [change]).await?;
    txn.commit().await?;
    Ok(())
}

fn state_of(submit: bool) -> State {
    if submit { State::Submitted } else { State::Draft }
}

fn blank(cx: &Cx, who: &Actor, person_id: i64) -> hour_entry::Model {
    let now = cx.now();
    hour_entry::Model {
        id: 0,
        record_no: None,
        client_key: None,
        person_id,
        placement_id: 0,
        worked_on: cx.today(),
        starts: None,
        ends: None,
        confirmed_by: None,
        supervisor_id: None,
        replaces_id: None,
        signed_by: None,
        minutes: 0,
        supervision_minutes: 0,
        beneficiary_count: 0,
        households: 0,
        kind: String::new(),
        project_no: String::new(),
        beneficiary: String::new(),
        supervisor_name: String::new(),
        reason: String::new(),
        note: String::new(),
        state: State::Draft.name().to_owned(),
        confirmed_at: None,
        signed_at: None,
        returned_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    }
}

fn fresh(row: hour_entry::Model) -> hour_entry::ActiveModel {
    hour_entry::ActiveModel { id: NotSet, ..row.into_active_model().reset_all() }
}

async fn by_key(txn: &DatabaseTransaction, person_id: i64, key: Option<&str>) -> Result<Option<hour_entry::Model>> {
    let Some(key) = key else { return Ok(None) };
    let row = hour_entry::Entity::find()
        .filter(hour_entry::Column::PersonId.eq(person_id))
        .filter(hour_entry::Column::ClientKey.eq(key))
        .one(txn)
        .await?;
    Ok(row)
}

/// An entry that a change is to take the place of stays as it is until the change is decided or thrown away: both handed in
/// would be one piece of work twice.
async fn no_change_waits(txn: &DatabaseTransaction, id: i64) -> Result<()> {
    let change = hour_entry::Entity::find().filter(hour_entry::Column::ReplacesId.eq(id)).one(txn).await?;
    if change.is_some() { Err(Error::conflict("practicum-change-waits")) } else { Ok(()) }
}

pub(super) async fn own_entry(txn: &DatabaseTransaction, who: &Actor, id: i64) -> Result<hour_entry::Model> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
    let (scope, values) = visible_to(who);
    let sql = format!(
        "SELECT h.person_id FROM hour_entry h JOIN placement pl ON pl.id = h.placement_id \
         JOIN person p ON p.id = pl.person_id WHERE h.id = ? AND {scope}"
    );
    let person = db::int(txn, &sql, std::iter::once(Value::from(id)).chain(values)).await?;
    let person = person.ok_or_else(|| Error::not_found("error-not-found"))?;
    db::lock_rows(txn, "person", &[person]).await?;
    hour_entry::Entity::find_by_id(id).one(txn).await?.ok_or_else(|| Error::not_found("error-not-found"))
}

fn step_from(old: &hour_entry::Model, version: i64, step: Step) -> Result<State> {
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let now = State::parse(&old.state).ok_or_else(|| Error::internal("hour entry state"))?;
    let key = if now == State::Confirmed { "practicum-confirmed-already" } else { "practicum-step-not-now" };
    rules::next(now, step).ok_or_else(|| Error::conflict(key))
}

async fn store(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: &hour_entry::Model,
    mut row: hour_entry::Model,
    state: State,
    action: &'static str,
) -> Result<()> {
    state.name().clone_into(&mut row.state);
    row.version = old.version + 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    let done = hour_entry::Entity::update_many()
        .set(fresh(row.clone()))
        .filter(hour_entry::Column::Id.eq(old.id))
        .filter(hour_entry::Column::Version.eq(old.version))
        .exec(txn)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let change = audit::Change::new(action, "hour_entry", row.id, row.version).before(old).after(&row);
    audit::record(txn, cx, who, [change]).await
}
