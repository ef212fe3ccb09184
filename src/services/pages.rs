//! Pages of service: the records with their export and form, the figures, the overview and what stands behind it.

mod figures;
mod form;
mod overview;

use chrono::NaiveDate;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Services;
use super::kinds::{self, ServiceKinds};
use super::ops::{self, Find, ServiceRow};
use crate::core::Role;
use crate::core::page::PageReq;
use crate::db::list::{EXPORT, Slice};
use crate::importing::upload_page;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::{self, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/service-records", list)
        .get("/service-records/export", export)
        .get("/service-records/new", form::new)
        .post("/service-records", form::add)
        .get("/service-records/:id", form::edit)
        .post("/service-records/:id", form::change)
        .get("/service-figures", figures::show)
        .get("/service-figures/export", figures::export)
        .get("/figures", overview::show)
        .get("/figures/full-time", overview::full_time)
        .get("/figures/full-time/export", overview::full_time_export)
        .get("/figures/hours", overview::hours)
        .get("/figures/hours/export", overview::hours_export)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    kind: Option<String>,
    beneficiary: Option<String>,
    region: Option<String>,
    station: Option<i64>,
    project: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    measure: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

/// A day in an address; what is none narrows nothing.
fn day(text: Option<&str>) -> Option<NaiveDate> {
    text.and_then(|t| t.trim().parse().ok())
}

fn kind_options(ui: &Ui, kinds: &ServiceKinds) -> Vec<(String, String)> {
    kinds.all.iter().map(|k| (k.code.clone(), k.name.text(ui.lang()).to_owned())).collect()
}

fn head(ui: &Ui, (key, sort, number): (&str, &'static str, bool)) -> Head {
    Head { label: ui.t(key), sort, number }
}

fn row(ui: &Ui, kinds: &ServiceKinds, r: &ServiceRow, edit: bool) -> Vec<Cell> {
    let no = r.record_no.clone().unwrap_or_else(|| r.id.to_string());
    vec![
        if edit { Cell::link(no, format!("/service-records/{}", r.id)) } else { Cell::text(no) },
        Cell::text(r.served_on.to_string()),
        Cell::link(&r.station, format!("/stations/{}", r.station_id)),
        Cell::text(&r.town),
        Cell::text(kinds.text(&r.kind, ui.lang())),
        Cell::text(&r.beneficiary),
        Cell::number(r.households),
        Cell::number(r.hardship),
        Cell::number(r.activities),
        Cell::number(r.person_times),
        Cell::text(&r.recorder),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        kind: q.kind.unwrap_or_default(),
        beneficiary: q.beneficiary.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
        station: q.station,
        project: q.project,
        from: day(q.from.as_deref()),
        to: day(q.to.as_deref()),
        measure: q.measure.unwrap_or_default(),
    };
    let sort = q.sort.unwrap_or_else(|| "-served_on".to_owned());
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let sums = ops::sums(ui.cx.read(), &who, &find).await?;
    let kinds = kinds::of(&ui.cx)?;
    let tile = |key: &str, n: i64| (ui.t(key), n.to_string(), String::new(), String::new());
    let date = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let measures = ["households", "hardship", "activities", "person_times"]
        .map(|m| (m.to_owned(), ui.t(&format!("service-{}", m.replace('_', "-")))));
    let mut filters = vec![
        Filter::input("q", "search", ui.t("service-find"), &find.text),
        Filter::choice(&ui, "kind", ui.t("service-kind"), &find.kind, kind_options(&ui, &kinds)),
        Filter::choice(&ui, "measure", ui.t("service-measure"), &find.measure, measures),
        Filter::input("from", "date", ui.t("service-from"), &date(find.from)),
        Filter::input("to", "date", ui.t("service-to"), &date(find.to)),
        Filter::input("region", "text", ui.t("web-region"), &find.region),
    ];
    if !find.beneficiary.is_empty() {
        filters.push(Filter::input("beneficiary", "text", ui.t("service-beneficiary"), &find.beneficiary));
    }
    for (name, id, key) in
        [("station", q.station, "employment-station-no"), ("project", q.project, "service-project-no")]
    {
        if let Some(id) = id {
            filters.push(Filter::input(name, "number", ui.t(key), &id.to_string()));
        }
    }
    let mut actions = vec![("/service-figures".to_owned(), ui.t("service-figures"))];
    actions.extend(upload_page(&Services, &who).map(|page| (page, ui.t("service-import"))));
    if who.is(&[Role::Administrator])
        && let Some(station) = q.station
    {
        actions.push((format!("/service-records/new?station={station}"), ui.t("service-new")));
    }
    let heads = [
        ("service-record-no", "", false),
        ("service-date", "served_on", false),
        ("service-station", "station", false),
        ("station-town", "", false),
        ("service-kind", "kind", false),
        ("service-beneficiary", "", false),
        ("service-households", "households", true),
        ("service-hardship", "hardship", true),
        ("service-activities", "activities", true),
        ("service-person-times", "person_times", true),
        ("service-recorder", "", false),
    ];
    let edit = ui.can("GET", "/service-records/1");
    Ok(ListView {
        title: ui.t("service-title"),
        lead: String::new(),
        path: "/service-records",
        crumbs: Vec::new(),
        tiles: vec![
            tile("service-households", sums.households),
            tile("service-hardship", sums.hardship),
            tile("service-activities", sums.activities),
            tile("service-person-times", sums.person_times),
        ],
        filters,
        heads: heads.into_iter().map(|h| head(&ui, h)).collect(),
        rows: page.items.iter().map(|r| row(&ui, &kinds, r, edit)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/service-records/export",
        empty: (ui.t("service-none"), ui.t("service-none-hint")),
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
    let name = ui.t("service-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}
