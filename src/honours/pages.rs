//! Pages of honours: the register with its export, one, the form, what a class proposes.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, Find, HonourInput, HonourView};
use super::rules::{LEVELS, STATES};
use crate::classes::ops::{ClassView, class_view};
use crate::core::page::PageReq;
use crate::core::{Error, Msg};
use crate::db::list::{EXPORT, Slice};
use crate::practicum::rules::marks::show_mark;
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, date, read_count, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/honours", list)
        .get("/honours/export", export)
        .get("/honours/new", new)
        .post("/honours", add)
        .get("/honours/:id", one)
        .get("/honours/:id/edit", edit)
        .post("/honours/:id", change)
        .post("/honours/:id/decide", decide)
        .get("/classes/:id/honours", of_class)
        .post("/classes/:id/honours", propose)
}

fn state_badge(state: &str) -> &'static str {
    match state {
        "awarded" => "good",
        "proposed" => "info",
        "revoked" => "bad",
        _ => "quiet",
    }
}

fn level_text(ui: &Ui, level: &str) -> String {
    ui.t(&format!("honour-level-{level}"))
}

fn words(ui: &Ui, prefix: &str, all: &[&str]) -> Vec<(String, String)> {
    all.iter().map(|w| ((*w).to_owned(), ui.t(&format!("{prefix}-{w}")))).collect()
}

fn holder(h: &HonourView) -> Cell {
    let name = match &h.id_tail {
        Some(tail) if !tail.is_empty() => format!("{} …{tail}", h.holder),
        _ => h.holder.clone(),
    };
    match (h.person_id, h.organisation_id, h.station_id) {
        _ if name.is_empty() => Cell::text("–"),
        (Some(id), _, _) => Cell::link(name, format!("/people/{id}")),
        (_, Some(id), _) => Cell::link(name, format!("/organisations/{id}")),
        (_, _, Some(id)) => Cell::link(name, format!("/stations/{id}")),
        _ => Cell::text(name),
    }
}

