//! The library of pictures: what is known about each.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0093_pictures"
    }
}

#[derive(DeriveIden)]
enum Pictures {
    Table,
    Stem,
    Name,
    Width,
    Height,
    FileName,
    Alt,
    Caption,
    Credit,
    RightsHolder,
    RightsNote,
    Expires,
    UploadedBy,
    At,
    Version,
    Words,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(pictures()).await?;
        for statement in [
            "CREATE INDEX pictures_time ON pictures (at, stem)",
            "CREATE INDEX pictures_expiry ON pictures (expires)",
            "CREATE INDEX pictures_uploader ON pictures (uploaded_by)",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn pictures() -> TableCreateStatement {
    Table::create()
        .table(Pictures::Table)
        .col(string(Pictures::Stem).primary_key())
        .col(string(Pictures::Name))
        .col(big_integer(Pictures::Width))
        .col(big_integer(Pictures::Height))
        .col(text(Pictures::FileName))
        .col(text(Pictures::Alt))
        .col(text(Pictures::Caption))
        .col(text(Pictures::Credit))
        .col(text(Pictures::RightsHolder))
        .col(text(Pictures::RightsNote))
        .col(string_null(Pictures::Expires))
        .col(integer_null(Pictures::UploadedBy))
        .col(big_integer(Pictures::At))
        .col(big_integer(Pictures::Version))
        .col(text(Pictures::Words))
        .foreign_key(
            ForeignKey::create()
                .from(Pictures::Table, Pictures::UploadedBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}
