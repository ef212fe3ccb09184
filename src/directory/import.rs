//! Import kind `bases`: the base ledger (实习基地台账) makes bases, campuses, agreements and supervisors.

use std::collections::HashMap;

use async_trait::async_trait;

use super::ops::ledger::{Ledger, LedgerLine, Stored};
use super::ops::{Agreement, Base, regions};
use super::rules::{self, BaseKind};
use crate::core::{Result, Role};
use crate::importing::text::trim;
use crate::importing::{Ask, Before, Column, Job, Kind, Problem, Row, Table, Undo};

/// The kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bases;

const COLUMNS: &[Column] = &[
    Column::new("code", "基地编码", &["基地编号", "编码", "基地代码"]),
    Column::new("name", "基地名称", &["实习基地", "实习基地名称", "基地", "单位名称"]).required(),
    Column::new("kind", "基地类型", &["类型", "基地类别"]),
    Column::new("town", "乡镇(街道)", &["所在乡镇", "所属乡镇", "乡镇街道", "所在乡镇(街道)", "所在苏木镇"]),
    Column::new("campus", "合作高校", &["合作院校", "合作学校", "高校", "院校"]),
    Column::new("number", "协议编号", &["协议号"]),
    Column::new("from", "协议起", &["协议起始", "协议开始", "协议起始日期", "协议开始日期"]),
    Column::new("to", "协议止", &["协议截止", "协议结束", "协议截止日期", "协议结束日期"]),
    Column::new("capacity", "容量", &["接收容量", "可接收人数", "接收人数"]),
    Column::new("campus_mentor", "学校督导", &["校内督导", "学校指导教师"]),
    Column::new("supervisor", "机构督导", &["基地督导", "带教", "带教老师", "机构带教"]),
    Column::new("evaluation", "年度考核结果", &["年度考核", "考核结果"]),
];

#[async_trait]
impl Kind for Bases {
    fn name(&self) -> &'static str {
        "bases"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn roles(&self) -> &'static [Role] {
        &[Role::Administrator, Role::Trainer]
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Region]
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let (txn, cx, who, import_id) = (job.txn, job.cx, job.who, job.import_id);
        let region = regions::of_import(job).await?;
        let mut ledger = Ledger::open(txn, cx, who, &region, Some(import_id)).await?;
        let mut seen: HashMap<String, u32> = HashMap::new();
        for table in job.tables {
            for (done, row) in table.rows.iter().enumerate() {
                let judged = judge(table, row, &mut seen);
                let refused = judged.problems.iter().any(Problem::is_error) || job.is_refused(&table.sheet, row.number);
                job.problems(judged.problems);
                if refused {
                    continue;
                }
                let stored = ledger.store(&judged.line).await?;
                if stored.is_empty() {
                    job.unchanged(&table.sheet, row.number);
                }
                for s in stored {
                    note(job, s, row.number);
                }
                if done % 100 == 0 {
                    job.progress(done);
                }
            }
        }
        Ok(())
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        undo.walk(&["agreement", "supervisor"]).await?;
        undo.walk(&["base"]).await?;
        undo.walk(&["campus", "region"]).await
    }
}

struct Judged {
    line: LedgerLine,
    problems: Vec<Problem>,
}

fn judge(table: &Table, row: &Row, seen: &mut HashMap<String, u32>) -> Judged {
    let mut problems = Vec::new();
    let mut bad = |p: Problem, key: &str| problems.push(table.problem(p, row, key));
    let mut text = |key: &'static str| match table.cell(row, key).to_text() {
        Ok(t) => trim(&t.unwrap_or_default()).to_owned(),
        Err(code) => {
            bad(Problem::error(code), key);
            String::new()
        }
    };
    let name = text("name");
    let code = text("code");
    let kind_word = text("kind");
    let (town, campus, number) = (text("town"), text("campus"), text("number"));
    let (campus_mentor, supervisor, evaluation) = (text("campus_mentor"), text("supervisor"), text("evaluation"));
    let mut date = |key: &'static str| match table.cell(row, key).to_date() {
        Ok(d) => d.and_then(crate::importing::date::DateValue::first_day),
        Err(code) => {
            bad(Problem::error(code).with("value", table.cell(row, key).show()), key);
            None
        }
    };
    let (valid_from, valid_to) = (date("from"), date("to"));
    let capacity = match table.cell(row, "capacity").to_whole() {
        Ok(Some(n)) if !(0..=100_000).contains(&n) => {
            bad(Problem::error("negative_count").with("value", n), "capacity");
            None
        }
        Ok(n) => n,
        Err(code) => {
            bad(Problem::error(code).with("value", table.cell(row, "capacity").show()), "capacity");
            None
        }
    };
    if valid_from.zip(valid_to).is_some_and(|(a, b)| b < a) {
        bad(Problem::error("end_before_start"), "to");
    }
    if name.is_empty() {
        bad(Problem::error("base_name_missing"), "name");
    }
    // A ledger without numbers is kept by name.
    let code = if code.is_empty() { name.clone() } else { code };
    if let Some(first) = seen.insert(rules::key(&code), row.number).filter(|_| !code.is_empty()) {
        bad(Problem::error("duplicate_row").peer(first), "code");
    }
    let kind = match BaseKind::from_ledger(&kind_word) {
        Some(BaseKind::Other) if kind_word.is_empty() => None,
        Some(k) => Some(k),
        None => {
            bad(Problem::warning("base_kind_unknown").with("value", &kind_word), "kind");
            Some(BaseKind::Other)
        }
    };
    let line = LedgerLine {
        code,
        name,
        kind,
        town,
        campus,
        agreement_number: number,
        valid_from,
        valid_to,
        capacity,
        campus_mentor,
        supervisor,
        evaluation,
    };
    Judged { line, problems }
}

fn note(job: &mut Job<'_>, stored: Stored, row: u32) {
    let row = Some(row);
    match stored {
        Stored::Campus { id } => job.inserted("campus", id, row),
        Stored::Supervisor { id } => job.inserted("supervisor", id, row),
        Stored::Base { id, was: None, .. } => job.inserted("base", id, row),
        Stored::Base { id, was: Some(was), version } => job.updated("base", id, version, base_before(&was), row),
        Stored::Agreement { id, was: None, .. } => job.inserted("agreement", id, row),
        Stored::Agreement { id, was: Some(was), version } => {
            job.updated("agreement", id, version, agreement_before(&was), row);
        }
    }
}

/// All columns a ledger can change, as they were.
fn base_before(b: &Base) -> Before {
    Before::new()
        .text("name", b.name.clone())
        .text("kind", b.kind.clone())
        .text("town", b.town.clone())
        .text("evaluation", b.evaluation.clone())
        .int("capacity", b.capacity)
}

fn agreement_before(a: &Agreement) -> Before {
    Before::new()
        .text("campus_mentor", a.campus_mentor.clone())
        .date("valid_from", a.valid_from)
        .date("valid_to", a.valid_to)
}
