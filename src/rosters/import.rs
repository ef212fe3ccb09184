//! Import kind `roster` (培训报名汇总表, 学校实习生名单 and their kin).

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sea_orm::{FromQueryResult, Value};

use super::follow::{enrol, place, put_into_classes};
use super::rows::{self, Extra};
use crate::cohorts::ops::{Cohort, ensure};
use crate::core::{Actor, Result};
use crate::db::{self, Cx};
use crate::directory::ops::bases::Index;
use crate::directory::ops::{campuses, regions};
use crate::directory::rules::key;
use crate::importing::{Ask, Column, Job, Kind, Params, Problem, Row, Undo};
use crate::people::intake::{self, Options, PersonInput, columns as c};
use crate::people::ops::{Batch, Incoming, Outcome};
use crate::pipeline::{self, Change};
use crate::{classes, cohorts, practicum, schemes};

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roster;

static COLUMNS: &[Column] = &[
    c::NO,
    c::CLASS,
    c::NAME,
    c::SEX,
    c::ETHNICITY,
    c::BIRTH,
    c::ID_TYPE,
    c::ID_NO,
    c::STUDENT_NO,
    c::EDUCATION,
    c::SCHOOL,
    Column::new("college", "学院", &["院系", "所在学院", "系别"]),
    c::MAJOR,
    Column::new("grade", "年级", &["入学年级"]),
    c::GRADUATED,
    c::UNIT,
    c::JOB_TITLE,
    c::WORK_YEARS,
    c::LEVEL,
    Column::new("subjects", "报考科目", &["科目", "申报科目"]),
    Column::new("first_time", "是否首次报考", &["首次报考", "是否首次"]),
    Column::new("campus_mentor", "学校督导", &["校内督导", "学校指导教师", "校内导师"]),
    Column::new("base", "实习基地", &["基地", "基地名称", "实习单位", "实习基地名称"]),
    Column::new("starts_on", "实习开始", &["实习开始日期", "实习起", "实习起始"]),
    Column::new("ends_on", "实习结束", &["实习结束日期", "实习止", "实习截止"]),
    Column::new("required_hours", "要求时数", &["应完成时数", "实习时数要求", "要求学时"]),
    c::PHONE,
    c::EMAIL,
    c::TOWN,
    c::EMPLOYMENT,
    c::NOTE,
];

/// A good row with where it stands.
pub(super) struct Line {
    pub(super) sheet: String,
    pub(super) input: PersonInput,
    pub(super) extra: Extra,
    /// Scheme and level; empty when no level was written.
    pub(super) level: (String, String),
}

#[async_trait]
impl Kind for Roster {
    fn name(&self) -> &'static str {
        "roster"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Cohort, Ask::CreateCohort, Ask::Region]
    }

    async fn choices(&self, cx: &Cx, who: &Actor, ask: Ask) -> Result<Vec<(String, String)>> {
        if ask != Ask::Cohort {
            return Ok(Vec::new());
        }
        let page = crate::core::page::PageReq { after: None, limit: Some(200) };
        let cohorts = cohorts::ops::list(cx, who, &page).await?;
        Ok(cohorts.items.into_iter().map(|(c, _)| (c.code, c.name)).collect())
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let code = Params::need("cohort", job.params.cohort.as_deref())?;
        let region = regions::of_import(job).await?;
        let create = job.params.create_cohort;
        let (cohort, new) = ensure(job.txn, job.cx, job.who, &code, &region, create, Some(job.import_id)).await?;
        if new {
            job.inserted("cohort", cohort.id, None);
        }
        let region = if region.is_empty() { cohort.region_code.clone() } else { region };
        let lines = judge(job, &region).await?;
        store(job, &cohort, &region, lines).await
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        super::undo::undo(undo).await
    }
}

/// Judges all rows; what is wrong goes into the job, what is good comes back.
async fn judge(job: &mut Job<'_>, region: &str) -> Result<Vec<Line>> {
    let schemes = schemes::of(job.cx)?;
    let bases = Index::load(job.txn, region).await?;
    let level = |text: &str| schemes.level_anywhere(text).map(|(s, l)| format!("{}\t{}", s.code, l.code));
    let options = Options { today: job.cx.today(), level: &level };
    let mut lines = Vec::new();
    for table in job.tables {
        let verdict = intake::judge(table, &options);
        job.problems(verdict.problems);
        for input in verdict.people {
            let Some(row) = table.rows.get(input.index) else { continue };
            let extra = extra(job, table, row, &bases, &schemes);
            if job.is_refused(&table.sheet, row.number) {
                continue;
            }
            let level = input.level.split_once('\t').unwrap_or_default();
            let level = (level.0.to_owned(), level.1.to_owned());
            lines.push(Line { sheet: table.sheet.clone(), input, extra, level });
        }
    }
    Ok(lines)
}

fn extra(
    job: &mut Job<'_>,
    table: &crate::importing::Table,
    row: &Row,
    bases: &Index,
    schemes: &schemes::Schemes,
) -> Extra {
    let mut problems = Vec::new();
    let extra = rows::read(table, row, bases, schemes, &mut problems);
    job.problems(problems);
    extra
}

/// The person as stored, with region, campus and what the other half of the row says of them.
fn incoming(line: &Line, look: &LookUp<'_>) -> Incoming {
    let mut p = line.input.to_incoming();
    look.region.clone_into(&mut p.region_code);
    if let Some(town) = look.towns.get(&key(&p.town)).filter(|_| !p.town.is_empty()) {
        p.region_code.clone_from(town);
    }
    let student = !p.student_no.is_empty() || line.extra.base_id.is_some();
    p.campus_id = look.cohort.campus_id;
    if student {
        let of_school = || look.campuses.get(&key(&p.school)).copied();
        let of_base = || line.extra.base_id.and_then(|b| look.bases.only_campus(b));
        p.campus_id = p.campus_id.or_else(of_school).or_else(of_base);
    }
    if p.unit.is_empty() {
        p.unit.clone_from(&line.extra.college);
    }
    p
}

