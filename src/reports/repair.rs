//! Putting the maintained figures right after an alarm: people are derived anew from their records, then every counter that
//! still differs is moved by the difference.
//!
//! Nothing is locked while it counts. A difference is taken within one snapshot of the database, and changes made meanwhile
//! move counter and recount alike, so moving the counter by the difference later is as right as it was then.

use super::nightly;
use super::recount::{Recount, recount};
use crate::audit::{self, Change};
use crate::core::{Actor, Error, Msg, Result, Role};
use crate::db::Cx;
use crate::jobs::queue::{self, NewTask};
use crate::pipeline::{self, Correction};
use crate::{certificates, classes, cohorts, exams, practicum, schemes};

/// The kind of the task that [`ask`] leaves.
pub const TASK: &str = "tally_repair";

/// People derived anew in one transaction.
const AT_ONCE: usize = 500;

/// What was put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired {
    pub people: usize,
    pub figures: usize,
    /// Figures that still differ afterwards: none, unless something breaks them while it runs.
    pub left: usize,
}

impl Repaired {
    /// The sentence for page and terminal.
    #[must_use]
    pub fn msg(&self) -> Msg {
        Msg::new(if self.left == 0 { "reports-repaired" } else { "reports-repaired-in-part" })
            .with("people", self.people)
            .with("figures", self.figures)
            .with("left", self.left)
    }
}

/// Has it done in the background, once however often it is asked for.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not administer everything, [`Error::Conflict`] without an open alarm.
pub async fn ask(cx: &Cx, who: &Actor) -> Result<()> {
    allowed(who)?;
    let txn = cx.begin().await?;
    let open = super::alarm::open_alarms_in(&txn).await?;
    if open.is_empty() {
        return Err(Error::conflict("reports-repair-nothing"));
    }
    queue::enqueue(&txn, cx, NewTask::new(TASK, &())?.once(TASK)).await?;
    // Gathered first: a closure over borrowed rows inside the future is not general enough for the handlers.
    let asked: Vec<Change> = open.iter().map(|row| Change::new("repair", "alarm", row.id, 1).after(row)).collect();
    audit::record(&txn, cx, who, asked).await?;
    Ok(txn.commit().await?)
}

/// Does it, then recounts as every night does, which clears the alarms.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not administer everything, or what the database reports.
pub async fn run(cx: &Cx, who: &Actor) -> Result<Repaired> {
    allowed(who)?;
    let people = look(cx, who).await?.people;
    for chunk in people.chunks(AT_ONCE) {
        rederive(cx, chunk).await?;
    }
    let differences = look(cx, who).await?.differences;
    let corrections: Vec<Correction> = differences
        .iter()
        .map(|d| Correction {
            kind: d.kind.clone(),
            key: d.key.clone(),
            scheme: d.scheme.clone(),
            level: d.level.clone(),
            year: d.year,
            figure: d.figure.clone(),
            by: d.recounted - d.maintained,
        })
        .collect();
    let txn = cx.begin().await?;
    pipeline::correct(&txn, &corrections).await?;
    txn.commit().await?;
    let after = nightly::run(cx, who).await?;
    Ok(Repaired {
        people: people.len(),
        figures: differences.len(),
        left: after.differences.len() + after.people.len(),
    })
}

fn allowed(who: &Actor) -> Result<()> {
    who.require(&[Role::Administrator])?;
    if who.sees_all() { Ok(()) } else { Err(Error::Forbidden) }
}

async fn look(cx: &Cx, who: &Actor) -> Result<Recount> {
    let schemes = schemes::of(cx)?;
    let read = cx.begin_read().await?;
    recount(&read, &schemes, who, cx.today()).await
}

/// Derives all facts of people from their records.
async fn rederive(cx: &Cx, people: &[i64]) -> Result<()> {
    let schemes = schemes::of(cx)?;
    let txn = cx.begin().await?;
    let open = pipeline::open(&txn, people).await?;
    let mut changes = cohorts::ops::facts(&txn, people).await?;
    changes.extend(practicum::ops::facts(&txn, people).await?);
    changes.extend(classes::ops::facts(&txn, people).await?);
    changes.extend(exams::facts::of(&txn, &schemes, people).await?);
    changes.extend(certificates::ops::facts(&txn, &schemes, people).await?);
    open.close(&txn, cx, changes).await?;
    Ok(txn.commit().await?)
}
