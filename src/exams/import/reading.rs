//! Reading the rows of a result file, each by itself.

use std::collections::BTreeMap;

use super::columns::{self, ResultColumns};
use crate::core::seal::Seal;
use crate::exams::ops::Cycle;
use crate::exams::rules::show_mark;
use crate::importing::{Job, Problem, Row, Table};
use crate::people::rules::id_type::IdType;
use crate::people::rules::{id_no, name};
use crate::schemes::{Level, Outcome, Scheme};

/// A row that says what somebody has.
pub(super) struct Line<'t> {
    pub table: &'t Table,
    pub row: &'t Row,
    pub name_key: String,
    pub hash: String,
    pub level: &'t Level,
    pub scores: Vec<(String, Outcome)>,
    pub archive_no: String,
    pub note: String,
}

/// A row as read: its problems, and who it is about where that could be told.
pub(super) struct Judged<'t> {
    pub line: Option<Line<'t>>,
    pub problems: Vec<Problem>,
}

/// Reads the rows of one table.
pub(super) struct Reader<'t> {
    scheme: &'t Scheme,
    table: &'t Table,
    year: i32,
    seal: &'t Seal,
    /// The level a sheet is about, by its name.
    sheet_level: Option<&'t Level>,
    /// Score columns of this scheme that the sheet has: key, label, subject by level.
    scores: Vec<(&'static str, BTreeMap<String, String>)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(
        columns: &ResultColumns,
        job: &Job<'t>,
        scheme: &'t Scheme,
        table: &'t Table,
        cycle: &Cycle,
    ) -> Self {
        let of = |c: &columns::ScoreColumn| {
            let means = c.means.iter().filter(|m| m.scheme == scheme.code);
            (c.key, means.map(|m| (m.level.clone(), m.subject.clone())).collect::<BTreeMap<_, _>>())
        };
        let has = |(key, means): &(&'static str, BTreeMap<String, String>)| !means.is_empty() && table.has(key);
        Self {
            scheme,
            table,
            year: i32::try_from(cycle.year).unwrap_or_default(),
            seal: &job.cx.seal,
            sheet_level: scheme.level_by_name(&table.sheet),
            scores: columns.scores.iter().map(of).filter(has).collect(),
        }
    }

    pub(super) fn read(&self, row: &'t Row) -> Judged<'t> {
        let mut problems: Vec<Problem> = self.table.row_problems(row).into_iter().filter(Problem::is_error).collect();
        let name = self.name(row, &mut problems);
        let id = self.id(row, &mut problems);
        let level = self.level(row, &mut problems);
        let scores = level.map(|l| self.scores(row, l, &mut problems)).unwrap_or_default();
        let line = match (name, id, level) {
            (Some(name), Some(hash), Some(level)) => Some(Line {
                table: self.table,
                row,
                name_key: name::key(&name),
                hash,
                level,
                scores,
                archive_no: self.table.cell(row, "archive_no").show().into_owned(),
                note: self.table.cell(row, "note").show().into_owned(),
            }),
            _ => None,
        };
        Judged { line, problems }
    }

    fn say(&self, problems: &mut Vec<Problem>, row: &Row, key: &str, problem: Problem) {
        problems.push(self.table.problem(problem, row, key));
    }

    fn name(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<String> {
        let text = self.table.cell(row, "name").show();
        match name::read(&text) {
            Ok(n) => Some(n.name),
            Err(code) => {
                self.say(problems, row, "name", Problem::error(code).with("value", text));
                None
            }
        }
    }

    /// The keyed hash of the number.
    fn id(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<String> {
        let text = self.table.cell(row, "id_type").show();
        let id_type = if text.is_empty() { Some(IdType::Resident) } else { IdType::from_name(&text) };
        let Some(id_type) = id_type else {
            self.say(problems, row, "id_type", Problem::error("id_type_unknown").with("value", text));
            return None;
        };
        match id_no::read(self.table.cell(row, "id_no"), id_type) {
            Ok(id) => Some(self.seal.lookup(id_type.code(), &id.number)),
            Err(p) => {
                let length = id_no::tidy(&self.table.cell(row, "id_no").show()).chars().count();
                let problem = Problem::error(p.code).with("type", id_type.label()).with("length", length);
                let suggest = p.suggest.as_deref().map(id_no::mask).unwrap_or_default();
                self.say(problems, row, if p.of_type { "id_type" } else { "id_no" }, problem.with("suggest", suggest));
                None
            }
        }
    }

    fn level(&self, row: &Row, problems: &mut Vec<Problem>) -> Option<&'t Level> {
        let text = self.table.cell(row, "level").show();
        if text.is_empty() {
            if self.sheet_level.is_none() {
                self.say(problems, row, "level", Problem::error("level_missing"));
            }
            return self.sheet_level;
        }
        let level = self.scheme.level_by_name(&text);
        if level.is_none() {
            self.say(problems, row, "level", Problem::error("level_unknown_value").with("value", text));
        }
        level
    }

    fn scores(&self, row: &Row, level: &Level, problems: &mut Vec<Problem>) -> Vec<(String, Outcome)> {
        let mut all: Vec<(String, Outcome)> = Vec::new();
        let mut wrong = false;
        for (key, subjects) in &self.scores {
            let cell = self.table.cell(row, key);
            if cell.is_blank() {
                continue;
            }
            let subject = subjects.get(&level.code).and_then(|code| level.subject(code));
            let Some(subject) = subject else {
                self.say(problems, row, key, Problem::error("subject_not_of_level").with("level", &level.name.zh));
                wrong = true;
                continue;
            };
            if let Err(code) = cell.check() {
                self.say(problems, row, key, Problem::error(code).with("value", cell.show()));
                wrong = true;
                continue;
            }
            match self.scheme.read_score(subject, self.year, &cell.show()) {
                Ok(_) if all.iter().any(|(s, _)| *s == subject.code) => {
                    self.say(problems, row, key, Problem::error("subject_twice"));
                    wrong = true;
                }
                Ok(outcome) => all.push((subject.code.clone(), outcome)),
                Err(p) => {
                    let problem = Problem::error(p.code()).with("value", cell.show());
                    let problem = problem.with("full", show_mark(subject.full_marks));
                    self.say(problems, row, key, problem.with("step", show_mark(subject.step)));
                    wrong = true;
                }
            }
        }
        if all.is_empty() && !wrong {
            self.say(problems, row, "", Problem::error("score_missing"));
        }
        all
    }
}
