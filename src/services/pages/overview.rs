//! The overview of all registers, and the rows behind those figures that no register's own list shows.

use askama::Template;
use poem::{Response, handler};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::head;
use crate::core::page::PageReq;
use crate::db;
use crate::db::list::{EXPORT, Slice, Where};
use crate::services::ops::figures::{self, Ask};
use crate::services::ops::overview::{self, Overview};
use crate::stations::rules::Level;
use crate::web::list::{Cell, Filter, ListView, Tile};
use crate::web::{self, Query, Ui, percent};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OverviewQuery {
    region: Option<String>,
    beneficiary: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "services/pages/overview.html")]
struct OverviewPage {
    ui: Ui,
    region: String,
    regions: Vec<(String, String)>,
    groups: Vec<(String, Vec<Tile>)>,
}

/// A tile that leads to its rows when this visitor may open them.
fn tile(ui: &Ui, label: String, n: i64, note: String, href: String) -> Tile {
    let href = if n > 0 && ui.can("GET", &href) { href } else { String::new() };
    (label, n.to_string(), note, href)
}

fn groups(ui: &Ui, o: &Overview, region: &str) -> crate::core::Result<Vec<(String, Vec<Tile>)>> {
    let here = |path: String| {
        if region.is_empty() {
            return path;
        }
        let join = if path.contains('?') { '&' } else { '?' };
        format!("{path}{join}region={}", percent(region))
    };
    let of = |key: &str, n: i64, path: &str| tile(ui, ui.t(key), n, String::new(), here(path.to_owned()));
    let organisations = vec![
        of("figures-organisations", o.organisations, "/organisations?state=active"),
        of("figures-associations", o.associations, "/organisations?state=active&kind=association"),
        of("figures-service-agencies", o.service_agencies, "/organisations?state=active&kind=service_agency"),
    ];
    let schemes = crate::schemes::of(&ui.cx)?;
    let mut people = vec![of("figures-certified", o.certified_people(), "/tally/people?measure=certified")];
    for (scheme, level, n) in &o.certified {
        let href = here(format!("/tally/people?measure=certified&by=level&group={}", percent(level)));
        people.push(tile(ui, schemes.level_name(scheme, level, ui.lang()), *n, String::new(), href));
    }
    people.push(of("figures-full-time", o.full_time, "/figures/full-time"));
    let certified = ui.t1("figures-on-record", "n", o.recruited.on_record);
    let staff = vec![
        of("figures-recruited", o.recruited.people, "/employments?kind=recruited&current=yes"),
        tile(
            ui,
            ui.t("figures-recruited-certified"),
            o.recruited.certified,
            certified,
            here("/employments?kind=recruited&current=yes&certified=yes".to_owned()),
        ),
        of("figures-seconded", o.seconded.people, "/employments?kind=seconded_supervisor&current=yes"),
    ];
    let mut projects = vec![of("figures-projects", o.projects, "/projects")];
    for (group, n) in &o.beneficiaries {
        let label = ui.t1("figures-times-of", "group", group);
        projects.push(tile(
            ui,
            label,
            *n,
            String::new(),
            here(format!("/figures/hours?beneficiary={}", percent(group))),
        ));
    }
    let c = &o.coverage;
    let mut stations = vec![of("figures-stations", c.stations(), "/stations?state=active")];
    for level in Level::ALL {
        let l = c.of(level);
        let note = l.percent().map(|p| ui.t1("figures-covered", "percent", p)).unwrap_or_default();
        let href = here(format!("/stations?state=active&level={}", level.name()));
        stations.push(tile(ui, ui.t(&format!("station-level-{}", level.name())), l.stations, note, href));
    }
    stations.push((
        ui.t("station-coverage-town"),
        c.town.percent().map_or_else(|| "–".to_owned(), |p| format!("{p}%")),
        String::new(),
        here("/stations/coverage".to_owned()),
    ));
    let s = &o.services;
    let services = vec![
        of("service-households", s.households, "/service-records?measure=households"),
        of("service-hardship", s.hardship, "/service-records?measure=hardship"),
        of("service-activities", s.activities, "/service-records?measure=activities"),
        of("service-person-times", s.person_times, "/service-records?measure=person_times"),
        (ui.t("service-figures"), "→".to_owned(), ui.t("figures-rolled-up"), here("/service-figures".to_owned())),
    ];
    Ok(vec![
        (ui.t("figures-group-organisations"), organisations),
        (ui.t("figures-group-people"), people),
        (ui.t("figures-group-staff"), staff),
        (ui.t("figures-group-projects"), projects),
        (ui.t("figures-group-stations"), stations),
        (ui.t("figures-group-services"), services),
    ])
}

