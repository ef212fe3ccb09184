//! People by the numbers a file names them by.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::super::entity::person;
use super::Person;
use crate::core::Result;
use crate::db;

/// People by the keyed hash of their number.
///
/// # Errors
/// What the database reports.
pub async fn by_hash(db: &impl ConnectionTrait, hashes: &[String]) -> Result<HashMap<String, Person>> {
    let mut out = HashMap::new();
    for chunk in hashes.chunks(2000) {
        let rows = person::Entity::find()
            .filter(person::Column::IdHash.is_in(chunk.iter().map(String::as_str)))
            .all(db)
            .await?;
        out.extend(rows.into_iter().map(|p| (p.id_hash.clone(), p)));
    }
    Ok(out)
}

/// People by student number; a number that several people have gives them all.
///
/// # Errors
/// What the database reports.
pub async fn by_student_no(db: &impl ConnectionTrait, numbers: &[String]) -> Result<HashMap<String, Vec<Person>>> {
    let mut out: HashMap<String, Vec<Person>> = HashMap::new();
    for chunk in numbers.chunks(db::CHUNK) {
        let rows = person::Entity::find()
            .filter(person::Column::StudentNo.is_in(chunk.iter().map(String::as_str)))
            .filter(person::Column::StudentNo.ne(""))
            .all(db)
            .await?;
        for p in rows {
            out.entry(p.student_no.clone()).or_default().push(p);
        }
    }
    Ok(out)
}
