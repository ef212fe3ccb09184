//! Pages of cohorts: list, one with its people, form, enrolling by hand.

mod accounts;

use askama::Template;
use chrono::NaiveDate;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::{self, Cohort, CohortInput, CohortView, EnrolByHand, Member};
use super::rules;
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::people::rules::id_type::IdType;
use crate::people::rules::phone;
use crate::pipeline::Stage;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    accounts::routes(r)
        .get("/cohorts", list)
        .post("/cohorts", create)
        .get("/cohorts/new", new_form)
        .get("/cohorts/:id", show)
        .post("/cohorts/:id", change)
        .get("/cohorts/:id/edit", edit_form)
        .get("/cohorts/:id/enrol", enrol_form)
        .post("/cohorts/:id/enrol", enrol)
        .post("/enrolments/:id/state", set_state)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    after: Option<String>,
    stage: String,
}

#[derive(Template)]
#[template(path = "cohorts/pages/list.html")]
struct ListPage {
    ui: Ui,
    page: Page<(Cohort, i64)>,
    next: Option<String>,
    at_start: bool,
}

#[handler]
async fn list(ui: Ui, Query(q): Query<PageQuery>) -> web::Result<Response> {
    let at_start = q.after.is_none();
    let page = ops::list(&ui.cx, ui.actor()?, &PageReq { after: q.after, limit: None }).await?;
    let next = page.next.as_ref().map(|n| format!("/cohorts?after={n}"));
    web::html(&ListPage { ui, page, next, at_start })
}

#[derive(Template)]
#[template(path = "cohorts/pages/show.html")]
struct ShowPage {
    ui: Ui,
    view: CohortView,
    /// None for an observer, who sees figures only.
    members: Option<Page<Member>>,
    /// Address of the people at the stage, its text, how many; in the order of the pipeline.
    stages: Vec<(String, String, i64)>,
    chosen: String,
    first: String,
    first_all: String,
    next: Option<String>,
    at_start: bool,
    may_change: bool,
}

impl ShowPage {
    fn masked(&self, m: &Member) -> String {
        phone::mask(&m.phone)
    }

