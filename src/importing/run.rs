//! From an uploaded file to committed rows: preview, commit, resume after a restart, undo.
//!
//! Invariants: the rows, their problems, the list of changes and the run's state are written in one transaction; a preview
//! is the same work rolled back; committing a run twice commits it once (the state is part of the condition).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder,
};
use sha2::{Digest, Sha256};

use super::entity::{import_change, import_problem, import_run};
use super::kind::{Job, Kind, Params};
use super::problem::{FileProblem, Problem, Severity};
use super::progress;
use super::table::{Column, Limits, Table};
use super::undo::Undo;
use crate::audit;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Lang, Msg, Result, Role};
use crate::db::Cx;

/// Every kind of import the program knows, in the order of the upload page.
#[derive(Clone)]
pub struct Kinds(Arc<Vec<Box<dyn Kind>>>);

impl Kinds {
    #[must_use]
    pub fn new(kinds: Vec<Box<dyn Kind>>) -> Self {
        Self(Arc::new(kinds))
    }

    pub fn iter(&self) -> impl Iterator<Item = &dyn Kind> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// # Errors
    /// [`Error::NotFound`] for a name that no kind has.
    pub fn get(&self, name: &str) -> Result<&dyn Kind> {
        self.iter()
            .find(|k| k.name() == name)
            .ok_or_else(|| Error::NotFound(Msg::new("import-kind-unknown").with("kind", name)))
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Uploaded; the preview is being made.
    Reading,
    /// The preview is there; nothing is stored yet.
    Preview,
    Committing,
    Committed,
    /// The file as a whole was refused.
    Rejected,
    /// Something other than the file was wrong (a cohort that is not there, the database).
    Failed,
    Undone,
    Discarded,
}

impl State {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Preview => "preview",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Discarded => "discarded",
        }
    }
}

/// What came of an import; the shape of `--json` and of the API (`rows = accepted + refused + unchanged`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// None: nothing was stored (a dry run, or a file refused as a whole).
    pub import_id: Option<i64>,
    pub rows: usize,
    pub accepted: usize,
    pub refused: usize,
    pub unchanged: usize,
    pub problems: Vec<Problem>,
    /// The file was refused as a whole.
    pub rejected: bool,
}

impl Outcome {
    fn rejected(p: &FileProblem) -> Self {
        Self {
            import_id: None,
            rows: 0,
            accepted: 0,
            refused: 0,
            unchanged: 0,
            problems: vec![p.to_problem()],
            rejected: true,
        }
    }

    /// The JSON of the contract (design 5).
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> serde_json::Value {
        let problems: Vec<_> = self.problems.iter().map(|p| problem_json(p, lang)).collect();
        serde_json::json!({
            "import_id": self.import_id, "rows": self.rows, "accepted": self.accepted, "refused": self.refused,
            "unchanged": self.unchanged, "problems": problems,
        })
    }

    /// 0 done, 1 the file was refused as a whole, 3 done but some rows were refused.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.rejected {
            1
        } else if self.refused > 0 {
            3
        } else {
            0
        }
    }
}

/// One problem as scripts read it.
#[must_use]
pub fn problem_json(p: &Problem, lang: Lang) -> serde_json::Value {
    let mut v = serde_json::json!({
        "sheet": p.sheet, "row": p.row, "column": p.column, "severity": p.severity, "code": p.code, "message": p.message(lang),
    });
    if let (Some(peer), Some(o)) = (p.peer_row(), v.as_object_mut()) {
        o.insert("peer_row".to_owned(), peer.into());
    }
    v
}

/// What one run did, before it is written down.
struct Done {
    rows: usize,
    refused: usize,
    unchanged: usize,
    problems: Vec<Problem>,
    cells: BTreeMap<(String, u32), String>,
    headers: String,
}

impl Done {
    fn accepted(&self) -> usize {
        self.rows - self.refused - self.unchanged
    }

    fn outcome(&self, import_id: Option<i64>) -> Outcome {
        Outcome {
            import_id,
            rows: self.rows,
            accepted: self.accepted(),
            refused: self.refused,
            unchanged: self.unchanged,
            problems: self.problems.clone(),
            rejected: false,
        }
    }
}

