//! Enrolments: in bulk for the roster import, by hand, withdrawn and taken back; and what the pipeline is told of them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value,
};

use super::super::entity::enrolment;
use super::{Enrolment, visible};
use crate::audit;
use crate::core::{Actor, Error, Msg, Result, Role, civil};
use crate::db::{self, Cx};
use crate::importing::Before;
use crate::people::ops::{Batch, Incoming, Outcome};
use crate::people::scope;
use crate::people::timeline::TimelineItem;
use crate::pipeline::{self, Change};

/// One person for one cohort. Empty texts say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrol {
    pub person_id: i64,
    pub scheme: String,
    pub level: String,
    pub subjects: String,
    /// `yes`, `no` or empty.
    pub first_time: String,
    pub note: String,
}

/// What became of one [`Enrol`].
#[derive(Clone, Debug, PartialEq)]
pub enum Enrolled {
    New { id: i64 },
    Changed { id: i64, version: i64, before: Before },
    Same { id: i64 },
}

/// Enrols many people in one cohort, in the caller's transaction: rows, scope rows, audit entries. Who is enrolled
/// already keeps their state (a withdrawn one stays withdrawn) and takes over what the file says of level and subjects.
/// The caller opens the pipeline before and closes it with [`facts`] after. One answer a line, in order; `people` are
/// different.
///
/// # Errors
/// What the database reports.
pub async fn enrol_many(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    cohort_id: i64,
    list: &[Enrol],
    import_id: Option<i64>,
) -> Result<Vec<Enrolled>> {
    let mut known: HashMap<i64, Enrolment> = HashMap::new();
    for chunk in list.chunks(2000) {
        let rows = enrolment::Entity::find()
            .filter(enrolment::Column::CohortId.eq(cohort_id))
            .filter(enrolment::Column::PersonId.is_in(chunk.iter().map(|e| e.person_id)))
            .all(txn)
            .await?;
        known.extend(rows.into_iter().map(|r| (r.person_id, r)));
    }
    let mut log = Vec::new();
    let mut fresh: Vec<Enrolment> = Vec::new();
    let mut answers: HashMap<i64, Enrolled> = HashMap::with_capacity(list.len());
    for e in list {
        let Some(old) = known.get(&e.person_id) else {
            fresh.push(new_row(cx, who, cohort_id, e));
            continue;
        };
        let (new, before) = merge(old, e);
        if before.is_empty() {
            answers.insert(e.person_id, Enrolled::Same { id: old.id });
            continue;
        }
        let new = Enrolment { version: old.version + 1, updated_at: cx.now(), updated_by: who.user_id, ..new };
        update(txn, &new).await?;
        let entry = audit::Change::new("update", "enrolment", new.id, new.version).before(old).after(&new);
        log.push(entry.import(import_id));
        answers.insert(e.person_id, Enrolled::Changed { id: new.id, version: new.version, before });
    }
    for chunk in fresh.chunks_mut(1000) {
        let ids = insert(txn, chunk).await?;
        for row in chunk {
            row.id = ids.get(&row.person_id).copied().unwrap_or_default();
            log.push(audit::Change::new("create", "enrolment", row.id, 1).after(row).import(import_id));
            answers.insert(row.person_id, Enrolled::New { id: row.id });
        }
    }
    audit::record(txn, cx, who, log).await?;
    scope::join(txn, scope::Kind::Cohort, fresh.iter().map(|e| (cohort_id, e.person_id))).await?;
    list.iter()
        .map(|e| answers.get(&e.person_id).cloned().ok_or_else(|| Error::internal("enrolment not written")))
        .collect()
}

fn new_row(cx: &Cx, who: &Actor, cohort_id: i64, e: &Enrol) -> Enrolment {
    let now = cx.now();
    Enrolment {
        id: 0,
        cohort_id,
        person_id: e.person_id,
        scheme: e.scheme.clone(),
        level: e.level.clone(),
        subjects: e.subjects.clone(),
        first_time: e.first_time.clone(),
        note: e.note.clone(),
        state: "active".to_owned(),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    }
}

fn merge(old: &Enrolment, e: &Enrol) -> (Enrolment, Before) {
    let mut new = old.clone();
    let mut before = Before::new();
    // Scheme and level are one statement.
    if !e.level.is_empty() && (&old.scheme, &old.level) != (&e.scheme, &e.level) {
        new.scheme.clone_from(&e.scheme);
        new.level.clone_from(&e.level);
        before = before.text("scheme", old.scheme.clone()).text("level", old.level.clone());
    }
    let texts = [
        ("subjects", &mut new.subjects, &e.subjects),
        ("first_time", &mut new.first_time, &e.first_time),
        ("note", &mut new.note, &e.note),
    ];
    for (column, to, from) in texts {
        if !from.is_empty() && to != from {
            before = before.text(column, to.clone());
            to.clone_from(from);
        }
    }
    (new, before)
}

