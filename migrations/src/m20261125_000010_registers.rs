//! The registers: organisations, stations with their checks against a service standard, employments, projects and
//! service records.
//!
//! Every register has `county_code`, the region whose register a row stands in (its codes are unique there; '' for none),
//! and `region_code`, the finest region known of it (the town's, once towns are known), by which rows are scoped and
//! counted.

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
        // credit_code is NULL for an organisation without one yet: several of those may stand side by side.
        let mut t = table("organisation");
        texts_null(&mut t, &["credit_code"]);
        texts(&mut t, &["name", "name_key", "county_code", "region_code", "town", "authority", "head", "phone"]);
        texts(&mut t, &["park", "note"]);
        state(&mut t, "kind", &["association", "service_agency", "foundation", "other"]);
        state(&mut t, "state", &["active", "suspended", "cancelled"]);
        dates_null(&mut t, &["registered_on"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "organisation", &["credit_code"]).await?;
        index(m, "organisation", &["region_code", "id"]).await?;
        index(m, "organisation", &["name_key"]).await?;

        let mut t = table("station");
        texts(&mut t, &["code", "name", "name_key", "county_code", "region_code", "town", "head", "phone", "address"]);
        texts(&mut t, &["note"]);
        state(&mut t, "level", &["county", "town", "village"]);
        // Build in one year, raise in two, complete in three; planned before that.
        state(&mut t, "phase", &["planned", "built", "raised", "complete"]);
        state(&mut t, "state", &["active", "closed"]);
        refers_null(&mut t, "parent_id", "station");
        dates_null(&mut t, &["opened_on"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "station", &["county_code", "code"]).await?;
        index(m, "station", &["region_code", "id"]).await?;
        index(m, "station", &["parent_id"]).await?;
        index(m, "station", &["name_key"]).await?;

        // One look at a station against one standard of config/standards.
        let mut t = table("station_check");
        refers(&mut t, "station_id", "station");
        texts(&mut t, &["standard", "edition", "checker", "note"]);
        dates(&mut t, &["checked_on"]);
        ints(&mut t, &["points", "of_points"]);
        flags(&mut t, &["meets"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "station_check", &["station_id", "standard", "checked_on"]).await?;

        let mut t = bare("station_check_item");
        refers(&mut t, "check_id", "station_check");
        texts(&mut t, &["item"]);
        state(&mut t, "answer", &["yes", "no", "not_applicable"]);
        key(&mut t, &["check_id", "item"]);
        create(m, t).await?;

        // workplace is the name as it was written; organisation or station when it is in a register.
        let mut t = table("employment");
        refers(&mut t, "person_id", "person");
        refers_null(&mut t, "organisation_id", "organisation");
        refers_null(&mut t, "station_id", "station");
        texts(&mut t, &["workplace", "workplace_key", "county_code", "region_code", "job_title", "note"]);
        state(&mut t, "kind", &["recruited", "seconded_supervisor", "community_worker", "agency_worker", "other"]);
        state(&mut t, "hours", &["full_time", "part_time", "unknown"]);
        // Whether the roster says that they hold a certificate; what is on record is asked of the certificates.
        state(&mut t, "declared", &["yes", "no", "unknown"]);
        dates_null(&mut t, &["starts_on", "ends_on"]);
        made_by(&mut t);
        create(m, t).await?;
        index(m, "employment", &["person_id"]).await?;
        index(m, "employment", &["region_code", "id"]).await?;
        index(m, "employment", &["organisation_id"]).await?;
        index(m, "employment", &["station_id"]).await?;

        let mut t = table("project");
        texts(&mut t, &["code", "name", "name_key", "county_code", "region_code", "beneficiary", "workplace"]);
        texts(&mut t, &["workplace_key", "head", "note"]);
        refers_null(&mut t, "organisation_id", "organisation");
        refers_null(&mut t, "station_id", "station");
        state(&mut t, "state", &["planned", "under_way", "ended", "cancelled"]);
        dates_null(&mut t, &["starts_on", "ends_on"]);
        ints_null(&mut t, &["target_times", "target_activities", "target_households"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "project", &["county_code", "code"]).await?;
        index(m, "project", &["region_code", "id"]).await?;
        index(m, "project", &["organisation_id"]).await?;
        index(m, "project", &["station_id"]).await?;
        // What a project has reached is read from the hour entries that name it.
        index(m, "hour_entry", &["project_no"]).await?;

        // region_code and county_code are the station's, so that a figure needs no join.
        let mut t = table("service_record");
        texts_null(&mut t, &["record_no"]);
        refers(&mut t, "station_id", "station");
        refers_null(&mut t, "project_id", "project");
        texts(&mut t, &["county_code", "region_code", "kind", "beneficiary", "recorder", "note"]);
        dates(&mut t, &["served_on"]);
        ints(&mut t, &["households", "hardship", "activities", "person_times"]);
        made_by(&mut t);
        create(m, t).await?;
        unique(m, "service_record", &["county_code", "record_no"]).await?;
        index(m, "service_record", &["station_id", "served_on"]).await?;
        index(m, "service_record", &["region_code", "served_on"]).await?;
        index(m, "service_record", &["project_id"]).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.drop_index(Index::drop().name("ix_hour_entry_project_no").table("hour_entry").to_owned()).await?;
        drop_all(
            m,
            &[
                "service_record",
                "project",
                "employment",
                "station_check_item",
                "station_check",
                "station",
                "organisation",
            ],
        )
        .await
    }
}
