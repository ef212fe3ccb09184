//! Placing people at bases.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::ActiveValue::NotSet;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Value,
};

use super::super::entity::{placement, visible_to};
use super::super::programme;
use super::super::rules::room::{NoRoom, Span, covers, meet};
use super::facts;
use super::room::{Room, Want};
use crate::audit;
use crate::cohorts;
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::directory::entity::{base, bases_visible_to, supervisor};
use crate::people::scope;
use crate::pipeline;

/// One person to be placed at one base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacePerson {
    pub person_id: i64,
    pub base_id: i64,
    pub cohort_id: Option<i64>,
    pub supervisor_id: Option<i64>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    /// As the roster words it (本科, 硕士).
    pub programme: String,
    pub campus_mentor: String,
}

/// What became of one [`PlacePerson`]; the id is the placement's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    New(i64),
    Changed(i64),
    Same(i64),
}

impl Placed {
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Changed(id) | Self::Same(id) => id,
        }
    }
}

fn key(p: &PlacePerson) -> (i64, i64, Option<NaiveDate>) {
    (p.person_id, p.base_id, p.starts_on)
}

/// Places many people in the caller's transaction (the roster import): a placement is the same when person, base and
/// first day are. Writes scope rows and audit entries. The caller opens the pipeline before and closes it with
/// [`facts()`] of these people after. The answers stand in the order of `list`; a second equal line is `Same`.
///
/// # Errors
/// What the database reports.
pub async fn place_many(
    txn: &DatabaseTransaction,
    cx: &Cx,
    who: &Actor,
    import_id: Option<i64>,
    list: &[PlacePerson],
) -> Result<Vec<Placed>> {
    let people: Vec<i64> = list.iter().map(|p| p.person_id).collect::<HashSet<_>>().into_iter().collect();
    let mut known: HashMap<_, placement::Model> = HashMap::new();
    for chunk in people.chunks(db::CHUNK) {
        let rows =
            placement::Entity::find().filter(placement::Column::PersonId.is_in(chunk.iter().copied())).all(txn).await?;
        known.extend(rows.into_iter().map(|r| ((r.person_id, r.base_id, r.starts_on), r)));
    }
    let now = cx.now();
    let mut changes = Vec::new();
    let mut fresh: Vec<&PlacePerson> = Vec::new();
    let mut seen = HashSet::new();
    for p in list.iter().filter(|p| seen.insert(key(p))) {
        let Some(old) = known.get(&key(p)) else {
            fresh.push(p);
            continue;
        };
        let mut row = old.clone();
        update(&mut row, p);
        if row == *old {
            continue;
        }
        row.version += 1;
        row.updated_at = now;
        row.updated_by = who.user_id;
        changes.push(
            audit::Change::new("update", "placement", row.id, row.version).before(old).after(&row).import(import_id),
        );
        row.clone().into_active_model().reset_all().update(txn).await?;
        known.insert(key(p), row);
    }
    let touched: HashSet<i64> = changes.iter().map(|c| c.entity_id).collect();
    let mut new_ids = HashSet::new();
    for chunk in fresh.chunks(200) {
        let rows = chunk.iter().map(|p| new_row(p, who, now).into_active_model());
        let rows = rows.map(|mut a| {
            a.id = NotSet;
            a
        });
        for made in placement::Entity::insert_many(rows).exec_with_returning(txn).await? {
            changes.push(audit::Change::new("create", "placement", made.id, 1).after(&made).import(import_id));
            new_ids.insert(made.id);
            known.insert((made.person_id, made.base_id, made.starts_on), made);
        }
    }
    audit::record(txn, cx, who, changes).await?;
    let at: Vec<(i64, i64)> = fresh.iter().map(|p| (p.base_id, p.person_id)).collect();
    scope::join(txn, scope::Kind::Base, at).await?;
    let mut told = HashSet::new();
    list.iter()
        .map(|p| {
            let id = known.get(&key(p)).map(|r| r.id).ok_or_else(|| Error::internal("placement not written"))?;
            Ok(match told.insert(id) {
                true if new_ids.contains(&id) => Placed::New(id),
                true if touched.contains(&id) => Placed::Changed(id),
                _ => Placed::Same(id),
            })
        })
        .collect()
}

