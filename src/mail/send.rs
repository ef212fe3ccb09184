//! The job that sends: claims batches, makes the texts, sends over a few lines at once, records as it goes.
//!
//! Three parts work side by side: one claims and writes the next batch while the lines send the last, and what was sent
//! is recorded in as large groups as have come together. How many mails may be sent and not yet recorded is bounded
//! (twice the lines): after a crash only those can arrive a second time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::Mailbox;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};

use super::compose::{Head, compose};
use super::lane::{Lane, Route};
use super::record::{self, Done, End};
use super::rules::Outcome;
use super::template::{Prepared, Templates};
use super::{entity, expire};
use crate::core::{Error, Msg, Result};
use crate::db::Cx;

/// Mails claimed at once.
const BATCH: usize = 200;

/// The means to send: where to, and what each template says. Made once by `app`.
#[derive(Clone)]
pub struct Post {
    pub route: Route,
    pub templates: Arc<Templates>,
}

impl Post {
    /// The route follows from the settings: a mail server, or files.
    #[must_use]
    pub fn new(cx: &Cx, templates: Templates) -> Self {
        Self { route: Route::of(&cx.settings), templates: Arc::new(templates) }
    }
}

/// What one call of [`send_due`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub sent: usize,
    /// To be tried again.
    pub retry: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub no_address: usize,
    pub missed: usize,
    /// Why the server could not be reached, if so.
    pub unreached: Option<String>,
}

impl Report {
    /// The text of the job's history.
    #[must_use]
    pub fn msg(&self) -> Msg {
        Msg::new("mail-report")
            .with("sent", self.sent)
            .with("retry", self.retry)
            .with("failed", self.failed)
            .with("cancelled", self.cancelled)
            .with("missed", self.missed)
    }

    fn count(&mut self, done: &Done) {
        match &done.end {
            End::Tried { outcome: Outcome::Sent, .. } => self.sent += 1,
            End::Tried { outcome: Outcome::Unreached(why), .. } => {
                self.retry += 1;
                self.unreached.get_or_insert_with(|| why.clone());
            }
            End::Tried { outcome, .. } => match super::rules::after(outcome, done.attempts).state {
                super::State::Failed => self.failed += 1,
                _ => self.retry += 1,
            },
            End::Cancelled(_) => self.cancelled += 1,
            End::NoAddress => self.no_address += 1,
            End::Later { .. } => {}
        }
    }
}

struct Ready {
    id: i64,
    attempts: i64,
    address: String,
    envelope: Envelope,
    content: Vec<u8>,
}

impl Ready {
    fn done(self, outcome: Outcome) -> Done {
        Done { id: self.id, attempts: self.attempts, end: End::Tried { outcome, address: self.address } }
    }
}

type Results = mpsc::Sender<(Done, Option<OwnedSemaphorePermit>)>;

/// Sends all that is due until nothing is, or the server cannot be reached. Any number of processes may do so at once.
///
/// # Errors
/// What the database reports. That a mail or the server failed is in the report, not an error.
pub async fn send_due(cx: &Cx, post: &Post) -> Result<Report> {
    let missed = expire::expire(cx).await?;
    let first = claim(cx, &owner()).await?;
    if first.rows.is_empty() {
        return Ok(Report { missed, ..Report::default() });
    }
    let lines = cx.settings.mail.parallel;
    let open = Arc::new(AtomicUsize::new(lines));
    let unrecorded = Arc::new(Semaphore::new(lines * 2));
    let (to_lines, from_feeder) = mpsc::channel::<Ready>(lines);
    let (to_record, from_lines) = mpsc::channel(lines * 2 + BATCH);
    let from_feeder = Arc::new(Mutex::new(from_feeder));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..lines {
        let line = Line {
            lane: Lane::new(post.route.clone()),
            work: from_feeder.clone(),
            results: to_record.clone(),
            open: open.clone(),
            unrecorded: unrecorded.clone(),
        };
        tasks.spawn(line.run());
    }
    // The lines alone hold the other end: when they are gone, the feeder notices.
    drop(from_feeder);
    let own = first.owner.clone();
    let feed = feed(cx, post, first, to_lines, to_record, &open);
    let keep = keep_and_record(cx, &own, from_lines);
    let (fed, recorded) = tokio::join!(feed, keep);
    while tasks.join_next().await.is_some() {}
    let mut report = recorded?;
    fed?;
    report.missed = missed;
    Ok(report)
}

/// A name for this call: two calls in one process do not touch each other's mails.
fn owner() -> String {
    format!("{}-{:016x}", std::process::id(), rand::random::<u64>())
}

struct Batch {
    owner: String,
    rows: Vec<entity::Model>,
}

async fn claim(cx: &Cx, owner: &str) -> Result<Batch> {
    Ok(Batch { owner: owner.to_owned(), rows: record::claim(cx, owner, BATCH).await? })
}

