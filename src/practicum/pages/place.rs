//! The page on which one person is placed by hand.

use poem::http::StatusCode;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, PlacePerson};
use super::super::rules;
use crate::cohorts::ops as cohorts;
use crate::core::Msg;
use crate::core::page::PageReq;
use crate::directory::ops::bases;
use crate::web::record::{Field, FormView, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/placements/new", new).post("/placements", add)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// Student number, or the full name where only one person has it.
    person: String,
    /// Code or name.
    base: String,
    cohort: String,
    /// Name of one of the base's.
    supervisor: String,
    starts: String,
    ends: String,
    required: String,
    programme: String,
    mentor: String,
}

/// The first of the names that are not known, by its field; all of them at once.
async fn input(ui: &Ui, t: &Typed, errors: &mut Errors) -> web::Result<PlacePerson> {
    let (who, db) = (ui.actor()?, ui.cx.read());
    let required = rules::minutes_of_hours(&t.required);
    if required.is_none() {
        errors.add("required", Msg::new("practicum-hours-unreadable"));
    }
    let mut place = PlacePerson {
        person_id: 0,
        base_id: 0,
        cohort_id: t.cohort.parse().ok(),
        supervisor_id: None,
        starts_on: read_date(errors, "starts", &t.starts),
        ends_on: read_date(errors, "ends", &t.ends),
        required_minutes: required.unwrap_or(0),
        programme: t.programme.trim().to_owned(),
        campus_mentor: t.mentor.trim().to_owned(),
    };
    match ops::person_named(db, who, "person", &t.person).await {
        Ok(id) => place.person_id = id,
        Err(e) => errors.extend(Errors::from(e)?),
    }
    match bases::named(db, who, "base", &t.base).await {
        Ok(id) => {
            place.base_id = id;
            let name = t.supervisor.trim();
            if !name.is_empty() {
                let all = bases::get(&ui.cx, who, id).await?.supervisors;
                place.supervisor_id = all.into_iter().find(|s| s.active && s.name == name).map(|s| s.id);
                if place.supervisor_id.is_none() {
                    errors.add("supervisor", Msg::new("practicum-supervisor-unknown"));
                }
            }
        }
        Err(e) => errors.extend(Errors::from(e)?),
    }
    Ok(place)
}

async fn form(ui: Ui, t: &Typed, errors: Errors) -> web::Result<FormView> {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let all = PageReq { after: None, limit: Some(PageReq::MAX) };
    let found = cohorts::list(&ui.cx, ui.actor()?, &all).await?.items.into_iter().filter(|(c, _)| c.active);
    let mut options = vec![(String::new(), ui.t("practicum-no-cohort"))];
    options.extend(found.map(|(c, _)| (c.id.to_string(), c.name)));
    let fields = vec![
        input("person", "text", "practicum-person", &t.person).required().hint(ui.t("practicum-person-hint")),
        input("base", "text", "practicum-base", &t.base).required().hint(ui.t("base-word-hint")),
        input("starts", "date", "practicum-starts", &t.starts),
        input("ends", "date", "practicum-ends", &t.ends),
        input("required", "text", "practicum-required", &t.required).required(),
        input("programme", "text", "practicum-programme", &t.programme).hint(ui.t("practicum-programme-hint")),
        input("supervisor", "text", "practicum-supervisor", &t.supervisor).hint(ui.t("practicum-supervisor-hint")),
        input("mentor", "text", "practicum-mentor", &t.mentor),
        Field::choice("cohort", ui.t("practicum-cohort"), &t.cohort, options),
    ];
    Ok(FormView {
        title: ui.t("practicum-place-title"),
        lead: ui.t("practicum-place-lead"),
        crumbs: vec![("/placements".to_owned(), ui.t("practicum-placements"))],
        action: "/placements".to_owned(),
        version: 0,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    /// The student number or name, from the page of a person.
    person: String,
    base: String,
}

#[handler]
async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let typed = Typed { person: q.person, base: q.base, ..Typed::default() };
    web::html(&form(ui, &typed, Errors::default()).await?)
}

#[handler]
async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let place = input(&ui, &t, &mut errors).await?;
    if errors.is_empty() {
        match ops::place(&ui.cx, ui.actor()?, place).await {
            Ok(id) => return Ok(ui.see(&format!("/placements/{id}"), &Msg::new("practicum-placed"))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, &t, errors).await?)
}
