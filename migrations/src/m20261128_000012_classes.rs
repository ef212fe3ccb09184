//! Classes in depth: lecturers, times and rooms of sessions, requests for a place with the waiting list, and what
//! participants say of a session.

use crate::build::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Columns that joined a table after it was made: name and whether it is a number that may be absent (else a text).
const CLASS: &[(&str, bool)] = &[("fee_note", false), ("materials", false), ("join_key", false)];
const SESSION: &[(&str, bool)] = &[("starts", true), ("ends", true), ("room", false)];

async fn add(m: &SchemaManager<'_>, table: &'static str, columns: &[(&'static str, bool)]) -> Result<(), DbErr> {
    // SQLite takes one column a statement.
    for (name, number) in columns {
        let mut c = ColumnDef::new(*name);
        if *number {
            c.big_integer().null()
        } else {
            c.text().not_null().default("")
        };
        m.alter_table(Table::alter().table(table).add_column(c).to_owned()).await?;
    }
    Ok(())
}

async fn drop(m: &SchemaManager<'_>, table: &'static str, columns: &[(&'static str, bool)]) -> Result<(), DbErr> {
    for (name, _) in columns {
        m.alter_table(Table::alter().table(table).drop_column(*name).to_owned()).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = table("lecturer");
        texts(&mut t, &["name", "name_key", "unit", "job_title", "expertise", "phone", "email", "region_code", "note"]);
        state(&mut t, "state", &["active", "retired"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "lecturer", &["region_code", "id"]).await?;
        index(m, "lecturer", &["name_key"]).await?;

        // join_key: what the link of self-registration is signed with; empty while there is none.
        add(m, "class", CLASS).await?;
        // starts, ends: minutes of the civil day, so that a session stays at its hour when a zone changes its offset.
        add(m, "class_session", SESSION).await?;
        index(m, "class_session", &["held_on"]).await?;

        let mut t = bare("session_lecturer");
        refers(&mut t, "session_id", "class_session");
        refers(&mut t, "lecturer_id", "lecturer");
        key(&mut t, &["session_id", "lecturer_id"]);
        create(m, t).await?;
        index(m, "session_lecturer", &["lecturer_id"]).await?;

        // Somebody who wants a place: asked (waits for an answer), waiting (answered, no place free), accepted, refused,
        // left. `who_key` is the person's id or, before they are on record, the keyed hash of their number: one request a
        // person and class. `details` are sealed. The order of the waiting list is (queued_at, id).
        let mut t = table("class_request");
        refers(&mut t, "class_id", "class");
        refers_null(&mut t, "person_id", "person");
        texts(&mut t, &["who_key", "name", "details", "note", "reason"]);
        state(&mut t, "state", &["asked", "waiting", "accepted", "refused", "left"]);
        state(&mut t, "source", &["staff", "own", "link"]);
        instants(&mut t, &["queued_at"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "class_request", &["class_id", "who_key"]).await?;
        index(m, "class_request", &["class_id", "state", "queued_at", "id"]).await?;
        index(m, "class_request", &["person_id"]).await?;

        // Who has answered, and the answers, apart: nothing leads from one to the other. The key of an answer is drawn by
        // chance, so that not even the order of writing tells who wrote it.
        let mut t = bare("feedback_given");
        refers(&mut t, "session_id", "class_session");
        refers(&mut t, "person_id", "person");
        key(&mut t, &["session_id", "person_id"]);
        create(m, t).await?;

        let mut t = bare("feedback");
        t.col(ColumnDef::new("id").text().not_null());
        refers(&mut t, "session_id", "class_session");
        texts(&mut t, &["answers", "remark"]);
        key(&mut t, &["id"]);
        create(m, t).await?;
        index(m, "feedback", &["session_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(m, &["feedback", "feedback_given", "class_request", "session_lecturer"]).await?;
        m.drop_index(Index::drop().name("ix_class_session_held_on").table("class_session").to_owned()).await?;
        drop(m, "class_session", SESSION).await?;
        drop(m, "class", CLASS).await?;
        drop_all(m, &["lecturer"]).await
    }
}
