//! Imports over the API: send a file, read what came of it, take it back.

use chrono::{DateTime, Utc};
use poem::Body;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::{Enum, Object, OpenApi};

use super::entity::import_run;
use super::kind::Params;
use super::outcome::Outcome;
use super::problem::Problem;
use super::run::{self, Kinds};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::core::page::Page;
use crate::core::{Error, Lang, Msg};
use crate::db::Cx;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "lowercase")]
pub enum SeverityOut {
    /// The row was not stored.
    Error,
    /// The row was stored; look at it.
    Warning,
}

/// A remark on a row, or on the whole file (without a row).
#[derive(Clone, Debug, Object)]
#[oai(rename = "ImportProblem")]
pub struct ProblemOut {
    /// The worksheet; empty for text files.
    pub sheet: String,
    /// The row number a spreadsheet program shows.
    pub row: Option<u32>,
    /// The column's usual header.
    pub column: String,
    pub severity: SeverityOut,
    /// A stable name, such as id_check_digit.
    pub code: String,
    /// What is wrong and what to do, in the account's language.
    pub message: String,
    /// The earlier row that this one repeats or contradicts.
    pub peer_row: Option<u32>,
}

impl ProblemOut {
    fn of(p: &Problem, lang: Lang) -> Self {
        Self {
            sheet: p.sheet.clone(),
            row: p.row,
            column: p.column.clone(),
            severity: if p.is_error() { SeverityOut::Error } else { SeverityOut::Warning },
            code: p.code.to_string(),
            message: p.message(lang),
            peer_row: p.peer_row(),
        }
    }
}

/// What came of a file; rows = accepted + refused + unchanged.
#[derive(Clone, Debug, Object)]
#[oai(rename = "ImportOutcome")]
pub struct OutcomeOut {
    /// Absent when nothing was stored: a dry run, or a file refused as a whole.
    pub import_id: Option<i64>,
    /// The file was refused as a whole; the one problem says why.
    pub rejected: bool,
    pub rows: u64,
    pub accepted: u64,
    pub refused: u64,
    /// Good rows that say nothing new.
    pub unchanged: u64,
    pub problems: Vec<ProblemOut>,
}

impl OutcomeOut {
    fn of(o: &Outcome, lang: Lang) -> Self {
        Self {
            import_id: o.import_id,
            rejected: o.rejected,
            rows: o.rows as u64,
            accepted: o.accepted as u64,
            refused: o.refused as u64,
            unchanged: o.unchanged as u64,
            problems: o.problems.iter().map(|p| ProblemOut::of(p, lang)).collect(),
        }
    }
}

/// One import.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Import")]
pub struct ImportOut {
    pub id: i64,
    pub kind: String,
    pub file_name: String,
    /// reading, preview, committing, committed, rejected, failed, undone, discarded.
    pub state: String,
    pub rows: i64,
    pub accepted: i64,
    pub refused: i64,
    pub unchanged: i64,
    pub warnings: i64,
    pub created_at: DateTime<Utc>,
    pub committed_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
}

impl From<import_run::Model> for ImportOut {
    fn from(r: import_run::Model) -> Self {
        Self {
            id: r.id,
            kind: r.kind,
            file_name: r.file_name,
            state: r.state,
            rows: r.rows,
            accepted: r.accepted,
            refused: r.refused,
            unchanged: r.unchanged,
            warnings: r.warnings,
            created_at: r.created_at,
            committed_at: r.committed_at,
            undone_at: r.undone_at,
        }
    }
}

pub struct ImportsApi;

#[OpenApi(prefix_path = "/imports", tag = "Tag::Imports")]
impl ImportsApi {
    /// Import a file.
    ///
    /// The body is the file itself (xlsx, xls, ods, csv, tsv, or an HTML table). Which parameters a kind asks for is the same
    /// as on the command line: `yanzhen import KIND --help`. All good rows are stored in one transaction; with `dry_run`
    /// nothing is.
    #[oai(path = "/files/:kind", method = "post", operation_id = "import_file")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn import(
        &self,
        cx: Cx,
        user: ApiUser,
        kinds: Data<&Kinds>,
        /// roster, bases, attendance, hours, registrations, results, certificates.
        kind: Path<String>,
        /// The file's name, for the record.
        file_name: Query<Option<String>>,
        dry_run: Query<Option<bool>>,
        cohort: Query<Option<String>>,
        create_cohort: Query<Option<bool>>,
        region: Query<Option<String>>,
        scheme: Query<Option<String>>,
        year: Query<Option<i64>>,
        class: Query<Option<String>>,
        create_sessions: Query<Option<bool>>,
        file: Binary<Body>,
    ) -> api::Result<Json<OutcomeOut>> {
        let kind = kinds.get(&kind.0)?;
        let params = Params {
            cohort: cohort.0,
            create_cohort: create_cohort.0.unwrap_or(false),
            region: region.0,
            scheme: scheme.0,
            year: year.0,
            class: class.0,
            create_sessions: create_sessions.0.unwrap_or(false),
        };
        let limit = usize::try_from(cx.settings.import.max_bytes).unwrap_or(usize::MAX);
        let bytes = file.0.into_bytes_limit(limit).await.map_err(|e| match e {
            poem::error::ReadBodyError::PayloadTooLarge => {
                let limit = format!("{} MiB", cx.settings.import.max_bytes >> 20);
                Error::TooLarge(Msg::new("import-upload-too-large").with("limit", limit))
            }
            _ => Error::field("file", Msg::new("import-no-file")),
        })?;
        let name = file_name.0.unwrap_or_default();
        let done = run::now(&cx, &user, kind, &params, &name, &bytes, dry_run.0.unwrap_or(false)).await?;
        Ok(Json(OutcomeOut::of(&done, user.lang)))
    }

    /// List imports, newest first.
    #[oai(path = "/", method = "get", operation_id = "list_imports")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<ImportOut>>> {
        let page = run::list(&cx, &user, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(page, ImportOut::from)))
    }

    /// Get one import.
    #[oai(path = "/:id", method = "get", operation_id = "get_import")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ImportOut>> {
        Ok(Json(run::own(&cx, &user, id.0).await?.into()))
    }

    /// List the problems of an import, in the order of the file.
    #[oai(path = "/:id/problems", method = "get", operation_id = "list_import_problems")]
    async fn problems(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<ProblemOut>>> {
        run::own(&cx, &user, id.0).await?;
        let ask = page::request(limit.0, after.0);
        let found = run::problems(&cx, id.0, ask.after_id().unwrap_or(0), ask.limit() + 1).await?;
        let page = Page::cut(found, ask.limit(), |(seq, _)| seq.to_string());
        Ok(Json(PageOut::of(page, |(_, p)| ProblemOut::of(&p, user.lang))))
    }

    /// Take a committed import back.
    ///
    /// Removes exactly what it added and restores what it changed, or (409) names the rows that were changed or used since.
    #[oai(path = "/:id/undo", method = "post", operation_id = "undo_import")]
    async fn undo(&self, cx: Cx, user: ApiUser, kinds: Data<&Kinds>, id: Path<i64>) -> api::Result<Json<ImportOut>> {
        run::undo(&cx, &user, kinds.0, id.0).await?;
        Ok(Json(run::own(&cx, &user, id.0).await?.into()))
    }
}
