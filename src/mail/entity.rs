//! Rows of the outbox and of its log.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A mail, from plan to end.
#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What caused it: a reminder rule's name, or the name of the use case.
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    /// What about: with rule and person it makes the row unique.
    #[sea_orm(column_type = "Text")]
    pub occasion: String,
    #[sea_orm(column_type = "Text")]
    pub template: String,
    /// What the template needs, as JSON: ids rather than texts. Not in the audit log: it may hold a one-time code.
    #[sea_orm(column_type = "Text")]
    #[serde(skip_serializing)]
    pub payload: String,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text")]
    pub lang: String,
    #[sea_orm(column_type = "Text")]
    pub message_id: String,
    /// The sending process.
    #[sea_orm(column_type = "Text")]
    pub owner: String,
    /// Why it is in its state, where that needs a reason: a message as JSON, or the server's own words.
    #[sea_orm(column_type = "Text")]
    pub error: String,
    /// 0 when it is to no person on record.
    pub person_id: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub due_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Not sent after this: it would come too late.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it is looked at next; `due_at` at first.
    pub next_try_at: Option<DateTime<Utc>>,
    pub lease_until: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub attempts: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// One change of state.
pub mod log {
    use super::{DateTime, Serialize, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub outbox_id: i64,
        pub at: DateTime<Utc>,
        /// Empty when the row was made.
        #[sea_orm(column_type = "Text")]
        pub from_state: String,
        #[sea_orm(column_type = "Text")]
        pub to_state: String,
        /// A message as JSON, or the server's own words.
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub actor_id: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
