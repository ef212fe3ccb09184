//! Pages of employments: the list with its export, the form, looking again for workplaces.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Staff;
use super::ops::{self, EmploymentInput, EmploymentRow, Find};
use super::rules::{HOURS, Kind};
use crate::core::Msg;
use crate::core::page::PageReq;
use crate::db::list::{EXPORT, Slice};
use crate::importing::upload_page;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, date, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/employments", list)
        .get("/employments/export", export)
        .get("/employments/new", new)
        .post("/employments", add)
        .post("/employments/link", link)
        .get("/employments/:id", edit)
        .post("/employments/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    kind: Option<String>,
    hours: Option<String>,
    certified: Option<String>,
    current: Option<String>,
    unlinked: Option<String>,
    region: Option<String>,
    organisation: Option<i64>,
    station: Option<i64>,
    sort: Option<String>,
    after: Option<String>,
}

fn kind_text(ui: &Ui, kind: &str) -> String {
    ui.t(&format!("employment-kind-{}", kind.replace('_', "-")))
}

fn kinds(ui: &Ui) -> Vec<(String, String)> {
    Kind::ALL.into_iter().map(|k| (k.name().to_owned(), kind_text(ui, k.name()))).collect()
}

fn hours_text(ui: &Ui, hours: &str) -> String {
    ui.t(&format!("employment-hours-{}", hours.replace('_', "-")))
}

fn hours(ui: &Ui) -> Vec<(String, String)> {
    HOURS.into_iter().map(|h| (h.to_owned(), hours_text(ui, h))).collect()
}

fn yes_no(word: Option<&str>) -> Option<bool> {
    match word {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    }
}

