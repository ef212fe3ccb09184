//! Registrations as the portal exports them: one row a person and level. People who are on no list yet are made.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::{registered, scheme_of, seen};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};
use crate::exams::entity::registration;
use crate::exams::ops::{Cycle, bulk};
use crate::exams::rules::{self, Payment};
use crate::exams::{facts, ops};
use crate::importing::undo::Before;
use crate::importing::{Ask, Column, Job, Kind, Params, Problem, Row, Table, Undo};
use crate::people::intake::{self, PersonInput, columns as person};
use crate::people::ops::batch::{Batch, Outcome as Became};
use crate::pipeline::{self, Change};
use crate::schemes::{self, Background, Level, Scheme};

/// The kind `registrations`.
#[derive(Clone, Copy, Debug)]
pub struct Registrations;

static COLUMNS: &[Column] = &[
    Column::new("number", "报名序号", &["报名号", "报名编号", "报名登记号", "序号", "registration no"]),
    person::NAME,
    person::SEX,
    person::ID_TYPE,
    Column { label: "证件号码", ..person::ID_NO },
    person::LEVEL,
    Column::new("subjects", "报考科目", &["科目", "报名科目", "考试科目", "subjects"]),
    person::EDUCATION,
    person::MAJOR,
    person::GRADUATED,
    person::WORK_YEARS,
    person::UNIT,
    person::PHONE,
    person::EMAIL,
    Column::new("registered_on", "报名时间", &["报名日期", "提交时间", "报考时间", "registered on"]),
    Column::new("review", "审核状态", &["审核结果", "资格审核", "审核", "review"]),
    Column::new("payment", "缴费状态", &["交费状态", "支付状态", "是否缴费", "缴费", "payment"]),
    person::NOTE,
];

/// A good row: the person and what they registered for.
struct Line<'t> {
    row: &'t Row,
    input: PersonInput,
    level: &'t Level,
    subjects: Vec<String>,
    registered_on: NaiveDate,
    payment: Payment,
    review: String,
    number: String,
}

#[async_trait]
impl Kind for Registrations {
    fn name(&self) -> &'static str {
        "registrations"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
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
        for table in job.tables {
            let (lines, problems) = judge(job, scheme, &cycle, table);
            job.problems(problems);
            store(job, scheme, &cycle, table, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let mut with_results = 0;
        for chunk in undo.ids("registration", "insert").chunks(db::CHUNK) {
            let sql = format!(
                "SELECT COUNT(DISTINCT g.id) FROM registration g JOIN result r ON r.cycle_id = g.cycle_id \
                 AND r.person_id = g.person_id AND r.level = g.level WHERE g.id IN ({})",
                db::places(chunk.len())
            );
            with_results += db::int(undo.txn, &sql, chunk.iter().map(|id| (*id).into())).await?.unwrap_or_default();
        }
        if with_results > 0 {
            return Err(Error::Conflict(Msg::new("exams-undo-results-first").with("n", with_results)));
        }
        super::undo(undo, "registration").await
    }
}

/// Judges the rows of a table by themselves.
fn judge<'t>(job: &Job<'_>, scheme: &'t Scheme, cycle: &Cycle, table: &'t Table) -> (Vec<Line<'t>>, Vec<Problem>) {
    let year = i32::try_from(cycle.year).unwrap_or_default();
    let level = |text: &str| scheme.level_by_name(text).map(|l| l.code.clone());
    let options = intake::Options { today: job.cx.today(), level: &level };
    let intake::Intake { people, mut problems } = intake::judge(table, &options);
    // Everybody is known by number here, so namesakes and shared phones are nothing to tell.
    problems.retain(|p| !matches!(p.code.as_ref(), "namesake" | "phone_shared"));
    let mut lines = Vec::with_capacity(people.len());
    for input in people {
        let Some(row) = table.rows.get(input.index) else { continue };
        let mut say = |key: &str, p: Problem| problems.push(table.problem(p, row, key));
        let Some(level) = scheme.level(&input.level) else {
            say("level", Problem::error("level_missing"));
            continue;
        };
        let text = table.cell(row, "subjects").show();
        let subjects = match rules::subjects(level, year, &text) {
            Ok(codes) => codes,
            Err(word) => {
                say("subjects", Problem::error("subject_unknown").with("value", word).with("level", &level.name.zh));
                continue;
            }
        };
        let registered_on = match table.cell(row, "registered_on").to_date() {
            Ok(None) => job.cx.today(),
            Ok(Some(date)) => match date.to_string().parse() {
                Ok(day) => day,
                Err(_) => {
                    say("registered_on", Problem::error("date_unreadable").with("value", date));
                    continue;
                }
            },
            Err(code) => {
                let shown = table.cell(row, "registered_on").show();
                say("registered_on", Problem::error(code).with("value", shown));
                continue;
            }
        };
        let text = table.cell(row, "payment").show();
        let Some(payment) = Payment::read(&text) else {
            say("payment", Problem::error("payment_unknown_value").with("value", text));
            continue;
        };
        let review = table.cell(row, "review").show().into_owned();
        if payment == Payment::Unpaid {
            say("payment", Problem::warning("unpaid_counts_as_withdrawn"));
        } else if rules::turned_down(&review) {
            say("review", Problem::warning("turned_down_counts_as_withdrawn").with("value", &review));
        }
        let who = Background { education: &input.education, major: &input.major, years: input.work_years };
        if let Some(short) = scheme.eligible_warning(who, year, level) {
            let needs = if short.needs_years == i64::MAX { "–".to_owned() } else { short.needs_years.to_string() };
            let p = Problem::warning("not_eligible").with("has", short.has_years).with("needs", needs);
            say("work_years", p.with("source", short.source));
        }
        let number = table.cell(row, "number").show().into_owned();
        lines.push(Line { row, input, level, subjects, registered_on, payment, review, number });
    }
    (lines, problems)
}

