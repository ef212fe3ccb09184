//! Reading formations with their figures, members and activities.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value,
};

use super::super::entity::{formation_activity, visible_to};
use crate::core::page::Page;
use crate::core::{Actor, Error, Result, Role};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::people::scope;

/// A formation with its figures today.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FormationView {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub region_code: String,
    pub goal: String,
    pub note: String,
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// Members today, by role.
    pub leads: i64,
    pub flock: i64,
    pub supports: i64,
    /// People who were in the flock at any time, and those of them who hold a certificate.
    pub learners: i64,
    pub certified: i64,
    pub activities: i64,
    /// People at the activities together.
    pub person_times: i64,
    pub last_on: Option<NaiveDate>,
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    pub text: String,
    pub state: String,
    pub region: String,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::text("name", "f.name"),
    Order::text("starts_on", "COALESCE(CAST(f.starts_on AS TEXT), '')"),
    Order::number("activities", "(SELECT COUNT(*) FROM formation_activity a WHERE a.formation_id = f.id)"),
];

/// The columns; `?` twice for each role: today.
fn columns(today: NaiveDate) -> (String, Vec<Value>) {
    let mut values = Vec::new();
    let mut now = |role: &str, name: &str| {
        values.extend([Value::from(today), today.into()]);
        format!(
            "(SELECT COUNT(DISTINCT m.person_id) FROM formation_member m WHERE m.formation_id = f.id AND m.role = '{role}' \
             AND m.starts_on <= ? AND (m.ends_on IS NULL OR m.ends_on >= ?)) AS {name}"
        )
    };
    let roles = [now("lead", "leads"), now("flock", "flock"), now("support", "supports")].join(", ");
    let sql = format!(
        "f.id, f.version, f.name, f.region_code, f.goal, f.note, f.state, f.starts_on, f.ends_on, {roles}, \
         (SELECT COUNT(DISTINCT m.person_id) FROM formation_member m WHERE m.formation_id = f.id AND m.role = 'flock') AS learners, \
         (SELECT COUNT(DISTINCT m.person_id) FROM formation_member m JOIN person_facts pf ON pf.person_id = m.person_id \
         WHERE m.formation_id = f.id AND m.role = 'flock' AND pf.highest_rank > 0) AS certified, \
         (SELECT COUNT(*) FROM formation_activity a WHERE a.formation_id = f.id) AS activities, \
         CAST((SELECT COALESCE(SUM(a.people), 0) FROM formation_activity a WHERE a.formation_id = f.id) AS BIGINT) AS person_times, \
         (SELECT MAX(a.held_on) FROM formation_activity a WHERE a.formation_id = f.id) AS last_on"
    );
    (sql, values)
}

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["f.name", "f.goal"], &find.text);
    w.equal("f.state", Some(&find.state));
    w.region("f.region_code", &find.region);
    w
}

/// Formations, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<FormationView>> {
    let (sql, values) = columns(cx.today());
    let mut w = wanted(who, find);
    // The values of the columns stand before those of the conditions.
    w.values.splice(0..0, values);
    list::page(cx.read(), &sql, "formation f", "f.id", w, Sort::of(ORDERS, sort), slice).await
}

/// Figures over all formations that `find` leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Sums {
    pub formations: i64,
    /// People in one today.
    pub people: i64,
    pub activities: i64,
    pub person_times: i64,
}

/// Figures over all formations that `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn sums(cx: &Cx, who: &Actor, find: &Find) -> Result<Sums> {
    let w = wanted(who, find);
    let of = format!("(SELECT f.id FROM formation f WHERE {})", w.sql);
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM formation f WHERE {}) AS formations, \
         (SELECT COUNT(DISTINCT m.person_id) FROM formation_member m WHERE m.formation_id IN {of} AND m.starts_on <= ? \
         AND (m.ends_on IS NULL OR m.ends_on >= ?)) AS people, \
         (SELECT COUNT(*) FROM formation_activity a WHERE a.formation_id IN {of}) AS activities, \
         CAST((SELECT COALESCE(SUM(a.people), 0) FROM formation_activity a WHERE a.formation_id IN {of}) AS BIGINT) AS person_times",
        w.sql
    );
    let today = cx.today();
    let mut values = w.values.clone();
    values.extend(w.values.clone());
    values.extend([Value::from(today), today.into()]);
    values.extend(w.values.clone());
    values.extend(w.values);
    Ok(db::rows::<Sums>(cx.read(), &sql, values).await?.pop().unwrap_or_default())
}

