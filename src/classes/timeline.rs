//! The classes' part of a person's record: each class with the share of its minutes that was attended.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::FromQueryResult;

use super::entity::visible_to;
use crate::core::{Actor, Msg, Result};
use crate::db::{self, Cx};
use crate::people::timeline::TimelineItem;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    state: String,
    created_at: chrono::DateTime<chrono::Utc>,
    first: Option<NaiveDate>,
    held: i64,
    attended: i64,
}

/// What the classes know of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let (scope, values) = visible_to(who);
        let sql = format!(
            "SELECT c.id, c.name, e.state, e.created_at, \
             (SELECT MIN(cs.held_on) FROM class_session cs WHERE cs.class_id = c.id) AS first, \
             CAST((SELECT COALESCE(SUM(cs.minutes), 0) FROM class_session cs WHERE cs.class_id = c.id) AS BIGINT) AS held, \
             CAST((SELECT COALESCE(SUM(cs.minutes), 0) FROM class_session cs JOIN attendance a ON a.session_id = cs.id \
             WHERE cs.class_id = c.id AND a.person_id = e.person_id AND a.state IN ('present', 'late', 'left_early')) AS BIGINT) AS attended \
             FROM class_enrolment e JOIN class c ON c.id = e.class_id WHERE {scope} AND e.person_id = ? ORDER BY c.id"
        );
        let mut all = values;
        all.push(person_id.into());
        let rows: Vec<Row> = db::rows(cx.read(), &sql, all).await?;
        let item = |r: Row| {
            let on = r.first.unwrap_or_else(|| crate::core::civil::date_in(r.created_at, cx.zone()));
            let text = Msg::new(&format!("classes-timeline-{}", r.state)).with("class", &r.name);
            let share = if r.held > 0 { r.attended * 100 / r.held } else { 0 };
            let detail = Msg::new("classes-timeline-attended").with("percent", share);
            let item = TimelineItem::new(on, "class", text).link(format!("/classes/{}", r.id));
            if r.held > 0 { item.detail(detail) } else { item }
        };
        Ok(rows.into_iter().map(item).collect())
    })
}