/// Imports a file at once: for the command line and the API. With `dry_run` nothing remains, not even a new cohort.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::Invalid`] for parameters, and what the database reports. A refused file is an [`Outcome`].
pub async fn now(
    cx: &Cx,
    who: &Actor,
    kind: &dyn Kind,
    params: &Params,
    file_name: &str,
    bytes: &[u8],
    dry_run: bool,
) -> Result<Outcome> {
    who.require(kind.roles())?;
    let limits = Limits::from(&cx.settings.import);
    let tables = match parse(kind, kind.columns_of(cx)?, bytes, file_name, &limits) {
        Ok(t) => t,
        Err(p) => return Ok(Outcome::rejected(&p)),
    };
    let txn = cx.begin().await?;
    let run = new_run(cx, who, kind, params, file_name, bytes, State::Committing)?.insert(&txn).await?;
    let done = execute(cx, &txn, who, kind, params, &tables, run.id).await;
    progress::clear(run.id);
    let (done, changes) = done?;
    if dry_run {
        txn.rollback().await?;
        return Ok(done.outcome(None));
    }
    store(cx, &txn, who, run.id, &done, changes).await?;
    txn.commit().await?;
    Ok(done.outcome(Some(run.id)))
}

/// Takes an upload from a page: stores it sealed and gives the run's id; the caller then runs [`preview`] in the background.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Forbidden`], and what disk or database report.
pub async fn upload(
    cx: &Cx,
    who: &Actor,
    kind: &dyn Kind,
    params: &Params,
    file_name: &str,
    bytes: &[u8],
) -> Result<i64> {
    who.require(kind.roles())?;
    if bytes.len() as u64 > cx.settings.import.max_bytes {
        let mib = cx.settings.import.max_bytes / (1 << 20);
        return Err(Error::TooLarge(Msg::new("import-upload-too-large").with("limit", format!("{mib} MiB"))));
    }
    let txn = cx.begin().await?;
    let run = new_run(cx, who, kind, params, file_name, bytes, State::Reading)?.insert(&txn).await?;
    let path = stored_file(cx, run.id);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|e| disk(&e))?;
    }
    std::fs::write(&path, cx.seal.seal_bytes(bytes)?).map_err(|e| disk(&e))?;
    txn.commit().await?;
    Ok(run.id)
}

/// Makes the preview of an uploaded file: counts and problems, nothing stored of its rows.
///
/// # Errors
/// What the database reports; what is wrong with file or parameters is kept in the run.
pub async fn preview(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) -> Result<()> {
    let run = own(cx, who, id).await?;
    if run.state != State::Reading.name() {
        return Ok(());
    }
    let kind = kinds.get(&run.kind)?;
    progress::set(id, progress::Phase::Reading, 0, 0);
    let result = read_and_execute(cx, who, kind, &run).await;
    progress::clear(id);
    match result? {
        Ok((work, done, _)) => {
            // The work goes first: on SQLite it holds the one writer.
            work.rollback().await?;
            let txn = cx.begin().await?;
            write_problems(&txn, id, &done).await?;
            set_state(cx, &txn, id, State::Reading, State::Preview, Some(&done)).await?;
            txn.commit().await?;
        }
        Err(why) => {
            let txn = cx.begin().await?;
            fail(cx, &txn, id, State::Reading, why).await?;
            txn.commit().await?;
        }
    }
    Ok(())
}

/// Marks a previewed run for committing; the caller then runs [`commit`] in the background.
///
/// # Errors
/// [`Error::Conflict`] when it is not in preview (any more).
pub async fn ask_commit(cx: &Cx, who: &Actor, id: i64) -> Result<()> {
    own(cx, who, id).await?;
    let txn = cx.begin().await?;
    set_state(cx, &txn, id, State::Preview, State::Committing, None).await?;
    Ok(txn.commit().await?)
}

