//! What is on record about everything the file names, read in a few batches before the first row is judged.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::{hour_entry, placement};
use crate::core::{Actor, Result};
use crate::db;
use crate::directory::entity::{base, supervisor};
use crate::importing::Table;
use crate::people::scope;

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Student {
    pub id: i64,
    pub name: String,
    pub name_key: String,
    pub student_no: String,
}

/// The records around a file.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By student number; two campuses may give out the same one.
    pub students: HashMap<String, Vec<Student>>,
    /// By code; two counties may use the same one.
    pub bases: HashMap<String, Vec<base::Model>>,
    /// Names of supervisors, by base.
    pub supervisors: HashMap<i64, Vec<supervisor::Model>>,
    /// By person.
    pub placements: HashMap<i64, Vec<placement::Model>>,
    pub by_number: HashMap<String, hour_entry::Model>,
    /// By person, what is not numbered by the file: it may be overlapped.
    pub others: HashMap<i64, Vec<hour_entry::Model>>,
}

impl Known {
    pub async fn load(txn: &DatabaseTransaction, who: &Actor, tables: &[Table]) -> Result<Self> {
        let mut out = Self::default();
        let numbers = column(tables, "record_no");
        out.students(txn, who, &column(tables, "student_no")).await?;
        for chunk in column(tables, "base").chunks(db::CHUNK) {
            let rows = base::Entity::find().filter(base::Column::Code.is_in(chunk.iter().map(String::as_str)));
            for b in rows.all(txn).await? {
                out.bases.entry(b.code.clone()).or_default().push(b);
            }
        }
        let bases: Vec<i64> = out.bases.values().flatten().map(|b| b.id).collect();
        for chunk in bases.chunks(db::CHUNK) {
            let rows = supervisor::Entity::find().filter(supervisor::Column::BaseId.is_in(chunk.iter().copied()));
            for s in rows.all(txn).await? {
                out.supervisors.entry(s.base_id).or_default().push(s);
            }
        }
        for chunk in out.people().chunks(db::CHUNK) {
            let rows = placement::Entity::find()
                .filter(placement::Column::PersonId.is_in(chunk.iter().copied()))
                .filter(placement::Column::State.ne("withdrawn"));
            for p in rows.all(txn).await? {
                out.placements.entry(p.person_id).or_default().push(p);
            }
        }
        for chunk in numbers.chunks(db::CHUNK) {
            let rows =
                hour_entry::Entity::find().filter(hour_entry::Column::RecordNo.is_in(chunk.iter().map(String::as_str)));
            for h in rows.all(txn).await? {
                if let Some(no) = h.record_no.clone() {
                    out.by_number.insert(no, h);
                }
            }
        }
        let numbers: HashSet<&str> = numbers.iter().map(String::as_str).collect();
        for chunk in out.people().chunks(db::CHUNK) {
            let rows = hour_entry::Entity::find().filter(hour_entry::Column::PersonId.is_in(chunk.iter().copied()));
            for h in rows.all(txn).await? {
                if !h.record_no.as_deref().is_some_and(|n| numbers.contains(n)) {
                    out.others.entry(h.person_id).or_default().push(h);
                }
            }
        }
        Ok(out)
    }

    async fn students(&mut self, txn: &DatabaseTransaction, who: &Actor, numbers: &[String]) -> Result<()> {
        let (scope, values) = scope::sql(who);
        for chunk in numbers.chunks(db::CHUNK) {
            let sql = format!(
                "SELECT p.id, p.name, p.name_key, p.student_no FROM person p WHERE p.student_no IN ({}) AND {scope} \
                 ORDER BY p.id",
                db::places(chunk.len())
            );
            let values: Vec<Value> = chunk.iter().map(|n| Value::from(n.as_str())).chain(values.clone()).collect();
            for s in db::rows::<Student>(txn, &sql, values).await? {
                self.students.entry(s.student_no.clone()).or_default().push(s);
            }
        }
        Ok(())
    }

    /// Everybody the file names.
    pub fn people(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.students.values().flatten().map(|s| s.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The different texts of a column over all tables.
fn column(tables: &[Table], key: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    for t in tables {
        let Some(place) = t.place(key) else { continue };
        for r in &t.rows {
            let text = r.cell(place).show();
            if !text.is_empty() && !seen.contains(text.as_ref()) {
                seen.insert(text.into_owned());
            }
        }
    }
    let mut all: Vec<String> = seen.into_iter().collect();
    all.sort_unstable();
    all
}
