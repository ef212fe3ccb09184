//! What eligibility turns on: educations, work, times in which somebody may not sit, decisions to let somebody in.

use crate::build::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const STANDING: &[&str] = &["proven", "declared", "doubted"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = table("schooling");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["education", "school", "major", "document", "note"]);
        state(&mut t, "study", &["full_time", "part_time", "unknown"]);
        state(&mut t, "graduation", &["graduated", "student"]);
        state(&mut t, "standing", STANDING);
        flags(&mut t, &["gained_abroad"]);
        dates_null(&mut t, &["began_on", "graduated_on"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "schooling", &["person_id"]).await?;

        let mut t = table("work_experience");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["workplace", "job_title", "document", "note"]);
        state(&mut t, "kind", &["field", "other", "unknown"]);
        state(&mut t, "standing", STANDING);
        dates(&mut t, &["starts_on"]);
        dates_null(&mut t, &["ends_on"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "work_experience", &["person_id"]).await?;

        // until_on absent: for the long term.
        let mut t = table("exam_bar");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["scheme", "reason", "document", "lifted_why"]);
        dates(&mut t, &["from_on"]);
        dates_null(&mut t, &["until_on", "lifted_on"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "exam_bar", &["person_id"]).await?;

        let mut t = table("eligibility_override");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["scheme", "level", "approver", "reason", "document", "revoked_why"]);
        dates(&mut t, &["given_on", "until_on"]);
        dates_null(&mut t, &["revoked_on"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "eligibility_override", &["person_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["eligibility_override", "exam_bar", "work_experience", "schooling"]).await
    }
}
