//! Keyset pages.

use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

use crate::core::page::{Page, PageReq};

/// One page of a list. `next` goes into `after` of the next call; it is absent on the last page.
#[derive(Clone, Debug, Object)]
pub struct PageOut<T: Type + ParseFromJSON + ToJSON> {
    pub items: Vec<T>,
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

impl<T: Type + ParseFromJSON + ToJSON> PageOut<T> {
    /// Maps the rows of a page to their form on the wire.
    pub fn of<U>(page: Page<U>, f: impl FnMut(U) -> T) -> Self {
        let page = page.map(f);
        Self { items: page.items, next: page.next }
    }
}

/// The request of a page from the two query parameters.
#[must_use]
pub fn request(limit: Option<u64>, after: Option<String>) -> PageReq {
    PageReq { after, limit }
}
