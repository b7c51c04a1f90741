//! Withdrawals from contracts: what readers have declared, and refunds that they ask for by it. A payment of which a part was
//! refunded before is then refunded in full, so a refund has what earlier attempts have refunded.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0078_withdrawals"
    }
}

#[derive(DeriveIden)]
enum Withdrawals {
    Table,
    Subscription,
    Account,
    At,
    Name,
    Email,
    ByLink,
}

#[derive(DeriveIden)]
enum Subscriptions {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

/// Staff have asked for all refunds so far.
const REFUNDS: [&str; 2] = [
    "ALTER TABLE refunds ADD COLUMN before_minor bigint NOT NULL DEFAULT 0",
    "ALTER TABLE refunds ADD COLUMN actor varchar NOT NULL DEFAULT 'staff'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let withdrawals = Table::create()
            .table(Withdrawals::Table)
            .col(integer(Withdrawals::Subscription).primary_key())
            .col(integer(Withdrawals::Account))
            .col(big_integer(Withdrawals::At))
            .col(string(Withdrawals::Name))
            .col(string(Withdrawals::Email))
            .col(boolean(Withdrawals::ByLink))
            .foreign_key(
                ForeignKey::create()
                    .from(Withdrawals::Table, Withdrawals::Subscription)
                    .to(Subscriptions::Table, Subscriptions::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(Withdrawals::Table, Withdrawals::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(withdrawals).await?;
        let by_account = Index::create()
            .name("withdrawals_account")
            .table(Withdrawals::Table)
            .col(Withdrawals::Account)
            .to_owned();
        manager.create_index(by_account).await?;
        for statement in REFUNDS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
