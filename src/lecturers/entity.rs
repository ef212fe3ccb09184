//! The row of a lecturer, and which rows an actor sees.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "lecturer")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// The name as it is compared ([`crate::directory::rules::key`]).
    pub name_key: String,
    pub unit: String,
    pub job_title: String,
    /// What they teach, in their own words.
    pub expertise: String,
    pub phone: String,
    pub email: String,
    pub region_code: String,
    pub note: String,
    /// `active` or `retired`.
    pub state: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "lecturer", |m| format!("{}\n{}", m.name_key, m.unit));

/// Lecturers the actor sees, for a query in which they go by `l`: those of the region for an administrator, all for a
/// trainer, who invites them from anywhere.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if !who.is(&[Role::Administrator, Role::Trainer]) {
        w.and("1 = 0", []);
    }
    w.scope(who, "l.region_code");
    w
}
