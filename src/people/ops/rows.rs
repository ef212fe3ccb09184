//! People as rows of the table: many in one statement, and one brought up to date.

use std::collections::HashMap;

use sea_orm::{DatabaseTransaction, FromQueryResult, Value};

use super::Person;
use crate::core::Result;
use crate::db;

const COLUMNS: &[&str] = &[
    "name",
    "name_key",
    "sex",
    "birth",
    "ethnicity",
    "id_type",
    "id_sealed",
    "id_hash",
    "id_tail",
    "phone",
    "email",
    "education",
    "school",
    "major",
    "graduated_on",
    "unit",
    "job_title",
    "student_no",
    "region_code",
    "town",
    "employment_kind",
    "note",
    "work_years",
    "campus_id",
    "active",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
];

/// People of one INSERT.
pub(super) const AT_ONCE: usize = 500;

#[derive(FromQueryResult)]
struct IdOf {
    id: i64,
    id_hash: String,
}

/// Inserts and gives the ids by hash (the order of RETURNING is not promised).
pub(super) async fn insert(txn: &DatabaseTransaction, people: &mut [Person]) -> Result<HashMap<String, i64>> {
    let sql = db::insert_sql("person", COLUMNS, people.len(), "RETURNING id, id_hash");
    let values = people.iter().flat_map(values_of);
    Ok(db::rows::<IdOf>(txn, &sql, values).await?.into_iter().map(|r| (r.id_hash, r.id)).collect())
}

/// The values in the order of [`COLUMNS`].
fn values_of(p: &Person) -> Vec<Value> {
    let texts = [
        &p.name,
        &p.name_key,
        &p.sex,
        &p.birth,
        &p.ethnicity,
        &p.id_type,
        &p.id_sealed,
        &p.id_hash,
        &p.id_tail,
        &p.phone,
        &p.email,
        &p.education,
        &p.school,
        &p.major,
        &p.graduated_on,
        &p.unit,
        &p.job_title,
        &p.student_no,
        &p.region_code,
        &p.town,
        &p.employment_kind,
        &p.note,
    ];
    let mut v: Vec<Value> = texts.into_iter().map(|t| Value::from(t.as_str())).collect();
    v.extend([
        p.work_years.into(),
        p.campus_id.into(),
        p.active.into(),
        p.version.into(),
        p.created_at.into(),
        p.updated_at.into(),
        p.created_by.into(),
        p.updated_by.into(),
    ]);
    v
}

/// Writes a person whose version has just gone up by one; one text for all of them, so that it is prepared once.
pub(super) async fn update(txn: &DatabaseTransaction, p: &Person) -> Result<()> {
    let sets: Vec<String> = COLUMNS.iter().map(|c| format!("{c} = ?")).collect();
    let sql = format!("UPDATE person SET {} WHERE id = ? AND version = ?", sets.join(", "));
    let mut values = values_of(p);
    values.extend([p.id.into(), (p.version - 1).into()]);
    if db::run(txn, &sql, values).await? == 1 {
        Ok(())
    } else {
        Err(crate::core::Error::conflict("error-changed-meanwhile"))
    }
}