/// Judges the stored file again, as things stand now, and stores its good rows.
///
/// # Errors
/// What the database reports.
pub async fn commit(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) -> Result<()> {
    let run = own(cx, who, id).await?;
    if run.state != State::Committing.name() {
        return Ok(());
    }
    let kind = kinds.get(&run.kind)?;
    progress::set(id, progress::Phase::Reading, 0, 0);
    let result = read_and_execute(cx, who, kind, &run).await;
    progress::clear(id);
    match result? {
        Ok((txn, done, changes)) => {
            import_problem::Entity::delete_many().filter(import_problem::Column::ImportId.eq(id)).exec(&txn).await?;
            store(cx, &txn, who, id, &done, changes).await?;
            txn.commit().await?;
            remove_file(cx, id);
        }
        Err(why) => {
            let txn = cx.begin().await?;
            fail(cx, &txn, id, State::Committing, why).await?;
            txn.commit().await?;
        }
    }
    Ok(())
}

/// Throws a previewed upload away.
///
/// # Errors
/// [`Error::Conflict`] when it is not in preview (any more).
pub async fn discard(cx: &Cx, who: &Actor, id: i64) -> Result<()> {
    own(cx, who, id).await?;
    let txn = cx.begin().await?;
    set_state(cx, &txn, id, State::Preview, State::Discarded, None).await?;
    txn.commit().await?;
    remove_file(cx, id);
    Ok(())
}

/// Runs that a stopped process left half-way: to be begun anew with [`preview`] or [`commit`], as their makers.
///
/// # Errors
/// What the database reports.
pub async fn unfinished(cx: &Cx) -> Result<Vec<import_run::Model>> {
    let states = [State::Reading.name(), State::Committing.name()];
    Ok(import_run::Entity::find()
        .filter(import_run::Column::State.is_in(states))
        .order_by_asc(import_run::Column::Id)
        .all(cx.read())
        .await?)
}

/// Marks a run that stopped on an error of ours as failed.
///
/// # Errors
/// What the database reports.
pub async fn give_up(cx: &Cx, id: i64) -> Result<()> {
    let Some(run) = import_run::Entity::find_by_id(id).one(cx.read()).await? else { return Ok(()) };
    let from = [State::Reading, State::Committing].into_iter().find(|s| s.name() == run.state);
    let Some(from) = from else { return Ok(()) };
    let txn = cx.begin().await?;
    fail(cx, &txn, id, from, Why::Other(Msg::new("error-internal"))).await?;
    Ok(txn.commit().await?)
}

/// The runs an actor sees, newest first.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<import_run::Model>> {
    use sea_orm::QuerySelect;
    let mut q = import_run::Entity::find().order_by_desc(import_run::Column::Id).limit(page.limit() + 1);
    if who.role != Role::Administrator {
        q = q.filter(import_run::Column::CreatedBy.eq(who.user_id.unwrap_or(0)));
    }
    if let Some(after) = page.after_id() {
        q = q.filter(import_run::Column::Id.lt(after));
    }
    Ok(Page::cut(q.all(cx.read()).await?, page.limit(), |r| r.id.to_string()))
}

/// Takes a committed import back, wholly or not at all.
///
/// # Errors
/// [`Error::Conflict`] naming the rows that were changed or used since.
pub async fn undo(cx: &Cx, who: &Actor, kinds: &Kinds, id: i64) -> Result<()> {
    let run = own(cx, who, id).await?;
    if run.state != State::Committed.name() {
        return Err(Error::conflict("undo-not-committed"));
    }
    let kind = kinds.get(&run.kind)?;
    who.require(kind.roles())?;
    let txn = cx.begin().await?;
    set_state(cx, &txn, id, State::Committed, State::Undone, None).await?;
    let left = import_change::Entity::find()
        .filter(import_change::Column::ImportId.eq(id))
        .order_by_asc(import_change::Column::Seq)
        .all(&txn)
        .await?;
    let mut work = Undo { cx, txn: &txn, who, import_id: id, left, blocked: Vec::new() };
    let result = kind.undo(&mut work).await;
    if !work.blocked.is_empty() {
        return Err(Error::Conflict(work.blocked_msg(who.lang)));
    }
    result?;
    if let Some(c) = work.left.first() {
        return Err(Error::internal(format!("undo of {} left {}", kind.name(), c.table_name)));
    }
    audit::record(&txn, cx, who, [audit::Change::new("undo", "import_run", id, 2).import(Some(id))]).await?;
    Ok(txn.commit().await?)
}

