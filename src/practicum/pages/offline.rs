//! What a phone keeps for the time without a network: an empty form, and the worker that shows it. The script
//! `hours.js` keeps what is typed in the browser and sends it later, once, by its key.

use askama::Template;
use poem::{Response, handler};

use super::super::rules;
use crate::core::Error;
use crate::core::seal::token_hash;
use crate::web::{self, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/my-hours/offline", form).get("/hours-worker.js", worker)
}

/// The kinds of work in the reader's language.
pub(super) fn kinds(ui: &Ui) -> Vec<(&'static str, String)> {
    rules::KINDS.iter().map(|(k, key)| (*k, ui.t(key))).collect()
}

/// The groups of people served, with "none" first.
pub(super) fn beneficiaries(ui: &Ui) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), ui.t("practicum-beneficiary-none"))];
    all.extend(rules::BENEFICIARIES.iter().map(|(k, key)| ((*k).to_owned(), ui.t(key))));
    all
}

/// Holds nobody's data, since it lies in the browser's store.
#[derive(Template)]
#[template(path = "practicum/pages/offline.html")]
struct OfflinePage {
    /// Empty: the script takes the last person who was signed in.
    user: &'static str,
    kinds: Vec<(&'static str, String)>,
    beneficiaries: Vec<(String, String)>,
    ui: Ui,
}

impl OfflinePage {
    fn of(ui: Ui) -> Self {
        let (kinds, beneficiaries) = (kinds(&ui), beneficiaries(&ui));
        Self { user: "", kinds, beneficiaries, ui }
    }
}

#[handler]
async fn form(ui: Ui) -> web::Result<Response> {
    web::html(&OfflinePage::of(ui))
}

/// Its store is named after the form as it stands now, with its texts, its language and the assets it names, so that a change
/// of any of them renews it.
#[handler]
async fn worker(ui: Ui) -> web::Result<Response> {
    let text = OfflinePage::of(ui).render().map_err(Error::internal)?;
    let version: String = token_hash(&text).chars().take(12).collect();
    let script = include_str!("worker.js").replace("VERSION", &version);
    let response =
        Response::builder().content_type("text/javascript; charset=utf-8").header("cache-control", "no-cache");
    Ok(response.body(script))
}