const COLUMNS: &[&str] = &[
    "cohort_id",
    "person_id",
    "scheme",
    "level",
    "subjects",
    "first_time",
    "note",
    "state",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
];

fn values_of(e: &Enrolment) -> [Value; 13] {
    [
        e.cohort_id.into(),
        e.person_id.into(),
        e.scheme.as_str().into(),
        e.level.as_str().into(),
        e.subjects.as_str().into(),
        e.first_time.as_str().into(),
        e.note.as_str().into(),
        e.state.as_str().into(),
        e.version.into(),
        e.created_at.into(),
        e.updated_at.into(),
        e.created_by.into(),
        e.updated_by.into(),
    ]
}

async fn insert(txn: &DatabaseTransaction, rows: &[Enrolment]) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct IdOf {
        id: i64,
        person_id: i64,
    }
    let sql = db::insert_sql("enrolment", COLUMNS, rows.len(), "RETURNING id, person_id");
    let ids: Vec<IdOf> = db::rows(txn, &sql, rows.iter().flat_map(values_of)).await?;
    Ok(ids.into_iter().map(|r| (r.person_id, r.id)).collect())
}

/// Writes an enrolment whose version has just gone up by one.
async fn update(txn: &DatabaseTransaction, e: &Enrolment) -> Result<()> {
    let sets: Vec<String> = COLUMNS.iter().map(|c| format!("{c} = ?")).collect();
    let sql = format!("UPDATE enrolment SET {} WHERE id = ? AND version = ?", sets.join(", "));
    let values = values_of(e).into_iter().chain([e.id.into(), (e.version - 1).into()]);
    if db::run(txn, &sql, values).await? == 1 { Ok(()) } else { Err(Error::conflict("error-changed-meanwhile")) }
}

