//! Pages of the directory: the region tree, bases, campuses.

mod agreements;

use std::collections::BTreeMap;

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::ops::bases::{self, BaseDetail, BaseInput, Coverage};
use super::ops::regions::{self, AddRegion, Branch};
use super::ops::{Base, Campus, campuses};
use super::rules::BaseKind;
use crate::core::Msg;
use crate::core::page::{Page, PageReq};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    agreements::routes(r)
        .get("/regions", region_tree)
        .post("/regions", add_region)
        .post("/regions/:code/rename", rename_region)
        .get("/bases", base_list)
        .get("/bases/new", new_base)
        .post("/bases", add_base)
        .get("/bases/:id", base_page)
        .get("/bases/:id/edit", edit_base)
        .post("/bases/:id", change_base)
        .post("/bases/:id/supervisors", add_supervisor)
        .get("/campuses", campus_list)
        .post("/campuses", add_campus)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TreeQuery {
    parent: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "directory/pages/regions.html")]
struct RegionsPage {
    ui: Ui,
    branch: Branch,
    code: String,
    name: String,
    errors: Errors,
    next: Option<String>,
    at_start: bool,
}

async fn regions_page(ui: Ui, q: TreeQuery, typed: AddRegion, errors: Errors) -> web::Result<RegionsPage> {
    let parent = q.parent.unwrap_or_default();
    let at_start = q.after.is_none();
    let branch = regions::branch(ui.cx.read(), Some(&parent), &PageReq { after: q.after, limit: Some(200) }).await?;
    let next = branch.below.next.as_ref().map(|n| format!("/regions?parent={parent}&after={n}"));
    // A code below this region begins with its code.
    let code = if typed.code.is_empty() { parent } else { typed.code };
    Ok(RegionsPage { ui, branch, code, name: typed.name, errors, next, at_start })
}

#[handler]
async fn region_tree(ui: Ui, Query(q): Query<TreeQuery>) -> web::Result<Response> {
    web::html(&regions_page(ui, q, AddRegion::default(), Errors::default()).await?)
}

#[derive(Deserialize)]
struct RegionForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    parent: String,
}

