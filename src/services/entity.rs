//! The row of a service record, and which rows an actor sees.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "service_record")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The office's own number; absent for one typed in without.
    pub record_no: Option<String>,
    pub station_id: i64,
    pub project_id: Option<i64>,
    /// The station's, kept here so that a figure needs no join.
    pub county_code: String,
    pub region_code: String,
    /// A code of [`super::kinds`].
    pub kind: String,
    /// The group served, as it was written; may be empty.
    pub beneficiary: String,
    pub recorder: String,
    pub note: String,
    pub served_on: NaiveDate,
    /// Households visited.
    pub households: i64,
    /// People in hardship helped.
    pub hardship: i64,
    pub activities: i64,
    pub person_times: i64,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "service_record", |m| format!(
    "{}\n{}",
    m.county_code,
    m.record_no.as_deref().unwrap_or_default()
));

/// Service records the actor sees, for a query in which they go by `r`: those of the region for administrator and
/// observer, all for a trainer, like the stations they are of.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Observer]) {
        w.and("1 = 0", []);
    }
    w.scope(who, "r.region_code");
    w
}
