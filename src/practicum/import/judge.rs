//! The verdict on each row of the log. No database: everything it compares with is in [`Known`].

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::super::entity::{hour_entry, placement};
use super::super::ops::figures_of_row;
use super::super::programme::{Logging, Practicum, Rules};
use super::super::rules::{self, Fault, Figures, State};
use super::known::{Known, Student};
use crate::directory::entity::{base, supervisor};
use crate::importing::{Cell, Problem, Row, Table};
use crate::people::rules::name::key as name_key;
use crate::schemes::Schemes;

/// Where the columns stand in one table.
pub(super) struct Places(HashMap<&'static str, usize>);

impl Places {
    pub fn of(table: &Table) -> Self {
        Self(super::COLUMNS.iter().filter_map(|c| table.place(c.key).map(|p| (c.key, p))).collect())
    }

    fn cell<'r>(&self, row: &'r Row, key: &str) -> &'r Cell {
        self.0.get(key).map_or(&crate::importing::cell::EMPTY, |p| row.cell(*p))
    }
}

/// A good row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Good {
    pub sheet: String,
    pub row: u32,
    pub record_no: Option<String>,
    pub person_id: i64,
    pub placement_id: i64,
    pub supervisor_id: Option<i64>,
    pub supervisor_name: String,
    pub figures: Figures,
    pub kind: String,
    pub project_no: String,
    pub beneficiary: String,
    pub note: String,
    pub state: State,
    /// The record on file that it changes or repeats.
    pub old: Option<i64>,
    /// That record stays as it is and claims its time already.
    pub kept: bool,
}

/// Why a row is refused: code, column, the earlier row.
struct No {
    code: &'static str,
    column: &'static str,
    peer: Option<u32>,
    args: Vec<(&'static str, String)>,
}

impl No {
    fn new(code: &'static str, column: &'static str) -> Self {
        Self { code, column, peer: None, args: Vec::new() }
    }

    fn peer(mut self, row: Option<u32>) -> Self {
        self.peer = row;
        self
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl From<Fault> for No {
    fn from(f: Fault) -> Self {
        Self::new(f.code(), f.field())
    }
}

/// What claims time on one day of one person.
#[derive(Clone, Copy)]
struct Claim {
    figures: Figures,
    /// The row of this file; records on file have none.
    row: Option<u32>,
    /// The record on file, and the one that it is to replace.
    id: Option<i64>,
    replaces: Option<i64>,
}

/// The rules that hold, and the day on which the file is read.
pub(super) struct Book<'b> {
    pub practicum: &'b Practicum,
    pub schemes: &'b Schemes,
    pub today: NaiveDate,
}

pub(super) struct Judge<'k> {
    known: &'k Known,
    book: Book<'k>,
    year: i64,
    numbers: HashMap<String, u32>,
    days: HashMap<(i64, NaiveDate), Vec<Claim>>,
}

impl<'k> Judge<'k> {
    pub fn new(known: &'k Known, book: Book<'k>, year: i64) -> Self {
        let mut days: HashMap<_, Vec<Claim>> = HashMap::new();
        // A numbered record that the file may still change claims what its row says; one that is kept claims from the start.
        let kept = known.by_number.values().filter(|h| super::store::kept(h));
        for h in known.others.values().flatten().chain(kept) {
            // An unnumbered record may be a row of this very file read before: its own row puts it aside.
            if State::parse(&h.state).is_some_and(State::claims) {
                let claim = Claim { figures: figures_of_row(h), row: None, id: Some(h.id), replaces: h.replaces_id };
                days.entry((h.person_id, h.worked_on)).or_default().push(claim);
            }
        }
        Self { known, book, year, numbers: HashMap::new(), days }
    }

    /// The row as it may be stored, with what is to be said of it.
    pub fn row(&mut self, table: &Table, places: &Places, row: &Row) -> (Option<Good>, Vec<Problem>) {
        match self.judge(table, places, row) {
            Ok(good) => {
                let warning = match good.state {
                    State::Returned => Some("returned"),
                    State::Submitted => Some("not_confirmed"),
                    State::Endorsed => Some("not_signed"),
                    State::Draft | State::Confirmed | State::Superseded => None,
                };
                let problems = warning.map(|code| table.problem(Problem::warning(code), row, "state"));
                (Some(good), problems.into_iter().collect())
            }
            Err(no) => {
                let mut p = Problem::error(no.code).with("value", places.cell(row, no.column).show());
                if let Some(peer) = no.peer {
                    p = p.peer(peer);
                }
                for (name, value) in no.args {
                    p = p.with(name, value);
                }
                (None, vec![table.problem(p, row, no.column)])
            }
        }
    }

