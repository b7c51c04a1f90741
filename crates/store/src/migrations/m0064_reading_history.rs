//! The articles that readers have opened, for those who have switched their reading history on.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0064_reading_history"
    }
}

#[derive(DeriveIden)]
enum HistoryReaders {
    Table,
    Account,
    Since,
}

#[derive(DeriveIden)]
enum HistoryEntries {
    Table,
    Account,
    Article,
    At,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Pieces {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let readers = Table::create()
            .table(HistoryReaders::Table)
            .col(integer(HistoryReaders::Account).primary_key())
            .col(big_integer(HistoryReaders::Since))
            .foreign_key(
                ForeignKey::create()
                    .from(HistoryReaders::Table, HistoryReaders::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(readers).await?;
        manager.create_table(entries()).await?;
        let by_time = Index::create()
            .name("history_entries_at")
            .table(HistoryEntries::Table)
            .col(HistoryEntries::At)
            .to_owned();
        manager.create_index(by_time).await?;
        let by_article = Index::create()
            .name("history_entries_article")
            .table(HistoryEntries::Table)
            .col(HistoryEntries::Article)
            .to_owned();
        manager.create_index(by_article).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn entries() -> TableCreateStatement {
    Table::create()
        .table(HistoryEntries::Table)
        .col(integer(HistoryEntries::Account))
        .col(integer(HistoryEntries::Article))
        .col(big_integer(HistoryEntries::At))
        .primary_key(Index::create().col(HistoryEntries::Account).col(HistoryEntries::Article))
        .foreign_key(
            ForeignKey::create()
                .from(HistoryEntries::Table, HistoryEntries::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(HistoryEntries::Table, HistoryEntries::Article)
                .to(Pieces::Table, Pieces::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
