//! What every page stands on: the frame around all routes (who is it, may they, headers, errors as pages), the value
//! templates get ([`Ui`]), forms with CSRF and size limits, the layout, the style sheet.
//!
//! # A page
//! ```text
//! #[derive(Template)]
//! #[template(path = "people/pages/list.html")]     // {% extends "web/layout.html" %}
//! struct ListPage { ui: Ui, page: Page<PersonRow> }
//!
//! #[poem::handler]
//! async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
//!     let page = ops::list(&ui.cx, ui.actor()?, &q.page()).await?;     // core::Error becomes the error page
//!     web::html(&ListPage { ui, page })
//! }
//!
//! pub fn routes(r: web::Pages) -> web::Pages {      // listed in app.rs; each line also in app/permissions.rs
//!     r.get("/people", list).post("/people", create)
//! }
//! ```
//! A POST handler takes [`Form<T>`] (or [`Upload`]), which has checked the CSRF token; forms write it with
//! `{{ m::csrf(ui) }}`. After a change: `ui.see("/people/7", Msg::new("people-saved"))` (303 and a notice on the next
//! page). Wrong input: `Error::Invalid` is caught, turned into [`Errors`] and the form shown again with what was typed.

pub mod access;
pub mod assets;
pub mod error;
pub mod form;
pub mod frame;
pub mod list;
pub mod metrics;
pub mod pages;
pub mod qr;
pub mod query;
pub mod record;
pub mod ui;
pub mod upload;

pub use access::{Access, Rule, Table};
pub use error::Errors;
pub use form::Form;
pub use frame::{Authenticate, Frame, Site, Skin, current_lang};
pub use pages::Pages;
pub use query::Query;
pub use ui::{Entry, Ui, Visitor};
pub use upload::{Upload, UploadedFile};

use poem::Response;
use poem::http::{StatusCode, header};

/// The result of a page handler. `core::Error` turns into `poem::Error` by `?`; the frame makes the error page of it.
pub type Result<T> = poem::Result<T>;

/// Renders a page.
///
/// # Errors
/// [`crate::core::Error::Internal`] when the template fails.
pub fn html(page: &impl askama::Template) -> Result<Response> {
    html_with(StatusCode::OK, page)
}

/// Renders a page with another status, for example 422 for a form shown again with its errors.
///
/// # Errors
/// As [`html`].
pub fn html_with(status: StatusCode, page: &impl askama::Template) -> Result<Response> {
    let text = page.render().map_err(crate::core::Error::internal)?;
    Ok(Response::builder().status(status).content_type("text/html; charset=utf-8").body(text))
}

/// 303: go there with GET.
#[must_use]
pub fn redirect(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}

/// A file to be saved by the browser; `name` may be Chinese.
#[must_use]
pub fn download(name: &str, content_type: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .content_type(content_type)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent(name)))
        .body(bytes)
}

/// Percent-encodes all but unreserved characters: for a value in a query or a file name.
#[must_use]
pub fn percent(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}
