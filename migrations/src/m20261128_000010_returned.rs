//! When an hour entry was last returned: the window for changing it counts from that day, however often it is saved since.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::timestamp_with_time_zone_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let column = timestamp_with_time_zone_null("returned_at");
        m.alter_table(Table::alter().table("hour_entry").add_column(column).to_owned()).await?;
        // What is returned now has not been saved by the program's rules of the time before: its last change is the nearest.
        let known = Query::update()
            .table("hour_entry")
            .value("returned_at", Expr::col("updated_at"))
            .and_where(Expr::col("state").eq("returned"))
            .to_owned();
        m.exec_stmt(known).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(Table::alter().table("hour_entry").drop_column("returned_at").to_owned()).await
    }
}