    fn level(&self, m: &Member) -> String {
        if m.level.is_empty() {
            return String::new();
        }
        crate::schemes::of(&self.ui.cx)
            .map_or_else(|_| m.level.clone(), |s| s.level_name(&m.scheme, &m.level, self.ui.lang()))
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(q): Query<PageQuery>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let view = ops::get(&ui.cx, &who, id).await?;
    let at_start = q.after.is_none();
    let members = if who.sees_identities() {
        let req = PageReq { after: q.after, limit: Some(100) };
        Some(ops::members(&ui.cx, &who, id, &q.stage, &req).await?)
    } else {
        None
    };
    let stages = Stage::ALL
        .into_iter()
        .filter_map(|s| {
            let (_, n) = view.stages.iter().find(|(name, _)| name == s.name())?;
            Some((format!("/cohorts/{id}?stage={}", s.name()), ui.t(&s.text_key()), *n))
        })
        .collect();
    let first = format!("/cohorts/{id}?stage={}", web::percent(&q.stage));
    let next = members.as_ref().and_then(|m| m.next.as_ref()).map(|n| format!("{first}&after={n}"));
    let may_change = ui.can("POST", "/cohorts/1");
    web::html(&ShowPage {
        ui,
        view,
        members,
        stages,
        chosen: q.stage,
        first,
        first_all: format!("/cohorts/{id}"),
        next,
        at_start,
        may_change,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct CohortForm {
    code: String,
    name: String,
    region_code: String,
    programme: String,
    note: String,
    starts_on: Option<String>,
    ends_on: Option<String>,
    active: Option<String>,
    version: i64,
}

impl CohortForm {
    fn input(&self, campus_id: Option<i64>) -> Result<CohortInput, Error> {
        let date = |field: &str, text: &Option<String>| -> Result<Option<NaiveDate>, Error> {
            match text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
                None => Ok(None),
                Some(t) => t.parse().map(Some).map_err(|_| Error::field(field, Msg::new("cohorts-date-form"))),
            }
        };
        Ok(CohortInput {
            code: self.code.clone(),
            name: self.name.clone(),
            region_code: self.region_code.clone(),
            programme: self.programme.clone(),
            note: self.note.clone(),
            campus_id,
            starts_on: date("starts_on", &self.starts_on)?,
            ends_on: date("ends_on", &self.ends_on)?,
            active: self.active.is_some(),
        })
    }
}

#[derive(Template)]
#[template(path = "cohorts/pages/form.html")]
struct FormPage {
    ui: Ui,
    /// 0 for a new one.
    id: i64,
    form: CohortForm,
    errors: Errors,
}

#[handler]
async fn new_form(ui: Ui) -> web::Result<Response> {
    let region_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let form = CohortForm { region_code, ..CohortForm::default() };
    web::html(&FormPage { ui, id: 0, form, errors: Errors::default() })
}

#[handler]
async fn create(ui: Ui, Form(f): Form<CohortForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let done = match f.input(None) {
        Ok(input) => ops::create(&ui.cx, &who, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(c) => Ok(ui.see(&format!("/cohorts/{}", c.id), &Msg::new("cohorts-saved").with("name", c.name))),
        Err(e) => {
            let page = FormPage { ui, id: 0, form: f, errors: Errors::from(e)? };
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn edit_form(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let c = ops::get(&ui.cx, ui.actor()?, id).await?.cohort;
    let form = CohortForm {
        code: c.code,
        name: c.name,
        region_code: c.region_code,
        programme: c.programme,
        note: c.note,
        starts_on: c.starts_on.map(|d| d.to_string()),
        ends_on: c.ends_on.map(|d| d.to_string()),
        active: c.active.then(|| "1".to_owned()),
        version: c.version,
    };
    web::html(&FormPage { ui, id, form, errors: Errors::default() })
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(f): Form<CohortForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let campus = ops::get(&ui.cx, &who, id).await?.cohort.campus_id;
    let done = match f.input(campus) {
        Ok(input) => ops::edit(&ui.cx, &who, id, input, f.version).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(c) => Ok(ui.see(&format!("/cohorts/{id}"), &Msg::new("cohorts-saved").with("name", c.name))),
        Err(e) => {
            let page = FormPage { ui, id, form: f, errors: Errors::from(e)? };
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EnrolForm {
    name: String,
    id_type: String,
    id_no: String,
    phone: String,
    email: String,
    unit: String,
    town: String,
    level: String,
}

#[derive(Template)]
#[template(path = "cohorts/pages/enrol.html")]
struct EnrolPage {
    ui: Ui,
    cohort: Cohort,
    form: EnrolForm,
    id_types: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    errors: Errors,
}

async fn enrol_page(ui: Ui, id: i64, form: EnrolForm, errors: Errors) -> web::Result<EnrolPage> {
    let cohort = ops::get(&ui.cx, ui.actor()?, id).await?.cohort;
    let id_types = IdType::all()
        .map(|t| (t.code().to_owned(), ui.t(&format!("people-id-type-{}", t.code().replace('_', "-")))))
        .collect();
    let mut levels = vec![(String::new(), ui.t("cohorts-no-level"))];
    for s in crate::schemes::of(&ui.cx)?.all() {
        for l in &s.levels {
            levels.push((format!("{}/{}", s.code, l.code), l.name.text(ui.lang()).to_owned()));
        }
    }
    Ok(EnrolPage { ui, cohort, form, id_types, levels, errors })
}

#[handler]
async fn enrol_form(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let form = EnrolForm { id_type: IdType::default().code().to_owned(), ..EnrolForm::default() };
    web::html(&enrol_page(ui, id, form, Errors::default()).await?)
}

#[handler]
async fn enrol(ui: Ui, Path(id): Path<i64>, Form(f): Form<EnrolForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let person = rules::person(&rules::Typed {
        name: &f.name,
        id_type: &f.id_type,
        id_no: &f.id_no,
        phone: &f.phone,
        email: &f.email,
        unit: &f.unit,
        town: &f.town,
    });
    let (scheme, level) = f.level.split_once('/').unwrap_or_default();
    let done = match person {
        Ok(person) => {
            let input = EnrolByHand { person, scheme: scheme.to_owned(), level: level.to_owned() };
            ops::enrol_by_hand(&ui.cx, &who, id, input).await
        }
        Err(wrong) => Err(Error::Invalid(wrong)),
    };
    match done {
        Ok(_) => Ok(ui.see(&format!("/cohorts/{id}"), &Msg::new("cohorts-enrolled").with("name", f.name.trim()))),
        Err(e) => {
            let page = enrol_page(ui, id, f, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Deserialize)]
struct StateForm {
    active: String,
    version: i64,
    #[serde(default)]
    why: String,
}

#[handler]
async fn set_state(ui: Ui, Path(id): Path<i64>, Form(f): Form<StateForm>) -> web::Result<Response> {
    let active = f.active == "1";
    let e = ops::set_state(&ui.cx, ui.actor()?, id, active, f.version, &f.why).await?;
    let key = if active { "cohorts-reinstated" } else { "cohorts-withdrawn" };
    Ok(ui.see(&format!("/cohorts/{}", e.cohort_id), &Msg::new(key)))
}
