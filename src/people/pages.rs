//! Pages of people: the list with its search, one person with the whole record, changing them.

use askama::Template;
use poem::web::{Data, Path};
use poem::{Response, handler};
use serde::{Deserialize, Serialize};

use super::ops::{self, EditPerson, Filter, Line, PersonView};
use super::rules::id_type::IdType;
use super::rules::phone;
use super::timeline::{Providers, TimelineItem};
use crate::core::page::{Page, PageReq};
use crate::core::{Lang, Msg};
use crate::pipeline::Stage;
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/people", list)
        .get("/people/:id", show)
        .get("/people/:id/edit", edit_form)
        .post("/people/:id", change)
        .post("/people/:id/active", set_active)
        .post("/people/:id/reveal", reveal)
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cohort: Option<i64>,
    region: String,
    level: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    inactive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "people/pages/list.html")]
struct ListPage {
    ui: Ui,
    q: ListQuery,
    page: Page<Line>,
    stages: Vec<(String, String)>,
    levels: Vec<(String, String)>,
    first: String,
    next: Option<String>,
    at_start: bool,
    /// Any filter is set: an empty list then means "nobody fits".
    filtered: bool,
}

impl ListPage {
    fn level(&self, line: &Line) -> String {
        // The first choice, "all", has no code, as somebody without a certificate has no level.
        let found = self.levels.iter().skip(1).find(|(code, _)| *code == line.highest_level);
        found.map_or_else(|| line.highest_level.clone(), |(_, name)| name.clone())
    }

    fn masked(&self, line: &Line) -> String {
        phone::mask(&line.phone)
    }
}

fn stage_choices(ui: &Ui) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), ui.t("web-all"))];
    all.extend(Stage::ALL.into_iter().map(|s| (s.name().to_owned(), ui.t(&s.text_key()))));
    all
}

/// Levels of every scheme by code; a code that two schemes have stands once.
fn level_choices(ui: &Ui) -> web::Result<Vec<(String, String)>> {
    let mut all = vec![(String::new(), ui.t("web-all"))];
    for scheme in crate::schemes::of(&ui.cx)?.all() {
        for level in &scheme.levels {
            if !all.iter().any(|(code, _)| *code == level.code) {
                all.push((level.code.clone(), level.name.text(ui.lang()).to_owned()));
            }
        }
    }
    Ok(all)
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let filter = Filter {
        q: q.q.clone(),
        stage: q.stage.clone(),
        cohort: q.cohort,
        region: q.region.trim().to_owned(),
        level: q.level.clone(),
        inactive: q.inactive.is_some(),
    };
    let request = PageReq { after: q.after.clone(), limit: None };
    let page = ops::list(&ui.cx, ui.actor()?, &filter, &request).await?;
    let at = |after: Option<String>| {
        let all = ListQuery { after, ..q.clone() };
        format!("/people?{}", serde_html_form::to_string(&all).unwrap_or_default())
    };
    let (first, next) = (at(None), page.next.clone().map(|n| at(Some(n))));
    let (stages, levels) = (stage_choices(&ui), level_choices(&ui)?);
    let at_start = q.after.is_none();
    let filtered = filter != Filter::default();
    web::html(&ListPage { ui, q, page, stages, levels, first, next, at_start, filtered })
}

#[derive(Template)]
#[template(path = "people/pages/show.html")]
struct ShowPage {
    ui: Ui,
    view: PersonView,
    /// The whole number, after it was asked for.
    number: Option<String>,
    timeline: Vec<TimelineItem>,
    stage: String,
    level: String,
    id_type: String,
    may_edit: bool,
    may_close: bool,
}

impl ShowPage {
    fn or_dash<'a>(&self, text: &'a str) -> &'a str {
        if text.is_empty() { "–" } else { text }
    }

    fn years(&self) -> String {
        self.view.person.work_years.map_or_else(|| "–".to_owned(), |y| y.to_string())
    }

    fn sex(&self) -> String {
        match self.view.person.sex.as_str() {
            "male" => self.ui.t("people-sex-male"),
            "female" => self.ui.t("people-sex-female"),
            _ => "–".to_owned(),
        }
    }
}

/// What a type of paper is called.
fn id_type_name(ui: &Ui, code: &str) -> String {
    match (ui.lang(), IdType::from_code(code)) {
        (Lang::ZhCn, Some(t)) => t.label().to_owned(),
        (Lang::En, Some(t)) => ui.t(&format!("people-id-type-{}", t.code().replace('_', "-"))),
        (_, None) => code.to_owned(),
    }
}

