//! Pages: the list, one certificate with its correction and revocation, recording one.

use askama::Template;
use chrono::NaiveDate;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::import::Certificates;
use super::ops::{self, CertificateView, CorrectCertificate, Find, RecordCertificate, RevokeCertificate};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, FieldError, Msg};
use crate::importing::upload_page;
use crate::people;
use crate::web::{self, Errors, Form, Pages, Query, Ui, percent};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/certificates", list)
        .get("/certificates/new", record_form)
        .post("/certificates/new", record)
        .get("/certificates/:id", one)
        .post("/certificates/:id/correct", correct)
        .post("/certificates/:id/revoke", revoke)
}

/// `scheme/level` and its name, for choosing one.
fn levels(ui: &Ui) -> crate::core::Result<Vec<(String, String)>> {
    let schemes = crate::schemes::of(&ui.cx)?;
    let of = |s: &crate::schemes::Scheme| {
        let name = s.name.text(ui.lang()).to_owned();
        let code = s.code.clone();
        let all: Vec<_> = s
            .levels
            .iter()
            .map(|l| (format!("{code}/{}", l.code), format!("{} – {name}", l.name.text(ui.lang()))))
            .collect();
        all
    };
    Ok(schemes.all().flat_map(of).collect())
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    level: Option<String>,
    state: Option<String>,
    q: Option<String>,
    exam_year: Option<i64>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "certificates/pages/list.html")]
struct ListPage {
    ui: Ui,
    page: Page<CertificateView>,
    names: Vec<String>,
    levels: Vec<(String, String)>,
    states: Vec<(String, String)>,
    level: String,
    state: String,
    text: String,
    first: String,
    next: Option<String>,
    at_start: bool,
    /// Lists are imported by fewer than see them: an import makes people.
    import: Option<String>,
}

#[handler]
async fn list(ui: Ui, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let (level, state, text) = (q.level.unwrap_or_default(), q.state.unwrap_or_default(), q.q.unwrap_or_default());
    let revoked = match state.as_str() {
        "revoked" => Some(true),
        "valid" => Some(false),
        _ => None,
    };
    let find = Find { level: level.clone(), text: text.clone(), exam_year: q.exam_year, revoked };
    let at_start = q.after.is_none();
    let page = ops::list(&ui.cx, ui.actor()?, &find, &PageReq { after: q.after, limit: None }).await?;
    let year = q.exam_year.map(|y| format!("&exam_year={y}")).unwrap_or_default();
    let first = format!("/certificates?level={}&state={}&q={}{year}", percent(&level), percent(&state), percent(&text));
    let next = page.next.as_ref().map(|n| format!("{first}&after={n}"));
    let schemes = crate::schemes::of(&ui.cx)?;
    let name = |v: &CertificateView| schemes.level_name(&v.certificate.scheme, &v.certificate.level, ui.lang());
    let names = page.items.iter().map(name).collect();
    let mut all = vec![(String::new(), ui.t("certificates-any-level"))];
    all.extend(levels(&ui)?);
    let states = vec![
        (String::new(), ui.t("certificates-any-state")),
        ("valid".to_owned(), ui.t("certificates-only-valid")),
        ("revoked".to_owned(), ui.t("certificates-only-revoked")),
    ];
    let import = upload_page(&Certificates, ui.actor()?);
    web::html(&ListPage { page, names, levels: all, states, level, state, text, first, next, at_start, import, ui })
}

/// What was typed into the forms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    level: String,
    number: String,
    exam_year: String,
    approved_on: String,
    first_registered_on: String,
    registered_until: String,
    unit: String,
    note: String,
    why: String,
    on: String,
    version: i64,
}

/// The typed dates and year, all wrong ones named.
struct Read {
    exam_year: i64,
    approved_on: NaiveDate,
    first_registered_on: Option<NaiveDate>,
    registered_until: Option<NaiveDate>,
}

impl Typed {
    fn of(v: &CertificateView) -> Self {
        let c = &v.certificate;
        let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
        Self {
            number: c.number.clone(),
            exam_year: if c.exam_year > 0 { c.exam_year.to_string() } else { String::new() },
            approved_on: c.approved_on.to_string(),
            first_registered_on: day(c.first_registered_on),
            registered_until: day(c.registered_until),
            unit: c.unit.clone(),
            note: c.note.clone(),
            version: c.version,
            ..Self::default()
        }
    }

    fn read(&self) -> Result<Read, Error> {
        let mut wrong = Vec::new();
        let mut bad = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
        let mut day = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => text.parse::<NaiveDate>().map_err(|_| bad(field, "certificates-date-form")).ok(),
        };
        let approved = day("approved_on", &self.approved_on);
        let first_registered_on = day("first_registered_on", &self.first_registered_on);
        let registered_until = day("registered_until", &self.registered_until);
        let exam_year = match self.exam_year.trim() {
            "" => 0,
            text => text.parse().unwrap_or_else(|_| {
                bad("exam_year", "certificates-year-form");
                0
            }),
        };
        if self.approved_on.trim().is_empty() {
            bad("approved_on", "certificates-date-form");
        }
        match approved {
            Some(approved_on) if wrong.is_empty() => {
                Ok(Read { exam_year, approved_on, first_registered_on, registered_until })
            }
            _ => Err(Error::Invalid(wrong)),
        }
    }
}

