//! Import kind `services`: the service records of stations (服务记录).

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::Datelike;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity::{Column as C, Entity, Model};
use super::kinds::{self, ServiceKinds};
use super::ops::records::blank;
use super::rules;
use crate::core::{Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::importing::cells::{self, Cells, Step};
use crate::importing::{Ask, Column, Job, Kind, Problem, Table, Undo};
use crate::projects::entity as project;
use crate::stations::ops::Index;

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Services;

const COLUMNS: &[Column] = &[
    Column::new("record_no", "记录编号", &["编号", "记录号", "序号"]).required(),
    Column::new("station", "站点编码", &["站点", "站点名称", "站点编号", "社工站"]).required(),
    Column::new("served_on", "日期", &["服务日期", "服务时间", "时间"]).required(),
    Column::new("kind", "服务类型", &["类型", "服务类别", "服务方式"]).required(),
    Column::new("beneficiary", "服务对象", &["服务人群", "对象类别", "受益群体"]),
    Column::new("households", "走访户数", &["走访户", "入户数", "户数"]),
    Column::new("hardship", "帮扶困难群众人数", &["困难群众人数", "帮扶人数", "困难群众"]),
    Column::new("activities", "活动场次", &["场次", "开展活动场次", "活动数"]),
    Column::new("person_times", "服务人次", &["人次", "受益人次", "参加人次"]),
    Column::new("project", "项目编号", &["项目编码", "所属项目"]),
    Column::new("recorder", "记录人", &["填报人", "登记人", "社工"]),
    Column::new("note", "备注", &["说明"]),
];

#[async_trait]
impl Kind for Services {
    fn name(&self) -> &'static str {
        "services"
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
        let stations = Index::load(job.txn, job.who, &county).await?;
        let projects: HashMap<String, i64> = project::Entity::find()
            .filter(project::Column::CountyCode.eq(county.as_str()))
            .all(job.txn)
            .await?
            .into_iter()
            .map(|p| (p.code, p.id))
            .collect();
        let known = Known { stations, projects, kinds: kinds::of(job.cx)?, today: job.cx.today() };
        for table in job.tables {
            let (lines, problems) = judge(table, &known);
            job.problems(problems);
            store(job, table, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        undo.walk(&["service_record"]).await?;
        undo.walk(&["region"]).await
    }
}

/// What rows are judged against.
struct Known {
    stations: Index,
    projects: HashMap<String, i64>,
    kinds: std::sync::Arc<ServiceKinds>,
    today: chrono::NaiveDate,
}

/// Judges the rows of a table; good ones come as the records they are.
fn judge(table: &Table, known: &Known) -> (Vec<(u32, Model)>, Vec<Problem>) {
    let dates = table.rows.iter().filter_map(|r| table.cell(r, "served_on").to_date().ok()?.and_then(|d| d.day()));
    let year = rules::report_year(&dates.map(|d| d.year()).collect::<Vec<_>>());
    let mut seen: HashMap<String, u32> = HashMap::new();
    let (mut lines, mut problems) = (Vec::with_capacity(table.rows.len()), Vec::new());
    for row in &table.rows {
        let mut c = Cells::new(table, row);
        let record = read(&mut c, known, year, &mut seen);
        let (good, said) = c.finish();
        problems.extend(said);
        if let Some(m) = record.filter(|_| good) {
            if let Some(no) = &m.record_no {
                seen.insert(no.clone(), row.number);
            }
            lines.push((row.number, m));
        }
    }
    (lines, problems)
}

fn read(c: &mut Cells<'_>, known: &Known, year: Option<i32>, seen: &mut HashMap<String, u32>) -> Option<Model> {
    let record_no = c.need("record_no", "record_no_missing");
    if let Some(first) = seen.get(&record_no) {
        c.say("record_no", Problem::error("duplicate_record_no").with("value", &record_no).peer(*first));
    }
    let word = c.need("station", "unknown_station");
    let station = known.stations.code(&word).or_else(|| known.stations.name(&word));
    if station.is_none() && !word.is_empty() {
        c.say("station", Problem::error("unknown_station").with("value", &word));
    }
    let kind = c.need_word("kind", "unknown_service_type", |w| known.kinds.from_word(w).map(|k| k.code.clone()));
    let served_on = c.need_date("served_on");
    if let Some(day) = served_on {
        if year.is_some_and(|y| y != day.year()) {
            c.say("served_on", Problem::error("outside_report_year").with("value", day));
        } else if day > known.today {
            c.say("served_on", Problem::error("service_in_future").with("value", day));
        }
    }
    let project = c.text("project");
    let project_id = known.projects.get(&project).copied();
    if project_id.is_none() && !project.is_empty() {
        c.say("project", Problem::error("unknown_project").with("value", &project));
    }
    let households = c.count("households").unwrap_or(0);
    let hardship = c.count("hardship").unwrap_or(0);
    let activities = c.count("activities").unwrap_or(0);
    let person_times = c.count("person_times").unwrap_or(0);
    Some(Model {
        record_no: Some(record_no),
        project_id,
        kind: kind?,
        beneficiary: c.text("beneficiary"),
        recorder: c.text("recorder"),
        note: c.text("note"),
        served_on: served_on?,
        households,
        hardship,
        activities,
        person_times,
        ..blank(station?)
    })
}

async fn store(job: &mut Job<'_>, table: &Table, lines: Vec<(u32, Model)>) -> Result<()> {
    let mut on_record: HashMap<(String, String), Model> = HashMap::new();
    for chunk in lines.chunks(db::CHUNK) {
        let rows = Entity::find()
            .filter(C::RecordNo.is_in(chunk.iter().filter_map(|(_, m)| m.record_no.as_deref())))
            .all(job.txn)
            .await?;
        on_record.extend(rows.into_iter().filter_map(|m| Some(((m.county_code.clone(), m.record_no.clone()?), m))));
    }
    let mut steps = Vec::with_capacity(lines.len());
    for (number, new) in lines {
        let key = (new.county_code.clone(), new.record_no.clone().unwrap_or_default());
        let old = on_record.remove(&key);
        if let Some(m) = &old
            && m.station_id != new.station_id
        {
            // The number is another station's: not the same record told anew.
            if let Some(row) = table.rows.iter().find(|r| r.number == number) {
                let p = Problem::error("record_no_other_station").with("value", &key.1);
                job.problem(table.problem(p, row, "record_no"));
            }
            continue;
        }
        let new = match &old {
            Some(m) => Model {
                id: m.id,
                version: m.version,
                created_at: m.created_at,
                updated_at: m.updated_at,
                created_by: m.created_by,
                updated_by: m.updated_by,
                ..new
            },
            None => new,
        };
        steps.push(Step { sheet: table.sheet.clone(), row: number, old, new });
    }
    cells::store(job, steps).await?;
    Ok(())
}
