//! Upload, preview with progress, commit, undo.

use askama::Template;
use poem::http::header;
use poem::web::{Data, Path};
use poem::{Response, handler};
use serde::Deserialize;

use super::entity::import_run;
use super::kind::{Ask, Kind, Params};
use super::outcome::State;
use super::problem::Problem;
use super::progress::{self, Progress};
use super::run::{self, Kinds};
use super::{background, refused};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, FieldError, Msg};
use crate::web::{self, Errors, Form, Pages, Query, Ui, Upload};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/imports", list)
        .get("/imports/new/:kind", upload_form)
        .post("/imports/new/:kind", upload)
        .get("/imports/form/:kind", empty_form)
        .get("/imports/:id", show)
        .post("/imports/:id/commit", commit)
        .post("/imports/:id/discard", discard)
        .post("/imports/:id/undo", undo)
        .get("/imports/:id/refused", refused_file)
}

/// Problems shown on one page.
const PROBLEMS: u64 = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "importing/pages/list.html")]
struct ListPage {
    ui: Ui,
    kinds: Vec<&'static str>,
    page: Page<import_run::Model>,
    next: Option<String>,
    at_start: bool,
}

#[handler]
async fn list(ui: Ui, Data(kinds): Data<&Kinds>, Query(q): Query<PageQuery>) -> web::Result<Response> {
    let who = ui.actor()?;
    let at_start = q.after.is_none();
    let page = run::list(&ui.cx, who, &PageReq { after: q.after, limit: None }).await?;
    let next = page.next.as_ref().map(|n| format!("/imports?after={n}"));
    let kinds = kinds.iter().filter(|k| who.is(k.roles())).map(Kind::name).collect();
    web::html(&ListPage { ui, kinds, page, next, at_start })
}

/// A parameter as the form shows it.
struct Field {
    name: &'static str,
    label: String,
    hint: String,
    value: String,
    error: String,
    check: bool,
    required: bool,
    choices: Vec<(String, String)>,
}

impl Field {
    fn attributes(&self) -> String {
        let choices = if self.choices.is_empty() { String::new() } else { format!(" list=l-{}", self.name) };
        format!("autocomplete=off{choices}{}", if self.required { " required" } else { "" })
    }
}

#[derive(Template)]
#[template(path = "importing/pages/upload.html")]
struct UploadPage {
    ui: Ui,
    kind: &'static str,
    columns: Vec<(&'static str, bool)>,
    fields: Vec<Field>,
    errors: Errors,
    limit: u64,
}

fn param_name(ask: Ask) -> &'static str {
    match ask {
        Ask::Cohort => "cohort",
        Ask::CreateCohort => "create_cohort",
        Ask::Region => "region",
        Ask::Scheme => "scheme",
        Ask::Year => "year",
        Ask::Class => "class",
        Ask::CreateSessions => "create_sessions",
    }
}

/// Whether an import cannot do without it. What a file leaves open (the region) may be left out.
fn needed(ask: Ask) -> bool {
    matches!(ask, Ask::Cohort | Ask::Scheme | Ask::Year | Ask::Class)
}

