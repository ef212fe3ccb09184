//! Claims of batches and what became of them, each in one short transaction.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, Value};

use super::entity;
use super::outbox::{LogLine, write_log};
use super::rules::{Outcome, State, after};
use crate::core::clock::Clock;
use crate::core::{Msg, Result};
use crate::db::{self, Cx};

/// A process that has not renewed its lease for so long is taken for dead and its mails are sent by another.
pub const LEASE: chrono::TimeDelta = chrono::TimeDelta::seconds(90);

/// What became of a claimed mail.
#[derive(Clone, Debug)]
pub enum End {
    /// An attempt was made, to this address.
    Tried {
        outcome: Outcome,
        address: String,
    },
    Cancelled(Msg),
    Later {
        due_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    },
    NoAddress,
}

/// A claimed mail that is done with.
#[derive(Clone, Debug)]
pub struct Done {
    pub id: i64,
    /// Attempts before this one.
    pub attempts: i64,
    pub end: End,
}

/// Takes up to `limit` mails that are due for `owner`. No two processes get the same row: it is one UPDATE, and on
/// PostgreSQL rows that another is taking are passed by.
///
/// # Errors
/// What the database reports.
pub async fn claim(cx: &Cx, owner: &str, limit: usize) -> Result<Vec<entity::Model>> {
    use sea_orm::ColumnTrait;
    let mut out: Vec<entity::Model> = Vec::new();
    for state in [State::Due, State::Planned, State::Retry] {
        let want = limit.saturating_sub(out.len());
        if want == 0 {
            break;
        }
        let txn = cx.begin().await?;
        let sql = format!(
            "WITH mine AS (SELECT id FROM outbox WHERE state = ? AND next_try_at <= ? \
             AND (expires_at IS NULL OR expires_at > ?) ORDER BY next_try_at, id LIMIT {want}{}) \
             UPDATE outbox SET state = 'sending', owner = ?, lease_until = ?, version = version + 1, updated_at = ? \
             WHERE id IN (SELECT id FROM mine) AND state = ? RETURNING id",
            db::skip_locked(&txn)
        );
        let now = cx.now();
        let values: [Value; 7] = [
            state.name().into(),
            now.into(),
            now.into(),
            owner.into(),
            (Clock::System.now() + LEASE).into(),
            now.into(),
            state.name().into(),
        ];
        #[derive(sea_orm::FromQueryResult)]
        struct Id {
            id: i64,
        }
        let ids: Vec<i64> = db::rows::<Id>(&txn, &sql, values).await?.into_iter().map(|i| i.id).collect();
        for part in ids.chunks(db::CHUNK) {
            let rows = entity::Entity::find().filter(entity::Column::Id.is_in(part.iter().copied()));
            out.extend(rows.all(&txn).await?);
        }
        let lines = ids.iter().map(|id| LogLine::new(*id, state.name(), "sending", String::new())).collect();
        write_log(&txn, now, None, lines).await?;
        txn.commit().await?;
    }
    Ok(out)
}

/// Renews the lease of all that `owner` holds.
///
/// # Errors
/// What the database reports.
pub async fn renew(cx: &Cx, owner: &str) -> Result<()> {
    let until = Clock::System.now() + LEASE;
    let sql = "UPDATE outbox SET lease_until = ? WHERE state = 'sending' AND owner = ?";
    db::run(cx.writer(), sql, [until.into(), owner.into()]).await?;
    Ok(())
}

/// Records the ends of claimed mails in one transaction. A mail that `owner` no longer holds is left alone.
///
/// # Errors
/// What the database reports; nothing is recorded then.
pub async fn record(cx: &Cx, owner: &str, done: &[Done]) -> Result<()> {
    let txn = cx.begin().await?;
    let (sent, other): (Vec<&Done>, Vec<&Done>) =
        done.iter().partition(|d| matches!(&d.end, End::Tried { outcome: Outcome::Sent, .. }));
    let mut lines = Vec::with_capacity(done.len());
    for part in sent.chunks(db::CHUNK) {
        for id in mark_sent(&txn, cx, owner, part).await? {
            lines.push(LogLine::new(id, "sending", "sent", String::new()));
        }
    }
    for d in other {
        let (verdict, note) = match &d.end {
            End::Tried { outcome, .. } => (after(outcome, d.attempts), words(outcome)),
            End::Cancelled(why) => (at_end(State::Cancelled, d.attempts), super::kept(why)),
            End::Later { due_at, expires_at } => {
                // Back as it was before it was claimed; the common statement below ends the claim.
                let sql =
                    "UPDATE outbox SET due_at = ?, expires_at = ? WHERE id = ? AND state = 'sending' AND owner = ?";
                db::run(&txn, sql, [(*due_at).into(), (*expires_at).into(), d.id.into(), owner.into()]).await?;
                let verdict = super::rules::Verdict { wait: *due_at - cx.now(), ..at_end(State::Planned, d.attempts) };
                (verdict, super::note("mail-note-moved"))
            }
            End::NoAddress => (at_end(State::NoAddress, d.attempts), String::new()),
        };
        let held = db::run(
            &txn,
            "UPDATE outbox SET state = ?, error = ?, attempts = ?, next_try_at = ?, owner = '', lease_until = NULL, \
             version = version + 1, updated_at = ? WHERE id = ? AND state = 'sending' AND owner = ?",
            [
                verdict.state.name().into(),
                note.clone().into(),
                verdict.attempts.into(),
                (cx.now() + verdict.wait).into(),
                cx.now().into(),
                d.id.into(),
                owner.into(),
            ],
        )
        .await?;
        if held == 1 {
            lines.push(LogLine::new(d.id, "sending", verdict.state.name(), note));
        }
    }
    write_log(&txn, cx.now(), None, lines).await?;
    Ok(txn.commit().await?)
}

async fn mark_sent(txn: &DatabaseTransaction, cx: &Cx, owner: &str, part: &[&Done]) -> Result<Vec<i64>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Id {
        id: i64,
        address: String,
    }
    let now = cx.now();
    let sql = format!(
        "UPDATE outbox SET state = 'sent', error = '', attempts = attempts + 1, sent_at = ?, owner = '', \
         lease_until = NULL, version = version + 1, updated_at = ? \
         WHERE id IN ({}) AND state = 'sending' AND owner = ? RETURNING id, address",
        db::places(part.len())
    );
    let mut values: Vec<Value> = vec![now.into(), now.into()];
    values.extend(part.iter().map(|d| d.id.into()));
    values.push(owner.into());
    let held: Vec<Id> = db::rows(txn, &sql, values).await?;
    for row in &held {
        // The address may have been corrected between plan and sending: the row says where it went.
        let used = part.iter().find(|d| d.id == row.id).map(|d| &d.end);
        if let Some(End::Tried { address, .. }) = used
            && *address != row.address
        {
            let sql = "UPDATE outbox SET address = ? WHERE id = ?";
            db::run(txn, sql, [address.clone().into(), row.id.into()]).await?;
        }
    }
    Ok(held.into_iter().map(|r| r.id).collect())
}

fn at_end(state: State, attempts: i64) -> super::rules::Verdict {
    super::rules::Verdict { state, attempts, wait: chrono::TimeDelta::zero() }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent => String::new(),
        Outcome::Again(why) | Outcome::Never(why) | Outcome::Unreached(why) => why.clone(),
    }
}
