//! Rows of runs and tasks.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One run of a scheduled job: of a tick, or by hand.
pub mod run {
    use super::{DateTime, Serialize, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "job_run")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub job: String,
        /// The UTC instant, or the civil date of a daily job; `hand:…` for a run by hand.
        #[sea_orm(column_type = "Text")]
        pub tick_key: String,
        /// The process that runs it.
        #[sea_orm(column_type = "Text")]
        pub owner: String,
        /// What the job said, or why it failed: a message as JSON, or plain text.
        #[sea_orm(column_type = "Text")]
        pub message: String,
        pub tick_at: DateTime<Utc>,
        pub started_at: DateTime<Utc>,
        pub finished_at: Option<DateTime<Utc>>,
        pub lease_until: Option<DateTime<Utc>>,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        /// Further ticks this row stands for: caught up by this run, or missed for good.
        pub missed_ticks: i64,
        pub by_hand: i64,
        pub attempts: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Work asked for by a use case in its own transaction.
#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "job_task")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub payload: String,
    #[sea_orm(column_type = "Text")]
    pub owner: String,
    #[sea_orm(column_type = "Text")]
    pub error: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub dedup_key: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub run_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub lease_until: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub progress_done: i64,
    pub progress_total: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
