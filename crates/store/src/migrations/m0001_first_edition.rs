//! Pieces, their authors and sections, and the revision that counts every write.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_first_edition"
    }
}

#[derive(DeriveIden)]
enum Edition {
    Table,
    Id,
    Revision,
}

#[derive(DeriveIden)]
enum Pieces {
    Table,
    Id,
    Origin,
    Slug,
    Revision,
    Status,
    Facts,
    Body,
}

#[derive(DeriveIden)]
enum Authors {
    Table,
    Slug,
    Name,
    Role,
    Bio,
    Revision,
}

#[derive(DeriveIden)]
enum Sections {
    Table,
    Slug,
    Name,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Edition::Table)
                    .col(integer(Edition::Id).primary_key())
                    .col(big_integer(Edition::Revision))
                    .to_owned(),
            )
            .await?;
        let first = Query::insert()
            .into_table(Edition::Table)
            .columns([Edition::Id, Edition::Revision])
            .values_panic([1.into(), 0.into()])
            .to_owned();
        manager.execute(first).await?;
        manager
            .create_table(
                Table::create()
                    .table(Pieces::Table)
                    .col(pk_auto(Pieces::Id))
                    .col(text_null(Pieces::Origin).unique_key())
                    .col(text(Pieces::Slug).unique_key())
                    .col(big_integer(Pieces::Revision))
                    .col(text(Pieces::Status))
                    .col(text(Pieces::Facts))
                    .col(text(Pieces::Body))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("pieces_by_revision")
                    .table(Pieces::Table)
                    .col(Pieces::Revision)
                    .col(Pieces::Id)
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Authors::Table)
                    .col(text(Authors::Slug).primary_key())
                    .col(text(Authors::Name))
                    .col(text(Authors::Role))
                    .col(text(Authors::Bio))
                    .col(big_integer(Authors::Revision))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Sections::Table)
                    .col(text(Sections::Slug).primary_key())
                    .col(text(Sections::Name))
                    .to_owned(),
            )
            .await
    }
}
