//! Rows of placements and hour entries, and the one place that says whose they are to see.

use sea_orm::Value;

use crate::core::{Actor, Role};
use crate::db;
use crate::people::scope;

/// A person at a base for a span of time, with the minutes their programme requires.
pub mod placement {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "placement")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub person_id: i64,
        pub base_id: i64,
        pub cohort_id: Option<i64>,
        pub supervisor_id: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub campus_mentor: String,
        #[sea_orm(column_type = "Text")]
        pub programme: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        /// Absent: open on that side.
        pub starts_on: Option<NaiveDate>,
        pub ends_on: Option<NaiveDate>,
        pub required_minutes: i64,
        /// active, ended or withdrawn; a withdrawn one counts nowhere.
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

/// What an intern did on one day, and whether the base's supervisor stands by it.
pub mod hour_entry {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "hour_entry")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The office's own number, from an imported file.
        #[sea_orm(column_type = "Text", nullable)]
        pub record_no: Option<String>,
        /// Made by the page or the caller, so that a form sent twice counts once.
        #[sea_orm(column_type = "Text", nullable)]
        pub client_key: Option<String>,
        pub person_id: i64,
        pub placement_id: i64,
        pub worked_on: NaiveDate,
        /// Minutes of the day.
        pub starts: Option<i64>,
        pub ends: Option<i64>,
        pub confirmed_by: Option<i64>,
        pub supervisor_id: Option<i64>,
        /// The confirmed entry that this one is to take the place of.
        pub replaces_id: Option<i64>,
        /// Who signed for the campus, where two signatures are asked for.
        pub signed_by: Option<i64>,
        pub minutes: i64,
        pub supervision_minutes: i64,
        /// Person-times.
        pub beneficiary_count: i64,
        /// Households visited.
        pub households: i64,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub project_no: String,
        #[sea_orm(column_type = "Text")]
        pub beneficiary: String,
        #[sea_orm(column_type = "Text")]
        pub supervisor_name: String,
        /// Why it was returned.
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub confirmed_at: Option<DateTime<Utc>>,
        pub signed_at: Option<DateTime<Utc>>,
        /// The last return; how long the intern may change the entry counts from it.
        pub returned_at: Option<DateTime<Utc>>,
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

/// A link by which a supervisor without an account decides on the entries of one base, once.
pub mod confirm_link {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "confirm_link")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub base_id: i64,
        pub supervisor_id: Option<i64>,
        /// Under which name the hours are confirmed.
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub address: String,
        /// open, used, or replaced by a newer link.
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub expires_at: DateTime<Utc>,
        pub used_at: Option<DateTime<Utc>>,
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

crate::record!(confirm_link::Model, "confirm_link", |m| m.id.to_string());

/// What supervisor and intern talked over, or the supervisor saw.
pub mod supervision_note {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "supervision_note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub placement_id: i64,
        pub held_on: NaiveDate,
        /// individual, group or visit.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub minutes: i64,
        #[sea_orm(column_type = "Text")]
        pub content: String,
        /// Who wrote it, as their account calls them.
        #[sea_orm(column_type = "Text")]
        pub author: String,
        /// Whether the intern reads it too.
        pub shared: bool,
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

crate::record!(supervision_note::Model, "supervision_note", |m| m.id.to_string());

/// The practicum evaluation (实习鉴定) of one placement, in three hands.
pub mod evaluation {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "evaluation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub placement_id: i64,
        #[sea_orm(column_type = "Text")]
        pub self_text: String,
        #[sea_orm(column_type = "Text")]
        pub base_text: String,
        #[sea_orm(column_type = "Text")]
        pub base_name: String,
        #[sea_orm(column_type = "Text")]
        pub campus_text: String,
        #[sea_orm(column_type = "Text")]
        pub campus_name: String,
        /// Marks of 100 in hundredths.
        pub base_mark: Option<i64>,
        pub campus_mark: Option<i64>,
        pub self_at: Option<DateTime<Utc>>,
        pub base_at: Option<DateTime<Utc>>,
        pub campus_at: Option<DateTime<Utc>>,
        /// When the overall grade was settled; nothing is changed after.
        pub closed_at: Option<DateTime<Utc>>,
        pub overall_mark: Option<i64>,
        /// A code of the grades in `config/practicum.toml`; empty until it is closed.
        #[sea_orm(column_type = "Text")]
        pub grade: String,
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

crate::record!(evaluation::Model, "evaluation", |m| m.placement_id.to_string());

/// The photo of an entry.
pub mod hour_photo {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "hour_photo")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub entry_id: i64,
        #[sea_orm(column_type = "Text")]
        pub mime: String,
        pub width: i64,
        pub height: i64,
        /// Not for the audit log.
        #[sea_orm(column_type = "Blob")]
        #[serde(skip)]
        pub bytes: Vec<u8>,
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

crate::record!(hour_photo::Model, "hour_photo", |m| m.entry_id.to_string());

/// The piece of a WHERE clause that lets each piece of work count once, for a query in which `hour_entry` goes by `h`: an
/// entry and the change that is to take its place are one. The confirmed one of them counts, and while none is confirmed
/// the change.
pub const ONCE: &str = "h.state <> 'superseded' AND (h.replaces_id IS NULL OR NOT EXISTS (SELECT 1 FROM hour_entry o \
                        WHERE o.id = h.replaces_id AND o.state = 'confirmed')) AND (h.state = 'confirmed' \
                        OR NOT EXISTS (SELECT 1 FROM hour_entry n WHERE n.replaces_id = h.id))";

/// The piece of a WHERE clause (to stand after AND), with its values, that keeps a reader to the placements that are
/// theirs, for a query in which `placement` goes by `pl` and `person` by `p`. A supervisor sees the placements at their own
/// bases and no others of the same person; everybody else those of the people they see.
#[must_use]
pub fn visible_to(who: &Actor) -> (String, Vec<Value>) {
    if who.role != Role::Supervisor {
        return scope::sql(who);
    }
    let bases = &who.scope.bases;
    if bases.is_empty() {
        return ("1 = 0".to_owned(), Vec::new());
    }
    (format!("pl.base_id IN ({})", db::places(bases.len())), bases.iter().map(|b| Value::from(*b)).collect())
}