/// Claims, prepares and hands out batches. Dropping both senders at its end lets the others end.
async fn feed(
    cx: &Cx,
    post: &Post,
    first: Batch,
    to_lines: mpsc::Sender<Ready>,
    results: Results,
    open: &AtomicUsize,
) -> Result<()> {
    let from: Mailbox = cx.settings.mail.from.parse().map_err(Error::internal)?;
    let mut batch = first;
    while !batch.rows.is_empty() {
        let prepared = match post.templates.prepare(cx, &batch.rows).await {
            Ok(all) => all,
            Err(e) => {
                // Not the mails' fault: back they go, and the job's history shows why.
                for row in &batch.rows {
                    let outcome = Outcome::Unreached(e.to_string());
                    let end = End::Tried { outcome, address: row.address.clone() };
                    let _ = results.send((Done { id: row.id, attempts: row.attempts, end }, None)).await;
                }
                return Err(e);
            }
        };
        for (row, p) in batch.rows.iter().zip(prepared) {
            match ready(cx, post, &from, row, p) {
                Ok(mail) => {
                    if to_lines.send(mail).await.is_err() {
                        return Err(Error::internal("the lines to the mail server ended"));
                    }
                }
                Err(end) => {
                    let _ = results.send((Done { id: row.id, attempts: row.attempts, end }, None)).await;
                }
            }
        }
        if open.load(Ordering::Acquire) == 0 {
            return Ok(());
        }
        batch = claim(cx, &batch.owner).await?;
    }
    Ok(())
}

fn ready(cx: &Cx, post: &Post, from: &Mailbox, row: &entity::Model, p: Prepared) -> std::result::Result<Ready, End> {
    let never = |why: String, address: &str| End::Tried { outcome: Outcome::Never(why), address: address.to_owned() };
    let (address, name, letter) = match p {
        Prepared::Send { address, .. } if address.trim().is_empty() => return Err(End::NoAddress),
        Prepared::Send { address, name, letter } => (address.trim().to_owned(), name, letter),
        Prepared::Cancel(why) => return Err(End::Cancelled(why)),
        Prepared::Later { due_at, expires_at } => return Err(End::Later { due_at, expires_at }),
        Prepared::NoAddress => return Err(End::NoAddress),
        Prepared::Fail(why) => return Err(never(why, &row.address)),
    };
    let readable = matches!(post.route, Route::Files(_));
    let (date, message_id) = (cx.now(), row.message_id.as_str());
    let head = Head { from, address: &address, name: &name, message_id, date, readable };
    match compose(&head, &letter) {
        Ok((envelope, content)) => Ok(Ready { id: row.id, attempts: row.attempts, address, envelope, content }),
        Err(why) => Err(never(why, &address)),
    }
}

struct Line {
    lane: Lane,
    work: Arc<Mutex<mpsc::Receiver<Ready>>>,
    results: Results,
    open: Arc<AtomicUsize>,
    unrecorded: Arc<Semaphore>,
}

impl Line {
    async fn run(mut self) {
        while let Some(mail) = self.next().await {
            let Ok(permit) = self.unrecorded.clone().acquire_owned().await else { break };
            let outcome = self.lane.send(mail.id, &mail.envelope, &mail.content).await;
            let lost = matches!(&outcome, Outcome::Unreached(_)).then(|| outcome.clone());
            if self.results.send((mail.done(outcome), Some(permit))).await.is_err() {
                // Nobody records any more: what would be sent now would be sent again.
                break;
            }
            if let Some(why) = lost {
                // This line is given up; a server may allow fewer than we would like. The last one out gives back
                // what is still being handed over, so that nobody waits for it.
                if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                    while let Some(mail) = self.next().await {
                        let _ = self.results.send((mail.done(why.clone()), None)).await;
                    }
                }
                break;
            }
        }
        self.lane.close().await;
    }

    async fn next(&self) -> Option<Ready> {
        self.work.lock().await.recv().await
    }
}

/// Records results in groups as they come, and renews the lease meanwhile.
async fn keep_and_record(
    cx: &Cx,
    owner: &str,
    mut results: mpsc::Receiver<(Done, Option<OwnedSemaphorePermit>)>,
) -> Result<Report> {
    let mut report = Report::default();
    let mut beat = tokio::time::interval(Duration::from_secs(20));
    beat.tick().await;
    loop {
        let mut group = Vec::new();
        tokio::select! {
            n = results.recv_many(&mut group, BATCH) => if n == 0 { return Ok(report) },
            _ = beat.tick() => {
                if let Err(e) = record::renew(cx, owner).await {
                    tracing::warn!("lease of mails being sent not renewed: {e}");
                }
                continue;
            }
        }
        let (done, permits): (Vec<Done>, Vec<_>) = group.into_iter().unzip();
        // A database that is away for a moment must not make people get their mail twice.
        for attempt in 1..=5_u64 {
            match record::record(cx, owner, &done).await {
                Ok(()) => break,
                Err(e) if attempt == 5 => return Err(e),
                Err(_) => tokio::time::sleep(Duration::from_millis(200 * attempt)).await,
            }
        }
        for d in &done {
            report.count(d);
        }
        drop(permits);
    }
}
