//! Rows of the reports: what the figures were on a night, and alarms.

/// `tally_snapshot`: the figures of one day, as known on the night they were taken; one row a day, scheme and exam year.
pub mod snapshot {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tally_snapshot")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub as_of: NaiveDate,
        pub taken_at: DateTime<Utc>,
        /// Empty: all schemes together, which is what the pages compare with.
        #[sea_orm(column_type = "Text")]
        pub scheme: String,
        /// JSON of [`crate::reports::nightly::Figures`].
        #[sea_orm(column_type = "Text")]
        pub figures: String,
        /// The exam year counted; 0 when there was none.
        pub year: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `alarm`: something a person must look at; open until cleared.
pub mod alarm {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "alarm")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// What went wrong: `tally_differs`.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        /// Where: at most one open alarm a kind and subject.
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        /// JSON of [`crate::reports::alarm::Details`].
        #[sea_orm(column_type = "Text")]
        pub details: String,
        pub raised_at: DateTime<Utc>,
        pub cleared_at: Option<DateTime<Utc>>,
        /// The administrator who cleared it; absent when the figures agreed again.
        pub cleared_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
