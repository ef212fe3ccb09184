//! The tally page, its files and the people behind a figure.

use askama::Template;
use poem::{Response, handler};
use serde::Deserialize;

use super::{open_alarms, percent};
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result};
use crate::reports::nightly::{self, Compared};
use crate::reports::tally::{self, Ask, Behind, By, Measure, PersonBehind, Tally};
use crate::reports::{charts, export as files};
use crate::web::{self, Errors, Query, Ui, percent as escape};

/// Groups that a chart draws; the table has all.
const DRAWN: usize = 12;
/// Room for a label beside a bar, in halves of a Chinese character.
const LABEL: usize = 22;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TallyQuery {
    by: Option<String>,
    as_of: Option<String>,
    year: Option<String>,
    region: Option<String>,
    format: Option<String>,
    measure: Option<String>,
    group: Option<String>,
    after: Option<String>,
}

impl TallyQuery {
    /// The question, or what is wrong with it.
    pub(super) fn ask(&self) -> Result<Ask> {
        let filled = |t: &Option<String>| t.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let by = match filled(&self.by) {
            None => By::Level,
            Some(name) => By::parse(&name).ok_or_else(|| {
                let known: Vec<&str> = By::ALL.iter().map(|b| b.name()).collect();
                Error::field("by", Msg::new("reports-by-unknown").with("by", &name).with("known", known.join(", ")))
            })?,
        };
        let as_of = match filled(&self.as_of) {
            None => None,
            Some(day) => Some(day.parse().map_err(|_| Error::field("as_of", Msg::new("reports-date-form")))?),
        };
        let year = match filled(&self.year) {
            None => None,
            Some(year) => {
                let year = year.parse().ok().filter(|y| (1000..=9999).contains(y));
                Some(year.ok_or_else(|| Error::field("year", Msg::new("reports-year-form")))?)
            }
        };
        Ok(Ask { as_of, by, year, region: filled(&self.region) })
    }

    /// The query of another address that asks the same.
    fn same(&self) -> String {
        let parts = [("by", &self.by), ("as_of", &self.as_of), ("year", &self.year), ("region", &self.region)];
        let given = parts.into_iter().filter_map(|(name, value)| {
            let value = value.as_deref().filter(|v| !v.is_empty())?;
            Some(format!("{name}={}", escape(value)))
        });
        given.collect::<Vec<_>>().join("&")
    }
}

/// A figure with the way to the people behind it (empty for readers who see figures only).
struct Cell {
    text: String,
    href: String,
    label: String,
}

struct Line {
    key: String,
    label: String,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "reports/pages/tally.html")]
struct TallyPage {
    ui: Ui,
    query: TallyQuery,
    bys: Vec<(String, String)>,
    heads: Vec<String>,
    lines: Vec<Line>,
    total: Option<Line>,
    state: String,
    chart: String,
    undrawn: bool,
    compared: Option<Compared>,
    alarms: usize,
    errors: Errors,
}

impl TallyPage {
    fn value(&self, of: &str) -> String {
        let q = &self.query;
        let value = match of {
            "as_of" => &q.as_of,
            "year" => &q.year,
            "by" => &q.by,
            _ => &q.region,
        };
        value.clone().unwrap_or_default()
    }

    fn drawn(&self) -> usize {
        DRAWN
    }

    fn export_href(&self, format: &str) -> String {
        let same = self.query.same();
        format!("/tally/export?format={format}{}{same}", if same.is_empty() { "" } else { "&" })
    }
}

pub(super) fn measure_name(ui: &Ui, m: Measure) -> String {
    ui.t(&format!("reports-{}", m.name()))
}

fn heads(ui: &Ui) -> Vec<String> {
    let figures = Measure::ALL.into_iter().map(|m| measure_name(ui, m));
    let rates = ["reports-pass-rate-sat", "reports-pass-rate-registered", "reports-certification-rate"];
    figures.chain(rates.into_iter().map(|k| ui.t(k))).collect()
}

