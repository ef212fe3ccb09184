//! Import kind `staff`: the roster of people at stations and organisations (站点人员名册). People who are in no earlier
//! list are made. A workplace that is in no register is kept by its name.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entity::{Column as C, Entity, Model};
use super::ops::{blank, merged};
use super::rules::{self, Kind as EmploymentKind, Step};
use crate::core::{Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::importing::cells::{self, Cells, Step as Store};
use crate::importing::{Ask, Column, Job, Kind, Problem, Row, Table, Undo};
use crate::people::entity::person as person_row;
use crate::people::intake::{self, PersonInput, columns as person};
use crate::people::ops::batch::{Batch, Outcome as Became, Stored};
use crate::people::scope;
use crate::pipeline::{self, Change};
use crate::stations::ops::Workplaces;

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Staff;

const COLUMNS: &[Column] = &[
    person::NO,
    person::NAME,
    person::SEX,
    person::ETHNICITY,
    person::BIRTH,
    person::ID_TYPE,
    person::ID_NO,
    Column::new("staff_kind", "人员类别", &["人员类型", "用工性质", "用工类型", "身份", "类别"]).required(),
    Column::new("workplace", "所在站点", &["工作单位", "所在单位", "任职单位", "站点名称", "所在机构", "站点", "单位"])
        .required(),
    Column::new("hours", "专兼职", &["从业情况", "用工形式", "全职/兼职"]),
    Column::new("starts_on", "到岗日期", &["入职日期", "任职日期", "到岗时间", "入职时间", "起始日期", "聘用日期"]),
    Column::new("ends_on", "离岗日期", &["离职日期", "离岗时间", "离职时间", "截止日期", "终止日期"]),
    Column::new("declared", "是否持证", &["持证情况", "是否有证", "是否持有证书", "持证"]),
    person::JOB_TITLE,
    person::EDUCATION,
    person::PHONE,
    person::EMAIL,
    person::NOTE,
];

/// A good row: the person and what they are employed as.
struct Line<'t> {
    row: &'t Row,
    input: PersonInput,
    employment: Model,
}

#[async_trait]
impl Kind for Staff {
    fn name(&self) -> &'static str {
        "staff"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn roles(&self) -> &'static [Role] {
        &[Role::Administrator]
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Region]
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let county = regions::of_import(job).await?;
        let known = Workplaces::load(job.txn, job.who, &county).await?;
        for table in job.tables {
            let (lines, problems) = judge(job, table, &county, &known);
            job.problems(problems);
            store(job, table, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let (cx, txn) = (undo.cx, undo.txn);
        let created: HashSet<i64> = undo.ids("person", "insert").into_iter().collect();
        let people: Vec<i64> = created.iter().copied().chain(undo.ids("person", "update")).collect();
        let before = pipeline::open(txn, &people).await?;
        undo.walk(&["employment"]).await?;
        if !created.is_empty() {
            pipeline::forget(txn, &created.iter().copied().collect::<Vec<_>>()).await?;
        }
        undo.walk(&["person"]).await?;
        undo.walk(&["region"]).await?;
        let stay = people.into_iter().filter(|id| !created.contains(id)).map(|id| (id, Change::Person));
        before.close(txn, cx, stay.collect::<Vec<_>>()).await
    }
}

/// Judges the rows of a table by themselves.
fn judge<'t>(job: &Job<'_>, table: &'t Table, county: &str, known: &Workplaces) -> (Vec<Line<'t>>, Vec<Problem>) {
    let options = intake::Options { today: job.cx.today(), level: &|_| None };
    let intake::Intake { people, mut problems } = intake::judge_alone(table, &options);
    let mut inputs: HashMap<usize, PersonInput> = people.into_iter().map(|p| (p.index, p)).collect();
    let mut lines = Vec::with_capacity(inputs.len());
    for (index, row) in table.rows.iter().enumerate() {
        let mut c = Cells::of_more(table, row);
        let employment = read(&mut c, county, known);
        let (good, said) = c.finish();
        problems.extend(said);
        if let (true, Some(input)) = (good, inputs.remove(&index)) {
            lines.push(Line { row, input, employment });
        }
    }
    problems.sort_by_key(|p| p.row);
    (lines, problems)
}

