//! Feedback over the API.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::ops::{self, Answers};
use crate::api::{self, ApiUser, Tag};
use crate::db::Cx;

/// One answer.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FeedbackAnswer", deny_unknown_fields)]
pub struct AnswerIn {
    /// The code of the question.
    pub question: String,
    /// From 1 (not at all) to 5 (fully).
    pub value: i64,
}

/// A participant's answers.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FeedbackInput", deny_unknown_fields)]
pub struct FeedbackIn {
    pub answers: Vec<AnswerIn>,
    #[oai(default)]
    pub remark: String,
}

/// That it was taken.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FeedbackTaken")]
pub struct TakenOut {
    pub taken: bool,
}

/// One question with all its answers.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FeedbackQuestion")]
pub struct QuestionOut {
    pub question: String,
    /// Mean in hundredths.
    pub mean: i64,
    /// How many gave 1, 2, 3, 4, 5.
    pub counts: Vec<i64>,
}

/// What may be shown of the answers to a session.
#[derive(Clone, Debug, Object)]
#[oai(rename = "FeedbackReport")]
pub struct ReportOut {
    /// How many answered, and how many were there.
    pub answers: i64,
    pub there: i64,
    /// Below this nothing else is shown.
    pub least: i64,
    pub questions: Vec<QuestionOut>,
    pub remarks: Vec<String>,
}

/// What participants say of a session.
pub struct FeedbackApi;

#[OpenApi(tag = "Tag::Classes")]
impl FeedbackApi {
    /// The answers to a session taken together; too few are not shown.
    #[oai(path = "/class-sessions/:id/feedback", method = "get", operation_id = "get_feedback")]
    async fn report(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ReportOut>> {
        let r = ops::report(&cx, &user, id.0).await?;
        let (questions, remarks) = r.shown.unwrap_or_default();
        let one = |s: super::rules::Shown| QuestionOut { question: s.code, mean: s.mean, counts: s.counts.to_vec() };
        Ok(Json(ReportOut {
            answers: r.answers,
            there: r.there,
            least: r.least,
            questions: questions.into_iter().map(|(_, s)| one(s)).collect(),
            remarks,
        }))
    }

    /// Answer, once, without one's name.
    #[oai(path = "/class-sessions/:id/feedback", method = "post", operation_id = "give_feedback")]
    async fn give(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<FeedbackIn>) -> api::Result<Json<TakenOut>> {
        let values = input.0.answers.into_iter().map(|a| (a.question, a.value)).collect();
        ops::give(&cx, &user, id.0, &Answers { values, remark: input.0.remark }).await?;
        Ok(Json(TakenOut { taken: true }))
    }
}
