//! Marks of a class by file (成绩表): a row is one person's mark in one written component.
//!
//! People are matched within the class's roster by name and phone. A practical exercise is marked by its rubric and
//! attendance is computed, so neither comes by file; nor does a correction after publication, which needs a reason. What
//! was changed by hand since is not overwritten.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;

use super::entity::mark;
use super::ops::{Book, Component, locked};
use super::rules::{Barred, Kind as Sort, MOST, Typed, Unread, hand_of, read_mark};
use crate::audit;
use crate::classes::import::{Roster, Who};
use crate::classes::ops as classes;
use crate::core::page::PageReq;
use crate::core::{Actor, Error, Result};
use crate::db::{self, Cx};
use crate::importing::text::squeeze;
use crate::importing::{Ask, Before, Column, Job, Kind, Params, Problem, Row, Table, Undo};
use crate::people::rules::name::key as name_key;
use crate::people::rules::phone;
use crate::pipeline;
use crate::records;

static COLUMNS: &[Column] = &[
    Column::new("no", "序号", &["编号"]),
    Column::new("name", "姓名", &["学员姓名", "学员"]).required(),
    Column::new("unit", "单位", &["工作单位", "所在单位"]),
    Column::new("phone", "电话", &["联系电话", "手机", "手机号", "手机号码"]),
    Column::new("component", "考核项目", &["项目", "科目"]),
    Column::new("mark", "成绩", &["分数", "得分", "考试成绩"]).required(),
];

/// The import kind `marks`.
#[derive(Clone, Copy, Debug)]
pub struct Marks;

#[async_trait]
impl Kind for Marks {
    fn name(&self) -> &'static str {
        "marks"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Class]
    }

    async fn choices(&self, cx: &Cx, who: &Actor, ask: Ask) -> Result<Vec<(String, String)>> {
        if ask != Ask::Class {
            return Ok(Vec::new());
        }
        let all = PageReq { limit: Some(PageReq::MAX), after: None };
        let list = classes::classes(cx.read(), who, &all).await?.items;
        Ok(list.into_iter().map(|c| (c.code.clone(), format!("{} ({})", c.name, c.code))).collect())
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let word = Params::need("class", job.params.class.as_deref())?;
        let class = classes::by_code_or_name(job.txn, job.who, &word).await?;
        let people = classes::everybody(job.txn, class.id).await?;
        let open = pipeline::open(job.txn, &people).await?;
        let row = locked(job.txn, class.id).await?;
        let book = Book::of(job.txn, job.cx, row.clone()).await?;
        if book.published() {
            return Err(Error::conflict("assessment-published-import"));
        }
        let roster = Roster::load(job.txn, class.id).await?;
        let mut seen = HashMap::new();
        for table in job.tables {
            sheet(job, &book, &roster, &mut seen, table).await?;
        }
        Book::of(job.txn, job.cx, row).await?.tell(job.txn, job.cx, job.who).await?;
        let facts = classes::facts(job.txn, &people).await?;
        open.close(job.txn, job.cx, facts).await
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let (cx, txn, who) = (undo.cx, undo.txn, undo.who);
        let mut ids = undo.ids("assessment_mark", "insert");
        ids.extend(undo.ids("assessment_mark", "update"));
        let mut of = BTreeSet::new();
        for chunk in ids.chunks(db::CHUNK) {
            let sql = format!(
                "SELECT MIN(a.class_id) FROM assessment_mark m JOIN assessment_component c ON c.id = m.component_id \
                 JOIN assessment a ON a.id = c.assessment_id WHERE m.id IN ({})",
                db::places(chunk.len())
            );
            of.extend(db::int(txn, &sql, chunk.iter().map(|i| (*i).into()).collect::<Vec<_>>()).await?);
        }
        // An import is of one class; its marks may all be gone by now.
        let Some(class_id) = of.into_iter().next() else { return undo.walk(&["assessment_mark"]).await };
        let people = classes::everybody(txn, class_id).await?;
        let open = pipeline::open(txn, &people).await?;
        let row = locked(txn, class_id).await?;
        if row.state == "published" {
            return Err(Error::conflict("assessment-published-undo"));
        }
        undo.walk(&["assessment_mark"]).await?;
        Book::of(txn, cx, row).await?.tell(txn, cx, who).await?;
        open.close(txn, cx, classes::facts(txn, &people).await?).await
    }
}

/// One good row.
struct Good {
    component_id: i64,
    enrolment_id: i64,
    hand: i64,
    mark: i64,
    absent: bool,
    old: Option<mark::Model>,
}

