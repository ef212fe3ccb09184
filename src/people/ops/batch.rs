//! Storing the people of a file: found by their numbers, made or brought up to date, all in a few statements.
//!
//! ```text
//! let batch = Batch::find(txn, cx, rows).await?;              // who of them is known
//! let before = pipeline::open(txn, &batch.known_ids()).await?;
//! let people = batch.store(txn, cx, who, Some(import_id)).await?; // one answer a row, in order
//! ```
//!
//! What a later file may change: it fills what is empty. Name, sex, birth, ethnicity and paper are never replaced (a
//! month of birth gives way to the full date). The rest (contact, work, studies, town) is replaced only by a file that
//! *owns* the person ([`Incoming::owner`]): the roster of the one cohort they are in. A list that merely mentions somebody
//! of another cohort cannot overwrite what that cohort's trainer keeps.

use std::collections::HashMap;

use sea_orm::DatabaseTransaction;

use super::find::by_hash;
use super::merge::{changed, fill_incoming, fresh_person, merge};
use super::rows::{AT_ONCE, insert, update};
use super::{Person, area};
use crate::audit;
use crate::core::{Actor, Result};
use crate::db::Cx;
use crate::importing::undo::Before;

/// A person as a file tells of them. Texts are tidied; empty means the file does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    pub id_type: String,
    /// The number in its one writing (no blanks, capital X).
    pub id_no: String,
    pub name: String,
    pub name_key: String,
    pub sex: String,
    pub birth: String,
    pub ethnicity: String,
    pub phone: String,
    pub email: String,
    pub education: String,
    pub school: String,
    pub major: String,
    pub graduated_on: String,
    pub unit: String,
    pub job_title: String,
    pub student_no: String,
    pub region_code: String,
    pub town: String,
    pub employment_kind: String,
    pub note: String,
    pub work_years: Option<i64>,
    pub campus_id: Option<i64>,
    /// May replace what is on record, not only fill what is empty.
    pub owner: bool,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub id: i64,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Created,
    /// `before`: the changed columns as they were.
    Updated {
        version: i64,
        before: Before,
    },
    Unchanged,
    /// Another row of the same batch already stands for this person.
    Repeated,
}

/// Rows with the people they stand for.
#[derive(Debug)]
pub struct Batch {
    rows: Vec<Incoming>,
    hashes: Vec<String>,
    known: HashMap<String, Person>,
}

impl Batch {
    /// Looks the numbers up.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn find(txn: &DatabaseTransaction, cx: &Cx, rows: Vec<Incoming>) -> Result<Self> {
        let hashes: Vec<String> = rows.iter().map(|r| cx.seal.lookup(&r.id_type, &r.id_no)).collect();
        let known = by_hash(txn, &hashes).await?;
        Ok(Self { rows, hashes, known })
    }

    /// The people already on record.
    #[must_use]
    pub fn known_ids(&self) -> Vec<i64> {
        self.known.values().map(|p| p.id).collect()
    }

    /// The person of row `i` (from 0), if on record.
    #[must_use]
    pub fn known(&self, i: usize) -> Option<&Person> {
        self.known.get(self.hashes.get(i)?)
    }

    #[must_use]
    pub fn rows(&self) -> &[Incoming] {
        &self.rows
    }

    /// Lets the caller say which rows own their person, and fill in what it looked up meanwhile.
    pub fn rows_mut(&mut self) -> &mut [Incoming] {
        &mut self.rows
    }

    /// Leaves out rows that turned out wrong; `keep` is asked with the row's place.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut i = 0;
        let mut stays = Vec::with_capacity(self.rows.len());
        self.rows.retain(|_| {
            let yes = keep(i);
            stays.push(yes);
            i += 1;
            yes
        });
        let mut stay = stays.iter();
        self.hashes.retain(|_| stay.next().copied().unwrap_or(true));
    }

    /// Makes and updates; one answer a row, in their order.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn store(
        self,
        txn: &DatabaseTransaction,
        cx: &Cx,
        who: &Actor,
        import_id: Option<i64>,
    ) -> Result<Vec<Stored>> {
        // Rows of one person: the first stands for all, filled from the others.
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(self.rows.len());
        let mut leads: Vec<(usize, std::borrow::Cow<'_, Incoming>)> = Vec::with_capacity(self.rows.len());
        let mut lead_of = Vec::with_capacity(self.rows.len());
        for (i, (row, hash)) in self.rows.iter().zip(&self.hashes).enumerate() {
            if let Some(lead) = first.get(hash.as_str()).copied() {
                if let Some((_, merged)) = leads.get_mut(lead) {
                    fill_incoming(merged.to_mut(), row);
                }
                lead_of.push((lead, false));
            } else {
                first.insert(hash, leads.len());
                lead_of.push((leads.len(), true));
                leads.push((i, std::borrow::Cow::Borrowed(row)));
            }
        }

        let mut stored: Vec<Option<Stored>> = vec![None; leads.len()];
        let mut new = Vec::new();
        let mut log = Vec::with_capacity(leads.len());
        let mut moved = Vec::new();
        for (lead, (i, row)) in leads.iter().enumerate() {
            let hash = self.hashes.get(*i).map_or("", String::as_str);
            let Some(old) = self.known.get(hash) else {
                new.push((lead, hash, row));
                continue;
            };
            let fresh = merge(old, row);
            let before = changed(old, &fresh);
            let outcome = if before.is_empty() {
                Outcome::Unchanged
            } else {
                let mut fresh = fresh;
                fresh.version = old.version + 1;
                fresh.updated_at = cx.now();
                fresh.updated_by = who.user_id;
                update(txn, &fresh).await?;
                if area::differs(cx, old, &fresh)? {
                    moved.push(old.id);
                }
                let entry = audit::Change::new("update", "person", old.id, fresh.version).before(old).after(&fresh);
                log.push(entry.import(import_id));
                Outcome::Updated { version: fresh.version, before }
            };
            if let Some(slot) = stored.get_mut(lead) {
                *slot = Some(Stored { id: old.id, outcome });
            }
        }

        for chunk in new.chunks(AT_ONCE) {
            let mut people = Vec::with_capacity(chunk.len());
            for (_, hash, row) in chunk {
                people.push(fresh_person(cx, who, row, hash)?);
            }
            let ids = insert(txn, &mut people).await?;
            for ((lead, _, _), person) in chunk.iter().zip(&mut people) {
                person.id = ids.get(&person.id_hash).copied().unwrap_or_default();
                log.push(audit::Change::new("create", "person", person.id, 1).after(person).import(import_id));
                if let Some(slot) = stored.get_mut(*lead) {
                    *slot = Some(Stored { id: person.id, outcome: Outcome::Created });
                }
            }
        }
        audit::record(txn, cx, who, log).await?;
        area::tell(txn, cx, &moved).await?;

        let answer = lead_of.into_iter().filter_map(|(lead, is_first)| {
            let s = stored.get(lead)?.clone()?;
            Some(if is_first { s } else { Stored { outcome: Outcome::Repeated, ..s } })
        });
        Ok(answer.collect())
    }
}
