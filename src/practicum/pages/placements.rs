//! Placements: the list with who is short of hours, and one placement with its entries.

use askama::Template;
use chrono::NaiveDate;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, EntryFilter, EntryView, Figures, Load, PlacementChange, PlacementFilter, PlacementView};
use super::super::rules::{self, State};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/placements", list).get("/placements/:id", show).post("/placements/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    base: Option<i64>,
    cohort: Option<i64>,
    state: Option<String>,
    short: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "practicum/pages/placements.html")]
struct ListPage {
    ui: Ui,
    q: ListQuery,
    states: Vec<(String, String)>,
    figures: Figures,
    /// Supervisors with more interns than is good.
    overloaded: Vec<Load>,
    page: Page<PlacementView>,
    first: String,
    next: Option<String>,
}

impl ListPage {
    fn text(&self) -> &str {
        self.q.q.as_deref().unwrap_or_default()
    }

    fn state(&self) -> &str {
        self.q.state.as_deref().unwrap_or_default()
    }

    fn missing(&self, p: &PlacementView) -> String {
        rules::hours(p.missing_minutes())
    }

    /// The query that narrows an export to the base of the list.
    fn of_base(&self) -> String {
        self.q.base.map(|b| format!("?base={b}")).unwrap_or_default()
    }

    fn load(&self, l: &Load) -> String {
        self.ui.ta("practicum-ratio-interns", &[("n", l.interns.to_string()), ("limit", l.limit.to_string())])
    }

    fn confirmed(&self) -> String {
        rules::hours(self.figures.minutes(State::Confirmed))
    }

    fn waiting(&self) -> String {
        rules::hours(self.figures.minutes(State::Submitted))
    }
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let who = ui.actor()?;
    let filter = PlacementFilter {
        base_id: q.base,
        cohort_id: q.cohort,
        state: q.state.clone().filter(|s| !s.is_empty()),
        short: q.short.is_some(),
        text: q.q.clone().unwrap_or_default(),
        ..PlacementFilter::default()
    };
    let page = PageReq { after: q.after.clone(), limit: None };
    let page = ops::placements(ui.cx.read(), who, &filter, &page).await?;
    let over = EntryFilter { base_id: q.base, ..EntryFilter::default() };
    let figures = ops::figures(ui.cx.read(), who, &over).await?;
    let overloaded = ops::overloaded(&ui.cx, who).await?;
    let mut first = String::from("/placements?");
    let pairs = [("q", q.q.clone()), ("state", q.state.clone()), ("short", q.short.clone())];
    let ids = [("base", q.base), ("cohort", q.cohort)].map(|(n, v)| (n, v.map(|v| v.to_string())));
    for (name, value) in pairs.into_iter().chain(ids) {
        if let Some(v) = value {
            first.push_str(&format!("{name}={}&", web::percent(&v)));
        }
    }
    let next = page.next.as_ref().map(|n| format!("{first}after={n}"));
    let mut states = vec![(String::new(), ui.t("practicum-any-state"))];
    states.extend(["active", "ended", "withdrawn"].map(|s| (s.to_owned(), ui.t(&format!("practicum-placement-{s}")))));
    web::html(&ListPage { ui, q, states, figures, overloaded, page, first, next })
}

#[derive(Template)]
#[template(path = "practicum/pages/placement.html")]
struct ShowPage {
    ui: Ui,
    p: PlacementView,
    /// The address of this page.
    here: String,
    page: Page<EntryView>,
    next: Option<String>,
    at_start: bool,
    form: ChangeForm,
    errors: Errors,
    states: Vec<(String, String)>,
}

impl ShowPage {
    fn word(&self, word: &str) -> String {
        super::word(&self.ui, word)
    }

    fn state_text(&self) -> String {
        self.ui.t(&format!("practicum-placement-{}", self.p.state))
    }

    fn percent(&self) -> i64 {
        ops::Progress::of(std::slice::from_ref(&self.p)).percent()
    }

    fn may_change(&self) -> bool {
        self.ui.can("POST", &format!("/placements/{}", self.p.id))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ChangeForm {
    version: i64,
    starts: String,
    ends: String,
    required: String,
    mentor: String,
    state: String,
    note: String,
}

impl ChangeForm {
    fn of(p: &PlacementView) -> Self {
        let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
        Self {
            version: p.version,
            starts: day(p.starts_on),
            ends: day(p.ends_on),
            required: rules::hours(p.required_minutes),
            mentor: p.campus_mentor.clone(),
            state: p.state.clone(),
            note: p.note.clone(),
        }
    }

    fn read(&self, id: i64) -> Result<PlacementChange, Error> {
        let day = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            t => t.parse().map(Some).map_err(|_| Error::field(field, Msg::new("practicum-date-unreadable"))),
        };
        let required = rules::minutes_of_hours(&self.required);
        Ok(PlacementChange {
            id,
            version: self.version,
            starts_on: day("starts", &self.starts)?,
            ends_on: day("ends", &self.ends)?,
            required_minutes: required
                .ok_or_else(|| Error::field("required", Msg::new("practicum-hours-unreadable")))?,
            campus_mentor: self.mentor.trim().to_owned(),
            state: self.state.clone(),
            note: self.note.trim().to_owned(),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AfterQuery {
    after: Option<String>,
}

async fn show_page(
    ui: Ui,
    id: i64,
    after: Option<String>,
    form: Option<ChangeForm>,
    errors: Errors,
) -> web::Result<ShowPage> {
    let who = ui.actor()?;
    let p = ops::placement(ui.cx.read(), who, id).await?;
    let filter = EntryFilter { placement_id: Some(id), ..EntryFilter::default() };
    let at_start = after.is_none();
    let page = ops::entries(ui.cx.read(), who, &filter, &PageReq { after, limit: None }).await?;
    let next = page.next.as_ref().map(|n| format!("/placements/{id}?after={n}"));
    let states = ["active", "ended", "withdrawn"].map(|s| (s.to_owned(), ui.t(&format!("practicum-placement-{s}"))));
    let form = form.unwrap_or_else(|| ChangeForm::of(&p));
    Ok(ShowPage {
        ui,
        here: format!("/placements/{id}"),
        p,
        page,
        next,
        at_start,
        form,
        errors,
        states: states.to_vec(),
    })
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(q): Query<AfterQuery>) -> web::Result<Response> {
    web::html(&show_page(ui, id, q.after, None, Errors::default()).await?)
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(form): Form<ChangeForm>) -> web::Result<Response> {
    let done = match form.read(id) {
        Ok(c) => ops::change_placement(&ui.cx, ui.actor()?, c).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/placements/{id}"), &Msg::new("practicum-placement-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = show_page(ui, id, None, Some(form), errors).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