/// Finds or makes the people, writes what is new.
async fn store(
    job: &mut Job<'_>,
    scheme: &Scheme,
    cycle: &Cycle,
    table: &Table,
    mut lines: Vec<Line<'_>>,
) -> Result<()> {
    let region = match (job.who.role, job.who.scope.regions.as_slice()) {
        (Role::Administrator, [first, ..]) => first.clone(),
        _ => String::new(),
    };
    let incoming = lines.iter().map(|l| {
        let mut person = l.input.to_incoming();
        // The remark is on the registration, not on the person.
        person.note.clear();
        person.region_code.clone_from(&region);
        person
    });
    let mut batch = Batch::find(job.txn, job.cx, incoming.collect()).await?;
    let known = batch.known_ids();
    let seen = seen(job, &known).await?;
    let mut keep = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let problem = match batch.known(i) {
            // A trainer keeps their own people; a stranger made here would be out of their own sight.
            None if job.who.role == Role::Administrator => None,
            None => Some(("id_no", Problem::error("person_not_yours"))),
            Some(p) if !seen.contains(&p.id) => Some(("id_no", Problem::error("person_not_yours"))),
            Some(p) if p.name_key != line.input.name_key => {
                Some(("name", Problem::error("candidate_other_name").with("other", &p.name)))
            }
            Some(_) => None,
        };
        keep.push(problem.is_none());
        if let Some((key, problem)) = problem {
            job.problem(table.problem(problem, line.row, key));
        }
    }
    batch.retain(|i| keep.get(i).copied().unwrap_or(false));
    let mut kept = keep.into_iter();
    lines.retain(|_| kept.next().unwrap_or(false));

    let known = batch.known_ids();
    let on_record = registered(job, cycle, &known).await?;
    let last = last_attempts(job, scheme, cycle, &known).await?;
    let before = pipeline::open(job.txn, &known).await?;
    let stored = batch.store(job.txn, job.cx, job.who, Some(job.import_id)).await?;
    let mut changes: Vec<(i64, Change)> = Vec::new();
    let mut touched: HashSet<i64> = HashSet::new();
    let (mut new, mut new_rows) = (Vec::new(), Vec::new());
    for (line, person) in lines.iter().zip(&stored) {
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
        let key = (person.id, line.level.code.clone());
        if let Some(from) = last.get(&key).filter(|from| **from > line.registered_on) {
            let p = Problem::warning("retake_too_early").with("from", from);
            job.problem(table.problem(p, line.row, "registered_on"));
        }
        let wanted = model(job, cycle, line, person.id);
        match on_record.get(&key) {
            None => {
                new.push(wanted);
                new_rows.push(row);
                touched.insert(person.id);
            }
            Some(old) => {
                let next = over(old, wanted);
                if next != *old {
                    let was = was(old);
                    let id = Some(job.import_id);
                    let next = bulk::update_registration(job.txn, job.cx, job.who, old, next, "", id).await?;
                    job.updated("registration", old.id, next.version, was, Some(row));
                    touched.insert(person.id);
                } else if person.outcome == Became::Unchanged {
                    job.unchanged(&table.sheet, row);
                }
            }
        }
    }
    bulk::insert_registrations(job.txn, job.cx, job.who, &mut new, Some(job.import_id)).await?;
    for (r, row) in new.iter().zip(new_rows) {
        job.inserted("registration", r.id, Some(row));
    }
    let touched: Vec<i64> = touched.into_iter().collect();
    let schemes = schemes::of(job.cx)?;
    changes.extend(facts::of(job.txn, &schemes, &touched).await?);
    before.close(job.txn, job.cx, changes).await
}