fn line(
    ui: &Ui,
    heads: &[String],
    query: &TallyQuery,
    key: &str,
    label: String,
    group: Option<&str>,
    l: &tally::Line,
) -> Line {
    let open = ui.can("GET", "/tally/people");
    let f = &l.figures;
    let figures = [f.people, f.registered, f.sat, f.passed, f.certified];
    let texts = Measure::ALL.into_iter().zip(figures).map(|(m, n)| {
        let group = group.map(|g| format!("&group={}", escape(g))).unwrap_or_default();
        let same = query.same();
        let href = if open && n > 0 {
            format!("/tally/people?measure={}{group}{}{same}", m.name(), if same.is_empty() { "" } else { "&" })
        } else {
            String::new()
        };
        (n.to_string(), href)
    });
    let rates = [l.pass_rate_sat, l.pass_rate_registered, l.certification_rate];
    let cells = texts.chain(rates.into_iter().map(|r| (percent(r), String::new())));
    let cells = cells.zip(heads).map(|((text, href), head)| Cell { text, href, label: head.clone() }).collect();
    Line { key: key.to_owned(), label, cells }
}

/// The beginning of a label that has room beside a bar.
fn short(label: &str) -> String {
    let mut room = LABEL;
    let mut out = String::new();
    for c in label.chars() {
        let width = if u32::from(c) >= 0x2E80 { 2 } else { 1 };
        if width > room {
            out.push('…');
            break;
        }
        room -= width;
        out.push(c);
    }
    out
}

/// The chart of a tally: registered, sat, passed, certified by row.
pub(super) fn chart(ui: &Ui, t: &Tally) -> Result<String> {
    if t.rows.is_empty() {
        return Ok(String::new());
    }
    let rows: Vec<&tally::Row> = t.rows.iter().take(DRAWN).collect();
    let labels: Vec<String> = rows.iter().map(|r| short(&r.label)).collect();
    let series: Vec<(String, Vec<i64>)> = [Measure::Registered, Measure::Sat, Measure::Passed, Measure::Certified]
        .into_iter()
        .map(|m| {
            let of = |f: &tally::Figures| match m {
                Measure::Registered => f.registered,
                Measure::Sat => f.sat,
                Measure::Passed => f.passed,
                _ => f.certified,
            };
            (measure_name(ui, m), rows.iter().map(|r| of(&r.line.figures)).collect())
        })
        .collect();
    let name = ui.t1("reports-chart", "by", ui.t(&format!("reports-by-{}", t.by)));
    charts::bars(&name, &labels, &series)
}