fn row(ui: &Ui, m: &EmploymentRow) -> Vec<Cell> {
    let place = match (m.station_id, m.organisation_id) {
        (Some(id), _) => Cell::link(&m.workplace, format!("/stations/{id}")),
        (None, Some(id)) => Cell::link(&m.workplace, format!("/organisations/{id}")),
        (None, None) => Cell::text(&m.workplace),
    };
    let certified = if m.on_record() {
        Cell::badge("good", ui.t("employment-certified-on-record"))
    } else if m.is_certified() {
        Cell::badge("info", ui.t("employment-certified-declared"))
    } else {
        Cell::default()
    };
    vec![
        Cell::link(format!("{} …{}", m.person_name, m.id_tail), format!("/people/{}", m.person_id)),
        Cell::text(kind_text(ui, &m.kind)),
        place,
        Cell::text(&m.job_title),
        Cell::text(hours_text(ui, &m.hours)),
        Cell::text(date(m.starts_on)),
        Cell::text(date(m.ends_on)),
        certified,
        Cell::link(ui.t("employment-edit"), format!("/employments/{}", m.id)),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let word = |w: &Option<String>| w.clone().unwrap_or_default();
    let find = Find {
        text: word(&q.q),
        kind: word(&q.kind),
        hours: word(&q.hours),
        region: word(&q.region),
        organisation: q.organisation,
        station: q.station,
        person: None,
        certified: yes_no(q.certified.as_deref()),
        current: yes_no(q.current.as_deref()),
        unlinked: q.unlinked.as_deref() == Some("yes"),
    };
    let sort = word(&q.sort);
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let counts = ops::counts(&ui.cx, &who, &find).await?;
    let tile = |key: &str, n: i64| (ui.t(key), n.to_string(), String::new(), String::new());
    let words = |pairs: [(&str, &str); 2]| pairs.map(|(v, key)| (v.to_owned(), ui.t(key)));
    let mut filters = vec![
        Filter::input("q", "search", ui.t("employment-find"), &find.text),
        Filter::choice(&ui, "kind", ui.t("employment-kind"), &find.kind, kinds(&ui)),
        Filter::choice(&ui, "hours", ui.t("employment-hours"), &find.hours, hours(&ui)),
        Filter::choice(
            &ui,
            "certified",
            ui.t("employment-certified"),
            &word(&q.certified),
            words([("yes", "web-yes"), ("no", "web-no")]),
        ),
        Filter::choice(
            &ui,
            "current",
            ui.t("employment-current"),
            &word(&q.current),
            words([("yes", "employment-now"), ("no", "employment-past")]),
        ),
        Filter::choice(
            &ui,
            "unlinked",
            ui.t("employment-unlinked"),
            &word(&q.unlinked),
            [("yes".to_owned(), ui.t("web-yes"))],
        ),
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
    let actions = upload_page(&Staff, &who).map(|page| (page, ui.t("employment-import"))).into_iter().collect();
    let heads = [
        ("employment-person", "name"),
        ("employment-kind", "kind"),
        ("employment-workplace", "workplace"),
        ("employment-job-title", ""),
        ("employment-hours", ""),
        ("employment-starts-on", "starts_on"),
        ("employment-ends-on", ""),
        ("employment-certified", ""),
        ("web-actions", ""),
    ];
    Ok(ListView {
        title: ui.t("employment-title"),
        lead: ui.t("employment-lead"),
        path: "/employments",
        crumbs: Vec::new(),
        tiles: vec![
            tile("employment-people", counts.people),
            tile("employment-certified", counts.certified),
            tile("employment-certified-on-record", counts.on_record),
        ],
        filters,
        heads: heads.into_iter().map(|(key, sort)| Head { label: ui.t(key), sort, number: false }).collect(),
        rows: page.items.iter().map(|m| row(&ui, m)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/employments/export",
        empty: (ui.t("employment-none"), ui.t("employment-none-hint")),
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
    let name = ui.t("employment-title");
    let mut all = view(ui, q, Slice { after: None, limit: EXPORT }).await?;
    // The last column leads to the form.
    all.heads.pop();
    for row in &mut all.rows {
        row.pop();
    }
    all.download(&name)
}

#[handler]
async fn link(ui: Ui, Form(_): Form<std::collections::HashMap<String, String>>) -> web::Result<Response> {
    let n = ops::link(&ui.cx, ui.actor()?).await?;
    Ok(ui.see("/employments?unlinked=yes", &Msg::new("employment-linked").with("n", n)))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    person: i64,
    workplace: String,
    county_code: String,
    kind: String,
    hours: String,
    job_title: String,
    note: String,
    starts_on: String,
    ends_on: String,
    version: i64,
}

/// `id` 0 for a new one.
fn form(ui: Ui, id: i64, name: &str, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = vec![
        input("workplace", "text", "employment-workplace", &t.workplace)
            .hint(ui.t("employment-workplace-hint"))
            .required(),
        Field::choice("kind", ui.t("employment-kind"), &t.kind, kinds(&ui)),
        Field::choice("hours", ui.t("employment-hours"), &t.hours, hours(&ui)),
        input("job_title", "text", "employment-job-title", &t.job_title),
        input("starts_on", "date", "employment-starts-on", &t.starts_on),
        input("ends_on", "date", "employment-ends-on", &t.ends_on),
        input("county_code", "text", "web-region", &t.county_code).hint(ui.t("region-code-hint")),
        input("note", "area", "employment-note", &t.note),
    ];
    if id == 0 {
        fields.insert(0, input("person", "number", "employment-person-no", &t.person.to_string()).required());
    }
    FormView {
        title: if id == 0 { ui.t("employment-new") } else { ui.t1("employment-of", "name", name) },
        lead: String::new(),
        crumbs: vec![("/employments".to_owned(), ui.t("employment-title"))],
        action: if id == 0 { "/employments".to_owned() } else { format!("/employments/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    person: Option<i64>,
}

#[handler]
async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let county_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let kind = Kind::Recruited.name().to_owned();
    let typed = Typed { person: q.person.unwrap_or_default(), county_code, kind, ..Typed::default() };
    web::html(&form(ui, 0, "", &typed, Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let m = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let typed = Typed {
        person: m.person_id,
        workplace: m.workplace,
        county_code: m.county_code,
        kind: m.kind,
        hours: m.hours,
        job_title: m.job_title,
        note: m.note,
        starts_on: date(m.starts_on),
        ends_on: date(m.ends_on),
        version: m.version,
    };
    web::html(&form(ui, id, &m.person_name, &typed, Errors::default()))
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
    let input = EmploymentInput {
        workplace: t.workplace.clone(),
        county_code: t.county_code.clone(),
        kind: t.kind.clone(),
        hours: t.hours.clone(),
        job_title: t.job_title.clone(),
        note: t.note.clone(),
        starts_on: read_date(&mut errors, "starts_on", &t.starts_on),
        ends_on: read_date(&mut errors, "ends_on", &t.ends_on),
    };
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match id {
            0 => ops::add(&ui.cx, who, t.person, input).await,
            id => ops::edit(&ui.cx, who, id, input, t.version).await,
        };
        match done {
            Ok(m) => return Ok(ui.see("/employments", &Msg::new("employment-saved").with("workplace", m.workplace))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, "", &t, errors))
}
