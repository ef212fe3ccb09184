//! Rows under the records that hold none: totals, signatures, notes.

use super::cell::Cell;
use super::table::{Column, Row};
use super::text::squeeze;

/// Words that begin a footer when nothing, a colon, a number or a bracket follows.
const WORDS: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总数",
    "合计人数",
    "总人数",
    "应到",
    "实到",
    "应到人数",
    "实到人数",
    "缺勤",
    "填表人",
    "填报人",
    "制表人",
    "制表",
    "审核人",
    "审核",
    "审批人",
    "复核人",
    "复核",
    "经办人",
    "负责人",
    "负责人签字",
    "单位负责人",
    "联系人",
    "填报单位",
    "填表单位",
    "填报日期",
    "填表日期",
    "制表日期",
    "日期",
    "盖章",
    "单位盖章",
    "签字",
    "签名",
    "授课人签字",
    "班主任",
    "班主任签字",
    "记录人",
    "注",
    "备注",
    "说明",
    "填表说明",
    "填写说明",
    "附注",
    "total",
    "note",
    "notes",
];
/// Beginnings that are footers whatever follows.
const BEGINNINGS: &[&str] = &["以下空白", "以上共", "本表一式", "以下无正文", "此表"];

/// What a record of a kind looks like, to tell it from a footer.
pub(super) struct Shape {
    required: Vec<usize>,
    known: Vec<usize>,
}

impl Shape {
    pub(super) fn new(columns: &[Column], places: &[Option<usize>]) -> Self {
        let of = |only: bool| {
            columns.iter().zip(places).filter(|(c, _)| c.required || !only).filter_map(|(_, p)| *p).collect::<Vec<_>>()
        };
        Self { required: of(true), known: of(false) }
    }

    /// A row that begins like a footer and is not filled like a record; or one long sentence alone in a row.
    pub(super) fn is_footer(&self, row: &Row) -> bool {
        let mut filled = row.cells.iter().enumerate().filter(|(_, c)| !c.is_blank());
        let Some((place, first)) = filled.next() else { return false };
        let Cell::Text(text) = first else { return false };
        if begins_footer(text) {
            let all = !self.required.is_empty()
                && self.required.iter().all(|i| match row.cell(*i) {
                    Cell::Text(t) => !squeeze(t).is_empty() && !begins_footer(t),
                    c => !c.is_blank(),
                });
            let count = self.known.iter().filter(|i| !row.cell(**i).is_blank()).count();
            return !(all && count * 2 > self.known.len());
        }
        let alone = filled.next().is_none();
        alone && place == 0 && self.known.len() > 2 && text.chars().count() > 12
    }
}

fn begins_footer(text: &str) -> bool {
    let Some(first) = super::text::trim(text).chars().next() else { return false };
    let all = || BEGINNINGS.iter().chain(WORDS);
    if first.is_ascii_digit() || (!first.is_ascii() && !all().any(|w| w.starts_with(first))) {
        return false;
    }
    let text = squeeze(text);
    let text = text.to_lowercase();
    if BEGINNINGS.iter().any(|w| text.starts_with(w)) {
        return true;
    }
    WORDS.iter().any(|w| {
        text.strip_prefix(w).is_some_and(|rest| {
            rest.chars().next().is_none_or(|c| {
                matches!(c, ':' | '(' | '/' | '=' | '.') || c.is_ascii_digit() || c == '人' || c == '共'
            })
        })
    })
}
