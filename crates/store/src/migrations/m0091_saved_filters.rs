//! The filters of the list of articles that members of the staff have saved under a name.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0091_saved_filters"
    }
}

#[derive(DeriveIden)]
enum SavedFilters {
    Table,
    Account,
    Name,
    Query,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let filters = Table::create()
            .table(SavedFilters::Table)
            .col(integer(SavedFilters::Account))
            .col(string(SavedFilters::Name))
            .col(text(SavedFilters::Query))
            .primary_key(Index::create().col(SavedFilters::Account).col(SavedFilters::Name))
            .foreign_key(
                ForeignKey::create()
                    .from(SavedFilters::Table, SavedFilters::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(filters).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
