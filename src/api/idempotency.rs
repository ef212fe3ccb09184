//! The same POST twice does one thing: the first answer is kept a day under the client's key and given again.
//!
//! A key is claimed before the operation runs and filled after it, so two calls at once cannot both run. When the process
//! dies in between, the claim stands for [`STALE_MINUTES`]; after that the call runs again.

use chrono::TimeDelta;
use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};

use crate::core::{Error, Result};
use crate::db::{self, Cx};

/// Hours an answer is kept.
pub const KEEP_HOURS: i64 = 24;
/// Minutes after which an unanswered claim counts as dead.
pub const STALE_MINUTES: i64 = 10;

/// What a key says about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Run the operation.
    New,
    /// It ran: status and body of its answer.
    Answered(u16, String),
}

#[derive(FromQueryResult)]
struct Row {
    route: String,
    body_hash: String,
    response: String,
    status: i64,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// Claims a key for one call.
///
/// # Errors
/// [`Error::Conflict`] when the key was used for another call, or when that call is still running.
pub async fn claim(cx: &Cx, user_id: i64, key: &str, route: &str, body: &[u8]) -> Result<Claim> {
    let now = cx.now();
    let hash = hex::encode(Sha256::digest(body));
    let txn = cx.begin().await?;
    let old = now - TimeDelta::hours(KEEP_HOURS);
    let sql = "DELETE FROM idempotency_key WHERE user_id = ? AND created_at < ?";
    db::run(&txn, sql, [user_id.into(), old.into()]).await?;
    let sql = "INSERT INTO idempotency_key (user_id, idem_key, route, body_hash, response, status, created_at) \
               VALUES (?, ?, ?, ?, '', 0, ?) ON CONFLICT (user_id, idem_key) DO NOTHING";
    let values = [user_id.into(), key.into(), route.into(), hash.as_str().into(), now.into()];
    if db::run(&txn, sql, values).await? == 1 {
        txn.commit().await?;
        return Ok(Claim::New);
    }
    let sql =
        "SELECT route, body_hash, response, status, created_at FROM idempotency_key WHERE user_id = ? AND idem_key = ?";
    let rows: Vec<Row> = db::rows(&txn, sql, [user_id.into(), key.into()]).await?;
    let row = rows.into_iter().next().ok_or(Error::Busy)?;
    if row.route != route || row.body_hash != hash {
        return Err(Error::conflict("api-idempotency-other"));
    }
    if let Ok(status @ 1..) = u16::try_from(row.status) {
        return Ok(Claim::Answered(status, row.response));
    }
    if now - row.created_at < TimeDelta::minutes(STALE_MINUTES) {
        return Err(Error::conflict("api-idempotency-running"));
    }
    let sql = "UPDATE idempotency_key SET created_at = ? WHERE user_id = ? AND idem_key = ?";
    db::run(&txn, sql, [now.into(), user_id.into(), key.into()]).await?;
    txn.commit().await?;
    Ok(Claim::New)
}

/// Keeps the answer under its key.
///
/// # Errors
/// What the database reports.
pub async fn store(cx: &Cx, user_id: i64, key: &str, status: u16, response: &str) -> Result<()> {
    let txn = cx.begin().await?;
    let sql = "UPDATE idempotency_key SET status = ?, response = ? WHERE user_id = ? AND idem_key = ?";
    db::run(&txn, sql, [i64::from(status).into(), response.into(), user_id.into(), key.into()]).await?;
    Ok(txn.commit().await?)
}

/// Gives a key free again.
///
/// # Errors
/// What the database reports.
pub async fn forget(cx: &Cx, user_id: i64, key: &str) -> Result<()> {
    let txn = cx.begin().await?;
    let sql = "DELETE FROM idempotency_key WHERE user_id = ? AND idem_key = ?";
    db::run(&txn, sql, [user_id.into(), key.into()]).await?;
    Ok(txn.commit().await?)
}
