//! The row of an organisation, and which rows an actor sees.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 统一社会信用代码; absent until it has one.
    pub credit_code: Option<String>,
    pub name: String,
    /// The name as it is compared ([`crate::directory::rules::key`]).
    pub name_key: String,
    /// The region whose register it stands in; empty for none.
    pub county_code: String,
    /// The finest region known: the town's, or `county_code`.
    pub region_code: String,
    /// The town or street as it was written.
    pub town: String,
    /// The authority in charge (业务主管单位).
    pub authority: String,
    /// Who runs it (负责人).
    pub head: String,
    pub phone: String,
    /// The incubation park (孵化园), empty for none.
    pub park: String,
    pub note: String,
    /// A name of [`super::rules::Kind`].
    pub kind: String,
    /// `active`, `suspended` or `cancelled`.
    pub state: String,
    pub registered_on: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "organisation", |m| format!("{}\n{}", m.credit_code.as_deref().unwrap_or_default(), m.name_key));

/// Organisations the actor sees, for a query in which they go by `o`: those of the region for administrator and observer,
/// all for a trainer, who finds placements there.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Observer]) {
        w.and("1 = 0", []);
    }
    w.scope(who, "o.region_code");
    w
}
