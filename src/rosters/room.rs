//! Rows whose placement finds no room: where campus and base have an agreement on record it must cover the placement and
//! have a place free. Without an agreement on record nothing is asked (rosters of the time before).

use super::import::Line;
use crate::core::Result;
use crate::importing::{Job, Problem};
use crate::people::ops::Batch;
use crate::practicum::ops::{Room, Want};

/// Refuses such rows.
///
/// # Errors
/// What the database reports.
pub(super) async fn refuse(job: &mut Job<'_>, batch: &mut Batch, lines: &mut Vec<Line>) -> Result<()> {
    let bases: Vec<i64> = lines.iter().filter_map(|l| l.extra.base_id).collect();
    if bases.is_empty() {
        return Ok(());
    }
    let mut room = Room::load(job.txn, &bases).await?;
    let mut keep = vec![true; lines.len()];
    for (i, (line, person)) in lines.iter().zip(batch.rows()).enumerate() {
        let (Some(base_id), Some(campus)) = (line.extra.base_id, person.campus_id) else { continue };
        let want = Want {
            person_id: batch.known(i).map(|p| p.id),
            campus_id: Some(campus),
            base_id,
            span: (line.extra.starts_on, line.extra.ends_on),
            own: None,
        };
        let Err(no) = room.check(&want, false) else {
            room.take(&want);
            continue;
        };
        let Some(table) = job.tables.iter().find(|t| t.sheet == line.sheet) else { continue };
        let Some(row) = table.rows.get(line.input.index) else { continue };
        let p = Problem::error(no.code()).with("n", no.capacity());
        job.problem(table.problem(p, row, "base"));
        if let Some(k) = keep.get_mut(i) {
            *k = false;
        }
    }
    batch.retain(|i| keep.get(i).copied().unwrap_or(true));
    let mut it = keep.iter();
    lines.retain(|_| it.next().copied().unwrap_or(true));
    Ok(())
}
