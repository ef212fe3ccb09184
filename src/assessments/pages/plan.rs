//! The form by which a class's assessment is set up.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, AssessmentInput, AssessmentView, ComponentInput};
use super::super::rules::{Kind, MOST, Typed, read_mark, show};
use crate::core::{Error, Msg};
use crate::web::{self, Errors, Form, Ui};

/// Rows offered beyond those there are.
const SPARE: usize = 2;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PlanForm {
    version: i64,
    note: String,
    id: Vec<String>,
    name: Vec<String>,
    kind: Vec<String>,
    weight: Vec<String>,
    full: Vec<String>,
    minimum: Vec<String>,
    double: Vec<String>,
    difference: Vec<String>,
    criteria: Vec<String>,
}

/// One row of the form.
#[derive(Clone, Debug, Default)]
struct Row {
    id: String,
    name: String,
    kind: String,
    weight: String,
    full: String,
    minimum: String,
    double: String,
    difference: String,
    criteria: String,
}

impl PlanForm {
    fn rows(&self) -> Vec<Row> {
        let at = |all: &[String], i: usize| all.get(i).cloned().unwrap_or_default();
        let row = |i| Row {
            id: at(&self.id, i),
            name: at(&self.name, i),
            kind: at(&self.kind, i),
            weight: at(&self.weight, i),
            full: at(&self.full, i),
            minimum: at(&self.minimum, i),
            double: at(&self.double, i),
            difference: at(&self.difference, i),
            criteria: at(&self.criteria, i),
        };
        (0..self.name.len()).map(row).collect()
    }

    /// What is asked for. A row without a name is left out, so its error fields carry the number among those left.
    fn read(&self) -> Result<AssessmentInput, Error> {
        let mut errors = Errors::default();
        let mut components = Vec::new();
        for r in self.rows().iter().filter(|r| !r.name.trim().is_empty()) {
            let i = components.len();
            let mut no = |field: &str, key: &str| errors.add(&format!("{field}-{i}"), Msg::new(key));
            let kind = Kind::parse(&r.kind).unwrap_or(Kind::Written);
            let weight = r.weight.trim().trim_end_matches(['%', '％']).parse().unwrap_or(-1);
            if weight < 0 {
                no("weight", "assessment-weight-range");
            }
            let mut points = |field: &str, text: &str, key: &str| match read_mark(text, MOST) {
                Ok(Typed::Mark(m)) => Some(m),
                Ok(Typed::Nothing) => None,
                _ => {
                    no(field, key);
                    None
                }
            };
            let full = points("full", &r.full, "assessment-full-range").unwrap_or(10_000);
            let minimum = points("minimum", &r.minimum, "assessment-minimum-range");
            let difference = points("difference", &r.difference, "assessment-difference-range");
            let mut criteria = Vec::new();
            if kind == Kind::Practical {
                for line in r.criteria.lines().map(str::trim).filter(|l| !l.is_empty()) {
                    let (name, points) = line.rsplit_once([' ', '\t', '：', ':', '　']).unwrap_or((line, ""));
                    match read_mark(points, MOST) {
                        Ok(Typed::Mark(p)) => {
                            let name = name.trim().trim_end_matches(['：', ':']);
                            criteria.push((name.trim().to_owned(), p));
                        }
                        _ => no("criteria", "assessment-criteria-form"),
                    }
                }
            }
            components.push(ComponentInput {
                id: r.id.trim().parse().ok(),
                name: r.name.trim().to_owned(),
                kind,
                weight,
                full_mark: full,
                minimum,
                double_marked: r.double == "1" && kind != Kind::Attendance,
                difference,
                criteria,
            });
        }
        if errors.is_empty() {
            Ok(AssessmentInput { note: self.note.trim().to_owned(), components })
        } else {
            Err(Error::Invalid(errors.0))
        }
    }
}

