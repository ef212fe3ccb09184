//! Pages of stations: the list with its export, one with its checks, the form, coverage, a check.

mod checks;
mod coverage;
mod form;

use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Stations;
use super::ops::{self, Find, StationRow};
use super::rules::{Level, PHASES};
use super::standard;
use crate::core::Role;
use crate::core::page::PageReq;
use crate::db::list::{EXPORT, Slice};
use crate::importing::upload_page;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{RecordView, Section, date};
use crate::web::{self, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/stations", list)
        .get("/stations/export", export)
        .get("/stations/coverage", coverage::show)
        .get("/stations/coverage/export", coverage::export)
        .get("/stations/new", form::new)
        .post("/stations", form::add)
        .get("/stations/:id", one)
        .get("/stations/:id/edit", form::edit)
        .post("/stations/:id", form::change)
        .get("/stations/:id/checks/new", checks::new)
        .post("/stations/:id/checks", checks::add)
        .get("/stations/:id/checks/:check", checks::one)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    level: Option<String>,
    phase: Option<String>,
    state: Option<String>,
    check: Option<String>,
    region: Option<String>,
    parent: Option<i64>,
    sort: Option<String>,
    after: Option<String>,
}

fn level_text(ui: &Ui, level: &str) -> String {
    ui.t(&format!("station-level-{level}"))
}

fn phase_text(ui: &Ui, phase: &str) -> String {
    ui.t(&format!("station-phase-{phase}"))
}

fn levels(ui: &Ui) -> Vec<(String, String)> {
    Level::ALL.into_iter().map(|l| (l.name().to_owned(), level_text(ui, l.name()))).collect()
}

fn phases(ui: &Ui) -> Vec<(String, String)> {
    PHASES.into_iter().map(|p| (p.to_owned(), phase_text(ui, p))).collect()
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    ["active", "closed"].into_iter().map(|s| (s.to_owned(), ui.t(&format!("station-state-{s}")))).collect()
}

fn state_badge(ui: &Ui, state: &str) -> Cell {
    Cell::badge(if state == "active" { "good" } else { "quiet" }, ui.t(&format!("station-state-{state}")))
}

fn crumbs(ui: &Ui) -> Vec<(String, String)> {
    vec![("/stations".to_owned(), ui.t("station-title"))]
}

fn heads(ui: &Ui) -> Vec<Head> {
    [
        ("station-name", "name", false),
        ("station-code", "code", false),
        ("station-level", "level", false),
        ("station-town", "town", false),
        ("station-parent", "", false),
        ("station-phase", "phase", false),
        ("station-opened-on", "opened_on", false),
        ("station-head", "", false),
        ("station-check-last", "points", false),
        ("station-state", "", false),
    ]
    .into_iter()
    .map(|(key, sort, number)| Head { label: ui.t(key), sort, number })
    .collect()
}