    fn judge(&mut self, table: &Table, places: &Places, row: &Row) -> Result<Good, No> {
        let text = |key: &'static str| {
            places.cell(row, key).to_text().map(Option::unwrap_or_default).map_err(|code| No::new(code, key))
        };
        let record_no = text("record_no")?;
        if !record_no.is_empty() {
            // A number counts as taken by the first row that bears it, also when that row is refused for other reasons.
            if let Some(first) = self.numbers.get(&record_no) {
                return Err(No::new("duplicate_record_no", "record_no").peer(Some(*first)));
            }
            self.numbers.insert(record_no.clone(), row.number);
        }
        let student = self.student(&text("student_no")?, &text("name")?)?;
        let figures = Self::figures(places, row)?;
        rules::check(&figures)?;
        let code = text("base")?;
        let bases = self.known.bases.get(&code).filter(|b| !b.is_empty());
        let bases = bases.ok_or_else(|| No::new("unknown_base", "base").with("base", &code))?;
        let placed = self.placement(student, bases, figures.worked_on)?;
        if !(self.year - 1..=self.year).contains(&i64::from(figures.worked_on.year())) {
            return Err(No::new("outside_cycle", "date").with("year", self.year));
        }
        let supervisor_name = text("supervisor")?;
        let supervisor = self.supervisor(placed.base_id, &supervisor_name)?;
        let rules = self.book.practicum.rules(self.book.schemes, &placed.programme, figures.worked_on);
        let rules = rules.map_err(|_| No::new("outside_cycle", "date").with("year", self.year))?;
        let day = Logging { worked_on: figures.worked_on, today: self.book.today, returned_on: None, intern: false };
        rules.check(&day).map_err(|f| told(f, &rules))?;
        let state = match state_of(&text("state")?)? {
            // A file bears the base's word; the campus's is given here.
            State::Confirmed if rules.programme.second_sign_off => State::Endorsed,
            state => state,
        };
        let mut good = Good {
            sheet: table.sheet.clone(),
            row: row.number,
            record_no: Some(record_no).filter(|n| !n.is_empty()),
            person_id: student.id,
            placement_id: placed.id,
            supervisor_id: supervisor.map(|s| s.id),
            supervisor_name,
            figures,
            kind: text("kind")?,
            project_no: text("project")?,
            beneficiary: text("beneficiary")?,
            note: text("note")?,
            state,
            old: None,
            kept: false,
        };
        self.on_file(&mut good)?;
        if !good.kept {
            self.claim(&good, &rules)?;
        }
        Ok(good)
    }

