//! Sales: checkouts, subscriptions, payments, the audit log, the redemptions of
//! offers, the answers to orders, and the webhooks that were handled.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_subscriptions"
    }
}

#[derive(DeriveIden)]
enum Subscriptions {
    Table,
    Id,
    Account,
    State,
    Due,
    Processor,
    Reference,
    Version,
    Facts,
}

#[derive(DeriveIden)]
enum Checkouts {
    Table,
    Key,
    Account,
    Mends,
    Terms,
    Minor,
    Begun,
    CameFrom,
    Processor,
    Reference,
    Progress,
}

#[derive(DeriveIden)]
enum Payments {
    Table,
    Number,
    Key,
    Account,
    Subscription,
    What,
    Minor,
    Currency,
    At,
    PaidFrom,
    PaidThrough,
    Card,
}

#[derive(DeriveIden)]
enum Audit {
    Table,
    Id,
    Subscription,
    At,
    Actor,
    What,
    Before,
    After,
}

#[derive(DeriveIden)]
enum Takers {
    Table,
    Offer,
    Number,
}

#[derive(DeriveIden)]
enum Charges {
    Table,
    Key,
    Account,
    Reference,
    Paid,
}

#[derive(DeriveIden)]
enum Webhooks {
    Table,
    Id,
    At,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        subscriptions(manager).await?;
        checkouts(manager).await?;
        payments(manager).await?;
        audit(manager).await?;
        let takers = Table::create()
            .table(Takers::Table)
            .col(string(Takers::Offer).primary_key())
            .col(integer(Takers::Number))
            .to_owned();
        manager.create_table(takers).await?;
        let charges = Table::create()
            .table(Charges::Table)
            .col(string(Charges::Key).primary_key())
            .col(integer(Charges::Account))
            .col(string(Charges::Reference))
            .col(boolean(Charges::Paid))
            .to_owned();
        manager.create_table(charges).await?;
        let webhooks = Table::create()
            .table(Webhooks::Table)
            .col(string(Webhooks::Id).primary_key())
            .col(big_integer(Webhooks::At))
            .to_owned();
        manager.create_table(webhooks).await
    }
}

async fn subscriptions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let subscriptions = Table::create()
        .table(Subscriptions::Table)
        .col(pk_auto(Subscriptions::Id))
        .col(integer(Subscriptions::Account))
        .col(string(Subscriptions::State))
        .col(big_integer_null(Subscriptions::Due))
        .col(string(Subscriptions::Processor))
        .col(string(Subscriptions::Reference))
        .col(integer(Subscriptions::Version))
        .col(text(Subscriptions::Facts))
        .to_owned();
    manager.create_table(subscriptions).await?;
    let table = || Subscriptions::Table;
    index(manager, "subscriptions_by_account", table(), [Subscriptions::Account]).await?;
    index(manager, "subscriptions_due", table(), [Subscriptions::Due]).await?;
    let reference = [Subscriptions::Processor, Subscriptions::Reference];
    index(manager, "subscriptions_by_reference", table(), reference).await
}

async fn checkouts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let checkouts = Table::create()
        .table(Checkouts::Table)
        .col(string(Checkouts::Key).primary_key())
        .col(integer(Checkouts::Account))
        .col(integer_null(Checkouts::Mends))
        .col(text(Checkouts::Terms))
        .col(big_integer(Checkouts::Minor))
        .col(big_integer(Checkouts::Begun))
        .col(text(Checkouts::CameFrom))
        .col(string(Checkouts::Processor))
        .col(string(Checkouts::Reference))
        .col(string(Checkouts::Progress))
        .to_owned();
    manager.create_table(checkouts).await?;
    let table = || Checkouts::Table;
    index(manager, "checkouts_by_account", table(), [Checkouts::Account]).await?;
    index(manager, "checkouts_by_reference", table(), [Checkouts::Reference]).await?;
    let open = [Checkouts::Progress, Checkouts::Begun];
    index(manager, "checkouts_by_progress", table(), open).await
}

async fn payments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let payments = Table::create()
        .table(Payments::Table)
        .col(pk_auto(Payments::Number))
        .col(string(Payments::Key).unique_key())
        .col(integer(Payments::Account))
        .col(integer(Payments::Subscription))
        .col(text(Payments::What))
        .col(big_integer(Payments::Minor))
        .col(string(Payments::Currency))
        .col(big_integer(Payments::At))
        .col(big_integer(Payments::PaidFrom))
        .col(big_integer(Payments::PaidThrough))
        .col(string(Payments::Card))
        .to_owned();
    manager.create_table(payments).await?;
    index(manager, "payments_by_account", Payments::Table, [Payments::Account]).await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let audit = Table::create()
        .table(Audit::Table)
        .col(pk_auto(Audit::Id))
        .col(integer(Audit::Subscription))
        .col(big_integer(Audit::At))
        .col(string(Audit::Actor))
        .col(string(Audit::What))
        .col(string(Audit::Before))
        .col(string(Audit::After))
        .to_owned();
    manager.create_table(audit).await?;
    index(manager, "audit_by_subscription", Audit::Table, [Audit::Subscription]).await
}

async fn index<C: IntoIden + 'static>(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden + 'static,
    columns: impl IntoIterator<Item = C>,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table.into_iden());
    for column in columns {
        index.col(column.into_iden());
    }
    manager.create_index(index).await
}
