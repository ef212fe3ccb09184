//! Sign-in sheets (培训签到表): each sheet is one session, named in its title row, each row one person of the class.
//!
//! People are matched within the class's roster by name and phone. A second signature of the same person, a name that does
//! not belong to the phone, and people who are not in the class are refused. What was changed by hand since is not
//! overwritten by a file.

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{DatabaseTransaction, FromQueryResult};

use super::entity::{attendance, class};
use super::ops::{self, Line, NewSession};
use super::rules::{self, Slot};
use crate::audit;
use crate::core::page::PageReq;
use crate::core::{Actor, Result};
use crate::db::{self, Cx};
use crate::importing::text::{squeeze, trim};
use crate::importing::{Ask, Before, Cell, Column, Job, Kind, Params, Problem, Row, Table, Undo};
use crate::people::rules::name::key as name_key;
use crate::people::rules::phone;
use crate::pipeline;

static COLUMNS: &[Column] = &[
    Column::new("no", "序号", &["编号"]),
    Column::new("name", "姓名", &["学员姓名", "学员"]).required(),
    Column::new("unit", "单位", &["工作单位", "所在单位"]),
    Column::new("phone", "电话", &["联系电话", "手机", "手机号", "手机号码"]),
    Column::new("sign_in", "签到", &["签到时间", "签到(时间)"]).required(),
    Column::new("sign_out", "签退", &["签退时间"]),
    Column::new("note", "备注", &["说明"]),
];

/// The import kind `attendance`.
#[derive(Clone, Copy, Debug)]
pub struct Attendance;

#[async_trait]
impl Kind for Attendance {
    fn name(&self) -> &'static str {
        "attendance"
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn all_sheets(&self) -> bool {
        true
    }

    fn asks(&self) -> &'static [Ask] {
        &[Ask::Class, Ask::CreateSessions]
    }

    async fn choices(&self, cx: &Cx, who: &Actor, ask: Ask) -> Result<Vec<(String, String)>> {
        if ask != Ask::Class {
            return Ok(Vec::new());
        }
        let all = PageReq { limit: Some(PageReq::MAX), after: None };
        let list = ops::classes(cx.read(), who, &all).await?.items;
        Ok(list.into_iter().map(|c| (c.code.clone(), format!("{} ({})", c.name, c.code))).collect())
    }

    async fn load(&self, job: &mut Job<'_>) -> Result<()> {
        let word = Params::need("class", job.params.class.as_deref())?;
        let class = ops::by_code_or_name(job.txn, job.who, &word).await?;
        let roster = Roster::load(job.txn, class.id).await?;
        let open = pipeline::open(job.txn, &roster.ids()).await?;
        let mut done = 0;
        for table in job.tables {
            sheet(job, &class, &roster, table).await?;
            done += table.rows.len();
            job.progress(done);
        }
        if !job.tables.is_empty() && has_session(job.txn, class.id).await? {
            let before = Before::new().text("state", class.state.clone());
            if let Some(now) = ops::begin(job.txn, job.cx, job.who, &class).await? {
                job.updated("class", now.id, now.version, before, None);
            }
        }
        ops::settle(job.txn, job.cx, job.who, class.id).await?;
        let facts = ops::facts(job.txn, &roster.ids()).await?;
        open.close(job.txn, job.cx, facts).await
    }

    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()> {
        let (cx, txn, who) = (undo.cx, undo.txn, undo.who);
        let mut rows = undo.ids("attendance", "insert");
        rows.extend(undo.ids("attendance", "update"));
        let classes = classes_of(txn, &rows, &undo.ids("class_session", "insert")).await?;
        let mut people = Vec::new();
        for id in &classes {
            people.extend(Roster::load(txn, *id).await?.ids());
        }
        let open = pipeline::open(txn, &people).await?;
        undo.walk(&["attendance"]).await?;
        undo.walk(&["class_session"]).await?;
        undo.walk(&["class"]).await?;
        for id in &classes {
            ops::settle(txn, cx, who, *id).await?;
        }
        open.close(txn, cx, ops::facts(txn, &people).await?).await
    }
}

async fn has_session(txn: &DatabaseTransaction, class_id: i64) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM class_session WHERE class_id = ?";
    Ok(db::int(txn, sql, [class_id.into()]).await? > Some(0))
}

