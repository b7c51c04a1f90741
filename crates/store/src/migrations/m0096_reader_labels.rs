//! Labels of readers, and notes that staff write about them.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0096_reader_labels"
    }
}

#[derive(DeriveIden)]
enum ReaderLabels {
    Table,
    Account,
    Label,
}

#[derive(DeriveIden)]
enum ReaderNotes {
    Table,
    Id,
    Account,
    WrittenBy,
    At,
    Note,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(labels()).await?;
        manager.create_table(notes()).await?;
        for statement in [
            "CREATE INDEX reader_labels_by_label ON reader_labels (label, account)",
            "CREATE INDEX reader_notes_by_account ON reader_notes (account)",
            "CREATE INDEX reader_notes_by_written_by ON reader_notes (written_by)",
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

fn labels() -> TableCreateStatement {
    Table::create()
        .table(ReaderLabels::Table)
        .col(integer(ReaderLabels::Account))
        .col(string(ReaderLabels::Label))
        .primary_key(Index::create().col(ReaderLabels::Account).col(ReaderLabels::Label))
        .foreign_key(
            ForeignKey::create()
                .from(ReaderLabels::Table, ReaderLabels::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn notes() -> TableCreateStatement {
    Table::create()
        .table(ReaderNotes::Table)
        .col(pk_auto(ReaderNotes::Id))
        .col(integer(ReaderNotes::Account))
        .col(integer_null(ReaderNotes::WrittenBy))
        .col(big_integer(ReaderNotes::At))
        .col(text(ReaderNotes::Note))
        .foreign_key(
            ForeignKey::create()
                .from(ReaderNotes::Table, ReaderNotes::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(ReaderNotes::Table, ReaderNotes::WrittenBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}
