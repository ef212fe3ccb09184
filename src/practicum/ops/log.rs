//! Logging hours: the intern's side.

use chrono::NaiveDate;
use sea_orm::ActiveValue::NotSet;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, Value};

use super::super::entity::{hour_entry, placement, visible_to};
use super::super::rules::{self, Fault, Figures, State, Step};
use crate::audit;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};

/// A day's work as it comes from the form or the API. Times are minutes of the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogHours {
    /// Whose hours; an intern logs only their own.
    pub person_id: Option<i64>,
    /// Absent: the only placement that covers the day.
    pub placement_id: Option<i64>,
    pub worked_on: NaiveDate,
    pub starts: Option<i64>,
    pub ends: Option<i64>,
    /// Absent: from start to end.
    pub minutes: Option<i64>,
    pub kind: String,
    pub project_no: String,
    pub beneficiary: String,
    pub beneficiary_count: i64,
    pub supervision_minutes: i64,
    pub note: String,
    /// The same key of the same person is the same entry: a form sent twice counts once.
    pub client_key: Option<String>,
    /// Hand it in, or keep it as a draft.
    pub submit: bool,
}

/// The entry after logging or editing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    pub id: i64,
    pub version: i64,
    pub state: State,
    /// False when the same form had arrived before.
    pub created: bool,
}

/// The sentence for a fault, by the field it belongs to.
#[must_use]
pub fn field_error(fault: Fault) -> FieldError {
    let key = format!("practicum-fault-{}", fault.code().replace('_', "-"));
    FieldError { field: fault.field().to_owned(), msg: Msg::new(&key) }
}

fn refuse(fault: Fault) -> Error {
    Error::Invalid(vec![field_error(fault)])
}

/// Logs one entry.
///
/// # Errors
/// What the rules find, by field; not found for a placement that is not the actor's to log on.
pub async fn log_hours(cx: &Cx, who: &Actor, input: LogHours) -> Result<Logged> {
    let person_id = whose(who, &input)?;
    let figures = figures_of(&input)?;
    texts(&input)?;
    let txn = cx.begin().await?;
    // One person's entries are judged one after another: two at once cannot overlap, and one form is one entry.
    db::lock_rows(&txn, "person", &[person_id]).await?;
    if let Some(known) = by_key(&txn, person_id, input.client_key.as_deref()).await? {
        return Ok(known);
    }
    let placed = placement_for(&txn, who, person_id, &input).await?;
    judge(&txn, cx, &placed, &figures, &input, None).await?;
    let now = cx.now();
    let row = hour_entry::Model {
        id: 0,
        record_no: None,
        client_key: input.client_key.clone(),
        person_id,
        placement_id: placed.id,
        worked_on: input.worked_on,
        starts: input.starts,
        ends: input.ends,
        confirmed_by: None,
        supervisor_id: placed.supervisor_id,
        minutes: figures.minutes,
        supervision_minutes: input.supervision_minutes,
        beneficiary_count: input.beneficiary_count,
        kind: input.kind,
        project_no: input.project_no,
        beneficiary: input.beneficiary,
        supervisor_name: String::new(),
        reason: String::new(),
        note: input.note,
        state: (if input.submit { State::Submitted } else { State::Draft }).name().to_owned(),
        confirmed_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    };
    let mut active = row.into_active_model().reset_all();
    active.id = NotSet;
    let mut once = OnConflict::columns([hour_entry::Column::PersonId, hour_entry::Column::ClientKey]);
    once.do_nothing();
    let made = hour_entry::Entity::insert_many([active]).on_conflict(once).exec_with_returning(&txn).await?;
    let Some(made) = made.into_iter().next() else {
        // The same form arrived on another connection and was first.
        let known = by_key(&txn, person_id, input.client_key.as_deref()).await?;
        return known.ok_or_else(|| Error::internal("hour entry neither written nor found"));
    };
    audit::record(&txn, cx, who, [audit::Change::new("create", "hour_entry", made.id, 1).after(&made)]).await?;
    txn.commit().await?;
    let state = State::parse(&made.state).unwrap_or(State::Draft);
    Ok(Logged { id: made.id, version: 1, state, created: true })
}

