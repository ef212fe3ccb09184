//! Hour entries as the sheet that an office hands in, of whatever the reader sees.

use chrono::NaiveDate;
use poem::{Response, handler};
use serde::Deserialize;

use super::super::ops::{self, EntryFilter, EntryView};
use super::super::rules::State;
use crate::core::sheet::{self, Value};
use crate::db::list::EXPORT;
use crate::web::{self, Pages, Query, Ui};

pub(super) fn routes(r: Pages) -> Pages {
    r.get("/hour-entries/export", export)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    placement: Option<i64>,
    base: Option<i64>,
    state: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The columns of the log sheet (实习时数记录): what is handed in or decided can be read in again and changes nothing.
fn row(e: &EntryView) -> Vec<Value> {
    let text = |t: &str| Value::Text(t.to_owned());
    let time = |m: Option<i64>| Value::Text(m.map(super::rules::show_time).unwrap_or_default());
    let state = match State::parse(&e.state) {
        Some(State::Confirmed) => "已确认",
        Some(State::Returned) => "退回",
        Some(State::Submitted) => "待确认",
        Some(State::Endorsed) => "待院校签认",
        Some(State::Superseded) => "已被取代",
        Some(State::Draft) | None => "草稿",
    };
    vec![
        text(e.record_no.as_deref().unwrap_or_default()),
        text(&e.student_no),
        text(&e.person_name),
        text(&e.base_code),
        text(&e.base_name),
        Value::Text(e.worked_on.to_string()),
        time(e.starts),
        time(e.ends),
        Value::Text(super::rules::hours(e.minutes)),
        text(&e.kind),
        text(&e.project_no),
        text(&e.beneficiary),
        Value::Number(e.beneficiary_count),
        Value::Number(e.households),
        Value::Text(super::rules::hours(e.supervision_minutes)),
        text(&e.supervisor_name),
        text(state),
        text(&e.note),
    ]
}

const HEADS: [&str; 18] = [
    "记录编号",
    "学号",
    "姓名",
    "基地编码",
    "基地",
    "日期",
    "起",
    "止",
    "时数",
    "工作内容",
    "项目编号",
    "服务对象",
    "服务人次",
    "走访户数",
    "督导时数",
    "督导",
    "确认状态",
    "备注",
];

#[handler]
async fn export(ui: Ui, Query(q): Query<Asked>) -> web::Result<Response> {
    let who = ui.actor()?;
    let day = |t: &Option<String>| t.as_deref().and_then(|t| t.trim().parse::<NaiveDate>().ok());
    let filter = EntryFilter {
        placement_id: q.placement,
        base_id: q.base,
        state: q.state.as_deref().and_then(State::parse),
        from: day(&q.from),
        to: day(&q.to),
        ..EntryFilter::default()
    };
    let rows = ops::entries_to_export(ui.cx.read(), who, &filter, EXPORT).await?;
    let rows: Vec<Vec<Value>> = rows.iter().map(row).collect();
    let bytes = sheet::xlsx(&HEADS.map(str::to_owned), &rows)?;
    let name = ui.t("practicum-hours-sheet");
    Ok(web::download(&format!("{name}-{}.xlsx", ui.cx.today()), TYPE, bytes))
}
