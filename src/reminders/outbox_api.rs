//! The outbox in the API.

use chrono::{DateTime, Utc};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::outbox;
use crate::api::{ApiUser, PageOut, Result, Tag, page};
use crate::core::Lang;
use crate::db::Cx;
use crate::mail::entity::Model;
use crate::mail::outbox::Filter;
use crate::mail::{State, read_note};
use crate::web::current_lang;

/// A mail of the outbox.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Mail")]
pub struct MailOut {
    pub id: i64,
    pub rule: String,
    pub occasion: String,
    pub person_id: Option<i64>,
    pub address: String,
    /// planned, due, sending, sent, retry, failed, cancelled, missed or no_address.
    pub state: String,
    /// Why it is in this state, if that needs a reason.
    pub reason: String,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub next_try_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub message_id: String,
    pub version: i64,
}

/// One change of state.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MailChange")]
pub struct ChangeOut {
    pub at: DateTime<Utc>,
    /// Empty when the mail was written down.
    pub from_state: String,
    pub to_state: String,
    pub note: String,
}

/// A mail with its log.
#[derive(Clone, Debug, Object)]
#[oai(rename = "MailWithLog")]
pub struct MailLogOut {
    pub mail: MailOut,
    pub log: Vec<ChangeOut>,
}

/// The version that was seen.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SeenVersion", deny_unknown_fields)]
pub struct SeenIn {
    pub version: i64,
}

fn out(m: Model, lang: Lang) -> MailOut {
    MailOut {
        id: m.id,
        rule: m.rule,
        occasion: m.occasion,
        person_id: m.person_id.filter(|p| *p != 0),
        address: m.address,
        state: m.state,
        reason: read_note(&m.error, lang),
        due_at: m.due_at,
        expires_at: m.expires_at,
        next_try_at: m.next_try_at,
        sent_at: m.sent_at,
        attempts: m.attempts,
        message_id: m.message_id,
        version: m.version,
    }
}

pub struct OutboxApi;

#[OpenApi(prefix_path = "/outbox", tag = "Tag::Reminders")]
impl OutboxApi {
    /// List mails to people in scope, newest first.
    #[oai(path = "/", method = "get", operation_id = "list_mails")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        rule: Query<Option<String>>,
        state: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> Result<Json<PageOut<MailOut>>> {
        let filter = Filter { state: state.0.as_deref().and_then(State::parse), rule: rule.0, also: None };
        let found = outbox::list(&cx, &user, filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(found, |m| out(m, current_lang()))))
    }

    /// One mail with its log.
    #[oai(path = "/:id", method = "get", operation_id = "get_mail")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> Result<Json<MailLogOut>> {
        let lang = current_lang();
        let view = outbox::view(&cx, &user, id.0).await?;
        let log = view.log.into_iter().map(|l| ChangeOut {
            at: l.at,
            from_state: l.from_state,
            to_state: l.to_state,
            note: read_note(&l.note, lang),
        });
        Ok(Json(MailLogOut { log: log.collect(), mail: out(view.mail, lang) }))
    }

    /// Call a mail off that is still to be sent.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancel_mail")]
    async fn cancel(&self, cx: Cx, user: ApiUser, id: Path<i64>, seen: Json<SeenIn>) -> Result<Json<MailOut>> {
        Ok(Json(out(outbox::cancel(&cx, &user, id.0, seen.0.version).await?, current_lang())))
    }

    /// Send a mail again, or one that failed, was called off or missed.
    #[oai(path = "/:id/resend", method = "post", operation_id = "resend_mail")]
    async fn resend(&self, cx: Cx, user: ApiUser, id: Path<i64>, seen: Json<SeenIn>) -> Result<Json<MailOut>> {
        Ok(Json(out(outbox::resend(&cx, &user, id.0, seen.0.version).await?, current_lang())))
    }
}