async fn sheet(
    job: &mut Job<'_>,
    book: &Book,
    roster: &Roster,
    seen: &mut HashMap<(i64, i64), u32>,
    table: &Table,
) -> Result<()> {
    let mut fresh: Vec<(u32, mark::Model)> = Vec::new();
    for row in &table.rows {
        let remarks = table.row_problems(row);
        let refused = remarks.iter().any(Problem::is_error);
        job.problems(remarks);
        if refused {
            continue;
        }
        let good = match judge(book, roster, seen, job.who, table, row) {
            Ok(Some(good)) => good,
            Ok(None) => {
                job.unchanged(&table.sheet, row.number);
                continue;
            }
            Err(p) => {
                job.problem(p);
                continue;
            }
        };
        let new = model(job.who, &good);
        match good.old {
            None => fresh.push((row.number, new)),
            Some(old) => {
                let change = audit::Change::new("update", "assessment_mark", old.id, 0).import(Some(job.import_id));
                let was = Before::of(records::differing(&old, &new));
                let now = records::update(job.txn, job.cx, job.who, &old, new, change).await?;
                job.updated("assessment_mark", now.id, now.version, was, Some(row.number));
            }
        }
    }
    let rows: Vec<mark::Model> = fresh.iter().map(|f| f.1.clone()).collect();
    let made = records::insert_many(job.txn, job.cx, job.who, rows, Some(job.import_id)).await?;
    for (m, (row, _)) in made.iter().zip(&fresh) {
        job.inserted("assessment_mark", m.id, Some(*row));
    }
    Ok(())
}

fn model(who: &Actor, g: &Good) -> mark::Model {
    let never = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
    let base = g.old.clone().unwrap_or_else(|| mark::Model {
        id: 0,
        component_id: g.component_id,
        enrolment_id: g.enrolment_id,
        hand: g.hand,
        mark: 0,
        points: String::new(),
        absent: false,
        marker_id: None,
        marker_name: String::new(),
        reason: String::new(),
        version: 0,
        created_at: never,
        updated_at: never,
        created_by: None,
        updated_by: None,
    });
    mark::Model { mark: g.mark, absent: g.absent, marker_id: who.user_id, marker_name: who.name.clone(), ..base }
}

/// The component a row names; without a name the only written one.
fn component<'b>(book: &'b Book, name: &str) -> std::result::Result<&'b Component, &'static str> {
    let mut written = book.components.iter().filter(|c| c.kind == Sort::Written);
    if name.is_empty() {
        return match (written.next(), written.next()) {
            (Some(c), None) => Ok(c),
            _ => Err("mark_component_missing"),
        };
    }
    let found = book.components.iter().find(|c| squeeze(&c.row.name) == name).ok_or("mark_component_unknown")?;
    if found.kind == Sort::Written { Ok(found) } else { Err("mark_component_not_by_file") }
}

fn judge(
    book: &Book,
    roster: &Roster,
    seen: &mut HashMap<(i64, i64), u32>,
    who: &Actor,
    table: &Table,
    row: &Row,
) -> std::result::Result<Option<Good>, Problem> {
    let no = |code: &'static str, key: &str| {
        table.problem(Problem::error(code).with("value", table.cell(row, key).show()), row, key)
    };
    let text = |key: &'static str| match table.cell(row, key).to_text() {
        Ok(t) => Ok(t.unwrap_or_default()),
        Err(code) => Err(no(code, key)),
    };
    let name = text("name")?;
    if name.is_empty() {
        return Err(no("name_missing", "name"));
    }
    let phone = phone::tidy(&squeeze(&text("phone")?));
    let person_id = match roster.find(&name_key(&name), &phone) {
        Who::One(id) => id,
        Who::Several => return Err(no("namesakes_need_phone", "phone")),
        Who::Nobody => return Err(no("not_on_roster", "name")),
        Who::Disagree(_) => return Err(no("name_phone_disagree", "name")),
    };
    let member = book.members.iter().find(|m| m.person_id == person_id);
    let enrolment_id = member.ok_or_else(|| no("not_on_roster", "name"))?.enrolment_id;
    let c = component(book, &squeeze(&text("component")?)).map_err(|code| no(code, "component"))?;
    if let Some(first) = seen.insert((c.row.id, enrolment_id), row.number) {
        return Err(table.problem(Problem::error("mark_twice").peer(first), row, "name"));
    }
    // Shown, a spreadsheet's number is as short as it can be; read, it has two decimals at most.
    let shown = table.cell(row, "mark").show();
    let (mark, absent) = match read_mark(&shown, c.row.full_mark.min(MOST)) {
        Ok(Typed::Mark(m)) => (m, false),
        Ok(Typed::Absent) => (0, true),
        Ok(Typed::Nothing) => return Ok(None),
        Err(Unread::Above) => return Err(no("mark_above_full", "mark")),
        Err(Unread::NotANumber) => return Err(no("mark_unreadable", "mark")),
    };
    let given = book.given(c.row.id, enrolment_id);
    let came = book.came(c, enrolment_id, person_id);
    let hand = hand_of(c.row.double_marked, came, given.markers(), who.user_id).map_err(|b| match b {
        Barred::BothIn => no("mark_both_in", "mark"),
        Barred::Nameless => no("mark_needs_account", "mark"),
    })?;
    let old = given.of(hand).cloned();
    if let Some(o) = &old {
        if (o.mark, o.absent) == (mark, absent) {
            return Ok(None);
        }
        if o.version > 1 {
            return Err(no("mark_differs", "mark"));
        }
    }
    Ok(Some(Good { component_id: c.row.id, enrolment_id, hand: hand.number(), mark, absent, old }))
}