/// A roster that leaves a column empty says nothing about it.
fn update(row: &mut placement::Model, p: &PlacePerson) {
    row.ends_on = p.ends_on.or(row.ends_on);
    row.cohort_id = p.cohort_id.or(row.cohort_id);
    row.supervisor_id = p.supervisor_id.or(row.supervisor_id);
    if p.required_minutes > 0 {
        row.required_minutes = p.required_minutes;
    }
    for (old, new) in [(&mut row.programme, &p.programme), (&mut row.campus_mentor, &p.campus_mentor)] {
        if !new.is_empty() {
            old.clone_from(new);
        }
    }
}

fn new_row(p: &PlacePerson, who: &Actor, now: chrono::DateTime<chrono::Utc>) -> placement::Model {
    placement::Model {
        id: 0,
        person_id: p.person_id,
        base_id: p.base_id,
        cohort_id: p.cohort_id,
        supervisor_id: p.supervisor_id,
        campus_mentor: p.campus_mentor.clone(),
        programme: p.programme.clone(),
        note: String::new(),
        starts_on: p.starts_on,
        ends_on: p.ends_on,
        required_minutes: p.required_minutes,
        state: "active".to_owned(),
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    }
}

pub(super) fn no_room(no: NoRoom) -> Error {
    let key = format!("practicum-{}", no.code().replace('_', "-"));
    let field = if no == NoRoom::NotCovered { "starts" } else { "base" };
    Error::field(field, Msg::new(&key).with("n", no.capacity()))
}

/// Places one person: under a valid agreement of their campus (of any, for a person without one), while the base is
/// active and has a place free, and not in the weeks of another placement unless the programme's rules allow it.
///
/// # Errors
/// Invalid dates or hours, a person or base that is not the actor's to see, the placement that exists already, no room.
pub async fn place(cx: &Cx, who: &Actor, p: PlacePerson) -> Result<i64> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    check_dates(p.starts_on, p.ends_on, p.required_minutes)?;
    let txn = cx.begin().await?;
    let person = scope::visible_to(who).filter(crate::people::entity::person::Column::Id.eq(p.person_id));
    let person = person.one(&txn).await?.ok_or_else(|| Error::not_found("error-not-found"))?;
    if !person.active {
        return Err(Error::field("person", Msg::new("practicum-person-inactive")));
    }
    let base = bases_visible_to(who).filter(base::Column::Id.eq(p.base_id)).one(&txn).await?;
    base.ok_or_else(|| Error::field("base", Msg::new("practicum-base-unknown")))?;
    check_around(&txn, who, &p).await?;
    let room = Room::load(&txn, &[p.base_id]).await?;
    let open = pipeline::open(&txn, &[p.person_id]).await?;
    let person_id = p.person_id;
    let others = placement::Entity::find().filter(placement::Column::PersonId.eq(person_id)).all(&txn).await?;
    if others.iter().any(|o| (o.base_id, o.starts_on) == (p.base_id, p.starts_on)) {
        return Err(Error::conflict("practicum-placement-exists"));
    }
    apart(cx, &p.programme, (p.starts_on, p.ends_on), &others)?;
    let want = Want {
        person_id: Some(person_id),
        campus_id: person.campus_id,
        base_id: p.base_id,
        span: (p.starts_on, p.ends_on),
        own: None,
    };
    room.check(&want, true).map_err(no_room)?;
    let done = place_many(&txn, cx, who, None, &[p]).await?;
    let Some(Placed::New(id)) = done.first().copied() else {
        return Err(Error::conflict("practicum-placement-exists"));
    };
    open.close(&txn, cx, facts(&txn, &[person_id]).await?).await?;
    txn.commit().await?;
    Ok(id)
}

