//! Before an operation sees a body: the size limit, and the Idempotency-Key of a POST.

use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response};

use super::idempotency::{self, Claim};
use crate::core::{Error, Msg};
use crate::web::Ui;
use crate::web::form::{MAX_FORM, too_large};

/// The header by which a client repeats a POST safely.
pub const KEY_HEADER: &str = "idempotency-key";
/// Set on an answer that was given before and is given again.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

/// The endpoint between frame and operations.
pub struct Intake<E>(pub E);

impl<E: Endpoint> Endpoint for Intake<E> {
    type Output = Response;

    async fn call(&self, mut req: Request) -> poem::Result<Response> {
        if matches!(*req.method(), Method::GET | Method::HEAD) {
            return Ok(self.0.call(req).await?.into_response());
        }
        let ui =
            req.extensions().get::<Ui>().cloned().ok_or_else(|| Error::internal("an operation outside the frame"))?;
        let multipart = req.content_type().is_some_and(|t| t.starts_with("multipart/"));
        let files = if multipart { ui.cx.settings.import.max_bytes } else { 0 };
        let limit = files.saturating_add(MAX_FORM as u64);
        let body = match req.take_body().into_bytes_limit(usize::try_from(limit).unwrap_or(usize::MAX)).await {
            Ok(body) => body,
            Err(poem::error::ReadBodyError::PayloadTooLarge) => {
                return Err(too_large(if multipart { files } else { limit }).into());
            }
            Err(e) => return Err(e.into()),
        };
        let key = match req.headers().get(KEY_HEADER).filter(|_| *req.method() == Method::POST) {
            Some(value) => Some(read_key(value)?),
            None => None,
        };
        let (Some(key), Some(user_id)) = (key, ui.who().and_then(|a| a.user_id)) else {
            req.set_body(body);
            return Ok(self.0.call(req).await?.into_response());
        };
        let route = req.uri().path().to_owned();
        match idempotency::claim(&ui.cx, user_id, &key, &route, &body).await? {
            Claim::Answered(status, text) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                Ok(Response::builder()
                    .status(status)
                    .content_type("application/json; charset=utf-8")
                    .header(REPLAYED_HEADER, "true")
                    .body(text))
            }
            Claim::New => {
                req.set_body(body);
                let result = self.0.call(req).await;
                keep(&ui, user_id, &key, result.map(IntoResponse::into_response)).await
            }
        }
    }
}

fn read_key(value: &HeaderValue) -> Result<String, Error> {
    let key = value.to_str().unwrap_or_default();
    if (1..=200).contains(&key.len()) {
        Ok(key.to_owned())
    } else {
        Err(Error::field("Idempotency-Key", Msg::new("api-idempotency-form")))
    }
}

/// Keeps the answer of a POST that succeeded; one that was refused changed nothing and may be tried again.
async fn keep(ui: &Ui, user_id: i64, key: &str, result: poem::Result<Response>) -> poem::Result<Response> {
    let mut response = match result {
        Ok(response) if response.status().is_success() => response,
        other => {
            idempotency::forget(&ui.cx, user_id, key).await?;
            return other;
        }
    };
    let status = response.status().as_u16();
    let bytes = response.take_body().into_bytes().await?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => idempotency::store(&ui.cx, user_id, key, status, text).await?,
        Err(_) => idempotency::forget(&ui.cx, user_id, key).await?,
    }
    response.set_body(bytes);
    Ok(response)
}
