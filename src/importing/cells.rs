//! Reading the cells of one row of a register, every fault noted with its column; and storing what the rows say.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, TryIntoModel};

use super::date::DateValue;
use super::text::{looks_like_code, trim};
use super::{Before, Job, Problem, Row, Table};
use crate::audit;
use crate::core::Result;
use crate::records::{self, Record};

/// One row being read.
#[derive(Debug)]
pub struct Cells<'t> {
    table: &'t Table,
    pub row: &'t Row,
    problems: Vec<Problem>,
}

impl<'t> Cells<'t> {
    #[must_use]
    pub fn new(table: &'t Table, row: &'t Row) -> Self {
        Self { table, row, problems: table.row_problems(row) }
    }

    /// For a table whose other columns somebody else reads, who then says what is wrong with the row as a whole.
    #[must_use]
    pub fn of_more(table: &'t Table, row: &'t Row) -> Self {
        Self { table, row, problems: Vec::new() }
    }

    /// What was found wrong; a refused row carries its errors only.
    #[must_use]
    pub fn finish(self) -> (bool, Vec<Problem>) {
        let good = !self.problems.iter().any(Problem::is_error);
        let kept = self.problems.into_iter().filter(|p| good || p.is_error());
        (good, kept.collect())
    }

    /// A remark on a column (`""` for the whole row).
    pub fn say(&mut self, key: &str, problem: Problem) {
        self.problems.push(self.table.problem(problem, self.row, key));
    }

    fn bad(&mut self, key: &str, code: &'static str) {
        let shown = self.table.cell(self.row, key).show().into_owned();
        self.say(key, Problem::error(code).with("value", shown));
    }

    /// A free text; what a spreadsheet program would run is kept as text, with a warning.
    pub fn text(&mut self, key: &str) -> String {
        match self.table.cell(self.row, key).to_text() {
            Ok(t) => {
                let t = trim(&t.unwrap_or_default()).to_owned();
                if looks_like_code(&t) {
                    self.say(key, Problem::warning("looks_like_code").with("value", &t));
                }
                t
            }
            Err(code) => {
                self.bad(key, code);
                String::new()
            }
        }
    }

    /// A text that must be there.
    pub fn need(&mut self, key: &str, code: &'static str) -> String {
        let faults = self.problems.len();
        let text = self.text(key);
        if text.is_empty() && self.problems.len() == faults {
            self.bad(key, code);
        }
        text
    }

    /// A whole date.
    pub fn date(&mut self, key: &str) -> Option<NaiveDate> {
        match self.table.cell(self.row, key).to_date().map(|d| d.map(DateValue::day)) {
            Ok(None) => None,
            Ok(Some(Some(day))) => Some(day),
            Ok(Some(None)) => {
                self.bad(key, "date_unreadable");
                None
            }
            Err(code) => {
                self.bad(key, code);
                None
            }
        }
    }

    /// A whole date that must be there.
    pub fn need_date(&mut self, key: &str) -> Option<NaiveDate> {
        let faults = self.problems.len();
        let day = self.date(key);
        if day.is_none() && self.problems.len() == faults {
            self.bad(key, "date_missing");
        }
        day
    }

    /// A whole number from 0.
    pub fn count(&mut self, key: &str) -> Option<i64> {
        match self.table.cell(self.row, key).to_whole() {
            Ok(Some(n)) if n < 0 => {
                self.bad(key, "negative_count");
                None
            }
            Ok(Some(n)) if n > 1_000_000_000 => {
                self.bad(key, "count_not_number");
                None
            }
            Ok(n) => n,
            Err(code) => {
                self.bad(key, code);
                None
            }
        }
    }

    pub fn yes_no(&mut self, key: &str) -> Option<bool> {
        match self.table.cell(self.row, key).to_yes_no() {
            Ok(b) => b,
            Err(code) => {
                self.bad(key, code);
                None
            }
        }
    }

    /// A word of a list that must be there.
    pub fn need_word<T>(&mut self, key: &str, code: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.need(key, code);
        let found = if text.is_empty() { None } else { read(&text) };
        if found.is_none() && !text.is_empty() {
            self.bad(key, code);
        }
        found
    }

    /// A word of a list; `code` refuses the row when it is none of it. An empty cell is `None`.
    pub fn word<T>(&mut self, key: &str, code: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        let found = read(&text);
        if found.is_none() {
            self.bad(key, code);
        }
        found
    }
}

/// A good row of a file: its place, what stands in the register, what should stand there.
#[derive(Debug)]
pub struct Step<M> {
    pub sheet: String,
    pub row: u32,
    pub old: Option<M>,
    pub new: M,
}

/// Stores the rows of a file: new ones in bulk, changed ones each, and tells the job of all of them. Gives the stored rows
/// in order.
///
/// # Errors
/// What the database reports.
pub async fn store<M, A>(job: &mut Job<'_>, steps: Vec<Step<M>>) -> Result<Vec<M>>
where
    M: Record + IntoActiveModel<A>,
    A: ActiveModelTrait + TryIntoModel<M> + Send,
    A::Entity: EntityTrait<Model = M>,
{
    let import = Some(job.import_id);
    let fresh: Vec<M> = steps.iter().filter(|s| s.old.is_none()).map(|s| s.new.clone()).collect();
    let mut fresh = records::insert_many(job.txn, job.cx, job.who, fresh, import).await?.into_iter();
    let mut out = Vec::with_capacity(steps.len());
    for (done, s) in steps.into_iter().enumerate() {
        let Some(old) = s.old else {
            if let Some(row) = fresh.next() {
                job.inserted(M::TABLE, row.id(), Some(s.row));
                out.push(row);
            }
            continue;
        };
        let before = Before::of(records::differing(&old, &s.new));
        if before.is_empty() {
            job.unchanged(&s.sheet, s.row);
            out.push(old);
            continue;
        }
        let change = audit::Change::new("update", M::TABLE, 0, 0).import(import);
        let new = records::update(job.txn, job.cx, job.who, &old, s.new, change).await?;
        job.updated(M::TABLE, new.id(), new.version(), before, Some(s.row));
        out.push(new);
        if done % 100 == 0 {
            job.progress(done);
        }
    }
    Ok(out)
}
