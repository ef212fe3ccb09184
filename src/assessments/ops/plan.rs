//! Setting up the assessment of a class.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::super::entity::{assessment, component, criterion, mark};
use super::super::rules::{self, Kind, Plan};
use super::load::{Book, Component, components, of_class};
use crate::audit;
use crate::classes::ops as classes;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::pipeline;
use crate::records;

pub use super::super::rules::Plan as ComponentInput;

/// Who runs assessments.
pub(super) const ROLES: &[Role] = &[Role::Administrator, Role::Trainer];

/// The assessment of a class as it is set up.
#[derive(Clone, Debug)]
pub struct AssessmentView {
    pub class: classes::ClassView,
    /// Absent until it is set up.
    pub row: Option<assessment::Model>,
    pub components: Vec<Component>,
}

impl AssessmentView {
    #[must_use]
    pub fn published(&self) -> bool {
        self.row.as_ref().is_some_and(|r| r.state == "published")
    }

    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.as_ref().map_or(0, |r| r.version)
    }
}

/// How a class is assessed.
///
/// # Errors
/// Not found.
pub async fn assessment(cx: &Cx, who: &Actor, class_id: i64) -> Result<AssessmentView> {
    let class = classes::class_view(cx.read(), who, class_id).await?;
    let row = of_class(cx.read(), class_id).await?;
    let components = match &row {
        Some(r) => components(cx.read(), cx, r.id).await?,
        None => Vec::new(),
    };
    Ok(AssessmentView { class, row, components })
}

/// Everything that is said of a class's assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssessmentInput {
    pub note: String,
    /// In their order; those that are not named (by `id`) any more are taken away.
    pub components: Vec<Plan>,
}

