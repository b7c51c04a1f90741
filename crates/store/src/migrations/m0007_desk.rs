//! Staff, and the audit log of what they do for readers.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_desk"
    }
}

#[derive(DeriveIden)]
enum Staff {
    Table,
    Account,
    Role,
    Since,
}

#[derive(DeriveIden)]
enum Invitations {
    Table,
    Key,
    Email,
    Role,
    InvitedBy,
    At,
}

#[derive(DeriveIden)]
enum DeskRecords {
    Table,
    Id,
    At,
    DoneBy,
    Deed,
    Role,
    About,
    Reason,
}

#[derive(DeriveIden)]
enum Audit {
    Table,
    DoneBy,
    Reason,
}

#[derive(DeriveIden)]
enum Bulletins {
    Table,
    Meter,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let staff = Table::create()
            .table(Staff::Table)
            .col(integer(Staff::Account).primary_key())
            .col(string(Staff::Role))
            .col(big_integer(Staff::Since))
            .to_owned();
        manager.create_table(staff).await?;
        let invitations = Table::create()
            .table(Invitations::Table)
            .col(string(Invitations::Key).primary_key())
            .col(string(Invitations::Email))
            .col(string(Invitations::Role))
            .col(integer_null(Invitations::InvitedBy))
            .col(big_integer(Invitations::At))
            .to_owned();
        manager.create_table(invitations).await?;
        let records = Table::create()
            .table(DeskRecords::Table)
            .col(pk_auto(DeskRecords::Id))
            .col(big_integer(DeskRecords::At))
            .col(integer_null(DeskRecords::DoneBy))
            .col(string(DeskRecords::Deed))
            .col(string(DeskRecords::Role))
            .col(string(DeskRecords::About))
            .col(text(DeskRecords::Reason))
            .to_owned();
        manager.create_table(records).await?;
        let about = Index::create()
            .name("desk_records_by_person")
            .table(DeskRecords::Table)
            .col(DeskRecords::About)
            .to_owned();
        manager.create_index(about).await?;
        // SQLite adds one column at a time.
        let columns = [integer_null(Audit::DoneBy), text(Audit::Reason).default("").to_owned()];
        for column in columns {
            let more = Table::alter().table(Audit::Table).add_column(column).to_owned();
            manager.alter_table(more).await?;
        }
        let meter = boolean(Bulletins::Meter).default(false).to_owned();
        let more = Table::alter().table(Bulletins::Table).add_column(meter).to_owned();
        manager.alter_table(more).await
    }
}
