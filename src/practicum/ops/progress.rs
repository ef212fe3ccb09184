//! How far an intern is: in all, by kind of work against what the programme asks for, and when it will be done.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use sea_orm::{FromQueryResult, Value};

use super::super::entity::ONCE;
use super::super::programme::{self, Programme};
use super::super::rules::{self, SUPERVISED, State};
use super::view::PlacementView;
use crate::core::Result;
use crate::db::{self, Cx};

/// The sum over one person's placements: what the intern's own page and the person page show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    pub submitted_minutes: i64,
    pub returned_minutes: i64,
    pub draft_minutes: i64,
}

impl Progress {
    #[must_use]
    pub fn of(list: &[PlacementView]) -> Self {
        let mut out = Self::default();
        for p in list.iter().filter(|p| p.state != "withdrawn") {
            out.required_minutes += p.required_minutes;
            out.confirmed_minutes += p.confirmed_minutes;
            out.submitted_minutes += p.submitted_minutes;
            out.returned_minutes += p.returned_minutes;
            out.draft_minutes += p.draft_minutes;
        }
        out
    }

    /// 0 to 100.
    #[must_use]
    pub fn percent(&self) -> i64 {
        if self.required_minutes <= 0 {
            return 0;
        }
        (self.confirmed_minutes.saturating_mul(100) / self.required_minutes).clamp(0, 100)
    }
}

/// Minutes in one kind of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindProgress {
    /// As the log sheet words it.
    pub kind: String,
    /// 0 where the programme asks for none.
    pub required_minutes: i64,
    pub confirmed_minutes: i64,
    /// Handed in, not counted yet.
    pub waiting_minutes: i64,
}

impl KindProgress {
    #[must_use]
    pub fn missing_minutes(&self) -> i64 {
        (self.required_minutes - self.confirmed_minutes).max(0)
    }
}

/// Progress by kind and the forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Those that the programme asks for first, then what else was done, the most first.
    pub kinds: Vec<KindProgress>,
    /// The day on which the required hours will be there at the pace of the last four weeks; `None` without a pace.
    pub finish_on: Option<NaiveDate>,
    /// The last day of the placements; `None` when one is open.
    pub ends_on: Option<NaiveDate>,
    /// All required hours are confirmed.
    pub done: bool,
    pub programme: Programme,
}

impl Outlook {
    /// Whether the hours will not be there in time.
    #[must_use]
    pub fn late(&self) -> bool {
        !self.done && self.finish_on.zip(self.ends_on).is_some_and(|(finish, ends)| finish > ends)
    }
}

#[derive(FromQueryResult)]
struct Sum {
    kind: String,
    state: String,
    minutes: i64,
    supervision: i64,
    recent: i64,
}

/// The outlook over the given placements of one person (withdrawn ones aside), by the rules of the last of them.
///
/// # Errors
/// What the database reports.
pub async fn outlook(cx: &Cx, placements: &[PlacementView]) -> Result<Option<Outlook>> {
    let open: Vec<&PlacementView> = placements.iter().filter(|p| p.state != "withdrawn").collect();
    let Some(last) = open.iter().max_by_key(|p| (p.starts_on, p.id)) else { return Ok(None) };
    let today = cx.today();
    let programme = programme::rules_for(cx, &last.programme, today)?.programme;
    let since = today.checked_sub_days(Days::new(rules::PACE_DAYS - 1)).unwrap_or(today);
    let sql = format!(
        "SELECT h.kind, h.state, CAST(SUM(h.minutes) AS BIGINT) AS minutes, \
         CAST(SUM(h.supervision_minutes) AS BIGINT) AS supervision, \
         CAST(SUM(CASE WHEN h.worked_on >= ? THEN h.minutes ELSE 0 END) AS BIGINT) AS recent \
         FROM hour_entry h WHERE h.state IN ('submitted', 'endorsed', 'confirmed') AND {ONCE} AND h.placement_id IN ({}) \
         GROUP BY h.kind, h.state ORDER BY h.kind, h.state",
        db::places(open.len())
    );
    let values = std::iter::once(Value::from(since)).chain(open.iter().map(|p| Value::from(p.id)));
    let sums: Vec<Sum> = db::rows(cx.read(), &sql, values).await?;
    let total = Progress::of(placements);
    let recent: i64 = sums.iter().map(|s| s.recent).sum();
    let ends_on = open.iter().map(|p| p.ends_on).try_fold(NaiveDate::MIN, |a, e| e.map(|e| a.max(e)));
    Ok(Some(Outlook {
        kinds: by_kind(&programme, &sums),
        finish_on: rules::finish(today, total.required_minutes - total.confirmed_minutes, recent),
        ends_on,
        done: total.confirmed_minutes >= total.required_minutes,
        programme,
    }))
}

/// Supervision received is a kind of its own: entries of that kind, and the part of others that it took.
fn by_kind(programme: &Programme, sums: &[Sum]) -> Vec<KindProgress> {
    let mut at: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for s in sums {
        let mut add = |kind, minutes| {
            let line = at.entry(kind).or_default();
            if s.state == State::Confirmed.name() { line.0 += minutes } else { line.1 += minutes }
        };
        add(s.kind.as_str(), s.minutes);
        if s.kind != SUPERVISED && s.supervision > 0 {
            add(SUPERVISED, s.supervision);
        }
    }
    let asked = programme.kinds.iter().map(|k| (k.kind.as_str(), k.required_minutes));
    let asked = asked.chain((programme.supervision_minutes > 0).then_some((SUPERVISED, programme.supervision_minutes)));
    let mut out = Vec::new();
    for (kind, required_minutes) in asked {
        let (confirmed_minutes, waiting_minutes) = at.remove(kind).unwrap_or_default();
        out.push(KindProgress { kind: kind.to_owned(), required_minutes, confirmed_minutes, waiting_minutes });
    }
    let mut rest: Vec<KindProgress> = at
        .into_iter()
        .map(|(kind, (confirmed_minutes, waiting_minutes))| KindProgress {
            kind: kind.to_owned(),
            required_minutes: 0,
            confirmed_minutes,
            waiting_minutes,
        })
        .collect();
    rest.sort_by_key(|k| std::cmp::Reverse((k.confirmed_minutes, k.waiting_minutes)));
    out.extend(rest);
    out
}
