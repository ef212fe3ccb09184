//! Pages of organisations: the list with its figures and export, one, the form.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Organisations;
use super::ops::{self, Find, Organisation, OrganisationInput};
use super::rules::{Kind, STATES};
use crate::core::{Msg, page::PageReq};
use crate::db::list::{EXPORT, Slice};
use crate::importing::upload_page;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, RecordView, date, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/organisations", list)
        .get("/organisations/export", export)
        .get("/organisations/new", new)
        .post("/organisations", add)
        .get("/organisations/:id", one)
        .get("/organisations/:id/edit", edit)
        .post("/organisations/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    park: Option<String>,
    region: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

fn kinds(ui: &Ui) -> Vec<(String, String)> {
    Kind::ALL.into_iter().map(|k| (k.name().to_owned(), kind_text(ui, k.name()))).collect()
}

fn kind_text(ui: &Ui, kind: &str) -> String {
    ui.t(&format!("organisation-kind-{}", kind.replace('_', "-")))
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    STATES.into_iter().map(|s| (s.to_owned(), ui.t(&format!("organisation-state-{s}")))).collect()
}

fn heads(ui: &Ui) -> Vec<Head> {
    [
        ("organisation-name", "name"),
        ("organisation-credit-code", ""),
        ("organisation-kind", "kind"),
        ("organisation-town", "town"),
        ("organisation-registered-on", "registered_on"),
        ("organisation-authority", ""),
        ("organisation-head", ""),
        ("organisation-park", ""),
        ("organisation-state", ""),
    ]
    .into_iter()
    .map(|(key, sort)| Head { label: ui.t(key), sort, number: false })
    .collect()
}

fn state_badge(ui: &Ui, state: &str) -> Cell {
    let kind = match state {
        "active" => "good",
        "suspended" => "warn",
        _ => "quiet",
    };
    Cell::badge(kind, ui.t(&format!("organisation-state-{state}")))
}

fn row(ui: &Ui, m: &Organisation) -> Vec<Cell> {
    vec![
        Cell::link(&m.name, format!("/organisations/{}", m.id)),
        Cell::text(m.credit_code.clone().unwrap_or_default()),
        Cell::text(kind_text(ui, &m.kind)),
        Cell::text(&m.town),
        Cell::text(date(m.registered_on)),
        Cell::text(&m.authority),
        Cell::text(&m.head),
        Cell::text(&m.park),
        state_badge(ui, &m.state),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        kind: q.kind.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        park: q.park.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let counts = ops::count(ui.cx.read(), &who, &Find { kind: String::new(), ..find.clone() }).await?;
    let region = if find.region.is_empty() { String::new() } else { format!("&region={}", web::percent(&find.region)) };
    let of = |k: Kind| counts.get(k.name()).copied().unwrap_or(0);
    let tile = |k: Kind| {
        (
            kind_text(&ui, k.name()),
            of(k).to_string(),
            String::new(),
            format!("/organisations?kind={}{region}", k.name()),
        )
    };
    let all = (
        ui.t("organisation-count"),
        counts.values().sum::<i64>().to_string(),
        String::new(),
        format!("/organisations?{}", region.trim_start_matches('&')),
    );
    let parks = ops::parks(ui.cx.read(), &who).await?.into_iter().map(|p| (p.clone(), p));
    let mut filters = vec![
        Filter::input("q", "search", ui.t("organisation-find"), &find.text),
        Filter::choice(&ui, "kind", ui.t("organisation-kind"), &find.kind, kinds(&ui)),
        Filter::choice(&ui, "state", ui.t("organisation-state"), &find.state, states(&ui)),
        Filter::choice(&ui, "park", ui.t("organisation-park"), &find.park, parks),
        Filter::input("region", "text", ui.t("web-region"), &find.region),
    ];
    filters.retain(|f| f.name != "park" || f.options.len() > 1);
    let mut actions = Vec::new();
    actions.extend(upload_page(&Organisations, &who).map(|page| (page, ui.t("organisation-import"))));
    if ui.can("GET", "/organisations/new") {
        actions.push(("/organisations/new".to_owned(), ui.t("organisation-new")));
    }
    Ok(ListView {
        title: ui.t("organisation-title"),
        lead: ui.t("organisation-lead"),
        path: "/organisations",
        crumbs: Vec::new(),
        tiles: vec![all, tile(Kind::Association), tile(Kind::ServiceAgency)],
        filters,
        heads: heads(&ui),
        rows: page.items.iter().map(|m| row(&ui, m)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/organisations/export",
        empty: (ui.t("organisation-none"), ui.t("organisation-none-hint")),
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
    let name = ui.t("organisation-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

fn crumbs(ui: &Ui) -> Vec<(String, String)> {
    vec![("/organisations".to_owned(), ui.t("organisation-title"))]
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let m = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let code = &m.region_code;
    let names = crate::directory::ops::regions::names(ui.cx.read(), std::slice::from_ref(code)).await?;
    let fact = |key: &str, cell: Cell| (ui.t(key), cell);
    let mut facts = vec![
        fact("organisation-credit-code", Cell::text(m.credit_code.clone().unwrap_or_default())),
        fact("organisation-kind", Cell::text(kind_text(&ui, &m.kind))),
        fact("web-region", Cell::text(names.get(code).unwrap_or(code))),
        fact("organisation-town", Cell::text(&m.town)),
        fact("organisation-registered-on", Cell::text(date(m.registered_on))),
        fact("organisation-authority", Cell::text(&m.authority)),
        fact("organisation-park", Cell::text(&m.park)),
    ];
    if ui.actor()?.sees_identities() {
        facts.push(fact("organisation-head", Cell::text(&m.head)));
        facts.push(fact("organisation-phone", Cell::text(&m.phone)));
    }
    let mut actions = Vec::new();
    for (path, key) in [("/employments", "organisation-staff"), ("/projects", "organisation-projects")] {
        if ui.can("GET", path) {
            actions.push((format!("{path}?organisation={id}"), ui.t(key)));
        }
    }
    if ui.can("GET", "/organisations/1/edit") {
        actions.push((format!("/organisations/{id}/edit"), ui.t("organisation-edit")));
    }
    let state = state_badge(&ui, &m.state);
    web::html(&RecordView {
        title: m.name,
        badge: (state.badge, state.text),
        crumbs: crumbs(&ui),
        actions,
        tiles: Vec::new(),
        facts,
        note: m.note,
        sections: Vec::new(),
        ui,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    credit_code: String,
    name: String,
    kind: String,
    state: String,
    county_code: String,
    town: String,
    authority: String,
    head: String,
    phone: String,
    park: String,
    note: String,
    registered_on: String,
    version: i64,
}

impl Typed {
    fn of(m: Organisation) -> Self {
        Self {
            credit_code: m.credit_code.unwrap_or_default(),
            name: m.name,
            kind: m.kind,
            state: m.state,
            county_code: m.county_code,
            town: m.town,
            authority: m.authority,
            head: m.head,
            phone: m.phone,
            park: m.park,
            note: m.note,
            registered_on: date(m.registered_on),
            version: m.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> OrganisationInput {
        let t = self.clone();
        OrganisationInput {
            registered_on: read_date(errors, "registered_on", &t.registered_on),
            credit_code: t.credit_code,
            name: t.name,
            kind: t.kind,
            state: t.state,
            county_code: t.county_code,
            town: t.town,
            authority: t.authority,
            head: t.head,
            phone: t.phone,
            park: t.park,
            note: t.note,
        }
    }
}

/// `id` 0 for a new one.
fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let fields = vec![
        input("name", "text", "organisation-name", &t.name).required(),
        Field::choice("kind", ui.t("organisation-kind"), &t.kind, kinds(&ui)),
        input("credit_code", "text", "organisation-credit-code", &t.credit_code)
            .hint(ui.t("organisation-credit-code-hint")),
        Field::choice("state", ui.t("organisation-state"), &t.state, states(&ui)),
        input("registered_on", "date", "organisation-registered-on", &t.registered_on),
        input("county_code", "text", "web-region", &t.county_code).hint(ui.t("region-code-hint")),
        input("town", "text", "organisation-town", &t.town),
        input("authority", "text", "organisation-authority", &t.authority),
        input("head", "text", "organisation-head", &t.head),
        input("phone", "tel", "organisation-phone", &t.phone),
        input("park", "text", "organisation-park", &t.park),
        input("note", "area", "organisation-note", &t.note),
    ];
    let (title, action) = if id == 0 {
        (ui.t("organisation-new"), "/organisations".to_owned())
    } else {
        (ui.t("organisation-edit"), format!("/organisations/{id}"))
    };
    FormView {
        title,
        lead: String::new(),
        crumbs: crumbs(&ui),
        action,
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[handler]
async fn new(ui: Ui) -> web::Result<Response> {
    let county_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let typed = Typed { county_code, kind: Kind::Association.name().to_owned(), ..Typed::default() };
    web::html(&form(ui, 0, &typed, Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let m = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, id, &Typed::of(m), Errors::default()))
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
            Ok(m) => {
                let notice = Msg::new("organisation-saved").with("name", m.name);
                return Ok(ui.see(&format!("/organisations/{}", m.id), &notice));
            }
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors))
}
