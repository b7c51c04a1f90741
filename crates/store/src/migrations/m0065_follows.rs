//! The topics and authors that readers follow, and the secret addresses of their feeds.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0065_follows"
    }
}

#[derive(DeriveIden)]
enum Follows {
    Table,
    Account,
    Kind,
    Slug,
    At,
}

#[derive(DeriveIden)]
enum PersonalFeeds {
    Table,
    Account,
    Key,
    Secret,
    Begun,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let follows = Table::create()
            .table(Follows::Table)
            .col(integer(Follows::Account))
            .col(string(Follows::Kind))
            .col(string(Follows::Slug))
            .col(big_integer(Follows::At))
            .primary_key(
                Index::create().col(Follows::Account).col(Follows::Kind).col(Follows::Slug),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(Follows::Table, Follows::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(follows).await?;
        let feeds = Table::create()
            .table(PersonalFeeds::Table)
            .col(integer(PersonalFeeds::Account).primary_key())
            .col(string(PersonalFeeds::Key).unique_key())
            .col(blob(PersonalFeeds::Secret))
            .col(big_integer(PersonalFeeds::Begun))
            .foreign_key(
                ForeignKey::create()
                    .from(PersonalFeeds::Table, PersonalFeeds::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(feeds).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
