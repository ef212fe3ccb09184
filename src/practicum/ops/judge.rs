//! An entry against what is on record: the placement it belongs to, the programme's rules, the other entries of the day.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::super::entity::{hour_entry, placement, visible_to};
use super::super::programme::{self, Logging, Rules};
use super::super::rules::{self, Fault, Figures, State};
use super::input::{LogHours, field_error, figures_of_row, refuse};
use crate::core::civil::date_in;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};

/// The placement that the entry belongs to: the one named, or the only one that covers the day.
pub(super) async fn placement_for(
    txn: &DatabaseTransaction,
    who: &Actor,
    person_id: i64,
    input: &LogHours,
) -> Result<placement::Model> {
    let (scope, values) = visible_to(who);
    let sql = format!(
        "SELECT pl.* FROM placement pl JOIN person p ON p.id = pl.person_id \
         WHERE pl.person_id = ? AND p.active = ? AND pl.state <> 'withdrawn' AND {scope} ORDER BY pl.id"
    );
    let first: [Value; 2] = [person_id.into(), true.into()];
    let mut all: Vec<placement::Model> = db::rows(txn, &sql, first.into_iter().chain(values)).await?;
    if all.is_empty() && !active(txn, person_id).await? {
        return Err(Error::field("placement", Msg::new("practicum-person-closed")));
    }
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

async fn active(txn: &DatabaseTransaction, person_id: i64) -> Result<bool> {
    let person = crate::people::entity::person::Entity::find_by_id(person_id).one(txn).await?;
    Ok(person.is_none_or(|p| p.active))
}

/// What an entry is judged with.
pub(super) struct Case<'c> {
    pub placed: &'c placement::Model,
    pub figures: Figures,
    /// Handed in, so that it claims its time.
    pub submit: bool,
    /// The row itself, when it is on record already.
    pub own: Option<&'c hour_entry::Model>,
    /// The confirmed entry it is to replace.
    pub replaces: Option<i64>,
}

/// # Errors
/// What the rules find, by field.
pub(super) async fn judge(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, case: &Case<'_>) -> Result<()> {
    let f = &case.figures;
    let rules = programme::rules_for(cx, &case.placed.programme, f.worked_on)?;
    let returned_on = case.own.and_then(|r| r.returned_at).map(|at| date_in(at, cx.zone()));
    let logging = Logging { worked_on: f.worked_on, today: cx.today(), returned_on, intern: who.role == Role::Intern };
    rules.check(&logging).map_err(|fault| told(fault, &rules))?;
    rules::check_span(f.worked_on, case.placed.starts_on, case.placed.ends_on).map_err(refuse)?;
    if !case.submit {
        return Ok(());
    }
    let claims = claims(txn, case.placed.person_id, f.worked_on, case).await?;
    let others: Vec<Figures> = claims.iter().map(figures_of_row).collect();
    if let Some(o) = rules::check_overlap(f, &others).and_then(|i| others.get(i)) {
        let span = |m: Option<i64>| m.map(rules::show_time).unwrap_or_default();
        let mut e = field_error(Fault::OverlapsOtherRecord);
        e.msg = e.msg.with("from", span(o.starts)).with("to", span(o.ends));
        return Err(Error::Invalid(vec![e]));
    }
    let spent = rules::spent(claims.iter().map(|c| (Some(c.id), c.replaces_id, c.minutes)));
    rules.check_cap(f.minutes, spent).map_err(|fault| told(fault, &rules))
}

fn told(fault: Fault, rules: &Rules) -> Error {
    let mut e = field_error(fault);
    e.msg = match fault {
        Fault::WindowClosed => e.msg.with("days", rules.programme.edit_window_days),
        Fault::OverDailyCap => e.msg.with("hours", rules::hours(rules.programme.daily_cap_minutes)),
        Fault::Holiday => e.msg.with("name", rules.holiday.as_deref().unwrap_or_default()),
        _ => e.msg,
    };
    Error::Invalid(vec![e])
}

/// The entries of a person that claim time on a day, the case's own and what it replaces aside.
async fn claims(
    txn: &DatabaseTransaction,
    person: i64,
    on: NaiveDate,
    case: &Case<'_>,
) -> Result<Vec<hour_entry::Model>> {
    let mut rows = hour_entry::Entity::find()
        .filter(hour_entry::Column::PersonId.eq(person))
        .filter(hour_entry::Column::WorkedOn.eq(on))
        .all(txn)
        .await?;
    let aside = [case.own.map(|r| r.id), case.replaces];
    rows.retain(|r| State::parse(&r.state).is_some_and(State::claims) && !aside.contains(&Some(r.id)));
    Ok(rows)
}
