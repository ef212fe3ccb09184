//! The coverage of regions by stations.

use poem::{Response, handler};
use serde::Deserialize;

use crate::directory::ops::regions;
use crate::stations::ops::{self, CoverageRow, LevelCoverage};
use crate::stations::rules::Level;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::{self, Query, Ui};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CoverageQuery {
    region: Option<String>,
}

fn percent(c: LevelCoverage) -> String {
    c.percent().map_or_else(|| "–".to_owned(), |p| format!("{p}%"))
}

async fn view(ui: Ui, q: CoverageQuery) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let region = q.region.unwrap_or_default();
    let db = ui.cx.read();
    let whole = ops::coverage(db, &who, &region).await?;
    // An administrator of one county sees its towns at once.
    let at = match (region.as_str(), who.scope.regions.as_slice()) {
        ("", [only]) => only.clone(),
        _ => region.clone(),
    };
    let rows = ops::coverage_below(db, &who, &at).await?;
    let names = regions::names(db, std::slice::from_ref(&at)).await?;
    let tile = |level: Level| {
        let c = whole.of(level);
        let note = ui.ta(
            "station-coverage-note",
            &[
                ("covered", c.covered.to_string()),
                ("places", c.places.to_string()),
                ("stations", c.stations.to_string()),
            ],
        );
        let href = format!("/stations?state=active&level={}&region={}", level.name(), web::percent(&at));
        (ui.t(&format!("station-coverage-{}", level.name())), percent(c), note, href)
    };
    let row = |r: &CoverageRow| {
        let below = if r.code.len() == 6 { format!("/stations/coverage?region={}", r.code) } else { String::new() };
        let list = |level: Level, n: i64| {
            let href = if r.code.is_empty() || n == 0 {
                String::new()
            } else {
                format!("/stations?state=active&level={}&region={}", level.name(), r.code)
            };
            Cell::number(n).to(href)
        };
        let town = if r.code.len() == 6 {
            Cell::text(percent(r.coverage.town))
        } else if r.coverage.town.covered > 0 {
            Cell::badge("good", ui.t("web-yes"))
        } else {
            Cell::badge("bad", ui.t("web-no"))
        };
        vec![
            Cell::link(&r.name, below),
            Cell::text(&r.code),
            list(Level::Town, r.coverage.town.stations),
            town,
            list(Level::Village, r.coverage.village.stations),
            Cell::text(percent(r.coverage.village)),
            Cell::number(r.coverage.town.meet + r.coverage.village.meet + r.coverage.county.meet),
        ]
    };
    let head = |(key, number): (&str, bool)| Head { label: ui.t(key), sort: "", number };
    Ok(ListView {
        title: match names.get(&at) {
            Some(name) => ui.t1("station-coverage-of", "region", name),
            None => ui.t("station-coverage"),
        },
        lead: ui.t("station-coverage-lead"),
        path: "/stations/coverage",
        crumbs: super::crumbs(&ui),
        tiles: Level::ALL.into_iter().map(tile).collect(),
        filters: vec![Filter::input("region", "text", ui.t("web-region"), &region)],
        heads: [
            ("station-coverage-place", false),
            ("station-coverage-code", false),
            ("station-coverage-towns", true),
            ("station-coverage-town-rate", false),
            ("station-coverage-villages", true),
            ("station-coverage-village-rate", false),
            ("station-coverage-meet", true),
        ]
        .map(head)
        .into(),
        rows: rows.iter().map(row).collect(),
        sort: String::new(),
        next: None,
        at_start: true,
        actions: Vec::new(),
        export: "/stations/coverage/export",
        empty: (ui.t("station-none"), ui.t("station-none-hint")),
        ui,
    })
}

#[handler]
pub(super) async fn show(ui: Ui, Query(q): Query<CoverageQuery>) -> web::Result<Response> {
    web::html(&view(ui, q).await?)
}

#[handler]
pub(super) async fn export(ui: Ui, Query(q): Query<CoverageQuery>) -> web::Result<Response> {
    let name = ui.t("station-coverage");
    view(ui, q).await?.download(&name)
}
