//! The devices on which an account was signed in to.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0042_known_devices"
    }
}

#[derive(DeriveIden)]
enum KnownDevices {
    Table,
    Account,
    Device,
    Seen,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let devices = Table::create()
            .table(KnownDevices::Table)
            .col(integer(KnownDevices::Account))
            .col(string(KnownDevices::Device))
            .col(big_integer(KnownDevices::Seen))
            .primary_key(Index::create().col(KnownDevices::Account).col(KnownDevices::Device))
            .foreign_key(
                ForeignKey::create()
                    .from(KnownDevices::Table, KnownDevices::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(devices).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
