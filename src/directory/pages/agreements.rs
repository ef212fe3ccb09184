//! Pages of agreements: the register with its export, and the form.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::agreements::{self, AgreementInput, AgreementView, FindAgreements};
use super::super::ops::{bases, campuses};
use crate::core::page::PageReq;
use crate::core::{Error, Msg};
use crate::db::list::{EXPORT, Slice};
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, date, read_count, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/agreements", list)
        .get("/agreements/export", export)
        .get("/agreements/new", new)
        .post("/agreements", add)
        .get("/agreements/:id", edit)
        .post("/agreements/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    base: Option<i64>,
    valid: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

fn heads(ui: &Ui) -> Vec<Head> {
    [
        ("agreement-base", "base", false),
        ("agreement-campus", "campus", false),
        ("agreement-number", "number", false),
        ("agreement-valid-from", "", false),
        ("agreement-valid-to", "valid_to", false),
        ("agreement-capacity", "", true),
        ("agreement-fields", "", false),
        ("agreement-campus-mentor", "", false),
        ("agreement-base-mentor", "", false),
        ("agreement-state", "", false),
    ]
    .into_iter()
    .map(|(key, sort, number)| Head { label: ui.t(key), sort, number })
    .collect()
}

fn row(ui: &Ui, a: &AgreementView) -> Vec<Cell> {
    let today = ui.cx.today();
    let (kind, key) = match a.valid_from {
        _ if a.holds_on(today) => ("good", "agreement-valid"),
        Some(from) if from > today => ("info", "agreement-not-yet"),
        _ => ("quiet", "agreement-ended"),
    };
    vec![
        Cell::link(&a.base_name, format!("/bases/{}", a.base_id)),
        Cell::text(&a.campus_name),
        Cell::link(&a.number, format!("/agreements/{}", a.id)),
        Cell::text(date(a.valid_from)),
        Cell::text(date(a.valid_to)),
        Cell::maybe(a.capacity),
        Cell::text(&a.fields),
        Cell::text(&a.campus_mentor),
        Cell::text(a.supervisor_name.clone().unwrap_or_default()),
        Cell::badge(kind, ui.t(key)),
    ]
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let valid = q.valid.unwrap_or_default();
    let find = FindAgreements {
        text: q.q.unwrap_or_default(),
        base_id: q.base,
        campus_id: None,
        valid_on: (valid == "1").then(|| ui.cx.today()),
    };
    let sort = q.sort.unwrap_or_default();
    let page = agreements::list(ui.cx.read(), &who, &find, &sort, &slice).await?;
    let mut filters = vec![
        Filter::input("q", "search", ui.t("agreement-find"), &find.text),
        Filter::choice(&ui, "valid", ui.t("agreement-state"), &valid, [("1".to_owned(), ui.t("agreement-valid"))]),
    ];
    if let Some(id) = q.base {
        let names = bases::names(ui.cx.read(), &[id]).await?;
        let name = names.get(&id).cloned().unwrap_or_default();
        filters.push(Filter::choice(&ui, "base", ui.t("agreement-base"), &id.to_string(), [(id.to_string(), name)]));
    }
    let mut actions = Vec::new();
    if ui.can("GET", "/agreements/new") {
        let base = q.base.map(|b| format!("?base={b}")).unwrap_or_default();
        actions.push((format!("/agreements/new{base}"), ui.t("agreement-new")));
    }
    Ok(ListView {
        title: ui.t("agreement-title"),
        lead: ui.t("agreement-lead"),
        path: "/agreements",
        crumbs: vec![("/bases".to_owned(), ui.t("base-title"))],
        tiles: Vec::new(),
        filters,
        heads: heads(&ui),
        rows: page.items.iter().map(|a| row(&ui, a)).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/agreements/export",
        empty: (ui.t("agreement-none"), ui.t("agreement-none-hint")),
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
    let name = ui.t("agreement-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    base_id: String,
    campus_id: String,
    /// Code or name, where there are too many to choose from a list.
    base: String,
    campus: String,
    number: String,
    campus_mentor: String,
    supervisor_id: String,
    fields: String,
    note: String,
    capacity: String,
    valid_from: String,
    valid_to: String,
    version: i64,
}

impl Typed {
    fn of(a: &AgreementView) -> Self {
        Self {
            base_id: a.base_id.to_string(),
            campus_id: a.campus_id.to_string(),
            base: String::new(),
            campus: String::new(),
            number: a.number.clone(),
            campus_mentor: a.campus_mentor.clone(),
            supervisor_id: a.supervisor_id.map(|s| s.to_string()).unwrap_or_default(),
            fields: a.fields.clone(),
            note: a.note.clone(),
            capacity: a.capacity.map(|c| c.to_string()).unwrap_or_default(),
            valid_from: date(a.valid_from),
            valid_to: date(a.valid_to),
            version: a.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> AgreementInput {
        AgreementInput {
            campus_id: self.campus_id.parse().unwrap_or(0),
            base_id: self.base_id.parse().unwrap_or(0),
            number: self.number.clone(),
            campus_mentor: self.campus_mentor.clone(),
            supervisor_id: self.supervisor_id.parse().ok(),
            fields: self.fields.clone(),
            note: self.note.clone(),
            capacity: read_count(errors, "capacity", &self.capacity),
            valid_from: read_date(errors, "valid_from", &self.valid_from),
            valid_to: read_date(errors, "valid_to", &self.valid_to),
        }
    }
}

/// The form; campus and base are chosen for a new one only.
async fn form(ui: Ui, known: Option<&AgreementView>, t: &Typed, errors: Errors) -> web::Result<FormView> {
    let who = ui.actor()?.clone();
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = Vec::new();
    let base: i64 = t.base_id.parse().unwrap_or(0);
    if known.is_none() {
        let all = PageReq { after: None, limit: Some(PageReq::MAX) };
        let blank = || std::iter::once((String::new(), String::new()));
        let found = bases::list(&ui.cx, &who, &all).await?;
        fields.push(if found.next.is_none() {
            let found = found.items.into_iter().filter(|b| b.active).map(|b| (b.id.to_string(), b.name));
            Field::choice("base_id", ui.t("agreement-base"), &t.base_id, blank().chain(found).collect())
        } else {
            let asked: HashMap<i64, String> = bases::names(ui.cx.read(), &[base]).await?;
            let word = if t.base.is_empty() { asked.get(&base).cloned().unwrap_or_default() } else { t.base.clone() };
            input("base", "text", "agreement-base", &word).required().hint(ui.t("base-word-hint"))
        });
        let found = campuses::list(&ui.cx, &who, &all).await?;
        fields.push(if found.next.is_none() {
            let found = found.items.into_iter().map(|c| (c.id.to_string(), c.name));
            Field::choice("campus_id", ui.t("agreement-campus"), &t.campus_id, blank().chain(found).collect())
        } else {
            input("campus", "text", "agreement-campus", &t.campus).required().hint(ui.t("campus-name-hint"))
        });
    }
    fields.push(input("number", "text", "agreement-number", &t.number).required());
    fields.push(input("valid_from", "date", "agreement-valid-from", &t.valid_from));
    fields.push(input("valid_to", "date", "agreement-valid-to", &t.valid_to));
    fields.push(input("capacity", "number", "agreement-capacity", &t.capacity).hint(ui.t("agreement-capacity-hint")));
    fields.push(input("fields", "text", "agreement-fields", &t.fields).hint(ui.t("agreement-fields-hint")));
    fields.push(input("campus_mentor", "text", "agreement-campus-mentor", &t.campus_mentor));
    if base > 0 {
        let mut own = vec![(String::new(), String::new())];
        match bases::get(&ui.cx, &who, base).await {
            Ok(d) => own.extend(d.supervisors.into_iter().map(|s| (s.id.to_string(), s.name))),
            // A base that is not there is named by its own field.
            Err(Error::NotFound(_)) => {}
            Err(e) => return Err(e.into()),
        }
        fields.push(Field::choice("supervisor_id", ui.t("agreement-base-mentor"), &t.supervisor_id, own));
    }
    fields.push(input("note", "area", "agreement-note", &t.note));
    let (title, lead, action) = match known {
        None => (ui.t("agreement-new"), String::new(), "/agreements".to_owned()),
        Some(a) => {
            (ui.t("agreement-edit"), format!("{} · {}", a.campus_name, a.base_name), format!("/agreements/{}", a.id))
        }
    };
    Ok(FormView {
        title,
        lead,
        crumbs: vec![("/agreements".to_owned(), ui.t("agreement-title"))],
        action,
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    base: Option<i64>,
}

#[handler]
async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let typed = Typed { base_id: q.base.map(|b| b.to_string()).unwrap_or_default(), ..Typed::default() };
    web::html(&form(ui, None, &typed, Errors::default()).await?)
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let a = agreements::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, Some(&a), &Typed::of(&a), Errors::default()).await?)
}

#[handler]
async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let mut input = t.input(&mut errors);
    if !t.base.trim().is_empty() {
        match bases::named(ui.cx.read(), ui.actor()?, "base", &t.base).await {
            Ok(id) => input.base_id = id,
            Err(e) => errors.extend(Errors::from(e)?),
        }
    }
    if !t.campus.trim().is_empty() {
        match campuses::named(ui.cx.read(), "campus", &t.campus).await {
            Ok(id) => input.campus_id = id,
            Err(e) => errors.extend(Errors::from(e)?),
        }
    }
    if errors.is_empty() {
        match agreements::add(&ui.cx, ui.actor()?, input).await {
            Ok(a) => return Ok(ui.see("/agreements", &Msg::new("agreement-saved").with("number", a.number))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, None, &t, errors).await?)
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let a = agreements::get(ui.cx.read(), ui.actor()?, id).await?;
    let input = t.input(&mut errors);
    if errors.is_empty() {
        match agreements::edit(&ui.cx, ui.actor()?, id, input, t.version).await {
            Ok(a) => return Ok(ui.see("/agreements", &Msg::new("agreement-saved").with("number", a.number))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    let t = Typed { base_id: a.base_id.to_string(), ..t };
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, Some(&a), &t, errors).await?)
}