async fn show_page(ui: Ui, parts: &Providers, id: i64, number: Option<String>) -> web::Result<ShowPage> {
    let who = ui.actor()?.clone();
    let view = ops::get(&ui.cx, &who, id).await?;
    let timeline = parts.gather(&ui.cx, &who, id).await?;
    let stage = Stage::parse(&view.stage).map(|s| ui.t(&s.text_key())).unwrap_or_default();
    let level = match view.highest_level.as_str() {
        "" => String::new(),
        code => crate::schemes::of(&ui.cx)?.level_name(&view.highest_scheme, code, ui.lang()),
    };
    Ok(ShowPage {
        id_type: id_type_name(&ui, &view.person.id_type),
        may_edit: ui.can("POST", "/people/1"),
        may_close: ui.can("POST", "/people/1/active"),
        ui,
        view,
        number,
        timeline,
        stage,
        level,
    })
}

#[handler]
async fn show(ui: Ui, Data(parts): Data<&Providers>, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&show_page(ui, parts, id, None).await?)
}

#[derive(Deserialize)]
struct Nothing {}

#[handler]
async fn reveal(
    ui: Ui,
    Data(parts): Data<&Providers>,
    Path(id): Path<i64>,
    Form(_): Form<Nothing>,
) -> web::Result<Response> {
    let number = ops::reveal(&ui.cx, ui.actor()?, id).await?;
    web::html(&show_page(ui, parts, id, Some(number)).await?)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PersonForm {
    name: String,
    ethnicity: String,
    phone: String,
    email: String,
    education: String,
    school: String,
    major: String,
    graduated_on: String,
    unit: String,
    job_title: String,
    student_no: String,
    region_code: String,
    town: String,
    employment_kind: String,
    note: String,
    work_years: String,
    version: i64,
}

#[derive(Template)]
#[template(path = "people/pages/edit.html")]
struct EditPage {
    ui: Ui,
    id: i64,
    form: PersonForm,
    errors: Errors,
}

#[handler]
async fn edit_form(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let p = ops::get(&ui.cx, ui.actor()?, id).await?.person;
    let form = PersonForm {
        name: p.name,
        ethnicity: p.ethnicity,
        phone: p.phone,
        email: p.email,
        education: p.education,
        school: p.school,
        major: p.major,
        graduated_on: p.graduated_on,
        unit: p.unit,
        job_title: p.job_title,
        student_no: p.student_no,
        region_code: p.region_code,
        town: p.town,
        employment_kind: p.employment_kind,
        note: p.note,
        work_years: p.work_years.map(|y| y.to_string()).unwrap_or_default(),
        version: p.version,
    };
    web::html(&EditPage { ui, id, form, errors: Errors::default() })
}

#[handler]
async fn change(ui: Ui, Path(id): Path<i64>, Form(f): Form<PersonForm>) -> web::Result<Response> {
    let years = f.work_years.trim();
    let t = |s: &String| Some(s.clone());
    let input = EditPerson {
        name: t(&f.name),
        ethnicity: t(&f.ethnicity),
        phone: t(&f.phone),
        email: t(&f.email),
        education: t(&f.education),
        school: t(&f.school),
        major: t(&f.major),
        graduated_on: t(&f.graduated_on),
        unit: t(&f.unit),
        job_title: t(&f.job_title),
        student_no: t(&f.student_no),
        region_code: t(&f.region_code),
        town: t(&f.town),
        employment_kind: t(&f.employment_kind),
        note: t(&f.note),
        // What is no number is refused by the field.
        work_years: Some(if years.is_empty() { None } else { Some(years.parse().unwrap_or(-1)) }),
        campus_id: None,
    };
    match ops::edit(&ui.cx, ui.actor()?, id, input, f.version).await {
        Ok(_) => Ok(ui.see(&format!("/people/{id}"), &Msg::new("people-saved"))),
        Err(e) => {
            let page = EditPage { ui, id, form: f, errors: Errors::from(e)? };
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Deserialize)]
struct ActiveForm {
    active: String,
    #[serde(default)]
    why: String,
    version: i64,
}

#[handler]
async fn set_active(ui: Ui, Path(id): Path<i64>, Form(f): Form<ActiveForm>) -> web::Result<Response> {
    let active = f.active == "1";
    ops::set_active(&ui.cx, ui.actor()?, id, active, f.version, &f.why).await?;
    let key = if active { "people-reactivated" } else { "people-deactivated" };
    Ok(ui.see(&format!("/people/{id}"), &Msg::new(key)))
}
