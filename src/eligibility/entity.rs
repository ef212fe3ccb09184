//! Rows of educations, work, bars and overrides. Who sees them: whoever sees the person.

/// An education gained or begun.
pub mod schooling {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "schooling")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub person_id: i64,
        /// As written; the scheme knows the words.
        pub education: String,
        pub school: String,
        pub major: String,
        /// What proves it.
        pub document: String,
        pub note: String,
        /// full_time, part_time or unknown.
        pub study: String,
        /// graduated or student.
        pub graduation: String,
        /// proven, declared or doubted.
        pub standing: String,
        pub gained_abroad: bool,
        pub began_on: Option<NaiveDate>,
        /// For a student the expected day.
        pub graduated_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "schooling", |m| format!("{}:{}:{}", m.person_id, m.education, m.school));
}

/// Work at one place.
pub mod work_experience {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "work_experience")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub person_id: i64,
        pub workplace: String,
        pub job_title: String,
        /// What proves it.
        pub document: String,
        pub note: String,
        /// field (in the scheme's field), other or unknown.
        pub kind: String,
        /// proven, declared or doubted.
        pub standing: String,
        pub starts_on: NaiveDate,
        /// The last day; absent: still there.
        pub ends_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "work_experience", |m| format!("{}:{}:{}", m.person_id, m.workplace, m.starts_on));
}

/// A time in which somebody may not sit any examination of a scheme.
pub mod exam_bar {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "exam_bar")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub person_id: i64,
        pub scheme: String,
        pub reason: String,
        pub document: String,
        pub lifted_why: String,
        pub from_on: NaiveDate,
        /// The last day; absent: for the long term.
        pub until_on: Option<NaiveDate>,
        pub lifted_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "exam_bar", |m| format!("{}:{}:{}", m.person_id, m.scheme, m.from_on));
}

/// A decision that somebody may register although the clauses do not say so.
pub mod eligibility_override {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "eligibility_override")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub person_id: i64,
        pub scheme: String,
        pub level: String,
        pub approver: String,
        pub reason: String,
        pub document: String,
        pub revoked_why: String,
        pub given_on: NaiveDate,
        /// The last day.
        pub until_on: NaiveDate,
        pub revoked_on: Option<NaiveDate>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "eligibility_override", |m| format!(
        "{}:{}:{}:{}",
        m.person_id, m.scheme, m.level, m.given_on
    ));
}
