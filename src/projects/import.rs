//! Import kind `projects`: the list of service projects (服务项目清单).

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity::{Column as C, Entity, Model};
use super::ops::{ProjectInput, merged, model};
use super::rules;
use crate::core::{Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::importing::cells::{self, Cells, Step};
use crate::importing::{Ask, Column, Job, Kind, Problem, Undo};
use crate::stations::ops::Workplaces;

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Projects;

const COLUMNS: &[Column] = &[
    Column::new("code", "项目编号", &["编号", "项目编码", "项目代码"]),
    Column::new("name", "项目名称", &["名称", "项目"]).required(),
    Column::new("beneficiary", "服务对象", &["服务人群", "受益群体", "对象"]),
    Column::new("workplace", "实施站点", &["实施单位", "承接机构", "承办单位", "实施机构", "站点", "承接单位"]),
    Column::new("starts_on", "开始日期", &["起始日期", "开始时间", "启动日期"]),
    Column::new("ends_on", "结束日期", &["截止日期", "结束时间", "完成日期"]),
    Column::new("head", "负责人", &["项目负责人", "项目主管"]),
    Column::new("state", "状态", &["项目状态", "进展"]),
    Column::new("target_times", "目标人次", &["计划服务人次", "目标服务人次", "计划人次"]),
    Column::new("target_activities", "目标活动场次", &["计划活动场次", "目标场次"]),
    Column::new("target_households", "目标户数", &["计划走访户数", "目标走访户数"]),
    Column::new("note", "备注", &["说明"]),
];

#[async_trait]
impl Kind for Projects {
    fn name(&self) -> &'static str {
        "projects"
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
            let mut seen: HashMap<String, u32> = HashMap::new();
            let mut lines = Vec::new();
            for row in &table.rows {
                let mut c = Cells::new(table, row);
                let input = read(&mut c, &county, &mut seen);
                let (good, problems) = c.finish();
                job.problems(problems);
                if good {
                    lines.push((row.number, input));
                }
            }
            let mut on_record: HashMap<String, Model> = HashMap::new();
            for chunk in lines.chunks(db::CHUNK) {
                let rows = Entity::find()
                    .filter(C::CountyCode.eq(county.as_str()))
                    .filter(C::Code.is_in(chunk.iter().map(|(_, i)| i.code.as_str())))
                    .all(job.txn)
                    .await?;
                on_record.extend(rows.into_iter().map(|m| (m.code.clone(), m)));
            }
            let steps = lines.into_iter().map(|(row, mut input)| {
                let old = on_record.remove(&input.code);
                if let Some(m) = &old {
                    keep(&mut input, m);
                }
                let new = model(input, &known);
                let new = old.as_ref().map_or_else(|| new.clone(), |m| merged(m, new.clone()));
                Step { sheet: table.sheet.clone(), row, old, new }
            });
            let steps = steps.collect();
            cells::store(job, steps).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        undo.walk(&["project"]).await?;
        undo.walk(&["region"]).await
    }
}

fn read(c: &mut Cells<'_>, county: &str, seen: &mut HashMap<String, u32>) -> ProjectInput {
    let name = c.need("name", "project_name_missing");
    let typed = c.text("code");
    // A list without codes is kept by name.
    let code = if typed.is_empty() { name.clone() } else { typed };
    if !code.is_empty() {
        let key = places::key(&code).to_lowercase();
        if let Some(first) = seen.get(&key) {
            c.say("code", Problem::error("register_row_twice").with("value", &code).peer(*first));
        } else {
            seen.insert(key, c.row.number);
        }
    }
    let (starts_on, ends_on) = (c.date("starts_on"), c.date("ends_on"));
    if starts_on.zip(ends_on).is_some_and(|(a, b)| b < a) {
        c.say("ends_on", Problem::error("end_before_start"));
    }
    ProjectInput {
        county_code: county.to_owned(),
        beneficiary: c.text("beneficiary"),
        workplace: c.text("workplace"),
        head: c.text("head"),
        note: c.text("note"),
        state: c.word("state", "project_state_unknown", rules::state).unwrap_or_default().to_owned(),
        starts_on,
        ends_on,
        target_times: c.count("target_times"),
        target_activities: c.count("target_activities"),
        target_households: c.count("target_households"),
        code,
        name,
    }
}

/// An empty cell says nothing.
fn keep(i: &mut ProjectInput, m: &Model) {
    for (new, old) in [
        (&mut i.beneficiary, &m.beneficiary),
        (&mut i.workplace, &m.workplace),
        (&mut i.head, &m.head),
        (&mut i.note, &m.note),
        (&mut i.state, &m.state),
    ] {
        if new.is_empty() {
            new.clone_from(old);
        }
    }
    i.starts_on = i.starts_on.or(m.starts_on);
    i.ends_on = i.ends_on.or(m.ends_on);
    i.target_times = i.target_times.or(m.target_times);
    i.target_activities = i.target_activities.or(m.target_activities);
    i.target_households = i.target_households.or(m.target_households);
}
