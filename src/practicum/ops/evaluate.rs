//! The practicum evaluation (实习鉴定): written by three hands, settled once.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

use super::super::entity::evaluation;
use super::super::programme;
use super::super::rules::marks;
use super::notes::{seen, too_long};
use super::view::{PlacementView, placement};
use crate::audit;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::records;

/// What the form's head says of the person.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub struct About {
    pub school: String,
    pub major: String,
}

/// The person's school and major for the form.
///
/// # Errors
/// Not found for a placement that is not the actor's to see.
pub async fn about(db: &impl ConnectionTrait, who: &Actor, placement_id: i64) -> Result<About> {
    seen(db, who, placement_id).await?;
    let sql = "SELECT COALESCE(NULLIF(p.school, ''), c.name, '') AS school, p.major FROM placement pl \
               JOIN person p ON p.id = pl.person_id LEFT JOIN campus c ON c.id = p.campus_id WHERE pl.id = ?";
    Ok(db::rows::<About>(db, sql, [placement_id.into()]).await?.into_iter().next().unwrap_or_default())
}

/// The evaluation of one placement with all that the form holds.
#[derive(Clone, Debug)]
pub struct EvaluationView {
    pub placement: PlacementView,
    /// Absent until somebody wrote a part. Until it is settled each hand reads only its own part (an administrator all):
    /// of the others, when they were written.
    pub row: Option<evaluation::Model>,
    /// All three parts are there, so that it can be settled.
    pub complete: bool,
    /// What the overall mark would be with both marks as they stand; before it is settled for administrators only.
    pub overall: Option<i64>,
    /// Code of the grade for that mark.
    pub grade: String,
}

/// Takes out what the reader may not know before the evaluation is settled: no hand is to follow another's.
fn sealed(row: &mut evaluation::Model, who: &Actor) {
    if row.closed_at.is_some() || who.role == Role::Administrator {
        return;
    }
    if who.role != Role::Intern {
        row.self_text.clear();
    }
    if who.role != Role::Supervisor {
        row.base_text.clear();
        row.base_mark = None;
    }
    if who.role != Role::Trainer {
        row.campus_text.clear();
        row.campus_mark = None;
    }
}

impl EvaluationView {
    #[must_use]
    pub fn closed(&self) -> bool {
        self.row.as_ref().is_some_and(|r| r.closed_at.is_some())
    }

    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.as_ref().map_or(0, |r| r.version)
    }
}

/// The evaluation.
///
/// # Errors
/// Not found, forbidden for observers.
pub async fn evaluation(cx: &Cx, who: &Actor, placement_id: i64) -> Result<EvaluationView> {
    let placement = placement(cx.read(), who, placement_id).await?;
    let mut row =
        evaluation::Entity::find().filter(evaluation::Column::PlacementId.eq(placement_id)).one(cx.read()).await?;
    let complete =
        row.as_ref().is_some_and(|r| r.base_mark.is_some() && r.campus_mark.is_some() && r.self_at.is_some());
    if let Some(r) = &mut row {
        sealed(r, who);
    }
    let rule = &programme::of(cx)?.evaluation;
    let both = row.as_ref().and_then(|r| r.base_mark.zip(r.campus_mark));
    let overall = both.map(|(b, c)| marks::overall(b, rule.base_weight, c, rule.campus_weight));
    let grade = overall.map(|o| rule.grade(o).code.clone()).unwrap_or_default();
    Ok(EvaluationView { placement, row, complete, overall, grade })
}

/// One hand's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The intern on themselves.
    Own { text: String },
    /// The base's supervisor.
    Base { text: String, mark: Option<i64> },
    /// The campus mentor.
    Campus { text: String, mark: Option<i64> },
}