fn place(ui: &Ui, h: &HonourView) -> String {
    match h.place {
        None => String::new(),
        Some(n) if h.tied => ui.t1("honour-place-tied", "n", n),
        Some(n) => ui.t1("honour-place-n", "n", n),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    level: Option<String>,
    state: Option<String>,
    kind: Option<String>,
    year: Option<String>,
    region: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        level: q.level.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        kind: q.kind.unwrap_or_default(),
        year: q.year.as_deref().and_then(|y| y.trim().parse().ok()),
        region: q.region.unwrap_or_default(),
        class_id: None,
        person_id: None,
    };
    let sort = q.sort.filter(|s| !s.is_empty()).unwrap_or_else(|| "-year".to_owned());
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let counts = ops::count(ui.cx.read(), &who, &find).await?;
    let tile = |level: &str| {
        let n = counts.get(level).copied().unwrap_or(0);
        (level_text(&ui, level), n.to_string(), String::new(), format!("/honours?level={level}"))
    };
    let tiles = LEVELS.iter().rev().map(|l| tile(l)).collect();
    let year = find.year.map(|y| y.to_string()).unwrap_or_default();
    let kinds = words(&ui, "honour-kind", &["person", "organisation", "station"]);
    let filters = vec![
        Filter::input("q", "search", ui.t("honour-find"), &find.text),
        Filter::choice(&ui, "level", ui.t("honour-level"), &find.level, words(&ui, "honour-level", &LEVELS)),
        Filter::choice(&ui, "kind", ui.t("honour-kind"), &find.kind, kinds),
        Filter::choice(&ui, "state", ui.t("honour-state"), &find.state, words(&ui, "honour-state", &STATES)),
        Filter::input("year", "number", ui.t("honour-year"), &year),
        Filter::input("region", "text", ui.t("web-region"), &find.region),
    ];
    let heads = [
        ("honour-name", "title", false),
        ("honour-holder", "", false),
        ("honour-kind", "", false),
        ("honour-level", "level", false),
        ("honour-year", "year", true),
        ("honour-document", "", false),
        ("honour-given-by", "", false),
        ("honour-source", "", false),
        ("honour-state", "", false),
    ];
    let row = |h: &HonourView| {
        let source = h.class_name.clone().unwrap_or_else(|| ui.t("honour-outside"));
        vec![
            Cell::link(&h.title, format!("/honours/{}", h.id)),
            holder(h),
            Cell::text(ui.t(&format!("honour-kind-{}", h.kind()))),
            Cell::text(level_text(&ui, &h.level)),
            Cell::number(h.year),
            Cell::text(&h.document_no),
            Cell::text(&h.given_by),
            Cell::text(source),
            Cell::badge(state_badge(&h.state), ui.t(&format!("honour-state-{}", h.state))),
        ]
    };
    let mut actions = Vec::new();
    if ui.can("GET", "/honours/new") {
        actions.push(("/honours/new".to_owned(), ui.t("honour-new")));
    }
    Ok(ListView {
        title: ui.t("honour-title"),
        lead: ui.t("honour-lead"),
        path: "/honours",
        crumbs: Vec::new(),
        tiles,
        filters,
        heads: heads.into_iter().map(|(key, sort, number)| Head { label: ui.t(key), sort, number }).collect(),
        rows: page.items.iter().map(row).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/honours/export",
        empty: (ui.t("honour-none"), ui.t("honour-none-hint")),
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
    let name = ui.t("honour-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DecideForm {
    version: i64,
    state: String,
    reason: String,
    /// The class to go back to.
    class: i64,
}

#[derive(Template)]
#[template(path = "honours/pages/one.html")]
struct OnePage {
    ui: Ui,
    h: HonourView,
    holder: Cell,
    place: String,
    form: DecideForm,
    errors: Errors,
}

impl OnePage {
    fn may_decide(&self) -> bool {
        self.ui.can("POST", "/honours/1/decide") && self.h.state != "revoked"
    }

    fn may_edit(&self) -> bool {
        self.h.class_id.is_none() && self.ui.can("GET", "/honours/1/edit")
    }

    fn state(&self) -> (&'static str, String) {
        (state_badge(&self.h.state), self.ui.t(&format!("honour-state-{}", self.h.state)))
    }

    fn level(&self) -> String {
        level_text(&self.ui, &self.h.level)
    }

    fn total(&self) -> String {
        self.h.total.map(show_mark).unwrap_or_default()
    }
}

async fn one_page(ui: Ui, id: i64, form: DecideForm, errors: Errors) -> web::Result<OnePage> {
    let h = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let (holder, place) = (holder(&h), place(&ui, &h));
    Ok(OnePage { ui, h, holder, place, form, errors })
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&one_page(ui, id, DecideForm::default(), Errors::default()).await?)
}

#[handler]
async fn decide(ui: Ui, Path(id): Path<i64>, Form(f): Form<DecideForm>) -> web::Result<Response> {
    match ops::decide(&ui.cx, ui.actor()?, id, f.version, &f.state, &f.reason).await {
        Ok(()) => {
            let to = if f.class > 0 { format!("/classes/{}/honours", f.class) } else { format!("/honours/{id}") };
            Ok(ui.see(&to, &Msg::new("honour-decided")))
        }
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &one_page(ui, id, f, errors).await?)
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    kind: String,
    holder: String,
    title: String,
    level: String,
    year: String,
    document_no: String,
    given_by: String,
    awarded_on: String,
    note: String,
    version: i64,
}

impl Typed {
    fn of(h: HonourView) -> Self {
        let id = h.person_id.or(h.organisation_id).or(h.station_id);
        Self {
            kind: h.kind().to_owned(),
            holder: id.map(|i| i.to_string()).unwrap_or_default(),
            title: h.title,
            level: h.level,
            year: h.year.to_string(),
            document_no: h.document_no,
            given_by: h.given_by,
            awarded_on: date(h.awarded_on),
            note: h.note,
            version: h.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> HonourInput {
        let id = read_count(errors, "holder", &self.holder);
        let of = |kind: &str| id.filter(|_| self.kind == kind);
        HonourInput {
            person_id: of("person"),
            organisation_id: of("organisation"),
            station_id: of("station"),
            title: self.title.clone(),
            level: self.level.clone(),
            year: read_count(errors, "year", &self.year).unwrap_or(0),
            document_no: self.document_no.clone(),
            given_by: self.given_by.clone(),
            awarded_on: read_date(errors, "awarded_on", &self.awarded_on),
            note: self.note.clone(),
        }
    }
}

fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut kinds = vec!["person"];
    if ui.actor().is_ok_and(|a| a.is(&[crate::core::Role::Administrator])) {
        kinds.extend(["organisation", "station"]);
    }
    let fields = vec![
        Field::choice("kind", ui.t("honour-kind"), &t.kind, words(&ui, "honour-kind", &kinds)),
        input("holder", "number", "honour-holder-no", &t.holder).hint(ui.t("honour-holder-hint")).required(),
        input("title", "text", "honour-name", &t.title).required(),
        Field::choice("level", ui.t("honour-level"), &t.level, words(&ui, "honour-level", &LEVELS[1..])),
        input("year", "number", "honour-year", &t.year).required(),
        input("document_no", "text", "honour-document", &t.document_no),
        input("given_by", "text", "honour-given-by", &t.given_by),
        input("awarded_on", "date", "honour-awarded-on", &t.awarded_on),
        input("note", "area", "honour-note", &t.note),
    ];
    FormView {
        title: ui.t(if id == 0 { "honour-new" } else { "honour-edit" }),
        lead: String::new(),
        crumbs: vec![("/honours".to_owned(), ui.t("honour-title"))],
        action: if id == 0 { "/honours".to_owned() } else { format!("/honours/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    person: Option<i64>,
    organisation: Option<i64>,
    station: Option<i64>,
}

#[handler]
async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let (kind, id) = match (q.person, q.organisation, q.station) {
        (_, Some(id), _) => ("organisation", Some(id)),
        (_, _, Some(id)) => ("station", Some(id)),
        (id, _, _) => ("person", id),
    };
    let typed = Typed {
        kind: kind.to_owned(),
        holder: id.map(|i| i.to_string()).unwrap_or_default(),
        level: "county".to_owned(),
        year: ui.cx.today().format("%Y").to_string(),
        ..Typed::default()
    };
    web::html(&form(ui, 0, &typed, Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let h = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    if h.class_id.is_some() {
        return Err(Error::conflict("honour-of-class").into());
    }
    web::html(&form(ui, id, &Typed::of(h), Errors::default()))
}

#[handler]
async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, 0, t).await
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, id, t).await
}

async fn save(ui: Ui, id: i64, t: Typed) -> web::Result<Response> {
    let mut errors = Errors::default();
    let input = t.input(&mut errors);
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match id {
            0 => ops::add(&ui.cx, who, input).await,
            id => ops::edit(&ui.cx, who, id, t.version, input).await,
        };
        match done {
            Ok(h) => return Ok(ui.see(&format!("/honours/{}", h.id), &Msg::new("honour-saved"))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ProposeForm {
    rule: String,
    n: String,
}

#[derive(Template)]
#[template(path = "honours/pages/class.html")]
struct ClassPage {
    ui: Ui,
    class: ClassView,
    all: Vec<HonourView>,
    n: String,
    errors: Errors,
}

impl ClassPage {
    fn place(&self, h: &HonourView) -> String {
        place(&self.ui, h)
    }

    fn state(&self, h: &HonourView) -> (&'static str, String) {
        (state_badge(&h.state), self.ui.t(&format!("honour-state-{}", h.state)))
    }

    fn total(&self, h: &HonourView) -> String {
        h.total.map_or_else(|| "–".to_owned(), show_mark)
    }
}

async fn class_page(ui: Ui, id: i64, n: Option<String>, errors: Errors) -> web::Result<ClassPage> {
    let who = ui.actor()?;
    let class = class_view(ui.cx.read(), who, id).await?;
    let find = Find { class_id: Some(id), ..Find::default() };
    let all = ops::list(&ui.cx, who, &find, "place", &Slice { after: None, limit: 500 }).await?.items;
    let top = crate::classes::completion::config::of(&ui.cx)?.honours.top.value;
    Ok(ClassPage { ui, class, all, n: n.unwrap_or_else(|| top.to_string()), errors })
}

#[handler]
async fn of_class(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&class_page(ui, id, None, Errors::default()).await?)
}

#[handler]
async fn propose(ui: Ui, Path(id): Path<i64>, Form(f): Form<ProposeForm>) -> web::Result<Response> {
    let done = match (f.n.trim(), f.n.trim().parse::<i64>()) {
        ("", _) => ops::propose(&ui.cx, ui.actor()?, id, &f.rule, None).await,
        (_, Ok(n)) => ops::propose(&ui.cx, ui.actor()?, id, &f.rule, Some(n)).await,
        (_, Err(_)) => Err(Error::field("n", Msg::new("honour-top-range"))),
    };
    match done {
        Ok(n) => Ok(ui.see(&format!("/classes/{id}/honours"), &Msg::new("honour-proposed").with("n", n))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &class_page(ui, id, Some(f.n), errors).await?)
        }
    }
}