/// The run, if the actor made it or is an administrator without a region.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(cx: &Cx, who: &Actor, id: i64) -> Result<import_run::Model> {
    let run = import_run::Entity::find_by_id(id).one(cx.read()).await?;
    run.filter(|r| may_see(who, r)).ok_or_else(|| Error::not_found("error-not-found"))
}

/// An import is its maker's; administrators see all.
#[must_use]
pub fn may_see(who: &Actor, run: &import_run::Model) -> bool {
    who.role == Role::Administrator || (who.user_id.is_some() && run.created_by == who.user_id)
}

/// The problems of a run, as they were found.
///
/// # Errors
/// What the database reports.
pub async fn problems(cx: &Cx, id: i64, after: i64, limit: u64) -> Result<Vec<(i64, Problem)>> {
    use sea_orm::QuerySelect;
    let rows = import_problem::Entity::find()
        .filter(import_problem::Column::ImportId.eq(id))
        .filter(import_problem::Column::Seq.gt(after))
        .order_by_asc(import_problem::Column::Seq)
        .limit(limit)
        .all(cx.read())
        .await?;
    Ok(rows.into_iter().map(|r| (r.seq, to_problem(r))).collect())
}

/// A stored problem as it was found.
#[must_use]
pub fn to_problem(r: import_problem::Model) -> Problem {
    Problem {
        sheet: r.sheet,
        row: r.row_no.and_then(|n| u32::try_from(n).ok()),
        column: r.column_name,
        severity: if r.severity == "error" { Severity::Error } else { Severity::Warning },
        code: r.code.into(),
        args: serde_json::from_str(&r.args).unwrap_or_default(),
    }
}

/// Reads the tables of a file for a kind.
///
/// # Errors
/// Why the file as a whole is refused.
pub fn parse(
    kind: &dyn Kind,
    columns: &'static [Column],
    bytes: &[u8],
    file_name: &str,
    limits: &Limits,
) -> std::result::Result<Vec<Table>, FileProblem> {
    let book = super::read(bytes, file_name, limits)?;
    super::find_tables(book, columns, kind.all_sheets())
}

/// Why a run stopped without storing anything.
enum Why {
    File(FileProblem),
    Other(Msg),
}

type Worked = std::result::Result<(DatabaseTransaction, Done, Vec<import_change::ActiveModel>), Why>;

async fn read_and_execute(cx: &Cx, who: &Actor, kind: &dyn Kind, run: &import_run::Model) -> Result<Worked> {
    let path = stored_file(cx, run.id);
    let Ok(sealed) = tokio::fs::read(&path).await else {
        return Ok(Err(Why::Other(Msg::new("import-file-gone"))));
    };
    let bytes = cx.seal.open_bytes(&sealed)?;
    let params: Params = serde_json::from_str(&run.params).map_err(Error::internal)?;
    let limits = Limits::from(&cx.settings.import);
    let columns = kind.columns_of(cx)?;
    let tables = match tokio::task::block_in_place(|| parse(kind, columns, &bytes, &run.file_name, &limits)) {
        Ok(t) => t,
        Err(p) => return Ok(Err(Why::File(p))),
    };
    let txn = cx.begin().await?;
    match execute(cx, &txn, who, kind, &params, &tables, run.id).await {
        Ok((done, changes)) => Ok(Ok((txn, done, changes))),
        Err(Error::Invalid(fields)) => {
            let first = fields.into_iter().next().map_or_else(|| Msg::new("error-internal"), |f| f.msg);
            Ok(Err(Why::Other(first)))
        }
        Err(Error::NotFound(m) | Error::Conflict(m)) => Ok(Err(Why::Other(m))),
        Err(e) => {
            tracing::error!(import_id = run.id, "import {} failed: {e}", run.id);
            Ok(Err(Why::Other(Msg::new("error-internal"))))
        }
    }
}

