//! Refunds.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0012_refunds"
    }
}

#[derive(DeriveIden)]
enum Refunds {
    Table,
    Payment,
    Account,
    Minor,
    Currency,
    At,
    DoneBy,
    Reason,
    Settled,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Refunds::Table)
            .col(integer(Refunds::Payment).primary_key())
            .col(integer(Refunds::Account))
            .col(big_integer(Refunds::Minor))
            .col(string(Refunds::Currency))
            .col(big_integer(Refunds::At))
            .col(integer(Refunds::DoneBy))
            .col(text(Refunds::Reason))
            .col(boolean(Refunds::Settled))
            .to_owned();
        manager.create_table(table).await?;
        let by_account = Index::create()
            .name("refunds_by_account")
            .table(Refunds::Table)
            .col(Refunds::Account)
            .to_owned();
        manager.create_index(by_account).await
    }
}