    fn student(&self, number: &str, name: &str) -> Result<&'k Student, No> {
        if number.is_empty() {
            return Err(No::new("student_no_missing", "student_no"));
        }
        let all = self.known.students.get(number).filter(|s| !s.is_empty());
        let all = all.ok_or_else(|| No::new("unknown_student", "student_no").with("number", number))?;
        let key = name_key(name);
        match all.iter().find(|s| key.is_empty() || s.name_key == key) {
            Some(s) => Ok(s),
            None => {
                let on_record = all.first().map(|s| s.name.clone()).unwrap_or_default();
                Err(No::new("name_number_disagree", "name").with("name", on_record).with("number", number))
            }
        }
    }

    fn figures(places: &Places, row: &Row) -> Result<Figures, No> {
        let cell = |key| places.cell(row, key);
        let date = cell("date").to_date().map_err(|c| No::new(c, "date"))?;
        let date = date.ok_or_else(|| No::new("date_missing", "date"))?;
        let worked_on = date.day().ok_or_else(|| No::new("date_unreadable", "date"))?;
        let time = |key| match cell(key).to_minutes() {
            Ok(m) => Ok(m.map(i64::from)),
            Err(c) => Err(No::new(c, key)),
        };
        let hours = |key, code| match cell(key).to_hundredths() {
            // Hundredths of an hour to the nearest minute.
            Ok(h) => Ok(h.map(|h| (h * 60 + h.signum() * 50) / 100)),
            Err("number_unreadable" | "number_too_fine") => Err(No::new(code, key)),
            Err(c) => Err(No::new(c, key)),
        };
        let (starts, ends) = (time("from")?, time("to")?);
        let span = starts.zip(ends).map(|(a, b)| (b - a).max(1));
        Ok(Figures {
            worked_on,
            starts,
            ends,
            minutes: hours("hours", "hours_not_number")?.or(span).unwrap_or(0),
            supervision_minutes: hours("supervision", "hours_not_number")?.unwrap_or(0),
            beneficiary_count: cell("count").to_whole().map_err(|c| No::new(c, "count"))?.unwrap_or(0),
            households: cell("households").to_whole().map_err(|c| No::new(c, "households"))?.unwrap_or(0),
        })
    }

    /// The placement at a base of that code that covers the day.
    fn placement(&self, student: &Student, bases: &[base::Model], on: NaiveDate) -> Result<&'k placement::Model, No> {
        let mine = self.known.placements.get(&student.id).map(Vec::as_slice).unwrap_or_default();
        let at: Vec<_> = mine.iter().filter(|p| bases.iter().any(|b| b.id == p.base_id)).collect();
        let covers = |p: &&&placement::Model| rules::check_span(on, p.starts_on, p.ends_on).is_ok();
        if let Some(p) = at.iter().find(covers) {
            return Ok(p);
        }
        Err(match at.first() {
            Some(p) => No::new("outside_placement", "date").with("from", day(p.starts_on)).with("to", day(p.ends_on)),
            None => No::new("not_placed_at_base", "base").with("base", bases.first().map_or("", |b| &b.name)),
        })
    }

    fn supervisor(&self, base: i64, name: &str) -> Result<Option<&'k supervisor::Model>, No> {
        if name.is_empty() {
            return Ok(None);
        }
        let key = name_key(name);
        let all = self.known.supervisors.get(&base).map(Vec::as_slice).unwrap_or_default();
        let found = all.iter().find(|s| name_key(&s.name) == key);
        found.map(Some).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
            No::new("supervisor_not_of_base", "supervisor").with("name", name).with("known", names.join("、"))
        })
    }

    /// The record on file that the row is about, if one.
    fn on_file(&self, good: &mut Good) -> Result<(), No> {
        let old = match &good.record_no {
            Some(no) => self.known.by_number.get(no),
            None => {
                let mine = self.known.others.get(&good.person_id).map(Vec::as_slice).unwrap_or_default();
                mine.iter().find(|h| {
                    h.record_no.is_none() && h.placement_id == good.placement_id && figures_of_row(h) == good.figures
                })
            }
        };
        let Some(old) = old else { return Ok(()) };
        if old.person_id != good.person_id {
            return Err(No::new("duplicate_record_no", "record_no"));
        }
        if super::store::kept(old) && !same_facts(old, good) {
            return Err(No::new("confirmed_differs", "record_no"));
        }
        good.old = Some(old.id);
        good.kept = super::store::kept(old);
        Ok(())
    }

    /// Checks the day and takes the time. The record that the row is about and a change of it that waits are no others.
    fn claim(&mut self, good: &Good, rules: &Rules) -> Result<(), No> {
        if !good.state.claims() {
            return Ok(());
        }
        let day = self.days.entry((good.person_id, good.figures.worked_on)).or_default();
        let aside = |c: &&Claim| good.old.is_some() && (c.id == good.old || c.replaces == good.old);
        let others: Vec<Claim> = day.iter().filter(|c| !aside(c)).copied().collect();
        let figures: Vec<Figures> = others.iter().map(|c| c.figures).collect();
        if let Some(peer) = rules::check_overlap(&good.figures, &figures).and_then(|i| others.get(i)) {
            let show = |m: Option<i64>| m.map(rules::show_time).unwrap_or_default();
            let no = No::from(Fault::OverlapsOtherRecord).peer(peer.row);
            return Err(no.with("from", show(peer.figures.starts)).with("to", show(peer.figures.ends)));
        }
        let spent = rules::spent(others.iter().map(|c| (c.id, c.replaces, c.figures.minutes)));
        rules.check_cap(good.figures.minutes, spent).map_err(|f| told(f, rules))?;
        let own = good.old.and_then(|id| day.iter().position(|c| c.id == Some(id)));
        if let Some(i) = own {
            day.remove(i);
        }
        day.push(Claim { figures: good.figures, row: Some(good.row), id: good.old, replaces: None });
        Ok(())
    }
}

/// A fault by the programme's rules with what they ask for.
fn told(fault: Fault, rules: &Rules) -> No {
    match fault {
        Fault::OverDailyCap => No::from(fault).with("hours", rules::hours(rules.programme.daily_cap_minutes)),
        Fault::Holiday => No::from(fault).with("name", rules.holiday.as_deref().unwrap_or_default()),
        _ => No::from(fault),
    }
}

fn day(d: Option<NaiveDate>) -> String {
    d.map(|d| d.to_string()).unwrap_or_default()
}

/// 确认状态; an empty cell is "not confirmed yet".
fn state_of(word: &str) -> Result<State, No> {
    match word {
        "已确认" | "确认" | "通过" | "confirmed" => Ok(State::Confirmed),
        "" | "待确认" | "未确认" | "待审核" | "submitted" => Ok(State::Submitted),
        "退回" | "已退回" | "驳回" | "returned" => Ok(State::Returned),
        "待院校签认" | "endorsed" => Ok(State::Endorsed),
        _ => Err(No::new("state_unknown_value", "state")),
    }
}

/// Whether record and row say the same of what was done (its state aside).
pub(super) fn same_facts(old: &hour_entry::Model, g: &Good) -> bool {
    old.placement_id == g.placement_id
        && figures_of_row(old) == g.figures
        && old.kind == g.kind
        && old.project_no == g.project_no
        && old.beneficiary == g.beneficiary
        && old.note == g.note
}
