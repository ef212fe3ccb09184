//! The intern's page: how far one is, the form of today, and one's own entries.

use askama::Template;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{
    self, EntryFilter, EntryView, KindProgress, LogHours, Outlook, PlacementFilter, PlacementView, Progress,
};
use super::super::rules;
use super::offline;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, FieldError, Msg};
use crate::web::{self, Errors, Form, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/my-hours", show)
        .post("/my-hours", log)
        .get("/my-hours/:id", edit)
        .post("/my-hours/:id", save)
        .post("/my-hours/:id/withdraw", withdraw)
        .post("/my-hours/:id/discard", discard)
}

/// The form as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct HoursForm {
    placement: String,
    date: String,
    from: String,
    to: String,
    hours: String,
    kind: String,
    /// The kind in one's own words; wins over the chosen one.
    kind_other: String,
    beneficiary: String,
    count: String,
    households: String,
    supervision: String,
    project: String,
    note: String,
    client_key: String,
    version: String,
    /// "draft" keeps it, anything else hands it in.
    action: String,
}

fn wrong(field: &str, key: &str) -> FieldError {
    FieldError { field: field.to_owned(), msg: Msg::new(key) }
}

impl HoursForm {
    /// # Errors
    /// The fields that cannot be read.
    fn read(&self) -> Result<LogHours, Error> {
        let mut errors = Vec::new();
        let mut time = |field: &str, text: &str| {
            let read = rules::time_of(text);
            if read.is_none() && !text.trim().is_empty() {
                errors.push(wrong(field, "practicum-fault-time-impossible"));
            }
            read
        };
        let (starts, ends) = (time("from", &self.from), time("to", &self.to));
        let mut hours = |field: &str, text: &str| {
            let read = rules::minutes_of_hours(text);
            if read.is_none() && !text.trim().is_empty() {
                errors.push(wrong(field, "practicum-hours-unreadable"));
            }
            read
        };
        let (minutes, supervision) = (hours("hours", &self.hours), hours("supervision", &self.supervision));
        let mut count = |field: &str, text: &str| {
            let read = if text.trim().is_empty() { Some(0) } else { text.trim().parse().ok() };
            if read.is_none() {
                errors.push(wrong(field, "practicum-count-unreadable"));
            }
            read.unwrap_or(0)
        };
        let (beneficiary_count, households) = (count("count", &self.count), count("households", &self.households));
        let worked_on = self.date.trim().parse();
        if worked_on.is_err() {
            errors.push(wrong("date", "practicum-date-unreadable"));
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let other = self.kind_other.trim();
        let key = self.client_key.trim();
        Ok(LogHours {
            person_id: None,
            placement_id: self.placement.trim().parse().ok(),
            worked_on: worked_on.unwrap_or_default(),
            starts,
            ends,
            minutes,
            kind: if other.is_empty() { self.kind.trim().to_owned() } else { other.to_owned() },
            project_no: self.project.trim().to_owned(),
            beneficiary: self.beneficiary.trim().to_owned(),
            beneficiary_count,
            households,
            supervision_minutes: supervision.unwrap_or(0),
            note: self.note.trim().to_owned(),
            client_key: Some(key.to_owned()).filter(|k| !k.is_empty()),
            submit: self.action != "draft",
        })
    }

    fn of(e: &EntryView) -> Self {
        let known = rules::KINDS.iter().any(|(k, _)| *k == e.kind);
        let span = e.starts.zip(e.ends).map(|(a, b)| b - a);
        Self {
            placement: e.placement_id.to_string(),
            date: e.worked_on.to_string(),
            from: e.starts.map(rules::show_time).unwrap_or_default(),
            to: e.ends.map(rules::show_time).unwrap_or_default(),
            hours: if span == Some(e.minutes) { String::new() } else { rules::hours(e.minutes) },
            kind: if known { e.kind.clone() } else { String::new() },
            kind_other: if known { String::new() } else { e.kind.clone() },
            beneficiary: e.beneficiary.clone(),
            count: e.beneficiary_count.to_string(),
            households: if e.households == 0 { String::new() } else { e.households.to_string() },
            supervision: if e.supervision_minutes == 0 { String::new() } else { rules::hours(e.supervision_minutes) },
            project: e.project_no.clone(),
            note: e.note.clone(),
            version: e.version.to_string(),
            ..Self::default()
        }
    }

    /// Today, with what is the same as last time.
    fn today(ui: &Ui, last: Option<&EntryView>) -> Self {
        let base = last.map(Self::of).unwrap_or_default();
        Self {
            date: ui.cx.today().to_string(),
            count: "0".to_owned(),
            households: String::new(),
            supervision: String::new(),
            note: String::new(),
            version: String::new(),
            client_key: new_key(),
            ..base
        }
    }
}

/// A key that no other form bears.
fn new_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

#[derive(Template)]
#[template(path = "practicum/pages/my.html")]
pub(super) struct MyPage {
    ui: Ui,
    form: HoursForm,
    errors: Errors,
    /// The entry that is being changed.
    editing: Option<EntryView>,
    kinds: Vec<(&'static str, String)>,
    beneficiaries: Vec<(String, String)>,
    placements: Vec<(String, String)>,
    progress: Progress,
    outlook: Option<Outlook>,
    /// Tells the entries that this browser keeps for one person from those of another.
    user: String,
    page: Page<EntryView>,
    next: Option<String>,
    at_start: bool,
}

impl MyPage {
    async fn make(
        ui: Ui,
        who: &Actor,
        form: Option<HoursForm>,
        errors: Errors,
        editing: Option<EntryView>,
        after: Option<String>,
    ) -> web::Result<Self> {
        let db = ui.cx.read();
        let all = PageReq { limit: Some(PageReq::MAX), after: None };
        let mine = PlacementFilter { person_id: who.person_id, ..PlacementFilter::default() };
        let placed = ops::placements(db, who, &mine, &all).await?.items;
        let own = EntryFilter { person_id: who.person_id, ..EntryFilter::default() };
        let at_start = after.is_none();
        let page = ops::entries(db, who, &own, &PageReq { limit: Some(20), after }).await?;
        let form = form.unwrap_or_else(|| HoursForm::today(&ui, page.items.first()));
        let next = page.next.as_ref().map(|n| format!("/my-hours?after={n}"));
        let open = placed.iter().filter(|p| p.state != "withdrawn");
        let placements = open.map(|p: &PlacementView| (p.id.to_string(), p.base_name.clone())).collect();
        let (kinds, beneficiaries) = (offline::kinds(&ui), offline::beneficiaries(&ui));
        let user = who.user_id.map(|id| id.to_string()).unwrap_or_default();
        let progress = Progress::of(&placed);
        let outlook = if editing.is_none() { ops::outlook(&ui.cx, &placed).await? } else { None };
        Ok(Self {
            ui,
            form,
            errors,
            editing,
            kinds,
            beneficiaries,
            placements,
            progress,
            outlook,
            user,
            page,
            next,
            at_start,
        })
    }

