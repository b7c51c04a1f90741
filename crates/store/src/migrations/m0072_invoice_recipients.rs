//! To whom each payment was invoiced: what an invoice shows does not change when its reader does. Payments from before this step
//! get the name and email address that their accounts have now; what they were is not known.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0072_invoice_recipients"
    }
}

#[derive(DeriveIden)]
enum InvoiceRecipients {
    Table,
    Payment,
    Account,
    Name,
    Email,
    Lines,
}

#[derive(DeriveIden)]
enum Payments {
    Table,
    Number,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

const EARLIER: &str = "INSERT INTO invoice_recipients (payment, account, name, email, lines) \
    SELECT payments.number, accounts.id, accounts.name, accounts.email, '' \
    FROM payments JOIN accounts ON accounts.id = payments.account";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let recipients = Table::create()
            .table(InvoiceRecipients::Table)
            .col(integer(InvoiceRecipients::Payment).primary_key())
            .col(integer(InvoiceRecipients::Account))
            .col(string(InvoiceRecipients::Name))
            .col(string(InvoiceRecipients::Email))
            .col(text(InvoiceRecipients::Lines))
            .foreign_key(
                ForeignKey::create()
                    .from(InvoiceRecipients::Table, InvoiceRecipients::Payment)
                    .to(Payments::Table, Payments::Number)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(InvoiceRecipients::Table, InvoiceRecipients::Account)
                    .to(Accounts::Table, Accounts::Id)
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(recipients).await?;
        let by_account = Index::create()
            .name("invoice_recipients_account")
            .table(InvoiceRecipients::Table)
            .col(InvoiceRecipients::Account)
            .to_owned();
        manager.create_index(by_account).await?;
        manager.get_connection().execute_unprepared(EARLIER).await.map(drop)
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