async fn classes_of(txn: &DatabaseTransaction, rows: &[i64], sessions: &[i64]) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let mut out = std::collections::BTreeSet::new();
    for (ids, sql) in [
        (
            rows,
            "SELECT DISTINCT cs.class_id AS id FROM attendance a JOIN class_session cs ON cs.id = a.session_id WHERE a.id",
        ),
        (sessions, "SELECT DISTINCT cs.class_id AS id FROM class_session cs WHERE cs.id"),
    ] {
        for chunk in ids.chunks(db::CHUNK) {
            let sql = format!("{sql} IN ({})", db::places(chunk.len()));
            let found: Vec<Id> = db::rows(txn, &sql, chunk.iter().map(|i| (*i).into()).collect::<Vec<_>>()).await?;
            out.extend(found.into_iter().map(|i| i.id));
        }
    }
    Ok(out.into_iter().collect())
}

#[derive(FromQueryResult)]
struct Member {
    id: i64,
    name_key: String,
    phone: String,
}

/// The people of the class.
pub(crate) struct Roster(Vec<Member>);

/// Who a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    One(i64),
    /// The name belongs to another phone, or the phone (of this person) to another name.
    Disagree(i64),
    /// Namesakes, and no phone to tell them apart.
    Several,
    Nobody,
}

impl Roster {
    pub(crate) async fn load(txn: &DatabaseTransaction, class_id: i64) -> Result<Self> {
        let sql = "SELECT p.id, p.name_key, p.phone FROM class_enrolment ce JOIN person p ON p.id = ce.person_id \
                   WHERE ce.class_id = ? AND ce.state <> 'withdrawn' ORDER BY p.id";
        Ok(Self(db::rows(txn, sql, [class_id.into()]).await?))
    }

    fn ids(&self) -> Vec<i64> {
        self.0.iter().map(|m| m.id).collect()
    }

    pub(crate) fn find(&self, name: &str, phone: &str) -> Who {
        let named = || self.0.iter().filter(|m| m.name_key == name);
        if let Some(m) = named().find(|m| !phone.is_empty() && m.phone == phone) {
            return Who::One(m.id);
        }
        if let Some(m) = self.0.iter().find(|m| !phone.is_empty() && m.phone == phone) {
            return Who::Disagree(m.id);
        }
        let mut all = named();
        match (all.next(), all.next()) {
            (Some(m), None) if phone.is_empty() || m.phone.is_empty() => Who::One(m.id),
            (Some(m), None) => Who::Disagree(m.id),
            (Some(_), Some(_)) if phone.is_empty() => Who::Several,
            (Some(m), Some(_)) => Who::Disagree(m.id),
            (None, _) => Who::Nobody,
        }
    }
}

/// The session that the title rows name.
fn title(table: &Table, class_id: i64) -> std::result::Result<NewSession, &'static str> {
    let text = |labels: &[&str]| {
        let cell = labels.iter().find_map(|l| table.title_value(l));
        cell.map(|c| trim(&c.show()).to_owned()).unwrap_or_default()
    };
    let date = table.title_value("日期").or_else(|| table.title_value("时间"));
    let held_on = date.and_then(|c| c.to_date().ok().flatten()).and_then(crate::importing::date::DateValue::day);
    let slot = text(&["场次", "时段"]);
    let slot = if slot.is_empty() { Some(Slot::Day) } else { Slot::parse(&slot) };
    let hours = table.title_value("学时").or_else(|| table.title_value("课时"));
    let minutes = hours.unwrap_or(Cell::Empty).to_hundredths().ok().flatten().map_or(0, |h| h * 60 / 100);
    let held_on = held_on.ok_or("session_date_unreadable")?;
    let slot = slot.ok_or("session_slot_unreadable")?;
    Ok(NewSession {
        course: text(&["课程", "课程名称", "内容"]),
        lecturer: text(&["授课人", "授课教师", "讲师", "主讲"]),
        ..NewSession::new(class_id, held_on, slot, if (0..=24 * 60).contains(&minutes) { minutes } else { 0 })
    })
}