/// The employment of a row; whose it is comes later.
fn read(c: &mut Cells<'_>, county: &str, known: &Workplaces) -> Model {
    let workplace = c.need("workplace", "employment_workplace_missing");
    let word = c.need("staff_kind", "employment_kind_missing");
    let kind = EmploymentKind::from_word(&word).unwrap_or_else(|| {
        if !word.is_empty() {
            c.say("staff_kind", Problem::warning("employment_kind_unknown").with("value", &word));
        }
        EmploymentKind::Other
    });
    let hours = c.word("hours", "employment_hours_unknown", rules::hours).unwrap_or("unknown");
    let declared = match c.yes_no("declared") {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let (starts_on, ends_on) = (c.date("starts_on"), c.date("ends_on"));
    if starts_on.zip(ends_on).is_some_and(|(a, b)| b < a) {
        c.say("ends_on", Problem::error("end_before_start"));
    }
    let found = known.find(&workplace);
    Model {
        station_id: found.as_ref().and_then(|f| f.station_id),
        organisation_id: found.as_ref().and_then(|f| f.organisation_id),
        region_code: found.map_or_else(|| county.to_owned(), |f| f.region_code),
        workplace_key: places::key(&workplace),
        workplace,
        county_code: county.to_owned(),
        kind: kind.name().to_owned(),
        hours: hours.to_owned(),
        declared: declared.to_owned(),
        job_title: c.text("job_title"),
        starts_on,
        ends_on,
        ..blank(0)
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

/// Finds or makes the people, then stores what they are employed as.
async fn store(job: &mut Job<'_>, table: &Table, mut lines: Vec<Line<'_>>) -> Result<()> {
    let incoming = lines.iter().map(|l| {
        let mut person = l.input.to_incoming();
        person.region_code.clone_from(&l.employment.region_code);
        person.unit.clone_from(&l.employment.workplace);
        // The remark is on the employment, not on the person.
        person.note.clear();
        person
    });
    let mut batch = Batch::find(job.txn, job.cx, incoming.collect()).await?;
    let seen = seen(job, &batch.known_ids()).await?;
    let mut names: HashMap<(&'static str, String), String> = HashMap::new();
    let mut good = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let problem = match batch.known(i) {
            Some(p) if !seen.contains(&p.id) => Some(("id_no", Problem::error("holder_not_yours"))),
            Some(p) if p.name_key != line.input.name_key => {
                Some(("name", Problem::error("person_other_name").with("other", &p.name)))
            }
            Some(_) => None,
            None => {
                let key = (line.input.id_type.code(), line.input.id_no.clone());
                let name = names.entry(key).or_insert_with(|| line.input.name_key.clone());
                let other = *name != line.input.name_key;
                other.then(|| ("name", Problem::error("person_other_name").with("other", &*name)))
            }
        };
        good.push(problem.is_none());
        if let Some((key, p)) = problem {
            job.problem(table.problem(p, line.row, key));
        }
    }
    batch.retain(|i| good.get(i).copied().unwrap_or_default());
    let mut kept = good.iter();
    lines.retain(|_| kept.next().copied().unwrap_or_default());

    let before = pipeline::open(job.txn, &batch.known_ids()).await?;
    let people = batch.store(job.txn, job.cx, job.who, Some(job.import_id)).await?;
    let mut changes: Vec<(i64, Change)> = Vec::new();
    for (line, person) in lines.iter().zip(&people) {
        match &person.outcome {
            Became::Created => job.inserted("person", person.id, Some(line.row.number)),
            Became::Updated { version, before } => {
                job.updated("person", person.id, *version, before.clone(), Some(line.row.number));
            }
            Became::Unchanged | Became::Repeated => continue,
        }
        changes.push((person.id, Change::Person));
    }
    let steps = steps(job, table, &lines, &people).await?;
    cells::store(job, steps).await?;
    // A row that only taught something about the person is not "unchanged".
    for (line, person) in lines.iter().zip(&people) {
        if matches!(person.outcome, Became::Created | Became::Updated { .. }) {
            job.changed(&table.sheet, line.row.number);
        }
    }
    before.close(job.txn, job.cx, changes).await
}

/// What each row is to the employments on record and to the rows before it.
async fn steps(job: &mut Job<'_>, table: &Table, lines: &[Line<'_>], people: &[Stored]) -> Result<Vec<Store<Model>>> {
    let ids: Vec<i64> = people.iter().map(|p| p.id).collect();
    let mut known: HashMap<(i64, String, String), Vec<Model>> = HashMap::new();
    for chunk in ids.chunks(db::CHUNK) {
        for m in Entity::find().filter(C::PersonId.is_in(chunk.iter().copied())).all(job.txn).await? {
            known.entry((m.person_id, m.workplace_key.clone(), m.kind.clone())).or_default().push(m);
        }
    }
    let mut rows_of: HashMap<(i64, String, String), Vec<(rules::Span, u32)>> = HashMap::new();
    let mut steps = Vec::with_capacity(lines.len());
    for (line, person) in lines.iter().zip(people) {
        let new = Model { person_id: person.id, note: line.input.note.clone(), ..line.employment.clone() };
        let key = (new.person_id, new.workplace_key.clone(), new.kind.clone());
        let span = (new.starts_on, new.ends_on);
        let of_file = rows_of.entry(key.clone()).or_default();
        if let Some((_, first)) = of_file.iter().find(|(s, _)| rules::overlap(*s, span)) {
            let p = Problem::error("register_row_twice").with("value", &line.input.name).peer(*first);
            job.problem(table.problem(p, line.row, ""));
            continue;
        }
        let on_record = known.get(&key).map_or(&[][..], Vec::as_slice);
        let spans: Vec<_> = on_record.iter().map(|m| (m.starts_on, m.ends_on)).collect();
        let (old, new) = match rules::judge(span, &spans) {
            Step::New => (None, new),
            Step::Same(i) => {
                let old = on_record.get(i).cloned();
                let new = old.as_ref().map_or_else(|| new.clone(), |o| merged(o, &new));
                (old, new)
            }
            Step::Clash(i) => {
                let from = on_record.get(i).and_then(|m| m.starts_on).map(|d| d.to_string()).unwrap_or_default();
                let p = Problem::error("employment_overlaps").with("value", &line.input.name).with("from", from);
                job.problem(table.problem(p, line.row, "starts_on"));
                continue;
            }
        };
        of_file.push((span, line.row.number));
        steps.push(Store { sheet: table.sheet.clone(), row: line.row.number, old, new });
    }
    Ok(steps)
}
