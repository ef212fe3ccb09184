//! Storing a list of certificates: people found or made, certificates compared with what is on record.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::{Column as C, Entity, Model};
use super::import::Line;
use super::ops;
use super::rules::{self, Known, Step};
use crate::audit;
use crate::core::Result;
use crate::db;
use crate::directory::rules::key as town_key;
use crate::importing::undo::Before;
use crate::importing::{Job, Problem, Table};
use crate::people::entity::person as person_row;
use crate::people::ops::{Batch, Outcome as Became};
use crate::people::scope;
use crate::pipeline::{self, Change};
use crate::schemes::{self, Scheme};

/// The certificates on record that could be one of the file, and those of its rows so far. People without an id yet go by
/// a number below zero.
#[derive(Default)]
struct OnRecord {
    rows: HashMap<i64, Model>,
    by_number: HashMap<(String, String), Known>,
    held: HashMap<(i64, String), Vec<Known>>,
}

impl OnRecord {
    async fn load(job: &Job<'_>, scheme: &Scheme, numbers: &[String], people: &[i64]) -> Result<Self> {
        let mut out = Self::default();
        for chunk in numbers.chunks(db::CHUNK) {
            let of = C::Number.is_in(chunk.iter().map(String::as_str));
            out.take(Entity::find().filter(C::Scheme.eq(scheme.code.as_str())).filter(of).all(job.txn).await?);
        }
        for chunk in people.chunks(db::CHUNK) {
            let of = C::PersonId.is_in(chunk.iter().copied());
            out.take(Entity::find().filter(C::Scheme.eq(scheme.code.as_str())).filter(of).all(job.txn).await?);
        }
        Ok(out)
    }

    fn take(&mut self, rows: Vec<Model>) {
        for m in rows {
            if !self.rows.contains_key(&m.id) {
                self.note(&m.level, ops::known(&m));
                self.rows.insert(m.id, m);
            }
        }
    }

    fn note(&mut self, level: &str, known: Known) {
        self.by_number.insert((level.to_owned(), known.number.clone()), known.clone());
        self.held.entry((known.person, level.to_owned())).or_default().push(known);
    }
}

/// Which of these people the actor sees.
async fn seen(job: &Job<'_>, ids: &[i64]) -> Result<HashSet<i64>> {
    if job.who.sees_all() {
        return Ok(ids.iter().copied().collect());
    }
    let mut seen = HashSet::new();
    for chunk in ids.chunks(db::CHUNK) {
        let found: Vec<i64> = scope::visible_to(job.who)
            .filter(person_row::Column::Id.is_in(chunk.iter().copied()))
            .select_only()
            .column(person_row::Column::Id)
            .into_tuple()
            .all(job.txn)
            .await?;
        seen.extend(found);
    }
    Ok(seen)
}

