//! A person's whole record as one line in time. Features further right each give their part; `app` hands the list of
//! them to the page and the API as [`Providers`].

use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::future::BoxFuture;

use crate::core::{Actor, Msg, Result};
use crate::db::Cx;

/// One thing that happened to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineItem {
    /// The civil date on which it took effect.
    pub on: NaiveDate,
    /// Orders items of one day; 0 unless it matters.
    pub order: i64,
    /// The kind of thing, a word of the glossary (`enrolment`, `placement`, `result`, …): icon and colour follow from it.
    pub kind: &'static str,
    /// What happened, in one sentence.
    pub text: Msg,
    /// Further particulars, each a sentence; may be empty.
    pub details: Vec<Msg>,
    /// The page of the thing; empty when there is none.
    pub href: String,
}

impl TimelineItem {
    #[must_use]
    pub fn new(on: NaiveDate, kind: &'static str, text: Msg) -> Self {
        Self { on, order: 0, kind, text, details: Vec::new(), href: String::new() }
    }

    #[must_use]
    pub fn detail(mut self, text: Msg) -> Self {
        self.details.push(text);
        self
    }

    #[must_use]
    pub fn link(mut self, href: impl Into<String>) -> Self {
        self.href = href.into();
        self
    }
}

/// What a feature knows of a person. The caller has checked that the actor sees the person.
///
/// A feature writes `pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a,
/// Result<Vec<TimelineItem>>>` as `Box::pin(async move { … })`.
pub type Provider = for<'a> fn(&'a Cx, &'a Actor, i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>>;

/// All parts, as `app` lists them.
#[derive(Clone, Default)]
pub struct Providers(pub Arc<Vec<Provider>>);

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Providers({})", self.0.len())
    }
}

impl Providers {
    #[must_use]
    pub fn new(all: Vec<Provider>) -> Self {
        Self(Arc::new(all))
    }

    /// The whole record, newest first.
    ///
    /// # Errors
    /// What a part reports.
    pub async fn gather(&self, cx: &Cx, who: &Actor, person_id: i64) -> Result<Vec<TimelineItem>> {
        // The parts know nothing of each other: they wait for the database side by side.
        let parts = self.0.iter().map(|part| part(cx, who, person_id));
        let mut all: Vec<_> = futures_util::future::try_join_all(parts).await?.into_iter().flatten().collect();
        all.sort_by_key(|i| std::cmp::Reverse((i.on, i.order)));
        Ok(all)
    }
}
