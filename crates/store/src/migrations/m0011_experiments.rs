//! The arm of an experiment in which a reader started a checkout.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_experiments"
    }
}

#[derive(DeriveIden)]
enum Checkouts {
    Table,
    Trial,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(Checkouts::Table)
            .add_column(string(Checkouts::Trial).default(""))
            .to_owned();
        manager.alter_table(table).await
    }
}
