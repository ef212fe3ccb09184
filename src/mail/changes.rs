//! Changes that the planning feature makes to many of its mails at once: a moment moved, a reason fell away or came
//! back. Each takes ids that the caller found, and leaves alone what has meanwhile gone out.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::outbox::{LogLine, write_log};
use super::rules::State;
use crate::core::{Msg, Result};
use crate::db::{self, Cx};

/// Moves mails that still wait to another moment. Gives how many.
///
/// # Errors
/// What the database reports.
pub async fn move_to(
    txn: &impl ConnectionTrait,
    cx: &Cx,
    ids: &[i64],
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<usize> {
    let set = "due_at = ?, next_try_at = ?, expires_at = ?";
    let values = vec![due_at.into(), due_at.into(), expires_at.into()];
    let from = [State::Planned, State::NoAddress];
    change(txn, cx, ids, &from, None, &super::note("mail-note-moved"), (set, values)).await
}

/// Calls mails off because their reason fell away. Gives how many.
///
/// # Errors
/// What the database reports.
pub async fn withdraw(txn: &impl ConnectionTrait, cx: &Cx, ids: &[i64], why: &Msg) -> Result<usize> {
    let from = [State::Planned, State::Due, State::Retry, State::NoAddress];
    let set = ("lease_until = NULL", Vec::new());
    change(txn, cx, ids, &from, Some(State::Cancelled), &super::kept(why), set).await
}

/// Plans mails again whose reason came back, or whose person has got an address. Gives how many.
///
/// # Errors
/// What the database reports.
pub async fn revive(
    txn: &impl ConnectionTrait,
    cx: &Cx,
    ids: &[i64],
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<usize> {
    let set = "due_at = ?, next_try_at = ?, expires_at = ?, attempts = 0";
    let values = vec![due_at.into(), due_at.into(), expires_at.into()];
    let from = [State::Cancelled, State::NoAddress];
    change(txn, cx, ids, &from, Some(State::Planned), "", (set, values)).await
}

async fn change(
    txn: &impl ConnectionTrait,
    cx: &Cx,
    ids: &[i64],
    from: &[State],
    to: Option<State>,
    note: &str,
    (set, set_values): (&str, Vec<Value>),
) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        state: String,
    }
    let mut moved = 0;
    for part in ids.chunks(db::CHUNK) {
        let states = from.iter().map(|s| format!("'{}'", s.name())).collect::<Vec<_>>().join(", ");
        let which = format!("id IN ({}) AND state IN ({states})", db::places(part.len()));
        let values = || part.iter().map(|i| Value::from(*i));
        let lock = db::skip_locked(txn);
        let rows: Vec<Row> =
            db::rows(txn, &format!("SELECT id, state FROM outbox WHERE {which}{lock}"), values()).await?;
        if rows.is_empty() {
            continue;
        }
        let new_state = to.map_or(String::new(), |s| format!("state = '{}', error = ?, ", s.name()));
        let sql = format!(
            "UPDATE outbox SET {new_state}{set}, version = version + 1, updated_at = ? WHERE id IN ({})",
            db::places(rows.len())
        );
        let mut all: Vec<Value> = Vec::new();
        if to.is_some() {
            all.push(note.into());
        }
        all.extend(set_values.iter().cloned());
        all.push(cx.now().into());
        all.extend(rows.iter().map(|r| Value::from(r.id)));
        db::run(txn, &sql, all).await?;
        let line = |r: &Row| LogLine {
            outbox_id: r.id,
            from: r.state.clone(),
            to: to.map_or_else(|| r.state.clone(), |s| s.name().to_owned()),
            note: note.to_owned(),
        };
        write_log(txn, cx.now(), None, rows.iter().map(line).collect()).await?;
        moved += rows.len();
    }
    Ok(moved)
}
