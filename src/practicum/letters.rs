//! The mail with a link by which a supervisor without an account confirms.

use std::collections::HashMap;

use askama::Template as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entity::confirm_link;
use super::ops;
use crate::core::civil::show;
use crate::core::i18n;
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;
use crate::mail::template::Mail;
use crate::mail::{Letter, Prepared, Template};

/// The template's name in the outbox.
pub const CONFIRM: &str = "confirm-hours";

#[derive(askama::Template)]
#[template(path = "practicum/letters/confirm.zh-CN.txt")]
struct ConfirmZh<'a>(&'a Facts);

#[derive(askama::Template)]
#[template(path = "practicum/letters/confirm.en.txt")]
struct ConfirmEn<'a>(&'a Facts);

struct Facts {
    name: String,
    base: String,
    entries: i64,
    until: String,
    link: String,
    authority: String,
}

/// The templates of this feature, for `app`.
#[must_use]
pub fn templates() -> Vec<Template> {
    vec![Template::new(CONFIRM, |cx, mails| Box::pin(prepare(cx, mails)))]
}

/// The link is signed here, when the mail is written, and kept nowhere.
async fn prepare(cx: Cx, mails: Vec<Mail>) -> Result<Vec<Prepared>> {
    let id_of = |m: &Mail| m.payload.get("link").and_then(serde_json::Value::as_i64).unwrap_or(0);
    let ids: Vec<i64> = mails.iter().map(id_of).collect();
    let rows = confirm_link::Entity::find().filter(confirm_link::Column::Id.is_in(ids)).all(cx.read()).await?;
    let bases: Vec<i64> = rows.iter().map(|r| r.base_id).collect();
    let bases = crate::directory::ops::bases::names(cx.read(), &bases).await?;
    let links: HashMap<i64, confirm_link::Model> = rows.into_iter().map(|r| (r.id, r)).collect();
    let entries = ops::entries_of_links(cx.read(), &links.keys().copied().collect::<Vec<_>>()).await?;
    let mut out = Vec::with_capacity(mails.len());
    for m in &mails {
        let Some(row) = links.get(&id_of(m)).filter(|r| r.state == "open" && r.expires_at > cx.now()) else {
            out.push(Prepared::Cancel(Msg::new("practicum-link-off")));
            continue;
        };
        let facts = Facts {
            name: row.name.clone(),
            base: bases.get(&row.base_id).cloned().unwrap_or_default(),
            entries: entries.get(&row.id).copied().unwrap_or(0),
            until: show(row.expires_at, cx.zone()),
            link: format!("{}/confirm-hours/{}", cx.settings.public_url(), ops::token(&cx, row)),
            authority: match m.lang {
                Lang::ZhCn => cx.settings.authority.zh.clone(),
                Lang::En => cx.settings.authority.en.clone(),
            },
        };
        let text = match m.lang {
            Lang::ZhCn => ConfirmZh(&facts).render(),
            Lang::En => ConfirmEn(&facts).render(),
        };
        let subject = i18n::text(m.lang, "practicum-link-subject", &[("n".to_owned(), facts.entries.to_string())]);
        out.push(Prepared::Send {
            address: row.address.clone(),
            name: row.name.clone(),
            letter: Letter { subject, text: text.map_err(Error::internal)?, html: None },
        });
    }
    Ok(out)
}