/// How these people stand with their cohorts, for the pipeline's `close`: enrolled in at least one, or withdrawn from
/// all. Everybody asked for gets a line.
///
/// # Errors
/// What the database reports.
pub async fn facts(db: &impl ConnectionTrait, people: &[i64]) -> Result<Vec<(i64, Change)>> {
    #[derive(FromQueryResult)]
    struct Counted {
        person_id: i64,
        active: i64,
    }
    let mut known: HashMap<i64, i64> = HashMap::new();
    for chunk in people.chunks(2000) {
        let sql = format!(
            "SELECT person_id, CAST(SUM(CASE WHEN state = 'active' THEN 1 ELSE 0 END) AS BIGINT) AS active \
             FROM enrolment WHERE person_id IN ({}) GROUP BY person_id",
            db::places(chunk.len())
        );
        let rows: Vec<Counted> = db::rows(db, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
        known.extend(rows.into_iter().map(|c| (c.person_id, c.active)));
    }
    let of = |id: &i64| {
        let active = known.get(id);
        Change::Enrolment { enrolled: active.is_some_and(|n| *n > 0), withdrawn: active == Some(&0) }
    };
    Ok(people.iter().map(|id| (*id, of(id))).collect())
}

/// Lets `person_scope` of kind cohort say exactly what the enrolments say, for these people: after an undo.
///
/// # Errors
/// What the database reports.
pub async fn put_memberships_right(txn: &DatabaseTransaction, people: &[i64]) -> Result<()> {
    for chunk in people.chunks(db::CHUNK) {
        let sql = format!(
            "DELETE FROM person_scope WHERE kind = 'cohort' AND person_id IN ({}) AND NOT EXISTS (SELECT 1 FROM enrolment e \
             WHERE e.cohort_id = person_scope.target_id AND e.person_id = person_scope.person_id AND e.state = 'active')",
            db::places(chunk.len())
        );
        db::run(txn, &sql, chunk.iter().map(|i| Value::from(*i))).await?;
    }
    Ok(())
}

/// Withdraws an enrolment (`active` false) or takes the withdrawal back. A withdrawn person leaves the cohort's scope and
/// figures; the row stays.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it was changed meanwhile.
pub async fn set_state(cx: &Cx, who: &Actor, id: i64, active: bool, version: i64, why: &str) -> Result<Enrolment> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let found = enrolment::Entity::find_by_id(id).one(&txn).await?;
    let old = found.ok_or_else(|| Error::not_found("error-not-found"))?;
    visible(&txn, who, old.cohort_id).await?;
    if old.version != version {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let state = if active { "active" } else { "withdrawn" };
    if old.state == state {
        return Ok(old);
    }
    let counted = pipeline::open(&txn, &[old.person_id]).await?;
    let new = Enrolment {
        state: state.to_owned(),
        version: old.version + 1,
        updated_at: cx.now(),
        updated_by: who.user_id,
        ..old.clone()
    };
    update(&txn, &new).await?;
    if active {
        scope::join(&txn, scope::Kind::Cohort, [(new.cohort_id, new.person_id)]).await?;
    } else {
        scope::leave(&txn, scope::Kind::Cohort, new.cohort_id, &[new.person_id]).await?;
    }
    let action = if active { "reinstate" } else { "withdraw" };
    let entry = audit::Change::new(action, "enrolment", id, new.version).before(&old).after(&new).why(why.trim());
    audit::record(&txn, cx, who, [entry]).await?;
    counted.close(&txn, cx, facts(&txn, &[new.person_id]).await?).await?;
    txn.commit().await?;
    Ok(new)
}

/// A person enrolled by hand: known by the number of their paper, or new.
#[derive(Clone, Debug, Default)]
pub struct EnrolByHand {
    /// Judged and tidied as an import's row is.
    pub person: Incoming,
    pub scheme: String,
    pub level: String,
}

/// Enrols one person; gives the person's id.
///
/// # Errors
/// [`Error::NotFound`] for the cohort; [`Error::Invalid`] when the number belongs to somebody of another name;
/// [`Error::Conflict`] when they are enrolled already.
pub async fn enrol_by_hand(cx: &Cx, who: &Actor, cohort_id: i64, input: EnrolByHand) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    let txn = cx.begin().await?;
    let cohort = visible(&txn, who, cohort_id).await?;
    let mut person = input.person;
    if person.region_code.is_empty() {
        person.region_code.clone_from(&cohort.region_code);
    }
    let name_key = person.name_key.clone();
    let batch = Batch::find(&txn, cx, vec![person]).await?;
    if batch.known(0).is_some_and(|p| p.name_key != name_key) {
        return Err(Error::field("id_no", Msg::new("cohorts-number-of-another")));
    }
    let counted = pipeline::open(&txn, &batch.known_ids()).await?;
    let stored = batch.store(&txn, cx, who, None).await?;
    let Some(person) = stored.first() else { return Err(Error::internal("person not written")) };
    let line = Enrol { person_id: person.id, scheme: input.scheme, level: input.level, ..Enrol::default() };
    match enrol_many(&txn, cx, who, cohort_id, &[line], None).await?.as_slice() {
        [Enrolled::New { .. }] => {}
        _ => return Err(Error::conflict("cohorts-already-enrolled")),
    }
    let mut changes = facts(&txn, &[person.id]).await?;
    if person.outcome == Outcome::Created {
        changes.push((person.id, Change::Person));
    }
    counted.close(&txn, cx, changes).await?;
    txn.commit().await?;
    Ok(person.id)
}

/// Enrolments of a person as parts of their timeline.
pub fn timeline<'a>(
    cx: &'a Cx,
    who: &'a Actor,
    person_id: i64,
) -> futures_util::future::BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let rows = enrolment::Entity::find()
            .filter(enrolment::Column::PersonId.eq(person_id))
            .order_by_asc(enrolment::Column::Id)
            .all(cx.read())
            .await?;
        let ids: HashSet<i64> = rows.iter().map(|r| r.cohort_id).collect();
        let cohorts: HashMap<i64, super::Cohort> = super::super::entity::cohort::Entity::find()
            .filter(super::super::entity::cohort::Column::Id.is_in(ids))
            .all(cx.read())
            .await?
            .into_iter()
            .map(|c| (c.id, c))
            .collect();
        let schemes = crate::schemes::of(cx)?;
        let mut items = Vec::new();
        for r in &rows {
            let cohort = cohorts.get(&r.cohort_id).map_or("", |c| c.name.as_str());
            let href = format!("/cohorts/{}", r.cohort_id);
            let on = civil::date_in(r.created_at, cx.zone());
            let mut item =
                TimelineItem::new(on, "enrolment", Msg::new("cohorts-timeline-enrolled").with("cohort", cohort));
            if !r.level.is_empty() {
                let level = schemes.level_name(&r.scheme, &r.level, who.lang);
                item = item.detail(Msg::new("cohorts-timeline-level").with("level", level));
            }
            items.push(item.link(&href));
            if r.state == "withdrawn" {
                let on = civil::date_in(r.updated_at, cx.zone());
                let text = Msg::new("cohorts-timeline-withdrawn").with("cohort", cohort);
                items.push(TimelineItem::new(on, "enrolment", text).link(href));
            }
        }
        Ok(items)
    })
}
