//! The places offered in a round.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, RoundView, SlotInput, SlotView};
use crate::core::page::{Page, PageReq};
use crate::core::{Error, Msg};
use crate::db::list::Slice;
use crate::directory::ops::{bases, campuses};
use crate::web::record::{Field, FormView, read_count};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/placing/:id/slots", list)
        .post("/placing/:id/slots", add)
        .get("/placing/:id/slots/new", new)
        .get("/placing/:id/slots/:slot", edit)
        .post("/placing/:id/slots/:slot", change)
        .post("/placing/:id/slots/:slot/remove", remove)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    q: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "placing/pages/slots.html")]
struct SlotsPage {
    ui: Ui,
    r: RoundView,
    text: String,
    page: Page<SlotView>,
    first: String,
    next: Option<String>,
    at_start: bool,
}

#[handler]
async fn list(ui: Ui, Path(id): Path<i64>, Query(q): Query<ListQuery>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let r = ops::get(ui.cx.read(), &who, id).await?;
    let text = q.q.unwrap_or_default();
    let slice = Slice::from(&PageReq { after: q.after.clone(), limit: None });
    let page = ops::slots(ui.cx.read(), &who, id, &text, "", &slice).await?;
    let first = format!("/placing/{id}/slots?q={}&", web::percent(&text));
    let next = page.next.as_ref().map(|n| format!("{first}after={}", web::percent(n)));
    web::html(&SlotsPage { ui, r, text, page, first, next, at_start: q.after.is_none() })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    /// Code or name.
    base_id: String,
    /// Full name; empty for the cohort's.
    campus_id: String,
    /// Name of one of the base's.
    supervisor_id: String,
    field: String,
    places: String,
    note: String,
    version: i64,
}

impl Typed {
    fn of(s: &SlotView) -> Self {
        Self {
            base_id: s.base_code.clone(),
            campus_id: s.campus_name.clone(),
            supervisor_id: s.supervisor_name.clone().unwrap_or_default(),
            field: s.field.clone(),
            places: s.places.to_string(),
            note: s.note.clone(),
            version: s.version,
        }
    }

    /// The names typed become ids; what is none of them is said by its field.
    async fn input(&self, ui: &Ui, known: Option<&SlotView>, errors: &mut Errors) -> web::Result<SlotInput> {
        let who = ui.actor()?;
        let mut input = SlotInput {
            field: self.field.clone(),
            note: self.note.clone(),
            places: read_count(errors, "places", &self.places).unwrap_or(-1),
            ..SlotInput::default()
        };
        match known {
            Some(s) => (input.base_id, input.campus_id) = (s.base_id, Some(s.campus_id)),
            None => {
                match bases::named(ui.cx.read(), who, "base_id", &self.base_id).await {
                    Ok(id) => input.base_id = id,
                    Err(e) => errors.extend(Errors::from(e)?),
                }
                if !self.campus_id.trim().is_empty() {
                    match campuses::named(ui.cx.read(), "campus_id", &self.campus_id).await {
                        Ok(id) => input.campus_id = Some(id),
                        Err(e) => errors.extend(Errors::from(e)?),
                    }
                }
            }
        }
        let name = self.supervisor_id.trim();
        if !name.is_empty() && input.base_id > 0 {
            let all = bases::get(&ui.cx, who, input.base_id).await?.supervisors;
            let found = all.into_iter().find(|s| s.active && s.name == name);
            input.supervisor_id = found.map(|s| s.id);
            if input.supervisor_id.is_none() {
                errors.add("supervisor_id", Msg::new("practicum-supervisor-unknown"));
            }
        }
        Ok(input)
    }
}

fn form(ui: Ui, r: &RoundView, known: Option<&SlotView>, t: &Typed, errors: Errors) -> FormView {
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = Vec::new();
    if known.is_none() {
        fields.push(input("base_id", "text", "practicum-base", &t.base_id).required().hint(ui.t("base-word-hint")));
        fields.push(input("campus_id", "text", "placing-campus", &t.campus_id).hint(ui.t("placing-campus-hint")));
    }
    fields.extend([
        input("field", "text", "placing-field", &t.field).hint(ui.t("placing-field-hint")),
        input("places", "number", "placing-places", &t.places).required(),
        input("supervisor_id", "text", "practicum-supervisor", &t.supervisor_id).hint(ui.t("placing-supervisor-hint")),
        input("note", "area", "practicum-note", &t.note),
    ]);
    let at = format!("/placing/{}/slots", r.id);
    FormView {
        title: ui.t(if known.is_none() { "placing-slot-new" } else { "placing-slot-edit" }),
        lead: known.map(|s| format!("{} · {}", s.label(), s.campus_name)).unwrap_or_default(),
        crumbs: vec![(format!("/placing/{}", r.id), r.name.clone()), (at.clone(), ui.t("placing-slots"))],
        action: known.map_or(at.clone(), |s| format!("{at}/{}", s.id)),
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    }
}

#[handler]
async fn new(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let r = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, &r, None, &Typed { places: "1".into(), ..Typed::default() }, Errors::default()))
}

async fn known(ui: &Ui, id: i64, slot: i64) -> web::Result<SlotView> {
    ops::get(ui.cx.read(), ui.actor()?, id).await?;
    Ok(ops::slot_view(ui.cx.read(), id, slot).await?)
}

#[handler]
async fn edit(ui: Ui, Path((id, slot)): Path<(i64, i64)>) -> web::Result<Response> {
    let r = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let s = known(&ui, id, slot).await?;
    web::html(&form(ui, &r, Some(&s), &Typed::of(&s), Errors::default()))
}

#[handler]
async fn add(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, id, None, t).await
}

#[handler]
async fn change(ui: Ui, Path((id, slot)): Path<(i64, i64)>, Form(t): Form<Typed>) -> web::Result<Response> {
    let s = known(&ui, id, slot).await?;
    save(ui, id, Some(s), t).await
}

async fn save(ui: Ui, id: i64, slot: Option<SlotView>, t: Typed) -> web::Result<Response> {
    let mut errors = Errors::default();
    let r = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let input = t.input(&ui, slot.as_ref(), &mut errors).await?;
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match &slot {
            None => ops::add_slot(&ui.cx, who, id, input).await.map(|_| ()),
            Some(s) => ops::edit_slot(&ui.cx, who, id, s.id, t.version, input).await,
        };
        match done {
            Ok(()) => return Ok(ui.see(&format!("/placing/{id}/slots"), &Msg::new("placing-slot-saved"))),
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, &r, slot.as_ref(), &t, errors))
}

#[derive(Debug, Deserialize)]
struct VersionForm {
    version: i64,
}

#[handler]
async fn remove(ui: Ui, Path((id, slot)): Path<(i64, i64)>, Form(f): Form<VersionForm>) -> web::Result<Response> {
    match ops::remove_slot(&ui.cx, ui.actor()?, id, slot, f.version).await {
        Ok(()) => Ok(ui.see(&format!("/placing/{id}/slots"), &Msg::new("placing-slot-removed"))),
        Err(Error::Conflict(msg)) => Ok(ui.see(&format!("/placing/{id}/slots"), &msg)),
        Err(e) => Err(e.into()),
    }
}
