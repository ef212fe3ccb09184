//! Links for supervisors without an account: where they are sent from, and the page that they open.

use std::collections::HashMap;

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, Link, LinkDecision, LinkState, SendLink, Waiting};
use crate::core::{Error, Lang, Msg};
use crate::web::{self, Errors, Form, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/confirm-links", list)
        .post("/confirm-links", send)
        .get("/confirm-hours/:token", open)
        .post("/confirm-hours/:token", decide)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SendForm {
    base: i64,
    supervisor: Option<i64>,
    address: String,
    name: String,
}

#[derive(Template)]
#[template(path = "practicum/pages/links.html")]
struct LinksPage {
    ui: Ui,
    rows: Vec<Waiting>,
    form: SendForm,
    errors: Errors,
}

impl LinksPage {
    fn is_sent(&self, w: &Waiting) -> bool {
        !self.errors.is_empty() && w.base_id == self.form.base && w.supervisor_id == self.form.supervisor
    }

    fn error(&self, w: &Waiting, field: &str) -> String {
        if self.is_sent(w) { self.errors.of(&self.ui, field) } else { String::new() }
    }

    /// What was typed, or where the last one went.
    fn address(&self, w: &Waiting) -> String {
        if self.is_sent(w) { self.form.address.clone() } else { w.address.clone().unwrap_or_default() }
    }

    fn name(&self, w: &Waiting) -> &str {
        if self.is_sent(w) { &self.form.name } else { "" }
    }

    /// What became of the last link.
    fn last(&self, w: &Waiting) -> String {
        let until = self.ui.show_opt(&w.expires_at);
        match w.link_state.as_deref() {
            Some("open") if w.expires_at.is_some_and(|e| e <= self.ui.cx.now()) => {
                self.ui.t1("practicum-link-last-expired", "until", until)
            }
            Some("open") => self.ui.t1("practicum-link-last-open", "until", until),
            Some("used") => self.ui.t("practicum-link-last-used"),
            _ => String::new(),
        }
    }
}

#[handler]
async fn list(ui: Ui) -> web::Result<Response> {
    let rows = ops::waiting_by_base(&ui.cx, ui.actor()?).await?;
    web::html(&LinksPage { ui, rows, form: SendForm::default(), errors: Errors::default() })
}

#[handler]
async fn send(ui: Ui, Form(form): Form<SendForm>) -> web::Result<Response> {
    let who = ui.actor()?;
    let input = SendLink {
        base_id: form.base,
        supervisor_id: form.supervisor,
        address: form.address.clone(),
        name: form.name.clone(),
        // The reader's language is not known; the letter is in that of the office.
        lang: Lang::ZhCn,
    };
    match ops::send_link(&ui.cx, who, input).await {
        Ok(_) => Ok(ui.see("/confirm-links", &Msg::new("practicum-link-sent").with("address", &form.address))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let rows = ops::waiting_by_base(&ui.cx, who).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &LinksPage { ui, rows, form, errors })
        }
    }
}

/// "confirm" or "return" by the field `e12`; the reason.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
struct DecisionForm(HashMap<String, String>);

impl DecisionForm {
    fn chosen(&self, id: i64) -> &str {
        self.0.get(&format!("e{id}")).map_or("", String::as_str)
    }

    fn reason(&self) -> &str {
        self.0.get("reason").map_or("", String::as_str)
    }

    fn read(&self) -> LinkDecision {
        let ids = |what: &str| {
            let mut ids: Vec<i64> = self
                .0
                .iter()
                .filter(|(_, v)| v.as_str() == what)
                .filter_map(|(k, _)| k.strip_prefix('e')?.parse().ok())
                .collect();
            ids.sort_unstable();
            ids
        };
        LinkDecision { confirm: ids("confirm"), give_back: ids("return"), reason: self.reason().to_owned() }
    }
}

#[derive(Template)]
#[template(path = "practicum/pages/link.html")]
struct LinkPage {
    ui: Ui,
    token: String,
    link: Link,
    form: DecisionForm,
    errors: Errors,
    /// What was done, once it is; with how many were left alone.
    done: Option<(usize, usize)>,
}

impl LinkPage {
    fn open(&self) -> bool {
        self.link.state == LinkState::Open && self.done.is_none()
    }

    fn said(&self) -> String {
        let key = format!("practicum-link-{}", self.link.state.name());
        self.ui.t(&key)
    }

    fn word(&self, word: &str) -> String {
        super::word(&self.ui, word)
    }

    fn is(&self, id: &i64, what: &str) -> bool {
        self.form.chosen(*id) == what
    }
}

fn status(state: LinkState) -> StatusCode {
    if state == LinkState::Open { StatusCode::OK } else { StatusCode::GONE }
}

#[handler]
async fn open(ui: Ui, Path(token): Path<String>) -> web::Result<Response> {
    let link = ops::link(&ui.cx, &token).await?;
    let status = status(link.state);
    let page = LinkPage { ui, token, link, form: DecisionForm::default(), errors: Errors::default(), done: None };
    web::html_with(status, &page)
}

#[handler]
async fn decide(ui: Ui, Path(token): Path<String>, Form(form): Form<DecisionForm>) -> web::Result<Response> {
    let done = ops::decide_by_link(&ui.cx, ui.who(), &token, &form.read()).await;
    let link = ops::link(&ui.cx, &token).await?;
    match done {
        Ok(d) => {
            let done = Some((d.done.len(), d.left.len()));
            web::html(&LinkPage { ui, token, link, form, errors: Errors::default(), done })
        }
        // Used, expired or replaced meanwhile: the page says which.
        Err(Error::Conflict(_)) if link.state != LinkState::Open => {
            let page = LinkPage { ui, token, link, form, errors: Errors::default(), done: None };
            web::html_with(StatusCode::GONE, &page)
        }
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = LinkPage { ui, token, link, form, errors, done: None };
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
