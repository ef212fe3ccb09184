//! Reading employments.

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::core::page::Page;
use crate::core::{Actor, Error, Msg, Result};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::employments::entity::visible_to;
use crate::people::timeline::TimelineItem;

/// An employment as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EmploymentRow {
    pub id: i64,
    pub person_id: i64,
    pub person_name: String,
    pub id_tail: String,
    pub phone: String,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    pub workplace: String,
    pub county_code: String,
    pub region_code: String,
    pub job_title: String,
    pub note: String,
    pub kind: String,
    pub hours: String,
    pub declared: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// The highest certificate on record; empty without one.
    pub scheme: Option<String>,
    pub level: Option<String>,
    pub version: i64,
}

impl EmploymentRow {
    /// Whether they hold a certificate, on record or as the roster says.
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.declared == "yes" || self.on_record()
    }

    #[must_use]
    pub fn on_record(&self) -> bool {
        self.level.as_deref().is_some_and(|l| !l.is_empty())
    }
}

const COLUMNS: &str = "e.id, e.person_id, p.name AS person_name, p.id_tail, p.phone, e.organisation_id, e.station_id, \
                       e.workplace, e.county_code, e.region_code, e.job_title, e.note, e.kind, e.hours, e.declared, \
                       e.starts_on, e.ends_on, f.highest_scheme AS scheme, f.highest_level AS level, e.version";

const FROM: &str =
    "employment e JOIN person p ON p.id = e.person_id LEFT JOIN person_facts f ON f.person_id = e.person_id";

/// On record, or as the roster says.
const CERTIFIED: &str = "(e.declared = 'yes' OR COALESCE(f.highest_level, '') <> '')";

/// The orders a list can be asked for.
pub const ORDERS: &[Order] = &[
    Order::number("id", "e.id"),
    Order::text("name", "p.name_key"),
    Order::text("workplace", "e.workplace"),
    Order::text("kind", "e.kind"),
    Order::text("starts_on", "COALESCE(CAST(e.starts_on AS TEXT), '')"),
];

/// What is looked for; empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// Part of a name or workplace.
    pub text: String,
    pub kind: String,
    pub hours: String,
    pub region: String,
    pub organisation: Option<i64>,
    pub station: Option<i64>,
    pub person: Option<i64>,
    /// Certified or not.
    pub certified: Option<bool>,
    /// Only those of today (true) or of the past (false).
    pub current: Option<bool>,
    /// Only those whose workplace is in no register.
    pub unlinked: bool,
}

fn wanted(cx: &Cx, who: &Actor, find: &Find) -> Where {
    let mut w = visible_to(who);
    w.contains(&["p.name", "e.workplace"], &find.text);
    w.equal("e.kind", Some(&find.kind));
    w.equal("e.hours", Some(&find.hours));
    w.region("e.region_code", &find.region);
    for (column, id) in
        [("e.organisation_id", find.organisation), ("e.station_id", find.station), ("e.person_id", find.person)]
    {
        if let Some(id) = id {
            w.and(&format!("{column} = ?"), [id.into()]);
        }
    }
    match find.certified {
        Some(true) => w.and(CERTIFIED, []),
        Some(false) => w.and(&format!("NOT {CERTIFIED}"), []),
        None => {}
    }
    let today = || Value::from(cx.today());
    match find.current {
        Some(true) => w.and(
            "(e.starts_on IS NULL OR e.starts_on <= ?) AND (e.ends_on IS NULL OR e.ends_on >= ?)",
            [today(), today()],
        ),
        Some(false) => w.and("e.ends_on < ?", [today()]),
        None => {}
    }
    if find.unlinked {
        w.and("e.station_id IS NULL AND e.organisation_id IS NULL", []);
    }
    w
}

/// Employments, in the order asked for.
///
/// # Errors
/// [`Error::Forbidden`] for an observer, or what the database reports.
pub async fn list(cx: &Cx, who: &Actor, find: &Find, sort: &str, slice: &Slice) -> Result<Page<EmploymentRow>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    list::page(cx.read(), COLUMNS, FROM, "e.id", wanted(cx, who, find), Sort::of(ORDERS, sort), slice).await
}

/// People counted once each, whatever their employments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    pub people: i64,
    pub certified: i64,
    /// Of the certified, those whose certificate is on record.
    pub on_record: i64,
}

/// How many people `find` leaves; an observer too, since no name is in it.
///
/// # Errors
/// What the database reports.
pub async fn counts(cx: &Cx, who: &Actor, find: &Find) -> Result<Counts> {
    let w = wanted(cx, who, find);
    let sql = format!(
        "SELECT COUNT(DISTINCT e.person_id) AS people, \
         COUNT(DISTINCT CASE WHEN {CERTIFIED} THEN e.person_id END) AS certified, \
         COUNT(DISTINCT CASE WHEN COALESCE(f.highest_level, '') <> '' THEN e.person_id END) AS on_record \
         FROM {FROM} WHERE {}",
        w.sql
    );
    Ok(db::rows(cx.read(), &sql, w.values).await?.pop().unwrap_or_default())
}

/// One employment.
///
/// # Errors
/// [`Error::NotFound`], also when it is not the actor's to see; [`Error::Forbidden`] for an observer.
pub async fn get(db: &impl ConnectionTrait, who: &Actor, id: i64) -> Result<EmploymentRow> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let mut w = visible_to(who);
    w.and("e.id = ?", [id.into()]);
    let found = db::rows(db, &format!("SELECT {COLUMNS} FROM {FROM} WHERE {}", w.sql), w.values).await?.pop();
    found.ok_or_else(|| Error::not_found("error-not-found"))
}

/// A person's employments for their timeline: begun and ended.
pub fn timeline<'a>(cx: &'a Cx, who: &'a Actor, person_id: i64) -> BoxFuture<'a, Result<Vec<TimelineItem>>> {
    Box::pin(async move {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE e.person_id = ? ORDER BY e.id");
        let rows: Vec<EmploymentRow> = db::rows(cx.read(), &sql, [person_id.into()]).await?;
        let mut items = Vec::new();
        for r in rows {
            let kind = Msg::new(&format!("employment-kind-{}", r.kind.replace('_', "-"))).text(who.lang);
            let item = |key: &str, on: NaiveDate| {
                TimelineItem::new(on, "employment", Msg::new(key).with("workplace", &r.workplace).with("kind", &kind))
            };
            items.extend(r.starts_on.map(|on| item("employment-timeline-begun", on)));
            items.extend(r.ends_on.filter(|on| *on <= cx.today()).map(|on| item("employment-timeline-ended", on)));
        }
        Ok(items)
    })
}
