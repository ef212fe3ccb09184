//! Imports, their problems, and what they changed.

/// `import_run`: one upload, from preview to undo.
pub mod import_run {
    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "import_run")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        pub file_name: String,
        /// SHA-256 of the bytes.
        pub file_hash: String,
        /// [`super::super::Params`] as JSON.
        pub params: String,
        /// The region whose data it brings, when parameter or actor name one; its administrators see the import.
        pub region_code: String,
        /// The problem for which the whole file was refused, as JSON; empty if it was not.
        pub file_problem: String,
        /// The canonical headers of the refused rows' cells, as JSON.
        pub headers: String,
        /// See [`super::super::outcome::State`].
        pub state: String,
        pub rows: i64,
        pub accepted: i64,
        pub refused: i64,
        pub unchanged: i64,
        pub warnings: i64,
        pub created_by: Option<i64>,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub committed_at: Option<DateTime<Utc>>,
        pub undone_at: Option<DateTime<Utc>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `import_problem`: a remark on a row; `cells` of a refused row are sealed, for the file of refused rows.
pub mod import_problem {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_problem")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub sheet: String,
        pub column_name: String,
        pub code: String,
        pub args: String,
        pub row_no: Option<i64>,
        pub severity: String,
        pub cells: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `import_change`: one row that the import made or changed, in order.
pub mod import_change {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub table_name: String,
        pub row_id: i64,
        /// The row's version after the import: undo refuses a row that has another one by then.
        pub version: i64,
        /// `insert` or `update`.
        pub action: String,
        /// For an update: the columns as they were ([`super::super::undo::Before`]).
        pub before: Option<String>,
        pub row_no: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
