//! Whom a rule concerns, as SQL over enrolments, registrations and certificates. Set-based and read in pages.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::rules::{Audience, Moment};
use crate::core::Result;
use crate::db;

/// Text of SQL with its values.
pub(super) struct Sql {
    pub text: String,
    pub values: Vec<Value>,
}

/// One person of an audience; more than one line where several levels are aimed at or registered for.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Reader {
    pub person_id: i64,
    pub name: String,
    pub email: String,
    pub region_code: String,
    pub level: String,
    /// Of the person's account; empty when there is none.
    pub lang: String,
}

/// The rows `t` that make a person of the audience: what follows FROM, and what follows WHERE.
pub(super) struct Source {
    pub from: &'static str,
    pub cond: String,
    pub values: Vec<Value>,
}

/// `t.level` is the level aimed at or registered for. With `before`, only rows made by then count: those who came after
/// a rule's moment get no mail of it.
pub(super) fn source(audience: Audience, scheme: &str, year: i32, before: Option<DateTime<Utc>>) -> Source {
    let mut values: Vec<Value> = vec![scheme.into()];
    let (from, cond) = match audience {
        Audience::Unregistered => {
            values.extend([scheme.into(), i64::from(year).into()]);
            (
                "enrolment t JOIN cohort c ON c.id = t.cohort_id",
                "t.state = 'active' AND t.level <> '' AND t.scheme = ? AND c.active = TRUE \
                 AND NOT EXISTS (SELECT 1 FROM registration r JOIN exam_cycle y ON y.id = r.cycle_id \
                 WHERE y.scheme = ? AND y.year = ? AND r.person_id = t.person_id AND r.state = 'active') \
                 AND NOT EXISTS (SELECT 1 FROM certificate k WHERE k.person_id = t.person_id AND k.scheme = t.scheme \
                 AND k.level = t.level AND k.revoked_on IS NULL)",
            )
        }
        Audience::Paid => {
            values.push(i64::from(year).into());
            (
                "registration t JOIN exam_cycle y ON y.id = t.cycle_id",
                "t.state = 'active' AND t.payment = 'paid' AND y.scheme = ? AND y.year = ?",
            )
        }
    };
    let mut cond = cond.to_owned();
    if let Some(at) = before {
        cond.push_str(" AND t.created_at <= ?");
        values.push(at.into());
    }
    Source { from, cond, values }
}

/// The condition that a person `p` is of the audience now.
pub(super) fn concerns(audience: Audience, scheme: &str, year: i32) -> Sql {
    let s = source(audience, scheme, year, None);
    let text = format!("p.active = TRUE AND EXISTS (SELECT 1 FROM {} WHERE t.person_id = p.id AND {})", s.from, s.cond);
    Sql { text, values: s.values }
}

/// The condition that a person `p` lives where a moment holds.
pub(super) fn lives_in(moment: &Moment) -> Sql {
    let mut text = String::from("1 = 1");
    let mut values: Vec<Value> = Vec::new();
    if !moment.area.is_empty() {
        let (from, to) = db::prefix_range(&moment.area);
        text.push_str(" AND p.region_code >= ? AND p.region_code < ?");
        values.extend([Value::from(from), Value::from(to)]);
    }
    for area in &moment.except {
        let (from, to) = db::prefix_range(area);
        text.push_str(" AND NOT (p.region_code >= ? AND p.region_code < ?)");
        values.extend([Value::from(from), Value::from(to)]);
    }
    Sql { text, values }
}

/// Those of the given people who are of the audience now, with what a letter needs.
pub(super) async fn readers(
    db: &impl ConnectionTrait,
    audience: Audience,
    scheme: &str,
    year: i32,
    people: &[i64],
) -> Result<Vec<Reader>> {
    let mut out = Vec::new();
    for part in people.chunks(db::CHUNK) {
        let s = source(audience, scheme, year, None);
        let sql = format!(
            "SELECT DISTINCT p.id AS person_id, p.name AS name, p.email AS email, p.region_code AS region_code, \
             t.level AS level, COALESCE(u.lang, '') AS lang FROM {} JOIN person p ON p.id = t.person_id \
             LEFT JOIN user_account u ON u.person_id = p.id WHERE {} AND p.active = TRUE AND p.id IN ({})",
            s.from,
            s.cond,
            db::places(part.len())
        );
        let mut values = s.values;
        values.extend(part.iter().map(|p| Value::from(*p)));
        out.extend(db::rows::<Reader>(db, &sql, values).await?);
    }
    Ok(out)
}

/// Why people are no longer of an audience, for the log.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Absent {
    pub person_id: i64,
    pub active: bool,
    /// Registrations of that exam year that stand.
    pub registered: i64,
}

pub(super) async fn absent(db: &impl ConnectionTrait, scheme: &str, year: i32, people: &[i64]) -> Result<Vec<Absent>> {
    let mut out = Vec::new();
    for part in people.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT p.id AS person_id, p.active AS active, (SELECT COUNT(*) FROM registration r \
             JOIN exam_cycle y ON y.id = r.cycle_id WHERE r.person_id = p.id AND r.state = 'active' AND y.scheme = ? \
             AND y.year = ?) AS registered FROM person p WHERE p.id IN ({})",
            db::places(part.len())
        );
        let mut values: Vec<Value> = vec![scheme.into(), i64::from(year).into()];
        values.extend(part.iter().map(|p| Value::from(*p)));
        out.extend(db::rows::<Absent>(db, &sql, values).await?);
    }
    Ok(out)
}
