//! The screen in the classroom with its code, and what a phone that reads the code is shown.

use askama::Template;
use poem::http::header;
use poem::web::Path;
use poem::{Request, Response, handler};
use serde::Deserialize;

use super::super::config;
use super::super::ops::{self, ClassView, Passed, Read, SessionView, Shown};
use super::super::rules::code::Way;
use crate::core::{Error, Msg};
use crate::practicum::rules::show_time;
use crate::web::ui::{cookie, read_cookie};
use crate::web::{self, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/class-sessions/:id/screen", screen)
        .get("/attend/:token", read_code)
        .get("/attend", confirm)
        .post("/attend", attend)
}

/// Keeps the pass in the browser that read the code: it cannot be sent on like an address.
const PASS_COOKIE: &str = "yz_attend";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    way: String,
}

/// It loads itself anew when the code changes; no script is needed.
#[derive(Template)]
#[template(path = "classes/pages/screen.html")]
struct ScreenPage {
    ui: Ui,
    class: ClassView,
    session: SessionView,
    slot: String,
    way: Way,
    shown: Shown,
    picture: String,
}

impl ScreenPage {
    fn where_when(&self) -> String {
        super::session::where_when(&self.session)
    }

    fn is_in(&self) -> bool {
        self.way == Way::In
    }

    fn count(&self) -> String {
        let n = if self.is_in() { self.shown.signed_in } else { self.shown.signed_out };
        self.ui.ta("classes-screen-count", &[("n", n.to_string()), ("people", self.shown.people.to_string())])
    }
}

#[handler]
async fn screen(ui: Ui, Path(id): Path<i64>, Query(asked): Query<Asked>) -> web::Result<Response> {
    let way = Way::parse(&asked.way).unwrap_or(Way::In);
    let who = ui.actor()?;
    let shown = ops::code(&ui.cx, who, id, way).await?;
    let (class_id, session, _) = ops::attendance_of(ui.cx.read(), who, id).await?;
    let class = ops::class_view(ui.cx.read(), who, class_id).await?;
    let slot = ui.t(&format!("classes-slot-{}", session.slot));
    let picture = web::qr::svg(&format!("{}/attend/{}", ui.cx.settings.public_url(), shown.token));
    web::html(&ScreenPage { ui, class, session, slot, way, shown, picture })
}

/// Where a camera leads: the code is changed for a pass, and the phone goes on to sign in to the site if it must.
#[handler]
async fn read_code(ui: Ui, Path(token): Path<String>) -> web::Result<Response> {
    let pass = ops::pass(&ui.cx, &token)?;
    let mut response = web::redirect("/attend");
    let age = config::of(&ui.cx)?.code.login_minutes * 60;
    if let Ok(v) = cookie(PASS_COOKIE, &pass, &ui.cx.settings, Some(age)).parse() {
        response.headers_mut().append(header::SET_COOKIE, v);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "classes/pages/attend.html")]
struct AttendPage {
    ui: Ui,
    passed: Passed,
    slot: String,
    done: Option<Read>,
}

impl AttendPage {
    fn time(&self, minute: &Option<i64>) -> String {
        minute.map(show_time).unwrap_or_default()
    }

    fn button(&self) -> String {
        self.ui.t(&format!("classes-attend-{}", self.passed.way.name()))
    }

    fn state_text(&self, r: &Read) -> String {
        self.ui.t(&format!("classes-attendance-{}", r.state.name().replace('_', "-")))
    }

    fn head(&self, r: &Read) -> String {
        let key = match (r.again, r.way) {
            (true, _) => "classes-attend-again",
            (false, Way::In) => "classes-attend-done-in",
            (false, Way::Out) => "classes-attend-done-out",
        };
        self.ui.t(key)
    }
}

fn kept(req: &Request) -> Result<String, Error> {
    read_cookie(req, PASS_COOKIE).ok_or_else(|| Error::Conflict(Msg::new("classes-code-over")))
}

async fn page(ui: Ui, pass: &str, done: Option<Read>) -> web::Result<Response> {
    let passed = ops::passed(&ui.cx, ui.actor()?, pass).await?;
    let slot = ui.t(&format!("classes-slot-{}", passed.session.slot));
    web::html(&AttendPage { ui, passed, slot, done })
}

#[handler]
async fn confirm(ui: Ui, req: &Request) -> web::Result<Response> {
    let pass = kept(req)?;
    page(ui, &pass, None).await
}

#[derive(Debug, Deserialize)]
struct Nothing {}

#[handler]
async fn attend(ui: Ui, req: &Request, _form: Form<Nothing>) -> web::Result<Response> {
    let pass = kept(req)?;
    let done = ops::attend(&ui.cx, ui.actor()?, &pass).await?;
    page(ui, &pass, Some(done)).await
}
