//! The verdicts of a cohort or region as a list with its figures and export.

use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, Wanted};
use super::{answer_key, badge};
use crate::core::page::PageReq;
use crate::db::list::{EXPORT, Slice};
use crate::schemes;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::{self, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/eligibility", list).get("/eligibility/export", export)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    cohort: String,
    region: String,
    /// Scheme and level: "social-work/junior".
    level: String,
    year: String,
    after: Option<String>,
}

/// Every level that has conditions, of every scheme.
fn levels(ui: &Ui, schemes: &schemes::Schemes) -> Vec<(String, String)> {
    let lang = ui.lang();
    let mut out = Vec::new();
    for s in schemes.all() {
        for l in s.levels.iter().filter(|l| !l.eligibility.is_empty()) {
            let name = format!("{} · {}", s.name.text(lang), l.name.text(lang));
            out.push((format!("{}/{}", s.code, l.code), name));
        }
    }
    out
}

async fn view(ui: Ui, asked: Asked, slice: Slice) -> web::Result<ListView> {
    let schemes = schemes::of(&ui.cx)?;
    let levels = levels(&ui, &schemes);
    let usual = schemes.with_eligibility().map(|s| format!("{}/", s.code)).unwrap_or_default();
    let first = || levels.iter().find(|(l, _)| l.starts_with(&usual)).map(|(l, _)| l.clone()).unwrap_or_default();
    let level = if asked.level.is_empty() { first() } else { asked.level.clone() };
    let (scheme, code) = level.split_once('/').unwrap_or_default();
    let year = asked.year.trim().parse().ok();
    let year = year.unwrap_or(ops::asked_year(&schemes, schemes.scheme(scheme)?, ui.cx.today()));
    let wanted = Wanted {
        scheme: scheme.to_owned(),
        level: code.to_owned(),
        year,
        cohort: asked.cohort.parse().ok(),
        region: asked.region.trim().to_owned(),
    };
    let who = ui.actor()?.clone();
    let today = ui.cx.today();
    let page = ops::batch(&ui.cx, &who, &wanted, today, ui.lang(), &slice).await?;
    // The figures are of everybody and take a look at everybody: they stand on the first page.
    let at_start = slice.after.is_none();
    let mut tiles = Vec::new();
    if at_start && slice.limit < EXPORT {
        let counts = ops::counts(&ui.cx, &who, &wanted, today).await?;
        let all = [("eligible", counts.yes), ("needs_evidence", counts.needs_evidence), ("not_eligible", counts.no)];
        tiles.extend(all.map(|(a, n)| (ui.t(&answer_key(a)), n.to_string(), String::new(), String::new())));
    }
    let cohorts = crate::classes::ops::cohorts(ui.cx.read(), &who).await?;
    let row = |l: &ops::Line| {
        let to = format!("/people/{}/eligibility?scheme={scheme}&year={year}", l.person_id);
        vec![
            Cell::link(&l.name, to),
            Cell::text(&l.unit),
            Cell::badge(badge(l.answer), ui.t(&answer_key(l.answer))),
            Cell::text(l.earliest_year.map(|y| y.to_string()).unwrap_or_default()),
            Cell::text(&l.why),
        ]
    };
    let heads = ["eligible-person", "eligible-unit", "eligible-answer", "eligible-earliest", "eligible-reason-short"];
    Ok(ListView {
        title: ui.t("eligible-title"),
        lead: ui.t1("eligible-lead", "year", year),
        path: "/eligibility",
        crumbs: Vec::new(),
        tiles,
        heads: heads.iter().map(|k| Head { label: ui.t(k), sort: "", number: false }).collect(),
        rows: page.items.iter().map(row).collect(),
        filters: vec![
            Filter { name: "level", kind: "", label: ui.t("eligible-level"), value: level, options: levels },
            Filter::input("year", "number", ui.t("eligible-year"), &year.to_string()),
            Filter::choice(&ui, "cohort", ui.t("eligible-cohort"), &asked.cohort, cohorts),
            Filter::input("region", "text", ui.t("web-region"), &asked.region),
        ],
        sort: String::new(),
        next: page.next,
        at_start,
        actions: Vec::new(),
        export: "/eligibility/export",
        empty: (ui.t("eligible-none"), ui.t("eligible-none-hint")),
        ui,
    })
}

#[handler]
async fn list(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let slice = Slice::from(&PageReq { after: asked.after.clone(), limit: None });
    web::html(&view(ui, asked, slice).await?)
}

#[handler]
async fn export(ui: Ui, Query(asked): Query<Asked>) -> web::Result<Response> {
    let name = ui.t("eligible-title");
    view(ui, asked, Slice { after: None, limit: EXPORT }).await?.download(&name)
}
