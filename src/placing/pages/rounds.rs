//! The list of rounds, the form of one, and a round with its lines.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, FindLines, Heavy, LineView, RoundView};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::db::list::{EXPORT, Slice};
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/placing", list)
        .get("/placing/:id", show)
        .post("/placing/:id/propose", propose)
        .post("/placing/:id/publish", publish)
        .post("/placing/:id/cancel", cancel)
        .get("/placing/:id/export", export)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    state: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

fn states(ui: &Ui) -> Vec<(String, String)> {
    ["open", "published", "cancelled"].map(|s| (s.to_owned(), ui.t(&format!("placing-state-{s}")))).to_vec()
}

fn row(ui: &Ui, r: &RoundView) -> Vec<Cell> {
    vec![
        Cell::link(&r.name, format!("/placing/{}", r.id)),
        Cell::text(&r.cohort_name),
        Cell::text(r.starts_on.to_string()),
        Cell::text(r.ends_on.to_string()),
        Cell::number(r.people),
        Cell::number(r.wishing),
        Cell::number(r.places),
        Cell::number(r.placed),
        Cell::badge(super::state_kind(&r.state), ui.t(&format!("placing-state-{}", r.state))),
    ]
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    let (text, state, sort) = (q.q.unwrap_or_default(), q.state.unwrap_or_default(), q.sort.unwrap_or_default());
    let page = ops::list(ui.cx.read(), &who, &text, &state, &sort, &slice).await?;
    let heads = [
        ("placing-name", "name", false),
        ("practicum-cohort", "cohort", false),
        ("practicum-starts", "starts_on", false),
        ("practicum-ends", "", false),
        ("placing-people", "", true),
        ("placing-wishing", "", true),
        ("placing-places", "", true),
        ("placing-placed", "", true),
        ("practicum-state", "", false),
    ];
    let view = ListView {
        title: ui.t("placing-title"),
        lead: ui.t("placing-lead"),
        path: "/placing",
        crumbs: vec![("/placements".to_owned(), ui.t("practicum-placements"))],
        tiles: Vec::new(),
        filters: vec![
            Filter::input("q", "search", ui.t("placing-find"), &text),
            Filter::choice(&ui, "state", ui.t("practicum-state"), &state, states(&ui)),
        ],
        heads: heads.into_iter().map(|(k, sort, number)| Head { label: ui.t(k), sort, number }).collect(),
        rows: page.items.iter().map(|r| row(&ui, r)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions: vec![("/placing/new".to_owned(), ui.t("placing-new"))],
        export: "",
        empty: (ui.t("placing-none"), ui.t("placing-none-hint")),
        ui,
    };
    web::html(&view)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct LinesQuery {
    q: Option<String>,
    outcome: Option<String>,
    slot: Option<i64>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "placing/pages/round.html")]
struct RoundPage {
    ui: Ui,
    r: RoundView,
    q: LinesQuery,
    outcomes: Vec<(String, String)>,
    heavy: Vec<Heavy>,
    page: Page<LineView>,
    first: String,
    next: Option<String>,
    seed: String,
    errors: Errors,
}

impl RoundPage {
    async fn make(ui: Ui, id: i64, q: LinesQuery, seed: Option<String>, errors: Errors) -> web::Result<Self> {
        let who = ui.actor()?.clone();
        let r = ops::get(ui.cx.read(), &who, id).await?;
        let find = FindLines {
            text: q.q.clone().unwrap_or_default(),
            outcome: q.outcome.clone().unwrap_or_default(),
            slot_id: q.slot,
        };
        let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
        let page = ops::lines(ui.cx.read(), &who, id, &find, "", &slice).await?;
        let heavy = if r.published() { Vec::new() } else { ops::heavy(&ui.cx, &who, id).await? };
        let mut first = format!("/placing/{id}?");
        let slot = q.slot.map(|s| s.to_string());
        for (name, value) in [("q", &q.q), ("outcome", &q.outcome), ("slot", &slot)] {
            if let Some(v) = value.as_ref().filter(|v| !v.is_empty()) {
                first.push_str(&format!("{name}={}&", web::percent(v)));
            }
        }
        let next = page.next.as_ref().map(|n| format!("{first}after={}", web::percent(n)));
        let mut outcomes = vec![(String::new(), ui.t("web-any"))];
        outcomes.extend(
            ["wish", "filled", "locked", "none"].map(|o| (o.to_owned(), ui.t(&format!("placing-outcome-{o}")))),
        );
        let seed = seed.unwrap_or_else(|| r.seed.to_string());
        Ok(Self { ui, r, q, outcomes, heavy, page, first, next, seed, errors })
    }

    fn text(&self) -> &str {
        self.q.q.as_deref().unwrap_or_default()
    }

    fn chosen(&self) -> &str {
        self.q.outcome.as_deref().unwrap_or_default()
    }

    fn state(&self) -> String {
        self.ui.t(&format!("placing-state-{}", self.r.state))
    }

    fn outcome(&self, l: &LineView) -> (&'static str, String) {
        super::outcome(&self.ui, l)
    }

    fn reasons(&self, l: &LineView) -> Vec<String> {
        super::reasons(&self.ui, l)
    }

    /// What is wrong with one line, after publishing was refused.
    fn line_error(&self, l: &LineView) -> String {
        self.errors.of(&self.ui, &format!("line-{}", l.person_id))
    }

    fn slots_href(&self) -> String {
        format!("/placing/{}/slots", self.r.id)
    }

    fn first_note(&self) -> String {
        self.ui.t1("placing-by-first", "n", self.r.by_first)
    }

    fn load(&self, h: &Heavy) -> String {
        let args = [("n", h.interns.to_string()), ("limit", h.limit.to_string())];
        self.ui.ta("practicum-ratio-interns", &args)
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(q): Query<LinesQuery>) -> web::Result<Response> {
    web::html(&RoundPage::make(ui, id, q, None, Errors::default()).await?)
}

async fn refused(ui: Ui, id: i64, seed: Option<String>, e: Error) -> web::Result<Response> {
    let errors = Errors::from(e)?;
    let page = RoundPage::make(ui, id, LinesQuery::default(), seed, errors).await?;
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StepForm {
    version: i64,
    seed: String,
    reason: String,
}

#[handler]
async fn propose(ui: Ui, Path(id): Path<i64>, Form(f): Form<StepForm>) -> web::Result<Response> {
    let seed = match f.seed.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Error::field("seed", Msg::new("placing-seed-range").with("most", ops::SEEDS - 1))),
    };
    let done = match seed {
        Ok(seed) => ops::propose(&ui.cx, ui.actor()?, id, f.version, seed).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(p) => {
            let msg = Msg::new("placing-proposed-n").with("n", p.by_wish + p.filled + p.locked).with("none", p.none);
            Ok(ui.see(&format!("/placing/{id}"), &msg))
        }
        Err(e) => refused(ui, id, Some(f.seed), e).await,
    }
}

#[handler]
async fn publish(ui: Ui, Path(id): Path<i64>, Form(f): Form<StepForm>) -> web::Result<Response> {
    match ops::publish(&ui.cx, ui.actor()?, id, f.version).await {
        Ok(n) => Ok(ui.see(&format!("/placing/{id}"), &Msg::new("placing-published-n").with("n", n))),
        Err(e) => refused(ui, id, None, e).await,
    }
}

#[handler]
async fn cancel(ui: Ui, Path(id): Path<i64>, Form(f): Form<StepForm>) -> web::Result<Response> {
    match ops::cancel(&ui.cx, ui.actor()?, id, f.version, &f.reason).await {
        Ok(()) => Ok(ui.see(&format!("/placing/{id}"), &Msg::new("placing-cancelled"))),
        Err(e) => refused(ui, id, None, e).await,
    }
}

/// The lines as the sheet that goes to bases and campus.
#[handler]
async fn export(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let r = ops::get(ui.cx.read(), &who, id).await?;
    let slice = Slice { after: None, limit: EXPORT };
    let page = ops::lines(ui.cx.read(), &who, id, &FindLines::default(), "", &slice).await?;
    let heads = [
        "practicum-person",
        "practicum-student-no",
        "practicum-base",
        "placing-field",
        "practicum-supervisor",
        "placing-outcome",
        "placing-reasons",
    ];
    let row = |l: &LineView| {
        let slot = l.slot.as_ref();
        let text = |f: fn(&ops::SlotView) -> String| Cell::text(slot.map(f).unwrap_or_default());
        vec![
            Cell::text(&l.person_name),
            Cell::text(&l.student_no),
            text(|s| s.base_name.clone()),
            text(|s| s.field.clone()),
            text(|s| s.supervisor_name.clone().unwrap_or_default()),
            Cell::text(super::outcome(&ui, l).1),
            Cell::text(super::reasons(&ui, l).join("\n")),
        ]
    };
    let view = ListView {
        title: r.name.clone(),
        lead: String::new(),
        path: "/placing",
        crumbs: Vec::new(),
        tiles: Vec::new(),
        filters: Vec::new(),
        heads: heads.map(|k| Head { label: ui.t(k), sort: "", number: false }).to_vec(),
        rows: page.items.iter().map(row).collect(),
        sort: String::new(),
        next: None,
        at_start: true,
        actions: Vec::new(),
        export: "",
        empty: (String::new(), String::new()),
        ui: ui.clone(),
    };
    view.download(&r.name)
}
