//! Other websites that readers of an article came from, by day.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0113_article_sites"
    }
}

#[derive(DeriveIden)]
enum ArticleSites {
    Table,
    Article,
    Day,
    Site,
    Times,
}

#[derive(DeriveIden)]
enum Pieces {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(ArticleSites::Table)
            .col(integer(ArticleSites::Article))
            .col(integer(ArticleSites::Day))
            .col(string(ArticleSites::Site))
            .col(big_integer(ArticleSites::Times))
            .primary_key(
                Index::create()
                    .col(ArticleSites::Article)
                    .col(ArticleSites::Day)
                    .col(ArticleSites::Site),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(ArticleSites::Table, ArticleSites::Article)
                    .to(Pieces::Table, Pieces::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await?;
        let by_day = "CREATE INDEX article_sites_day ON article_sites (day)";
        manager.get_connection().execute_unprepared(by_day).await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
