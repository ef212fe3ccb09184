//! Rows of assessments.

/// The assessment (考核) of one class.
pub mod assessment {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub class_id: i64,
        /// draft or published.
        pub state: String,
        pub note: String,
        pub published_by: String,
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

    crate::record!(Model, "assessment", |m| m.class_id.to_string());
}

/// A part of an assessment with its weight.
pub mod component {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment_component")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub assessment_id: i64,
        pub name: String,
        /// A name of [`Kind`](super::super::rules::Kind).
        pub kind: String,
        pub position: i64,
        /// Percent of the total.
        pub weight: i64,
        /// Hundredths, as all marks.
        pub full_mark: i64,
        pub minimum: Option<i64>,
        /// By how much two markers' marks may differ.
        pub difference: Option<i64>,
        pub double_marked: bool,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "assessment_component", |m| format!("{}\n{}", m.assessment_id, m.name));
}

/// A criterion of a practical exercise's rubric.
pub mod criterion {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment_criterion")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub component_id: i64,
        pub name: String,
        pub position: i64,
        pub points: i64,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "assessment_criterion", |m| format!("{}\n{}", m.component_id, m.name));
}

/// One marker's mark of one person in one component.
pub mod mark {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment_mark")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub component_id: i64,
        pub enrolment_id: i64,
        /// The number of a [`Hand`](super::super::rules::Hand).
        pub hand: i64,
        pub mark: i64,
        /// Points by criterion: see [`points_text`](super::super::rules::points_text).
        pub points: String,
        /// Did not sit: the mark is 0.
        pub absent: bool,
        pub marker_id: Option<i64>,
        pub marker_name: String,
        /// Of a value agreed.
        pub reason: String,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "assessment_mark", |m| format!("{}\n{}\n{}", m.component_id, m.enrolment_id, m.hand));
}

/// A mark changed after publication.
pub mod correction {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment_correction")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub enrolment_id: i64,
        pub component_id: i64,
        pub hand: i64,
        /// The mark as it was shown; empty where there was none.
        pub before: String,
        pub after: String,
        pub total_before: Option<i64>,
        pub total_after: Option<i64>,
        pub reason: String,
        pub actor_name: String,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "assessment_correction", |m| format!(
        "{}\n{}\n{}\n{}",
        m.enrolment_id, m.component_id, m.hand, m.after
    ));
}

/// A request to look at a result again (复核).
pub mod review {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "assessment_review")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub enrolment_id: i64,
        pub class_id: i64,
        /// open, upheld (the mark stands) or changed.
        pub state: String,
        pub reason: String,
        pub answer: String,
        pub answered_by: String,
        pub answered_at: Option<DateTime<Utc>>,
        /// The total when it was asked for.
        pub total: Option<i64>,
        /// The enrolment while open: one open request each.
        pub open_key: Option<i64>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "assessment_review", |m| format!("{}\n{}", m.enrolment_id, m.reason));
}