/// The person of a student number or name, among those that the actor sees.
///
/// # Errors
/// [`Error::Invalid`] on `field` when there is none, or several of that name.
pub async fn person_named(db: &impl ConnectionTrait, who: &Actor, field: &str, word: &str) -> Result<i64> {
    use crate::people::entity::person::Column;
    let word = word.trim();
    let is = sea_orm::Condition::any().add(Column::StudentNo.eq(word)).add(Column::Name.eq(word));
    let found = scope::visible_to(who).filter(is).limit(20).all(db).await?;
    match found.as_slice() {
        [one] if !word.is_empty() => Ok(one.id),
        [_, _, ..] if !word.is_empty() => {
            let list: Vec<&str> = found.iter().map(|p| p.student_no.as_str()).filter(|n| !n.is_empty()).collect();
            Err(Error::field(field, Msg::new("practicum-person-several").with("list", list.join("、"))))
        }
        _ => Err(Error::field(field, Msg::new("practicum-person-unknown").with("word", word))),
    }
}

/// The supervisor is one of the base's who is there, the cohort one that the actor sees.
async fn check_around(txn: &DatabaseTransaction, who: &Actor, p: &PlacePerson) -> Result<()> {
    if let Some(id) = p.supervisor_id {
        let row = supervisor::Entity::find_by_id(id).one(txn).await?;
        if row.is_none_or(|s| s.base_id != p.base_id || !s.active) {
            return Err(Error::field("supervisor", Msg::new("practicum-supervisor-unknown")));
        }
    }
    if let Some(id) = p.cohort_id {
        match cohorts::ops::visible(txn, who, id).await {
            Err(Error::NotFound(_)) => return Err(Error::field("cohort", Msg::new("practicum-cohort-unknown"))),
            other => drop(other?),
        }
    }
    Ok(())
}

/// Not at two bases in the same weeks.
pub(super) fn apart(cx: &Cx, programme: &str, span: Span, others: &[placement::Model]) -> Result<()> {
    let active = others.iter().filter(|o| o.state == "active");
    let Some(other) = active.into_iter().find(|o| meet((o.starts_on, o.ends_on), span)) else { return Ok(()) };
    if programme::rules_for(cx, programme, span.0.unwrap_or_else(|| cx.today()))?.programme.parallel_placements {
        return Ok(());
    }
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let msg =
        Msg::new("practicum-placement-parallel").with("from", day(other.starts_on)).with("to", day(other.ends_on));
    Err(Error::field("starts", msg))
}

fn check_dates(from: Option<NaiveDate>, to: Option<NaiveDate>, required: i64) -> Result<()> {
    if from.zip(to).is_some_and(|(a, b)| b < a) {
        return Err(Error::field("ends", Msg::new("practicum-ends-before-starts")));
    }
    if !(0..=10_000 * 60).contains(&required) {
        return Err(Error::field("required", Msg::new("practicum-required-range")));
    }
    Ok(())
}

/// What may change of a placement.
#[derive(Clone, Debug)]
pub struct PlacementChange {
    pub id: i64,
    /// The version that was on the screen.
    pub version: i64,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub required_minutes: i64,
    pub campus_mentor: String,
    /// active, ended or withdrawn.
    pub state: String,
    pub note: String,
}

