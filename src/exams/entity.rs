//! Rows of exam cycles, registrations and results. Which people's rows an actor sees: [`crate::people::scope`].

/// One exam year of a scheme.
pub mod exam_cycle {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "exam_cycle")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub scheme: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub year: i64,
        /// The day the results were published here; results recorded without a day of their own count from it.
        pub results_on: Option<NaiveDate>,
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

/// One person registered for one level in one cycle.
pub mod registration {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "registration")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub cycle_id: i64,
        pub person_id: i64,
        #[sea_orm(column_type = "Text")]
        pub level: String,
        /// Codes of the subjects, with commas between.
        #[sea_orm(column_type = "Text")]
        pub subjects: String,
        /// The number the registration portal gave.
        #[sea_orm(column_type = "Text")]
        pub number: String,
        /// The state of the review as the portal words it.
        #[sea_orm(column_type = "Text")]
        pub review: String,
        #[sea_orm(column_type = "Text")]
        pub education: String,
        #[sea_orm(column_type = "Text")]
        pub major: String,
        #[sea_orm(column_type = "Text")]
        pub unit: String,
        #[sea_orm(column_type = "Text")]
        pub graduated_on: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// Years of social work as declared for this examination.
        pub work_years: Option<i64>,
        pub registered_on: NaiveDate,
        /// `paid`, `unpaid` or `unknown`.
        #[sea_orm(column_type = "Text")]
        pub payment: String,
        /// `active` or `withdrawn`; unpaid is withdrawn.
        #[sea_orm(column_type = "Text")]
        pub state: String,
        /// Changed by hand: files no longer change payment and state.
        pub corrected: bool,
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

/// What one person has in one subject of one cycle.
pub mod result {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "result")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub cycle_id: i64,
        pub person_id: i64,
        #[sea_orm(column_type = "Text")]
        pub level: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        #[sea_orm(column_type = "Text")]
        pub archive_no: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// `normal`, `absent`, `violation` or `void`.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        /// Hundredths; only with `normal`.
        pub mark: Option<i64>,
        /// The whole sitting waits for a person's decision: nothing of it counts.
        pub held: bool,
        /// Changed by hand: files no longer change it.
        pub corrected: bool,
        pub published_on: NaiveDate,
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
