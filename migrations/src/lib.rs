//! The schema, one migration a table group. It imports nothing of the application and is written with the portable
//! builder, so that SQLite and PostgreSQL get the same tables, keys and checks.
//!
//! Rules: instants are `timestamp with time zone` and come from the program's clock, never from a column default; civil
//! dates are `date`; marks are integers in hundredths; hours are minutes; states are short texts with a CHECK; foreign
//! keys are declared at CREATE TABLE (SQLite cannot add them later).

pub use sea_orm_migration::prelude::*;

mod build;
mod m20261125_000001_base;
mod m20261125_000002_people;
mod m20261125_000003_practicum;
mod m20261125_000004_exams;
mod m20261125_000005_work;
mod m20261125_000010_registers;
mod m20261128_000010_returned;
mod m20261128_000011_placing;
mod m20261128_000012_classes;
mod m20261128_000013_assessments;
mod m20261128_000014_eligibility;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261125_000001_base::Migration),
            Box::new(m20261125_000002_people::Migration),
            Box::new(m20261125_000003_practicum::Migration),
            Box::new(m20261125_000004_exams::Migration),
            Box::new(m20261125_000005_work::Migration),
            Box::new(m20261125_000010_registers::Migration),
            Box::new(m20261128_000010_returned::Migration),
            Box::new(m20261128_000011_placing::Migration),
            Box::new(m20261128_000012_classes::Migration),
            Box::new(m20261128_000013_assessments::Migration),
            Box::new(m20261128_000014_eligibility::Migration),
        ]
    }
}
