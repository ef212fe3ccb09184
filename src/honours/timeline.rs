//! Honours in a person's record.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;

use super::ops::{self, Find};
use crate::core::{Actor, Msg, Result};
use crate::db::Cx;
use crate::db::list::Slice;
use crate::people::timeline::TimelineItem;

/// What honours know of a person; the caller has checked that the actor sees them.
#[must_use]
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let find = Find { person_id: Some(person_id), state: "awarded".to_owned(), ..Find::default() };
        let slice = Slice { after: None, limit: 200 };
        let mut items = Vec::new();
        for h in ops::list(cx, who, &find, "-year", &slice).await?.items {
            // An honour without a day stands at the end of its year.
            let end = i32::try_from(h.year).ok().and_then(|y| NaiveDate::from_ymd_opt(y, 12, 31));
            let on = h.awarded_on.or(end).unwrap_or_else(|| cx.today()).min(cx.today());
            let text = Msg::new("honour-timeline").with("title", &h.title);
            let mut item = TimelineItem::new(on, "honour", text);
            if let Some(c) = &h.class_name {
                item = item.detail(Msg::new("honour-timeline-class").with("class", c));
            } else {
                item = item.detail(Msg::new(&format!("honour-level-{}", h.level)));
            }
            items.push(item.link(format!("/honours/{}", h.id)));
        }
        Ok(items)
    })
}
