//! The photo of an entry.

use poem::http::{StatusCode, header};
use poem::web::Path;
use poem::{Response, handler};

use super::super::ops;
use crate::core::{Error, Msg};
use crate::web::upload::Upload;
use crate::web::{self, Errors, Form, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.post("/my-hours/:id/photo", put).post("/my-hours/:id/photo/remove", remove).get("/hour-entries/:id/photo", show)
}

#[handler]
async fn put(ui: Ui, Path(id): Path<i64>, upload: Upload) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let done = match upload.file() {
        Some(f) => ops::put_photo(&ui.cx, &who, id, f.bytes.clone()).await,
        None => Err(Error::field("photo", Msg::new("practicum-photo-none"))),
    };
    match done {
        Ok(()) => Ok(ui.see("/my-hours", &Msg::new("practicum-photo-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = super::my::edit_page(ui, &who, id, errors).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Nothing {}

#[handler]
async fn remove(ui: Ui, Path(id): Path<i64>, Form(_): Form<Nothing>) -> web::Result<Response> {
    ops::remove_photo(&ui.cx, ui.actor()?, id).await?;
    Ok(ui.see(&format!("/my-hours/{id}"), &Msg::new("practicum-photo-removed")))
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let photo = ops::photo_of(ui.cx.read(), ui.actor()?, id).await?;
    let response = Response::builder()
        .content_type(photo.mime)
        .header(header::CACHE_CONTROL, "private, no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    Ok(response.body(photo.bytes))
}
