//! Long work that staff ask for, which the server does in the background, and how far it is.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0117_desk_jobs"
    }
}

#[derive(DeriveIden)]
enum DeskJobs {
    Table,
    Id,
    Kind,
    RequestedBy,
    At,
    Parameters,
    Position,
    Done,
    Skipped,
    Failed,
    Finished,
    ClaimedUntil,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = Table::create()
            .table(DeskJobs::Table)
            .col(pk_auto(DeskJobs::Id))
            .col(string(DeskJobs::Kind))
            .col(integer_null(DeskJobs::RequestedBy))
            .col(big_integer(DeskJobs::At))
            .col(text(DeskJobs::Parameters))
            .col(big_integer(DeskJobs::Position))
            .col(big_integer(DeskJobs::Done))
            .col(big_integer(DeskJobs::Skipped))
            .col(big_integer(DeskJobs::Failed))
            .col(big_integer_null(DeskJobs::Finished))
            .col(big_integer(DeskJobs::ClaimedUntil))
            .foreign_key(
                ForeignKey::create()
                    .from(DeskJobs::Table, DeskJobs::RequestedBy)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::SetNull),
            )
            .to_owned();
        manager.create_table(jobs).await?;
        for statement in [
            "CREATE INDEX desk_jobs_open ON desk_jobs (finished, id)",
            "CREATE INDEX desk_jobs_requester ON desk_jobs (requested_by)",
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