fn model(job: &Job<'_>, cycle: &Cycle, line: &Line<'_>, person_id: i64) -> registration::Model {
    registration::Model {
        id: 0,
        cycle_id: cycle.id,
        person_id,
        level: line.level.code.clone(),
        subjects: line.subjects.join(","),
        number: line.number.clone(),
        review: line.review.clone(),
        education: line.input.education.clone(),
        major: line.input.major.clone(),
        unit: line.input.unit.clone(),
        graduated_on: line.input.graduated_on.clone(),
        note: line.input.note.clone(),
        work_years: line.input.work_years,
        registered_on: line.registered_on,
        payment: line.payment.name().to_owned(),
        state: rules::registration_state(line.payment, &line.review).to_owned(),
        corrected: false,
        version: 1,
        created_at: job.cx.now(),
        updated_at: job.cx.now(),
        created_by: job.who.user_id,
        updated_by: job.who.user_id,
    }
}

/// The record as it should be after this row; payment and state that a person corrected stay.
fn over(old: &registration::Model, row: registration::Model) -> registration::Model {
    let (payment, state) =
        if old.corrected { (old.payment.clone(), old.state.clone()) } else { (row.payment, row.state) };
    registration::Model {
        subjects: row.subjects,
        number: row.number,
        review: row.review,
        education: row.education,
        major: row.major,
        unit: row.unit,
        graduated_on: row.graduated_on,
        note: row.note,
        work_years: row.work_years,
        registered_on: row.registered_on,
        payment,
        state,
        ..old.clone()
    }
}

fn was(old: &registration::Model) -> Before {
    Before::new()
        .text("subjects", old.subjects.clone())
        .text("number", old.number.clone())
        .text("review", old.review.clone())
        .text("education", old.education.clone())
        .text("major", old.major.clone())
        .text("unit", old.unit.clone())
        .text("graduated_on", old.graduated_on.clone())
        .text("note", old.note.clone())
        .int("work_years", old.work_years)
        .date("registered_on", old.registered_on)
        .text("payment", old.payment.clone())
        .text("state", old.state.clone())
}

#[derive(FromQueryResult)]
struct Attempt {
    person_id: i64,
    level: String,
    year: i64,
    published_on: NaiveDate,
}

/// For schemes that ask for days between two attempts: the first day of a new one, by person and level.
async fn last_attempts(
    job: &Job<'_>,
    scheme: &Scheme,
    cycle: &Cycle,
    ids: &[i64],
) -> Result<HashMap<(i64, String), NaiveDate>> {
    let mut all: HashMap<(i64, String), NaiveDate> = HashMap::new();
    let year = i32::try_from(cycle.year).unwrap_or_default();
    if !scheme.levels.iter().any(|l| l.passing_in(year).is_some_and(|r| r.wait_days > 0)) {
        return Ok(all);
    }
    let schemes = schemes::of(job.cx)?;
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!(
            "SELECT r.person_id, r.level, c.year, r.published_on FROM result r JOIN exam_cycle c ON c.id = r.cycle_id \
             WHERE c.scheme = ? AND c.id <> ? AND r.code <> 'absent' AND r.person_id IN ({})",
            db::places(chunk.len())
        );
        let values =
            [scheme.code.as_str().into(), cycle.id.into()].into_iter().chain(chunk.iter().map(|i| (*i).into()));
        for a in db::rows::<Attempt>(job.txn, &sql, values).await? {
            let rule = scheme.level(&a.level).and_then(|l| l.passing_in(year));
            let Some(rule) = rule.filter(|r| r.wait_days > 0) else { continue };
            let held = i32::try_from(a.year).ok().and_then(|y| schemes.cycle(&scheme.code, y));
            let from = rule.next_attempt_from(held.map_or(a.published_on, |c| c.exam_last_day));
            let slot = all.entry((a.person_id, a.level)).or_insert(from);
            *slot = from.max(*slot);
        }
    }
    Ok(all)
}
