//! Requests of apps to be signed in.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_apps"
    }
}

#[derive(DeriveIden)]
enum AppRequests {
    Table,
    App,
    Code,
    Name,
    Asked,
    Answered,
    Account,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let requests = Table::create()
            .table(AppRequests::Table)
            .col(string(AppRequests::App).primary_key())
            .col(string(AppRequests::Code).unique_key())
            .col(string(AppRequests::Name))
            .col(big_integer(AppRequests::Asked))
            .col(boolean(AppRequests::Answered))
            .col(integer_null(AppRequests::Account))
            .to_owned();
        manager.create_table(requests).await
    }
}
