//! What a template name does: from rows of the outbox to letters, when they are sent.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::entity;
use crate::core::{Error, Lang, Msg, Result};
use crate::db::Cx;

/// Subject and body, as the reader gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
}

/// A row about to be sent.
#[derive(Clone, Debug)]
pub struct Mail {
    pub id: i64,
    pub rule: String,
    pub occasion: String,
    pub payload: Value,
    /// None when it is to no person on record.
    pub person_id: Option<i64>,
    pub address: String,
    pub lang: Lang,
    /// Sent by hand: it has no window, and its moment no longer matters.
    pub by_hand: bool,
}

impl Mail {
    pub(super) fn of(row: &entity::Model) -> Self {
        Self {
            id: row.id,
            rule: row.rule.clone(),
            occasion: row.occasion.clone(),
            payload: serde_json::from_str(&row.payload).unwrap_or(Value::Null),
            person_id: row.person_id.filter(|p| *p != 0),
            address: row.address.clone(),
            lang: Lang::parse(&row.lang),
            by_hand: row.expires_at.is_none(),
        }
    }
}

/// What is to be done with a row, judged by what is true now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    Send {
        /// The address as it is now.
        address: String,
        name: String,
        letter: Letter,
    },
    /// It is no longer true; the reason goes into the log.
    Cancel(Msg),
    /// Its moment has moved: it waits until then.
    Later { due_at: DateTime<Utc>, expires_at: Option<DateTime<Utc>> },
    /// The person has no address (any more).
    NoAddress,
    /// It cannot be written.
    Fail(String),
}

type Prepare = Arc<dyn Fn(Cx, Vec<Mail>) -> BoxFuture<'static, Result<Vec<Prepared>>> + Send + Sync>;

/// A template: takes a batch of its rows, so that what it must look up is one question a batch, and gives as many
/// answers in the same order.
#[derive(Clone)]
pub struct Template {
    pub name: &'static str,
    prepare: Prepare,
}

impl Template {
    pub fn new(
        name: &'static str,
        prepare: impl Fn(Cx, Vec<Mail>) -> BoxFuture<'static, Result<Vec<Prepared>>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, prepare: Arc::new(prepare) }
    }

    /// A template that needs nothing but the payload and goes to the address of the row.
    pub fn plain(name: &'static str, letter: impl Fn(&Cx, &Mail) -> Result<Letter> + Send + Sync + 'static) -> Self {
        Self::new(name, move |cx, mails| {
            let all = mails
                .iter()
                .map(|m| match letter(&cx, m) {
                    Ok(letter) => Prepared::Send { address: m.address.clone(), name: String::new(), letter },
                    Err(e) => Prepared::Fail(e.to_string()),
                })
                .collect();
            Box::pin(std::future::ready(Ok(all)))
        })
    }
}

/// All templates by name.
#[derive(Clone, Default)]
pub struct Templates(HashMap<&'static str, Template>);

impl Templates {
    #[must_use]
    pub fn new(all: Vec<Template>) -> Self {
        Self(all.into_iter().map(|t| (t.name, t)).collect())
    }

    /// Prepares rows of any templates; the answers stand in the order of the rows.
    pub(super) async fn prepare(&self, cx: &Cx, rows: &[entity::Model]) -> Result<Vec<Prepared>> {
        let mut out: Vec<Option<Prepared>> = vec![None; rows.len()];
        let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, r) in rows.iter().enumerate() {
            groups.entry(r.template.as_str()).or_default().push(i);
        }
        for (name, places) in groups {
            let mails = places.iter().filter_map(|i| rows.get(*i)).map(Mail::of).collect();
            let made = match self.0.get(name) {
                Some(t) => (t.prepare)(cx.clone(), mails).await?,
                None => vec![Prepared::Fail(format!("no template {name}")); places.len()],
            };
            if made.len() != places.len() {
                return Err(Error::internal(format!("template {name}: {} answers to {}", made.len(), places.len())));
            }
            for (i, p) in places.into_iter().zip(made) {
                if let Some(slot) = out.get_mut(i) {
                    *slot = Some(p);
                }
            }
        }
        Ok(out.into_iter().map(|p| p.unwrap_or(Prepared::NoAddress)).collect())
    }
}
