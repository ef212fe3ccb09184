//! What a feature implements to take a kind of file, and what it is given to work with.
//!
//! A kind judges and stores in one go, inside the one transaction of the import: a preview is the same work rolled back, so
//! it cannot differ from the commit. It calls [`Job::problem`] for every remark (a row with an error is refused and must
//! not be stored), [`Job::unchanged`] for rows that say nothing new, and [`Job::inserted`] / [`Job::updated`] for every row
//! it makes or changes, which is all that undo needs. Read in chunks and write in bulk: a file may have 200,000 rows.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::progress;
use super::table::{Column, Table};
use super::undo::{Before, Undo};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;

/// What goes with a file besides its rows; which of them a kind asks for is [`Kind::asks`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    pub cohort: Option<String>,
    pub create_cohort: bool,
    pub region: Option<String>,
    pub scheme: Option<String>,
    pub year: Option<i64>,
    pub class: Option<String>,
    pub create_sessions: bool,
}

impl Params {
    /// A parameter that must be there, trimmed.
    ///
    /// # Errors
    /// [`Error::Invalid`] on field `name`.
    pub fn need(name: &str, value: Option<&str>) -> Result<String> {
        match value.map(str::trim) {
            Some(v) if !v.is_empty() => Ok(v.to_owned()),
            _ => Err(Error::field(name, Msg::new(&format!("import-missing-{name}")))),
        }
    }

    /// The exam year, which must be there.
    ///
    /// # Errors
    /// [`Error::Invalid`] on field `year`.
    pub fn need_year(&self) -> Result<i64> {
        match self.year {
            Some(y) if (2000..=2100).contains(&y) => Ok(y),
            Some(y) => Err(Error::field("year", Msg::new("import-param-year").with("year", y))),
            None => Err(Error::field("year", Msg::new("import-missing-year"))),
        }
    }
}

/// A parameter the upload page and the command line ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Cohort,
    CreateCohort,
    Region,
    Scheme,
    Year,
    Class,
    CreateSessions,
}

/// The page on which files of this kind are uploaded; none for whom it is not. The route is one for all kinds, so the
/// permission table cannot tell: a link to it asks here.
#[must_use]
pub fn upload_page(kind: &dyn Kind, who: &Actor) -> Option<String> {
    who.is(kind.roles()).then(|| format!("/imports/new/{}", kind.name()))
}

/// One kind of file.
#[async_trait]
pub trait Kind: Send + Sync {
    /// The name in URL, command line and table: `roster`, `results`, …
    fn name(&self) -> &'static str;

    /// The columns it knows, in the office's order.
    fn columns(&self) -> &'static [Column];

    /// The columns with those that only the configuration knows, such as the subjects of the schemes.
    ///
    /// # Errors
    /// A wrong configuration.
    fn columns_of(&self, _cx: &Cx) -> Result<&'static [Column]> {
        Ok(self.columns())
    }

    /// Whether every sheet with a header is read (one level or one class session a sheet) or only the best one.
    fn all_sheets(&self) -> bool {
        false
    }

    /// Who may import it.
    fn roles(&self) -> &'static [Role] {
        &[Role::Administrator, Role::Trainer]
    }

    fn asks(&self) -> &'static [Ask];

    /// What the upload page offers for a parameter, as (value, label): the cohorts, classes or schemes this actor may name.
    ///
    /// # Errors
    /// What the database reports.
    async fn choices(&self, _cx: &Cx, _who: &Actor, _ask: Ask) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    /// Judges the rows and stores the good ones.
    ///
    /// # Errors
    /// Only what concerns the whole import (a missing parameter, a cohort that is not there, the database); what is wrong
    /// with a row is a [`Problem`].
    async fn load(&self, job: &mut Job<'_>) -> Result<()>;

    /// Takes the import back: calls [`Undo::walk`] for its tables, the last made first, between `pipeline::open` and
    /// `close`, and puts memberships right.
    ///
    /// # Errors
    /// What the database reports. Rows that cannot be undone are collected by [`Undo`] itself.
    async fn undo(&self, undo: &mut Undo<'_>) -> Result<()>;
}

/// The work of one import.
pub struct Job<'a> {
    pub cx: &'a Cx,
    /// Everything is read and written here.
    pub txn: &'a DatabaseTransaction,
    pub who: &'a Actor,
    pub params: &'a Params,
    pub tables: &'a [Table],
    pub import_id: i64,
    pub(super) problems: Vec<Problem>,
    pub(super) refused: BTreeSet<(String, u32)>,
    pub(super) unchanged: BTreeSet<(String, u32)>,
    pub(super) changes: Vec<Changed>,
}

/// A row made or changed.
pub(super) struct Changed {
    pub table: &'static str,
    pub id: i64,
    pub version: i64,
    pub before: Option<Before>,
    pub row: Option<u32>,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        cx: &'a Cx,
        txn: &'a DatabaseTransaction,
        who: &'a Actor,
        params: &'a Params,
        tables: &'a [Table],
        import_id: i64,
    ) -> Self {
        Self {
            cx,
            txn,
            who,
            params,
            tables,
            import_id,
            problems: Vec::new(),
            refused: BTreeSet::new(),
            unchanged: BTreeSet::new(),
            changes: Vec::new(),
        }
    }

    /// A remark; an error refuses its row.
    pub fn problem(&mut self, p: Problem) {
        if let (true, Some(row)) = (p.is_error(), p.row) {
            self.refused.insert((p.sheet.clone(), row));
        }
        self.problems.push(p);
    }

    pub fn problems(&mut self, all: impl IntoIterator<Item = Problem>) {
        for p in all {
            self.problem(p);
        }
    }

    /// Whether a row was refused so far.
    #[must_use]
    pub fn is_refused(&self, sheet: &str, row: u32) -> bool {
        self.refused.contains(&(sheet.to_owned(), row))
    }

    /// The row is good and everything it says is on record already.
    pub fn unchanged(&mut self, sheet: &str, row: u32) {
        self.unchanged.insert((sheet.to_owned(), row));
    }

    /// The row said something new after all.
    pub fn changed(&mut self, sheet: &str, row: u32) {
        self.unchanged.remove(&(sheet.to_owned(), row));
    }

    /// A row of the database was made (its version is 1). `row` is the file's row it came from, if one.
    pub fn inserted(&mut self, table: &'static str, id: i64, row: Option<u32>) {
        self.changes.push(Changed { table, id, version: 1, before: None, row });
    }

    /// A row of the database was changed; `version` is its version now, `before` the changed columns as they were.
    pub fn updated(&mut self, table: &'static str, id: i64, version: i64, before: Before, row: Option<u32>) {
        self.changes.push(Changed { table, id, version, before: Some(before), row });
    }

    /// Rows done so far, for the progress bar.
    pub fn progress(&self, done: usize) {
        progress::set(self.import_id, progress::Phase::Storing, done, self.tables.iter().map(|t| t.rows.len()).sum());
    }
}