#[handler]
pub(super) async fn show(ui: Ui, Query(query): Query<TallyQuery>) -> web::Result<Response> {
    let bys = By::ALL.into_iter().map(|b| (b.name().to_owned(), ui.t(&format!("reports-by-{}", b.name())))).collect();
    let heads = heads(&ui);
    let mut page = TallyPage {
        alarms: open_alarms(&ui).await?,
        query,
        bys,
        heads,
        lines: Vec::new(),
        total: None,
        state: String::new(),
        chart: String::new(),
        undrawn: false,
        compared: None,
        errors: Errors::default(),
        ui,
    };
    let (ui, query) = (&page.ui, &page.query);
    let found = match query.ask() {
        Ok(ask) => tally::tally(&ui.cx, ui.actor()?, &ask).await.map(|t| (ask, t)),
        Err(e) => Err(e),
    };
    let (ask, t) = match found {
        Ok(found) => found,
        Err(e) => {
            page.errors = Errors::from(e)?;
            return web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let lines = t.rows.iter().map(|r| line(ui, &page.heads, query, &r.key, r.label.clone(), Some(&r.group), &r.line));
    let lines: Vec<Line> = lines.collect();
    let total = line(ui, &page.heads, query, "", ui.t("reports-total"), None, &t.total);
    let state = ui.t1(if t.counted { "reports-counted" } else { "reports-now" }, "as-of", t.as_of);
    let of_year = match t.year {
        Some(y) => ui.t1("reports-total-of-year", "year", y),
        None => ui.t("reports-no-year"),
    };
    let chart = chart(ui, &t)?;
    let compared = match ask.region {
        None => nightly::compare(&ui.cx, ui.actor()?, &t).await?,
        Some(_) => None,
    };
    page.state = format!("{state} {of_year}");
    page.undrawn = t.rows.len() > DRAWN;
    page.lines = lines;
    page.total = Some(total);
    page.chart = chart;
    page.compared = compared;
    web::html(&page)
}

#[handler]
pub(super) async fn download(ui: Ui, Query(query): Query<TallyQuery>) -> web::Result<Response> {
    let ask = query.ask()?;
    let t = tally::tally(&ui.cx, ui.actor()?, &ask).await?;
    let heads = [vec![ui.t("reports-figure"), ui.t(&format!("reports-by-{}", t.by))], heads(&ui)].concat();
    let by = ui.t(&format!("reports-by-{}", t.by));
    let name = ui.ta("reports-export-name", &[("by", by), ("as-of", t.as_of.to_string())]);
    let total = ui.t("reports-total");
    Ok(if query.format.as_deref() == Some("csv") {
        web::download(&format!("{name}.csv"), "text/csv; charset=utf-8", files::csv(&heads, &total, &t)?)
    } else {
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        web::download(&format!("{name}.xlsx"), kind, files::xlsx(&heads, &total, &t)?)
    })
}

#[derive(Template)]
#[template(path = "reports/pages/people.html")]
struct PeoplePage {
    ui: Ui,
    title: String,
    figure: i64,
    page: Page<PersonBehind>,
    levels: Vec<String>,
    back: String,
    first: String,
    next: Option<String>,
    at_start: bool,
}

/// The figure of a tally and the name of its row.
fn figure(ui: &Ui, t: &Tally, behind: &Behind) -> Option<(String, i64)> {
    let (label, line) = match &behind.group {
        None => (ui.t("reports-behind-all"), &t.total),
        Some(g) => t.rows.iter().find(|r| r.group == *g).map(|r| (r.label.clone(), &r.line))?,
    };
    let f = &line.figures;
    let n = match behind.measure {
        Measure::People => f.people,
        Measure::Registered => f.registered,
        Measure::Sat => f.sat,
        Measure::Passed => f.passed,
        Measure::Certified => f.certified,
    };
    Some((label, n))
}

#[handler]
pub(super) async fn people(ui: Ui, Query(query): Query<TallyQuery>) -> web::Result<Response> {
    let who: &Actor = ui.actor()?;
    let measure = query.measure.as_deref().and_then(Measure::parse).unwrap_or_default();
    let group = query.group.clone().filter(|g| !g.is_empty());
    let behind = Behind { ask: query.ask()?, measure, group };
    let t = tally::tally(&ui.cx, who, &behind.ask).await?;
    let (label, figure) = figure(&ui, &t, &behind).ok_or_else(|| Error::not_found("error-not-found"))?;
    let req = PageReq { after: query.after.clone(), limit: None };
    let page = tally::people_behind(&ui.cx, who, &behind, &req).await?;
    let schemes = crate::schemes::of(&ui.cx)?;
    let levels = page.items.iter().map(|p| schemes.level_name(&p.scheme, &p.level, ui.lang())).collect();
    let same = query.same();
    let of = behind.group.as_ref().map(|g| format!("&group={}", escape(g))).unwrap_or_default();
    let first = format!("/tally/people?measure={}{of}&{same}", measure.name());
    let next = page.next.as_ref().map(|n| format!("{first}&after={}", escape(n)));
    let title = ui.ta("reports-behind-title", &[("measure", measure_name(&ui, measure)), ("group", label)]);
    web::html(&PeoplePage {
        title,
        figure,
        levels,
        back: format!("/tally?{same}"),
        at_start: query.after.is_none(),
        page,
        first,
        next,
        ui,
    })
}
