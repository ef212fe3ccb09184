//! The base's hour log (实习时数记录): one row a day and intern, judged by the same rules of the programme as what interns
//! log, but for the window within which they may. Where the campus signs too, a confirmed row waits for its signature.
//!
//! A record is known by its number (记录编号), or without one by intern, placement, day, times and hours. A record on file
//! that is confirmed is never overwritten by a file; one that is not takes the file's word. Refused rows claim no time.

mod judge;
mod known;
mod store;

use async_trait::async_trait;

use super::programme;
use crate::core::{Result, Role};
use crate::importing::{Ask, Column, Job, Kind, Undo};
use crate::pipeline;

/// The columns of the log sheet.
pub static COLUMNS: &[Column] = &[
    Column::new("record_no", "记录编号", &["编号", "记录号", "流水号"]),
    Column::new("student_no", "学号", &["学生学号"]).required(),
    Column::new("name", "姓名", &["学生姓名", "实习生", "实习生姓名"]),
    Column::new("base", "基地编码", &["基地编号", "基地代码", "实习基地编码"]).required(),
    Column::new("date", "日期", &["实习日期", "服务日期"]).required(),
    Column::new("from", "起", &["开始时间", "起始时间", "开始"]),
    Column::new("to", "止", &["结束时间", "终止时间", "结束"]),
    Column::new("hours", "时数", &["小时", "小时数", "实习时数"]).required(),
    Column::new("kind", "工作内容", &["工作类型", "内容"]),
    Column::new("project", "项目编号", &["项目编码"]),
    Column::new("beneficiary", "服务对象", &["服务人群"]),
    Column::new("count", "服务人次", &["人次"]),
    Column::new("households", "走访户数", &["户数", "户次"]),
    Column::new("supervision", "督导时数", &["督导小时"]),
    Column::new("supervisor", "督导", &["机构督导", "带教", "督导签字"]),
    Column::new("state", "确认状态", &["状态", "确认情况"]),
    Column::new("note", "备注", &["说明"]),
];

/// The import kind `hours`.
#[derive(Clone, Copy, Debug)]
pub struct Hours;

#[async_trait]
impl Kind for Hours {
    fn name(&self) -> &'static str {
        "hours"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn roles(&self) -> &'static [Role] {
        &[Role::Administrator, Role::Trainer]
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Year]
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let year = job.params.need_year()?;
        let tables = job.tables;
        let known = known::Known::load(job.txn, job.who, tables).await?;
        let people = known.people();
        let open = pipeline::open(job.txn, &people).await?;
        let (practicum, schemes) = (programme::of(job.cx)?, crate::schemes::of(job.cx)?);
        let book = judge::Book { practicum: &practicum, schemes: &schemes, today: job.cx.today() };
        let mut judge = judge::Judge::new(&known, book, year);
        let mut good = Vec::new();
        for table in tables {
            let places = judge::Places::of(table);
            for row in &table.rows {
                let remarks = table.row_problems(row);
                let refused = remarks.iter().any(crate::importing::Problem::is_error);
                job.problems(remarks);
                if refused {
                    continue;
                }
                let (verdict, problems) = judge.row(table, &places, row);
                job.problems(problems);
                good.extend(verdict);
            }
        }
        store::store(job, &known, good).await?;
        open.close(job.txn, job.cx, super::ops::facts(job.txn, &people).await?).await
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let (cx, txn) = (undo.cx, undo.txn);
        let mut ids = undo.ids("hour_entry", "insert");
        ids.extend(undo.ids("hour_entry", "update"));
        let people = store::people_of(txn, &ids).await?;
        let open = pipeline::open(txn, &people).await?;
        undo.walk(&["hour_entry"]).await?;
        open.close(txn, cx, super::ops::facts(txn, &people).await?).await
    }
}
