//! Reading honours, each within what the reader may see.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::super::entity::visible_to;
use crate::core::page::Page;
use crate::core::{Actor, Error, Result};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};

/// An honour with the name of whose it is.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct HonourView {
    pub id: i64,
    pub version: i64,
    pub class_id: Option<i64>,
    pub class_name: Option<String>,
    pub person_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    /// Empty for an observer where it is a person.
    pub holder: String,
    pub id_tail: Option<String>,
    pub rule: String,
    pub title: String,
    pub level: String,
    pub year: i64,
    pub document_no: String,
    pub given_by: String,
    pub state: String,
    pub reason: String,
    pub place: Option<i64>,
    pub tied: bool,
    pub total: Option<i64>,
    pub awarded_on: Option<NaiveDate>,
    pub note: String,
    pub region_code: String,
}

impl HonourView {
    /// person, organisation or station.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.person_id, self.organisation_id) {
            (Some(_), _) => "person",
            (None, Some(_)) => "organisation",
            _ => "station",
        }
    }
}

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a title, of a document's number or of a holder's name.
    pub text: String,
    pub level: String,
    pub state: String,
    /// person, organisation or station.
    pub kind: String,
    pub year: Option<i64>,
    pub region: String,
    pub class_id: Option<i64>,
    pub person_id: Option<i64>,
}

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::number("year", "h.year"),
    Order::text("title", "h.title"),
    Order::text(
        "level",
        "CASE h.level WHEN 'nation' THEN '5' WHEN 'province' THEN '4' WHEN 'city' THEN '3' WHEN 'county' THEN '2' ELSE '1' END",
    ),
    Order::number("place", "COALESCE(h.place, 1000000)"),
];

const HOLDER: &str = "COALESCE(p.name, o.name, s.name, '')";
const FROM: &str = "honour h LEFT JOIN person p ON p.id = h.person_id LEFT JOIN organisation o ON o.id = h.organisation_id \
    LEFT JOIN station s ON s.id = h.station_id LEFT JOIN class c ON c.id = h.class_id";

fn columns() -> String {
    format!(
        "h.id, h.version, h.class_id, c.name AS class_name, h.person_id, h.organisation_id, h.station_id, \
         {HOLDER} AS holder, p.id_tail, h.rule, h.title, h.level, h.year, h.document_no, h.given_by, h.state, h.reason, \
         h.place, h.tied, h.total, h.awarded_on, h.note, h.region_code"
    )
}

fn wanted(who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    // An observer must not find a person by name either.
    let holder = if who.sees_identities() { HOLDER } else { "COALESCE(o.name, s.name, '')" };
    w.contains(&["h.title", "h.document_no", holder], &find.text);
    w.equal("h.level", Some(&find.level));
    w.equal("h.state", Some(&find.state));
    w.region("h.region_code", &find.region);
    match find.kind.as_str() {
        "person" => w.and("h.person_id IS NOT NULL", []),
        "organisation" => w.and("h.organisation_id IS NOT NULL", []),
        "station" => w.and("h.station_id IS NOT NULL", []),
        _ => {}
    }
    for (column, n) in [("h.year", find.year), ("h.class_id", find.class_id), ("h.person_id", find.person_id)] {
        if let Some(n) = n {
            w.and(&format!("{column} = ?"), [n.into()]);
        }
    }
    w
}

fn seen_by(who: &Actor, mut h: HonourView) -> HonourView {
    if !who.sees_identities() && h.person_id.is_some() {
        h.holder.clear();
        h.id_tail = None;
        h.note.clear();
    }
    h
}

/// Honours, in the order asked for.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<HonourView>> {
    let sort = Sort::of(ORDERS, sort);
    let page: Page<HonourView> =
        list::page(cx.read(), &columns(), FROM, "h.id", wanted(who, find), sort, slice).await?;
    Ok(page.map(|h| seen_by(who, h)))
}

/// How many are awarded, by level, over what `find` leaves.
///
/// # Errors
/// What the database reports.
pub async fn count(
    db: &impl ConnectionTrait,
    who: &Actor,
    find: &Find,
) -> Result<std::collections::HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        level: String,
        n: i64,
    }
    let w = wanted(who, find);
    let sql =
        format!("SELECT h.level, COUNT(*) AS n FROM {FROM} WHERE {} AND h.state = 'awarded' GROUP BY h.level", w.sql);
    Ok(db::rows::<Row>(db, &sql, w.values).await?.into_iter().map(|r| (r.level, r.n)).collect())
}

/// One honour.
///
/// # Errors
/// Not found, or not the reader's.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<HonourView> {
    let mut w = wanted(who, &Find::default());
    w.and("h.id = ?", [id.into()]);
    let sql = format!("SELECT {} FROM {FROM} WHERE {}", columns(), w.sql);
    let found = db::rows::<HonourView>(db, &sql, w.values).await?.pop();
    found.map(|h| seen_by(who, h)).ok_or_else(|| Error::not_found("error-not-found"))
}
