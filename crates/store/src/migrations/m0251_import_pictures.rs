//! Pictures that the articles of an archive show, and which of them are stored.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0251_import_pictures"
    }
}

#[derive(DeriveIden)]
enum ArticleImportPictures {
    Table,
    Import,
    Path,
    Paths,
    Src,
    Width,
    Height,
}

#[derive(DeriveIden)]
enum ArticleImports {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pictures = Table::create()
            .table(ArticleImportPictures::Table)
            .col(integer(ArticleImportPictures::Import))
            .col(string(ArticleImportPictures::Path))
            .col(text(ArticleImportPictures::Paths))
            .col(string_null(ArticleImportPictures::Src))
            .col(integer_null(ArticleImportPictures::Width))
            .col(integer_null(ArticleImportPictures::Height))
            .primary_key(
                Index::create().col(ArticleImportPictures::Import).col(ArticleImportPictures::Path),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(ArticleImportPictures::Table, ArticleImportPictures::Import)
                    .to(ArticleImports::Table, ArticleImports::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(pictures).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