/// Finds or makes the people, writes what is new.
pub(super) async fn store(
    job: &mut Job<'_>,
    scheme: &Scheme,
    region: &str,
    towns: &HashMap<String, String>,
    table: &Table,
    mut lines: Vec<Line<'_>>,
) -> Result<()> {
    let incoming = lines.iter().map(|l| {
        let mut person = l.input.to_incoming();
        // The remark is on the certificate, not on the person.
        person.note.clear();
        person.region_code = towns.get(&town_key(&person.town)).cloned().unwrap_or_else(|| region.to_owned());
        person
    });
    let mut batch = Batch::find(job.txn, job.cx, incoming.collect()).await?;
    let known = batch.known_ids();
    let seen = seen(job, &known).await?;
    let numbers: Vec<String> = lines.iter().map(|l| l.number.clone()).collect();
    let mut on_record = OnRecord::load(job, scheme, &numbers, &known).await?;
    // People in no earlier list: their stand-in id and name.
    let mut strangers: HashMap<(&'static str, String), (i64, String)> = HashMap::new();
    let mut steps = Vec::with_capacity(lines.len());
    let mut rows_of: HashMap<i64, u32> = HashMap::new();
    for (i, line) in lines.iter().enumerate() {
        let next = -1 - i64::try_from(i).unwrap_or(i64::MAX - 1);
        let (person, problem) = match batch.known(i) {
            Some(p) if !seen.contains(&p.id) => (p.id, Some(("id_no", Problem::error("holder_not_yours")))),
            Some(p) if p.name_key != line.input.name_key => {
                (p.id, Some(("name", Problem::error("person_other_name").with("other", &p.name))))
            }
            Some(p) => (p.id, None),
            None => {
                let key = (line.input.id_type.code(), line.input.id_no.clone());
                let (id, name) = strangers.entry(key).or_insert_with(|| (next, line.input.name_key.clone()));
                let other = *name != line.input.name_key;
                (*id, other.then(|| ("name", Problem::error("person_other_name").with("other", name))))
            }
        };
        let level = &line.input.level;
        let step = match problem {
            Some(p) => Err(p),
            None => {
                let by_number = on_record.by_number.get(&(level.clone(), line.number.clone()));
                let held = on_record.held.get(&(person, level.clone())).map_or(&[][..], Vec::as_slice);
                rules::judge(Some(person), &line.number, &line.dates, by_number, held).map_err(|(fault, id)| {
                    let mut p = Problem::error(fault.code()).with("value", &line.number);
                    p = match (rows_of.get(&id), on_record.rows.get(&id)) {
                        (Some(row), _) => p.peer(*row).with("other", ""),
                        (None, Some(m)) => p.with("other", &m.number).with("peer_row", "–"),
                        (None, None) => p.with("other", "").with("peer_row", "–"),
                    };
                    (fault.field(), p)
                })
            }
        };
        if matches!(step, Ok(Step::New)) {
            // Later rows are judged against this one too; its stand-in id is its own.
            on_record.note(
                level,
                Known { id: next, person, number: line.number.clone(), dates: line.dates, revoked: false },
            );
            rows_of.insert(next, line.row.number);
        }
        match step {
            Ok(s) => steps.push(Some(s)),
            Err((key, p)) => {
                job.problem(table.problem(p, line.row, key));
                steps.push(None);
            }
        }
    }
    batch.retain(|i| steps.get(i).is_some_and(Option::is_some));
    let mut kept = steps.iter();
    lines.retain(|_| kept.next().is_some_and(Option::is_some));
    let steps: Vec<Step> = steps.into_iter().flatten().collect();

    let before = pipeline::open(job.txn, &batch.known_ids()).await?;
    let stored = batch.store(job.txn, job.cx, job.who, Some(job.import_id)).await?;
    let mut changes: Vec<(i64, Change)> = Vec::new();
    let mut touched: HashSet<i64> = HashSet::new();
    let mut new: Vec<(Model, u32)> = Vec::new();
    for ((line, person), step) in lines.iter().zip(&stored).zip(steps) {
        let row = line.row.number;
        match &person.outcome {
            Became::Created => {
                job.inserted("person", person.id, Some(row));
                changes.push((person.id, Change::Person));
            }
            Became::Updated { version, before } => {
                job.updated("person", person.id, *version, before.clone(), Some(row));
                changes.push((person.id, Change::Person));
            }
            Became::Unchanged | Became::Repeated => {}
        }
        match step {
            Step::New => {
                new.push((model(job, scheme, line, person.id), row));
                touched.insert(person.id);
            }
            Step::Update(id) => {
                if let Some(old) = on_record.rows.get(&id) {
                    renew(job, old, line).await?;
                    touched.insert(person.id);
                }
            }
            Step::Unchanged(_) => {
                if matches!(person.outcome, Became::Unchanged | Became::Repeated) {
                    job.unchanged(&table.sheet, row);
                }
            }
        }
    }
    insert(job, new).await?;
    let touched: Vec<i64> = touched.into_iter().collect();
    let schemes = schemes::of(job.cx)?;
    changes.extend(ops::facts(job.txn, &schemes, &touched).await?);
    before.close(job.txn, job.cx, changes).await
}

fn model(job: &Job<'_>, scheme: &Scheme, line: &Line<'_>, person_id: i64) -> Model {
    Model {
        id: 0,
        person_id,
        scheme: scheme.code.clone(),
        level: line.input.level.clone(),
        number: line.number.clone(),
        unit: line.input.unit.clone(),
        area: String::new(),
        note: line.input.note.clone(),
        exam_year: line.dates.exam_year,
        approved_on: line.dates.approved_on,
        first_registered_on: line.dates.first_registered_on,
        registered_until: line.dates.registered_until,
        revoked_on: None,
        revoked_why: String::new(),
        version: 1,
        created_at: job.cx.now(),
        updated_at: job.cx.now(),
        created_by: job.who.user_id,
        updated_by: job.who.user_id,
    }
}

/// A later registration of a certificate on record.
async fn renew(job: &mut Job<'_>, old: &Model, line: &Line<'_>) -> Result<()> {
    let mut next = old.clone();
    ops::renew(&mut next, &line.dates);
    next.updated_at = job.cx.now();
    next.updated_by = job.who.user_id;
    let next = ops::save(job.txn, old, next).await?;
    let was = Before::new()
        .int("exam_year", old.exam_year)
        .date("first_registered_on", old.first_registered_on)
        .date("registered_until", old.registered_until);
    let entry = audit::Change::new("update", "certificate", old.id, next.version).before(old).after(&next);
    audit::record(job.txn, job.cx, job.who, [entry.import(Some(job.import_id))]).await?;
    job.updated("certificate", old.id, next.version, was, Some(line.row.number));
    Ok(())
}

/// Rows of one INSERT.
const ROWS: usize = 500;

async fn insert(job: &mut Job<'_>, new: Vec<(Model, u32)>) -> Result<()> {
    let mut log = Vec::with_capacity(new.len());
    for chunk in new.chunks(ROWS) {
        let rows =
            Entity::insert_many(chunk.iter().map(|(m, _)| ops::insertable(m))).exec_with_returning(job.txn).await?;
        // The order of RETURNING is not promised.
        let row_of: HashMap<(&str, &str), u32> =
            chunk.iter().map(|(m, row)| ((m.level.as_str(), m.number.as_str()), *row)).collect();
        for m in &rows {
            let row = row_of.get(&(m.level.as_str(), m.number.as_str())).copied();
            job.inserted("certificate", m.id, row);
            log.push(audit::Change::new("create", "certificate", m.id, 1).after(m).import(Some(job.import_id)));
        }
    }
    audit::record(job.txn, job.cx, job.who, log).await
}
