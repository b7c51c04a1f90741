//! Archives of other systems that staff upload: their files, what is done with them, and what came of their entries.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0250_article_imports"
    }
}

#[derive(DeriveIden)]
enum ArticleImports {
    Table,
    Id,
    RequestedBy,
    At,
    FileName,
    Bytes,
    Stage,
    Job,
    Entries,
    Summary,
    Fault,
    Started,
    Finished,
}

#[derive(DeriveIden)]
enum ArticleImportChunks {
    Table,
    Import,
    Number,
    Content,
}

#[derive(DeriveIden)]
enum ArticleImportParts {
    Table,
    Import,
    Position,
    At,
    Report,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum DeskJobs {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(imports()).await?;
        manager.create_table(chunks()).await?;
        manager.create_table(parts()).await?;
        for index in [
            "CREATE INDEX article_imports_requester ON article_imports (requested_by)",
            "CREATE INDEX article_imports_job ON article_imports (job)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn imports() -> TableCreateStatement {
    Table::create()
        .table(ArticleImports::Table)
        .col(pk_auto(ArticleImports::Id))
        .col(integer_null(ArticleImports::RequestedBy))
        .col(big_integer(ArticleImports::At))
        .col(text(ArticleImports::FileName))
        .col(big_integer(ArticleImports::Bytes))
        .col(string(ArticleImports::Stage))
        .col(integer_null(ArticleImports::Job))
        .col(big_integer(ArticleImports::Entries))
        .col(text(ArticleImports::Summary))
        .col(string(ArticleImports::Fault))
        .col(big_integer_null(ArticleImports::Started))
        .col(big_integer_null(ArticleImports::Finished))
        .foreign_key(
            ForeignKey::create()
                .from(ArticleImports::Table, ArticleImports::RequestedBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .foreign_key(
            ForeignKey::create()
                .from(ArticleImports::Table, ArticleImports::Job)
                .to(DeskJobs::Table, DeskJobs::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

fn chunks() -> TableCreateStatement {
    Table::create()
        .table(ArticleImportChunks::Table)
        .col(integer(ArticleImportChunks::Import))
        .col(integer(ArticleImportChunks::Number))
        .col(blob(ArticleImportChunks::Content))
        .primary_key(
            Index::create().col(ArticleImportChunks::Import).col(ArticleImportChunks::Number),
        )
        .foreign_key(
            ForeignKey::create()
                .from(ArticleImportChunks::Table, ArticleImportChunks::Import)
                .to(ArticleImports::Table, ArticleImports::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn parts() -> TableCreateStatement {
    Table::create()
        .table(ArticleImportParts::Table)
        .col(integer(ArticleImportParts::Import))
        .col(big_integer(ArticleImportParts::Position))
        .col(big_integer(ArticleImportParts::At))
        .col(text(ArticleImportParts::Report))
        .primary_key(
            Index::create().col(ArticleImportParts::Import).col(ArticleImportParts::Position),
        )
        .foreign_key(
            ForeignKey::create()
                .from(ArticleImportParts::Table, ArticleImportParts::Import)
                .to(ArticleImports::Table, ArticleImports::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
