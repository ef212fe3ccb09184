//! Certificates: what an examination ended in, with its registration (登记) and, when it came to that, its revocation.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "certificate")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    #[sea_orm(column_type = "Text")]
    pub scheme: String,
    #[sea_orm(column_type = "Text")]
    pub level: String,
    /// 管理号: opaque text, tidied by `rules::number`; unique per scheme and level.
    #[sea_orm(column_type = "Text")]
    pub number: String,
    /// Where the holder worked when it was recorded.
    #[sea_orm(column_type = "Text")]
    pub unit: String,
    /// The separate-line area the certificate is confined to; empty for the whole country.
    #[sea_orm(column_type = "Text")]
    pub area: String,
    #[sea_orm(column_type = "Text")]
    pub note: String,
    /// The examination year it was won in; 0 when the list did not say.
    pub exam_year: i64,
    pub approved_on: NaiveDate,
    pub first_registered_on: Option<NaiveDate>,
    pub registered_until: Option<NaiveDate>,
    pub revoked_on: Option<NaiveDate>,
    #[sea_orm(column_type = "Text")]
    pub revoked_why: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<i64>,
    pub updated_by: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