fn row(ui: &Ui, m: &StationRow) -> Vec<Cell> {
    let check = match (m.points, m.of_points, m.meets) {
        (Some(points), Some(of), Some(meets)) => {
            let text = format!("{points}/{of} {}", date(m.checked_on));
            Cell::badge(if meets { "good" } else { "bad" }, text)
        }
        _ => Cell::default(),
    };
    vec![
        Cell::link(&m.name, format!("/stations/{}", m.id)),
        Cell::text(&m.code),
        Cell::text(level_text(ui, &m.level)),
        Cell::text(&m.town),
        Cell::text(m.parent.clone().unwrap_or_default()),
        Cell::text(phase_text(ui, &m.phase)),
        Cell::text(date(m.opened_on)),
        Cell::text(&m.head),
        check,
        state_badge(ui, &m.state),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        level: q.level.unwrap_or_default(),
        phase: q.phase.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        check: q.check.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
        parent: q.parent,
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let counts = ops::count(ui.cx.read(), &who, &Find { level: String::new(), ..find.clone() }).await?;
    let region = if find.region.is_empty() { String::new() } else { format!("&region={}", web::percent(&find.region)) };
    let of = |level: Level| {
        let n = counts.get(level.name()).copied().unwrap_or(0);
        let href = format!("/stations?level={}{region}", level.name());
        (level_text(&ui, level.name()), n.to_string(), String::new(), href)
    };
    let all = counts.values().sum::<i64>().to_string();
    let mut tiles =
        vec![(ui.t("station-count"), all, String::new(), format!("/stations?{}", region.trim_start_matches('&')))];
    tiles.extend(Level::ALL.map(of));
    let checks = ["met", "missed", "unchecked"].map(|c| (c.to_owned(), ui.t(&format!("station-check-{c}"))));
    let mut filters = vec![
        Filter::input("q", "search", ui.t("station-find"), &find.text),
        Filter::choice(&ui, "level", ui.t("station-level"), &find.level, levels(&ui)),
        Filter::choice(&ui, "phase", ui.t("station-phase"), &find.phase, phases(&ui)),
        Filter::choice(&ui, "check", ui.t("station-check-last"), &find.check, checks),
        Filter::choice(&ui, "state", ui.t("station-state"), &find.state, states(&ui)),
        Filter::input("region", "text", ui.t("web-region"), &find.region),
    ];
    if let Some(parent) = find.parent {
        filters.push(Filter::input("parent", "number", ui.t("station-parent-no"), &parent.to_string()));
    }
    let mut actions = vec![("/stations/coverage".to_owned(), ui.t("station-coverage"))];
    actions.extend(upload_page(&Stations, &who).map(|page| (page, ui.t("station-import"))));
    if who.is(&[Role::Administrator]) {
        actions.push(("/stations/new".to_owned(), ui.t("station-new")));
    }
    Ok(ListView {
        title: ui.t("station-title"),
        lead: ui.t("station-lead"),
        path: "/stations",
        crumbs: Vec::new(),
        tiles,
        filters,
        heads: heads(&ui),
        rows: page.items.iter().map(|m| row(&ui, m)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/stations/export",
        empty: (ui.t("station-none"), ui.t("station-none-hint")),
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
    let name = ui.t("station-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let m = ops::get(ui.cx.read(), &who, id).await?;
    let code = &m.region_code;
    let names = crate::directory::ops::regions::names(ui.cx.read(), std::slice::from_ref(code)).await?;
    let parents: Vec<i64> = m.parent_id.into_iter().collect();
    let parent = match ops::names(ui.cx.read(), &parents).await?.into_iter().next() {
        Some((id, name)) => Cell::link(name, format!("/stations/{id}")),
        None => Cell::default(),
    };
    let fact = |key: &str, cell: Cell| (ui.t(key), cell);
    let mut facts = vec![
        fact("station-code", Cell::text(&m.code)),
        fact("station-level", Cell::text(level_text(&ui, &m.level))),
        fact("web-region", Cell::text(names.get(code).unwrap_or(code))),
        fact("station-town", Cell::text(&m.town)),
        fact("station-parent", parent),
        fact("station-phase", Cell::text(phase_text(&ui, &m.phase))),
        fact("station-opened-on", Cell::text(date(m.opened_on))),
        fact("station-address", Cell::text(&m.address)),
    ];
    if who.sees_identities() {
        facts.push(fact("station-head", Cell::text(&m.head)));
        facts.push(fact("station-phone", Cell::text(&m.phone)));
    }
    let checks = ops::checks(ui.cx.read(), id).await?;
    let standards = standard::of(&ui.cx)?;
    let check_rows = checks.iter().map(|c| {
        let name =
            standards.iter().find(|s| s.code == c.standard).map_or(c.standard.as_str(), |s| s.name.text(ui.lang()));
        let verdict = if c.meets { ("good", "station-check-met") } else { ("bad", "station-check-missed") };
        vec![
            Cell::link(c.checked_on.to_string(), format!("/stations/{id}/checks/{}", c.id)),
            Cell::text(name),
            Cell::text(format!("{}/{}", c.points, c.of_points)),
            Cell::badge(verdict.0, ui.t(verdict.1)),
        ]
    });
    let head = |key: &str| Head { label: ui.t(key), sort: "", number: false };
    let may_check = ui.can("GET", "/stations/1/checks/new") && standards.iter().any(|s| s.is_for(&m.level));
    let section = Section {
        title: ui.t("station-checks"),
        heads: ["station-check-on", "station-check-standard", "station-check-points", "station-check-verdict"]
            .map(head)
            .into(),
        rows: check_rows.collect(),
        none: ui.t("station-checks-none"),
        action: if may_check {
            (format!("/stations/{id}/checks/new"), ui.t("station-check-new"))
        } else {
            (String::new(), String::new())
        },
    };
    let mut actions = Vec::new();
    if m.level != Level::Village.name() {
        actions.push((format!("/stations?parent={id}"), ui.t("station-below")));
    }
    for (path, key) in
        [("/service-records", "station-services"), ("/employments", "station-staff"), ("/projects", "station-projects")]
    {
        if ui.can("GET", path) {
            actions.push((format!("{path}?station={id}"), ui.t(key)));
        }
    }
    if ui.can("GET", "/stations/1/edit") {
        actions.push((format!("/stations/{id}/edit"), ui.t("station-edit")));
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
        sections: vec![section],
        ui,
    })
}
