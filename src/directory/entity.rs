//! Rows of the directory, one module a table.

/// A region of any level; the code is the path.
pub mod region {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "region")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// 1 province, 2 city, 3 county, 4 town or street, 5 village or community.
        pub level: i64,
        pub parent_id: Option<i64>,
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

/// A university or college.
pub mod campus {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "campus")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub region_code: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
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

/// An internship base.
pub mod base {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "base")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The ledger's number (JD01); unique with `region_code`.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// A name of [`super::super::rules::BaseKind`].
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        /// The region the ledger was recorded for; empty when none was given.
        #[sea_orm(column_type = "Text")]
        pub region_code: String,
        #[sea_orm(column_type = "Text")]
        pub town: String,
        /// The last yearly evaluation as the ledger words it (合格, 优秀).
        #[sea_orm(column_type = "Text")]
        pub evaluation: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// Interns at one time.
        pub capacity: Option<i64>,
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

/// An agreement between a campus and a base.
pub mod agreement {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "agreement")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub campus_id: i64,
        pub base_id: i64,
        #[sea_orm(column_type = "Text")]
        pub number: String,
        #[sea_orm(column_type = "Text")]
        pub campus_mentor: String,
        /// The base's mentor, one of its supervisors.
        pub supervisor_id: Option<i64>,
        /// Fields of service, joined by "、"; empty for any.
        #[sea_orm(column_type = "Text")]
        pub fields: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// Interns of this campus at one time; the base's own capacity holds as well.
        pub capacity: Option<i64>,
        pub valid_from: Option<NaiveDate>,
        pub valid_to: Option<NaiveDate>,
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

/// A field supervisor at one base; one person who supervises at two bases has two rows.
pub mod supervisor {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "supervisor")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub base_id: i64,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub phone: String,
        /// The account with which they confirm hours.
        pub user_id: Option<i64>,
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

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

crate::record!(agreement::Model, "agreement", |m| format!("{}/{}/{}", m.base_id, m.campus_id, m.number));

use crate::core::{Actor, Role};
use crate::db;

/// Bases the actor sees: those of the region for administrator and observer, all for a trainer (who places people
/// there), their own for a supervisor.
#[must_use]
pub fn bases_visible_to(who: &Actor) -> Select<base::Entity> {
    let condition = match who.role {
        Role::Trainer => Condition::all(),
        Role::Administrator | Role::Observer if who.scope.regions.is_empty() => Condition::all(),
        Role::Administrator | Role::Observer => who.scope.regions.iter().fold(Condition::any(), |c, code| {
            let (from, to) = db::prefix_range(code);
            c.add(Condition::all().add(base::Column::RegionCode.gte(from)).add(base::Column::RegionCode.lt(to)))
        }),
        Role::Supervisor => Condition::all().add(base::Column::Id.is_in(who.scope.bases.iter().copied())),
        Role::Intern => Condition::all().add(base::Column::Id.eq(0)),
    };
    base::Entity::find().filter(condition)
}
