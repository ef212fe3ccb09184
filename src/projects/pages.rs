//! Pages of projects: the list with its export, one, the form.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Projects;
use super::ops::{self, Find, Project, ProjectInput, ProjectView};
use super::rules::STATES;
use crate::core::page::PageReq;
use crate::core::{Msg, Role};
use crate::db::list::{EXPORT, Slice};
use crate::importing::upload_page;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, RecordView, date, read_count, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/projects", list)
        .get("/projects/export", export)
        .get("/projects/new", new)
        .post("/projects", add)
        .get("/projects/:id", one)
        .get("/projects/:id/edit", edit)
        .post("/projects/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    beneficiary: Option<String>,
    state: Option<String>,
    region: Option<String>,
    organisation: Option<i64>,
    station: Option<i64>,
    sort: Option<String>,
    after: Option<String>,
}

fn state_text(ui: &Ui, state: &str) -> String {
    ui.t(&format!("project-state-{}", state.replace('_', "-")))
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    STATES.into_iter().map(|s| (s.to_owned(), state_text(ui, s))).collect()
}

fn state_badge(ui: &Ui, state: &str) -> Cell {
    let kind = match state {
        "under_way" => "good",
        "planned" => "info",
        _ => "quiet",
    };
    Cell::badge(kind, state_text(ui, state))
}

fn place(p: &Project) -> Cell {
    match (p.station_id, p.organisation_id) {
        (Some(id), _) => Cell::link(&p.workplace, format!("/stations/{id}")),
        (None, Some(id)) => Cell::link(&p.workplace, format!("/organisations/{id}")),
        (None, None) => Cell::text(&p.workplace),
    }
}

