//! The sheet on which the marks of one component are entered: made for a list of hundreds, by keyboard, by pasting a
//! column, and such that nothing typed is lost when something is wrong.

use std::collections::HashMap;

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::entity::mark;
use super::super::ops::{self, Agree, Component, MarkLine, Sheet, SheetRow, Value};
use super::super::rules::{Came, Hand, Kind, Typed, Unread, read_mark, show};
use crate::classes::ops::{ClassView, class_view};
use crate::core::{Error, FieldError, Msg};
use crate::web::{self, Errors, Form, Query, Ui};

/// The sheet as typed: `mark` has one value a person, or one a criterion, in the order of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SheetForm {
    enrolment: Vec<i64>,
    version: Vec<String>,
    mark: Vec<String>,
    reason: String,
}

impl SheetForm {
    /// What was typed for the `i`th person.
    fn cells(&self, i: usize, each: usize) -> Vec<String> {
        (i * each..(i + 1) * each).map(|n| self.mark.get(n).cloned().unwrap_or_default()).collect()
    }

    fn read(&self, c: &Component) -> Result<Vec<MarkLine>, Error> {
        let mut wrong = Vec::new();
        let mut out = Vec::new();
        for (i, enrolment_id) in self.enrolment.iter().copied().enumerate() {
            match value(c, &self.cells(i, columns(c))) {
                Ok(value) => {
                    let version = self.version.get(i).and_then(|v| v.trim().parse().ok());
                    out.push(MarkLine { enrolment_id, value, version });
                }
                Err(msg) => wrong.push(FieldError { field: format!("mark-{enrolment_id}"), msg }),
            }
        }
        if wrong.is_empty() { Ok(out) } else { Err(Error::Invalid(wrong)) }
    }
}

/// Inputs of one person.
fn columns(c: &Component) -> usize {
    if c.kind == Kind::Practical { c.criteria.len() } else { 1 }
}

fn value(c: &Component, cells: &[String]) -> Result<Value, Msg> {
    let unread = |u: Unread, text: &str, full: i64| match u {
        Unread::NotANumber => Msg::new("assessment-mark-unreadable").with("value", text.trim()),
        Unread::Above => Msg::new("assessment-mark-above").with("full", show(full)),
    };
    if c.kind != Kind::Practical {
        let text = cells.first().map_or("", String::as_str);
        return match read_mark(text, c.row.full_mark).map_err(|u| unread(u, text, c.row.full_mark))? {
            Typed::Nothing => Ok(Value::Nothing),
            Typed::Absent => Ok(Value::Absent),
            Typed::Mark(m) => Ok(Value::Mark(m)),
        };
    }
    let mut points = Vec::new();
    let mut absent = false;
    for (r, text) in c.criteria.iter().zip(cells) {
        let above = || Msg::new("assessment-points-above").with("name", &r.name).with("points", show(r.points));
        match read_mark(text, r.points) {
            Ok(Typed::Nothing) => {}
            Ok(Typed::Absent) => absent = true,
            Ok(Typed::Mark(p)) => points.push((r.id, p)),
            Err(Unread::Above) => return Err(above()),
            Err(u) => return Err(unread(u, text, r.points)),
        }
    }
    match (absent, points.is_empty()) {
        (true, true) => Ok(Value::Absent),
        (true, false) => Err(Msg::new("assessment-absent-with-points")),
        (false, true) => Ok(Value::Nothing),
        (false, false) => Ok(Value::Points(points)),
    }
}

#[derive(Template)]
#[template(path = "assessments/pages/sheet.html")]
struct SheetPage {
    ui: Ui,
    class: ClassView,
    s: Sheet,
    /// What stands in the inputs, by enrolment.
    typed: HashMap<i64, Vec<String>>,
    reason: String,
    /// The person whose marks are to be settled, what was typed, and its errors.
    agreeing: Option<AgreeForm>,
    agree_errors: Errors,
    errors: Errors,
}

impl SheetPage {
    fn here(&self) -> String {
        format!("/assessment-components/{}", self.s.component.row.id)
    }

    fn heads(&self) -> Vec<(String, i64)> {
        let c = &self.s.component;
        match c.kind {
            Kind::Practical => c.criteria.iter().map(|r| (r.name.clone(), r.points)).collect(),
            _ => vec![(self.ui.t("assessment-mark"), c.row.full_mark)],
        }
    }

    fn head(&self, h: &(String, i64)) -> String {
        format!("{} ({})", h.0, show(h.1))
    }

    fn writable(&self, r: &SheetRow) -> bool {
        r.barred.is_none() && r.state != "withdrawn"
    }

    fn cells(&self, r: &SheetRow) -> Vec<String> {
        self.typed.get(&r.enrolment_id).cloned().unwrap_or_default()
    }

    fn version(&self, r: &SheetRow) -> String {
        r.own.as_ref().map(|o| o.version.to_string()).unwrap_or_default()
    }

    fn error(&self, r: &SheetRow) -> String {
        self.errors.of(&self.ui, &format!("mark-{}", r.enrolment_id))
    }

    fn one(&self, m: Option<&mark::Model>) -> String {
        match m {
            None => "–".to_owned(),
            Some(m) if m.absent => self.ui.t("assessment-absent"),
            Some(m) => show(m.mark),
        }
    }

    /// What the reader may know of the other marker.
    fn hands(&self, r: &SheetRow) -> String {
        let Some(g) = &r.given else {
            return if r.own.is_some() {
                self.ui.t("assessment-waits-other")
            } else {
                self.ui.t("assessment-other-in")
            };
        };
        let mut all: Vec<String> = Vec::new();
        for h in [Hand::First, Hand::Second, Hand::Third] {
            if let Some(m) = g.of(h) {
                all.push(format!("{} {}", m.marker_name, self.one(Some(m))));
            }
        }
        if let Some(m) = g.of(Hand::Agreed) {
            all.push(format!("{} {} ({})", self.ui.t("assessment-hand-agreed"), self.one(Some(m)), m.reason));
        }
        if all.is_empty() { "–".to_owned() } else { all.join(" · ") }
    }

