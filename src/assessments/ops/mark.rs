//! Marks: the sheet of one component, entering it, and settling what two markers differ in.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

use super::super::entity::{assessment, correction, mark};
use super::super::rules::{self, Barred, Came, Hand, Kind, hand_of};
use super::load::{Book, Component, Given, locked};
use super::plan::ROLES;
use crate::audit;
use crate::classes::ops as classes;
use crate::core::{Actor, Error, FieldError, Msg, Result};
use crate::db::{self, Cx};
use crate::pipeline;
use crate::records;

/// What is entered for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Absent,
    /// Hundredths.
    Mark(i64),
    /// Points by criterion of a practical exercise.
    Points(Vec<(i64, i64)>),
}

/// One line of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkLine {
    pub enrolment_id: i64,
    pub value: Value,
    /// The version that was on the screen; absent when nothing was entered yet.
    pub version: Option<i64>,
}

/// A line as its reader may see it.
#[derive(Clone, Debug)]
pub struct SheetRow {
    pub enrolment_id: i64,
    pub person_id: i64,
    pub name: String,
    pub unit: String,
    pub state: String,
    /// The mark the reader wrote or would change.
    pub own: Option<mark::Model>,
    /// Points of `own`, by criterion.
    pub points: HashMap<i64, i64>,
    /// All marks, where the reader may see them.
    pub given: Option<Given>,
    pub came: Came,
    /// Why the reader cannot write here.
    pub barred: Option<Barred>,
}

/// The sheet of one component.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub class_id: i64,
    pub published: bool,
    pub component: Component,
    pub rows: Vec<SheetRow>,
}

/// The class of a component that is the actor's to see.
async fn place(db: &impl ConnectionTrait, who: &Actor, component_id: i64) -> Result<i64> {
    let sql =
        "SELECT a.class_id FROM assessment_component c JOIN assessment a ON a.id = c.assessment_id WHERE c.id = ?";
    let class_id = db::int(db, sql, [component_id.into()]).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    classes::class_row(db, who, class_id).await?;
    Ok(class_id)
}

fn component_in(book: &Book, id: i64) -> Result<&Component> {
    let found = book.components.iter().find(|c| c.row.id == id);
    let found = found.ok_or_else(|| Error::not_found("error-not-found"))?;
    if found.kind == Kind::Attendance {
        return Err(Error::conflict("assessment-attendance-computed"));
    }
    Ok(found)
}

/// The sheet of a component, people by name.
///
/// # Errors
/// Forbidden for all but those who run classes; not found; the component is computed.
pub async fn sheet(cx: &Cx, who: &Actor, component_id: i64) -> Result<Sheet> {
    who.require(ROLES)?;
    let class_id = place(cx.read(), who, component_id).await?;
    let row = super::load::of_class(cx.read(), class_id).await?;
    let row = row.ok_or_else(|| Error::not_found("error-not-found"))?;
    let book = Book::of(cx.read(), cx, row).await?;
    let component = component_in(&book, component_id)?.clone();
    let members = classes::members_of(cx.read(), who, class_id).await?;
    let double = component.row.double_marked;
    let one = |m: classes::Member| {
        let given = book.given(component_id, m.enrolment_id);
        let came = book.came(&component, m.enrolment_id, m.person_id);
        let hand = hand_of(double, came, given.markers(), who.user_id);
        let own = match hand {
            Ok(h) => given.of(h).cloned(),
            Err(_) => given.0.iter().flatten().find(|m| m.marker_id == who.user_id).cloned(),
        };
        let all = given.values();
        let sees = rules::sees(double, all, false);
        SheetRow {
            points: own.iter().flat_map(|o| rules::read_points(&o.points)).collect(),
            barred: hand.err(),
            given: sees.then_some(given),
            came: if sees { came } else { Came::Nothing },
            own,
            enrolment_id: m.enrolment_id,
            person_id: m.person_id,
            name: m.name,
            unit: m.unit,
            state: m.state,
        }
    };
    // Who left the class is listed only with a mark.
    let rows: Vec<SheetRow> =
        members.into_iter().map(one).filter(|r| r.state != "withdrawn" || r.own.is_some()).collect();
    Ok(Sheet { class_id, published: book.published(), component, rows })
}

/// A value checked: the mark, whether absent, and the points as they are kept.
type Checked = (i64, bool, String);

fn checked(c: &Component, value: &Value) -> std::result::Result<Option<Checked>, Msg> {
    let full = c.row.full_mark;
    match value {
        Value::Nothing => Ok(None),
        Value::Absent => Ok(Some((0, true, String::new()))),
        Value::Mark(m) if c.kind == Kind::Written => {
            if (0..=full).contains(m) {
                Ok(Some((*m, false, String::new())))
            } else {
                Err(Msg::new("assessment-mark-above").with("full", rules::show(full)))
            }
        }
        Value::Mark(_) => Err(Msg::new("assessment-points-needed")),
        Value::Points(points) => {
            let given: HashMap<i64, i64> = points.iter().copied().collect();
            let mut sum = 0;
            for r in &c.criteria {
                let Some(p) = given.get(&r.id) else {
                    return Err(Msg::new("assessment-points-missing").with("name", &r.name));
                };
                if !(0..=r.points).contains(p) {
                    let msg = Msg::new("assessment-points-above").with("name", &r.name);
                    return Err(msg.with("points", rules::show(r.points)));
                }
                sum += p;
            }
            if given.len() != c.criteria.len() || points.len() != given.len() || c.criteria.is_empty() {
                return Err(Msg::new("assessment-points-needed"));
            }
            Ok(Some((sum, false, rules::points_text(points))))
        }
    }
}

