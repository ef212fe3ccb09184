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

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::super::entity::person;
use super::super::rules::id_no;
use super::{Person, area};
use crate::audit;
use crate::core::{Actor, Result};
use crate::db::{self, Cx};
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

        for chunk in new.chunks(ROWS) {
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

fn fill_incoming(to: &mut Incoming, from: &Incoming) {
    let texts = [
        (&mut to.sex, &from.sex),
        (&mut to.birth, &from.birth),
        (&mut to.ethnicity, &from.ethnicity),
        (&mut to.phone, &from.phone),
        (&mut to.email, &from.email),
        (&mut to.education, &from.education),
        (&mut to.school, &from.school),
        (&mut to.major, &from.major),
        (&mut to.graduated_on, &from.graduated_on),
        (&mut to.unit, &from.unit),
        (&mut to.job_title, &from.job_title),
        (&mut to.student_no, &from.student_no),
        (&mut to.town, &from.town),
        (&mut to.region_code, &from.region_code),
        (&mut to.employment_kind, &from.employment_kind),
        (&mut to.note, &from.note),
    ];
    for (to, from) in texts {
        if to.is_empty() {
            to.clone_from(from);
        }
    }
    to.work_years = to.work_years.or(from.work_years);
    to.campus_id = to.campus_id.or(from.campus_id);
}

/// The record as it should be after this row.
fn merge(old: &Person, row: &Incoming) -> Person {
    let mut p = old.clone();
    for (to, from) in [(&mut p.sex, &row.sex), (&mut p.ethnicity, &row.ethnicity)] {
        if to.is_empty() {
            to.clone_from(from);
        }
    }
    if row.birth.starts_with(&p.birth) {
        p.birth.clone_from(&row.birth);
    }
    let texts = [
        (&mut p.phone, &row.phone),
        (&mut p.email, &row.email),
        (&mut p.education, &row.education),
        (&mut p.school, &row.school),
        (&mut p.major, &row.major),
        (&mut p.graduated_on, &row.graduated_on),
        (&mut p.unit, &row.unit),
        (&mut p.job_title, &row.job_title),
        (&mut p.student_no, &row.student_no),
        (&mut p.employment_kind, &row.employment_kind),
        (&mut p.note, &row.note),
    ];
    for (to, from) in texts {
        if !from.is_empty() && (row.owner || to.is_empty()) {
            to.clone_from(from);
        }
    }
    if row.work_years.is_some() && (row.owner || p.work_years.is_none()) {
        p.work_years = row.work_years;
    }
    if row.campus_id.is_some() && (row.owner || p.campus_id.is_none()) {
        p.campus_id = row.campus_id;
    }
    // Town and region go together; a region that is merely known better (county → its town) is always taken.
    let better = !row.region_code.is_empty() && row.region_code.starts_with(&p.region_code);
    let moves = row.owner && !row.town.is_empty() && row.town != p.town;
    if moves || p.town.is_empty() || p.town == row.town {
        if !row.town.is_empty() {
            p.town.clone_from(&row.town);
        }
        if better || (moves && !row.region_code.is_empty()) {
            p.region_code.clone_from(&row.region_code);
        }
    }
    p
}

/// The columns in which two states of a person differ, as they were.
#[must_use]
pub fn changed(old: &Person, new: &Person) -> Before {
    let mut b = Before::new();
    let texts = [
        ("name", &old.name, &new.name),
        ("name_key", &old.name_key, &new.name_key),
        ("sex", &old.sex, &new.sex),
        ("birth", &old.birth, &new.birth),
        ("ethnicity", &old.ethnicity, &new.ethnicity),
        ("phone", &old.phone, &new.phone),
        ("email", &old.email, &new.email),
        ("education", &old.education, &new.education),
        ("school", &old.school, &new.school),
        ("major", &old.major, &new.major),
        ("graduated_on", &old.graduated_on, &new.graduated_on),
        ("unit", &old.unit, &new.unit),
        ("job_title", &old.job_title, &new.job_title),
        ("student_no", &old.student_no, &new.student_no),
        ("region_code", &old.region_code, &new.region_code),
        ("town", &old.town, &new.town),
        ("employment_kind", &old.employment_kind, &new.employment_kind),
        ("note", &old.note, &new.note),
    ];
    for (column, was, is) in texts {
        if was != is {
            b = b.text(column, was.clone());
        }
    }
    if old.work_years != new.work_years {
        b = b.int("work_years", old.work_years);
    }
    if old.campus_id != new.campus_id {
        b = b.int("campus_id", old.campus_id);
    }
    if old.active != new.active {
        b = b.flag("active", old.active);
    }
    b
}

fn fresh_person(cx: &Cx, who: &Actor, r: &Incoming, hash: &str) -> Result<Person> {
    let now = cx.now();
    Ok(Person {
        id: 0,
        name: r.name.clone(),
        name_key: r.name_key.clone(),
        sex: r.sex.clone(),
        birth: r.birth.clone(),
        ethnicity: r.ethnicity.clone(),
        id_type: r.id_type.clone(),
        id_sealed: cx.seal.seal(&r.id_no)?,
        id_hash: hash.to_owned(),
        id_tail: id_no::tail(&r.id_no).to_owned(),
        phone: r.phone.clone(),
        email: r.email.clone(),
        education: r.education.clone(),
        school: r.school.clone(),
        major: r.major.clone(),
        graduated_on: r.graduated_on.clone(),
        unit: r.unit.clone(),
        job_title: r.job_title.clone(),
        student_no: r.student_no.clone(),
        region_code: r.region_code.clone(),
        town: r.town.clone(),
        employment_kind: r.employment_kind.clone(),
        note: r.note.clone(),
        work_years: r.work_years,
        campus_id: r.campus_id,
        active: true,
        version: 1,
        created_at: now,
        updated_at: now,
        created_by: who.user_id,
        updated_by: who.user_id,
    })
}

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
const ROWS: usize = 500;

#[derive(FromQueryResult)]
struct IdOf {
    id: i64,
    id_hash: String,
}

/// Inserts and gives the ids by hash (the order of RETURNING is not promised).
async fn insert(txn: &DatabaseTransaction, people: &mut [Person]) -> Result<HashMap<String, i64>> {
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
