//! Rows of stations and their checks, and which of them an actor sees.

/// A station.
pub mod station {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "station")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The office's own code; unique with `county_code`.
        pub code: String,
        pub name: String,
        /// The name as it is compared ([`crate::directory::rules::key`]).
        pub name_key: String,
        /// The region whose register it stands in; empty for none.
        pub county_code: String,
        /// The finest region known: of the village, the town, or `county_code`.
        pub region_code: String,
        /// The town or street as it was written.
        pub town: String,
        /// Who runs it.
        pub head: String,
        pub phone: String,
        pub address: String,
        pub note: String,
        /// A name of [`super::super::rules::Level`].
        pub level: String,
        /// A name of [`super::super::rules::PHASES`].
        pub phase: String,
        /// `active` or `closed`.
        pub state: String,
        /// The station above it.
        pub parent_id: Option<i64>,
        pub opened_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "station", |m| format!("{}\n{}", m.county_code, m.code));
}

/// One look at a station against one standard.
pub mod station_check {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "station_check")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub station_id: i64,
        /// The standard's code and edition at that time.
        pub standard: String,
        pub edition: String,
        pub checker: String,
        pub note: String,
        pub checked_on: NaiveDate,
        /// Points reached, of those that apply.
        pub points: i64,
        pub of_points: i64,
        pub meets: bool,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "station_check", |m| format!("{}\n{}\n{}", m.station_id, m.standard, m.checked_on));
}

/// The answer to one item of a check.
pub mod station_check_item {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "station_check_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub check_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        /// A name of [`super::super::rules::Answer`].
        pub answer: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use crate::core::{Actor, Role};
use crate::db::list::Where;

/// Stations the actor sees, for a query in which they go by `s`: those of the region for administrator and observer, all
/// for a trainer, who finds placements there.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    if !who.is(&[Role::Administrator, Role::Trainer, Role::Observer]) {
        w.and("1 = 0", []);
    }
    w.scope(who, "s.region_code");
    w
}
