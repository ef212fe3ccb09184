//! Rows of the pipeline: facts and counters. Other features read them (funnel, filters), only this one writes.

/// `person_facts`: one row a person.
pub mod person_facts {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_facts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: i64,
        pub stage: String,
        pub enrolled: bool,
        pub withdrawn: bool,
        pub placed: bool,
        pub practicum_complete: bool,
        pub class_under_way: bool,
        pub class_complete: bool,
        pub required_minutes: i64,
        pub confirmed_minutes: i64,
        pub highest_scheme: String,
        pub highest_level: String,
        pub highest_rank: i64,
        pub registered_until: Option<NaiveDate>,
        pub due_from: Option<NaiveDate>,
        pub next_change_on: Option<NaiveDate>,
        pub updated_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `exam_facts`: one row a person × scheme × level × exam year with something to count.
pub mod exam_facts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "exam_facts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub scheme: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i64,
        pub registered: bool,
        pub sat: bool,
        pub passed: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `tally_counter`: what is counted for a group. Rows of `year` 0 hold people (level '') and certified (by highest level).
pub mod tally_counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tally_counter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub group_key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub scheme: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i64,
        pub people: i64,
        pub registered: i64,
        pub sat: i64,
        pub passed: i64,
        pub certified: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `stage_counter`: people at each stage, by group.
pub mod stage_counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stage_counter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub group_key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: String,
        pub people: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
