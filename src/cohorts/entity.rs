//! Rows of cohorts and enrolments, and the finder that keeps to the actor's scope.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use crate::core::{Actor, Role};
use crate::db;

/// A cohort.
pub mod cohort {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "cohort")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub region_code: String,
        #[sea_orm(column_type = "Text")]
        pub programme: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub campus_id: Option<i64>,
        pub starts_on: Option<NaiveDate>,
        pub ends_on: Option<NaiveDate>,
        pub active: bool,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One person in one cohort, with the scheme and level they aim at.
pub mod enrolment {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "enrolment")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub cohort_id: i64,
        pub person_id: i64,
        /// Empty when no level was given.
        #[sea_orm(column_type = "Text")]
        pub scheme: String,
        #[sea_orm(column_type = "Text")]
        pub level: String,
        /// The subjects as the roster words them.
        #[sea_orm(column_type = "Text")]
        pub subjects: String,
        /// First time at this examination: `yes`, `no` or empty.
        #[sea_orm(column_type = "Text")]
        pub first_time: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// `active` or `withdrawn`.
        #[sea_orm(column_type = "Text")]
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
}

/// Cohorts the actor sees: their own for a trainer, those of the region for administrator and observer, none else.
#[must_use]
pub fn visible_to(who: &Actor) -> Select<cohort::Entity> {
    cohort::Entity::find().filter(condition(who))
}

fn condition(who: &Actor) -> Condition {
    match who.role {
        Role::Administrator | Role::Observer if who.scope.regions.is_empty() => Condition::all(),
        Role::Administrator | Role::Observer => who.scope.regions.iter().fold(Condition::any(), |c, code| {
            let (from, to) = db::prefix_range(code);
            c.add(Condition::all().add(cohort::Column::RegionCode.gte(from)).add(cohort::Column::RegionCode.lt(to)))
        }),
        Role::Trainer => Condition::all().add(cohort::Column::Id.is_in(who.scope.cohorts.iter().copied())),
        Role::Supervisor | Role::Intern => Condition::all().add(cohort::Column::Id.eq(0)),
    }
}