/// One formation.
///
/// # Errors
/// Not found, or not the reader's.
pub async fn get(cx: &Cx, db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<FormationView> {
    let (sql, mut values) = columns(cx.today());
    let mut w = wanted(who, &Find::default());
    w.and("f.id = ?", [id.into()]);
    values.extend(w.values);
    let sql = format!("SELECT {sql} FROM formation f WHERE {}", w.sql);
    db::rows::<FormationView>(db, &sql, values).await?.pop().ok_or_else(|| Error::not_found("error-not-found"))
}

/// A member with the name.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct MemberRow {
    pub id: i64,
    pub version: i64,
    pub person_id: i64,
    pub name: String,
    pub id_tail: String,
    pub unit: String,
    pub role: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub note: String,
}

/// The members of a formation that the caller found, leads first; nobody for an observer. A trainer sees those they see
/// elsewhere, an intern everybody's name but only their own number.
///
/// # Errors
/// What the database reports.
pub async fn members(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<Vec<MemberRow>> {
    if !who.sees_identities() {
        return Ok(Vec::new());
    }
    let own = who.role == Role::Intern;
    let (scope_sql, mut values) = if own { ("1 = 1".to_owned(), Vec::new()) } else { scope::sql(who) };
    values.push(id.into());
    let sql = format!(
        "SELECT m.id, m.version, m.person_id, p.name, p.id_tail, p.unit, m.role, m.starts_on, m.ends_on, m.note \
         FROM formation_member m JOIN person p ON p.id = m.person_id WHERE {scope_sql} AND m.formation_id = ? \
         ORDER BY CASE m.role WHEN 'lead' THEN 0 WHEN 'flock' THEN 1 ELSE 2 END, p.name_key, m.starts_on, m.id LIMIT 2000"
    );
    let mut rows: Vec<MemberRow> = db::rows(db, &sql, values).await?;
    if own {
        for r in rows.iter_mut().filter(|r| Some(r.person_id) != who.person_id) {
            (r.person_id, r.note) = (0, String::new());
            r.id_tail.clear();
            r.unit.clear();
        }
    }
    Ok(rows)
}

/// The activities of a formation that the caller found, the last first.
///
/// # Errors
/// What the database reports.
pub async fn activities(db: &impl ConnectionTrait, id: i64) -> Result<Vec<formation_activity::Model>> {
    Ok(formation_activity::Entity::find()
        .filter(formation_activity::Column::FormationId.eq(id))
        .order_by_desc(formation_activity::Column::HeldOn)
        .order_by_desc(formation_activity::Column::Id)
        .limit(1000)
        .all(db)
        .await?)
}

/// The memberships of one person in formations the actor sees: (formation, its name, role, from, to).
///
/// # Errors
/// What the database reports.
pub async fn of_person(
    db: &impl ConnectionTrait,
    who: &Actor,
    person_id: i64,
) -> Result<Vec<(i64, String, String, NaiveDate, Option<NaiveDate>)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        role: String,
        starts_on: NaiveDate,
        ends_on: Option<NaiveDate>,
    }
    let mut w = visible_to(who);
    w.and("m.person_id = ?", [person_id.into()]);
    let sql = format!(
        "SELECT f.id, f.name, m.role, m.starts_on, m.ends_on FROM formation_member m \
         JOIN formation f ON f.id = m.formation_id WHERE {} ORDER BY m.starts_on, m.id LIMIT 200",
        w.sql
    );
    let rows: Vec<Row> = db::rows(db, &sql, w.values).await?;
    Ok(rows.into_iter().map(|r| (r.id, r.name, r.role, r.starts_on, r.ends_on)).collect())
}
