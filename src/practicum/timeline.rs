//! The practicum's part of a person's record: each placement, and what was confirmed month by month.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::FromQueryResult;

use super::entity::visible_to;
use super::ops::{self, PlacementFilter};
use super::rules;
use crate::core::page::PageReq;
use crate::core::{Actor, Msg, Result};
use crate::db::{self, Cx};
use crate::people::timeline::TimelineItem;

#[derive(FromQueryResult)]
struct Day {
    worked_on: NaiveDate,
    minutes: i64,
    entries: i64,
}

/// What the practicum knows of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let filter = PlacementFilter { person_id: Some(person_id), ..PlacementFilter::default() };
        let all = PageReq { limit: Some(PageReq::MAX), after: None };
        let mut items = Vec::new();
        for p in ops::placements(cx.read(), who, &filter, &all).await?.items {
            let on = p.starts_on.unwrap_or_else(|| cx.today());
            let done = Msg::new("practicum-timeline-confirmed")
                .with("hours", rules::hours(p.confirmed_minutes))
                .with("required", rules::hours(p.required_minutes));
            let text = Msg::new("practicum-timeline-placed").with("base", &p.base_name);
            items.push(TimelineItem::new(on, "placement", text).detail(done).link(format!("/placements/{}", p.id)));
        }
        let (scope, mut values) = visible_to(who);
        values.push(person_id.into());
        let sql = format!(
            "SELECT h.worked_on, CAST(SUM(h.minutes) AS BIGINT) AS minutes, COUNT(*) AS entries FROM hour_entry h \
             JOIN placement pl ON pl.id = h.placement_id JOIN person p ON p.id = pl.person_id \
             WHERE {scope} AND h.person_id = ? AND h.state = 'confirmed' AND pl.state <> 'withdrawn' \
             GROUP BY h.worked_on ORDER BY h.worked_on"
        );
        let days: Vec<Day> = db::rows(cx.read(), &sql, values).await?;
        for month in
            days.chunk_by(|a, b| a.worked_on.format("%Y%m").to_string() == b.worked_on.format("%Y%m").to_string())
        {
            let Some(last) = month.last() else { continue };
            let text = Msg::new("practicum-timeline-month")
                .with("month", last.worked_on.format("%Y-%m"))
                .with("hours", rules::hours(month.iter().map(|d| d.minutes).sum()))
                .with("n", month.iter().map(|d| d.entries).sum::<i64>());
            items.push(TimelineItem::new(last.worked_on, "hours", text));
        }
        Ok(items)
    })
}
