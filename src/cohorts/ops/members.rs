//! The people of a cohort.

use sea_orm::{FromQueryResult, Value};
use serde::Serialize;

use super::visible;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};

/// A person of a cohort with their enrolment.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct Member {
    pub enrolment_id: i64,
    pub enrolment_version: i64,
    pub person_id: i64,
    pub name: String,
    pub sex: String,
    pub id_tail: String,
    pub phone: String,
    pub student_no: String,
    pub unit: String,
    pub school: String,
    pub town: String,
    pub scheme: String,
    pub level: String,
    /// `active` or `withdrawn`.
    pub state: String,
    pub stage: String,
    /// The login of their account; empty when they have none.
    pub login: String,
}

/// People of a cohort in the order of their enrolment; `stage` empty for all.
///
/// # Errors
/// [`Error::NotFound`] for the cohort; [`Error::Forbidden`] for an observer.
pub async fn members(cx: &Cx, who: &Actor, cohort_id: i64, stage: &str, page: &PageReq) -> Result<Page<Member>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    visible(cx.read(), who, cohort_id).await?;
    let mut tests = "e.cohort_id = ?".to_owned();
    let mut values: Vec<Value> = vec![cohort_id.into()];
    if !stage.is_empty() {
        tests.push_str(" AND f.stage = ? AND e.state = 'active'");
        values.push(stage.into());
    }
    if let Some(after) = page.after_id() {
        tests.push_str(" AND e.person_id > ?");
        values.push(after.into());
    }
    // (cohort_id, person_id) is the unique index: it gives the rows in this order.
    let sql = format!(
        "SELECT e.id AS enrolment_id, e.version AS enrolment_version, p.id AS person_id, p.name, p.sex, p.id_tail, p.phone, \
         p.student_no, p.unit, p.school, p.town, e.scheme, e.level, e.state, COALESCE(f.stage, '') AS stage, \
         COALESCE((SELECT MIN(u.login) FROM user_account u WHERE u.person_id = p.id AND u.active = TRUE), '') AS login \
         FROM enrolment e JOIN person p ON p.id = e.person_id LEFT JOIN person_facts f ON f.person_id = p.id \
         WHERE {tests} ORDER BY e.person_id LIMIT {}",
        page.limit() + 1
    );
    let rows: Vec<Member> = db::rows(cx.read(), &sql, values).await?;
    Ok(Page::cut(rows, page.limit(), |m| m.person_id.to_string()))
}
