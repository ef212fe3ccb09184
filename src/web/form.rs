//! Forms sent by POST: size limit, CSRF token, then the fields.

use poem::http::Method;
use poem::{FromRequest, Request, RequestBody};
use serde::de::DeserializeOwned;

use super::error::Bad;
use super::ui::Ui;
use crate::core::{Error, Msg};

/// The largest form without a file, in bytes.
pub const MAX_FORM: usize = 1 << 20;

/// Extractor of an urlencoded form. The token in the field `csrf` is checked before anything else; the other fields go
/// into `T` (a repeated field into a `Vec`, an empty one into `None`). Unknown fields are ignored unless `T` refuses them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form<T>(pub T);

impl<'a, T: DeserializeOwned + Send> FromRequest<'a> for Form<T> {
    async fn from_request(req: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let ui = Ui::from_request(req, &mut RequestBody::default()).await?;
        if req.method() == Method::GET || !req.content_type().unwrap_or_default().starts_with("application/x-www-form")
        {
            return Err(Bad::Form.into());
        }
        let bytes = match body.take()?.into_bytes_limit(MAX_FORM).await {
            Ok(bytes) => bytes,
            Err(poem::error::ReadBodyError::PayloadTooLarge) => return Err(too_large(MAX_FORM as u64).into()),
            Err(_) => return Err(Bad::Form.into()),
        };
        let pairs: Vec<(String, String)> = serde_html_form::from_bytes(&bytes).map_err(|_| Bad::Form)?;
        let token = pairs.iter().find(|(name, _)| name == "csrf").map_or("", |(_, v)| v.as_str());
        if !ui.csrf_fits(token) {
            return Err(Bad::Token.into());
        }
        let rest: Vec<&(String, String)> = pairs.iter().filter(|(name, _)| name != "csrf").collect();
        let text = serde_html_form::to_string(&rest).map_err(|_| Bad::Form)?;
        serde_html_form::from_str(&text).map(Self).map_err(|_| Bad::Form.into())
    }
}

/// The error of a body over `limit` bytes.
#[must_use]
pub fn too_large(limit: u64) -> Error {
    Error::TooLarge(Msg::new("web-error-larger-than").with("limit", size(limit)))
}

fn size(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes.div_ceil(1024)) }
}
