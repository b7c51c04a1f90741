//! The delivery address that a reader has entered at a checkout. It becomes the address of the account when the checkout is
//! accepted, and is deleted with either.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0071_checkout_deliveries"
    }
}

#[derive(DeriveIden)]
enum CheckoutDeliveries {
    Table,
    Checkout,
    Account,
    Name,
    Lines,
    Entered,
}

#[derive(DeriveIden)]
enum Checkouts {
    Table,
    Key,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deliveries = Table::create()
            .table(CheckoutDeliveries::Table)
            .col(string(CheckoutDeliveries::Checkout).primary_key())
            .col(integer(CheckoutDeliveries::Account))
            .col(string(CheckoutDeliveries::Name))
            .col(text(CheckoutDeliveries::Lines))
            .col(big_integer(CheckoutDeliveries::Entered))
            .foreign_key(
                ForeignKey::create()
                    .from(CheckoutDeliveries::Table, CheckoutDeliveries::Checkout)
                    .to(Checkouts::Table, Checkouts::Key)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(CheckoutDeliveries::Table, CheckoutDeliveries::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(deliveries).await?;
        let by_account = Index::create()
            .name("checkout_deliveries_account")
            .table(CheckoutDeliveries::Table)
            .col(CheckoutDeliveries::Account)
            .to_owned();
        manager.create_index(by_account).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