fn row(ui: &Ui, v: &ProjectView) -> Vec<Cell> {
    let p = &v.project;
    vec![
        Cell::link(&p.name, format!("/projects/{}", p.id)),
        Cell::text(&p.code),
        Cell::text(&p.beneficiary),
        place(p),
        Cell::text(date(p.starts_on)),
        Cell::text(date(p.ends_on)),
        Cell::text(&p.head),
        Cell::maybe(p.target_times),
        Cell::number(v.reached.person_times),
        state_badge(ui, &p.state),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        beneficiary: q.beneficiary.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
        organisation: q.organisation,
        station: q.station,
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let n = ops::count(ui.cx.read(), &who, &find).await?;
    let mut filters = vec![
        Filter::input("q", "search", ui.t("project-find"), &find.text),
        Filter::input("beneficiary", "text", ui.t("project-beneficiary"), &find.beneficiary),
        Filter::choice(&ui, "state", ui.t("project-state"), &find.state, states(&ui)),
        Filter::input("region", "text", ui.t("web-region"), &find.region),
    ];
    for (name, id, key) in [
        ("organisation", q.organisation, "employment-organisation-no"),
        ("station", q.station, "employment-station-no"),
    ] {
        if let Some(id) = id {
            filters.push(Filter::input(name, "number", ui.t(key), &id.to_string()));
        }
    }
    let mut actions = Vec::new();
    actions.extend(upload_page(&Projects, &who).map(|page| (page, ui.t("project-import"))));
    if who.is(&[Role::Administrator]) {
        actions.push(("/projects/new".to_owned(), ui.t("project-new")));
    }
    let heads = [
        ("project-name", "name", false),
        ("project-code", "code", false),
        ("project-beneficiary", "beneficiary", false),
        ("project-workplace", "workplace", false),
        ("project-starts-on", "starts_on", false),
        ("project-ends-on", "", false),
        ("project-head", "", false),
        ("project-target-times", "target_times", true),
        ("project-person-times", "", true),
        ("project-state", "", false),
    ];
    Ok(ListView {
        title: ui.t("project-title"),
        lead: ui.t("project-lead"),
        path: "/projects",
        crumbs: Vec::new(),
        tiles: vec![(ui.t("project-count"), n.to_string(), String::new(), String::new())],
        filters,
        heads: heads.into_iter().map(|(key, sort, number)| Head { label: ui.t(key), sort, number }).collect(),
        rows: page.items.iter().map(|v| row(&ui, v)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/projects/export",
        empty: (ui.t("project-none"), ui.t("project-none-hint")),
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
    let name = ui.t("project-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

fn crumbs(ui: &Ui) -> Vec<(String, String)> {
    vec![("/projects".to_owned(), ui.t("project-title"))]
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let v = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let (p, r) = (v.project, v.reached);
    let tile = |key: &str, n: i64, target: Option<i64>, href: String| {
        let note = target.map(|t| ui.t1("project-of-target", "target", t)).unwrap_or_default();
        (ui.t(key), n.to_string(), note, href)
    };
    let records = format!("/service-records?project={id}");
    let tiles = vec![
        tile("project-person-times", r.person_times, p.target_times, String::new()),
        tile("project-activities", r.activities, p.target_activities, records.clone()),
        tile("project-households", r.households, p.target_households, records),
    ];
    let mut facts = vec![
        (ui.t("project-code"), Cell::text(&p.code)),
        (ui.t("project-beneficiary"), Cell::text(&p.beneficiary)),
        (ui.t("project-workplace"), place(&p)),
        (ui.t("project-starts-on"), Cell::text(date(p.starts_on))),
        (ui.t("project-ends-on"), Cell::text(date(p.ends_on))),
    ];
    if ui.actor()?.sees_identities() {
        facts.push((ui.t("project-head"), Cell::text(&p.head)));
    }
    let mut actions = Vec::new();
    if ui.can("GET", "/projects/1/edit") {
        actions.push((format!("/projects/{id}/edit"), ui.t("project-edit")));
    }
    let state = state_badge(&ui, &p.state);
    web::html(&RecordView {
        title: p.name,
        badge: (state.badge, state.text),
        crumbs: crumbs(&ui),
        actions,
        tiles,
        facts,
        note: p.note,
        sections: Vec::new(),
        ui,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
    name: String,
    county_code: String,
    beneficiary: String,
    workplace: String,
    head: String,
    note: String,
    state: String,
    starts_on: String,
    ends_on: String,
    target_times: String,
    target_activities: String,
    target_households: String,
    version: i64,
}

impl Typed {
    fn of(p: Project) -> Self {
        let n = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        Self {
            code: p.code,
            name: p.name,
            county_code: p.county_code,
            beneficiary: p.beneficiary,
            workplace: p.workplace,
            head: p.head,
            note: p.note,
            state: p.state,
            starts_on: date(p.starts_on),
            ends_on: date(p.ends_on),
            target_times: n(p.target_times),
            target_activities: n(p.target_activities),
            target_households: n(p.target_households),
            version: p.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> ProjectInput {
        let t = self.clone();
        ProjectInput {
            starts_on: read_date(errors, "starts_on", &t.starts_on),
            ends_on: read_date(errors, "ends_on", &t.ends_on),
            target_times: read_count(errors, "target_times", &t.target_times),
            target_activities: read_count(errors, "target_activities", &t.target_activities),
            target_households: read_count(errors, "target_households", &t.target_households),
            code: t.code,
            name: t.name,
            county_code: t.county_code,
            beneficiary: t.beneficiary,
            workplace: t.workplace,
            head: t.head,
            note: t.note,
            state: t.state,
        }
    }
}

/// `id` 0 for a new one.
fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let fields = vec![
        input("code", "text", "project-code", &t.code).hint(ui.t("project-code-hint")).required(),
        input("name", "text", "project-name", &t.name).required(),
        input("beneficiary", "text", "project-beneficiary", &t.beneficiary),
        input("workplace", "text", "project-workplace", &t.workplace).hint(ui.t("employment-workplace-hint")),
        input("starts_on", "date", "project-starts-on", &t.starts_on),
        input("ends_on", "date", "project-ends-on", &t.ends_on),
        input("head", "text", "project-head", &t.head),
        Field::choice("state", ui.t("project-state"), &t.state, states(&ui)),
        input("target_times", "number", "project-target-times", &t.target_times),
        input("target_activities", "number", "project-target-activities", &t.target_activities),
        input("target_households", "number", "project-target-households", &t.target_households),
        input("county_code", "text", "web-region", &t.county_code).hint(ui.t("region-code-hint")),
        input("note", "area", "project-note", &t.note),
    ];
    FormView {
        title: ui.t(if id == 0 { "project-new" } else { "project-edit" }),
        lead: String::new(),
        crumbs: crumbs(&ui),
        action: if id == 0 { "/projects".to_owned() } else { format!("/projects/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[handler]
async fn new(ui: Ui) -> web::Result<Response> {
    let county_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    web::html(&form(ui, 0, &Typed { county_code, state: "under_way".into(), ..Typed::default() }, Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let v = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, id, &Typed::of(v.project), Errors::default()))
}

#[handler]
async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, 0, t).await
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, id, t).await
}

async fn save(ui: Ui, id: i64, t: Typed) -> web::Result<Response> {
    let mut errors = Errors::default();
    let input = t.input(&mut errors);
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match id {
            0 => ops::add(&ui.cx, who, input).await,
            id => ops::edit(&ui.cx, who, id, input, t.version).await,
        };
        match done {
            Ok(p) => return Ok(ui.see(&format!("/projects/{}", p.id), &Msg::new("project-saved").with("name", p.name))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors))
}
