//! Import kind `organisations`: the list of social organisations (社会组织名录).

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity::{Column as C, Entity, Model};
use super::ops::{OrganisationInput, merged, model};
use super::rules::{self, Kind as OrganisationKind};
use crate::core::{Result, Role};
use crate::db;
use crate::directory::ops::regions;
use crate::directory::rules as places;
use crate::importing::cells::{self, Cells, Step};
use crate::importing::{Ask, Column, Job, Kind, Problem, Row, Table, Undo};

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Organisations;

const COLUMNS: &[Column] = &[
    Column::new("no", "序号", &["编号"]),
    Column::new("name", "单位名称", &["组织名称", "社会组织名称", "机构名称", "名称"]).required(),
    Column::new("credit_code", "统一社会信用代码", &["社会信用代码", "信用代码", "统一信用代码", "代码"]),
    Column::new("kind", "组织类型", &["类型", "类别", "组织类别", "登记类型"]).required(),
    Column::new("registered_on", "登记日期", &["成立日期", "登记时间", "成立时间", "注册日期"]),
    Column::new("authority", "业务主管单位", &["主管单位", "业务主管部门", "主管部门"]),
    Column::new(
        "town",
        "乡镇(街道)",
        &["所在苏木镇", "所属乡镇", "所在乡镇", "所在镇街", "所属镇街", "乡镇街道", "所在乡镇(街道)", "乡镇"],
    ),
    Column::new("head", "负责人", &["法定代表人", "法人", "法人代表", "负责人姓名"]),
    Column::new("phone", "联系电话", &["电话", "手机号", "联系方式", "手机"]),
    Column::new("park", "孵化园", &["孵化基地", "所在孵化园", "入驻园区"]),
    Column::new("state", "状态", &["登记状态", "存续状态"]),
    Column::new("note", "备注", &["说明"]),
];

#[async_trait]
impl Kind for Organisations {
    fn name(&self) -> &'static str {
        "organisations"
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
        let towns = regions::towns_below(job.txn, &county).await?;
        for table in job.tables {
            let mut seen = Seen::default();
            let mut lines = Vec::new();
            for row in &table.rows {
                let mut c = Cells::new(table, row);
                let input = read(&mut c, &county, &mut seen);
                let (good, problems) = c.finish();
                job.problems(problems);
                if good {
                    seen.add(&input, row.number);
                    lines.push((row, input));
                }
            }
            store(job, table, &towns, &county, lines).await?;
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        undo.walk(&["organisation"]).await?;
        undo.walk(&["region"]).await
    }
}

/// The good rows so far.
#[derive(Default)]
struct Seen {
    codes: HashMap<String, u32>,
    names: HashMap<String, u32>,
}

impl Seen {
    fn add(&mut self, i: &OrganisationInput, row: u32) {
        if !i.credit_code.is_empty() {
            self.codes.insert(i.credit_code.clone(), row);
        }
        self.names.insert(places::key(&i.name), row);
    }
}

fn read(c: &mut Cells<'_>, county: &str, seen: &mut Seen) -> OrganisationInput {
    let name = c.need("name", "organisation_name_missing");
    let typed = c.text("credit_code");
    let mut code = String::new();
    if !typed.is_empty() {
        match rules::credit_code(&typed) {
            Ok(tidy) => code = tidy,
            Err(fault) => c.say("credit_code", Problem::error(fault).with("value", &typed)),
        }
    }
    let kind = c.need_word("kind", "organisation_kind_unknown", OrganisationKind::from_word);
    if let (Some(kind), Some(of_code)) = (kind, OrganisationKind::of_code(&code))
        && kind != of_code
    {
        c.say("credit_code", Problem::warning("credit_code_other_kind").with("value", &code));
    }
    let state = c.word("state", "organisation_state_unknown", rules::state).unwrap_or_default();
    if let Some(first) = seen.codes.get(&code) {
        c.say("credit_code", Problem::error("credit_code_twice").with("value", &code).peer(*first));
    } else if let Some(first) = seen.names.get(&places::key(&name)) {
        // Two of one name may be two; without a code nothing tells them apart.
        let p = if code.is_empty() {
            Problem::error("register_row_twice")
        } else {
            Problem::warning("organisation_namesake")
        };
        c.say("name", p.with("value", &name).peer(*first));
    }
    OrganisationInput {
        credit_code: code,
        kind: kind.unwrap_or(OrganisationKind::Other).name().to_owned(),
        state: state.to_owned(),
        county_code: county.to_owned(),
        town: c.text("town"),
        authority: c.text("authority"),
        head: c.text("head"),
        phone: c.text("phone"),
        park: c.text("park"),
        note: c.text("note"),
        registered_on: c.date("registered_on"),
        name,
    }
}

