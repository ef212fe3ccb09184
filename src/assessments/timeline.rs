//! The assessments' part of a person's record: published totals.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{EntityTrait, FromQueryResult};

use super::entity::assessment;
use super::ops::published_total;
use super::rules;
use crate::classes::entity::visible_to;
use crate::core::{Actor, Msg, Result, civil};
use crate::db::{self, Cx};
use crate::people::timeline::TimelineItem;

#[derive(FromQueryResult)]
struct Row {
    assessment_id: i64,
    enrolment_id: i64,
    class_id: i64,
    name: String,
    published_at: DateTime<Utc>,
}

/// What assessments know of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let (scope, mut values) = visible_to(who);
        values.push(person_id.into());
        let sql = format!(
            "SELECT a.id AS assessment_id, e.id AS enrolment_id, c.id AS class_id, c.name, a.published_at \
             FROM class_enrolment e JOIN class c ON c.id = e.class_id JOIN assessment a ON a.class_id = c.id \
             WHERE {scope} AND e.person_id = ? AND e.state <> 'withdrawn' AND a.state = 'published' ORDER BY a.id"
        );
        let mut items = Vec::new();
        for r in db::rows::<Row>(cx.read(), &sql, values).await? {
            let Some(a) = assessment::Entity::find_by_id(r.assessment_id).one(cx.read()).await? else { continue };
            let Some(total) = published_total(cx, a, r.enrolment_id, person_id).await? else { continue };
            let text = Msg::new("assessment-timeline").with("class", &r.name).with("total", rules::show(total));
            let on = civil::date_in(r.published_at, cx.zone());
            items.push(TimelineItem::new(on, "assessment", text).link(format!("/classes/{}/assessment", r.class_id)));
        }
        Ok(items)
    })
}
