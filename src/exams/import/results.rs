//! Results: one row a candidate and level, one column a subject.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::columns;
use super::reading::{Judged, Line, Reader};
use super::{registered, scheme_of, seen};
use crate::core::{Actor, Result};
use crate::db::{self, Cx};
use crate::exams::entity::{registration, result};
use crate::exams::ops::{Cycle, bulk};
use crate::exams::rules::{self, OnRecord};
use crate::exams::{facts, ops};
use crate::importing::undo::Before;
use crate::importing::{Ask, Column, Job, Kind, Params, Problem, Undo};
use crate::people::ops::by_hash;
use crate::pipeline;
use crate::schemes::{self, Outcome, Scheme};

/// The kind `results`.
#[derive(Clone, Copy, Debug)]
pub struct Results;

#[async_trait]
impl Kind for Results {
    fn name(&self) -> &'static str {
        "results"
    }

    fn columns(&self) -> &'static [Column] {
        columns::FIXED
    }

    fn columns_of(&self, cx: &Cx) -> Result<&'static [Column]> {
        Ok(columns::of(cx)?.all)
    }

    fn all_sheets(&self) -> bool {
        true
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Scheme, Ask::Year]
    }

    async fn choices(&self, cx: &Cx, who: &Actor, ask: Ask) -> Result<Vec<(String, String)>> {
        super::choices(cx, who, ask)
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let schemes = schemes::of(job.cx)?;
        let scheme = scheme_of(&schemes, &Params::need("scheme", job.params.scheme.as_deref())?)?;
        let year = job.params.need_year()?;
        let (cycle, _) = ops::ensure_cycle(job.txn, job.cx, job.who, &scheme.code, year).await?;
        let columns = columns::of(job.cx)?;
        let mut lines = Vec::new();
        let mut seen_rows: HashMap<(String, String, String), u32> = HashMap::new();
        for table in job.tables {
            let reader = Reader::new(&columns, job, scheme, table, &cycle);
            for row in &table.rows {
                let Judged { line, mut problems } = reader.read(row);
                let Some(line) = line else {
                    job.problems(problems);
                    continue;
                };
                // With the name, since a row under another name is refused further on.
                let key = (line.hash.clone(), line.name_key.clone(), line.level.code.clone());
                // Of two results of one candidate only the later row is refused, and only a good row can be the earlier.
                if let Some(peer) = seen_rows.get(&key) {
                    if problems.is_empty() {
                        problems.push(table.problem(Problem::error("second_result"), row, ""));
                    }
                    job.problems(problems.into_iter().map(|p| p.peer(*peer)));
                } else if problems.is_empty() {
                    seen_rows.insert(key, row.number);
                    lines.push(line);
                } else {
                    job.problems(problems);
                }
            }
        }
        store(job, scheme, &cycle, lines).await
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        super::undo(undo, "result").await
    }
}

/// Results to be written, with the file's row each came from.
#[derive(Default)]
struct Writes {
    new: Vec<result::Model>,
    new_rows: Vec<u32>,
    changed: Vec<(result::Model, result::Model, u32)>,
}

/// Finds the people, compares with the record, writes what is new.
async fn store(job: &mut Job<'_>, scheme: &Scheme, cycle: &Cycle, lines: Vec<Line<'_>>) -> Result<()> {
    let hashes: Vec<String> = lines.iter().map(|l| l.hash.clone()).collect();
    let people = by_hash(job.txn, &hashes).await?;
    let ids: Vec<i64> = people.values().map(|p| p.id).collect();
    let seen = seen(job, &ids).await?;
    let registered = registered(job, cycle, &ids).await?;
    let any = registration::Entity::find().filter(registration::Column::CycleId.eq(cycle.id)).one(job.txn).await?;
    let history = any.is_none();
    let mut on_record = on_record(job, cycle, &ids).await?;
    let published_on = ops::published_on(job.cx, cycle)?;

    let mut writes = Writes::default();
    let mut touched: HashSet<i64> = HashSet::new();
    for (done, line) in lines.iter().enumerate() {
        let refuse = |code| line.table.problem(Problem::error(code), line.row, "id_no");
        let Some(person) = people.get(&line.hash).filter(|p| seen.contains(&p.id)) else {
            job.problem(refuse(if history { "unknown_person" } else { "unknown_candidate" }));
            continue;
        };
        if person.name_key != line.name_key {
            let p = Problem::error("candidate_other_name").with("other", &person.name);
            job.problem(line.table.problem(p, line.row, "name"));
            continue;
        }
        let key = (person.id, line.level.code.clone());
        if !history && registered.get(&key).is_none_or(|r| r.state != "active") {
            let withdrawn = registered.contains_key(&key);
            job.problem(refuse(if withdrawn { "candidate_withdrawn" } else { "unknown_candidate" }));
            continue;
        }
        let old = on_record.remove(&key).unwrap_or_default();
        if decide(job, scheme, cycle, line, person.id, &old, published_on, &mut writes) {
            touched.insert(person.id);
        } else {
            job.unchanged(&line.table.sheet, line.row.number);
        }
        if done % 500 == 0 {
            job.progress(done);
        }
    }
    if touched.is_empty() {
        return Ok(());
    }
    let touched: Vec<i64> = touched.into_iter().collect();
    let before = pipeline::open(job.txn, &touched).await?;
    let who: &Actor = job.who;
    bulk::insert_results(job.txn, job.cx, who, &mut writes.new, "", Some(job.import_id)).await?;
    for (r, row) in writes.new.iter().zip(&writes.new_rows) {
        job.inserted("result", r.id, Some(*row));
    }
    for (old, new, row) in writes.changed {
        let new = bulk::update_result(job.txn, job.cx, who, &old, new, "", Some(job.import_id)).await?;
        let was = Before::new()
            .text("code", old.code)
            .int("mark", old.mark)
            .flag("held", old.held)
            .text("archive_no", old.archive_no)
            .text("note", old.note);
        job.updated("result", old.id, new.version, was, Some(row));
    }
    let schemes = schemes::of(job.cx)?;
    let changes = facts::of(job.txn, &schemes, &touched).await?;
    before.close(job.txn, job.cx, changes).await
}

