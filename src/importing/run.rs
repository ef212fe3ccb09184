//! From an uploaded file to committed rows: preview, commit, resume after a restart, undo.
//!
//! Invariants: the rows, their problems, the list of changes and the run's state are written in one transaction; a preview
//! is the same work rolled back; committing a run twice commits it once (the state is part of the condition).

use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, Value,
};
use sha2::{Digest, Sha256};

use super::entity::{import_change, import_problem, import_run};
use super::files;
use super::kind::{Kind, Params};
use super::outcome::{Outcome, State};
use super::problem::{Problem, Severity};
use super::progress;
use super::table::Limits;
use super::undo::Undo;
use super::work::{Why, execute, fail, parse, read_and_execute, set_state, store, write_problems};
use crate::audit;
use crate::auth::users;
use crate::core::page::{Page, PageReq};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::{self, Cx};

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
    let path = files::stored(cx, run.id);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|e| files::failed(&e))?;
    }
    std::fs::write(&path, cx.seal.seal_bytes(bytes)?).map_err(|e| files::failed(&e))?;
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
            files::remove(cx, id);
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
    files::remove(cx, id);
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

/// Marks a run that stopped on an error as failed, with the reason a person may know.
///
/// # Errors
/// What the database reports.
pub async fn give_up(cx: &Cx, id: i64, why: &Error) -> Result<()> {
    let Some(run) = import_run::Entity::find_by_id(id).one(cx.read()).await? else { return Ok(()) };
    let from = [State::Reading, State::Committing].into_iter().find(|s| s.name() == run.state);
    let Some(from) = from else { return Ok(()) };
    let txn = cx.begin().await?;
    fail(cx, &txn, id, from, Why::Other(why.msg())).await?;
    Ok(txn.commit().await?)
}

/// The runs an actor sees, newest first.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, page: &PageReq) -> Result<Page<import_run::Model>> {
    let (scope, mut values) = visible_to(who);
    let limit = page.limit() + 1;
    values.push(page.after_id().unwrap_or(i64::MAX).into());
    let sql = format!("SELECT i.* FROM import_run i WHERE {scope} AND i.id < ? ORDER BY i.id DESC LIMIT {limit}");
    Ok(Page::cut(db::rows(cx.read(), &sql, values).await?, page.limit(), |r: &import_run::Model| r.id.to_string()))
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

/// The run, if it is the actor's to see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(cx: &Cx, who: &Actor, id: i64) -> Result<import_run::Model> {
    let (scope, mut values) = visible_to(who);
    values.push(id.into());
    let sql = format!("SELECT i.* FROM import_run i WHERE {scope} AND i.id = ?");
    let found: Vec<import_run::Model> = db::rows(cx.read(), &sql, values).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("error-not-found"))
}

/// Those of these imports that the actor sees.
///
/// # Errors
/// What the database reports.
pub async fn seen_among(db: &impl ConnectionTrait, who: &Actor, ids: &[i64]) -> Result<HashSet<i64>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: i64,
    }
    let mut out = HashSet::new();
    for chunk in ids.chunks(db::CHUNK) {
        let (scope, mut values) = visible_to(who);
        values.extend(chunk.iter().map(|id| Value::from(*id)));
        let sql = format!("SELECT i.id FROM import_run i WHERE {scope} AND i.id IN ({})", db::places(chunk.len()));
        out.extend(db::rows::<Id>(db, &sql, values).await?.into_iter().map(|r| r.id));
    }
    Ok(out)
}

/// An import is its maker's. An administrator sees those that bring data of the own regions, and those of everybody whose
/// scope lies there, since what such a person imports lies there too (all, without a region). A piece of SQL for `import_run i` with its values.
fn visible_to(who: &Actor) -> (String, Vec<Value>) {
    if who.sees_all() && who.role == Role::Administrator {
        return ("1 = 1".to_owned(), Vec::new());
    }
    let own = Value::from(who.user_id.unwrap_or(0));
    if who.role != Role::Administrator {
        return ("i.created_by = ?".to_owned(), vec![own]);
    }
    let (theirs, of_theirs) = users::within(&who.scope.regions);
    let mut values: Vec<Value> = std::iter::once(own).chain(of_theirs).collect();
    let here = who.scope.regions.iter().map(|code| {
        let (from, to) = db::prefix_range(code);
        values.extend([Value::from(from), Value::from(to)]);
        "OR (i.region_code >= ? AND i.region_code < ?)"
    });
    let here: Vec<&str> = here.collect();
    let sql = format!(
        "(i.created_by = ? OR i.created_by IN (SELECT u.id FROM user_account u WHERE {theirs}) {})",
        here.join(" ")
    );
    (sql, values)
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

fn region_of(who: &Actor, params: &Params) -> String {
    let named = params.region.as_deref().map_or("", str::trim);
    match who.scope.regions.as_slice() {
        _ if !named.is_empty() => named.to_owned(),
        [only] => only.clone(),
        _ => String::new(),
    }
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
        region_code: Set(region_of(who, params)),
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
