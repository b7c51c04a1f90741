//! Second factors of staff: authenticator apps, recovery codes, and the roles that need one. A session records whether one
//! was shown, and when its reader last confirmed who they are.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0041_second_factors"
    }
}

#[derive(DeriveIden)]
enum Authenticators {
    Table,
    Account,
    Secret,
    Added,
    Confirmed,
    LastStep,
}

#[derive(DeriveIden)]
enum RecoveryCodes {
    Table,
    Account,
    Code,
}

#[derive(DeriveIden)]
enum RequiredFactors {
    Table,
    Role,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

const SESSIONS: [&str; 3] = [
    "ALTER TABLE sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT FALSE",
    "ALTER TABLE sessions ADD COLUMN confirmed bigint NOT NULL DEFAULT 0",
    "UPDATE sessions SET confirmed = begun",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in SESSIONS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.create_table(authenticators()).await?;
        manager.create_table(recovery_codes()).await?;
        let roles = Table::create()
            .table(RequiredFactors::Table)
            .col(string(RequiredFactors::Role).primary_key())
            .to_owned();
        manager.create_table(roles).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn authenticators() -> TableCreateStatement {
    Table::create()
        .table(Authenticators::Table)
        .col(integer(Authenticators::Account).primary_key())
        .col(blob(Authenticators::Secret))
        .col(big_integer(Authenticators::Added))
        .col(boolean(Authenticators::Confirmed))
        .col(big_integer(Authenticators::LastStep))
        .foreign_key(
            ForeignKey::create()
                .from(Authenticators::Table, Authenticators::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn recovery_codes() -> TableCreateStatement {
    Table::create()
        .table(RecoveryCodes::Table)
        .col(integer(RecoveryCodes::Account))
        .col(string(RecoveryCodes::Code))
        .primary_key(Index::create().col(RecoveryCodes::Account).col(RecoveryCodes::Code))
        .foreign_key(
            ForeignKey::create()
                .from(RecoveryCodes::Table, RecoveryCodes::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