async fn execute(
    cx: &Cx,
    txn: &DatabaseTransaction,
    who: &Actor,
    kind: &dyn Kind,
    params: &Params,
    tables: &[Table],
    import_id: i64,
) -> Result<(Done, Vec<import_change::ActiveModel>)> {
    let mut job = Job::new(cx, txn, who, params, tables, import_id);
    job.progress(0);
    for t in tables {
        job.problems(t.warnings.iter().cloned());
        for row in &t.rows {
            job.problems(t.row_problems(row));
        }
    }
    kind.load(&mut job).await?;

    let Job { mut problems, refused, mut unchanged, changes, .. } = job;
    let order: BTreeMap<&str, usize> = tables.iter().enumerate().map(|(i, t)| (t.sheet.as_str(), i)).collect();
    problems.sort_by_key(|p| (order.get(p.sheet.as_str()).copied(), p.row));
    // A kind may say again what was said of the row before it came to it.
    let mut seen = std::collections::HashSet::new();
    problems.retain(|p| seen.insert((p.sheet.clone(), p.row, p.column.clone(), p.code.clone())));
    unchanged.retain(|r| !refused.contains(r));

    let mut cells = BTreeMap::new();
    let mut headers = BTreeMap::new();
    for t in tables {
        headers.insert(t.sheet.as_str(), t.headers.iter().map(|h| h.text.as_str()).collect::<Vec<_>>());
        for row in t.rows.iter().filter(|r| refused.contains(&(t.sheet.clone(), r.number))) {
            let shown: Vec<_> = t.headers.iter().map(|h| row.cell(h.index).show()).collect();
            let text = serde_json::to_string(&shown).map_err(Error::internal)?;
            cells.insert((t.sheet.clone(), row.number), cx.seal.seal(&text)?);
        }
    }
    let done = Done {
        rows: tables.iter().map(|t| t.rows.len()).sum(),
        refused: refused.len(),
        unchanged: unchanged.len(),
        problems,
        cells,
        headers: serde_json::to_string(&headers).map_err(Error::internal)?,
    };
    let mut rows = Vec::with_capacity(changes.len());
    for (seq, c) in (1_i64..).zip(changes) {
        rows.push(import_change::ActiveModel {
            import_id: Set(import_id),
            seq: Set(seq),
            table_name: Set(c.table.to_owned()),
            row_id: Set(c.id),
            version: Set(c.version),
            action: Set(if c.before.is_some() { "update" } else { "insert" }.to_owned()),
            before: Set(c.before.map(|b| serde_json::to_string(&b)).transpose().map_err(Error::internal)?),
            row_no: Set(c.row.map(i64::from)),
        });
    }
    Ok((done, rows))
}

/// Writes down what was done, in the transaction of the rows themselves.
async fn store(
    cx: &Cx,
    txn: &DatabaseTransaction,
    who: &Actor,
    id: i64,
    done: &Done,
    mut changes: Vec<import_change::ActiveModel>,
) -> Result<()> {
    write_problems(txn, id, done).await?;
    while !changes.is_empty() {
        let rest = changes.split_off(changes.len().min(1000));
        import_change::Entity::insert_many(std::mem::replace(&mut changes, rest)).exec_without_returning(txn).await?;
    }
    set_state(cx, txn, id, State::Committing, State::Committed, Some(done)).await?;
    let counts = serde_json::json!({"rows": done.rows, "accepted": done.accepted(), "refused": done.refused, "unchanged": done.unchanged});
    audit::record(txn, cx, who, [audit::Change::new("import", "import_run", id, 1).after(&counts).import(Some(id))])
        .await
}

async fn write_problems(txn: &DatabaseTransaction, id: i64, done: &Done) -> Result<()> {
    let mut kept: std::collections::BTreeSet<(String, u32)> = std::collections::BTreeSet::new();
    let mut rows = Vec::with_capacity(done.problems.len());
    for (seq, p) in (1_i64..).zip(&done.problems) {
        // The row's cells stand once, at its first problem.
        let key = p.row.map(|r| (p.sheet.clone(), r));
        let cells = key.filter(|k| kept.insert(k.clone())).and_then(|k| done.cells.get(&k).cloned());
        rows.push(import_problem::ActiveModel {
            import_id: Set(id),
            seq: Set(seq),
            sheet: Set(p.sheet.clone()),
            column_name: Set(p.column.clone()),
            code: Set(p.code.clone().into_owned()),
            args: Set(serde_json::to_string(&p.args).map_err(Error::internal)?),
            row_no: Set(p.row.map(i64::from)),
            severity: Set(if p.is_error() { "error" } else { "warning" }.to_owned()),
            cells: Set(cells),
        });
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(500));
        import_problem::Entity::insert_many(std::mem::replace(&mut rows, rest)).exec_without_returning(txn).await?;
    }
    Ok(())
}