    fn word(&self, word: &str) -> String {
        super::word(&self.ui, word)
    }

    /// "26 of 100 h" or, where nothing is asked for, "26 h".
    fn kind_text(&self, k: &KindProgress) -> String {
        let done = rules::hours(k.confirmed_minutes);
        match k.required_minutes {
            0 => self.ui.t1("practicum-n-hours", "hours", done),
            r => self.ui.ta("practicum-n-of-hours", &[("hours", done), ("required", rules::hours(r))]),
        }
    }

    /// The forecast as a sentence.
    fn forecast(&self, o: &Outlook) -> String {
        if self.progress.required_minutes <= self.progress.confirmed_minutes {
            return self.ui.t("practicum-forecast-done");
        }
        match o.finish_on {
            None => self.ui.t("practicum-forecast-none"),
            Some(day) if o.late() => self.ui.ta(
                "practicum-forecast-late",
                &[("day", day.to_string()), ("ends", o.ends_on.map(|d| d.to_string()).unwrap_or_default())],
            ),
            Some(day) => self.ui.t1("practicum-forecast", "day", day),
        }
    }

    /// What an entry in the list may still have done to it.
    fn may_change(&self, e: &EntryView) -> bool {
        matches!(e.state.as_str(), "draft" | "submitted" | "returned" | "confirmed") && e.changed_by.is_none()
    }

