//! Rows of classes, their people, sessions and attendance, and who sees which class.

use sea_orm::Value;

use crate::core::{Actor, Role};
use crate::db;

/// A training class.
pub mod class {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "class")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub code: String,
        /// What the roster calls it (第一期).
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub region_code: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub cohort_id: Option<i64>,
        pub capacity: Option<i64>,
        /// Share of the sessions' minutes that completion asks for.
        pub required_percent: i64,
        pub starts_on: Option<NaiveDate>,
        pub ends_on: Option<NaiveDate>,
        /// What it costs, or that it costs nothing.
        #[sea_orm(column_type = "Text")]
        pub fee_note: String,
        /// What is handed out or to be brought, a line each.
        #[sea_orm(column_type = "Text")]
        pub materials: String,
        /// What the link of self-registration is signed with; empty while there is none.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing)]
        pub join_key: String,
        /// planned, under_way or closed.
        #[sea_orm(column_type = "Text")]
        pub state: String,
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

/// A person in a class.
pub mod class_enrolment {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "class_enrolment")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub class_id: i64,
        pub person_id: i64,
        /// active, withdrawn or completed.
        #[sea_orm(column_type = "Text")]
        pub state: String,
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

/// One sitting together of a class (课次).
pub mod class_session {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "class_session")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub class_id: i64,
        pub held_on: NaiveDate,
        /// morning, afternoon, evening or day.
        #[sea_orm(column_type = "Text")]
        pub slot: String,
        #[sea_orm(column_type = "Text")]
        pub course: String,
        /// Their names as written; those of the register stand in `session_lecturer` too.
        #[sea_orm(column_type = "Text")]
        pub lecturer: String,
        pub minutes: i64,
        /// Minutes of the civil day; the slot's where absent.
        pub starts: Option<i64>,
        pub ends: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub room: String,
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

/// Whether one person was at one session.
pub mod attendance {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "attendance")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub session_id: i64,
        pub person_id: i64,
        /// present, late, left_early, excused or absent.
        #[sea_orm(column_type = "Text")]
        pub state: String,
        /// Minutes of the day.
        pub sign_in: Option<i64>,
        pub sign_out: Option<i64>,
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

/// Somebody who wants a place in a class: the answer, and their place on the waiting list.
pub mod class_request {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "class_request")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub class_id: i64,
        /// Absent until somebody who came by the link is accepted.
        pub person_id: Option<i64>,
        /// Person id, or the keyed hash of the number of somebody not on record.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing)]
        pub who_key: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// What somebody not on record wrote of themselves, sealed.
        #[sea_orm(column_type = "Text")]
        #[serde(skip_serializing)]
        pub details: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// Why it was refused.
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        /// asked, waiting, accepted, refused or left.
        #[sea_orm(column_type = "Text")]
        pub state: String,
        /// staff, own or link.
        #[sea_orm(column_type = "Text")]
        pub source: String,
        /// Since when they wait: the order of the list.
        pub queued_at: DateTime<Utc>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub created_by: Option<i64>,
        pub updated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    crate::record!(Model, "class_request", |m| format!("{}:{}", m.class_id, m.who_key));
}

/// The piece of a WHERE clause (after AND), with its values, that keeps a reader to their classes, for a query in which
/// `class` goes by `c`: regions for administrators and observers, own classes and those of own cohorts for trainers, the
/// classes one is in for interns.
#[must_use]
pub fn visible_to(who: &Actor) -> (String, Vec<Value>) {
    let none = || ("1 = 0".to_owned(), Vec::new());
    match who.role {
        Role::Administrator | Role::Observer if who.scope.regions.is_empty() => ("1 = 1".to_owned(), Vec::new()),
        Role::Administrator | Role::Observer => {
            let mut any = Vec::new();
            let mut values: Vec<Value> = Vec::new();
            for code in &who.scope.regions {
                let (from, to) = db::prefix_range(code);
                any.push("(c.region_code >= ? AND c.region_code < ?)");
                values.extend([Value::from(from), Value::from(to)]);
            }
            (format!("({})", any.join(" OR ")), values)
        }
        Role::Trainer => {
            let mut any = Vec::new();
            let mut values: Vec<Value> = Vec::new();
            for (column, ids) in [("c.id", &who.scope.classes), ("c.cohort_id", &who.scope.cohorts)] {
                if !ids.is_empty() {
                    any.push(format!("{column} IN ({})", db::places(ids.len())));
                    values.extend(ids.iter().map(|i| Value::from(*i)));
                }
            }
            if any.is_empty() { none() } else { (format!("({})", any.join(" OR ")), values) }
        }
        Role::Intern => match who.person_id {
            Some(id) => (
                "c.id IN (SELECT ce.class_id FROM class_enrolment ce WHERE ce.person_id = ?)".to_owned(),
                vec![id.into()],
            ),
            None => none(),
        },
        Role::Supervisor => none(),
    }
}