#[derive(Template)]
#[template(path = "certificates/pages/one.html")]
struct OnePage {
    ui: Ui,
    view: CertificateView,
    level_name: String,
    typed: Typed,
    errors: Errors,
    /// Which of the two forms was refused: correct or revoke.
    form: &'static str,
}

impl OnePage {
    fn standing(&self) -> String {
        self.ui.t(&self.view.standing.text_key())
    }

    fn error(&self, form: &str, field: &str) -> String {
        if self.form == form { self.errors.of(&self.ui, field) } else { String::new() }
    }

    fn may(&self, what: &str) -> bool {
        self.ui.can("POST", &format!("/certificates/{}/{what}", self.view.certificate.id))
    }
}

async fn show(ui: Ui, id: i64, typed: Option<Typed>, errors: Errors, form: &'static str) -> web::Result<Response> {
    let view = ops::get(&ui.cx, ui.actor()?, id).await?;
    let typed = typed.unwrap_or_else(|| Typed { on: ui.cx.today().to_string(), ..Typed::of(&view) });
    let c = &view.certificate;
    let level_name = crate::schemes::of(&ui.cx)?.level_name(&c.scheme, &c.level, ui.lang());
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    web::html_with(status, &OnePage { level_name, view, typed, errors, form, ui })
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    show(ui, id, None, Errors::default(), "").await
}

#[handler]
async fn correct(ui: Ui, Path(id): Path<i64>, Form(typed): Form<Typed>) -> web::Result<Response> {
    let done = match typed.read() {
        Ok(r) => {
            let input = CorrectCertificate {
                number: typed.number.clone(),
                exam_year: r.exam_year,
                approved_on: r.approved_on,
                first_registered_on: r.first_registered_on,
                registered_until: r.registered_until,
                unit: typed.unit.clone(),
                note: typed.note.clone(),
                why: typed.why.clone(),
            };
            ops::correct(&ui.cx, ui.actor()?, id, typed.version, input).await.map(|_| ())
        }
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/certificates/{id}"), &Msg::new("certificates-corrected"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            show(ui, id, Some(typed), errors, "correct").await
        }
    }
}

#[handler]
async fn revoke(ui: Ui, Path(id): Path<i64>, Form(typed): Form<Typed>) -> web::Result<Response> {
    let done = match typed.on.trim().parse() {
        Ok(on) => {
            let input = RevokeCertificate { on, why: typed.why.clone() };
            ops::revoke(&ui.cx, ui.actor()?, id, typed.version, input).await.map(|_| ())
        }
        Err(_) => Err(Error::field("revoked_on", Msg::new("certificates-date-form"))),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/certificates/{id}"), &Msg::new("certificates-revoked"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let view = ops::get(&ui.cx, ui.actor()?, id).await?;
            let again = Typed { on: typed.on, why: typed.why, ..Typed::of(&view) };
            show(ui, id, Some(again), errors, "revoke").await
        }
    }
}

#[derive(Template)]
#[template(path = "certificates/pages/new.html")]
struct NewPage {
    ui: Ui,
    person: i64,
    name: String,
    levels: Vec<(String, String)>,
    typed: Typed,
    errors: Errors,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct NewQuery {
    person: i64,
}

async fn new_page(ui: Ui, person: i64, typed: Typed, errors: Errors) -> web::Result<Response> {
    let found = people::ops::visible(ui.cx.read(), ui.actor()?, person).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let levels = levels(&ui)?;
    web::html_with(status, &NewPage { person, name: found.name, levels, typed, errors, ui })
}

#[handler]
async fn record_form(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let found = people::ops::visible(ui.cx.read(), ui.actor()?, q.person).await?;
    let typed = Typed { unit: found.unit, ..Typed::default() };
    new_page(ui, q.person, typed, Errors::default()).await
}

#[handler]
async fn record(ui: Ui, Query(q): Query<NewQuery>, Form(typed): Form<Typed>) -> web::Result<Response> {
    let (scheme, level) = typed.level.split_once('/').unwrap_or(("", typed.level.as_str()));
    let done = match typed.read() {
        Ok(r) => {
            let input = RecordCertificate {
                person_id: q.person,
                scheme: scheme.to_owned(),
                level: level.to_owned(),
                number: typed.number.clone(),
                exam_year: r.exam_year,
                approved_on: r.approved_on,
                first_registered_on: r.first_registered_on,
                registered_until: r.registered_until,
                unit: typed.unit.clone(),
                note: typed.note.clone(),
            };
            ops::record(&ui.cx, ui.actor()?, input).await
        }
        Err(e) => Err(e),
    };
    match done {
        Ok(made) => Ok(ui.see(&format!("/certificates/{}", made.id), &Msg::new("certificates-recorded"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            new_page(ui, q.person, typed, errors).await
        }
    }
}
