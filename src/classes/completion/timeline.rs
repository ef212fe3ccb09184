//! Certificates of training in a person's record.

use futures_util::future::BoxFuture;

use super::ops::{self, Find};
use crate::core::{Actor, Msg, Result, Role};
use crate::db::Cx;
use crate::db::list::Slice;
use crate::people::timeline::TimelineItem;

/// What completion knows of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        if !who.is(&[Role::Administrator, Role::Trainer, Role::Intern]) {
            return Ok(Vec::new());
        }
        let find = Find { person_id: Some(person_id), ..Find::default() };
        let slice = Slice { after: None, limit: 200 };
        let mut items = Vec::new();
        for c in ops::certificates(cx, who, &find, "issued_on", &slice).await?.items {
            let href = format!("/completions/{}", c.id);
            let said = |key: &str| {
                let msg = Msg::new(key).with("number", &c.number).with("class", &c.class_name);
                msg.with("hours", crate::practicum::rules::hours(c.minutes))
            };
            items.push(TimelineItem::new(c.issued_on, "completion", said("completion-timeline")).link(&href));
            if let (Some(on), "revoked") = (c.ended_on, c.state.as_str()) {
                let mut item = TimelineItem::new(on, "completion", said("completion-timeline-revoked")).link(&href);
                item.order = 1;
                items.push(item);
            }
        }
        Ok(items)
    })
}