async fn set_state(
    cx: &Cx,
    txn: &DatabaseTransaction,
    id: i64,
    from: State,
    to: State,
    done: Option<&Done>,
) -> Result<()> {
    use import_run::Column as C;
    let now = cx.now();
    let mut q = import_run::Entity::update_many()
        .filter(C::Id.eq(id))
        .filter(C::State.eq(from.name()))
        .col_expr(C::State, Expr::value(to.name()))
        .col_expr(C::UpdatedAt, Expr::value(now));
    if let Some(d) = done {
        let warned = d.problems.iter().filter(|p| !p.is_error()).count();
        q = q
            .col_expr(C::Rows, Expr::value(count(d.rows)))
            .col_expr(C::Accepted, Expr::value(count(d.accepted())))
            .col_expr(C::Refused, Expr::value(count(d.refused)))
            .col_expr(C::Unchanged, Expr::value(count(d.unchanged)))
            .col_expr(C::Warnings, Expr::value(count(warned)))
            .col_expr(C::Headers, Expr::value(d.headers.clone()));
    }
    match to {
        State::Committed => q = q.col_expr(C::CommittedAt, Expr::value(now)),
        State::Undone => q = q.col_expr(C::UndoneAt, Expr::value(now)),
        _ => {}
    }
    if q.exec(txn).await?.rows_affected == 1 { Ok(()) } else { Err(Error::conflict("import-state-moved")) }
}

async fn fail(cx: &Cx, txn: &DatabaseTransaction, id: i64, from: State, why: Why) -> Result<()> {
    let (state, problem) = match why {
        Why::File(p) => (State::Rejected, p.to_problem().msg()),
        Why::Other(m) => (State::Failed, m),
    };
    let text = serde_json::to_string(&problem).map_err(Error::internal)?;
    import_run::Entity::update_many()
        .filter(import_run::Column::Id.eq(id))
        .col_expr(import_run::Column::FileProblem, Expr::value(text))
        .exec(txn)
        .await?;
    set_state(cx, txn, id, from, state, None).await?;
    remove_file(cx, id);
    Ok(())
}

fn new_run(
    cx: &Cx,
    who: &Actor,
    kind: &dyn Kind,
    params: &Params,
    file_name: &str,
    bytes: &[u8],
    state: State,
) -> Result<import_run::ActiveModel> {
    let now = cx.now();
    Ok(import_run::ActiveModel {
        id: NotSet,
        kind: Set(kind.name().to_owned()),
        file_name: Set(file_name.chars().take(200).collect()),
        file_hash: Set(hex::encode(Sha256::digest(bytes))),
        params: Set(serde_json::to_string(params).map_err(Error::internal)?),
        file_problem: Set(String::new()),
        headers: Set(String::new()),
        state: Set(state.name().to_owned()),
        rows: Set(0),
        accepted: Set(0),
        refused: Set(0),
        unchanged: Set(0),
        warnings: Set(0),
        created_by: Set(who.user_id),
        created_at: Set(now),
        updated_at: Set(now),
        committed_at: Set(None),
        undone_at: Set(None),
    })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn stored_file(cx: &Cx, id: i64) -> PathBuf {
    cx.settings.data.dir.join("imports").join(format!("{id}.sealed"))
}

fn remove_file(cx: &Cx, id: i64) {
    // A file that stays behind is sealed and is overwritten by nothing; it is only space.
    if let Err(e) = std::fs::remove_file(stored_file(cx, id)) {
        tracing::warn!("upload of import {id} was not removed: {e}");
    }
}

fn disk(e: &std::io::Error) -> Error {
    if e.kind() == std::io::ErrorKind::StorageFull { Error::conflict("error-disk-full") } else { Error::internal(e) }
}
