//! Service figures by place, month, type or group.

use chrono::{Datelike, NaiveDate};
use poem::{Response, handler};
use serde::Deserialize;

use super::{day, head};
use crate::services::kinds;
use crate::services::ops::figures::{self, Ask, By, Line, Row};
use crate::web::list::{Cell, Filter, ListView};
use crate::web::{self, Query, Ui, percent};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FiguresQuery {
    by: Option<String>,
    region: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// First and last day of a month written `2025-03`.
fn month(key: &str) -> Option<(NaiveDate, NaiveDate)> {
    let first: NaiveDate = format!("{key}-01").parse().ok()?;
    let next = first.checked_add_months(chrono::Months::new(1))?;
    Some((first, next.pred_opt()?)).filter(|(a, _)| a.day() == 1)
}

/// The records behind a row; empty where no filter says the same.
fn records_href(ask: &Ask, r: &Row) -> String {
    let mut parts = Vec::new();
    let (mut region, mut from, mut to) = (ask.region.clone(), ask.from, ask.to);
    match ask.by {
        By::County | By::Town if r.key.contains('/') || r.key.is_empty() => return String::new(),
        By::County | By::Town => region.clone_from(&r.key),
        By::Station => parts.push(format!("station={}", r.key)),
        By::Kind => parts.push(format!("kind={}", percent(&r.key))),
        By::Beneficiary if r.key.is_empty() => return String::new(),
        By::Beneficiary => parts.push(format!("beneficiary={}", percent(&r.key))),
        By::Month => {
            let Some((first, last)) = month(&r.key) else { return String::new() };
            from = Some(from.map_or(first, |f| f.max(first)));
            to = Some(to.map_or(last, |t| t.min(last)));
        }
    }
    if !region.is_empty() {
        parts.push(format!("region={}", percent(&region)));
    }
    parts.extend(from.map(|d| format!("from={d}")));
    parts.extend(to.map(|d| format!("to={d}")));
    format!("/service-records?{}", parts.join("&"))
}

fn cells(label: Cell, l: &Line, href: &str) -> Vec<Cell> {
    let figure = |n: i64, measure: &str| {
        let cell = Cell::number(n);
        if href.is_empty() || n == 0 { cell } else { cell.to(format!("{href}&measure={measure}")) }
    };
    vec![
        label,
        figure(l.households, "households"),
        figure(l.hardship, "hardship"),
        figure(l.activities, "activities"),
        figure(l.person_times, "person_times"),
        Cell::number(l.practicum_households),
        Cell::number(l.practicum_times),
        Cell::number(l.all_times()),
    ]
}

async fn view(ui: Ui, q: FiguresQuery) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let by = q.by.as_deref().and_then(By::parse).unwrap_or_default();
    let ask = Ask { by, region: q.region.unwrap_or_default(), from: day(q.from.as_deref()), to: day(q.to.as_deref()) };
    let kinds = kinds::of(&ui.cx)?;
    let f = figures::figures(ui.cx.read(), &who, &ask, &kinds, ui.lang()).await?;
    let t = &f.total;
    let tile = |key: &str, n: i64| (ui.t(key), n.to_string(), String::new(), String::new());
    let date = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let ways = By::ALL.map(|b| (b.name().to_owned(), ui.t(&format!("service-by-{}", b.name()))));
    let row = |r: &Row| {
        let label = if r.label.is_empty() { Cell::text(ui.t("service-not-said")) } else { Cell::text(&r.label) };
        cells(label, &r.line, &records_href(&ask, r))
    };
    let by_key = format!("service-by-{}", by.name());
    Ok(ListView {
        title: ui.t("service-figures"),
        lead: ui.t("service-figures-lead"),
        path: "/service-figures",
        crumbs: vec![("/figures".to_owned(), ui.t("figures-title"))],
        tiles: vec![
            tile("service-households", t.households),
            tile("service-hardship", t.hardship),
            tile("service-activities", t.activities),
            tile("service-person-times", t.person_times),
            tile("service-practicum-households", t.practicum_households),
            tile("service-practicum-times", t.practicum_times),
        ],
        filters: vec![
            Filter {
                name: "by",
                kind: "",
                label: ui.t("service-by"),
                value: by.name().to_owned(),
                options: ways.into(),
            },
            Filter::input("from", "date", ui.t("service-from"), &date(ask.from)),
            Filter::input("to", "date", ui.t("service-to"), &date(ask.to)),
            Filter::input("region", "text", ui.t("web-region"), &ask.region),
        ],
        heads: [
            (by_key.as_str(), "", false),
            ("service-households", "", true),
            ("service-hardship", "", true),
            ("service-activities", "", true),
            ("service-person-times", "", true),
            ("service-practicum-households", "", true),
            ("service-practicum-times", "", true),
            ("service-all-times", "", true),
        ]
        .into_iter()
        .map(|h| head(&ui, h))
        .collect(),
        rows: f.rows.iter().map(row).collect(),
        sort: String::new(),
        next: None,
        at_start: true,
        actions: Vec::new(),
        export: "/service-figures/export",
        empty: (ui.t("service-none"), ui.t("service-none-hint")),
        ui,
    })
}

#[handler]
pub(super) async fn show(ui: Ui, Query(q): Query<FiguresQuery>) -> web::Result<Response> {
    web::html(&view(ui, q).await?)
}

#[handler]
pub(super) async fn export(ui: Ui, Query(q): Query<FiguresQuery>) -> web::Result<Response> {
    let name = ui.t("service-figures");
    view(ui, q).await?.download(&name)
}
