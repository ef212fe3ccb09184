//! The letter that tells somebody how they stand with a class: a place, the waiting list, a refusal.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};

use super::ops::request::NEWS;
use crate::core::{Lang, Msg, Result, i18n};
use crate::db::{self, Cx};
use crate::mail::template::{Letter, Mail, Prepared, Template};

/// The templates of this feature, for `app`.
#[must_use]
pub fn templates() -> Vec<Template> {
    vec![Template::new(NEWS, |cx, mails| Box::pin(prepare(cx, mails)))]
}

#[derive(FromQueryResult)]
struct Class {
    id: i64,
    name: String,
    starts_on: Option<chrono::NaiveDate>,
    ends_on: Option<chrono::NaiveDate>,
}

#[derive(FromQueryResult)]
struct Reader {
    id: i64,
    email: String,
    lang: Option<String>,
}

async fn prepare(cx: Cx, mails: Vec<Mail>) -> Result<Vec<Prepared>> {
    let number = |m: &Mail, key: &str| m.payload.get(key).and_then(serde_json::Value::as_i64).unwrap_or(0);
    let ids: Vec<i64> = mails.iter().map(|m| number(m, "class")).collect();
    let classes: HashMap<i64, Class> = many(&cx, "SELECT id, name, starts_on, ends_on FROM class WHERE id IN", &ids)
        .await?
        .into_iter()
        .map(|c: Class| (c.id, c))
        .collect();
    let people: Vec<i64> = mails.iter().filter_map(|m| m.person_id).collect();
    let sql = "SELECT p.id, p.email, (SELECT MAX(u.lang) FROM user_account u WHERE u.person_id = p.id AND u.active) AS lang \
               FROM person p WHERE p.id IN";
    let readers: HashMap<i64, Reader> = many(&cx, sql, &people).await?.into_iter().map(|r: Reader| (r.id, r)).collect();
    let one = |m: &Mail| {
        let Some(class) = classes.get(&number(m, "class")) else {
            return Prepared::Cancel(Msg::new("classes-mail-off"));
        };
        let reader = m.person_id.and_then(|p| readers.get(&p));
        let address = reader.map_or(m.address.as_str(), |r| r.email.as_str()).trim().to_owned();
        if address.is_empty() {
            return Prepared::NoAddress;
        }
        let lang = reader.and_then(|r| r.lang.as_deref()).map_or(m.lang, Lang::parse);
        Prepared::Send { address, name: text(m, "name"), letter: letter(&cx, lang, m, class) }
    };
    Ok(mails.iter().map(one).collect())
}

fn text(m: &Mail, key: &str) -> String {
    m.payload.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn letter(cx: &Cx, lang: Lang, m: &Mail, class: &Class) -> Letter {
    let day = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let authority = match lang {
        Lang::ZhCn => &cx.settings.authority.zh,
        Lang::En => &cx.settings.authority.en,
    };
    let args: Vec<(String, String)> = [
        ("name", text(m, "name")),
        ("class", class.name.clone()),
        ("from", day(class.starts_on)),
        ("to", day(class.ends_on)),
        ("reason", text(m, "reason")),
        ("authority", authority.clone()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect();
    let state = text(m, "state");
    // A class without dates yet does not speak of them.
    let dated = if state == "accepted" && class.starts_on.is_none() { "-undated" } else { "" };
    let say = |part: &str| i18n::text(lang, &format!("classes-mail-{part}-{state}{dated}"), &args);
    let subject = i18n::text(lang, &format!("classes-mail-subject-{state}"), &args);
    Letter { subject, text: say("text"), html: None }
}

async fn many<T: FromQueryResult>(cx: &Cx, sql: &str, ids: &[i64]) -> Result<Vec<T>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut out = Vec::new();
    for chunk in ids.chunks(db::CHUNK) {
        let sql = format!("{sql} ({})", db::places(chunk.len()));
        out.extend(db::rows::<T>(cx.read(), &sql, chunk.iter().map(|i| Value::from(*i)).collect::<Vec<_>>()).await?);
    }
    Ok(out)
}
