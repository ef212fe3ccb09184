//! Rows of completion: what a class asks for, and the certificates of training.

/// What a class asks for besides attendance. Its assessment keeps `published` and the attendance part true.
pub mod completion_rule {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "completion_rule")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub class_id: i64,
        /// Whether completion asks for the assessment.
        pub assessed: bool,
        /// Whether the assessment's results are published.
        pub published: bool,
        /// Hundredths of a point of 100.
        pub minimum_total: i64,
        /// Percent of the total that attendance makes; 0 for none.
        pub attendance_weight: i64,
        pub attendance_full: i64,
        pub attendance_minimum: Option<i64>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "completion_rule", |m| m.class_id.to_string());
}

/// A certificate of training (结业证书), as it was printed.
pub mod completion {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "completion")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub enrolment_id: i64,
        pub class_id: i64,
        pub person_id: i64,
        pub number: String,
        /// Cannot be guessed: whoever has it may check the certificate.
        pub code: String,
        /// The person's name on the day of issue.
        pub name: String,
        pub class_name: String,
        /// First and last day of the sessions.
        pub starts_on: Option<NaiveDate>,
        pub ends_on: Option<NaiveDate>,
        /// Minutes of training attended.
        pub minutes: i64,
        /// Hundredths; absent where the class has no assessment.
        pub total: Option<i64>,
        pub issued_on: NaiveDate,
        pub issued_by: String,
        /// valid, replaced or revoked.
        pub state: String,
        pub ended_on: Option<NaiveDate>,
        /// What took it back: `by_hand`, `replaced`, or a verdict's name.
        pub reason_code: String,
        pub reason: String,
        pub replaces_id: Option<i64>,
        /// The enrolment's id while valid: one valid certificate an enrolment.
        pub valid_key: Option<i64>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "completion", |m| m.number.clone());
}
