//! What a class asks for, and what its assessment tells.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::super::config;
use super::super::entity::completion_rule;
use super::super::rules::{Asked, AttendancePart, Standing};
use crate::audit;
use crate::classes::ops;
use crate::core::{Actor, Error, FieldError, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::pipeline;
use crate::records;

/// The completion rule of a class as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleView {
    /// Percent of the minutes held; kept with the class.
    pub required_percent: i64,
    pub assessed: bool,
    /// Hundredths of a point of 100.
    pub minimum_total: i64,
    /// 0 until the class has a rule of its own.
    pub version: i64,
}

/// The rule of a class; without one of its own, the program's.
///
/// # Errors
/// Not found; a wrong configuration.
pub async fn rule_of(cx: &Cx, who: &Actor, class_id: i64) -> Result<RuleView> {
    let class = ops::class_view(cx.read(), who, class_id).await?;
    let row = load(cx.read(), class_id).await?;
    let minimum = config::of(cx)?.completion.minimum_total.value;
    Ok(RuleView {
        required_percent: class.required_percent,
        assessed: row.as_ref().is_some_and(|r| r.assessed),
        minimum_total: row.as_ref().map_or(minimum, |r| r.minimum_total),
        version: row.map_or(0, |r| r.version),
    })
}

pub(super) async fn load(db: &impl ConnectionTrait, class_id: i64) -> Result<Option<completion_rule::Model>> {
    Ok(completion_rule::Entity::find().filter(completion_rule::Column::ClassId.eq(class_id)).one(db).await?)
}

/// What the class asks for by assessment; `None` where attendance alone decides.
pub(super) fn asked(row: Option<&completion_rule::Model>) -> Option<Asked> {
    let r = row.filter(|r| r.assessed)?;
    let attendance = (r.attendance_weight > 0).then_some(AttendancePart {
        weight: r.attendance_weight,
        full: r.attendance_full,
        minimum: r.attendance_minimum,
    });
    Some(Asked { published: r.published, minimum_total: r.minimum_total, attendance })
}

fn blank(class_id: i64, minimum_total: i64) -> completion_rule::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    completion_rule::Model {
        id: 0,
        class_id,
        assessed: false,
        published: false,
        minimum_total,
        attendance_weight: 0,
        attendance_full: 0,
        attendance_minimum: None,
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    }
}

async fn store(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    old: Option<completion_rule::Model>,
    new: completion_rule::Model,
) -> Result<()> {
    match old {
        None => {
            records::insert(txn, cx, who, new).await?;
        }
        Some(old) => {
            let change = audit::Change::new("update", "completion_rule", old.id, 0);
            records::update(txn, cx, who, &old, new, change).await?;
        }
    }
    Ok(())
}

/// Sets what a class asks for; who completed it is worked out anew.
///
/// # Errors
/// Forbidden; not found; shares and totals out of range; changed meanwhile.
pub async fn set_rule(cx: &Cx, who: &Actor, class_id: i64, class_version: i64, rule: RuleView) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let mut wrong = Vec::new();
    let mut no = |field: &str, key: &str| wrong.push(FieldError { field: field.to_owned(), msg: Msg::new(key) });
    if !(0..=100).contains(&rule.required_percent) {
        no("required_percent", "classes-percent-range");
    }
    if !(0..=10_000).contains(&rule.minimum_total) {
        no("minimum_total", "completion-total-range");
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let txn = cx.begin().await?;
    let class = ops::class_row(&txn, who, class_id).await?;
    let people = ops::everybody(&txn, class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    if class.version != class_version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let old = load(&txn, class_id).await?;
    if old.as_ref().map_or(0, |r| r.version) != rule.version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    if rule.assessed && !has_assessment(&txn, class_id).await? {
        return Err(Error::field("assessed", Msg::new("completion-no-assessment")));
    }
    let mut new = old.clone().unwrap_or_else(|| blank(class_id, rule.minimum_total));
    (new.assessed, new.minimum_total) = (rule.assessed, rule.minimum_total);
    store(&txn, cx, who, old, new).await?;
    ops::set_required_percent(&txn, cx, who, &class, rule.required_percent).await?;
    ops::settle(&txn, cx, who, class_id).await?;
    open.close(&txn, cx, ops::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(())
}

async fn has_assessment(txn: &DatabaseTransaction, class_id: i64) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM assessment WHERE class_id = ?";
    Ok(db::int(txn, sql, [class_id.into()]).await? > Some(0))
}

/// Takes what a class's assessment says, in the caller's transaction: whether its results are published, the part that
/// follows from attendance, and what those earned whose marks are all in (everybody else of the class has none). A class
/// without a rule asks for its assessment from then on. Who completed the class is worked out anew; the caller holds the
/// pipeline open for the class's people.
///
/// # Errors
/// What the database reports; a class with certificates that is not closed.
pub async fn tell(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    class_id: i64,
    published: bool,
    attendance: Option<AttendancePart>,
    earned: &[(i64, Standing)],
) -> Result<()> {
    let old = load(txn, class_id).await?;
    let minimum = config::of(cx)?.completion.minimum_total.value;
    let mut new = old.clone().unwrap_or_else(|| completion_rule::Model { assessed: true, ..blank(class_id, minimum) });
    new.published = published;
    new.attendance_weight = attendance.map_or(0, |a| a.weight);
    new.attendance_full = attendance.map_or(0, |a| a.full);
    new.attendance_minimum = attendance.and_then(|a| a.minimum);
    store(txn, cx, who, old, new).await?;
    let sql = "DELETE FROM class_standing WHERE enrolment_id IN (SELECT id FROM class_enrolment WHERE class_id = ?)";
    db::run(txn, sql, [class_id.into()]).await?;
    let rows: Vec<Vec<Value>> =
        earned.iter().map(|(id, s)| vec![(*id).into(), s.earned.into(), s.minimums_met.into()]).collect();
    db::insert_rows(txn, "class_standing", &["enrolment_id", "earned", "minimums_met"], rows, "").await?;
    ops::settle(txn, cx, who, class_id).await
}
