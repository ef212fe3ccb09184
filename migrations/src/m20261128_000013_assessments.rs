//! Assessment of classes, completion and its certificates of training, honours, formations.
//!
//! `valid_key` and `open_key` hold the enrolment's id while the row is the one that counts and NULL afterwards: their
//! unique index keeps a second one out on both databases.

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
        completion(m).await?;
        assessment(m).await?;
        honour(m).await?;
        formation(m).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            m,
            &[
                "formation_activity",
                "formation_member",
                "formation",
                "honour",
                "assessment_review",
                "assessment_correction",
                "assessment_mark",
                "assessment_criterion",
                "assessment_component",
                "assessment",
                "completion_series",
                "completion",
                "class_standing",
                "completion_rule",
            ],
        )
        .await
    }
}

async fn completion(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // What a class asks for besides attendance, and what its assessment tells: whether it is published, and the part of
    // it that follows from the attendance on record.
    let mut t = table("completion_rule");
    refers(&mut t, "class_id", "class");
    flags(&mut t, &["assessed", "published"]);
    ints(&mut t, &["minimum_total", "attendance_weight", "attendance_full"]);
    ints_null(&mut t, &["attendance_minimum"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "completion_rule", &["class_id"]).await?;

    // Derived: what somebody earned apart from attendance, once every mark is in.
    let mut t = bare("class_standing");
    refers(&mut t, "enrolment_id", "class_enrolment");
    ints(&mut t, &["earned"]);
    flags(&mut t, &["minimums_met"]);
    key(&mut t, &["enrolment_id"]);
    create(m, t).await?;

    let mut t = table("completion");
    refers(&mut t, "enrolment_id", "class_enrolment");
    refers(&mut t, "class_id", "class");
    refers(&mut t, "person_id", "person");
    texts(&mut t, &["number", "code", "name", "class_name", "issued_by", "reason_code", "reason"]);
    ints(&mut t, &["minutes"]);
    ints_null(&mut t, &["total", "replaces_id", "valid_key"]);
    dates(&mut t, &["issued_on"]);
    dates_null(&mut t, &["starts_on", "ends_on", "ended_on"]);
    state(&mut t, "state", &["valid", "replaced", "revoked"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "completion", &["number"]).await?;
    unique(m, "completion", &["code"]).await?;
    unique(m, "completion", &["valid_key"]).await?;
    index(m, "completion", &["class_id", "id"]).await?;
    index(m, "completion", &["person_id"]).await?;
    index(m, "completion", &["issued_on", "id"]).await?;

    let mut t = bare("completion_series");
    texts(&mut t, &["series"]);
    ints(&mut t, &["last"]);
    key(&mut t, &["series"]);
    create(m, t).await
}

async fn assessment(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut t = table("assessment");
    refers(&mut t, "class_id", "class");
    state(&mut t, "state", &["draft", "published"]);
    texts(&mut t, &["note", "published_by"]);
    instants_null(&mut t, &["published_at"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "assessment", &["class_id"]).await?;

    let mut t = table("assessment_component");
    refers(&mut t, "assessment_id", "assessment");
    texts(&mut t, &["name"]);
    state(&mut t, "kind", &["written", "practical", "attendance"]);
    ints(&mut t, &["position", "weight", "full_mark"]);
    ints_null(&mut t, &["minimum", "difference"]);
    flags(&mut t, &["double_marked"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "assessment_component", &["assessment_id", "name"]).await?;

    let mut t = table("assessment_criterion");
    refers(&mut t, "component_id", "assessment_component");
    texts(&mut t, &["name"]);
    ints(&mut t, &["position", "points"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "assessment_criterion", &["component_id", "name"]).await?;

    // hand: 1 first marker, 2 second, 3 third, 4 the value agreed. points: of a practical exercise, by criterion, as
    // "criterion:points;…", so that the row and its versions hold all of a mark.
    let mut t = table("assessment_mark");
    refers(&mut t, "component_id", "assessment_component");
    refers(&mut t, "enrolment_id", "class_enrolment");
    ints(&mut t, &["hand", "mark"]);
    flags(&mut t, &["absent"]);
    ints_null(&mut t, &["marker_id"]);
    texts(&mut t, &["points", "marker_name", "reason"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "assessment_mark", &["component_id", "enrolment_id", "hand"]).await?;
    index(m, "assessment_mark", &["enrolment_id"]).await?;

    let mut t = table("assessment_correction");
    refers(&mut t, "enrolment_id", "class_enrolment");
    refers(&mut t, "component_id", "assessment_component");
    ints(&mut t, &["hand"]);
    texts(&mut t, &["before", "after", "reason", "actor_name"]);
    ints_null(&mut t, &["total_before", "total_after"]);
    made_by(&mut t);
    create(m, t).await?;
    index(m, "assessment_correction", &["enrolment_id"]).await?;

    let mut t = table("assessment_review");
    refers(&mut t, "enrolment_id", "class_enrolment");
    refers(&mut t, "class_id", "class");
    texts(&mut t, &["reason", "answer", "answered_by"]);
    state(&mut t, "state", &["open", "upheld", "changed"]);
    ints_null(&mut t, &["open_key", "total"]);
    instants_null(&mut t, &["answered_at"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "assessment_review", &["open_key"]).await?;
    index(m, "assessment_review", &["class_id", "id"]).await?;
    index(m, "assessment_review", &["enrolment_id"]).await
}

async fn honour(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Of one person, organisation or station; by rule from a class, or from outside.
    let mut t = table("honour");
    refers_null(&mut t, "class_id", "class");
    refers_null(&mut t, "person_id", "person");
    refers_null(&mut t, "organisation_id", "organisation");
    refers_null(&mut t, "station_id", "station");
    texts(&mut t, &["rule", "title", "document_no", "given_by", "reason", "note", "region_code"]);
    state(&mut t, "level", &["class", "county", "city", "province", "nation"]);
    state(&mut t, "state", &["proposed", "awarded", "declined", "revoked"]);
    ints(&mut t, &["year"]);
    ints_null(&mut t, &["place", "total"]);
    flags(&mut t, &["tied"]);
    dates_null(&mut t, &["awarded_on"]);
    made_by(&mut t);
    create(m, t).await?;
    // Several rows without a class may stand side by side: NULL is like no other NULL.
    unique(m, "honour", &["class_id", "rule", "person_id"]).await?;
    index(m, "honour", &["person_id"]).await?;
    index(m, "honour", &["organisation_id"]).await?;
    index(m, "honour", &["station_id"]).await?;
    index(m, "honour", &["region_code", "id"]).await?;
    index(m, "honour", &["year", "id"]).await
}

async fn formation(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut t = table("formation");
    texts(&mut t, &["name", "name_key", "region_code", "goal", "note"]);
    state(&mut t, "state", &["active", "ended"]);
    dates_null(&mut t, &["starts_on", "ends_on"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "formation", &["region_code", "name_key"]).await?;

    let mut t = table("formation_member");
    refers(&mut t, "formation_id", "formation");
    refers(&mut t, "person_id", "person");
    state(&mut t, "role", &["lead", "flock", "support"]);
    dates(&mut t, &["starts_on"]);
    dates_null(&mut t, &["ends_on"]);
    texts(&mut t, &["note"]);
    made_by(&mut t);
    create(m, t).await?;
    unique(m, "formation_member", &["formation_id", "person_id", "starts_on"]).await?;
    index(m, "formation_member", &["person_id"]).await?;

    let mut t = table("formation_activity");
    refers(&mut t, "formation_id", "formation");
    dates(&mut t, &["held_on"]);
    state(&mut t, "kind", &["training", "supervision", "case_discussion", "visit", "sharing", "other"]);
    texts(&mut t, &["title", "outcome"]);
    ints(&mut t, &["people"]);
    made_by(&mut t);
    create(m, t).await?;
    index(m, "formation_activity", &["formation_id", "held_on"]).await
}
