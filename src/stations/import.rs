//! Import kind `stations`: the list of stations of three levels (三级站点).

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity::station;
use super::ops::{Places, Station, StationInput, merged, model};
use super::rules::{self, Level};
use crate::core::{Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::importing::cells::{self, Cells, Step};
use crate::importing::{Ask, Column, Job, Kind, Problem, Row, Table, Undo};

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stations;

const COLUMNS: &[Column] = &[
    Column::new("code", "站点编码", &["站点编号", "编码", "站点代码", "编号"]),
    Column::new("name", "站点名称", &["社工站名称", "名称", "站点", "社工站"]).required(),
    Column::new("level", "层级", &["级别", "站点层级", "站点级别", "站点类型"]).required(),
    Column::new(
        "town",
        "乡镇(街道)",
        &["所属乡镇", "所在乡镇", "所在镇街", "乡镇街道", "所在苏木镇", "所在乡镇(街道)", "乡镇"],
    ),
    Column::new("parent", "上级站点编码", &["上级站点", "上级编码", "上级站点编号"]),
    Column::new("head", "负责人", &["站长", "负责人姓名", "联系人"]),
    Column::new("phone", "联系电话", &["电话", "手机号", "联系方式"]),
    Column::new("opened_on", "启用日期", &["成立日期", "建成日期", "启用时间", "开放日期"]),
    Column::new("phase", "建设阶段", &["阶段", "建设情况"]),
    Column::new("state", "状态", &["运行状态", "使用状态"]),
    Column::new("address", "地址", &["站点地址", "详细地址"]),
    Column::new("note", "备注", &["说明"]),
];

/// A good row before its parent is known.
struct Line<'t> {
    row: &'t Row,
    level: Level,
    parent: String,
    input: StationInput,
}

#[async_trait]
impl Kind for Stations {
    fn name(&self) -> &'static str {
        "stations"
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
        let known = Places::load(job.txn, &county).await?;
        for table in job.tables {
            let mut seen: HashMap<String, u32> = HashMap::new();
            let mut lines = Vec::new();
            for row in &table.rows {
                let mut c = Cells::new(table, row);
                let line = read(&mut c, &county, &mut seen);
                let (good, problems) = c.finish();
                job.problems(problems);
                if let Some(line) = line.filter(|_| good) {
                    lines.push(line);
                }
            }
            store(job, table, &county, &known, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        // The last made go first: villages before towns before the county.
        undo.walk(&["station"]).await?;
        undo.walk(&["region"]).await
    }
}

fn read<'t>(c: &mut Cells<'t>, county: &str, seen: &mut HashMap<String, u32>) -> Option<Line<'t>> {
    let name = c.need("name", "station_name_missing");
    let typed = c.text("code");
    // A list without codes is kept by name.
    let code = if typed.is_empty() { name.clone() } else { typed };
    let level = c.need_word("level", "station_level_unknown", Level::from_word);
    let phase = c.word("phase", "station_phase_unknown", rules::phase).unwrap_or_default();
    let state = c.word("state", "station_state_unknown", rules::state).unwrap_or_default();
    if !code.is_empty() {
        let key = places::key(&code).to_lowercase();
        if let Some(first) = seen.get(&key) {
            c.say("code", Problem::error("register_row_twice").with("value", &code).peer(*first));
        } else {
            seen.insert(key, c.row.number);
        }
    }
    let input = StationInput {
        level: level.map_or("", Level::name).to_owned(),
        phase: phase.to_owned(),
        state: state.to_owned(),
        county_code: county.to_owned(),
        town: c.text("town"),
        parent_id: None,
        head: c.text("head"),
        phone: c.text("phone"),
        address: c.text("address"),
        note: c.text("note"),
        opened_on: c.date("opened_on"),
        code,
        name,
    };
    Some(Line { row: c.row, level: level?, parent: c.text("parent"), input })
}

async fn store(job: &mut Job<'_>, table: &Table, county: &str, known: &Places, lines: Vec<Line<'_>>) -> Result<()> {
    let mut on_record: HashMap<String, Station> = HashMap::new();
    let codes = lines.iter().flat_map(|l| [l.input.code.clone(), l.parent.clone()]).filter(|c| !c.is_empty());
    let codes: Vec<String> = codes.collect();
    for chunk in codes.chunks(db::CHUNK) {
        let rows = station::Entity::find()
            .filter(station::Column::CountyCode.eq(county))
            .filter(station::Column::Code.is_in(chunk.iter().map(String::as_str)))
            .all(job.txn)
            .await?;
        on_record.extend(rows.into_iter().map(|m| (m.code.clone(), m)));
    }
    // From the top down, so that the station above is there before those below it.
    for level in Level::ALL {
        let mut steps = Vec::new();
        for line in lines.iter().filter(|l| l.level == level) {
            let mut input = line.input.clone();
            if !line.parent.is_empty() {
                let above = on_record.get(&line.parent);
                let fault = match above.map(|p| Level::parse(&p.level)) {
                    None => Some("station_parent_unknown"),
                    Some(l) if l >= Some(level) => Some("station_parent_level"),
                    Some(_) => None,
                };
                if let Some(code) = fault {
                    let p = Problem::error(code).with("value", &line.parent);
                    job.problem(table.problem(p, line.row, "parent"));
                    continue;
                }
                input.parent_id = above.map(|p| p.id);
            }
            let old = on_record.get(&input.code).cloned();
            if let Some(m) = &old {
                keep(&mut input, m);
            }
            let region = known.region(&input);
            let mut new = model(input, region);
            if let Some(m) = &old {
                new = merged(m, new);
            }
            steps.push(Step { sheet: table.sheet.clone(), row: line.row.number, old, new });
        }
        let stored = cells::store(job, steps).await?;
        on_record.extend(stored.into_iter().map(|m| (m.code.clone(), m)));
    }
    Ok(())
}

/// An empty cell says nothing.
fn keep(i: &mut StationInput, m: &Station) {
    for (new, old) in [
        (&mut i.phase, &m.phase),
        (&mut i.state, &m.state),
        (&mut i.town, &m.town),
        (&mut i.head, &m.head),
        (&mut i.phone, &m.phone),
        (&mut i.address, &m.address),
        (&mut i.note, &m.note),
    ] {
        if new.is_empty() {
            new.clone_from(old);
        }
    }
    i.parent_id = i.parent_id.or(m.parent_id);
    i.opened_on = i.opened_on.or(m.opened_on);
}