/// Writes one part; the others stay. A text without a mark is kept as unfinished.
///
/// # Errors
/// Forbidden for a hand that is not the actor's; not found; changed meanwhile; settled already; too long a text.
pub async fn write_part(cx: &Cx, who: &Actor, placement_id: i64, version: i64, part: Part) -> Result<()> {
    let (roles, field, text): (&[Role], _, _) = match &part {
        Part::Own { text } => (&[Role::Intern], "self_text", text),
        Part::Base { text, .. } => (&[Role::Supervisor, Role::Administrator], "base_text", text),
        Part::Campus { text, .. } => (&[Role::Trainer, Role::Administrator], "campus_text", text),
    };
    who.require(roles)?;
    if let Some(e) = too_long(field, text, 4000) {
        return Err(Error::Invalid(vec![e]));
    }
    if text.trim().is_empty() {
        return Err(Error::field(field, Msg::new("practicum-evaluation-empty")));
    }
    let txn = cx.begin().await?;
    seen(&txn, who, placement_id).await?;
    db::lock_rows(&txn, "placement", &[placement_id]).await?;
    let old = load(&txn, placement_id).await?;
    if old.as_ref().map_or(0, |r| r.version) != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.as_ref().is_some_and(|r| r.closed_at.is_some()) {
        return Err(Error::conflict("practicum-evaluation-closed"));
    }
    let mut row = old.clone().unwrap_or_else(|| blank(cx, placement_id));
    let now = Some(cx.now());
    match part {
        Part::Own { text } => (row.self_text, row.self_at) = (text.trim().to_owned(), now),
        Part::Base { text, mark } => {
            (row.base_text, row.base_mark, row.base_at) = (text.trim().to_owned(), mark, now);
            row.base_name.clone_from(&who.name);
        }
        Part::Campus { text, mark } => {
            (row.campus_text, row.campus_mark, row.campus_at) = (text.trim().to_owned(), mark, now);
            row.campus_name.clone_from(&who.name);
        }
    }
    match old {
        None => drop(records::insert(&txn, cx, who, row).await?),
        Some(old) => {
            let change = audit::Change::new("update", "evaluation", old.id, 0);
            drop(records::update(&txn, cx, who, &old, row, change).await?);
        }
    }
    txn.commit().await?;
    Ok(())
}

/// Settles the overall grade from both marks: nothing is changed after, unless an administrator opens it again.
///
/// # Errors
/// Forbidden; a mark or the self-evaluation is missing; hours are short; changed meanwhile.
pub async fn close_evaluation(cx: &Cx, who: &Actor, placement_id: i64, version: i64) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let before = placement(&txn, who, placement_id).await?;
    // Decisions on hours lock the person: what is counted here is what counts.
    db::lock_rows(&txn, "person", &[before.person_id]).await?;
    db::lock_rows(&txn, "placement", &[placement_id]).await?;
    if placement(&txn, who, placement_id).await?.missing_minutes() > 0 {
        return Err(Error::conflict("practicum-evaluation-hours-short"));
    }
    let old = load(&txn, placement_id).await?.ok_or_else(|| Error::conflict("practicum-evaluation-marks-missing"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if old.closed_at.is_some() {
        return Err(Error::conflict("practicum-evaluation-closed"));
    }
    let Some((base, campus)) = old.base_mark.zip(old.campus_mark).filter(|_| old.self_at.is_some()) else {
        return Err(Error::conflict("practicum-evaluation-marks-missing"));
    };
    let rule = &programme::of(cx)?.evaluation;
    let mark = marks::overall(base, rule.base_weight, campus, rule.campus_weight);
    let row = evaluation::Model {
        closed_at: Some(cx.now()),
        overall_mark: Some(mark),
        grade: rule.grade(mark).code.clone(),
        ..old.clone()
    };
    records::update(&txn, cx, who, &old, row, audit::Change::new("close", "evaluation", old.id, 0)).await?;
    txn.commit().await?;
    Ok(())
}

/// Opens a settled evaluation again.
///
/// # Errors
/// Forbidden for all but administrators; a missing reason; changed meanwhile; not settled.
pub async fn reopen_evaluation(cx: &Cx, who: &Actor, placement_id: i64, version: i64, reason: &str) -> Result<()> {
    who.require(&[Role::Administrator])?;
    super::decide::check_reason(reason.trim())?;
    let txn = cx.begin().await?;
    seen(&txn, who, placement_id).await?;
    let old = load(&txn, placement_id).await?.filter(|r| r.closed_at.is_some());
    let old = old.ok_or_else(|| Error::conflict("practicum-step-not-now"))?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let row = evaluation::Model { closed_at: None, overall_mark: None, grade: String::new(), ..old.clone() };
    let change = audit::Change::new("reopen", "evaluation", old.id, 0).why(reason.trim());
    records::update(&txn, cx, who, &old, row, change).await?;
    txn.commit().await?;
    Ok(())
}

async fn load(txn: &DatabaseTransaction, placement_id: i64) -> Result<Option<evaluation::Model>> {
    Ok(evaluation::Entity::find().filter(evaluation::Column::PlacementId.eq(placement_id)).one(txn).await?)
}

fn blank(cx: &Cx, placement_id: i64) -> evaluation::Model {
    evaluation::Model {
        id: 0,
        placement_id,
        self_text: String::new(),
        base_text: String::new(),
        base_name: String::new(),
        campus_text: String::new(),
        campus_name: String::new(),
        base_mark: None,
        campus_mark: None,
        self_at: None,
        base_at: None,
        campus_at: None,
        closed_at: None,
        overall_mark: None,
        grade: String::new(),
        version: 1,
        created_at: cx.now(),
        updated_at: cx.now(),
        created_by: None,
        updated_by: None,
    }
}