/// Changes an entry that is not confirmed, and hands it in (again) or keeps it.
///
/// # Errors
/// As [`log_hours`]; changed meanwhile; confirmed already.
pub async fn edit_hours(cx: &Cx, who: &Actor, id: i64, version: i64, input: LogHours) -> Result<Logged> {
    let figures = figures_of(&input)?;
    texts(&input)?;
    let txn = cx.begin().await?;
    let old = own_entry(&txn, who, id).await?;
    let placed = placement_for(&txn, who, old.person_id, &input).await?;
    let step = if input.submit { Step::Submit } else { Step::Save };
    let state = step_from(&old, version, step)?;
    judge(&txn, cx, &placed, &figures, &input, Some(id)).await?;
    let mut row = old.clone();
    row.placement_id = placed.id;
    row.worked_on = input.worked_on;
    row.starts = input.starts;
    row.ends = input.ends;
    row.minutes = figures.minutes;
    row.supervision_minutes = input.supervision_minutes;
    row.beneficiary_count = input.beneficiary_count;
    row.kind = input.kind;
    row.project_no = input.project_no;
    row.beneficiary = input.beneficiary;
    row.note = input.note;
    store(&txn, cx, who, &old, row, state, if input.submit { "submit" } else { "update" }).await?;
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
    let input = LogHours {
        placement_id: Some(old.placement_id),
        worked_on: old.worked_on,
        submit: true,
        ..LogHours::default()
    };
    let placed = placement_for(&txn, who, old.person_id, &input).await?;
    judge(&txn, cx, &placed, &figures_of_row(&old), &input, Some(id)).await?;
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
    store(&txn, cx, who, &old, old.clone(), state, "withdraw").await?;
    txn.commit().await?;
    Ok(Logged { id, version: version + 1, state, created: false })
}

/// The rules' view of a row.
#[must_use]
pub fn figures_of_row(r: &hour_entry::Model) -> Figures {
    Figures {
        worked_on: r.worked_on,
        starts: r.starts,
        ends: r.ends,
        minutes: r.minutes,
        supervision_minutes: r.supervision_minutes,
        beneficiary_count: r.beneficiary_count,
    }
}

fn whose(who: &Actor, input: &LogHours) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Intern])?;
    match (who.role, who.person_id, input.person_id) {
        (Role::Intern, Some(own), None) => Ok(own),
        (Role::Intern, Some(own), Some(p)) if own == p => Ok(own),
        (Role::Intern, _, _) => Err(Error::Forbidden),
        (_, _, Some(p)) => Ok(p),
        _ => Err(Error::field("person", Msg::new("practicum-person-missing"))),
    }
}

fn figures_of(input: &LogHours) -> Result<Figures> {
    let span = input.starts.zip(input.ends).map(|(a, b)| b - a);
    let f = Figures {
        worked_on: input.worked_on,
        starts: input.starts,
        ends: input.ends,
        // A span that runs backwards is named as such, not as missing hours.
        minutes: input.minutes.or(span.map(|s| s.max(1))).unwrap_or(0),
        supervision_minutes: input.supervision_minutes,
        beneficiary_count: input.beneficiary_count,
    };
    rules::check(&f).map_err(refuse)?;
    Ok(f)
}

