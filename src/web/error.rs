//! Errors on their way to a person: HTTP statuses, the error page, and messages by the field of a form.

use askama::Template;
use poem::error::ResponseError;
use poem::http::{StatusCode, header};
use poem::{Error as PoemError, Response};

use super::ui::Ui;
use crate::core::error::taken_field;
use crate::core::{Error, FieldError, Lang, Msg, i18n};

impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Busy | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Setup(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What is wrong with a request before any use case sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// The query does not have the form the page expects.
    #[error("bad query")]
    Query,
    /// The form lacks fields or is not a form.
    #[error("bad form")]
    Form,
    /// The CSRF token is missing or wrong.
    #[error("bad form token")]
    Token,
    /// The path has a method this is not.
    #[error("method not allowed")]
    Method,
}

impl ResponseError for Bad {
    fn status(&self) -> StatusCode {
        match self {
            Self::Query | Self::Form => StatusCode::BAD_REQUEST,
            Self::Token => StatusCode::FORBIDDEN,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
        }
    }
}

impl Bad {
    fn key(self) -> &'static str {
        match self {
            Self::Query => "web-error-query",
            Self::Form => "web-error-form",
            Self::Token => "web-error-token",
            Self::Method => "web-error-method",
        }
    }
}

/// Status and sentence of any error; errors of the framework get a sentence of ours by status. Logs what is ours to mend.
#[must_use]
pub fn describe(error: &PoemError, lang: Lang) -> (StatusCode, String) {
    let status = error.status();
    if let Some(e) = error.downcast_ref::<Error>() {
        if let Error::Internal(cause) | Error::Setup(cause) = e {
            tracing::error!(%cause, "request failed");
        }
        return (status, e.text(lang));
    }
    if let Some(bad) = error.downcast_ref::<Bad>() {
        return (status, i18n::text(lang, bad.key(), &[]));
    }
    // A segment that is no number names nothing.
    let status = if error.is::<poem::error::ParsePathError>() { StatusCode::NOT_FOUND } else { status };
    let key = match status {
        StatusCode::NOT_FOUND => "error-not-found",
        StatusCode::UNAUTHORIZED => "error-unauthenticated",
        StatusCode::FORBIDDEN => "error-forbidden",
        StatusCode::METHOD_NOT_ALLOWED => "web-error-method",
        StatusCode::PAYLOAD_TOO_LARGE => "web-error-too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "web-error-media-type",
        StatusCode::SERVICE_UNAVAILABLE => "error-busy",
        s if s.is_client_error() => "web-error-form",
        _ => {
            tracing::error!(cause = %error, "request failed");
            "error-internal"
        }
    };
    (status, i18n::text(lang, key, &[]))
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    ui: &'a Ui,
    status: u16,
    title: String,
    text: String,
    /// Where the way on leads: sign in, back, start page.
    sign_in: bool,
}

/// The error page: what happened, and how to go on.
#[must_use]
pub fn page(ui: &Ui, error: &PoemError) -> Response {
    let (status, text) = describe(error, ui.lang());
    let title = match status.as_u16() {
        401 => ui.t("web-error-title-401"),
        403 => ui.t("web-error-title-403"),
        404 => ui.t("web-error-title-404"),
        409 => ui.t("web-error-title-409"),
        413 => ui.t("web-error-title-413"),
        503 => ui.t("web-error-title-503"),
        s if s >= 500 => ui.t("web-error-title-500"),
        _ => ui.t("web-error-title-400"),
    };
    let page = ErrorPage { ui, status: status.as_u16(), title, sign_in: status == StatusCode::UNAUTHORIZED, text };
    let body = page.render().unwrap_or_else(|e| {
        tracing::error!(cause = %e, "the error page failed");
        page.text.clone()
    });
    let mut builder = Response::builder().status(status).content_type("text/html; charset=utf-8");
    if status == StatusCode::SERVICE_UNAVAILABLE {
        builder = builder.header(header::RETRY_AFTER, "5");
    }
    builder.body(body)
}

/// The errors of a form, by field, for templates: `errors.of(ui, "name")`.
#[derive(Clone, Debug, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// Splits an error: wrong fields are given back for the form, anything else is passed on.
    ///
    /// # Errors
    /// Every error other than [`Error::Invalid`] and [`Error::Conflict`] (which is shown above the form).
    pub fn from(error: Error) -> Result<Self, Error> {
        match error {
            Error::Invalid(fields) => Ok(Self(fields)),
            Error::Conflict(msg) => Ok(Self(vec![FieldError { field: taken_field(&msg).to_owned(), msg }])),
            other => Err(other),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages of one field, joined; empty when it is right. Field "" is the form as a whole.
    #[must_use]
    pub fn of(&self, ui: &Ui, field: &str) -> String {
        let all: Vec<String> = self.0.iter().filter(|e| e.field == field).map(|e| ui.msg(&e.msg)).collect();
        all.join(" ")
    }

    /// Fields with their messages, for the summary above a form.
    #[must_use]
    pub fn list(&self, ui: &Ui) -> Vec<(String, String)> {
        self.0.iter().map(|e| (e.field.clone(), ui.msg(&e.msg))).collect()
    }

    /// Takes over what else is wrong.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    pub fn add(&mut self, field: &str, msg: Msg) {
        self.0.push(FieldError { field: field.to_owned(), msg });
    }
}
