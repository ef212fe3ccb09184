//! The row of an honour, and which rows an actor sees.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::core::{Actor, Role};
use crate::db::list::Where;
use crate::people::scope;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "honour")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The class it was proposed from; absent for one from outside.
    pub class_id: Option<i64>,
    /// Whose it is: exactly one of the three.
    pub person_id: Option<i64>,
    pub organisation_id: Option<i64>,
    pub station_id: Option<i64>,
    /// The rule that proposed it: `top` or `full_attendance`; empty for one from outside.
    pub rule: String,
    pub title: String,
    /// class, county, city, province or nation.
    pub level: String,
    pub year: i64,
    pub document_no: String,
    pub given_by: String,
    /// proposed, awarded, declined or revoked.
    pub state: String,
    /// Why it was declined or revoked.
    pub reason: String,
    /// Place by total in the class, and whether others share it.
    pub place: Option<i64>,
    pub tied: bool,
    /// Hundredths of a point of 100.
    pub total: Option<i64>,
    pub awarded_on: Option<NaiveDate>,
    pub note: String,
    /// Of the class, the organisation, the station or the person.
    pub region_code: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::record!(Model, "honour", |m| format!("{:?}\n{}\n{:?}", m.class_id, m.rule, m.person_id));

/// Honours the actor sees, for a query in which they go by `h` and the person (if there is one) by `p`: those of people
/// they see, and those of organisations and stations in their regions (all for a trainer). What is only proposed is for
/// those who run classes.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    let (of_people, values) = scope::sql(who);
    let mut places = Where::default();
    match who.role {
        Role::Administrator | Role::Observer => places.scope(who, "h.region_code"),
        Role::Trainer => {}
        Role::Supervisor | Role::Intern => places.and("1 = 0", []),
    }
    let sql = format!("((h.person_id IS NOT NULL AND {of_people}) OR (h.person_id IS NULL AND {}))", places.sql);
    w.and(&sql, values.into_iter().chain(places.values));
    if !who.is(&[Role::Administrator, Role::Trainer]) {
        w.and("h.state = 'awarded'", []);
    }
    w
}
