//! The work of a run inside its transaction: read, judge and store, then write down what was done.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::entity::{import_problem, import_run};
use super::files;
use super::kind::{Job, Kind, Params};
use super::outcome::{Done, State};
use super::problem::FileProblem;
use super::table::{Column, Limits, Table};
use crate::audit;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::{self, Cx};

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
pub(super) enum Why {
    File(FileProblem),
    Other(Msg),
}

pub(super) type Worked = std::result::Result<(DatabaseTransaction, Done, Vec<Vec<Value>>), Why>;

pub(super) async fn read_and_execute(cx: &Cx, who: &Actor, kind: &dyn Kind, run: &import_run::Model) -> Result<Worked> {
    let path = files::stored(cx, run.id);
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
        // Not the file's fault: the caller tries again.
        Err(e) if e.may_pass() => Err(e),
        Err(e) => {
            if matches!(e, Error::Internal(_) | Error::Setup(_)) {
                tracing::error!(import_id = run.id, "import {} failed: {e}", run.id);
            }
            Ok(Err(Why::Other(e.msg())))
        }
    }
}

pub(super) async fn execute(
    cx: &Cx,
    txn: &DatabaseTransaction,
    who: &Actor,
    kind: &dyn Kind,
    params: &Params,
    tables: &[Table],
    import_id: i64,
) -> Result<(Done, Vec<Vec<Value>>)> {
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
        rows.push(vec![
            import_id.into(),
            seq.into(),
            c.table.into(),
            c.id.into(),
            c.version.into(),
            if c.before.is_some() { "update" } else { "insert" }.into(),
            c.before.map(|b| serde_json::to_string(&b)).transpose().map_err(Error::internal)?.into(),
            c.row.map(i64::from).into(),
        ]);
    }
    Ok((done, rows))
}

/// The columns of a change, in the order in which [`execute`] gives its values.
const CHANGE: &[&str] = &["import_id", "seq", "table_name", "row_id", "version", "action", "before", "row_no"];

/// Writes down what was done, in the transaction of the rows themselves.
pub(super) async fn store(
    cx: &Cx,
    txn: &DatabaseTransaction,
    who: &Actor,
    id: i64,
    done: &Done,
    changes: Vec<Vec<Value>>,
) -> Result<()> {
    write_problems(txn, id, done).await?;
    db::insert_rows(txn, "import_change", CHANGE, changes, "").await?;
    set_state(cx, txn, id, State::Committing, State::Committed, Some(done)).await?;
    let counts = serde_json::json!({"rows": done.rows, "accepted": done.accepted(), "refused": done.refused, "unchanged": done.unchanged});
    audit::record(txn, cx, who, [audit::Change::new("import", "import_run", id, 1).after(&counts).import(Some(id))])
        .await
}

pub(super) async fn write_problems(txn: &DatabaseTransaction, id: i64, done: &Done) -> Result<()> {
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

pub(super) async fn set_state(
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

pub(super) async fn fail(cx: &Cx, txn: &DatabaseTransaction, id: i64, from: State, why: Why) -> Result<()> {
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
    files::remove(cx, id);
    Ok(())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