/// Changes a placement's span, hours, mentor or state.
///
/// # Errors
/// Not found or not the actor's, changed meanwhile, invalid dates, a first day that another placement at the base has, no
/// room for what it takes more than before (where campus and base have an agreement on record), days cut off for which hours
/// are claimed, weeks added in which the person is elsewhere.
pub async fn change_placement(cx: &Cx, who: &Actor, c: PlacementChange) -> Result<()> {
    who.require(&[Role::Administrator, Role::Trainer])?;
    check_dates(c.starts_on, c.ends_on, c.required_minutes)?;
    if !["active", "ended", "withdrawn"].contains(&c.state.as_str()) {
        return Err(Error::field("state", Msg::new("practicum-state-unknown")));
    }
    let txn = cx.begin().await?;
    let old = find(&txn, who, c.id).await?;
    let (was, span) = ((old.starts_on, old.ends_on), (c.starts_on, c.ends_on));
    if c.state == "active" && (old.state != "active" || !covers(was, span)) {
        let person = crate::people::entity::person::Entity::find_by_id(old.person_id).one(&txn).await?;
        let campus_id = person.and_then(|p| p.campus_id);
        let want = Want { person_id: Some(old.person_id), campus_id, base_id: old.base_id, span, own: Some(old.id) };
        Room::load(&txn, &[old.base_id]).await?.check(&want, false).map_err(no_room)?;
    }
    let open = pipeline::open(&txn, &[old.person_id]).await?;
    if c.state != "withdrawn" && !covers(span, was) {
        claimed_within(&txn, old.id, span).await?;
    }
    if c.state == "active" && (old.state != "active" || !covers(was, span)) {
        let others = placement::Entity::find()
            .filter(placement::Column::PersonId.eq(old.person_id))
            .filter(placement::Column::Id.ne(old.id));
        apart(cx, &old.programme, span, &others.all(&txn).await?)?;
    }
    let mut row = old.clone();
    row.starts_on = c.starts_on;
    row.ends_on = c.ends_on;
    row.required_minutes = c.required_minutes;
    row.campus_mentor = c.campus_mentor;
    row.state = c.state;
    row.note = c.note;
    row.version = c.version + 1;
    row.updated_at = cx.now();
    row.updated_by = who.user_id;
    let mut active = row.clone().into_active_model().reset_all();
    active.id = NotSet;
    let done = placement::Entity::update_many()
        .set(active)
        .filter(placement::Column::Id.eq(row.id))
        .filter(placement::Column::Version.eq(c.version))
        .exec(&txn)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::conflict("error-changed-meanwhile"));
    }
    let change = audit::Change::new("update", "placement", row.id, row.version).before(&old).after(&row);
    audit::record(&txn, cx, who, [change]).await?;
    open.close(&txn, cx, facts(&txn, &[row.person_id]).await?).await?;
    txn.commit().await?;
    Ok(())
}

/// Hours that are handed in or confirmed stay within the placement.
async fn claimed_within(txn: &DatabaseTransaction, id: i64, span: Span) -> Result<()> {
    let of = "FROM hour_entry WHERE placement_id = ? AND state IN ('submitted', 'endorsed', 'confirmed')";
    for (field, sql, day) in [("starts", "worked_on < ?", span.0), ("ends", "worked_on > ?", span.1)] {
        let Some(day) = day else { continue };
        let sql = format!("SELECT COUNT(*) {of} AND {sql}");
        let n = db::int(txn, &sql, [id.into(), day.into()]).await?.unwrap_or(0);
        if n > 0 {
            return Err(Error::field(field, Msg::new("practicum-hours-outside").with("n", n)));
        }
    }
    Ok(())
}

pub(super) async fn find(txn: &DatabaseTransaction, who: &Actor, id: i64) -> Result<placement::Model> {
    let (scope, values) = visible_to(who);
    let sql =
        format!("SELECT pl.id FROM placement pl JOIN person p ON p.id = pl.person_id WHERE pl.id = ? AND {scope}");
    let seen = db::int(txn, &sql, std::iter::once(Value::from(id)).chain(values)).await?;
    let row = match seen {
        Some(id) => placement::Entity::find_by_id(id).one(txn).await?,
        None => None,
    };
    row.ok_or_else(|| Error::not_found("error-not-found"))
}
