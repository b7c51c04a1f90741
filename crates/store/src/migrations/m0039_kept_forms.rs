//! Forms that wait until their sender has signed in again: one for each account.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0039_kept_forms"
    }
}

#[derive(DeriveIden)]
enum KeptForms {
    Table,
    Account,
    Key,
    Path,
    Body,
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
        let forms = Table::create()
            .table(KeptForms::Table)
            .col(integer(KeptForms::Account).primary_key())
            .col(string(KeptForms::Key))
            .col(text(KeptForms::Path))
            .col(blob(KeptForms::Body))
            .col(big_integer(KeptForms::At))
            .foreign_key(
                ForeignKey::create()
                    .from(KeptForms::Table, KeptForms::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(forms).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
