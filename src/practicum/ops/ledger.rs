//! The base ledger (实习基地台账): each base with its latest agreement, both mentors, who is there and what was done.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::core::page::Page;
use crate::core::{Actor, Result, Role};
use crate::db;
use crate::db::list::{Order, Slice, Sort, Where, page};

/// One line.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LedgerRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub town: String,
    pub active: bool,
    pub campus: Option<String>,
    pub number: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// Agreements in all.
    pub agreements: i64,
    pub capacity: Option<i64>,
    pub campus_mentor: Option<String>,
    pub supervisor: Option<String>,
    /// Supervisors who are active there.
    pub supervisors: i64,
    /// Interns there today.
    pub on_duty: i64,
    /// Minutes confirmed there in all.
    pub minutes: i64,
    pub evaluation: String,
}

/// What narrows the ledger.
#[derive(Clone, Debug, Default)]
pub struct FindBases {
    /// Part of a code, name or town.
    pub text: String,
    pub kind: String,
    pub region: String,
    /// `1`: active ones, `0`: retired ones.
    pub active: String,
}

/// The orders of the ledger.
pub const ORDERS: [Order; 3] =
    [Order::text("code", "b.code"), Order::text("name", "b.name"), Order::text("town", "b.town")];

/// The ledger as of a day; without the mentors' names for whoever sees no names.
///
/// # Errors
/// Forbidden for interns.
pub async fn ledger(
    db: &impl ConnectionTrait,
    who: &Actor,
    find: &FindBases,
    today: NaiveDate,
    sort: &str,
    slice: &Slice,
) -> Result<Page<LedgerRow>> {
    who.require(&[Role::Administrator, Role::Trainer, Role::Supervisor, Role::Observer])?;
    let mut w = Where::default();
    w.scope(who, "b.region_code");
    if who.role == Role::Supervisor {
        let bases = &who.scope.bases;
        match bases.len() {
            0 => w.and("1 = 0", []),
            n => w.and(&format!("b.id IN ({})", db::places(n)), bases.iter().map(|b| Value::from(*b))),
        }
    }
    w.contains(&["b.code", "b.name", "b.town"], &find.text);
    w.equal("b.kind", Some(&find.kind));
    w.region("b.region_code", &find.region);
    match find.active.as_str() {
        "1" => w.and("b.active = ?", [true.into()]),
        "0" => w.and("b.active = ?", [false.into()]),
        _ => {}
    }
    let day = today.format("%Y-%m-%d");
    let columns = format!(
        "b.id, b.code, b.name, b.kind, b.town, b.active, b.capacity, b.evaluation, c.name AS campus, a.number, \
         a.valid_from, a.valid_to, a.campus_mentor, \
         (SELECT COUNT(*) FROM agreement x WHERE x.base_id = b.id) AS agreements, \
         COALESCE(s.name, (SELECT MIN(x.name) FROM supervisor x WHERE x.base_id = b.id AND x.active)) AS supervisor, \
         (SELECT COUNT(*) FROM supervisor x WHERE x.base_id = b.id AND x.active) AS supervisors, \
         (SELECT COUNT(*) FROM placement pl WHERE pl.base_id = b.id AND pl.state = 'active' \
         AND (pl.starts_on IS NULL OR pl.starts_on <= '{day}') AND (pl.ends_on IS NULL OR pl.ends_on >= '{day}')) AS on_duty, \
         CAST((SELECT COALESCE(SUM(h.minutes), 0) FROM placement pl JOIN hour_entry h ON h.placement_id = pl.id \
         AND h.state = 'confirmed' WHERE pl.base_id = b.id AND pl.state <> 'withdrawn') AS BIGINT) AS minutes"
    );
    // The agreement that holds longest; of equals the latest made.
    let from = "base b LEFT JOIN agreement a ON a.id = (SELECT x.id FROM agreement x WHERE x.base_id = b.id \
                ORDER BY COALESCE(x.valid_to, '9999-12-31') DESC, x.id DESC LIMIT 1) \
                LEFT JOIN campus c ON c.id = a.campus_id LEFT JOIN supervisor s ON s.id = a.supervisor_id";
    let mut found: Page<LedgerRow> = page(db, &columns, from, "b.id", w, Sort::of(&ORDERS, sort), slice).await?;
    if !who.sees_identities() {
        for row in &mut found.items {
            (row.campus_mentor, row.supervisor) = (None, None);
        }
    }
    Ok(found)
}
