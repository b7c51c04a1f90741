//! Files of readers that staff import, and which addresses have had their account deleted, so that no import adds them again.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0191_reader_imports"
    }
}

#[derive(DeriveIden)]
enum ReaderImports {
    Table,
    Id,
    RequestedBy,
    At,
    FileName,
    Readers,
    Faults,
    Details,
    Options,
    Started,
    Finished,
    Added,
    Changed,
    Unchanged,
    Refused,
}

#[derive(DeriveIden)]
enum ReaderImportParts {
    Table,
    Import,
    Number,
    Readers,
    Report,
}

#[derive(DeriveIden)]
enum DeletedAddresses {
    Table,
    Digest,
    At,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(imports()).await?;
        manager.create_table(parts()).await?;
        let deleted = Table::create()
            .table(DeletedAddresses::Table)
            .col(string(DeletedAddresses::Digest).primary_key())
            .col(big_integer(DeletedAddresses::At))
            .to_owned();
        manager.create_table(deleted).await?;
        let index = "CREATE INDEX reader_imports_requester ON reader_imports (requested_by)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn imports() -> TableCreateStatement {
    Table::create()
        .table(ReaderImports::Table)
        .col(pk_auto(ReaderImports::Id))
        .col(integer_null(ReaderImports::RequestedBy))
        .col(big_integer(ReaderImports::At))
        .col(text(ReaderImports::FileName))
        .col(big_integer(ReaderImports::Readers))
        .col(big_integer(ReaderImports::Faults))
        .col(text(ReaderImports::Details))
        .col(text(ReaderImports::Options))
        .col(big_integer_null(ReaderImports::Started))
        .col(big_integer_null(ReaderImports::Finished))
        .col(big_integer(ReaderImports::Added))
        .col(big_integer(ReaderImports::Changed))
        .col(big_integer(ReaderImports::Unchanged))
        .col(big_integer(ReaderImports::Refused))
        .foreign_key(
            ForeignKey::create()
                .from(ReaderImports::Table, ReaderImports::RequestedBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

fn parts() -> TableCreateStatement {
    Table::create()
        .table(ReaderImportParts::Table)
        .col(integer(ReaderImportParts::Import))
        .col(integer(ReaderImportParts::Number))
        .col(text(ReaderImportParts::Readers))
        .col(text_null(ReaderImportParts::Report))
        .primary_key(Index::create().col(ReaderImportParts::Import).col(ReaderImportParts::Number))
        .foreign_key(
            ForeignKey::create()
                .from(ReaderImportParts::Table, ReaderImportParts::Import)
                .to(ReaderImports::Table, ReaderImports::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