async fn sheet(job: &mut Job<'_>, class: &class::Model, roster: &Roster, table: &Table) -> Result<()> {
    let new = match title(table, class.id) {
        Ok(s) => s,
        Err(code) => {
            job.problems(table.rows.iter().map(|r| table.problem(Problem::error(code), r, "")));
            return Ok(());
        }
    };
    let session = if job.params.create_sessions {
        let (s, made) = ops::ensure_session(job.txn, job.cx, job.who, Some(job.import_id), &new).await?;
        if made {
            job.inserted("class_session", s.id, None);
        }
        s
    } else if let Some(s) = ops::session_at(job.txn, class.id, new.held_on, new.slot).await? {
        s
    } else {
        let p = |r| {
            let p = Problem::error("session_missing").with("date", new.held_on).with("slot", new.slot.name());
            table.problem(p, r, "")
        };
        job.problems(table.rows.iter().map(p));
        return Ok(());
    };
    let known = ops::recorded(job.txn, session.id).await?;
    let mut signed: HashMap<i64, u32> = HashMap::new();
    let mut fresh: Vec<(u32, attendance::Model)> = Vec::new();
    let mut changes = Vec::new();
    for row in &table.rows {
        let remarks = table.row_problems(row);
        let refused = remarks.iter().any(Problem::is_error);
        job.problems(remarks);
        if refused {
            continue;
        }
        let (line, warning) = match judge(roster, &mut signed, table, row) {
            Ok(good) => good,
            Err(p) => {
                job.problem(p);
                continue;
            }
        };
        let old = known.get(&line.person_id);
        let mut now = ops::new_row(job.cx, job.who, session.id, &line);
        if let Some(old) = old {
            now = old.clone();
            ops::set(&mut now, &line);
            if now == *old {
                job.unchanged(&table.sheet, row.number);
                job.problems(warning);
                continue;
            }
            if old.version > 1 {
                job.problem(table.problem(Problem::error("attendance_differs"), row, "name"));
                continue;
            }
            let now = ops::update(job.txn, job.cx, job.who, old, now).await?;
            let change = audit::Change::new("update", "attendance", now.id, now.version).before(old).after(&now);
            changes.push(change.import(Some(job.import_id)));
            job.updated("attendance", now.id, now.version, before(old), Some(row.number));
        } else {
            fresh.push((row.number, now));
        }
        job.problems(warning);
    }
    let rows: HashMap<i64, u32> = fresh.iter().map(|(n, r)| (r.person_id, *n)).collect();
    for made in ops::insert(job.txn, fresh.into_iter().map(|(_, r)| r).collect()).await? {
        job.inserted("attendance", made.id, rows.get(&made.person_id).copied());
        let change = audit::Change::new("create", "attendance", made.id, 1).after(&made);
        changes.push(change.import(Some(job.import_id)));
    }
    audit::record(job.txn, job.cx, job.who, changes).await
}

fn before(old: &attendance::Model) -> Before {
    Before::new()
        .text("state", old.state.clone())
        .int("sign_in", old.sign_in)
        .int("sign_out", old.sign_out)
        .text("note", old.note.clone())
}

fn judge(
    roster: &Roster,
    signed: &mut HashMap<i64, u32>,
    table: &Table,
    row: &Row,
) -> std::result::Result<(Line, Option<Problem>), Problem> {
    let no = |code: &'static str, key: &str| {
        table.problem(Problem::error(code).with("value", table.cell(row, key).show()), row, key)
    };
    let text = |key: &'static str| match table.cell(row, key).to_text() {
        Ok(t) => Ok(t.unwrap_or_default()),
        Err(code) => Err(no(code, key)),
    };
    let time = |key: &'static str| match table.cell(row, key).to_minutes() {
        Ok(m) => Ok(m.map(i64::from)),
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
        Who::Disagree(id) => {
            let mut p = Problem::error("name_phone_disagree");
            if let Some(peer) = signed.get(&id) {
                p = p.peer(*peer);
            }
            return Err(table.problem(p, row, "name"));
        }
    };
    if let Some(first) = signed.get(&person_id) {
        return Err(table.problem(Problem::error("signed_twice").peer(*first), row, "name"));
    }
    let (sign_in, sign_out, note) = (time("sign_in")?, time("sign_out")?, text("note")?);
    if sign_in.zip(sign_out).is_some_and(|(a, b)| b < a) {
        return Err(no("sign_out_before_sign_in", "sign_out"));
    }
    signed.insert(person_id, row.number);
    let state = rules::state_of(sign_in, sign_out, &note);
    let warning = rules::no_sign_out(state, sign_in, sign_out)
        .then(|| table.problem(Problem::warning("no_sign_out"), row, "sign_out"));
    Ok((Line { person_id, state, sign_in, sign_out, note, version: None }, warning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_a_row_is_about() {
        let m = |id, name: &str, phone: &str| Member { id, name_key: name.into(), phone: phone.into() };
        let roster = Roster(vec![m(1, "李", "11"), m(2, "王", "22"), m(3, "王", "33"), m(4, "赵", "")]);
        for (name, phone, want) in [
            ("李", "11", Who::One(1)),
            ("李", "", Who::One(1)),
            ("李", "99", Who::Disagree(1)),
            ("囗", "11", Who::Disagree(1)),
            ("王", "33", Who::One(3)),
            ("王", "", Who::Several),
            ("王", "44", Who::Disagree(2)),
            ("王", "11", Who::Disagree(1)),
            ("赵", "44", Who::One(4)),
            ("孙", "44", Who::Nobody),
            ("孙", "", Who::Nobody),
        ] {
            assert_eq!(roster.find(name, phone), want, "{name} {phone}");
        }
    }
}