async fn store(
    job: &mut Job<'_>,
    table: &Table,
    towns: &HashMap<String, String>,
    county: &str,
    lines: Vec<(&Row, OrganisationInput)>,
) -> Result<()> {
    let mut by_code: HashMap<String, Model> = HashMap::new();
    let mut by_name: HashMap<String, Vec<Model>> = HashMap::new();
    let codes: Vec<&str> = lines.iter().map(|(_, i)| i.credit_code.as_str()).filter(|c| !c.is_empty()).collect();
    for chunk in codes.chunks(db::CHUNK) {
        let rows = Entity::find().filter(C::CreditCode.is_in(chunk.iter().copied())).all(job.txn).await?;
        by_code.extend(rows.into_iter().filter_map(|m| Some((m.credit_code.clone()?, m))));
    }
    let names: Vec<String> = lines.iter().map(|(_, i)| places::key(&i.name)).collect();
    for chunk in names.chunks(db::CHUNK) {
        let known = Entity::find()
            .filter(C::NameKey.is_in(chunk.iter().map(String::as_str)))
            .filter(C::CountyCode.eq(county))
            .all(job.txn)
            .await?;
        for m in known {
            by_name.entry(m.name_key.clone()).or_default().push(m);
        }
    }
    let mut steps = Vec::with_capacity(lines.len());
    let mut used: HashMap<i64, u32> = HashMap::new();
    for (row, mut input) in lines {
        // By its code; one that had none when it was recorded, or has none in this file, by its name in this register.
        let old = by_code.get(&input.credit_code).cloned().or_else(|| {
            let same = by_name.get(&places::key(&input.name))?.as_slice();
            let [one] = same else { return None };
            (one.credit_code.is_none() || input.credit_code.is_empty()).then(|| one.clone())
        });
        if let Some(m) = &old {
            if !places::within(&job.who.scope.regions, &m.county_code) {
                let p = Problem::error("register_row_not_yours").with("value", &input.name);
                job.problem(table.problem(p, row, "credit_code"));
                continue;
            }
            if let Some(first) = used.insert(m.id, row.number) {
                let p = Problem::error("register_row_twice").with("value", &input.name).peer(first);
                job.problem(table.problem(p, row, "name"));
                continue;
            }
            keep(&mut input, m);
        }
        let region = towns.get(&places::key(&input.town)).cloned().unwrap_or_else(|| input.county_code.clone());
        let mut new = model(input, region);
        if let Some(m) = &old {
            new = merged(m, new);
        }
        steps.push(Step { sheet: table.sheet.clone(), row: row.number, old, new });
    }
    cells::store(job, steps).await?;
    Ok(())
}

/// An empty cell says nothing, and a file of another region does not move what is on record.
fn keep(i: &mut OrganisationInput, m: &Model) {
    i.county_code.clone_from(&m.county_code);
    if i.credit_code.is_empty() {
        i.credit_code = m.credit_code.clone().unwrap_or_default();
    }
    for (new, old) in [
        (&mut i.state, &m.state),
        (&mut i.town, &m.town),
        (&mut i.authority, &m.authority),
        (&mut i.head, &m.head),
        (&mut i.phone, &m.phone),
        (&mut i.park, &m.park),
        (&mut i.note, &m.note),
    ] {
        if new.is_empty() {
            new.clone_from(old);
        }
    }
    i.registered_on = i.registered_on.or(m.registered_on);
}
