//! Asking for a place by the link, on a phone, with or without an account.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::request::{self, Applicant, Joining};
use crate::people::rules::id_type::IdType;
use crate::web::{self, Errors, Form, Pages, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/join/:token", show).post("/join/:token", ask)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct JoinForm {
    name: String,
    id_type: String,
    id_no: String,
    phone: String,
    email: String,
    unit: String,
    note: String,
    /// A signed-in person asks for themselves.
    own: String,
}

#[derive(Template)]
#[template(path = "classes/pages/join.html")]
struct JoinPage {
    ui: Ui,
    token: String,
    joining: Joining,
    form: JoinForm,
    id_types: Vec<(String, String)>,
    errors: Errors,
    done: bool,
}

impl JoinPage {
    /// Whether the visitor is signed in as somebody who can ask for themselves.
    fn is_own(&self) -> bool {
        self.ui.who().is_some_and(|w| w.person_id.is_some())
    }

    fn places(&self) -> String {
        let j = &self.joining;
        let free = j.class.capacity.map(|c| (c - j.people).max(0));
        match free {
            None => self.ui.t("classes-join-open"),
            Some(0) => self.ui.t1("classes-join-waits", "waiting", j.waiting),
            Some(n) => self.ui.t1("classes-join-free", "n", n),
        }
    }
}

async fn page(ui: Ui, token: String, form: JoinForm, errors: Errors, done: bool) -> web::Result<JoinPage> {
    let joining = request::joining(&ui.cx, &token).await?;
    let id_types = IdType::all()
        .map(|t| (t.code().to_owned(), ui.t(&format!("people-id-type-{}", t.code().replace('_', "-")))))
        .collect();
    Ok(JoinPage { ui, token, joining, form, id_types, errors, done })
}

#[handler]
async fn show(ui: Ui, Path(token): Path<String>) -> web::Result<Response> {
    web::html(&page(ui, token, JoinForm::default(), Errors::default(), false).await?)
}

#[handler]
async fn ask(ui: Ui, Path(token): Path<String>, Form(form): Form<JoinForm>) -> web::Result<Response> {
    let done = match ui.who().filter(|w| w.person_id.is_some() && form.own == "1") {
        Some(who) => request::ask_own(&ui.cx, who, &token, &form.note).await,
        None => {
            let f = form.clone();
            let input = Applicant {
                name: f.name,
                id_type: f.id_type,
                id_no: f.id_no,
                phone: f.phone,
                email: f.email,
                unit: f.unit,
                note: f.note,
            };
            request::ask(&ui.cx, &token, &input).await
        }
    };
    match done {
        // The answer is the same whether the person was on record, had asked before, or is new.
        Ok(()) => web::html(&page(ui, token, JoinForm::default(), Errors::default(), true).await?),
        Err(e) => {
            let page = page(ui, token, form, Errors::from(e)?, false).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
