//! Requests for a place in a class over the API.

use chrono::{DateTime, Utc};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::super::ops::request::{self, Answer, RequestView};
use crate::api::{self, ApiUser, Tag};
use crate::db::Cx;

/// A request with its place on the waiting list.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassRequest")]
pub struct RequestOut {
    pub id: i64,
    pub version: i64,
    pub class_id: i64,
    /// Missing until somebody who came by the link is accepted.
    pub person_id: Option<i64>,
    pub name: String,
    pub note: String,
    /// Why it was refused.
    pub reason: String,
    /// asked, waiting, accepted, refused or left.
    pub state: String,
    /// staff, own or link.
    pub source: String,
    pub queued_at: DateTime<Utc>,
    /// Place on the waiting list, 1 is next; 0 when not waiting.
    pub position: i64,
}

impl From<RequestView> for RequestOut {
    fn from(r: RequestView) -> Self {
        Self {
            id: r.id,
            version: r.version,
            class_id: r.class_id,
            person_id: r.person_id,
            name: r.name,
            note: r.note,
            reason: r.reason,
            state: r.state,
            source: r.source,
            queued_at: r.queued_at,
            position: r.position,
        }
    }
}

/// What is said to a request.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ClassAnswer", rename_all = "lowercase")]
pub enum AnswerIn {
    /// A place if one is free and nobody waits before them, else the end of the waiting list.
    Accept,
    Refuse,
    /// Given up by the person, or by staff for them.
    Leave,
}

/// An answer to a request.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassRequestAnswer", deny_unknown_fields)]
pub struct RequestAnswerIn {
    pub version: i64,
    pub answer: AnswerIn,
    /// Needed for a refusal.
    #[oai(default)]
    pub reason: String,
}

/// The state of a request after an answer.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassRequestState")]
pub struct RequestStateOut {
    /// accepted, waiting, refused or left.
    pub state: String,
}

/// People to be put into a class or on its waiting list.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassQueue", deny_unknown_fields)]
pub struct QueueIn {
    pub person_ids: Vec<i64>,
}

/// How many got a place and how many wait.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ClassQueued")]
pub struct QueuedOut {
    pub enrolled: u64,
    pub waiting: u64,
}

/// Requests for a place.
pub struct RequestsApi;

#[OpenApi(tag = "Tag::Classes")]
impl RequestsApi {
    /// Requests of a class: to be answered, then the waiting list in its order, then the last answered.
    #[oai(path = "/classes/:id/requests", method = "get", operation_id = "list_class_requests")]
    async fn list(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<Vec<RequestOut>>> {
        let all = request::requests(cx.read(), &user, id.0).await?;
        Ok(Json(all.into_iter().map(RequestOut::from).collect()))
    }

    /// Put people into a class as far as there is room, the others on its waiting list.
    #[oai(path = "/classes/:id/requests", method = "post", operation_id = "queue_for_class")]
    async fn queue(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<QueueIn>) -> api::Result<Json<QueuedOut>> {
        let (enrolled, waiting) = request::queue(&cx, &user, id.0, &input.0.person_ids).await?;
        Ok(Json(QueuedOut { enrolled: enrolled as u64, waiting: waiting as u64 }))
    }

    /// Answer a request, or give it up.
    #[oai(path = "/class-requests/:id/answer", method = "post", operation_id = "answer_class_request")]
    async fn answer(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<RequestAnswerIn>,
    ) -> api::Result<Json<RequestStateOut>> {
        let i = input.0;
        let answer = match i.answer {
            AnswerIn::Accept => Answer::Accept,
            AnswerIn::Refuse => Answer::Refuse,
            AnswerIn::Leave => {
                request::leave(&cx, &user, id.0, i.version).await?;
                return Ok(Json(RequestStateOut { state: "left".to_owned() }));
            }
        };
        let row = request::answer(&cx, &user, id.0, i.version, answer, &i.reason).await?;
        Ok(Json(RequestStateOut { state: row.state }))
    }
}
