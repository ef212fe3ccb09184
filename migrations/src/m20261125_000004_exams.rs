//! Exam cycles, registrations, results, certificates.

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
        let mut t = table("exam_cycle");
        texts(&mut t, &["scheme", "note"]);
        ints(&mut t, &["year"]);
        dates_null(&mut t, &["results_on"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "exam_cycle", &["scheme", "year"]).await?;

        let mut t = table("registration");
        refers(&mut t, "cycle_id", "exam_cycle");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["level", "subjects", "number", "review", "education", "major", "unit", "graduated_on", "note"]);
        ints_null(&mut t, &["work_years"]);
        dates(&mut t, &["registered_on"]);
        state(&mut t, "payment", &["paid", "unpaid", "unknown"]);
        state(&mut t, "state", &["active", "withdrawn"]);
        flags(&mut t, &["corrected"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "registration", &["cycle_id", "person_id", "level"]).await?;
        index(m, "registration", &["person_id"]).await?;
        index(m, "registration", &["cycle_id", "number"]).await?;

        // mark is in hundredths and present only with code normal. held: a violation beside marks, waiting for a person.
        // corrected (also above): changed by a person, so that no later import of a file puts the old value back.
        let mut t = table("result");
        refers(&mut t, "cycle_id", "exam_cycle");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["level", "subject", "archive_no", "note"]);
        state(&mut t, "code", &["normal", "absent", "violation", "void"]);
        t.col(
            ColumnDef::new("mark")
                .big_integer()
                .null()
                .check(Expr::cust("mark IS NULL OR (mark >= 0 AND code = 'normal')")),
        );
        flags(&mut t, &["held", "corrected"]);
        dates(&mut t, &["published_on"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "result", &["cycle_id", "person_id", "level", "subject"]).await?;
        index(m, "result", &["person_id", "level"]).await?;
        // Sittings that wait for a decision are few.
        index(m, "result", &["held", "person_id"]).await?;

        let mut t = table("certificate");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["scheme", "level", "number", "unit", "area", "note"]);
        ints(&mut t, &["exam_year"]);
        dates(&mut t, &["approved_on"]);
        dates_null(&mut t, &["first_registered_on", "registered_until", "revoked_on"]);
        texts(&mut t, &["revoked_why"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "certificate", &["scheme", "level", "number"]).await?;
        index(m, "certificate", &["person_id"]).await?;
        index(m, "certificate", &["registered_until"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["certificate", "result", "registration", "exam_cycle"]).await
    }
}
