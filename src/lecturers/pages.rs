//! Pages of lecturers: the list with its export, the form.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, Find, Lecturer, LecturerInput, Line, STATES};
use crate::core::{Error, Msg, page::PageReq};
use crate::db::list::{EXPORT, Slice};
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/lecturers", list)
        .get("/lecturers/export", export)
        .get("/lecturers/new", new)
        .post("/lecturers", add)
        .get("/lecturers/:id/edit", edit)
        .post("/lecturers/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    state: Option<String>,
    region: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    STATES.into_iter().map(|s| (s.to_owned(), ui.t(&format!("lecturer-state-{s}")))).collect()
}

fn heads(ui: &Ui) -> Vec<Head> {
    let all = [
        ("lecturer-name", "name", false),
        ("lecturer-unit", "unit", false),
        ("lecturer-job-title", "", false),
        ("lecturer-expertise", "", false),
        ("lecturer-phone", "", false),
        ("lecturer-sessions", "", true),
        ("lecturer-hours", "", true),
        ("lecturer-state", "", false),
    ];
    all.into_iter().map(|(key, sort, number)| Head { label: ui.t(key), sort, number }).collect()
}

fn row(ui: &Ui, l: &Line) -> Vec<Cell> {
    let m = &l.lecturer;
    let kind = if m.state == "active" { "good" } else { "quiet" };
    vec![
        Cell::link(&m.name, format!("/lecturers/{}/edit", m.id)),
        Cell::text(&m.unit),
        Cell::text(&m.job_title),
        Cell::text(&m.expertise),
        Cell::text(&m.phone),
        Cell::number(l.sessions),
        Cell::text(ui.hours(&l.minutes)),
        Cell::badge(kind, ui.t(&format!("lecturer-state-{}", m.state))),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let find = Find {
        text: q.q.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::list(&ui.cx, ui.actor()?, &find, &sort, &slice).await?;
    Ok(ListView {
        title: ui.t("lecturer-title"),
        lead: ui.t("lecturer-lead"),
        path: "/lecturers",
        crumbs: vec![("/classes".to_owned(), ui.t("classes-title"))],
        tiles: Vec::new(),
        filters: vec![
            Filter::input("q", "search", ui.t("lecturer-find"), &find.text),
            Filter::choice(&ui, "state", ui.t("lecturer-state"), &find.state, states(&ui)),
            Filter::input("region", "text", ui.t("web-region"), &find.region),
        ],
        heads: heads(&ui),
        rows: page.items.iter().map(|l| row(&ui, l)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: vec![("/lecturers/new".to_owned(), ui.t("lecturer-new"))],
        export: "/lecturers/export",
        empty: (ui.t("lecturer-none"), ui.t("lecturer-none-hint")),
        ui,
    })
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    web::html(&view(ui, q, slice).await?)
}

#[handler]
async fn export(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let name = ui.t("lecturer-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    unit: String,
    job_title: String,
    expertise: String,
    phone: String,
    email: String,
    region_code: String,
    note: String,
    state: String,
    version: i64,
}

impl Typed {
    fn of(m: Lecturer) -> Self {
        Self {
            name: m.name,
            unit: m.unit,
            job_title: m.job_title,
            expertise: m.expertise,
            phone: m.phone,
            email: m.email,
            region_code: m.region_code,
            note: m.note,
            state: m.state,
            version: m.version,
        }
    }

    fn input(&self) -> LecturerInput {
        let t = self.clone();
        LecturerInput {
            name: t.name,
            unit: t.unit,
            job_title: t.job_title,
            expertise: t.expertise,
            phone: t.phone,
            email: t.email,
            region_code: t.region_code,
            note: t.note,
            state: t.state,
        }
    }
}

/// `id` 0 for a new one.
fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let fields = vec![
        input("name", "text", "lecturer-name", &t.name).required(),
        input("unit", "text", "lecturer-unit", &t.unit),
        input("job_title", "text", "lecturer-job-title", &t.job_title),
        input("expertise", "area", "lecturer-expertise", &t.expertise).hint(ui.t("lecturer-expertise-hint")),
        input("phone", "tel", "lecturer-phone", &t.phone),
        input("email", "email", "lecturer-email", &t.email),
        input("region_code", "text", "web-region", &t.region_code).hint(ui.t("lecturer-region-hint")),
        Field::choice("state", ui.t("lecturer-state"), &t.state, states(&ui)),
        input("note", "area", "lecturer-note", &t.note),
    ];
    let (title, action) = if id == 0 {
        (ui.t("lecturer-new"), "/lecturers".to_owned())
    } else {
        (ui.t("lecturer-edit"), format!("/lecturers/{id}"))
    };
    FormView {
        title,
        lead: String::new(),
        crumbs: vec![("/lecturers".to_owned(), ui.t("lecturer-title"))],
        action,
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[handler]
async fn new(ui: Ui) -> web::Result<Response> {
    web::html(&form(ui, 0, &Typed::default(), Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let m = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, id, &Typed::of(m), Errors::default()))
}

fn answer(ui: Ui, id: i64, t: &Typed, done: Result<Lecturer, Error>) -> web::Result<Response> {
    match done {
        Ok(_) => Ok(ui.see("/lecturers", &Msg::new("lecturer-saved"))),
        Err(e) => {
            let page = form(ui, id, t, Errors::from(e)?);
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    let done = ops::add(&ui.cx, ui.actor()?, t.input()).await;
    answer(ui, 0, &t, done)
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let done = ops::edit(&ui.cx, ui.actor()?, id, t.input(), t.version).await;
    answer(ui, id, &t, done)
}
