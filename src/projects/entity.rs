//! The row of a project, and which rows an actor sees.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "project")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The office's own code, as hour entries name it; unique with `county_code`.
    pub code: String,
    pub name: String,
    pub name_key: String,
    /// The region whose register it stands in; empty for none.
    pub county_code: String,
    /// The finest region known: that of the workplace, or `county_code`.
    pub region_code: String,
    /// The group it serves, as it was written.
    pub beneficiary: String,
    /// Where it is carried out, as it was written.
    pub workplace: String,
    pub workplace_key: String,
    /// Who runs it.
    pub head: String,
    pub note: String,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    /// A name of [`super::rules::STATES`].
    pub state: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// What it is to reach: person-times, activities, households.
    pub target_times: Option<i64>,
    pub target_activities: Option<i64>,
    pub target_households: Option<i64>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "project", |m| format!("{}\n{}", m.county_code, m.code));

/// Projects the actor sees, for a query in which they go by `j`: those of the region for administrator and observer, all
/// for a trainer, whose interns work on them.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Observer]) {
        w.and("1 = 0", []);
    }
    w.scope(who, "j.region_code");
    w
}
