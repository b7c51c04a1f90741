//! The articles that readers have saved to read later.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0063_saved_articles"
    }
}

#[derive(DeriveIden)]
enum SavedArticles {
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
        let saved = Table::create()
            .table(SavedArticles::Table)
            .col(integer(SavedArticles::Account))
            .col(integer(SavedArticles::Article))
            .col(big_integer(SavedArticles::At))
            .primary_key(Index::create().col(SavedArticles::Account).col(SavedArticles::Article))
            .foreign_key(
                ForeignKey::create()
                    .from(SavedArticles::Table, SavedArticles::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(SavedArticles::Table, SavedArticles::Article)
                    .to(Pieces::Table, Pieces::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(saved).await?;
        let by_article = Index::create()
            .name("saved_articles_article")
            .table(SavedArticles::Table)
            .col(SavedArticles::Article)
            .to_owned();
        manager.create_index(by_article).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
