//! Imports with their problems and what they changed; snapshots of the tally and alarms.

use crate::build::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = table("import_run");
        texts(&mut t, &["kind", "file_name", "file_hash", "params", "region_code", "file_problem", "headers"]);
        state(
            &mut t,
            "state",
            &["reading", "preview", "committing", "committed", "rejected", "failed", "undone", "discarded"],
        );
        ints(&mut t, &["rows", "accepted", "refused", "unchanged", "warnings"]);
        ints_null(&mut t, &["created_by"]);
        instants(&mut t, &["created_at", "updated_at"]);
        instants_null(&mut t, &["committed_at", "undone_at"]);
        create(m, t).await?;
        index(m, "import_run", &["created_by", "id"]).await?;

        // cells: the refused row as it stood, sealed, for the file of refused rows.
        let mut t = bare("import_problem");
        refers(&mut t, "import_id", "import_run");
        ints(&mut t, &["seq"]);
        texts(&mut t, &["sheet", "column_name", "code", "args"]);
        ints_null(&mut t, &["row_no"]);
        state(&mut t, "severity", &["error", "warning"]);
        texts_null(&mut t, &["cells"]);
        key(&mut t, &["import_id", "seq"]);
        create(m, t).await?;

        // What the import did, in order: undo walks it backwards.
        let mut t = bare("import_change");
        refers(&mut t, "import_id", "import_run");
        ints(&mut t, &["seq", "row_id", "version"]);
        texts(&mut t, &["table_name"]);
        state(&mut t, "action", &["insert", "update"]);
        texts_null(&mut t, &["before"]);
        ints_null(&mut t, &["row_no"]);
        key(&mut t, &["import_id", "seq"]);
        create(m, t).await?;

        let mut t = table("tally_snapshot");
        dates(&mut t, &["as_of"]);
        instants(&mut t, &["taken_at"]);
        texts(&mut t, &["scheme", "figures"]);
        ints(&mut t, &["year"]);
        create(m, t).await?;
        unique(m, "tally_snapshot", &["as_of", "scheme", "year"]).await?;

        let mut t = table("alarm");
        texts(&mut t, &["kind", "subject", "details"]);
        instants(&mut t, &["raised_at"]);
        instants_null(&mut t, &["cleared_at"]);
        ints_null(&mut t, &["cleared_by"]);
        create(m, t).await?;
        index(m, "alarm", &["cleared_at"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["alarm", "tally_snapshot", "import_change", "import_problem", "import_run"]).await
    }
}
