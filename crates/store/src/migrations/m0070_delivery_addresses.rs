//! Where the printed papers of a reader are delivered.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0070_delivery_addresses"
    }
}

#[derive(DeriveIden)]
enum Deliveries {
    Table,
    Account,
    Name,
    Lines,
    Changed,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deliveries = Table::create()
            .table(Deliveries::Table)
            .col(integer(Deliveries::Account).primary_key())
            .col(string(Deliveries::Name))
            .col(text(Deliveries::Lines))
            .col(big_integer(Deliveries::Changed))
            .foreign_key(
                ForeignKey::create()
                    .from(Deliveries::Table, Deliveries::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(deliveries).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