/// Sets up the assessment of a class or changes it; possible until it is published. A component with marks stays, and
/// keeps its kind and rubric.
///
/// # Errors
/// Forbidden; not found; [`Error::Invalid`] with fields `name-0`, `weight-0`, … and `weights`; published already; changed
/// meanwhile.
pub async fn plan(cx: &Cx, who: &Actor, class_id: i64, version: i64, mut input: AssessmentInput) -> Result<i64> {
    who.require(ROLES)?;
    for p in &mut input.components {
        p.name = p.name.trim().to_owned();
        for c in &mut p.criteria {
            c.0 = c.0.trim().to_owned();
        }
    }
    let field = |(i, f, key): rules::Wrong| FieldError {
        field: i.map_or_else(|| f.to_owned(), |i| format!("{f}-{i}")),
        msg: Msg::new(key),
    };
    let mut wrong: Vec<FieldError> = rules::check(&input.components).into_iter().map(field).collect();
    if let Some(e) = wrong.iter_mut().find(|e| e.field == "weights") {
        let sum: i64 = input.components.iter().map(|p| p.weight).sum();
        e.msg = Msg::new("assessment-weights-sum").with("sum", sum);
    }
    if input.note.chars().count() > 500 {
        wrong.push(FieldError { field: "note".to_owned(), msg: Msg::new("assessment-text-long") });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let txn = cx.begin().await?;
    classes::class_row(&txn, who, class_id).await?;
    let people = classes::everybody(&txn, class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    db::lock_rows(&txn, "class", &[class_id]).await?;
    let old = of_class(&txn, class_id).await?;
    if old.as_ref().map_or(0, |o| o.version) != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.as_ref().is_some_and(|o| o.state == "published") {
        return Err(Error::conflict("assessment-published-already"));
    }
    let row = match old {
        None => records::insert(&txn, cx, who, blank(class_id, input.note.trim())).await?,
        Some(old) => {
            let new = assessment::Model { note: input.note.trim().to_owned(), ..old.clone() };
            records::update(&txn, cx, who, &old, new, audit::Change::new("update", "", 0, 0)).await?
        }
    };
    store(&txn, cx, who, row.id, input.components).await?;
    if row.version == version {
        // The version guards the components too: it moves where only one of them changed.
        let sql = "UPDATE assessment SET version = version + 1 WHERE id = ?";
        db::run(&txn, sql, [row.id.into()]).await?;
    }
    Book::of(&txn, cx, row.clone()).await?.tell(&txn, cx, who).await?;
    open.close(&txn, cx, classes::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(row.id)
}

fn blank(class_id: i64, note: &str) -> assessment::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    assessment::Model {
        id: 0,
        class_id,
        state: "draft".to_owned(),
        note: note.to_owned(),
        published_by: String::new(),
        published_at: None,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

async fn store(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, assessment_id: i64, plans: Vec<Plan>) -> Result<()> {
    let known = components(txn, cx, assessment_id).await?;
    let marked = marked(txn, &known).await?;
    let kept: HashSet<i64> = plans.iter().filter_map(|p| p.id).collect();
    for c in known.iter().filter(|c| !kept.contains(&c.row.id)) {
        if marked.iter().any(|m| m.0 == c.row.id) {
            return Err(Error::Conflict(Msg::new("assessment-component-marked").with("name", &c.row.name)));
        }
        drop_rubric(txn, cx, who, c).await?;
        component::Entity::delete_by_id(c.row.id).exec(txn).await?;
        let gone = audit::Change::new("delete", "assessment_component", c.row.id, c.row.version).before(&c.row);
        audit::record(txn, cx, who, [gone]).await?;
    }
    for (i, p) in plans.into_iter().enumerate() {
        let position = i64::try_from(i).unwrap_or(0);
        let old = match p.id {
            None => None,
            Some(id) => {
                let found = known.iter().find(|c| c.row.id == id);
                Some(found.ok_or_else(|| Error::not_found("error-not-found"))?)
            }
        };
        let rubric = |c: &Component| c.criteria.iter().map(|r| (r.name.clone(), r.points)).collect::<Vec<_>>();
        let best = old.and_then(|c| marked.iter().find(|m| m.0 == c.row.id)).map(|m| m.1);
        if let (Some(c), Some(best)) = (old, best) {
            let same = c.kind == p.kind && rubric(c) == p.criteria && c.row.double_marked == p.double_marked;
            if !same {
                return Err(Error::field(&format!("kind-{i}"), Msg::new("assessment-component-fixed")));
            }
            if best > p.full_mark {
                let msg = Msg::new("assessment-full-below").with("mark", rules::show(best));
                return Err(Error::field(&format!("full-{i}"), msg));
            }
        }
        let new = row_of(assessment_id, position, &p, old.map(|c| &c.row));
        let row = match old {
            None => records::insert(txn, cx, who, new).await?,
            Some(c) => records::update(txn, cx, who, &c.row, new, audit::Change::new("update", "", 0, 0)).await?,
        };
        if best.is_none() && old.is_none_or(|c| rubric(c) != p.criteria) {
            if let Some(c) = old {
                drop_rubric(txn, cx, who, c).await?;
            }
            let fresh = (0..).zip(&p.criteria).map(|(n, c)| criterion_of(row.id, n, c)).collect();
            records::insert_many(txn, cx, who, fresh, None).await?;
        }
    }
    Ok(())
}

/// Components that have marks, with the highest.
async fn marked(txn: &DatabaseTransaction, known: &[Component]) -> Result<Vec<(i64, i64)>> {
    let mut out = Vec::new();
    for c in known.iter().filter(|c| c.kind != Kind::Attendance) {
        let rows = mark::Entity::find().filter(mark::Column::ComponentId.eq(c.row.id)).all(txn).await?;
        out.extend(rows.iter().map(|m| m.mark).max().map(|best| (c.row.id, best)));
    }
    Ok(out)
}

async fn drop_rubric(txn: &DatabaseTransaction, cx: &Cx, who: &Actor, c: &Component) -> Result<()> {
    criterion::Entity::delete_many().filter(criterion::Column::ComponentId.eq(c.row.id)).exec(txn).await?;
    let gone: Vec<audit::Change> = c
        .criteria
        .iter()
        .map(|r| audit::Change::new("delete", "assessment_criterion", r.id, r.version).before(r))
        .collect();
    audit::record(txn, cx, who, gone).await
}

fn row_of(assessment_id: i64, position: i64, p: &Plan, old: Option<&component::Model>) -> component::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let base = old.cloned().unwrap_or_else(|| component::Model {
        id: 0,
        assessment_id,
        name: String::new(),
        kind: String::new(),
        position,
        weight: 0,
        full_mark: 0,
        minimum: None,
        difference: None,
        double_marked: false,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    });
    component::Model {
        name: p.name.clone(),
        kind: p.kind.name().to_owned(),
        position,
        weight: p.weight,
        full_mark: p.full_mark,
        minimum: p.minimum,
        difference: p.difference,
        double_marked: p.double_marked,
        ..base
    }
}

fn criterion_of(component_id: i64, position: i64, (name, points): &(String, i64)) -> criterion::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    criterion::Model {
        id: 0,
        component_id,
        name: name.clone(),
        position,
        points: *points,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}
