//! Formations in a person's record.

use futures_util::future::BoxFuture;

use super::ops;
use crate::core::{Actor, Msg, Result};
use crate::db::Cx;
use crate::people::timeline::TimelineItem;

/// What formations know of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let all = ops::of_person(cx.read(), who, person_id).await?;
        let mut items = Vec::new();
        for (id, name, role, from, to) in all {
            let text = Msg::new(&format!("formation-timeline-{role}")).with("name", &name);
            let mut item = TimelineItem::new(from, "formation", text).link(format!("/formations/{id}"));
            if let Some(to) = to {
                item = item.detail(Msg::new("formation-timeline-until").with("day", to));
            }
            items.push(item);
        }
        Ok(items)
    })
}
