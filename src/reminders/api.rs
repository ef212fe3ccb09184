//! Reminder rules and planned reminders in the API.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::lists::{self, Filter, Line, RuleView};
use crate::api::{ApiUser, PageOut, Result, Tag, page};
use crate::db::Cx;
use crate::mail::State;

/// When a rule comes due.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ReminderMoment")]
pub struct MomentOut {
    pub scheme: String,
    pub year: i32,
    /// Prefix of the region codes it holds for; empty for all.
    pub area: String,
    /// The day counted from.
    pub day: NaiveDate,
    pub due_at: DateTime<Utc>,
    /// Not sent after this.
    pub expires_at: DateTime<Utc>,
}

/// A reminder rule.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ReminderRule")]
pub struct RuleOut {
    pub name: String,
    /// Before (negative) or after the day.
    pub days: i64,
    /// Time of day in the zone.
    pub at: String,
    pub zone: String,
    pub enabled: bool,
    /// From a month ago to a year ahead.
    pub moments: Vec<MomentOut>,
}

/// A reminder to a person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Reminder")]
pub struct ReminderOut {
    /// Also the id of the mail in the outbox.
    pub id: i64,
    pub rule: String,
    /// Scheme and exam year.
    pub occasion: String,
    /// planned, due, sending, sent, retry, failed, cancelled, missed or no_address.
    pub state: String,
    pub due_at: DateTime<Utc>,
    pub person_id: i64,
    pub name: String,
    pub phone: String,
    pub email: String,
}

impl From<RuleView> for RuleOut {
    fn from(v: RuleView) -> Self {
        Self {
            name: v.rule.name,
            days: v.rule.days,
            at: v.rule.at.format("%H:%M").to_string(),
            zone: v.rule.zone.name().to_owned(),
            enabled: v.rule.enabled,
            moments: v
                .moments
                .into_iter()
                .map(|m| MomentOut {
                    scheme: m.scheme,
                    year: m.year,
                    area: m.area,
                    day: m.day,
                    due_at: m.due_at,
                    expires_at: m.expires_at,
                })
                .collect(),
        }
    }
}

impl From<Line> for ReminderOut {
    fn from(l: Line) -> Self {
        Self {
            id: l.id,
            rule: l.rule,
            occasion: l.occasion,
            state: l.state,
            due_at: l.due_at,
            person_id: l.person_id,
            name: l.name,
            phone: l.phone,
            email: l.email,
        }
    }
}

pub struct RemindersApi;

#[OpenApi(prefix_path = "/reminders", tag = "Tag::Reminders")]
impl RemindersApi {
    /// List the reminder rules with their moments.
    #[oai(path = "/rules", method = "get", operation_id = "list_reminder_rules")]
    async fn rules(&self, cx: Cx, user: ApiUser) -> Result<Json<Vec<RuleOut>>> {
        Ok(Json(lists::rules(&cx, &user)?.into_iter().map(RuleOut::from).collect()))
    }

    /// List reminders to people in scope, newest first. `state=no_address` gives the call list.
    #[oai(path = "/", method = "get", operation_id = "list_reminders")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        rule: Query<Option<String>>,
        state: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> Result<Json<PageOut<ReminderOut>>> {
        let filter = Filter { rule: rule.0, state: state.0.as_deref().and_then(State::parse) };
        let found = lists::planned(&cx, &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, ReminderOut::from)))
    }
}
