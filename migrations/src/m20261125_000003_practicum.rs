//! Placements and hour entries; classes, class sessions and attendance.

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
        let mut t = table("placement");
        refers(&mut t, "person_id", "person");
        refers(&mut t, "base_id", "base");
        refers_null(&mut t, "cohort_id", "cohort");
        refers_null(&mut t, "supervisor_id", "supervisor");
        texts(&mut t, &["campus_mentor", "programme", "note"]);
        dates_null(&mut t, &["starts_on", "ends_on"]);
        ints(&mut t, &["required_minutes"]);
        state(&mut t, "state", &["active", "ended", "withdrawn"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "placement", &["person_id", "base_id", "starts_on"]).await?;
        index(m, "placement", &["base_id", "state"]).await?;
        index(m, "placement", &["cohort_id"]).await?;

        // starts and ends are minutes of the day; client_key is made by the phone so that a form sent twice counts once.
        let mut t = table("hour_entry");
        texts_null(&mut t, &["record_no", "client_key"]);
        refers(&mut t, "person_id", "person");
        refers(&mut t, "placement_id", "placement");
        dates(&mut t, &["worked_on"]);
        // A change of a confirmed entry is an entry of its own that replaces it once it is confirmed.
        refers_null(&mut t, "replaces_id", "hour_entry");
        ints_null(&mut t, &["starts", "ends", "confirmed_by", "signed_by", "supervisor_id"]);
        ints(&mut t, &["minutes", "supervision_minutes", "beneficiary_count", "households"]);
        texts(&mut t, &["kind", "project_no", "beneficiary", "supervisor_name", "reason", "note"]);
        state(&mut t, "state", &["draft", "submitted", "endorsed", "confirmed", "returned", "superseded"]);
        instants_null(&mut t, &["confirmed_at", "signed_at"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "hour_entry", &["record_no"]).await?;
        unique(m, "hour_entry", &["person_id", "client_key"]).await?;
        unique(m, "hour_entry", &["replaces_id"]).await?;
        index(m, "hour_entry", &["person_id", "worked_on"]).await?;
        index(m, "hour_entry", &["placement_id", "state"]).await?;

        let mut t = table("hour_photo");
        refers(&mut t, "entry_id", "hour_entry");
        texts(&mut t, &["mime"]);
        ints(&mut t, &["width", "height"]);
        t.col(ColumnDef::new("bytes").blob().not_null());
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "hour_photo", &["entry_id"]).await?;

        // The link itself is never kept: it is signed anew from these columns when the mail is written.
        let mut t = table("confirm_link");
        refers(&mut t, "base_id", "base");
        refers_null(&mut t, "supervisor_id", "supervisor");
        texts(&mut t, &["name", "address"]);
        state(&mut t, "state", &["open", "used", "replaced"]);
        instants(&mut t, &["expires_at"]);
        instants_null(&mut t, &["used_at"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "confirm_link", &["base_id", "supervisor_id"]).await?;

        // What the link is for: entries as they were when it was sent.
        let mut t = bare("confirm_link_entry");
        refers(&mut t, "link_id", "confirm_link");
        ints(&mut t, &["entry_id", "entry_version"]);
        key(&mut t, &["link_id", "entry_id"]);
        create(m, t).await?;

        let mut t = table("supervision_note");
        refers(&mut t, "placement_id", "placement");
        dates(&mut t, &["held_on"]);
        state(&mut t, "kind", &["individual", "group", "visit"]);
        ints(&mut t, &["minutes"]);
        texts(&mut t, &["content", "author"]);
        flags(&mut t, &["shared"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "supervision_note", &["placement_id", "held_on"]).await?;

        // Marks of 100 in hundredths.
        let mut t = table("evaluation");
        refers(&mut t, "placement_id", "placement");
        texts(&mut t, &["self_text", "base_text", "base_name", "campus_text", "campus_name", "grade"]);
        ints_null(&mut t, &["base_mark", "campus_mark", "overall_mark"]);
        instants_null(&mut t, &["self_at", "base_at", "campus_at", "closed_at"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "evaluation", &["placement_id"]).await?;

        let mut t = table("class");
        texts(&mut t, &["code", "name", "region_code", "note"]);
        refers_null(&mut t, "cohort_id", "cohort");
        ints_null(&mut t, &["capacity"]);
        ints(&mut t, &["required_percent"]);
        dates_null(&mut t, &["starts_on", "ends_on"]);
        state(&mut t, "state", &["planned", "under_way", "closed"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "class", &["code"]).await?;
        index(m, "class", &["cohort_id"]).await?;

        let mut t = table("class_enrolment");
        refers(&mut t, "class_id", "class");
        refers(&mut t, "person_id", "person");
        state(&mut t, "state", &["active", "withdrawn", "completed"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "class_enrolment", &["class_id", "person_id"]).await?;
        index(m, "class_enrolment", &["person_id"]).await?;

        // slot: morning, afternoon, evening; what the sign-in sheet calls 场次.
        let mut t = table("class_session");
        refers(&mut t, "class_id", "class");
        dates(&mut t, &["held_on"]);
        state(&mut t, "slot", &["morning", "afternoon", "evening", "day"]);
        texts(&mut t, &["course", "lecturer"]);
        ints(&mut t, &["minutes"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "class_session", &["class_id", "held_on", "slot"]).await?;

        let mut t = table("attendance");
        refers(&mut t, "session_id", "class_session");
        refers(&mut t, "person_id", "person");
        state(&mut t, "state", &["present", "late", "left_early", "excused", "absent"]);
        ints_null(&mut t, &["sign_in", "sign_out"]);
        texts(&mut t, &["note"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "attendance", &["session_id", "person_id"]).await?;
        index(m, "attendance", &["person_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            m,
            &[
                "attendance",
                "class_session",
                "class_enrolment",
                "class",
                "evaluation",
                "supervision_note",
                "confirm_link_entry",
                "confirm_link",
                "hour_photo",
                "hour_entry",
                "placement",
            ],
        )
        .await
    }
}
