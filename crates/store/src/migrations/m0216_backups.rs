//! Backups that servers make, and an index of the audit log.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0216_backups"
    }
}

#[derive(DeriveIden)]
enum Backups {
    Table,
    Id,
    RequestedBy,
    At,
    ScheduledFor,
    Open,
    WithPictures,
    Passphrase,
    IsEncrypted,
    ClaimedUntil,
    Attempts,
    Server,
    Rows,
    AllRows,
    Pictures,
    Finished,
    FileName,
    Size,
    Fault,
    IsTold,
    Discarded,
    Deleted,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backups = Table::create()
            .table(Backups::Table)
            .col(pk_auto(Backups::Id))
            .col(integer_null(Backups::RequestedBy))
            .col(big_integer(Backups::At))
            .col(big_integer_null(Backups::ScheduledFor).unique_key())
            // 1 until it has ended, then nothing: only one goes on.
            .col(integer_null(Backups::Open).unique_key())
            .col(boolean(Backups::WithPictures))
            .col(blob_null(Backups::Passphrase))
            .col(boolean(Backups::IsEncrypted))
            .col(big_integer(Backups::ClaimedUntil))
            .col(integer(Backups::Attempts))
            .col(text(Backups::Server))
            .col(big_integer(Backups::Rows))
            .col(big_integer(Backups::AllRows))
            .col(big_integer(Backups::Pictures))
            .col(big_integer_null(Backups::Finished))
            .col(text_null(Backups::FileName))
            .col(big_integer(Backups::Size))
            .col(text_null(Backups::Fault))
            .col(boolean(Backups::IsTold))
            .col(big_integer_null(Backups::Discarded))
            .col(big_integer_null(Backups::Deleted))
            .foreign_key(
                ForeignKey::create()
                    .from(Backups::Table, Backups::RequestedBy)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::SetNull),
            )
            .to_owned();
        manager.create_table(backups).await?;
        let connection = manager.get_connection();
        let index = "CREATE INDEX backups_requester ON backups (requested_by)";
        connection.execute_unprepared(index).await?;
        // Pages show the latest entries of an action.
        let index = "CREATE INDEX audit_log_by_action ON audit_log (action, id)";
        connection.execute_unprepared(index).await.map(drop)
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
