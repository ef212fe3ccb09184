//! Errors of the API: `application/problem+json` (RFC 9457), the same shape for our own errors and the framework's.

use poem::Response;
use poem::http::{StatusCode, header};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object};

use crate::core::{Error, Lang, i18n};
use crate::web::{Ui, current_lang, error::describe};

/// What is wrong, by RFC 9457.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Problem")]
pub struct ProblemOut {
    /// Which kind of problem: an address below `/api/docs`.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time, and what to do.
    pub detail: String,
    /// Wrong fields of the input, if that is the problem.
    #[oai(skip_serializing_if_is_empty, default)]
    pub errors: Vec<FieldProblem>,
}

/// One wrong field.
#[derive(Clone, Debug, Object)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
}

/// The error side of every operation.
#[derive(Debug, ApiResponse)]
pub enum Problem {
    /// The request cannot be read: bad JSON, missing or unknown fields.
    #[oai(status = 400, content_type = "application/problem+json")]
    BadRequest(Json<ProblemOut>),
    /// No token, or one that is unknown, expired or revoked.
    #[oai(status = 401, content_type = "application/problem+json")]
    Unauthorized(Json<ProblemOut>),
    /// The role may not do this.
    #[oai(status = 403, content_type = "application/problem+json")]
    Forbidden(Json<ProblemOut>),
    /// It does not exist, or is out of the user's scope.
    #[oai(status = 404, content_type = "application/problem+json")]
    NotFound(Json<ProblemOut>),
    /// The state of the records does not allow it.
    #[oai(status = 409, content_type = "application/problem+json")]
    Conflict(Json<ProblemOut>),
    /// The body is larger than the limit.
    #[oai(status = 413, content_type = "application/problem+json")]
    TooLarge(Json<ProblemOut>),
    /// The input was understood and refused; `errors` names the fields.
    #[oai(status = 422, content_type = "application/problem+json")]
    Unprocessable(Json<ProblemOut>),
    /// A fault of ours; it has been logged.
    #[oai(status = 500, content_type = "application/problem+json")]
    Internal(Json<ProblemOut>),
    /// Busy; try again after some seconds.
    #[oai(status = 503, content_type = "application/problem+json")]
    Busy(Json<ProblemOut>),
}

fn kind_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "unauthenticated",
        403 => "forbidden",
        404 => "not-found",
        405 => "method",
        409 => "conflict",
        413 => "too-large",
        415 => "media-type",
        422 => "invalid",
        503 => "busy",
        s if s >= 500 => "internal",
        _ => "bad-request",
    }
}

fn body(status: StatusCode, lang: Lang, detail: String, errors: Vec<FieldProblem>) -> ProblemOut {
    let kind = kind_of(status);
    ProblemOut {
        kind: format!("/api/docs#problem-{kind}"),
        title: i18n::text(lang, &format!("api-problem-{kind}"), &[]),
        status: status.as_u16(),
        detail,
        errors,
    }
}

fn fields(error: &Error, lang: Lang) -> Vec<FieldProblem> {
    match error {
        Error::Invalid(all) => {
            all.iter().map(|f| FieldProblem { field: f.field.clone(), message: f.msg.text(lang) }).collect()
        }
        _ => Vec::new(),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let lang = current_lang();
        let errors = fields(&error, lang);
        let wrapped = poem::Error::from(error);
        let (status, detail) = describe(&wrapped, lang);
        let json = Json(body(status, lang, detail, errors));
        match status.as_u16() {
            401 => Self::Unauthorized(json),
            403 => Self::Forbidden(json),
            404 => Self::NotFound(json),
            409 => Self::Conflict(json),
            413 => Self::TooLarge(json),
            422 => Self::Unprocessable(json),
            503 => Self::Busy(json),
            s if s < 500 => Self::BadRequest(json),
            _ => Self::Internal(json),
        }
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        Error::from(error).into()
    }
}

/// What the framework could not read: the parameter, or the body, and its reason (in English, for the client's author).
fn unreadable(error: &poem::Error) -> Option<(String, String)> {
    use poem_openapi::error::{ParseParamError, ParseRequestPayloadError};
    if let Some(e) = error.downcast_ref::<ParseParamError>() {
        return Some((e.name.to_owned(), format!("{}: {}", e.name, e.reason)));
    }
    error.downcast_ref::<ParseRequestPayloadError>().map(|e| ("body".to_owned(), e.reason.clone()))
}

/// The answer to any error: an operation's own Problem as it is, the frame's and the framework's in the same form.
#[must_use]
pub fn respond(ui: &Ui, error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let lang = ui.lang();
    let (status, mut detail) = describe(&error, lang);
    let mut errors = error.downcast_ref::<Error>().map(|e| fields(e, lang)).unwrap_or_default();
    if let Some((field, message)) = unreadable(&error) {
        detail = format!("{detail} {message}");
        errors.push(FieldProblem { field, message });
    }
    let text = body(status, lang, detail, errors).to_json_string();
    let mut response = Response::builder().status(status).content_type("application/problem+json").body(text);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}
