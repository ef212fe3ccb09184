//! The form of a station.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::{crumbs, levels, phases, states};
use crate::core::Msg;
use crate::stations::ops::{self, Index, Station, StationInput};
use crate::stations::rules::Level;
use crate::web::record::{Field, FormView, date, read_date};
use crate::web::{self, Errors, Form, Ui};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    code: String,
    name: String,
    level: String,
    phase: String,
    state: String,
    county_code: String,
    town: String,
    parent_id: Option<i64>,
    head: String,
    phone: String,
    address: String,
    note: String,
    opened_on: String,
    version: i64,
}

impl Typed {
    fn of(m: Station) -> Self {
        Self {
            code: m.code,
            name: m.name,
            level: m.level,
            phase: m.phase,
            state: m.state,
            county_code: m.county_code,
            town: m.town,
            parent_id: m.parent_id,
            head: m.head,
            phone: m.phone,
            address: m.address,
            note: m.note,
            opened_on: date(m.opened_on),
            version: m.version,
        }
    }

    fn input(&self, errors: &mut Errors) -> StationInput {
        let t = self.clone();
        StationInput {
            opened_on: read_date(errors, "opened_on", &t.opened_on),
            code: t.code,
            name: t.name,
            level: t.level,
            phase: t.phase,
            state: t.state,
            county_code: t.county_code,
            town: t.town,
            parent_id: t.parent_id,
            head: t.head,
            phone: t.phone,
            address: t.address,
            note: t.note,
        }
    }
}

/// `id` 0 for a new one.
async fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> web::Result<FormView> {
    // Those that can stand above one: county and town stations of the same register.
    let index = Index::load(ui.cx.read(), ui.actor()?, &t.county_code).await?;
    let mut above: Vec<_> = index.iter().filter(|s| s.level != Level::Village.name() && s.id != id).collect();
    above.sort_by(|a, b| a.code.cmp(&b.code));
    let none = (String::new(), ui.t("station-parent-none"));
    let parents = above.into_iter().map(|s| (s.id.to_string(), format!("{} {}", s.code, s.name)));
    let parents: Vec<_> = std::iter::once(none).chain(parents).collect();
    let parent = t.parent_id.map(|p| p.to_string()).unwrap_or_default();
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let fields = vec![
        input("code", "text", "station-code", &t.code).required(),
        input("name", "text", "station-name", &t.name).required(),
        Field::choice("level", ui.t("station-level"), &t.level, levels(&ui)),
        input("county_code", "text", "web-region", &t.county_code).hint(ui.t("region-code-hint")),
        input("town", "text", "station-town", &t.town),
        Field::choice("parent_id", ui.t("station-parent"), &parent, parents),
        Field::choice("phase", ui.t("station-phase"), &t.phase, phases(&ui)),
        input("opened_on", "date", "station-opened-on", &t.opened_on),
        Field::choice("state", ui.t("station-state"), &t.state, states(&ui)),
        input("head", "text", "station-head", &t.head),
        input("phone", "tel", "station-phone", &t.phone),
        input("address", "text", "station-address", &t.address),
        input("note", "area", "station-note", &t.note),
    ];
    let (title, action) = if id == 0 {
        (ui.t("station-new"), "/stations".to_owned())
    } else {
        (ui.t("station-edit"), format!("/stations/{id}"))
    };
    Ok(FormView {
        title,
        lead: String::new(),
        crumbs: crumbs(&ui),
        action,
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    })
}

#[handler]
pub(super) async fn new(ui: Ui) -> web::Result<Response> {
    let county_code = ui.actor()?.scope.regions.first().cloned().unwrap_or_default();
    let typed = Typed { county_code, level: "town".into(), phase: "built".into(), ..Typed::default() };
    web::html(&form(ui, 0, &typed, Errors::default()).await?)
}

#[handler]
pub(super) async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let m = ops::visible(ui.cx.read(), ui.actor()?, id).await?;
    web::html(&form(ui, id, &Typed::of(m), Errors::default()).await?)
}

#[handler]
pub(super) async fn add(ui: Ui, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, 0, t).await
}

#[handler]
pub(super) async fn change(ui: Ui, Path(id): Path<i64>, Form(t): Form<Typed>) -> web::Result<Response> {
    save(ui, id, t).await
}

async fn save(ui: Ui, id: i64, t: Typed) -> web::Result<Response> {
    let mut errors = Errors::default();
    let input = t.input(&mut errors);
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match id {
            0 => ops::add(&ui.cx, who, input).await,
            id => ops::edit(&ui.cx, who, id, input, t.version).await,
        };
        match done {
            Ok(m) => {
                return Ok(ui.see(&format!("/stations/{}", m.id), &Msg::new("station-saved").with("name", m.name)));
            }
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors).await?)
}
