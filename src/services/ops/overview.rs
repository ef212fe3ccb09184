//! The figures leaders ask for, on one page: organisations, certified people, people at work, projects, stations and
//! their coverage, service.

use sea_orm::FromQueryResult;

use super::figures::{self, Ask, By};
use super::records::{self, Find as FindServices, Sums};
use crate::core::page::Page;
use crate::core::{Actor, Error, Lang, Result};
use crate::db::list::{self, Order, Slice, Sort, Where};
use crate::db::{self, Cx};
use crate::employments::ops::{self as employments, Counts, Find as FindStaff};
use crate::organisations::ops as organisations;
use crate::people::scope;
use crate::projects::ops as projects;
use crate::services::kinds;
use crate::stations::ops::{self as stations, Coverage};

/// Everything at once.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Organisations that are active, of every kind; associations and service agencies of these.
    pub organisations: i64,
    pub associations: i64,
    pub service_agencies: i64,
    /// People by highest certificate: scheme, level, how many.
    pub certified: Vec<(String, String, i64)>,
    /// Certified people who work full time in social work.
    pub full_time: i64,
    /// People recruited now.
    pub recruited: Counts,
    /// Supervisors seconded now.
    pub seconded: Counts,
    pub projects: i64,
    /// Person-times by group served, all sources: as written, how many.
    pub beneficiaries: Vec<(String, i64)>,
    pub coverage: Coverage,
    /// What the service records add up to.
    pub services: Sums,
}

impl Overview {
    #[must_use]
    pub fn certified_people(&self) -> i64 {
        self.certified.iter().map(|c| c.2).sum()
    }
}

/// Full time: as a list of certified people says (专职), or by a current full-time employment.
const FULL_TIME: &str = "(p.employment_kind IN ('专职', '全职') OR EXISTS (SELECT 1 FROM employment e WHERE e.person_id = p.id \
     AND e.hours = 'full_time' AND (e.starts_on IS NULL OR e.starts_on <= ?) AND (e.ends_on IS NULL OR e.ends_on >= ?)))";

const PEOPLE: &str = "person p JOIN person_facts f ON f.person_id = p.id";

fn certified(who: &Actor, region: &str) -> Where {
    let (sql, values) = scope::sql(who);
    let mut w = Where::default();
    w.and("f.highest_level <> ''", []);
    w.and(&sql, values);
    w.region("p.region_code", region);
    w
}

/// The figures of a region (empty: of all the actor sees).
///
/// # Errors
/// What the database reports.
pub async fn overview(cx: &Cx, who: &Actor, region: &str) -> Result<Overview> {
    #[derive(FromQueryResult)]
    struct Level {
        scheme: String,
        level: String,
        n: i64,
    }
    let db = cx.read();
    let mut o = Overview::default();
    let find = organisations::Find { state: "active".into(), region: region.to_owned(), ..Default::default() };
    let kinds_of = organisations::count(db, who, &find).await?;
    o.organisations = kinds_of.values().sum();
    o.associations = kinds_of.get("association").copied().unwrap_or(0);
    o.service_agencies = kinds_of.get("service_agency").copied().unwrap_or(0);

    let w = certified(who, region);
    let sql = format!(
        "SELECT f.highest_scheme AS scheme, f.highest_level AS level, COUNT(*) AS n FROM {PEOPLE} WHERE {} \
         GROUP BY f.highest_scheme, f.highest_level ORDER BY MIN(f.highest_rank)",
        w.sql
    );
    let levels: Vec<Level> = db::rows(db, &sql, w.values).await?;
    o.certified = levels.into_iter().map(|l| (l.scheme, l.level, l.n)).collect();
    let mut w = certified(who, region);
    w.and(FULL_TIME, [cx.today().into(), cx.today().into()]);
    o.full_time = db::int(db, &format!("SELECT COUNT(*) FROM {PEOPLE} WHERE {}", w.sql), w.values).await?.unwrap_or(0);

    let staff = |kind: &str| FindStaff {
        kind: kind.to_owned(),
        region: region.to_owned(),
        current: Some(true),
        ..FindStaff::default()
    };
    o.recruited = employments::counts(cx, who, &staff("recruited")).await?;
    o.seconded = employments::counts(cx, who, &staff("seconded_supervisor")).await?;
    let find = projects::Find { region: region.to_owned(), ..Default::default() };
    o.projects = projects::count(db, who, &find).await?;
    o.coverage = stations::coverage(db, who, region).await?;
    o.services = records::sums(db, who, &FindServices { region: region.to_owned(), ..Default::default() }).await?;
    let ask = Ask { by: By::Beneficiary, region: region.to_owned(), ..Ask::default() };
    let groups = figures::figures(db, who, &ask, &*kinds::of(cx)?, Lang::ZhCn).await?;
    let groups = groups.rows.into_iter().filter(|r| !r.key.is_empty()).map(|r| (r.key, r.line.all_times()));
    o.beneficiaries = groups.filter(|(_, n)| *n > 0).collect();
    Ok(o)
}

/// A certified person who works full time.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FullTimeRow {
    pub id: i64,
    pub name: String,
    pub id_tail: String,
    pub unit: String,
    pub town: String,
    pub scheme: String,
    pub level: String,
    /// The organisation of this name in the register.
    pub organisation_id: Option<i64>,
}

/// The orders of the list.
pub const ORDERS: &[Order] =
    &[Order::text("name", "p.name_key"), Order::text("unit", "p.unit"), Order::text("town", "p.town")];

/// The people behind [`Overview::full_time`].
///
/// # Errors
/// [`Error::Forbidden`] for an observer, or what the database reports.
pub async fn full_time(cx: &Cx, who: &Actor, region: &str, sort: &str, slice: &Slice) -> Result<Page<FullTimeRow>> {
    if !who.sees_identities() {
        return Err(Error::Forbidden);
    }
    let mut w = certified(who, region);
    w.and(FULL_TIME, [cx.today().into(), cx.today().into()]);
    let columns = "p.id, p.name, p.id_tail, p.unit, p.town, f.highest_scheme AS scheme, f.highest_level AS level, \
                   (SELECT MIN(o.id) FROM organisation o WHERE o.name_key = p.unit AND p.unit <> '') AS organisation_id";
    list::page(cx.read(), columns, PEOPLE, "p.id", w, Sort::of(ORDERS, sort), slice).await
}
