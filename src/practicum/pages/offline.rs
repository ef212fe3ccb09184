//! What a phone keeps for the time without a network: an empty form, and the worker that shows it. The script
//! `hours.js` keeps what is typed in the browser and sends it later, once, by its key.

use askama::Template;
use poem::{Response, handler};

use super::super::rules;
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

#[handler]
async fn form(ui: Ui) -> web::Result<Response> {
    let (kinds, beneficiaries) = (kinds(&ui), beneficiaries(&ui));
    web::html(&OfflinePage { user: "", kinds, beneficiaries, ui })
}

/// Its store is named after everything that the form is made of, so that a new version of the program renews it.
#[handler]
async fn worker(ui: Ui) -> Response {
    let made_of =
        [ui.asset("hours.js"), ui.asset("style.css"), include_str!("offline.html"), env!("CARGO_PKG_VERSION")];
    let version: String = token_hash(&made_of.concat()).chars().take(12).collect();
    let script = include_str!("worker.js").replace("VERSION", &version);
    Response::builder().content_type("text/javascript; charset=utf-8").header("cache-control", "no-cache").body(script)
}