#[handler]
pub(super) async fn show(ui: Ui, Query(q): Query<OverviewQuery>) -> web::Result<Response> {
    #[derive(FromQueryResult)]
    struct Region {
        code: String,
        name: String,
    }
    let who = ui.actor()?.clone();
    let region = q.region.unwrap_or_default();
    let o = overview::overview(&ui.cx, &who, &region).await?;
    // The counties to choose from.
    let mut w = Where::default();
    w.scope(&who, "g.code");
    let sql = format!("SELECT g.code, g.name FROM region g WHERE g.level <= 3 AND {} ORDER BY g.code LIMIT 300", w.sql);
    let found: Vec<Region> = db::rows(ui.cx.read(), &sql, w.values).await?;
    let all = (String::new(), ui.t("web-all"));
    let mut regions: Vec<_> = std::iter::once(all).chain(found.into_iter().map(|r| (r.code, r.name))).collect();
    if regions.iter().all(|r| r.0 != region) {
        regions.push((region.clone(), region.clone()));
    }
    let groups = groups(&ui, &o, &region)?;
    web::html(&OverviewPage { region, regions, groups, ui })
}

fn crumbs(ui: &Ui) -> Vec<(String, String)> {
    vec![("/figures".to_owned(), ui.t("figures-title"))]
}

async fn full_time_view(ui: Ui, q: OverviewQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let region = q.region.unwrap_or_default();
    let sort = q.sort.unwrap_or_default();
    let page = overview::full_time(&ui.cx, &who, &region, &sort, &slice).await?;
    let schemes = crate::schemes::of(&ui.cx)?;
    let row = |r: &overview::FullTimeRow| {
        let unit = match r.organisation_id {
            Some(id) => Cell::link(&r.unit, format!("/organisations/{id}")),
            None => Cell::text(&r.unit),
        };
        vec![
            Cell::link(format!("{} …{}", r.name, r.id_tail), format!("/people/{}", r.id)),
            Cell::text(schemes.level_name(&r.scheme, &r.level, ui.lang())),
            unit,
            Cell::text(&r.town),
        ]
    };
    let heads = [
        ("employment-person", "name", false),
        ("figures-level", "", false),
        ("employment-workplace", "unit", false),
        ("station-town", "town", false),
    ];
    Ok(ListView {
        title: ui.t("figures-full-time"),
        lead: ui.t("figures-full-time-lead"),
        path: "/figures/full-time",
        crumbs: crumbs(&ui),
        tiles: Vec::new(),
        filters: vec![Filter::input("region", "text", ui.t("web-region"), &region)],
        heads: heads.into_iter().map(|h| head(&ui, h)).collect(),
        rows: page.items.iter().map(row).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: Vec::new(),
        export: "/figures/full-time/export",
        empty: (ui.t("figures-nobody"), String::new()),
        ui,
    })
}

#[handler]
pub(super) async fn full_time(ui: Ui, Query(q): Query<OverviewQuery>) -> web::Result<Response> {
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    web::html(&full_time_view(ui, q, slice).await?)
}

#[handler]
pub(super) async fn full_time_export(ui: Ui, Query(q): Query<OverviewQuery>) -> web::Result<Response> {
    let name = ui.t("figures-full-time");
    full_time_view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

async fn hours_view(ui: Ui, q: OverviewQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let ask = Ask { region: q.region.unwrap_or_default(), ..Ask::default() };
    let (group, sort) = (q.beneficiary.unwrap_or_default(), q.sort.unwrap_or_default());
    let page = figures::entries(ui.cx.read(), &who, &ask, &group, &sort, &slice).await?;
    let row = |r: &figures::EntryRow| {
        vec![
            Cell::link(&r.person_name, format!("/people/{}", r.person_id)),
            Cell::link(r.worked_on.to_string(), format!("/placements/{}", r.placement_id)),
            Cell::text(&r.base),
            Cell::text(&r.project_no),
            Cell::text(&r.beneficiary),
            Cell::number(r.beneficiary_count),
            Cell::number(r.households),
        ]
    };
    let heads = [
        ("employment-person", "person", false),
        ("service-date", "worked_on", false),
        ("base-name", "", false),
        ("project-code", "", false),
        ("service-beneficiary", "", false),
        ("service-practicum-times", "count", true),
        ("service-practicum-households", "", true),
    ];
    Ok(ListView {
        title: ui.t("figures-hours"),
        lead: ui.t("figures-hours-lead"),
        path: "/figures/hours",
        crumbs: crumbs(&ui),
        tiles: Vec::new(),
        filters: vec![
            Filter::input("beneficiary", "text", ui.t("service-beneficiary"), &group),
            Filter::input("region", "text", ui.t("web-region"), &ask.region),
        ],
        heads: heads.into_iter().map(|h| head(&ui, h)).collect(),
        rows: page.items.iter().map(row).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: Vec::new(),
        export: "/figures/hours/export",
        empty: (ui.t("service-none"), String::new()),
        ui,
    })
}

#[handler]
pub(super) async fn hours(ui: Ui, Query(q): Query<OverviewQuery>) -> web::Result<Response> {
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    web::html(&hours_view(ui, q, slice).await?)
}

#[handler]
pub(super) async fn hours_export(ui: Ui, Query(q): Query<OverviewQuery>) -> web::Result<Response> {
    let name = ui.t("figures-hours");
    hours_view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}