    fn chosen(&self, kind: &str) -> bool {
        self.form.kind == kind
    }

    /// Where the form goes.
    fn action(&self) -> String {
        self.editing.as_ref().map_or_else(|| "/my-hours".to_owned(), |e| format!("/my-hours/{}", e.id))
    }

    fn error(&self, field: &str) -> String {
        self.errors.of(&self.ui, field)
    }

    /// What is rarely used is open when something in it is wrong.
    fn more_open(&self) -> bool {
        ["supervision", "households", "project", "note", "placement"].iter().any(|f| !self.error(f).is_empty())
            || (self.form.placement.is_empty() && self.placements.len() > 1)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AfterQuery {
    after: Option<String>,
}

#[handler]
async fn show(ui: Ui, Query(q): Query<AfterQuery>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    web::html(&MyPage::make(ui, &who, None, Errors::default(), None, q.after).await?)
}

#[handler]
async fn log(ui: Ui, Form(form): Form<HoursForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let done = match form.read() {
        Ok(input) => ops::log_hours(&ui.cx, &who, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(done) => Ok(ui.see("/my-hours", &Msg::new(saved(done.state)))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = MyPage::make(ui, &who, Some(form), errors, None, None).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn saved(state: rules::State) -> &'static str {
    if state == rules::State::Draft { "practicum-saved-draft" } else { "practicum-saved" }
}

#[handler]
async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    web::html(&edit_page(ui, &who, id, Errors::default()).await?)
}

/// The form of an entry that is on record.
pub(super) async fn edit_page(ui: Ui, who: &Actor, id: i64, errors: Errors) -> web::Result<MyPage> {
    let entry = ops::entry(ui.cx.read(), who, id).await?;
    if matches!(entry.state.as_str(), "superseded" | "endorsed") {
        return Err(Error::conflict("practicum-step-not-now").into());
    }
    if entry.changed_by.is_some() {
        return Err(Error::conflict("practicum-change-waits").into());
    }
    let form = HoursForm { client_key: new_key(), ..HoursForm::of(&entry) };
    MyPage::make(ui, who, Some(form), errors, Some(entry), None).await
}

#[handler]
async fn save(ui: Ui, Path(id): Path<i64>, Form(form): Form<HoursForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let entry = ops::entry(ui.cx.read(), &who, id).await?;
    let version = form.version.parse().unwrap_or(0);
    let done = match form.read() {
        Ok(input) => ops::edit_hours(&ui.cx, &who, id, version, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(done) => Ok(ui.see("/my-hours", &Msg::new(saved(done.state)))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let page = MyPage::make(ui, &who, Some(form), errors, Some(entry), None).await?;
            web::html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Debug, Deserialize)]
struct VersionForm {
    version: i64,
}

#[handler]
async fn withdraw(ui: Ui, Path(id): Path<i64>, Form(form): Form<VersionForm>) -> web::Result<Response> {
    ops::withdraw_hours(&ui.cx, ui.actor()?, id, form.version).await?;
    Ok(ui.see("/my-hours", &Msg::new("practicum-withdrawn")))
}

#[handler]
async fn discard(ui: Ui, Path(id): Path<i64>, Form(form): Form<VersionForm>) -> web::Result<Response> {
    ops::discard_hours(&ui.cx, ui.actor()?, id, form.version).await?;
    Ok(ui.see("/my-hours", &Msg::new("practicum-discarded")))
}
