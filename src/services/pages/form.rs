//! The form of a service record.

use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::kind_options;
use crate::core::Msg;
use crate::services::kinds;
use crate::services::ops::{self, ServiceInput};
use crate::web::record::{Field, FormView, read_count, read_date};
use crate::web::{self, Errors, Form, Query, Ui};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    station: i64,
    record_no: String,
    served_on: String,
    kind: String,
    beneficiary: String,
    households: String,
    hardship: String,
    activities: String,
    person_times: String,
    recorder: String,
    note: String,
    version: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewQuery {
    station: Option<i64>,
}

/// `id` 0 for a new one.
fn form(ui: Ui, id: i64, t: &Typed, errors: Errors) -> crate::core::Result<FormView> {
    let kinds = kinds::of(&ui.cx)?;
    let input = |name: &str, kind: &'static str, key: &str, value: &str| Field::input(name, kind, ui.t(key), value);
    let mut fields = vec![
        input("served_on", "date", "service-date", &t.served_on).required(),
        Field::choice("kind", ui.t("service-kind"), &t.kind, kind_options(&ui, &kinds)),
        input("beneficiary", "text", "service-beneficiary", &t.beneficiary),
        input("households", "number", "service-households", &t.households),
        input("hardship", "number", "service-hardship", &t.hardship),
        input("activities", "number", "service-activities", &t.activities),
        input("person_times", "number", "service-person-times", &t.person_times),
        input("recorder", "text", "service-recorder", &t.recorder),
        input("record_no", "text", "service-record-no", &t.record_no),
        input("note", "area", "station-note", &t.note),
    ];
    if id == 0 {
        fields.insert(0, input("station", "number", "employment-station-no", &t.station.to_string()).required());
    }
    Ok(FormView {
        title: ui.t(if id == 0 { "service-new" } else { "service-edit" }),
        lead: String::new(),
        crumbs: vec![("/service-records".to_owned(), ui.t("service-title"))],
        action: if id == 0 { "/service-records".to_owned() } else { format!("/service-records/{id}") },
        version: t.version,
        groups: vec![(String::new(), fields)],
        errors,
        ui,
    })
}

#[handler]
pub(super) async fn new(ui: Ui, Query(q): Query<NewQuery>) -> web::Result<Response> {
    let served_on = ui.cx.today().to_string();
    let t = Typed { station: q.station.unwrap_or_default(), served_on, ..Typed::default() };
    web::html(&form(ui, 0, &t, Errors::default())?)
}

#[handler]
pub(super) async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let r = ops::get(ui.cx.read(), ui.actor()?, id).await?;
    let t = Typed {
        station: r.station_id,
        record_no: r.record_no.unwrap_or_default(),
        served_on: r.served_on.to_string(),
        kind: r.kind,
        beneficiary: r.beneficiary,
        households: r.households.to_string(),
        hardship: r.hardship.to_string(),
        activities: r.activities.to_string(),
        person_times: r.person_times.to_string(),
        recorder: r.recorder,
        note: r.note,
        version: r.version,
    };
    web::html(&form(ui, id, &t, Errors::default())?)
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
    let mut count = |field: &str, text: &str| read_count(&mut errors, field, text).unwrap_or(0);
    let counts = [
        count("households", &t.households),
        count("hardship", &t.hardship),
        count("activities", &t.activities),
        count("person_times", &t.person_times),
    ];
    let [households, hardship, activities, person_times] = counts;
    let input = ServiceInput {
        served_on: read_date(&mut errors, "served_on", &t.served_on),
        record_no: t.record_no.clone(),
        kind: t.kind.clone(),
        beneficiary: t.beneficiary.clone(),
        recorder: t.recorder.clone(),
        note: t.note.clone(),
        households,
        hardship,
        activities,
        person_times,
    };
    if errors.is_empty() {
        let who = ui.actor()?;
        let done = match id {
            0 => ops::add(&ui.cx, who, t.station, input).await,
            id => ops::edit(&ui.cx, who, id, input, t.version).await,
        };
        match done {
            Ok(r) => {
                let to = format!("/service-records?station={}", r.station_id);
                return Ok(ui.see(&to, &Msg::new("service-saved").with("date", r.served_on)));
            }
            Err(e) => errors = Errors::from(e)?,
        }
    }
    web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(ui, id, &t, errors)?)
}
