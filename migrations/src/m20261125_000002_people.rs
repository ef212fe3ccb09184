//! Regions, campuses, bases and their ledger, people, who belongs where, cohorts, and the pipeline's facts and counters.

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
        // GB/T 2260 codes nest by prefix (2, 4, 6, 9, 12 digits), so the code is the path.
        let mut t = table("region");
        texts(&mut t, &["code", "name"]);
        ints(&mut t, &["level"]);
        refers_null(&mut t, "parent_id", "region");
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "region", &["code"]).await?;
        index(m, "region", &["parent_id", "name"]).await?;

        let mut t = table("campus");
        texts(&mut t, &["name", "region_code", "note"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "campus", &["name"]).await?;

        let mut t = table("base");
        texts(&mut t, &["code", "name", "kind", "region_code", "town", "evaluation", "note"]);
        ints_null(&mut t, &["capacity"]);
        flags(&mut t, &["active"]);
        made_by(&mut t);
        create(m, t).await?;
        // region_code is '' for a base without a region: a NULL would not be unique.
        unique(m, "base", &["region_code", "code"]).await?;
        index(m, "base", &["name"]).await?;

        // A supervisor at a base; user_id when they have an account.
        let mut t = table("supervisor");
        refers(&mut t, "base_id", "base");
        texts(&mut t, &["name", "phone"]);
        refers_null(&mut t, "user_id", "user_account");
        flags(&mut t, &["active"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "supervisor", &["base_id", "name"]).await?;
        index(m, "supervisor", &["user_id"]).await?;

        let mut t = table("agreement");
        refers(&mut t, "campus_id", "campus");
        refers(&mut t, "base_id", "base");
        // Both mentors: the campus's by name, the base's among its supervisors. fields: the fields of service, by "、".
        refers_null(&mut t, "supervisor_id", "supervisor");
        texts(&mut t, &["number", "campus_mentor", "fields", "note"]);
        ints_null(&mut t, &["capacity"]);
        dates_null(&mut t, &["valid_from", "valid_to"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "agreement", &["base_id", "campus_id", "number"]).await?;

        // birth is YYYY-MM-DD, YYYY-MM or empty. id_sealed is the encrypted number, id_hash its keyed hash, id_tail the
        // last four characters for telling namesakes apart.
        let mut t = table("person");
        texts(&mut t, &["name", "sex", "birth", "ethnicity", "id_type", "id_sealed", "id_hash", "id_tail"]);
        texts(&mut t, &["phone", "email", "education", "school", "major", "graduated_on", "unit", "job_title"]);
        texts(&mut t, &["student_no", "region_code", "town", "employment_kind", "note"]);
        sorted_text(m, &mut t, "name_key");
        ints_null(&mut t, &["work_years"]);
        refers_null(&mut t, "campus_id", "campus");
        flags(&mut t, &["active"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "person", &["id_hash"]).await?;
        index(m, "person", &["name_key", "id"]).await?;
        index(m, "person", &["phone"]).await?;
        index(m, "person", &["id_tail"]).await?;
        index(m, "person", &["student_no"]).await?;
        index(m, "person", &["region_code", "id"]).await?;
        index(m, "person", &["campus_id", "id"]).await?;

        // Which cohorts, classes and bases a person belongs to: row scope and groups of the tally both read it.
        let mut t = bare("person_scope");
        refers(&mut t, "person_id", "person");
        state(&mut t, "kind", &["cohort", "class", "base"]);
        ints(&mut t, &["target_id"]);
        key(&mut t, &["kind", "target_id", "person_id"]);
        create(m, t).await?;
        index(m, "person_scope", &["person_id"]).await?;

        let mut t = table("cohort");
        texts(&mut t, &["code", "name", "region_code", "programme", "note"]);
        refers_null(&mut t, "campus_id", "campus");
        dates_null(&mut t, &["starts_on", "ends_on"]);
        flags(&mut t, &["active"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "cohort", &["code"]).await?;

        let mut t = table("enrolment");
        refers(&mut t, "cohort_id", "cohort");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["scheme", "level", "subjects", "first_time", "note"]);
        state(&mut t, "state", &["active", "withdrawn"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "enrolment", &["cohort_id", "person_id"]).await?;
        index(m, "enrolment", &["person_id"]).await?;

        // The pipeline's one row per person: what the features last reported, and the stage that follows from it.
        let mut t = bare("person_facts");
        t.col(ColumnDef::new("person_id").big_integer().not_null().primary_key());
        t.foreign_key(
            ForeignKey::create().from_col("person_id").to("person", "id").on_delete(ForeignKeyAction::Restrict),
        );
        texts(&mut t, &["stage", "highest_scheme", "highest_level"]);
        flags(&mut t, &["enrolled", "withdrawn", "placed", "practicum_complete", "class_under_way", "class_complete"]);
        ints(&mut t, &["required_minutes", "confirmed_minutes", "highest_rank"]);
        dates_null(&mut t, &["registered_until", "due_from", "next_change_on"]);
        instants(&mut t, &["updated_at"]);
        create(m, t).await?;
        index(m, "person_facts", &["stage", "person_id"]).await?;
        index(m, "person_facts", &["highest_level", "person_id"]).await?;
        index(m, "person_facts", &["next_change_on"]).await?;

        // person × scheme × level × exam year: what the tally counts.
        let mut t = bare("exam_facts");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["scheme", "level"]);
        ints(&mut t, &["year"]);
        flags(&mut t, &["registered", "sat", "passed"]);
        key(&mut t, &["person_id", "scheme", "level", "year"]);
        create(m, t).await?;
        index(m, "exam_facts", &["scheme", "year", "level"]).await?;

        // kind: all ('' as key), region, cohort, campus, base, class. year 0 holds people and certified.
        let mut t = bare("tally_counter");
        texts(&mut t, &["kind", "group_key", "scheme", "level"]);
        ints(&mut t, &["year", "people", "registered", "sat", "passed", "certified"]);
        key(&mut t, &["kind", "group_key", "scheme", "level", "year"]);
        create(m, t).await?;

        // People at each stage, by group: the funnel.
        let mut t = bare("stage_counter");
        texts(&mut t, &["kind", "group_key", "stage"]);
        ints(&mut t, &["people"]);
        key(&mut t, &["kind", "group_key", "stage"]);
        create(m, t).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            m,
            &[
                "stage_counter",
                "tally_counter",
                "exam_facts",
                "person_facts",
                "enrolment",
                "cohort",
                "person_scope",
                "person",
                "agreement",
                "supervisor",
                "base",
                "campus",
                "region",
            ],
        )
        .await
    }
}
