//! What the pages and the API show: the rules with their moments, who is planned, who must be called.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{FromQueryResult, Value};

use super::rules::Rule;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Result, Role};
use crate::db::{self, Cx};
use crate::mail::State;
use crate::people;
use crate::schemes;

/// A rule with the moments that are near: from a month ago to a year ahead.
#[derive(Clone, Debug)]
pub struct RuleView {
    pub rule: Rule,
    pub moments: Vec<MomentView>,
}

/// When a rule comes due in an exam year and area.
#[derive(Clone, Debug)]
pub struct MomentView {
    pub scheme: String,
    pub year: i32,
    pub area: String,
    pub area_name: String,
    pub day: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A reminder with the person it is for.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    pub id: i64,
    pub rule: String,
    pub occasion: String,
    pub state: String,
    pub due_at: DateTime<Utc>,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    pub phone: String,
    pub email: String,
}

const STAFF: &[Role] = &[Role::Administrator, Role::Trainer];

/// All rules.
///
/// # Errors
/// [`crate::core::Error::Forbidden`] for other roles than administrator and trainer.
pub fn rules(cx: &Cx, who: &Actor) -> Result<Vec<RuleView>> {
    who.require(STAFF)?;
    let schemes = schemes::of(cx)?;
    let (from, to) = (cx.now() - chrono::TimeDelta::days(31), cx.now() + chrono::TimeDelta::days(366));
    let mut out = Vec::new();
    for rule in super::of(cx)?.iter() {
        let mut moments = Vec::new();
        for cycle in schemes.all().flat_map(|s| schemes.cycles(&s.code)) {
            moments.extend(rule.moments(cycle).into_iter().filter(|m| m.due_at >= from && m.due_at <= to).map(|m| {
                MomentView {
                    scheme: cycle.scheme.clone(),
                    year: cycle.year,
                    area: m.area,
                    area_name: m.area_name,
                    day: m.day,
                    due_at: m.due_at,
                    expires_at: m.expires_at,
                }
            }));
        }
        moments.sort_by_key(|m| m.due_at);
        out.push(RuleView { rule: rule.clone(), moments });
    }
    Ok(out)
}

/// Which reminders a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub rule: Option<String>,
    pub state: Option<State>,
}

/// Reminders to people the caller sees, newest first.
///
/// # Errors
/// [`crate::core::Error::Forbidden`] for other roles than administrator and trainer.
pub async fn planned(cx: &Cx, who: &Actor, filter: &Filter, page: &PageReq) -> Result<Page<Line>> {
    who.require(STAFF)?;
    let names: Vec<String> = super::of(cx)?.iter().map(|r| r.name.clone()).collect();
    let names = match &filter.rule {
        Some(one) => names.into_iter().filter(|n| n == one).collect(),
        None => names,
    };
    if names.is_empty() {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let (scope, scope_values) = people::scope::sql(who);
    let mut cond = format!("o.rule IN ({}) AND {scope}", db::places(names.len()));
    let mut values: Vec<Value> = names.into_iter().map(Value::from).collect();
    values.extend(scope_values);
    if let Some(state) = filter.state {
        cond.push_str(" AND o.state = ?");
        values.push(state.name().into());
    }
    if let Some(after) = page.after_id() {
        cond.push_str(" AND o.id < ?");
        values.push(after.into());
    }
    let sql = format!(
        "SELECT o.id AS id, o.rule AS rule, o.occasion AS occasion, o.state AS state, o.due_at AS due_at, \
         p.id AS person_id, p.name AS name, p.unit AS unit, p.phone AS phone, p.email AS email \
         FROM outbox o JOIN person p ON p.id = o.person_id WHERE {cond} ORDER BY o.id DESC LIMIT {}",
        page.limit() + 1
    );
    let found: Vec<Line> = db::rows(cx.read(), &sql, values).await?;
    Ok(Page::cut(found, page.limit(), |l: &Line| l.id.to_string()))
}

/// People who have no address, with their phone numbers, as long as the reminder is of use.
///
/// # Errors
/// [`crate::core::Error::Forbidden`] for other roles than administrator and trainer.
pub async fn call_list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<Line>> {
    planned(cx, who, &Filter { rule: None, state: Some(State::NoAddress) }, page).await
}