/// What happens to one mark.
struct Change {
    enrolment_id: i64,
    person_id: i64,
    hand: Hand,
    old: Option<mark::Model>,
    new: Option<Checked>,
}

/// Enters marks of a component, each with the hand that is the actor's. Lines that say nothing new are left alone; a
/// change after publication needs a reason. Everything is stored or, with the wrong fields named, nothing. Gives the number
/// of marks written.
///
/// # Errors
/// Forbidden; not found; [`Error::Invalid`] with fields `mark-<enrolment>` and `reason`.
pub async fn enter(cx: &Cx, who: &Actor, component_id: i64, lines: &[MarkLine], reason: &str) -> Result<usize> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let class_id = place(&txn, who, component_id).await?;
    let people = classes::everybody(&txn, class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let row = locked(&txn, class_id).await?;
    let book = Book::of(&txn, cx, row.clone()).await?;
    let c = component_in(&book, component_id)?;
    let changes = judge(&book, c, who, lines, reason)?;
    write(&txn, cx, who, &book, c, &changes, reason).await?;
    finish(&txn, cx, who, &book, row, c, &changes, reason).await?;
    open.close(&txn, cx, classes::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(changes.len())
}

fn judge(book: &Book, c: &Component, who: &Actor, lines: &[MarkLine], reason: &str) -> Result<Vec<Change>> {
    let members: HashMap<i64, i64> = book.members.iter().map(|m| (m.enrolment_id, m.person_id)).collect();
    let mut wrong = Vec::new();
    let mut out = Vec::new();
    let mut seen = HashSet::new();
    for l in lines {
        let mut no = |msg: Msg| wrong.push(FieldError { field: format!("mark-{}", l.enrolment_id), msg });
        let Some(person_id) = members.get(&l.enrolment_id).copied().filter(|_| seen.insert(l.enrolment_id)) else {
            no(Msg::new("assessment-not-in-class").with("id", l.enrolment_id));
            continue;
        };
        let new = match checked(c, &l.value) {
            Ok(new) => new,
            Err(msg) => {
                no(msg);
                continue;
            }
        };
        let given = book.given(c.row.id, l.enrolment_id);
        let came = book.came(c, l.enrolment_id, person_id);
        let hand = hand_of(c.row.double_marked, came, given.markers(), who.user_id);
        let old = match hand {
            Ok(h) => given.of(h),
            Err(_) => given.0.iter().flatten().find(|m| m.marker_id == who.user_id),
        };
        if old.map(|m| (m.mark, m.absent, m.points.clone())) == new {
            continue;
        }
        let hand = match hand {
            Ok(h) => h,
            Err(Barred::BothIn) => {
                no(Msg::new("assessment-both-in"));
                continue;
            }
            Err(Barred::Nameless) => {
                no(Msg::new("assessment-marker-nameless"));
                continue;
            }
        };
        if l.version != old.map(|o| o.version) {
            let now = old.map_or_else(|| "–".to_owned(), |m| rules::show(m.mark));
            no(Msg::new("assessment-mark-changed").with("mark", now));
            continue;
        }
        if new.is_none() && book.published() {
            no(Msg::new("assessment-mark-stays"));
            continue;
        }
        out.push(Change { enrolment_id: l.enrolment_id, person_id, hand, old: old.cloned(), new });
    }
    if wrong.is_empty() && book.published() && !out.is_empty() && !has_reason(reason) {
        wrong.push(FieldError { field: "reason".to_owned(), msg: Msg::new("assessment-reason-missing") });
    }
    if wrong.is_empty() { Ok(out) } else { Err(Error::Invalid(wrong)) }
}

fn has_reason(reason: &str) -> bool {
    (1..=500).contains(&reason.trim().chars().count())
}

/// A mark as a correction keeps it.
fn kept(mark: i64, absent: bool) -> String {
    if absent { "absent".to_owned() } else { rules::show(mark) }
}

fn row_of(c: &Component, who: &Actor, ch: &Change, new: &Checked, reason: &str) -> mark::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let base = ch.old.clone().unwrap_or_else(|| mark::Model {
        id: 0,
        component_id: c.row.id,
        enrolment_id: ch.enrolment_id,
        hand: ch.hand.number(),
        mark: 0,
        absent: false,
        points: String::new(),
        marker_id: None,
        marker_name: String::new(),
        reason: String::new(),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    });
    mark::Model {
        mark: new.0,
        absent: new.1,
        points: new.2.clone(),
        marker_id: who.user_id,
        marker_name: who.name.clone(),
        reason: if ch.hand == Hand::Agreed { reason.to_owned() } else { base.reason.clone() },
        ..base
    }
}

