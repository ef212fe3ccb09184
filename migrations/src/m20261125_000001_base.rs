//! Settings kept in the database, accounts and login, audit, jobs, outbox.

use crate::build::*;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

pub const ROLES: &[&str] = &["administrator", "trainer", "supervisor", "intern", "observer"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut t = bare("setting");
        t.col(ColumnDef::new("name").text().not_null().primary_key());
        texts(&mut t, &["value"]);
        instants(&mut t, &["changed_at"]);
        create(m, t).await?;

        // person_id points at a table of a later group, so it has no foreign key: accounts of people are closed, not deleted.
        let mut t = table("user_account");
        texts(&mut t, &["login", "name", "email", "lang"]);
        state(&mut t, "role", ROLES);
        ints_null(&mut t, &["person_id"]);
        texts_null(&mut t, &["password_hash"]);
        flags(&mut t, &["one_time", "active"]);
        ints(&mut t, &["failures"]);
        instants_null(&mut t, &["wait_until", "last_seen_at"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "user_account", &["login"]).await?;
        index(m, "user_account", &["person_id"]).await?;

        // What a user may see: kind is region (key = code), cohort, class or base (key = id as text).
        let mut t = bare("user_scope");
        refers(&mut t, "user_id", "user_account");
        state(&mut t, "kind", &["region", "cohort", "class", "base"]);
        texts(&mut t, &["scope_key"]);
        key(&mut t, &["user_id", "kind", "scope_key"]);
        create(m, t).await?;

        let mut t = table("login_session");
        texts(&mut t, &["token_hash", "agent"]);
        refers(&mut t, "user_id", "user_account");
        instants(&mut t, &["created_at", "seen_at", "expires_at"]);
        create(m, t).await?;
        unique(m, "login_session", &["token_hash"]).await?;
        index(m, "login_session", &["user_id"]).await?;

        let mut t = table("api_token");
        texts(&mut t, &["token_hash", "name"]);
        refers(&mut t, "user_id", "user_account");
        instants(&mut t, &["created_at"]);
        instants_null(&mut t, &["expires_at", "last_used_at", "revoked_at"]);
        create(m, t).await?;
        unique(m, "api_token", &["token_hash"]).await?;

        // The answer to a POST with an Idempotency-Key, given again when the same call comes again.
        let mut t = bare("idempotency_key");
        refers(&mut t, "user_id", "user_account");
        texts(&mut t, &["idem_key", "route", "body_hash", "response"]);
        ints(&mut t, &["status"]);
        instants(&mut t, &["created_at"]);
        key(&mut t, &["user_id", "idem_key"]);
        create(m, t).await?;

        // Every change: before and after as JSON. It is also the version history of the facts.
        let mut t = table("audit_entry");
        instants(&mut t, &["at"]);
        ints_null(&mut t, &["actor_id", "import_id"]);
        texts(&mut t, &["actor_name", "action", "entity"]);
        ints(&mut t, &["entity_id", "version"]);
        texts_null(&mut t, &["before", "after", "why"]);
        create(m, t).await?;
        index(m, "audit_entry", &["entity", "entity_id"]).await?;
        index(m, "audit_entry", &["actor_id", "id"]).await?;

        // One row a tick: (job, tick_key) keeps two processes from running one twice.
        let mut t = table("job_run");
        texts(&mut t, &["job", "tick_key", "owner", "message"]);
        instants(&mut t, &["tick_at", "started_at"]);
        instants_null(&mut t, &["finished_at", "lease_until"]);
        state(&mut t, "state", &["running", "done", "failed", "missed"]);
        ints(&mut t, &["missed_ticks", "by_hand", "attempts"]);
        create(m, t).await?;
        unique(m, "job_run", &["job", "tick_key"]).await?;
        index(m, "job_run", &["job", "tick_at"]).await?;
        index(m, "job_run", &["state", "job"]).await?;

        // Work asked for by a use case in its own transaction (design: news for a feature further right).
        let mut t = table("job_task");
        texts(&mut t, &["kind", "payload", "owner", "error"]);
        texts_null(&mut t, &["dedup_key"]);
        state(&mut t, "state", &["ready", "running", "done", "failed"]);
        instants(&mut t, &["run_at", "created_at"]);
        instants_null(&mut t, &["lease_until", "finished_at"]);
        ints(&mut t, &["attempts", "progress_done", "progress_total"]);
        create(m, t).await?;
        unique(m, "job_task", &["dedup_key"]).await?;
        index(m, "job_task", &["state", "run_at"]).await?;

        // person_id: no foreign key for the same reason as in user_account.
        let mut t = table("outbox");
        texts(&mut t, &["rule", "occasion", "template", "payload", "address", "lang", "message_id", "owner", "error"]);
        ints_null(&mut t, &["person_id"]);
        state(
            &mut t,
            "state",
            &["planned", "due", "sending", "sent", "retry", "failed", "cancelled", "missed", "no_address"],
        );
        instants(&mut t, &["due_at", "created_at", "updated_at"]);
        instants_null(&mut t, &["expires_at", "next_try_at", "lease_until", "sent_at"]);
        ints(&mut t, &["attempts", "version"]);
        create(m, t).await?;
        unique(m, "outbox", &["rule", "occasion", "person_id"]).await?;
        index(m, "outbox", &["state", "next_try_at"]).await?;
        index(m, "outbox", &["state", "id"]).await?;
        index(m, "outbox", &["person_id"]).await?;

        let mut t = table("outbox_log");
        refers(&mut t, "outbox_id", "outbox");
        instants(&mut t, &["at"]);
        texts(&mut t, &["from_state", "to_state", "note"]);
        ints_null(&mut t, &["actor_id"]);
        create(m, t).await?;
        index(m, "outbox_log", &["outbox_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            m,
            &[
                "outbox_log",
                "outbox",
                "job_task",
                "job_run",
                "audit_entry",
                "idempotency_key",
                "api_token",
                "login_session",
                "user_scope",
                "user_account",
                "setting",
            ],
        )
        .await
    }
}
