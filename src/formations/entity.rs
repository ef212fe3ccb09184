//! Rows of formations, and which an actor sees.

use sea_orm::Value;

use crate::core::{Actor, Role};
use crate::db::list::Where;
use crate::people::scope;

/// A group of mentors with their learners (雁阵).
pub mod formation {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "formation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub name_key: String,
        pub region_code: String,
        /// What it is to reach.
        pub goal: String,
        pub note: String,
        /// active or ended.
        pub state: String,
        pub starts_on: Option<NaiveDate>,
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

    crate::record!(Model, "formation", |m| format!("{}\n{}", m.region_code, m.name_key));
}

/// Somebody in a formation, from one day to another.
pub mod formation_member {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "formation_member")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub formation_id: i64,
        pub person_id: i64,
        /// lead, flock or support.
        pub role: String,
        pub starts_on: NaiveDate,
        /// The last day; absent while it lasts.
        pub ends_on: Option<NaiveDate>,
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

    crate::record!(Model, "formation_member", |m| format!("{}\n{}\n{}", m.formation_id, m.person_id, m.starts_on));
}

/// Something a formation did.
pub mod formation_activity {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "formation_activity")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub formation_id: i64,
        pub held_on: NaiveDate,
        /// A name of [`KINDS`](super::super::rules::KINDS).
        pub kind: String,
        pub title: String,
        /// Who took part.
        pub people: i64,
        pub outcome: String,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "formation_activity", |m| format!("{}\n{}\n{}", m.formation_id, m.held_on, m.title));
}

/// Formations the actor sees, for a query in which they go by `f`: those of the region for administrator and observer,
/// those with somebody they see (or that they made) for a trainer, their own for an intern.
#[must_use]
pub fn visible_to(who: &Actor) -> Where {
    let mut w = Where::default();
    match who.role {
        Role::Administrator | Role::Observer => w.scope(who, "f.region_code"),
        Role::Trainer | Role::Intern => {
            let (people, values) = scope::sql(who);
            let mut values: Vec<Value> = values;
            values.push(who.user_id.unwrap_or(-1).into());
            let sql = format!(
                "(EXISTS (SELECT 1 FROM formation_member x JOIN person p ON p.id = x.person_id \
                 WHERE x.formation_id = f.id AND {people}) OR f.created_by = ?)"
            );
            w.and(&sql, values);
        }
        Role::Supervisor => w.and("1 = 0", []),
    }
    w
}
