//! Rows of placing, and the one place that says whose rounds they are to see.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::cohorts::entity as cohorts;
use crate::core::Actor;

/// A cohort to be placed for a span of weeks.
pub mod round {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "placing_round")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub cohort_id: i64,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// As the roster words it (本科, 硕士).
        #[sea_orm(column_type = "Text")]
        pub programme: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// The weeks of all placements of the round.
        pub starts_on: NaiveDate,
        pub ends_on: NaiveDate,
        /// The last day on which interns change their wishes; absent until it is published.
        pub wishes_until: Option<NaiveDate>,
        pub required_minutes: i64,
        pub most_wishes: i64,
        /// What the lots are drawn from.
        pub seed: i64,
        /// Whether those whose wishes all failed are put at free places that suit them.
        pub fill: bool,
        /// open, published or cancelled.
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub proposed_at: Option<DateTime<Utc>>,
        pub published_at: Option<DateTime<Utc>>,
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

crate::record!(round::Model, "placing_round", |m| m.id.to_string());

/// Places that a base offers to one campus in one field of service.
pub mod slot {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "placing_slot")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub round_id: i64,
        pub base_id: i64,
        /// Under whose agreement with the base.
        pub campus_id: i64,
        pub supervisor_id: Option<i64>,
        /// Empty for any.
        #[sea_orm(column_type = "Text")]
        pub field: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub places: i64,
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

crate::record!(slot::Model, "placing_slot", |m| m.id.to_string());

/// What one student asks of every place.
pub mod student {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "placing_student")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub round_id: i64,
        pub person_id: i64,
        /// Fields of service, joined by "、"; empty for any.
        #[sea_orm(column_type = "Text")]
        pub fields: String,
        /// A name of [`crate::placing::rules::Near`]; empty for anywhere.
        #[sea_orm(column_type = "Text")]
        pub farthest: String,
        /// Set by the office: the higher comes first.
        pub priority: i64,
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

crate::record!(student::Model, "placing_student", |m| m.person_id.to_string());

/// One student's line of the proposal.
pub mod line {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "placing_line")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub round_id: i64,
        pub person_id: i64,
        pub slot_id: Option<i64>,
        /// Once it is published.
        pub placement_id: Option<i64>,
        /// wish, filled, locked or none.
        #[sea_orm(column_type = "Text")]
        pub outcome: String,
        /// The number of the wish, from 1.
        pub rank: Option<i64>,
        pub locked: bool,
        /// JSON: [`crate::placing::ops::Reason`]s.
        #[sea_orm(column_type = "Text")]
        pub reasons: String,
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

crate::record!(line::Model, "placing_line", |m| m.person_id.to_string());

/// Rounds of cohorts that the actor sees.
#[must_use]
pub fn visible_to(who: &Actor) -> Select<round::Entity> {
    let own = cohorts::visible_to(who).select_only().column(cohorts::cohort::Column::Id).into_query();
    round::Entity::find().filter(round::Column::CohortId.in_subquery(own))
}
