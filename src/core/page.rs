//! Keyset pages: a list is read from a key onwards, never by offset, so page 9,000 costs what page 1 does.

use serde::{Deserialize, Serialize};

/// Where to go on and how many rows to give.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PageReq {
    /// The `next` of the page before; absent for the first page.
    pub after: Option<String>,
    /// Rows wanted; clamped to 1..=200, 50 when absent.
    pub limit: Option<u64>,
}

impl PageReq {
    pub const DEFAULT: u64 = 50;
    pub const MAX: u64 = 200;

    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(Self::DEFAULT).clamp(1, Self::MAX)
    }

    /// The key as a row id; anything else counts as "from the start".
    #[must_use]
    pub fn after_id(&self) -> Option<i64> {
        self.after.as_deref().and_then(|s| s.parse().ok())
    }
}

/// One page of rows; `next` is absent on the last one.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from `limit + 1` rows read: the extra row only tells that there are more.
    pub fn cut(mut items: Vec<T>, limit: u64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = if items.len() > limit {
            items.truncate(limit);
            items.last().map(&key)
        } else {
            None
        };
        Self { items, next }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
