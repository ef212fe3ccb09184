//! Rows of people and of what they belong to. Which rows an actor sees: [`super::scope`].

/// A person, kept once: by type and number of their paper. In the audit log empty fields are left out.
pub mod person {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// The name as it is compared: NFC, without blanks, one middle dot.
        #[sea_orm(column_type = "Text")]
        pub name_key: String,
        /// `male`, `female` or empty.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub sex: String,
        /// `YYYY-MM-DD`, `YYYY-MM` or empty.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub birth: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub ethnicity: String,
        #[sea_orm(column_type = "Text")]
        pub id_type: String,
        /// The number, encrypted; opened only for an explicit, logged look.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing)]
        pub id_sealed: String,
        /// Its keyed hash, by which the person is found.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing)]
        pub id_hash: String,
        /// The last four characters, to tell namesakes apart.
        #[sea_orm(column_type = "Text")]
        pub id_tail: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub phone: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub email: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub education: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub school: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub major: String,
        /// `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub graduated_on: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub unit: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub job_title: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub student_no: String,
        /// The region they are counted under (the town's when it is known); empty when none.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub region_code: String,
        /// The town or street as it was written.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub town: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub employment_kind: String,
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing_if = "String::is_empty")]
        pub note: String,
        /// Years of social work as declared.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub work_years: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub campus_id: Option<i64>,
        /// False after a deactivation: kept with the whole record, left out of lists of the living.
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

/// That a person belongs to a cohort, class or base; written by the feature that owns that thing through
/// [`crate::people::scope::join`].
pub mod person_scope {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_scope")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub target_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
