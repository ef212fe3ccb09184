//! What people count for, and moving the counters by the difference.

use std::collections::BTreeMap;

use sea_orm::{DatabaseTransaction, Value};

use super::rules::{Facts, Stage};
use crate::core::Result;
use crate::db;

/// A group people belong to: kind (`all`, `region`, `cohort`, `campus`, `base`, `class`) and key ('' for all, the code
/// of a region, the id of the others).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    pub kind: &'static str,
    pub key: String,
}

/// A row of `tally_counter`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey {
    pub group: GroupKey,
    pub scheme: String,
    pub level: String,
    pub year: i64,
}

/// The figures of one counter row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub people: i64,
    pub registered: i64,
    pub sat: i64,
    pub passed: i64,
    pub certified: i64,
}

impl Counts {
    fn add(&mut self, o: &Self, sign: i64) {
        self.people += sign * o.people;
        self.registered += sign * o.registered;
        self.sat += sign * o.sat;
        self.passed += sign * o.passed;
        self.certified += sign * o.certified;
    }
}

/// Sums over people; keys in order, so that two transactions lock the counter rows in the same order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    tally: BTreeMap<CounterKey, Counts>,
    stages: BTreeMap<(GroupKey, Stage), i64>,
}

impl Sums {
    /// Adds (or takes away) what one person counts for in each of their groups.
    pub(super) fn person(&mut self, groups: &[GroupKey], facts: &Facts, stage: Stage, sign: i64) {
        for g in groups {
            let at = |scheme: &str, level: &str, year| CounterKey {
                group: g.clone(),
                scheme: scheme.to_owned(),
                level: level.to_owned(),
                year,
            };
            *self.stages.entry((g.clone(), stage)).or_default() += sign;
            self.tally.entry(at("", "", 0)).or_default().people += sign;
            if facts.certified() {
                self.tally.entry(at(&facts.highest_scheme, &facts.highest_level, 0)).or_default().certified += sign;
            }
            for e in &facts.exams {
                let c = Counts {
                    registered: i64::from(e.registered),
                    sat: i64::from(e.sat),
                    passed: i64::from(e.passed),
                    ..Counts::default()
                };
                self.tally.entry(at(&e.scheme, &e.level, e.year)).or_default().add(&c, sign);
            }
        }
    }

    /// Moves the counters; rows that do not change are left alone.
    pub(super) async fn apply(self, txn: &DatabaseTransaction) -> Result<()> {
        let moved: Vec<_> = self.tally.into_iter().filter(|(_, c)| *c != Counts::default()).collect();
        for chunk in moved.chunks(80) {
            let sql = format!(
                "INSERT INTO tally_counter (kind, group_key, scheme, level, year, people, registered, sat, passed, certified) \
                 VALUES {} ON CONFLICT (kind, group_key, scheme, level, year) DO UPDATE SET \
                 people = tally_counter.people + excluded.people, registered = tally_counter.registered + excluded.registered, \
                 sat = tally_counter.sat + excluded.sat, passed = tally_counter.passed + excluded.passed, \
                 certified = tally_counter.certified + excluded.certified",
                tuples(chunk.len(), 10)
            );
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 10);
            for (k, c) in chunk {
                values.extend([k.group.kind.into(), k.group.key.clone().into(), k.scheme.clone().into()]);
                values.extend([k.level.clone().into(), k.year.into(), c.people.into(), c.registered.into()]);
                values.extend([c.sat.into(), c.passed.into(), c.certified.into()]);
            }
            db::run(txn, &sql, values).await?;
        }
        let moved: Vec<_> = self.stages.into_iter().filter(|(_, n)| *n != 0).collect();
        for chunk in moved.chunks(200) {
            let sql = format!(
                "INSERT INTO stage_counter (kind, group_key, stage, people) VALUES {} ON CONFLICT (kind, group_key, stage) \
                 DO UPDATE SET people = stage_counter.people + excluded.people",
                tuples(chunk.len(), 4)
            );
            let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 4);
            for ((g, stage), n) in chunk {
                values.extend([g.kind.into(), g.key.clone().into(), stage.name().into(), (*n).into()]);
            }
            db::run(txn, &sql, values).await?;
        }
        Ok(())
    }
}

/// `(?, ?), (?, ?)`: `rows` tuples of `width` places.
pub(super) fn tuples(rows: usize, width: usize) -> String {
    let one = format!("({})", db::places(width));
    let mut s = format!("{one}, ").repeat(rows);
    s.truncate(s.len().saturating_sub(2));
    s
}

/// The region of a code and every region above it, as groups (GB/T 2260: province, city, county, town, village).
pub fn region_groups(code: &str) -> impl Iterator<Item = GroupKey> + '_ {
    let above = [2, 4, 6, 9].into_iter().filter_map(move |n| code.get(..n).filter(|p| p.len() < code.len()));
    above.chain(std::iter::once(code).filter(|c| !c.is_empty())).map(|c| GroupKey { kind: "region", key: c.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_village_counts_in_every_region_above() {
        let keys: Vec<_> = region_groups("990121001002").map(|g| g.key).collect();
        assert_eq!(keys, ["99", "9901", "990121", "990121001", "990121001002"]);
        assert_eq!(region_groups("9901").map(|g| g.key).collect::<Vec<_>>(), ["99", "9901"]);
        assert_eq!(region_groups("").count(), 0);
    }

    #[test]
    fn adding_and_taking_away_leaves_nothing() {
        let g = [GroupKey { kind: "all", key: String::new() }];
        let f = Facts { highest_rank: 1, highest_level: "junior".into(), ..Facts::default() };
        let mut s = Sums::default();
        s.person(&g, &f, Stage::Certified, -1);
        s.person(&g, &f, Stage::Certified, 1);
        assert!(s.tally.values().all(|c| *c == Counts::default()));
        assert!(s.stages.values().all(|n| *n == 0));
    }
}