fn texts(input: &LogHours) -> Result<()> {
    let mut wrong = Vec::new();
    if input.kind.trim().is_empty() {
        wrong.push(FieldError { field: "kind".to_owned(), msg: Msg::new("practicum-kind-missing") });
    }
    let longest =
        [("kind", &input.kind, 40), ("beneficiary", &input.beneficiary, 40), ("project", &input.project_no, 40)];
    for (field, text, most) in longest.into_iter().chain([("note", &input.note, 2000)]) {
        if text.chars().count() > most {
            let msg = Msg::new("practicum-text-long").with("most", most);
            wrong.push(FieldError { field: field.to_owned(), msg });
        }
    }
    if input.beneficiary_count > 100_000 {
        wrong.push(FieldError { field: "count".to_owned(), msg: Msg::new("practicum-count-large") });
    }
    if input.client_key.as_ref().is_some_and(|k| k.is_empty() || k.len() > 80) {
        wrong.push(FieldError { field: "client_key".to_owned(), msg: Msg::new("practicum-client-key") });
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

async fn by_key(txn: &DatabaseTransaction, person_id: i64, key: Option<&str>) -> Result<Option<Logged>> {
    let Some(key) = key else { return Ok(None) };
    let row = hour_entry::Entity::find()
        .filter(hour_entry::Column::PersonId.eq(person_id))
        .filter(hour_entry::Column::ClientKey.eq(key))
        .one(txn)
        .await?;
    Ok(row.map(|r| Logged {
        id: r.id,
        version: r.version,
        state: State::parse(&r.state).unwrap_or(State::Draft),
        created: false,
    }))
}

/// The placement that the entry belongs to: the one named, or the only one that covers the day.
async fn placement_for(
    txn: &DatabaseTransaction,
    who: &Actor,
    person_id: i64,
    input: &LogHours,
) -> Result<placement::Model> {
    let (scope, values) = visible_to(who);
    let sql = format!(
        "SELECT pl.* FROM placement pl JOIN person p ON p.id = pl.person_id \
         WHERE pl.person_id = ? AND pl.state <> 'withdrawn' AND {scope} ORDER BY pl.id"
    );
    let mut all: Vec<placement::Model> =
        db::rows(txn, &sql, std::iter::once(Value::from(person_id)).chain(values)).await?;
    if let Some(id) = input.placement_id {
        let found = all.into_iter().find(|p| p.id == id);
        return found.ok_or_else(|| Error::field("placement", Msg::new("practicum-placement-unknown")));
    }
    if all.is_empty() {
        return Err(Error::field("placement", Msg::new("practicum-placement-none")));
    }
    let covers = |p: &placement::Model| rules::check_span(input.worked_on, p.starts_on, p.ends_on).is_ok();
    all.retain(covers);
    match (all.pop(), all.is_empty()) {
        (Some(p), true) => Ok(p),
        (Some(_), false) => Err(Error::field("placement", Msg::new("practicum-placement-choose"))),
        (None, _) => Err(refuse(Fault::OutsidePlacement)),
    }
}

async fn judge(
    txn: &DatabaseTransaction,
    cx: &Cx,
    placed: &placement::Model,
    figures: &Figures,
    input: &LogHours,
    own: Option<i64>,
) -> Result<()> {
    if figures.worked_on > cx.today() {
        return Err(refuse(Fault::DateInFuture));
    }
    rules::check_span(figures.worked_on, placed.starts_on, placed.ends_on).map_err(refuse)?;
    if !input.submit {
        return Ok(());
    }
    let same_day = hour_entry::Entity::find()
        .filter(hour_entry::Column::PersonId.eq(placed.person_id))
        .filter(hour_entry::Column::WorkedOn.eq(figures.worked_on))
        .all(txn)
        .await?;
    let claims = |r: &&hour_entry::Model| State::parse(&r.state).is_some_and(State::claims) && Some(r.id) != own;
    let others: Vec<Figures> = same_day.iter().filter(claims).map(figures_of_row).collect();
    rules::check_day(figures, &others).map_err(|(fault, at)| match at.and_then(|i| others.get(i)) {
        Some(o) => {
            let span = |m: Option<i64>| m.map(rules::show_time).unwrap_or_default();
            let mut e = field_error(fault);
            e.msg = e.msg.with("from", span(o.starts)).with("to", span(o.ends));
            Error::Invalid(vec![e])
        }
        None => refuse(fault),
    })
}

async fn own_entry(txn: &DatabaseTransaction, who: &Actor, id: i64) -> Result<hour_entry::Model> {
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
        .set(hour_entry::ActiveModel { id: NotSet, ..row.clone().into_active_model().reset_all() })
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
