//! A register as a page: filters, an order, a table that can be read on a phone, an export of what is shown. A feature
//! fills a [`ListView`]; the same value gives the page and the xlsx file, so they cannot differ.

use askama::Template;
use poem::Response;

use super::ui::Ui;
use crate::core::sheet::{self, Value};

/// One column.
#[derive(Clone, Debug)]
pub struct Head {
    pub label: String,
    /// The word of the order by this column; empty when there is none.
    pub sort: &'static str,
    pub number: bool,
}

/// One cell of a row.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// The kind of a badge (good, bad, warn, info, quiet); empty for plain text.
    pub badge: &'static str,
    pub number: Option<i64>,
}

impl Cell {
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    #[must_use]
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    #[must_use]
    pub fn badge(kind: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), badge: kind, ..Self::default() }
    }

    #[must_use]
    pub fn number(n: i64) -> Self {
        Self { text: n.to_string(), number: Some(n), ..Self::default() }
    }

    /// A number that may be absent.
    #[must_use]
    pub fn maybe(n: Option<i64>) -> Self {
        n.map_or_else(Self::default, Self::number)
    }

    /// The same leading somewhere.
    #[must_use]
    pub fn to(mut self, href: impl Into<String>) -> Self {
        self.href = href.into();
        self
    }

    /// Narrow enough not to be broken: a date, a code, a name with the tail of its number. A Chinese character is two wide.
    fn is_short(&self) -> bool {
        self.text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>() <= 13
    }

    fn value(&self) -> Value {
        self.number.map_or_else(|| Value::Text(self.text.clone()), Value::Number)
    }
}

/// One field of the filters: a choice when there are options, else an input of this kind.
#[derive(Clone, Debug)]
pub struct Filter {
    pub name: &'static str,
    pub kind: &'static str,
    pub label: String,
    pub value: String,
    pub options: Vec<(String, String)>,
}

impl Filter {
    #[must_use]
    pub fn input(name: &'static str, kind: &'static str, label: String, value: &str) -> Self {
        Self { name, kind, label, value: value.to_owned(), options: Vec::new() }
    }

    /// `options` without the "any" that is put before them.
    #[must_use]
    pub fn choice(
        ui: &Ui,
        name: &'static str,
        label: String,
        value: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let any = (String::new(), ui.t("web-any"));
        let options = std::iter::once(any).chain(options).collect();
        Self { name, kind: "", label, value: value.to_owned(), options }
    }
}

/// A figure above the list: label, value, note, where it leads.
pub type Tile = (String, String, String, String);

/// A register as a page.
#[derive(Template)]
#[template(path = "web/list.html")]
pub struct ListView {
    pub ui: Ui,
    pub title: String,
    pub lead: String,
    /// The page's path.
    pub path: &'static str,
    /// Where a list below another page leads back to: address and label.
    pub crumbs: Vec<(String, String)>,
    pub tiles: Vec<Tile>,
    pub filters: Vec<Filter>,
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Cell>>,
    pub sort: String,
    pub next: Option<String>,
    pub at_start: bool,
    /// Buttons: address and label.
    pub actions: Vec<(String, String)>,
    /// The path that gives the same rows as a file; empty for none.
    pub export: &'static str,
    pub empty: (String, String),
}

impl ListView {
    /// The filters and the order as the query of an address.
    fn query(&self, sort: &str) -> String {
        let all = self.filters.iter().map(|f| (f.name, f.value.as_str())).chain([("sort", sort)]);
        let pairs: Vec<String> =
            all.filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!("{n}={}", super::percent(v))).collect();
        pairs.join("&")
    }

    fn first(&self) -> String {
        format!("{}?{}", self.path, self.query(&self.sort))
    }

    fn next_href(&self) -> Option<String> {
        let next = self.next.as_ref()?;
        Some(format!("{}?{}&after={}", self.path, self.query(&self.sort), super::percent(next)))
    }

    fn export_href(&self) -> String {
        format!("{}?{}", self.export, self.query(&self.sort))
    }

    /// The address of the same list by this column, the other way round when it is by this column already.
    fn sort_href(&self, word: &str) -> String {
        let to = if self.sort == word { format!("-{word}") } else { word.to_owned() };
        format!("{}?{}", self.path, self.query(&to))
    }

    fn sorted(&self, word: &str) -> &'static str {
        if word.is_empty() {
            ""
        } else if self.sort == word {
            "ascending"
        } else if self.sort.strip_prefix('-') == Some(word) {
            "descending"
        } else {
            "none"
        }
    }

    /// The orders for the filter's choice: a phone shows no column heads.
    fn orders(&self) -> Vec<(String, String)> {
        let of = |h: &Head| {
            let down = self.ui.t1("web-sort-down", "column", &h.label);
            [(h.sort.to_owned(), h.label.clone()), (format!("-{}", h.sort), down)]
        };
        self.heads.iter().filter(|h| !h.sort.is_empty()).flat_map(of).collect()
    }

    /// The rows as a file.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn download(&self, name: &str) -> super::Result<Response> {
        let heads: Vec<String> = self.heads.iter().map(|h| h.label.clone()).collect();
        let rows: Vec<Vec<Value>> = self.rows.iter().map(|r| r.iter().map(Cell::value).collect()).collect();
        let bytes = sheet::xlsx(&heads, &rows)?;
        const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(super::download(&format!("{name}-{}.xlsx", self.ui.cx.today()), TYPE, bytes))
    }
}