    fn came(&self, r: &SheetRow) -> (&'static str, String) {
        match r.came {
            Came::Settled(m) => ("good", show(m)),
            Came::Apart => ("bad", self.ui.t("assessment-apart")),
            _ => ("quiet", self.ui.t("assessment-half")),
        }
    }

    fn shows_came(&self, r: &SheetRow) -> bool {
        self.s.component.row.double_marked && matches!(r.came, Came::Settled(_) | Came::Apart)
    }

    /// Whether a value can be agreed for this person.
    fn may_agree(&self, r: &SheetRow) -> bool {
        let agreed = r.given.as_ref().is_some_and(|g| g.of(Hand::Agreed).is_some());
        let settles = r.came == Came::Apart || agreed || (self.s.published && matches!(r.came, Came::Settled(_)));
        self.s.component.row.double_marked && settles && r.state != "withdrawn"
    }

    fn agree_name(&self, f: &AgreeForm) -> String {
        self.s.rows.iter().find(|r| r.enrolment_id == f.enrolment).map(|r| r.name.clone()).unwrap_or_default()
    }

    fn filled(&self) -> usize {
        self.s.rows.iter().filter(|r| r.own.is_some()).count()
    }

    fn limit(&self) -> String {
        show(self.s.component.limit)
    }

    fn full(&self) -> String {
        show(self.s.component.row.full_mark)
    }
}

fn stored(c: &Component, r: &SheetRow, absent: &str) -> Vec<String> {
    let n = columns(c);
    match &r.own {
        None => vec![String::new(); n],
        Some(m) if m.absent => {
            let mut all = vec![String::new(); n];
            if let Some(first) = all.first_mut() {
                absent.clone_into(first);
            }
            all
        }
        Some(m) if c.kind != Kind::Practical => vec![show(m.mark)],
        Some(_) => c.criteria.iter().map(|k| r.points.get(&k.id).map(|p| show(*p)).unwrap_or_default()).collect(),
    }
}

async fn page(ui: Ui, id: i64, errors: Errors) -> web::Result<SheetPage> {
    let who = ui.actor()?;
    let s = ops::sheet(&ui.cx, who, id).await?;
    let class = class_view(ui.cx.read(), who, s.class_id).await?;
    let absent = ui.t("assessment-absent");
    let typed = s.rows.iter().map(|r| (r.enrolment_id, stored(&s.component, r, &absent))).collect();
    Ok(SheetPage {
        ui,
        class,
        s,
        typed,
        reason: String::new(),
        agreeing: None,
        agree_errors: Errors::default(),
        errors,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SheetQuery {
    agree: Option<i64>,
}

#[handler]
pub(super) async fn show_sheet(ui: Ui, Path(id): Path<i64>, Query(q): Query<SheetQuery>) -> web::Result<Response> {
    let mut page = page(ui, id, Errors::default()).await?;
    if let Some(enrolment) = q.agree {
        let row = page.s.rows.iter().find(|r| r.enrolment_id == enrolment);
        let old = row.and_then(|r| r.given.as_ref()).and_then(|g| g.of(Hand::Agreed));
        page.agreeing = Some(AgreeForm {
            enrolment,
            version: old.map(|m| m.version.to_string()).unwrap_or_default(),
            agreed: old.map(|m| show(m.mark)).unwrap_or_default(),
            reason: String::new(),
        });
    }
    web::html(&page)
}

#[handler]
pub(super) async fn enter(ui: Ui, Path(id): Path<i64>, Form(f): Form<SheetForm>) -> web::Result<Response> {
    let who = ui.actor()?.clone();
    let component = ops::sheet(&ui.cx, &who, id).await?.component;
    let done = match f.read(&component) {
        Ok(lines) => ops::enter(&ui.cx, &who, id, &lines, &f.reason).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(n) => Ok(ui.see(&format!("/assessment-components/{id}"), &Msg::new("assessment-entered").with("n", n))),
        Err(e) => {
            let mut page = page(ui, id, Errors::from(e)?).await?;
            let each = columns(&component);
            for (i, e) in f.enrolment.iter().enumerate() {
                page.typed.insert(*e, f.cells(i, each));
            }
            page.reason = f.reason;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AgreeForm {
    enrolment: i64,
    version: String,
    agreed: String,
    reason: String,
}

#[handler]
pub(super) async fn agree(ui: Ui, Path(id): Path<i64>, Form(f): Form<AgreeForm>) -> web::Result<Response> {
    let done = match read_mark(&f.agreed, super::super::rules::MOST) {
        Ok(Typed::Mark(mark)) => {
            let reason = f.reason.clone();
            let version = f.version.trim().parse().ok();
            let a = Agree { component_id: id, enrolment_id: f.enrolment, mark, reason, version };
            ops::agree(&ui.cx, ui.actor()?, a).await
        }
        _ => Err(Error::field("agreed", Msg::new("assessment-mark-unreadable").with("value", f.agreed.trim()))),
    };
    match done {
        Ok(()) => Ok(ui.see(&format!("/assessment-components/{id}"), &Msg::new("assessment-agreed-saved"))),
        Err(e) => {
            let agree_errors = Errors::from(e)?;
            let mut page = page(ui, id, Errors::default()).await?;
            page.agreeing = Some(f);
            page.agree_errors = agree_errors;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
