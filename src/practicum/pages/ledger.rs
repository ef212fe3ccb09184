//! The base ledger as a page and as the sheet that an office hands in.

use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, FindBases, LedgerRow};
use super::super::rules;
use crate::core::page::PageReq;
use crate::db::list::{EXPORT, Slice};
use crate::directory::rules::BaseKind;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::date;
use crate::web::{self, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/base-ledger", list).get("/base-ledger/export", export)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    kind: Option<String>,
    region: Option<String>,
    active: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

fn heads(ui: &Ui) -> Vec<Head> {
    [
        ("base-code", "code", false),
        ("base-name", "name", false),
        ("base-kind", "", false),
        ("base-town", "town", false),
        ("base-ledger-campus", "", false),
        ("agreement-number", "", false),
        ("base-ledger-from", "", false),
        ("base-ledger-to", "", false),
        ("base-capacity", "", true),
        ("agreement-campus-mentor", "", false),
        ("agreement-base-mentor", "", false),
        ("base-ledger-on-duty", "", true),
        ("practicum-confirmed-hours", "", true),
        ("base-evaluation", "", false),
    ]
    .into_iter()
    .map(|(key, sort, number)| Head { label: ui.t(key), sort, number })
    .collect()
}

fn row(ui: &Ui, names: bool, b: &LedgerRow) -> Vec<Cell> {
    let full = b.capacity.is_some_and(|c| b.on_duty > c);
    // Whoever sees no names has no list of placements either.
    let placements = if names { format!("/placements?base={}", b.id) } else { String::new() };
    let mut title = Cell::link(&b.name, format!("/bases/{}", b.id));
    if !b.active {
        title.text = format!("{} ({})", b.name, ui.t("base-inactive"));
    }
    vec![
        Cell::text(&b.code),
        title,
        Cell::text(ui.t(&format!("base-kind-{}", b.kind.replace('_', "-")))),
        Cell::text(&b.town),
        Cell::text(b.campus.clone().unwrap_or_default()),
        Cell::text(b.number.clone().unwrap_or_default()),
        Cell::text(date(b.valid_from)),
        Cell::text(date(b.valid_to)),
        Cell::maybe(b.capacity),
        Cell::text(b.campus_mentor.clone().unwrap_or_default()),
        Cell::text(b.supervisor.clone().unwrap_or_default()),
        if full { Cell { badge: "warn", ..Cell::number(b.on_duty) } } else { Cell::number(b.on_duty) }.to(placements),
        Cell::text(rules::hours(b.minutes)),
        Cell::text(&b.evaluation),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = FindBases {
        text: q.q.unwrap_or_default(),
        kind: q.kind.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
        active: q.active.unwrap_or_default(),
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::ledger(ui.cx.read(), &who, &find, ui.cx.today(), &sort, &slice).await?;
    let names = who.sees_identities();
    let kinds = BaseKind::ALL.into_iter().map(|k| (k.name().to_owned(), ui.t(&k.text_key())));
    let states = [("1", "base-active"), ("0", "base-inactive")].map(|(v, k)| (v.to_owned(), ui.t(k)));
    Ok(ListView {
        title: ui.t("base-ledger-title"),
        lead: ui.t("base-ledger-lead"),
        path: "/base-ledger",
        crumbs: vec![("/bases".to_owned(), ui.t("base-title"))],
        tiles: Vec::new(),
        filters: vec![
            Filter::input("q", "search", ui.t("base-ledger-find"), &find.text),
            Filter::choice(&ui, "kind", ui.t("base-kind"), &find.kind, kinds),
            Filter::choice(&ui, "active", ui.t("base-state"), &find.active, states),
            Filter::input("region", "text", ui.t("web-region"), &find.region),
        ],
        heads: heads(&ui),
        rows: page.items.iter().map(|b| row(&ui, names, b)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: Vec::new(),
        export: "/base-ledger/export",
        empty: (ui.t("base-none"), ui.t("base-none-hint")),
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
    let name = ui.t("base-ledger-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}