/// Says at the field what is missing before a file is read for nothing.
fn complete(kind: &dyn Kind, form: &Upload) -> Result<(), Error> {
    let missing = kind.asks().iter().filter(|a| needed(**a)).map(|a| param_name(*a));
    let missing = missing.filter(|name| form.field(name).trim().is_empty());
    let wrong: Vec<FieldError> = missing
        .map(|name| FieldError { field: name.to_owned(), msg: Msg::new(&format!("import-missing-{name}")) })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

async fn upload_page(
    ui: Ui,
    kind: &dyn Kind,
    given: impl Fn(&str) -> String,
    errors: Errors,
) -> web::Result<UploadPage> {
    let who = ui.actor()?;
    let mut fields = Vec::new();
    for ask in kind.asks() {
        let name = param_name(*ask);
        let key = name.replace('_', "-");
        fields.push(Field {
            name,
            label: ui.t(&format!("import-ask-{key}")),
            hint: ui.t(&format!("import-ask-{key}-hint")),
            value: given(name),
            error: errors.of(&ui, name),
            check: matches!(ask, Ask::CreateCohort | Ask::CreateSessions),
            required: needed(*ask),
            choices: kind.choices(&ui.cx, who, *ask).await?,
        });
    }
    let limit = ui.cx.settings.import.max_bytes >> 20;
    let columns = kind.columns_of(&ui.cx)?.iter().map(|c| (c.label, c.required)).collect();
    Ok(UploadPage { kind: kind.name(), columns, fields, errors, limit, ui })
}

#[handler]
async fn upload_form(
    ui: Ui,
    Data(kinds): Data<&Kinds>,
    Path(kind): Path<String>,
    Query(q): Query<std::collections::BTreeMap<String, String>>,
) -> web::Result<Response> {
    let kind = kinds.get(&kind)?;
    ui.actor()?.require(kind.roles())?;
    let given = |name: &str| q.get(name).cloned().unwrap_or_default();
    web::html(&upload_page(ui, kind, given, Errors::default()).await?)
}

#[handler]
async fn upload(ui: Ui, Data(kinds): Data<&Kinds>, Path(kind): Path<String>, form: Upload) -> web::Result<Response> {
    let kind = kinds.get(&kind)?;
    let who = ui.actor()?.clone();
    let params = complete(kind, &form).and_then(|()| params(&form));
    let checked = match (params, form.file()) {
        (Ok(p), Some(file)) if !file.bytes.is_empty() => {
            run::upload(&ui.cx, &who, kind, &p, &file.name, &file.bytes).await
        }
        (Err(e), _) => Err(e),
        _ => Err(Error::field("file", Msg::new("import-no-file"))),
    };
    match checked {
        Ok(id) => {
            background::preview(&ui.cx, &who, kinds, id);
            Ok(web::redirect(&format!("/imports/{id}")))
        }
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = upload_page(ui, kind, |name| form.field(name).to_owned(), errors).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn params(form: &Upload) -> Result<Params, Error> {
    let text = |name: &str| Some(form.field(name).trim().to_owned()).filter(|v| !v.is_empty());
    let year = match text("year") {
        None => None,
        Some(y) => Some(y.parse().map_err(|_| Error::field("year", Msg::new("import-param-year").with("year", &y)))?),
    };
    Ok(Params {
        cohort: text("cohort"),
        create_cohort: text("create_cohort").is_some(),
        region: text("region"),
        scheme: text("scheme"),
        year,
        class: text("class"),
        create_sessions: text("create_sessions").is_some(),
    })
}

#[derive(Template)]
#[template(path = "importing/pages/show.html")]
struct ShowPage {
    ui: Ui,
    run: import_run::Model,
    /// Under way: the page loads itself again.
    busy: bool,
    progress: Option<Progress>,
    problems: Vec<Problem>,
    next: Option<String>,
    at_start: bool,
    why: String,
    params: Vec<(String, String)>,
    /// The upload page with the same parameters.
    again: String,
}

impl ShowPage {
    fn is(&self, state: &str) -> bool {
        self.run.state == state
    }

    fn badge(&self) -> &'static str {
        match self.run.state.as_str() {
            "committed" => "good",
            "rejected" | "failed" => "bad",
            "undone" | "discarded" => "quiet",
            _ => "info",
        }
    }
}

#[handler]
async fn show(ui: Ui, Path(id): Path<i64>, Query(q): Query<PageQuery>) -> web::Result<Response> {
    let run = run::own(&ui.cx, ui.actor()?, id).await?;
    let after = q.after.as_deref().and_then(|a| a.parse().ok()).unwrap_or(0);
    let found = run::problems(&ui.cx, id, after, PROBLEMS + 1).await?;
    let page = Page::cut(found, PROBLEMS, |(seq, _)| seq.to_string());
    let why = serde_json::from_str::<Msg>(&run.file_problem).map(|m| m.text(ui.lang())).unwrap_or_default();
    let params: Params = serde_json::from_str(&run.params).unwrap_or_default();
    web::html(&ShowPage {
        busy: [State::Reading.name(), State::Committing.name()].contains(&run.state.as_str()),
        progress: progress::get(id),
        next: page.next.map(|n| format!("/imports/{id}?after={n}")),
        at_start: after == 0,
        problems: page.items.into_iter().map(|(_, p)| p).collect(),
        again: again(&run.kind, &params),
        params: shown(&ui, &params),
        why,
        run,
        ui,
    })
}

fn again(kind: &str, p: &Params) -> String {
    let yes = |b: bool| b.then(|| "1".to_owned());
    let given = [
        ("cohort", p.cohort.clone()),
        ("create_cohort", yes(p.create_cohort)),
        ("region", p.region.clone()),
        ("scheme", p.scheme.clone()),
        ("year", p.year.map(|y| y.to_string())),
        ("class", p.class.clone()),
        ("create_sessions", yes(p.create_sessions)),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", web::percent(&value?))));
    format!("/imports/new/{kind}?{}", given.collect::<Vec<_>>().join("&"))
}

fn shown(ui: &Ui, p: &Params) -> Vec<(String, String)> {
    let yes = |b: bool| b.then(|| ui.t("import-yes"));
    [
        ("cohort", p.cohort.clone()),
        ("create-cohort", yes(p.create_cohort)),
        ("region", p.region.clone()),
        ("scheme", p.scheme.clone()),
        ("year", p.year.map(|y| y.to_string())),
        ("class", p.class.clone()),
        ("create-sessions", yes(p.create_sessions)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((ui.t(&format!("import-ask-{name}")), value?)))
    .collect()
}

#[derive(Debug, Deserialize)]
struct Nothing {}

#[handler]
async fn commit(ui: Ui, Data(kinds): Data<&Kinds>, Path(id): Path<i64>, _form: Form<Nothing>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    run::ask_commit(&ui.cx, &who, id).await?;
    background::commit(&ui.cx, &who, kinds, id);
    Ok(web::redirect(&format!("/imports/{id}")))
}

#[handler]
async fn discard(ui: Ui, Path(id): Path<i64>, _form: Form<Nothing>) -> web::Result<Response> {
    run::discard(&ui.cx, ui.actor()?, id).await?;
    Ok(ui.see("/imports", &Msg::new("import-discarded")))
}

#[handler]
async fn undo(ui: Ui, Data(kinds): Data<&Kinds>, Path(id): Path<i64>, _form: Form<Nothing>) -> web::Result<Response> {
    run::undo(&ui.cx, ui.actor()?, kinds, id).await?;
    Ok(ui.see(&format!("/imports/{id}"), &Msg::new("cli-import-undone").with("id", id)))
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[handler]
async fn refused_file(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let run = run::own(&ui.cx, ui.actor()?, id).await?;
    let bytes = refused::refused_rows(&ui.cx, &run, ui.lang()).await?;
    Ok(file(&format!("refused-{id}.xlsx"), bytes))
}

#[handler]
async fn empty_form(ui: Ui, Data(kinds): Data<&Kinds>, Path(kind): Path<String>) -> web::Result<Response> {
    let kind = kinds.get(&kind)?;
    ui.actor()?.require(kind.roles())?;
    Ok(file(&format!("{}.xlsx", kind.name()), refused::form(kind.columns_of(&ui.cx)?)?))
}

fn file(name: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .content_type(XLSX)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .body(bytes)
}