async fn on_record(job: &Job<'_>, cycle: &Cycle, ids: &[i64]) -> Result<HashMap<(i64, String), Vec<result::Model>>> {
    let mut all: HashMap<(i64, String), Vec<result::Model>> = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        let rows = result::Entity::find()
            .filter(result::Column::CycleId.eq(cycle.id))
            .filter(result::Column::PersonId.is_in(chunk.iter().copied()))
            .all(job.txn)
            .await?;
        for r in rows {
            all.entry((r.person_id, r.level.clone())).or_default().push(r);
        }
    }
    Ok(all)
}

/// Plans the writes of one line; whether there are any.
#[expect(clippy::too_many_arguments, reason = "one line against everything known of it")]
fn decide(
    job: &mut Job<'_>,
    scheme: &Scheme,
    cycle: &Cycle,
    line: &Line<'_>,
    person_id: i64,
    old: &[result::Model],
    published_on: chrono::NaiveDate,
    writes: &mut Writes,
) -> bool {
    let known: Vec<OnRecord> = old
        .iter()
        .filter_map(|r| {
            let outcome = Outcome::from_parts(&r.code, r.mark)?;
            Some(OnRecord { subject: r.subject.clone(), outcome, held: r.held, corrected: r.corrected })
        })
        .collect();
    let plan = rules::plan(scheme, i32::try_from(cycle.year).unwrap_or_default(), &known, &line.scores);
    let say = |code, key: &str| line.table.problem(Problem::warning(code), line.row, key);
    if plan.held {
        job.problem(say("violation_with_marks", ""));
    }
    for subject in &plan.kept {
        let label = line.level.subject(subject).map_or("", |s| s.name.zh.as_str());
        job.problem(say("corrected_by_hand", "").in_column(label));
    }
    let row = line.row.number;
    for (subject, outcome) in &plan.add {
        let (code, mark) = outcome.parts();
        writes.new.push(result::Model {
            id: 0,
            cycle_id: cycle.id,
            person_id,
            level: line.level.code.clone(),
            subject: subject.clone(),
            archive_no: line.archive_no.clone(),
            note: line.note.clone(),
            code: code.to_owned(),
            mark,
            held: plan.held,
            corrected: false,
            published_on,
            version: 1,
            created_at: job.cx.now(),
            updated_at: job.cx.now(),
            created_by: job.who.user_id,
            updated_by: job.who.user_id,
        });
        writes.new_rows.push(row);
    }
    let mut any = !plan.add.is_empty();
    for r in old {
        let mut new = r.clone();
        new.held = plan.held;
        if let Some((_, outcome)) = plan.change.iter().find(|(s, _)| *s == r.subject) {
            let (code, mark) = outcome.parts();
            code.clone_into(&mut new.code);
            new.mark = mark;
        }
        if line.scores.iter().any(|(s, _)| *s == r.subject) && !r.corrected {
            for (to, from) in [(&mut new.archive_no, &line.archive_no), (&mut new.note, &line.note)] {
                if !from.is_empty() {
                    to.clone_from(from);
                }
            }
        }
        if new != *r {
            writes.changed.push((r.clone(), new, row));
            any = true;
        }
    }
    any
}
