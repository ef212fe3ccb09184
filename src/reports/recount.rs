//! Counting everything anew from the source rows, and where that differs from what is maintained.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::tally::rules::{self, Cube, Difference};
use super::tally::{maintained, walk};
use crate::core::{Actor, Result};
use crate::db;
use crate::pipeline::GroupKey;
use crate::schemes::Schemes;

/// What a recount found.
pub(super) struct Recount {
    /// By what is effective today: for the snapshot.
    pub(super) as_of: Cube,
    /// Counters that differ from the recount.
    pub(super) differences: Vec<Difference>,
    /// People whose facts differ from their source rows.
    pub(super) people: Vec<i64>,
}

/// Counts everything from the source rows in one pass and compares. `db` is one snapshot of the database, so that changes
/// made meanwhile are in both figures or in neither.
///
/// # Errors
/// What the database reports.
pub(super) async fn recount(
    db: &impl ConnectionTrait,
    schemes: &Schemes,
    who: &Actor,
    today: NaiveDate,
) -> Result<Recount> {
    let mut cube = Cube::default();
    let mut as_of: Option<Cube> = None;
    let mut stages: BTreeMap<(GroupKey, String), i64> = BTreeMap::new();
    let mut people = Vec::new();
    let walk = walk::Walk { schemes, who, region: None, facts: true, source: true, after: 0 };
    walk.run(db, |w| {
        let counted = w.source.counted(schemes, &w.region_code, None);
        match &w.facts {
            Some(kept) => {
                if kept.counted != counted {
                    people.push(w.id);
                }
                for g in &w.groups {
                    *stages.entry((g.clone(), kept.stage.clone())).or_default() += 1;
                }
            }
            None => people.push(w.id),
        }
        // What takes effect later is maintained already, but not yet part of today's figures.
        if w.source.later_than(today) {
            let only = w.source.counted(schemes, &w.region_code, Some(today));
            as_of.get_or_insert_with(|| cube.clone()).add(&w.groups, &only);
        } else if let Some(c) = &mut as_of {
            c.add(&w.groups, &counted);
        }
        cube.add(&w.groups, &counted);
        ControlFlow::Continue(())
    })
    .await?;
    let kept = maintained::everything(db).await?;
    let mut differences = rules::differences(&kept, &cube);
    differences.extend(stage_differences(db, &stages).await?);
    Ok(Recount { as_of: as_of.unwrap_or(cube), differences, people })
}

#[derive(FromQueryResult)]
struct StageRow {
    kind: String,
    group_key: String,
    stage: String,
    people: i64,
}

async fn stage_differences(
    db: &impl ConnectionTrait,
    counted: &BTreeMap<(GroupKey, String), i64>,
) -> Result<Vec<Difference>> {
    let rows: Vec<StageRow> = db::rows(db, "SELECT kind, group_key, stage, people FROM stage_counter", []).await?;
    let kept: BTreeMap<(String, String, String), i64> =
        rows.into_iter().map(|r| ((r.kind, r.group_key, r.stage), r.people)).collect();
    let counted: BTreeMap<(String, String, String), i64> =
        counted.iter().map(|((g, s), n)| ((g.kind.to_owned(), g.key.clone(), s.clone()), *n)).collect();
    let keys: BTreeSet<_> = kept.keys().chain(counted.keys()).collect();
    let of = |m: &BTreeMap<_, i64>, k| m.get(k).copied().unwrap_or_default();
    Ok(keys
        .into_iter()
        .filter(|k| of(&kept, k) != of(&counted, k))
        .map(|k| Difference {
            kind: k.0.clone(),
            key: k.1.clone(),
            scheme: String::new(),
            level: String::new(),
            year: 0,
            figure: format!("stage:{}", k.2),
            maintained: of(&kept, k),
            recounted: of(&counted, k),
        })
        .collect())
}