async fn write(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    book: &Book,
    c: &Component,
    changes: &[Change],
    reason: &str,
) -> Result<()> {
    let reason = reason.trim();
    // A reason belongs to a change of what was published or agreed.
    let why = if book.published() || changes.iter().any(|ch| ch.hand == Hand::Agreed) { reason } else { "" };
    let mut fresh = Vec::new();
    for ch in changes {
        match (&ch.old, &ch.new) {
            (Some(old), None) => {
                mark::Entity::delete_by_id(old.id).exec(txn).await?;
                let gone = audit::Change::new("delete", "assessment_mark", old.id, old.version).before(old);
                audit::record(txn, cx, who, [gone]).await?;
            }
            (Some(old), Some(new)) => {
                let row = row_of(c, who, ch, new, reason);
                let change = audit::Change::new("update", "assessment_mark", old.id, 0).why(why);
                records::update(txn, cx, who, old, row, change).await?;
            }
            (None, Some(new)) => fresh.push(row_of(c, who, ch, new, reason)),
            (None, None) => {}
        }
    }
    records::insert_many(txn, cx, who, fresh, None).await?;
    Ok(())
}

/// Notes corrections of published results and tells the class's completion.
#[expect(clippy::too_many_arguments, reason = "the state before and what changed")]
async fn finish(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    before: &Book,
    row: assessment::Model,
    c: &Component,
    changes: &[Change],
    reason: &str,
) -> Result<()> {
    let after = Book::of(txn, cx, row).await?;
    if before.published() {
        let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
        let rows = changes.iter().map(|ch| correction::Model {
            id: 0,
            enrolment_id: ch.enrolment_id,
            component_id: c.row.id,
            hand: ch.hand.number(),
            before: ch.old.as_ref().map(|m| kept(m.mark, m.absent)).unwrap_or_default(),
            after: ch.new.as_ref().map(|m| kept(m.0, m.1)).unwrap_or_default(),
            total_before: before.total(ch.enrolment_id, ch.person_id),
            total_after: after.total(ch.enrolment_id, ch.person_id),
            reason: reason.trim().to_owned(),
            actor_name: who.name.clone(),
            version: 0,
            created_at: never,
            updated_at: never,
            created_by: None,
            updated_by: None,
        });
        let rows: Vec<correction::Model> = rows.collect();
        records::insert_many(txn, cx, who, rows, None).await?;
    }
    after.tell(txn, cx, who).await
}

/// The value two markers agreed on, or the correction of a published mark of two markers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agree {
    pub component_id: i64,
    pub enrolment_id: i64,
    /// Hundredths.
    pub mark: i64,
    pub reason: String,
    /// The version of the value agreed before, if there is one.
    pub version: Option<i64>,
}

/// Settles what two markers differ in.
///
/// # Errors
/// Forbidden; not found; a missing reason; a mark out of range; nothing to settle; changed meanwhile.
pub async fn agree(cx: &Cx, who: &Actor, a: Agree) -> Result<()> {
    who.require(ROLES)?;
    let txn = cx.begin().await?;
    let class_id = place(&txn, who, a.component_id).await?;
    let people = classes::everybody(&txn, class_id).await?;
    let open = pipeline::open(&txn, &people).await?;
    let row = locked(&txn, class_id).await?;
    let book = Book::of(&txn, cx, row.clone()).await?;
    let c = component_in(&book, a.component_id)?;
    let mut wrong = Vec::new();
    let mut no = |field: &str, msg: Msg| wrong.push(FieldError { field: field.to_owned(), msg });
    if !(0..=c.row.full_mark).contains(&a.mark) {
        no("agreed", Msg::new("assessment-mark-above").with("full", rules::show(c.row.full_mark)));
    }
    if !has_reason(&a.reason) {
        no("reason", Msg::new("assessment-reason-missing"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let member = book.members.iter().find(|m| m.enrolment_id == a.enrolment_id);
    let person_id = member.ok_or_else(|| Error::not_found("error-not-found"))?.person_id;
    let given = book.given(a.component_id, a.enrolment_id);
    let old = given.of(Hand::Agreed).cloned();
    let apart = book.came(c, a.enrolment_id, person_id) == Came::Apart;
    if !c.row.double_marked || !(apart || old.is_some() || book.published()) {
        return Err(Error::conflict("assessment-nothing-apart"));
    }
    if a.version != old.as_ref().map(|o| o.version) {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let new = Some((a.mark, false, String::new()));
    let changes = [Change { enrolment_id: a.enrolment_id, person_id, hand: Hand::Agreed, old, new }];
    write(&txn, cx, who, &book, c, &changes, &a.reason).await?;
    finish(&txn, cx, who, &book, row, c, &changes, &a.reason).await?;
    open.close(&txn, cx, classes::facts(&txn, &people).await?).await?;
    txn.commit().await?;
    Ok(())
}
