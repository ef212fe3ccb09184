//! What time alone does to the outbox: leases of dead processes end, windows pass.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use super::outbox::{LogLine, write_log};
use crate::core::Result;
use crate::core::clock::Clock;
use crate::db::{self, Cx};

#[derive(FromQueryResult)]
struct Moved {
    id: i64,
    state: String,
}

/// Rows looked at in one transaction.
const BATCH: u32 = 500;

/// Puts mails whose process died back (they keep their Message-ID), and marks those missed whose window has passed. Gives
/// how many were missed.
///
/// # Errors
/// What the database reports.
pub async fn expire(cx: &Cx) -> Result<usize> {
    let wall = Clock::System.now();
    let dead = format!(
        "SELECT id, state FROM outbox WHERE state = 'sending' AND lease_until < ? ORDER BY id LIMIT {BATCH}{}",
        db::skip_locked(cx.writer())
    );
    loop {
        let note = super::note("mail-note-interrupted");
        if change(cx, &dead, &[wall], "retry", note, "next_try_at = ?, lease_until = NULL").await? == 0 {
            break;
        }
    }
    let mut missed = 0;
    for state in ["planned", "due", "retry"] {
        let late = format!(
            "SELECT id, state FROM outbox WHERE state = '{state}' AND next_try_at <= ? AND expires_at <= ? \
             ORDER BY next_try_at, id LIMIT {BATCH}{}",
            db::skip_locked(cx.writer())
        );
        loop {
            let note = super::note("mail-note-missed");
            let n = change(cx, &late, &[cx.now(), cx.now()], "missed", note, "updated_at = ?").await?;
            missed += n;
            if n == 0 {
                break;
            }
        }
    }
    Ok(missed)
}

async fn change(cx: &Cx, select: &str, at: &[DateTime<Utc>], to: &str, note: String, set: &str) -> Result<usize> {
    let now = cx.now();
    let txn = cx.begin().await?;
    let rows: Vec<Moved> = db::rows(&txn, select, at.iter().map(|t| (*t).into())).await?;
    for part in rows.chunks(db::CHUNK) {
        let sql = format!(
            "UPDATE outbox SET state = ?, error = ?, owner = '', version = version + 1, {set} WHERE id IN ({})",
            db::places(part.len())
        );
        let mut values: Vec<sea_orm::Value> = vec![to.into(), note.clone().into(), now.into()];
        values.extend(part.iter().map(|m| m.id.into()));
        db::run(&txn, &sql, values).await?;
    }
    let lines = rows.iter().map(|m| LogLine::new(m.id, &m.state, to, note.clone())).collect();
    write_log(&txn, now, None, lines).await?;
    txn.commit().await?;
    Ok(rows.len())
}
