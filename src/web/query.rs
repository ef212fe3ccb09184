//! The query part of an address. Unlike poem's own, an empty field is `None` and a field may come several times.

use poem::{FromRequest, Request, RequestBody};
use serde::de::DeserializeOwned;

/// Extractor; a query that does not fit gives 400 with the page's "wrong address" text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

impl<'a, T: DeserializeOwned + Send> FromRequest<'a> for Query<T> {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let text = req.uri().query().unwrap_or_default();
        serde_html_form::from_str(text).map(Self).map_err(|_| super::error::Bad::Query.into())
    }
}