#[derive(Template)]
#[template(path = "assessments/pages/plan.html")]
struct PlanPage {
    ui: Ui,
    v: AssessmentView,
    version: i64,
    note: String,
    rows: Vec<Row>,
    kinds: Vec<(String, String)>,
    doubles: Vec<(String, String)>,
    difference: i64,
    errors: Errors,
}

impl PlanPage {
    fn error(&self, field: &str, i: &usize) -> String {
        self.errors.of(&self.ui, &format!("{field}-{i}"))
    }

    fn field(&self, field: &str, i: &usize) -> String {
        format!("f-{field}-{i}")
    }

    fn weights(&self) -> String {
        self.errors.of(&self.ui, "weights")
    }
}

fn stored(v: &AssessmentView) -> Vec<Row> {
    let opt = |m: Option<i64>| m.map(show).unwrap_or_default();
    let lines = |c: &ops::Component| {
        let all: Vec<String> = c.criteria.iter().map(|r| format!("{} {}", r.name, show(r.points))).collect();
        all.join("\n")
    };
    let row = |c: &ops::Component| Row {
        id: c.row.id.to_string(),
        name: c.row.name.clone(),
        kind: c.row.kind.clone(),
        weight: c.row.weight.to_string(),
        full: show(c.row.full_mark),
        minimum: opt(c.row.minimum),
        double: if c.row.double_marked { "1".to_owned() } else { String::new() },
        difference: opt(c.row.difference),
        criteria: lines(c),
    };
    v.components.iter().map(row).collect()
}

/// What a class without an assessment is offered.
fn suggested(ui: &Ui) -> Vec<Row> {
    let row = |key: &str, kind: Kind, weight: i64, criteria: String| Row {
        name: ui.t(key),
        kind: kind.name().to_owned(),
        weight: weight.to_string(),
        full: "100".to_owned(),
        criteria,
        ..Row::default()
    };
    vec![
        row("assessment-kind-written", Kind::Written, 50, String::new()),
        row("assessment-kind-practical", Kind::Practical, 30, ui.t("assessment-criteria-suggested").replace('|', "\n")),
        row("assessment-kind-attendance", Kind::Attendance, 20, String::new()),
    ]
}

async fn page(ui: Ui, id: i64, form: Option<PlanForm>, errors: Errors) -> web::Result<PlanPage> {
    let v = ops::assessment(&ui.cx, ui.actor()?, id).await?;
    let (version, note, mut rows) = match form {
        // Rows without a name go to the end, so that the numbers in the errors' fields are those of the rows shown.
        Some(f) => {
            let rows = f.rows().into_iter().filter(|r| !r.name.trim().is_empty()).collect();
            (f.version, f.note, rows)
        }
        None if v.row.is_none() => (0, String::new(), suggested(&ui)),
        None => (v.version(), v.row.as_ref().map(|r| r.note.clone()).unwrap_or_default(), stored(&v)),
    };
    let empty = || Row { kind: Kind::Written.name().to_owned(), full: "100".to_owned(), ..Row::default() };
    rows.extend(std::iter::repeat_with(empty).take(SPARE));
    let kinds = Kind::ALL.map(|k| (k.name().to_owned(), super::kind_text(&ui, k))).to_vec();
    let doubles = vec![(String::new(), ui.t("assessment-single")), ("1".to_owned(), ui.t("assessment-double"))];
    let difference = crate::classes::completion::config::of(&ui.cx)?.marking.difference_percent.value;
    Ok(PlanPage { ui, v, version, note, rows, kinds, doubles, difference, errors })
}

#[handler]
pub(super) async fn edit(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    web::html(&page(ui, id, None, Errors::default()).await?)
}

#[handler]
pub(super) async fn save(ui: Ui, Path(id): Path<i64>, Form(f): Form<PlanForm>) -> web::Result<Response> {
    let done = match f.read() {
        Ok(input) => ops::plan(&ui.cx, ui.actor()?, id, f.version, input).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(_) => Ok(ui.see(&format!("/classes/{id}/assessment"), &Msg::new("assessment-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(ui, id, Some(f), errors).await?)
        }
    }
}
