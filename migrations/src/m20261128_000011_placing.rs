//! Placing a cohort: rounds, the places that bases offer in them, the students' wishes, and the proposal's lines.

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
        let mut t = table("placing_round");
        refers(&mut t, "cohort_id", "cohort");
        texts(&mut t, &["name", "programme", "note"]);
        dates(&mut t, &["starts_on", "ends_on"]);
        dates_null(&mut t, &["wishes_until"]);
        ints(&mut t, &["required_minutes", "most_wishes", "seed"]);
        // Whether those whose wishes all failed are put at free places.
        flags(&mut t, &["fill"]);
        state(&mut t, "state", &["open", "published", "cancelled"]);
        instants_null(&mut t, &["proposed_at", "published_at"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "placing_round", &["cohort_id"]).await?;

        // Offered under the agreement of one campus with the base.
        let mut t = table("placing_slot");
        refers(&mut t, "round_id", "placing_round");
        refers(&mut t, "base_id", "base");
        refers(&mut t, "campus_id", "campus");
        refers_null(&mut t, "supervisor_id", "supervisor");
        texts(&mut t, &["field", "note"]);
        ints(&mut t, &["places"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "placing_slot", &["round_id", "base_id", "campus_id", "field"]).await?;

        // What somebody asks of every place; fields joined by "、", farthest empty for anywhere.
        let mut t = table("placing_student");
        refers(&mut t, "round_id", "placing_round");
        refers(&mut t, "person_id", "person");
        texts(&mut t, &["fields", "farthest"]);
        ints(&mut t, &["priority"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "placing_student", &["round_id", "person_id"]).await?;
        index(m, "placing_student", &["person_id"]).await?;

        // rank 1 is the most wanted.
        let mut t = bare("placing_wish");
        refers(&mut t, "student_id", "placing_student");
        ints(&mut t, &["rank"]);
        refers(&mut t, "slot_id", "placing_slot");
        key(&mut t, &["student_id", "rank"]);
        create(m, t).await?;
        index(m, "placing_wish", &["slot_id"]).await?;

        // reasons is JSON: the wishes above the outcome with why each failed.
        let mut t = table("placing_line");
        refers(&mut t, "round_id", "placing_round");
        refers(&mut t, "person_id", "person");
        refers_null(&mut t, "slot_id", "placing_slot");
        refers_null(&mut t, "placement_id", "placement");
        state(&mut t, "outcome", &["wish", "filled", "locked", "none"]);
        ints_null(&mut t, &["rank"]);
        flags(&mut t, &["locked"]);
        texts(&mut t, &["reasons"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "placing_line", &["round_id", "person_id"]).await?;
        index(m, "placing_line", &["slot_id"]).await?;
        index(m, "placing_line", &["placement_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["placing_line", "placing_wish", "placing_student", "placing_slot", "placing_round"]).await
    }
}
