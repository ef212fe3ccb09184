//! Sums over entries: what dashboards, the API and the command line show.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::entity::ONCE;
use super::super::rules::State;
use super::view::{EntryFilter, FROM, Where, minutes_in};
use crate::core::{Actor, Result};
use crate::db;

/// Person-times and minutes of one group of people served in one state.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FigureRow {
    pub beneficiary: String,
    pub state: String,
    pub entries: i64,
    pub minutes: i64,
    pub person_times: i64,
}

/// Sums over the entries that are visible: what dashboards, the API and the command line show.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub rows: Vec<FigureRow>,
    /// Placements, not withdrawn, that ask for more than is confirmed.
    pub short: i64,
    pub placements: i64,
}

impl Figures {
    /// Minutes in one state over all groups.
    #[must_use]
    pub fn minutes(&self, state: State) -> i64 {
        self.rows.iter().filter(|r| r.state == state.name()).map(|r| r.minutes).sum()
    }

    #[must_use]
    pub fn entries(&self, state: State) -> i64 {
        self.rows.iter().filter(|r| r.state == state.name()).map(|r| r.entries).sum()
    }
}

/// The figures over what `filter` leaves, each piece of work once; observers too, since no name is in them.
///
/// # Errors
/// What the database reports.
pub async fn figures(db: &impl ConnectionTrait, who: &Actor, filter: &EntryFilter) -> Result<Figures> {
    let w = Where::entries(who, filter);
    let sql = format!(
        "SELECT h.beneficiary, h.state, COUNT(*) AS entries, CAST(SUM(h.minutes) AS BIGINT) AS minutes, \
         CAST(SUM(h.beneficiary_count) AS BIGINT) AS person_times {FROM} WHERE {} AND pl.state <> 'withdrawn' AND {ONCE} \
         GROUP BY h.beneficiary, h.state ORDER BY h.beneficiary, h.state",
        w.sql
    );
    let rows = db::rows(db, &sql, w.values).await?;
    let mut w = Where::visible(who);
    for (sql, value) in
        [("pl.person_id = ?", filter.person_id), ("pl.id = ?", filter.placement_id), ("pl.base_id = ?", filter.base_id)]
    {
        if let Some(v) = value {
            w.and(sql, [v.into()]);
        }
    }
    let from = "FROM placement pl JOIN person p ON p.id = pl.person_id WHERE pl.state <> 'withdrawn' AND";
    let sql = format!("SELECT COUNT(*) {from} {}", w.sql);
    let placements = db::int(db, &sql, w.values.clone()).await?.unwrap_or(0);
    let sql = format!("SELECT COUNT(*) {from} {} AND pl.required_minutes > {}", w.sql, minutes_in(State::Confirmed));
    let short = db::int(db, &sql, w.values).await?.unwrap_or(0);
    Ok(Figures { rows, short, placements })
}