/// What rows are looked up in.
struct LookUp<'a> {
    cohort: &'a Cohort,
    region: &'a str,
    towns: HashMap<String, String>,
    campuses: HashMap<String, i64>,
    bases: Index,
}

async fn store(job: &mut Job<'_>, cohort: &Cohort, region: &str, mut lines: Vec<Line>) -> Result<()> {
    let (txn, cx, who, import_id) = (job.txn, job.cx, job.who, Some(job.import_id));
    let look = LookUp {
        cohort,
        region,
        towns: regions::towns_below(txn, region).await?,
        campuses: campuses::index(txn).await?.into_iter().map(|(k, c)| (k, c.id)).collect(),
        bases: Index::load(txn, region).await?,
    };
    let mut batch = Batch::find(txn, cx, lines.iter().map(|l| incoming(l, &look)).collect()).await?;
    refuse_other_names(job, &mut batch, &mut lines);
    super::room::refuse(job, &mut batch, &mut lines).await?;
    mark_owned(job, &mut batch, cohort).await?;

    let counted = pipeline::open(txn, &batch.known_ids()).await?;
    let people = batch.store(txn, cx, who, import_id).await?;
    job.progress(lines.len() / 3);
    let mut touched: HashSet<i64> = HashSet::new();
    let mut changed_rows: Vec<bool> = Vec::with_capacity(lines.len());
    for (p, l) in people.iter().zip(&lines) {
        let changed = match &p.outcome {
            Outcome::Created => {
                job.inserted("person", p.id, Some(l.input.row));
                true
            }
            Outcome::Updated { version, before } => {
                job.updated("person", p.id, *version, before.clone(), Some(l.input.row));
                true
            }
            Outcome::Unchanged | Outcome::Repeated => false,
        };
        if changed {
            touched.insert(p.id);
        }
        changed_rows.push(changed);
    }
    let ids: Vec<i64> = people.iter().map(|p| p.id).collect();
    enrol(job, cohort, &lines, &ids, &mut changed_rows, &mut touched).await?;
    job.progress(lines.len() * 2 / 3);
    let in_classes = put_into_classes(job, cohort, &lines, &ids, &mut changed_rows, &mut touched).await?;
    let placed = place(job, cohort, &look.bases, &lines, &ids, &mut changed_rows, &mut touched).await?;

    let mut touched: Vec<i64> = touched.into_iter().collect();
    touched.sort_unstable();
    let mut changes: Vec<(i64, Change)> = cohorts::ops::facts(txn, &touched).await?;
    if in_classes {
        changes.extend(classes::ops::facts(txn, &touched).await?);
    }
    if placed {
        changes.extend(practicum::ops::facts(txn, &touched).await?);
    }
    counted.close(txn, cx, changes).await?;
    for (line, changed) in lines.iter().zip(changed_rows) {
        if !changed {
            job.unchanged(&line.sheet, line.input.row);
        }
    }
    job.progress(lines.len());
    Ok(())
}

/// A number on record under another name: one of the two is wrong, and only a person can say which. The name on record is
/// not told: the one who asks may not be allowed to see that person.
fn refuse_other_names(job: &mut Job<'_>, batch: &mut Batch, lines: &mut Vec<Line>) {
    let mut keep = vec![true; lines.len()];
    for (i, line) in lines.iter().enumerate() {
        if batch.known(i).is_none_or(|k| k.name_key == line.input.name_key) {
            continue;
        }
        let Some(table) = job.tables.iter().find(|t| t.sheet == line.sheet) else { continue };
        let Some(row) = table.rows.get(line.input.index) else { continue };
        let p = Problem::error("id_used_with_other_name").with("name", &line.input.name);
        let p = table.problem(p, row, "name").with("peer_row", "record");
        job.problem(p);
        if let Some(k) = keep.get_mut(i) {
            *k = false;
        }
    }
    batch.retain(|i| keep.get(i).copied().unwrap_or(true));
    let mut it = keep.iter();
    lines.retain(|_| it.next().copied().unwrap_or(true));
}

/// The roster owns people who are in no other cohort: for them it replaces what is on record.
async fn mark_owned(job: &Job<'_>, batch: &mut Batch, cohort: &Cohort) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Elsewhere {
        person_id: i64,
    }
    let mut elsewhere: HashSet<i64> = HashSet::new();
    for chunk in batch.known_ids().chunks(2000) {
        let sql = format!(
            "SELECT DISTINCT person_id FROM enrolment WHERE cohort_id <> ? AND state = 'active' AND person_id IN ({})",
            db::places(chunk.len())
        );
        let values = std::iter::once(Value::from(cohort.id)).chain(chunk.iter().map(|i| Value::from(*i)));
        let rows: Vec<Elsewhere> = db::rows(job.txn, &sql, values).await?;
        elsewhere.extend(rows.into_iter().map(|r| r.person_id));
    }
    let owned: Vec<bool> =
        (0..batch.rows().len()).map(|i| batch.known(i).is_none_or(|p| !elsewhere.contains(&p.id))).collect();
    for (row, owned) in batch.rows_mut().iter_mut().zip(owned) {
        row.owner = owned;
    }
    Ok(())
}