#[handler]
async fn add_region(ui: Ui, Form(f): Form<RegionForm>) -> web::Result<Response> {
    let input = AddRegion { code: f.code, name: f.name };
    match regions::add(&ui.cx, ui.actor()?, input.clone()).await {
        Ok(r) => {
            let to = if f.parent.is_empty() {
                "/regions".to_owned()
            } else {
                format!("/regions?parent={}", web::percent(&f.parent))
            };
            Ok(ui.see(&to, &Msg::new("region-added").with("name", r.name)))
        }
        Err(e) => {
            let q = TreeQuery { parent: Some(f.parent), after: None };
            let page = regions_page(ui, q, input, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Deserialize)]
struct RenameForm {
    #[serde(default)]
    name: String,
    version: i64,
}

#[handler]
async fn rename_region(ui: Ui, Path(code): Path<String>, Form(f): Form<RenameForm>) -> web::Result<Response> {
    let r = regions::rename(&ui.cx, ui.actor()?, &code, &f.name, f.version).await?;
    Ok(ui.see(&format!("/regions?parent={}", r.code), &Msg::new("region-renamed").with("name", r.name)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "directory/pages/bases.html")]
struct BasesPage {
    ui: Ui,
    page: Page<Base>,
    coverage: Coverage,
    next: Option<String>,
    at_start: bool,
}

#[handler]
async fn base_list(ui: Ui, Query(q): Query<PageQuery>) -> web::Result<Response> {
    let who = ui.actor()?;
    let at_start = q.after.is_none();
    let page = bases::list(&ui.cx, who, &PageReq { after: q.after, limit: None }).await?;
    let coverage = bases::coverage(&ui.cx, who).await?;
    let next = page.next.as_ref().map(|n| format!("/bases?after={n}"));
    web::html(&BasesPage { ui, page, coverage, next, at_start })
}

#[derive(Template)]
#[template(path = "directory/pages/base.html")]
struct BasePage {
    ui: Ui,
    detail: BaseDetail,
    name: String,
    phone: String,
    errors: Errors,
}

#[handler]
async fn base_page(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let detail = bases::get(&ui.cx, ui.actor()?, id).await?;
    web::html(&BasePage { ui, detail, name: String::new(), phone: String::new(), errors: Errors::default() })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct BaseForm {
    code: String,
    name: String,
    kind: String,
    region_code: String,
    town: String,
    capacity: Option<String>,
    evaluation: String,
    note: String,
    active: Option<String>,
    version: i64,
}

impl BaseForm {
    /// The input; a capacity that is no number becomes one that is refused by the field.
    fn input(&self) -> BaseInput {
        let capacity = self.capacity.as_deref().map(str::trim).filter(|c| !c.is_empty());
        BaseInput {
            code: self.code.clone(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            region_code: self.region_code.clone(),
            town: self.town.clone(),
            capacity: capacity.map(|c| c.parse().unwrap_or(-1)),
            evaluation: self.evaluation.clone(),
            note: self.note.clone(),
            active: self.active.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "directory/pages/base_form.html")]
struct BaseFormPage {
    ui: Ui,
    /// 0 for a new one.
    id: i64,
    form: BaseForm,
    kinds: Vec<(String, String)>,
    errors: Errors,
}

fn base_form(ui: Ui, id: i64, form: BaseForm, errors: Errors) -> BaseFormPage {
    let kinds = BaseKind::ALL.into_iter().map(|k| (k.name().to_owned(), ui.t(&k.text_key()))).collect();
    BaseFormPage { ui, id, form, kinds, errors }
}

#[handler]
async fn new_base(ui: Ui) -> web::Result<Response> {
    let region_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let form = BaseForm { kind: BaseKind::TownStation.name().to_owned(), region_code, ..BaseForm::default() };
    web::html(&base_form(ui, 0, form, Errors::default()))
}

#[handler]
async fn edit_base(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let b = bases::get(&ui.cx, ui.actor()?, id).await?.base;
    let form = BaseForm {
        code: b.code,
        name: b.name,
        kind: b.kind,
        region_code: b.region_code,
        town: b.town,
        capacity: b.capacity.map(|c| c.to_string()),
        evaluation: b.evaluation,
        note: b.note,
        active: b.active.then(|| "1".to_owned()),
        version: b.version,
    };
    web::html(&base_form(ui, id, form, Errors::default()))
}

#[handler]
async fn add_base(ui: Ui, Form(f): Form<BaseForm>) -> web::Result<Response> {
    match bases::add(&ui.cx, ui.actor()?, f.input()).await {
        Ok(b) => Ok(ui.see(&format!("/bases/{}", b.id), &Msg::new("base-saved").with("name", b.name))),
        Err(e) => {
            let page = base_form(ui, 0, f, Errors::from(e)?);
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[handler]
async fn change_base(ui: Ui, Path(id): Path<i64>, Form(f): Form<BaseForm>) -> web::Result<Response> {
    match bases::edit(&ui.cx, ui.actor()?, id, f.input(), f.version).await {
        Ok(b) => Ok(ui.see(&format!("/bases/{id}"), &Msg::new("base-saved").with("name", b.name))),
        Err(e) => {
            let page = base_form(ui, id, f, Errors::from(e)?);
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Deserialize)]
struct SupervisorForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
}

#[handler]
async fn add_supervisor(ui: Ui, Path(id): Path<i64>, Form(f): Form<SupervisorForm>) -> web::Result<Response> {
    match bases::add_supervisor(&ui.cx, ui.actor()?, id, &f.name, &f.phone).await {
        Ok(s) => Ok(ui.see(&format!("/bases/{id}"), &Msg::new("supervisor-added").with("name", s.name))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let detail = bases::get(&ui.cx, ui.actor()?, id).await?;
            let page = BasePage { ui, detail, name: f.name, phone: f.phone, errors };
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "directory/pages/campuses.html")]
struct CampusesPage {
    ui: Ui,
    page: Page<Campus>,
    regions: BTreeMap<String, String>,
    form: CampusForm,
    errors: Errors,
    next: Option<String>,
    at_start: bool,
}

impl CampusesPage {
    fn region(&self, code: &str) -> String {
        self.regions.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CampusForm {
    name: String,
    region_code: String,
    note: String,
}

async fn campuses_page(ui: Ui, q: PageQuery, form: CampusForm, errors: Errors) -> web::Result<CampusesPage> {
    let at_start = q.after.is_none();
    let page = campuses::list(&ui.cx, ui.actor()?, &PageReq { after: q.after, limit: None }).await?;
    let codes: Vec<String> = page.items.iter().map(|c| c.region_code.clone()).filter(|c| !c.is_empty()).collect();
    let regions = regions::names(ui.cx.read(), &codes).await?.into_iter().collect();
    let next = page.next.as_ref().map(|n| format!("/campuses?after={n}"));
    Ok(CampusesPage { ui, page, regions, form, errors, next, at_start })
}

#[handler]
async fn campus_list(ui: Ui, Query(q): Query<PageQuery>) -> web::Result<Response> {
    web::html(&campuses_page(ui, q, CampusForm::default(), Errors::default()).await?)
}

#[handler]
async fn add_campus(ui: Ui, Form(f): Form<CampusForm>) -> web::Result<Response> {
    let input =
        campuses::CampusInput { name: f.name.clone(), region_code: f.region_code.clone(), note: f.note.clone() };
    match campuses::add(&ui.cx, ui.actor()?, input).await {
        Ok(c) => Ok(ui.see("/campuses", &Msg::new("campus-added").with("name", c.name))),
        Err(e) => {
            let page = campuses_page(ui, PageQuery::default(), f, Errors::from(e)?).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
