//! The people of a class on one page: requests to be answered, the waiting list, those who can be added, who is in it,
//! and the link by which people ask for a place themselves.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::request::{self, Answer, RequestView};
use super::super::ops::{self, ClassView, Member};
use super::badge;
use crate::core::Msg;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/classes/:id/people", show)
        .post("/classes/:id/people", add)
        .post("/classes/:id/join-link", switch_link)
        .post("/class-requests/:id", decide)
        .post("/class-enrolments/:id", withdraw)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "classes/pages/people.html")]
struct PeoplePage {
    ui: Ui,
    class: ClassView,
    requests: Vec<RequestView>,
    members: Vec<Member>,
    candidates: Vec<(i64, String, String)>,
    q: String,
    /// The whole address of the link, and its picture.
    link: Option<(String, String)>,
    errors: Errors,
    /// The request whose answer was refused, and the reason typed.
    wrong: (i64, String),
}

impl PeoplePage {
    fn of_state(&self, state: &str) -> Vec<&RequestView> {
        self.requests.iter().filter(|r| r.state == state).collect()
    }

    fn answered(&self) -> Vec<&RequestView> {
        self.requests.iter().filter(|r| !["asked", "waiting"].contains(&r.state.as_str())).collect()
    }

    fn state_text(&self, kind: &str, state: &str) -> String {
        self.ui.t(&format!("classes-{kind}-{state}"))
    }

    fn reason(&self, r: &RequestView) -> &str {
        if self.wrong.0 == r.id { &self.wrong.1 } else { "" }
    }

    fn error(&self, r: &RequestView) -> String {
        if self.wrong.0 == r.id { self.errors.of(&self.ui, "reason") } else { String::new() }
    }

    fn places(&self) -> String {
        let capacity = self.class.capacity.map_or_else(|| self.ui.t("classes-no-limit"), |c| c.to_string());
        self.ui.ta("classes-places", &[("people", self.class.people.to_string()), ("capacity", capacity)])
    }
}

async fn page(ui: Ui, id: i64, q: String, errors: Errors, wrong: (i64, String)) -> web::Result<PeoplePage> {
    let who = ui.actor()?;
    let db = ui.cx.read();
    let class = ops::class_view(db, who, id).await?;
    let requests = request::requests(db, who, id).await?;
    let members = ops::members_of(db, who, id).await?;
    let candidates = ops::candidates(db, who, id, &q).await?;
    let link = request::join_token(&ui.cx, id, &class.join_key).map(|token| {
        let address = format!("{}/join/{token}", ui.cx.settings.public_url());
        let picture = web::qr::svg(&address);
        (address, picture)
    });
    Ok(PeoplePage { ui, class, requests, members, candidates, q, link, errors, wrong })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(asked): Query<Asked>) -> web::Result<Response> {
    web::html(&page(ui, id, asked.q, Errors::default(), (0, String::new())).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AddForm {
    person: Vec<i64>,
}

#[handler]
async fn add(ui: Ui, Path(id): Path<i64>, Form(form): Form<AddForm>) -> web::Result<Response> {
    let (seated, waiting) = request::queue(&ui.cx, ui.actor()?, id, &form.person).await?;
    let notice = Msg::new("classes-queued").with("seated", seated).with("waiting", waiting);
    Ok(ui.see(&format!("/classes/{id}/people"), &notice))
}

#[derive(Debug, Deserialize)]
struct LinkForm {
    version: i64,
    on: String,
}

#[handler]
async fn switch_link(ui: Ui, Path(id): Path<i64>, Form(form): Form<LinkForm>) -> web::Result<Response> {
    request::join_link(&ui.cx, ui.actor()?, id, form.version, form.on == "1").await?;
    Ok(ui.see(&format!("/classes/{id}/people#link"), &Msg::new("classes-saved")))
}

#[derive(Debug, Deserialize)]
struct DecideForm {
    version: i64,
    class: i64,
    answer: String,
    #[serde(default)]
    reason: String,
}

#[handler]
async fn decide(ui: Ui, Path(id): Path<i64>, Form(form): Form<DecideForm>) -> web::Result<Response> {
    let who = ui.actor()?;
    let state = match form.answer.as_str() {
        "leave" => request::leave(&ui.cx, who, id, form.version).await.map(|()| "left".to_owned()),
        word => {
            let answer = if word == "refuse" { Answer::Refuse } else { Answer::Accept };
            request::answer(&ui.cx, who, id, form.version, answer, &form.reason).await.map(|r| r.state)
        }
    };
    match state {
        Ok(state) => {
            let back = if ui.is_staff() { format!("/classes/{}/people", form.class) } else { "/classes".to_owned() };
            Ok(ui.see(&back, &Msg::new(&format!("classes-request-now-{state}"))))
        }
        Err(e) => {
            if !ui.is_staff() {
                return Err(e.into());
            }
            let page = page(ui, form.class, String::new(), Errors::from(e)?, (id, form.reason)).await?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Debug, Deserialize)]
struct WithdrawForm {
    version: i64,
    class: i64,
    back: String,
}

#[handler]
async fn withdraw(ui: Ui, Path(id): Path<i64>, Form(form): Form<WithdrawForm>) -> web::Result<Response> {
    ops::withdraw(&ui.cx, ui.actor()?, id, form.version, form.back == "1").await?;
    Ok(ui.see(&format!("/classes/{}/people", form.class), &Msg::new("classes-saved")))
}
