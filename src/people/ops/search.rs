//! Finding people: the list with its filters. No query here grows with the table: each is driven by one index in whose
//! order the list is read, from a key onwards.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

use super::super::query::{self, Query};
use super::super::rules::id_type::IdType;
use super::super::scope;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};

/// What is asked for; empty fields ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The beginning of a name, a whole ID number, its last four characters, a phone or a student number.
    pub q: String,
    /// A stage's name.
    pub stage: String,
    pub cohort: Option<i64>,
    /// A region's code; everything below it too.
    pub region: String,
    /// The level of the highest certificate.
    pub level: String,
    /// Deactivated people instead of the active ones.
    pub inactive: bool,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct Line {
    pub id: i64,
    pub name: String,
    #[serde(skip)]
    pub name_key: String,
    pub sex: String,
    pub id_type: String,
    pub id_tail: String,
    pub phone: String,
    pub student_no: String,
    pub unit: String,
    pub school: String,
    pub town: String,
    pub region_code: String,
    pub stage: String,
    pub highest_level: String,
}

/// The index that drives the list, and so its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drive {
    /// A few people found by an exact value.
    Exact,
    Name,
    Cohort,
    Region,
    Stage,
    Level,
    All,
}

/// Columns of a line; `p` is person, `f` its facts.
const LINE: &str = "p.id, p.name, p.name_key, p.sex, p.id_type, p.id_tail, p.phone, p.student_no, p.unit, p.school, p.town, \
                    p.region_code, COALESCE(f.stage, '') AS stage, COALESCE(f.highest_level, '') AS highest_level";

/// People that fit, one page.
///
/// # Errors
/// [`Error::Forbidden`] for an observer, who sees figures and no identities.
pub async fn list(cx: &Cx, who: &Actor, filter: &Filter, page: &PageReq) -> Result<Page<Line>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    find(cx.read(), cx, who, filter, page).await
}

async fn find(db: &impl ConnectionTrait, cx: &Cx, who: &Actor, filter: &Filter, page: &PageReq) -> Result<Page<Line>> {
    let mut tests: Vec<String> = vec![format!("p.active = {}", if filter.inactive { "FALSE" } else { "TRUE" })];
    let mut values: Vec<Value> = Vec::new();
    let mut exact = false;
    let mut by_name = false;
    match query::read(&filter.q) {
        Query::Nothing => {}
        Query::Number(no) => {
            exact = true;
            let hashes: Vec<String> = IdType::all().map(|t| cx.seal.lookup(t.code(), &no)).collect();
            tests.push(format!("(p.id_hash IN ({}) OR p.student_no = ? OR p.phone = ?)", db::places(hashes.len())));
            values.extend(hashes.into_iter().map(Value::from));
            values.extend([Value::from(no.clone()), Value::from(no)]);
        }
        Query::Tail(tail) => {
            exact = true;
            tests.push("(p.id_tail = ? OR p.student_no = ?)".to_owned());
            values.extend([Value::from(tail.clone()), Value::from(tail)]);
        }
        Query::Name(name) => {
            by_name = true;
            tests.push("p.name_key >= ? AND p.name_key < ?".to_owned());
            values.extend([Value::from(name.clone()), Value::from(format!("{name}\u{10ffff}"))]);
        }
    }
    if !filter.region.is_empty() {
        let (from, to) = db::prefix_range(&filter.region);
        tests.push("p.region_code >= ? AND p.region_code < ?".to_owned());
        values.extend([Value::from(from), Value::from(to)]);
    }
    if !filter.stage.is_empty() {
        tests.push("f.stage = ?".to_owned());
        values.push(filter.stage.as_str().into());
    }
    if !filter.level.is_empty() {
        tests.push("f.highest_level = ?".to_owned());
        values.push(filter.level.as_str().into());
    }
    let drive = drive(filter, who, exact, by_name);
    let from = match drive {
        Drive::Cohort => {
            tests.push("s.kind = 'cohort' AND s.target_id = ?".to_owned());
            values.push(filter.cohort.unwrap_or(0).into());
            "person_scope s CROSS JOIN person p LEFT JOIN person_facts f ON f.person_id = p.id"
        }
        // CROSS JOIN keeps SQLite to this order of tables; to PostgreSQL it is an inner join like any other.
        Drive::Stage | Drive::Level => "person_facts f CROSS JOIN person p",
        _ => "person p LEFT JOIN person_facts f ON f.person_id = p.id",
    };
    match drive {
        Drive::Cohort => tests.push("p.id = s.person_id".to_owned()),
        Drive::Stage | Drive::Level => tests.push("p.id = f.person_id".to_owned()),
        _ => {}
    }
    if let Some(id) = filter.cohort.filter(|_| drive != Drive::Cohort) {
        tests.push(
            "EXISTS (SELECT 1 FROM person_scope s WHERE s.kind = 'cohort' AND s.target_id = ? AND s.person_id = p.id)"
                .to_owned(),
        );
        values.push(id.into());
    }
    if !who.sees_all() {
        let (text, more) = scope::sql(who);
        tests.push(text);
        values.extend(more);
    }
    let (order, key): (&str, fn(&Line) -> String) = match drive {
        Drive::Exact | Drive::All => ("p.id", |l| l.id.to_string()),
        Drive::Name => ("p.name_key, p.id", |l| format!("{}|{}", l.id, l.name_key)),
        Drive::Region => ("p.region_code, p.id", |l| format!("{}|{}", l.id, l.region_code)),
        Drive::Cohort => ("s.person_id", |l| l.id.to_string()),
        Drive::Stage | Drive::Level => ("f.person_id", |l| l.id.to_string()),
    };
    if let Some(after) = page.after.as_deref().filter(|a| !a.is_empty()) {
        let (id, text) = after.split_once('|').unwrap_or((after, ""));
        let id: i64 = id.parse().unwrap_or(0);
        match drive {
            Drive::Name | Drive::Region => {
                let column = if drive == Drive::Name { "p.name_key" } else { "p.region_code" };
                // The first test alone is what the index can begin at.
                tests.push(format!("{column} >= ? AND ({column} > ? OR p.id > ?)"));
                values.extend([Value::from(text), Value::from(text), Value::from(id)]);
            }
            _ => {
                tests.push(format!("{order} > ?"));
                values.push(id.into());
            }
        }
    }
    let limit = page.limit();
    let sql = format!("SELECT {LINE} FROM {from} WHERE {} ORDER BY {order} LIMIT {}", tests.join(" AND "), limit + 1);
    let rows: Vec<Line> = db::rows(db, &sql, values).await?;
    Ok(Page::cut(rows, limit, key))
}

/// The narrowest index first: a town is narrower than a stage, a county is not.
fn drive(filter: &Filter, who: &Actor, exact: bool, by_name: bool) -> Drive {
    if exact {
        Drive::Exact
    } else if by_name {
        Drive::Name
    } else if filter.cohort.is_some() {
        Drive::Cohort
    } else if filter.region.len() >= 9 {
        Drive::Region
    } else if !filter.level.is_empty() {
        Drive::Level
    } else if !filter.stage.is_empty() {
        Drive::Stage
    } else if !filter.region.is_empty() || who.scope.regions.len() == 1 {
        Drive::Region
    } else {
        Drive::All
    }
}
