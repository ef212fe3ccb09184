//! The row of an employment, and which rows an actor sees.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;
use crate::people::scope;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "employment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    /// The workplace as it was written.
    pub workplace: String,
    /// The same as it is compared ([`crate::directory::rules::key`]).
    pub workplace_key: String,
    /// The region whose register it stands in; empty for none.
    pub county_code: String,
    /// The finest region known: that of the workplace, or `county_code`.
    pub region_code: String,
    pub job_title: String,
    pub note: String,
    /// A name of [`super::rules::Kind`].
    pub kind: String,
    /// `full_time`, `part_time` or `unknown`.
    pub hours: String,
    /// Whether the roster says they hold a certificate: `yes`, `no` or `unknown`.
    pub declared: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "employment", |m| format!("{}\n{}\n{}\n{:?}", m.person_id, m.workplace_key, m.kind, m.starts_on));

/// Employments the actor sees, for a query in which they go by `e` and the person by `p`: those of the region for an
/// administrator (and, for figures without names, an observer), those of the people they see for a trainer, their own for
/// an intern.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if who.is(&[Role::Administrator, Role::Observer]) {
        w.scope(who, "e.region_code");
    } else {
        let (sql, values) = scope::sql(who);
        w.and(&sql, values);
    }
    w
}
