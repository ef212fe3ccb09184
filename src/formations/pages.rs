//! Pages of formations: the list with its export, one with its figures, members and activities, the forms.

use askama::Template;
use chrono::NaiveDate;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::entity::formation_activity;
use super::ops::{self, ActivityInput, Find, FormationInput, FormationView, MemberInput, MemberRow};
use super::rules::{KINDS, ROLES, holds};
use crate::core::page::PageReq;
use crate::core::{Error, Msg, Result};
use crate::db::list::{EXPORT, Slice};
use crate::web::list::{Cell, Filter, Head, ListView};
use crate::web::record::{Field, FormView, date, read_date};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

/// The pages of this feature.
#[must_use]
pub fn routes(r: Pages) -> Pages {
    r.get("/formations", list)
        .get("/formations/export", export)
        .get("/formations/new", new)
        .post("/formations", add)
        .get("/formations/:id", one)
        .get("/formations/:id/edit", edit)
        .post("/formations/:id", change)
        .post("/formations/:id/members", add_member)
        .post("/formation-members/:id", end_member)
        .post("/formations/:id/activities", add_activity)
}

fn words(ui: &Ui, prefix: &str, all: &[&str]) -> Vec<(String, String)> {
    all.iter().map(|w| ((*w).to_owned(), ui.t(&format!("{prefix}-{}", w.replace('_', "-"))))).collect()
}

