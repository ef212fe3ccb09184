//! The form of a round.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, RoundInput, RoundView};
use crate::cohorts::ops as cohorts;
use crate::core::page::PageReq;
use crate::core::{Msg, civil};
use crate::practicum::rules as practicum;
use crate::web::record::{Field, FormView, date, read_count, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.post("/placing", add).get("/placing/new", new).get("/placing/:id/edit", edit).post("/placing/:id", change)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    cohort_id: String,
    name: String,
    programme: String,
    starts_on: String,
    ends_on: String,
    wishes_until: String,
    required: String,
    most_wishes: String,
    fill: String,
    note: String,
    version: i64,
}

impl Typed {
    fn of(r: &RoundView) -> Self {
        Self {
            cohort_id: r.cohort_id.to_string(),
            name: r.name.clone(),
            programme: r.programme.clone(),
            starts_on: r.starts_on.to_string(),
            ends_on: r.ends_on.to_string(),
            wishes_until: date(r.wishes_until),
            required: civil::hours(r.required_minutes),
            most_wishes: r.most_wishes.to_string(),
            fill: if r.fill { "1" } else { "0" }.to_owned(),
            note: r.note.clone(),
            version: r.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> RoundInput {
        let required = match self.required.trim() {
            "" => Some(0),
            text => practicum::minutes_of_hours(text),
        };
        if required.is_none() {
            errors.add("required", Msg::new("practicum-hours-unreadable"));
        }
        RoundInput {
            cohort_id: self.cohort_id.parse().unwrap_or(0),
            name: self.name.clone(),
            programme: self.programme.clone(),
            note: self.note.clone(),
            starts_on: read_date(errors, "starts_on", &self.starts_on),
            ends_on: read_date(errors, "ends_on", &self.ends_on),
            wishes_until: read_date(errors, "wishes_until", &self.wishes_until),
            required_minutes: required.unwrap_or(0),
            most_wishes: read_count(errors, "most_wishes", &self.most_wishes).unwrap_or(0),
            fill: self.fill == "1",
        }
    }
}

/// `id` 0 for a new one.
async fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> web::Result<FormView> {
    let who = ui.actor()?.clone();
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = Vec::new();
    if id == 0 {
        let all = PageReq { after: None, limit: Some(PageReq::MAX) };
        let found = cohorts::list(&ui.cx, &who, &all).await?.items.into_iter().filter(|(c, _)| c.active);
        let mut options = vec![(String::new(), String::new())];
        options.extend(found.map(|(c, n)| (c.id.to_string(), format!("{} ({n})", c.name))));
        fields.push(Field::choice("cohort_id", ui.t("practicum-cohort"), &t.cohort_id, options));
    }
    let fill = [("0", "placing-fill-no"), ("1", "placing-fill-yes")].map(|(v, k)| (v.to_owned(), ui.t(k))).to_vec();
    fields.extend([
        input("name", "text", "placing-name", &t.name).required(),
        input("starts_on", "date", "practicum-starts", &t.starts_on).required(),
        input("ends_on", "date", "practicum-ends", &t.ends_on).required(),
        input("wishes_until", "date", "placing-wishes-until", &t.wishes_until).hint(ui.t("placing-wishes-until-hint")),
        input("most_wishes", "number", "placing-most-wishes", &t.most_wishes),
        input("programme", "text", "practicum-programme", &t.programme).hint(ui.t("placing-programme-hint")),
        input("required", "text", "practicum-required", &t.required).hint(ui.t("placing-required-hint")),
        Field::choice("fill", ui.t("placing-fill"), &t.fill, fill),
        input("note", "area", "practicum-note", &t.note),
    ]);
    Ok(FormView {
        title: ui.t(if id == 0 { "placing-new" } else { "placing-edit" }),
        lead: String::new(),
        crumbs: vec![("/placing".to_owned(), ui.t("placing-title"))],
        action: if id == 0 { "/placing".to_owned() } else { format!("/placing/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    cohort: Option<i64>,
}

#[handler]
async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let cohort_id = q.cohort.map(|c| c.to_string()).unwrap_or_default();
    let typed = Typed { cohort_id, most_wishes: "5".into(), fill: "0".into(), ..Typed::default() };
    web::html(&form(ui, 0, &typed, Errors::default()).await?)
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let r = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, id, &Typed::of(&r), Errors::default()).await?)
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
            0 => ops::create(&ui.cx, who, input).await,
            id => ops::edit(&ui.cx, who, id, t.version, input).await.map(|()| id),
        };
        match done {
            Ok(id) => return Ok(ui.see(&format!("/placing/{id}"), &Msg::new("placing-saved"))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors).await?)
}