fn state_badge(ui: &Ui, state: &str) -> Cell {
    Cell::badge(if state == "active" { "good" } else { "quiet" }, ui.t(&format!("formation-state-{state}")))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    state: Option<String>,
    region: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

async fn view(ui: Ui, q: ListQuery, slice: Slice) -> web::Result<ListView> {
    let who = ui.actor()?.clone();
    let find = Find {
        text: q.q.unwrap_or_default(),
        state: q.state.unwrap_or_default(),
        region: q.region.unwrap_or_default(),
    };
    let sort = q.sort.unwrap_or_default();
    let page = ops::list(&ui.cx, &who, &find, &sort, &slice).await?;
    let sums = ops::sums(&ui.cx, &who, &find).await?;
    let tile = |key: &str, n: i64| (ui.t(key), n.to_string(), String::new(), String::new());
    let heads = [
        ("formation-name", "name", false),
        ("formation-role-lead", "", true),
        ("formation-role-flock", "", true),
        ("formation-role-support", "", true),
        ("formation-learners", "", true),
        ("formation-certified", "", true),
        ("formation-activities", "activities", true),
        ("formation-person-times", "", true),
        ("formation-last", "", false),
        ("formation-state", "", false),
    ];
    let row = |f: &FormationView| {
        vec![
            Cell::link(&f.name, format!("/formations/{}", f.id)),
            Cell::number(f.leads),
            Cell::number(f.flock),
            Cell::number(f.supports),
            Cell::number(f.learners),
            Cell::number(f.certified),
            Cell::number(f.activities),
            Cell::number(f.person_times),
            Cell::text(date(f.last_on)),
            state_badge(&ui, &f.state),
        ]
    };
    let mut actions = Vec::new();
    if ui.can("GET", "/formations/new") {
        actions.push(("/formations/new".to_owned(), ui.t("formation-new")));
    }
    Ok(ListView {
        title: ui.t("formation-title"),
        lead: ui.t("formation-lead"),
        path: "/formations",
        crumbs: Vec::new(),
        tiles: vec![
            tile("formation-count", sums.formations),
            tile("formation-people", sums.people),
            tile("formation-activities", sums.activities),
            tile("formation-person-times", sums.person_times),
        ],
        filters: vec![
            Filter::input("q", "search", ui.t("formation-find"), &find.text),
            Filter::choice(
                &ui,
                "state",
                ui.t("formation-state"),
                &find.state,
                words(&ui, "formation-state", &["active", "ended"]),
            ),
            Filter::input("region", "text", ui.t("web-region"), &find.region),
        ],
        heads: heads.into_iter().map(|(key, sort, number)| Head { label: ui.t(key), sort, number }).collect(),
        rows: page.items.iter().map(row).collect(),
        sort,
        next: page.next,
        at_start: slice.after.is_none(),
        actions,
        export: "/formations/export",
        empty: (ui.t("formation-none"), ui.t("formation-none-hint")),
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
    let name = ui.t("formation-title");
    view(ui, q, Slice { after: None, limit: EXPORT }).await?.download(&name)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    region_code: String,
    goal: String,
    note: String,
    state: String,
    starts_on: String,
    ends_on: String,
    version: i64,
}

impl Typed {
    fn input(&self, errors: &mut Errors) -> FormationInput {
        FormationInput {
            name: self.name.clone(),
            region_code: self.region_code.clone(),
            goal: self.goal.clone(),
            note: self.note.clone(),
            state: self.state.clone(),
            starts_on: read_date(errors, "starts_on", &self.starts_on),
            ends_on: read_date(errors, "ends_on", &self.ends_on),
        }
    }
}

fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = vec![
        input("name", "text", "formation-name", &t.name).required(),
        input("goal", "area", "formation-goal", &t.goal),
        input("starts_on", "date", "formation-starts-on", &t.starts_on),
        input("ends_on", "date", "formation-ends-on", &t.ends_on),
        Field::choice("state", ui.t("formation-state"), &t.state, words(&ui, "formation-state", &["active", "ended"])),
        input("note", "area", "formation-note", &t.note),
    ];
    if id == 0 {
        fields
            .insert(1, input("region_code", "text", "web-region", &t.region_code).hint(ui.t("formation-region-hint")));
    }
    FormView {
        title: ui.t(if id == 0 { "formation-new" } else { "formation-edit" }),
        lead: String::new(),
        crumbs: vec![("/formations".to_owned(), ui.t("formation-title"))],
        action: if id == 0 { "/formations".to_owned() } else { format!("/formations/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[handler]
async fn new(ui: Ui) -> web::Result<Response> {
    let region_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let starts_on = ui.cx.today().to_string();
    let typed = Typed { region_code, starts_on, state: "active".to_owned(), ..Typed::default() };
    web::html(&form(ui, 0, &typed, Errors::default()))
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let f = ops::get(&ui.cx, ui.cx.read(), ui.actor()?, id).await?;
    let typed = Typed {
        name: f.name,
        region_code: f.region_code,
        goal: f.goal,
        note: f.note,
        state: f.state,
        starts_on: date(f.starts_on),
        ends_on: date(f.ends_on),
        version: f.version,
    };
    web::html(&form(ui, id, &typed, Errors::default()))
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
            id => ops::edit(&ui.cx, who, id, t.version, input).await.map(|()| id),
        };
        match done {
            Ok(id) => return Ok(ui.see(&format!("/formations/{id}"), &Msg::new("formation-saved"))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors))
}

/// What was typed into one of the page's forms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SmallForm {
    person: String,
    role: String,
    member_starts_on: String,
    member_ends_on: String,
    member_note: String,
    held_on: String,
    kind: String,
    title: String,
    people: String,
    outcome: String,
    version: i64,
    formation: i64,
}

#[derive(Template)]
#[template(path = "formations/pages/one.html")]
struct OnePage {
    ui: Ui,
    f: FormationView,
    members: Vec<MemberRow>,
    activities: Vec<formation_activity::Model>,
    roles: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    form: SmallForm,
    errors: Errors,
}

impl OnePage {
    fn may_change(&self) -> bool {
        self.ui.can("POST", "/formations/1/members")
    }

    fn role(&self, m: &MemberRow) -> String {
        self.ui.t(&format!("formation-role-{}", m.role))
    }

    fn kind(&self, a: &formation_activity::Model) -> String {
        self.ui.t(&format!("formation-kind-{}", a.kind.replace('_', "-")))
    }

    fn now(&self, m: &MemberRow) -> bool {
        holds((m.starts_on, m.ends_on), self.ui.cx.today())
    }

    fn days(&self, m: &MemberRow) -> String {
        self.ui.days(&Some(m.starts_on), &m.ends_on)
    }

    fn today(&self) -> String {
        self.ui.cx.today().to_string()
    }

    fn is_active(&self) -> bool {
        self.f.state == "active"
    }

    /// Which of the two forms was refused.
    fn of_member(&self) -> bool {
        ["person", "role", "member_starts_on", "member_ends_on", "member_note"]
            .iter()
            .any(|f| self.errors.0.iter().any(|e| e.field == *f))
    }
}

async fn one_page(ui: Ui, id: i64, form: Option<SmallForm>, errors: Errors) -> web::Result<OnePage> {
    let who = ui.actor()?;
    let f = ops::get(&ui.cx, ui.cx.read(), who, id).await?;
    let members = ops::members(ui.cx.read(), who, id).await?;
    let activities = ops::activities(ui.cx.read(), id).await?;
    let today = ui.cx.today().to_string();
    let form = form.unwrap_or_else(|| SmallForm {
        role: "flock".to_owned(),
        kind: "training".to_owned(),
        member_starts_on: today.clone(),
        held_on: today,
        ..SmallForm::default()
    });
    let (roles, kinds) = (words(&ui, "formation-role", &ROLES), words(&ui, "formation-kind", &KINDS));
    Ok(OnePage { ui, f, members, activities, roles, kinds, form, errors })
}

#[handler]
async fn one(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&one_page(ui, id, None, Errors::default()).await?)
}

/// A day that must be there.
fn day(errors: &mut Errors, field: &str, text: &str) -> NaiveDate {
    let read = read_date(errors, field, text);
    if read.is_none() && text.trim().is_empty() {
        errors.add(field, Msg::new("web-date-form"));
    }
    read.unwrap_or_default()
}

fn member_of(f: &SmallForm) -> Result<MemberInput> {
    let mut errors = Errors::default();
    let person_id = f.person.trim().parse().ok();
    if person_id.is_none() {
        errors.add("person", Msg::new("formation-person-unknown"));
    }
    let input = MemberInput {
        person_id: person_id.unwrap_or(0),
        role: f.role.clone(),
        starts_on: day(&mut errors, "member_starts_on", &f.member_starts_on),
        ends_on: read_date(&mut errors, "member_ends_on", &f.member_ends_on),
        note: f.member_note.clone(),
    };
    if errors.is_empty() { Ok(input) } else { Err(Error::Invalid(errors.0)) }
}

async fn refused(ui: Ui, id: i64, f: SmallForm, e: Error) -> web::Result<Response> {
    let errors = Errors::from(e)?;
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &one_page(ui, id, Some(f), errors).await?)
}

#[handler]
async fn add_member(ui: Ui, Path(id): Path<i64>, Form(f): Form<SmallForm>) -> web::Result<Response> {
    let done = match member_of(&f) {
        Ok(input) => ops::add_member(&ui.cx, ui.actor()?, id, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(_) => Ok(ui.see(&format!("/formations/{id}"), &Msg::new("formation-member-saved"))),
        Err(e) => refused(ui, id, f, e).await,
    }
}

#[handler]
async fn end_member(ui: Ui, Path(id): Path<i64>, Form(f): Form<SmallForm>) -> web::Result<Response> {
    let done = match member_of(&SmallForm { person: "0".to_owned(), ..f.clone() }) {
        Ok(input) => ops::change_member(&ui.cx, ui.actor()?, id, f.version, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(of) => Ok(ui.see(&format!("/formations/{of}"), &Msg::new("formation-member-saved"))),
        Err(e) => refused(ui, f.formation, f, e).await,
    }
}

#[handler]
async fn add_activity(ui: Ui, Path(id): Path<i64>, Form(f): Form<SmallForm>) -> web::Result<Response> {
    let mut errors = Errors::default();
    let people = f.people.trim().parse().unwrap_or(0);
    let input = ActivityInput {
        held_on: day(&mut errors, "held_on", &f.held_on),
        kind: f.kind.clone(),
        title: f.title.clone(),
        people,
        outcome: f.outcome.clone(),
    };
    let done = if errors.is_empty() {
        ops::add_activity(&ui.cx, ui.actor()?, id, input).await
    } else {
        Err(Error::Invalid(errors.0))
    };
    match done {
        Ok(_) => Ok(ui.see(&format!("/formations/{id}"), &Msg::new("formation-activity-saved"))),
        Err(e) => refused(ui, id, f, e).await,
    }
}
