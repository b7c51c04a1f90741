//! To whom payments were invoiced. It is noted with the payment and never changes, so an invoice says the same whenever it is
//! opened. It is deleted with the account.

use std::collections::HashMap;

use masthead_circulation::{AccountId, DeliveryAddress, NewPayment, PaymentNumber, PaymentSource};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use crate::{
    Store, StoreError, deliveries,
    ids::{Key, PaymentKey},
    records::{account, invoice_recipient as row, subscription},
    subscriptions,
};

/// To whom a payment was invoiced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceRecipient {
    /// The name; may be empty.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The address at which papers were delivered, line by line; empty if none were.
    pub lines: Vec<String>,
}

impl Store {
    /// Returns to whom a payment was invoiced, or `None` if the account is deleted.
    #[tracing::instrument(skip_all)]
    pub async fn invoice_recipient(
        &self,
        number: PaymentNumber,
    ) -> Result<Option<InvoiceRecipient>, StoreError> {
        let row = row::Entity::find_by_id(Key(number)).one(&self.database).await?;
        Ok(row.map(read))
    }

    /// Returns to whom each payment of an account was invoiced.
    #[tracing::instrument(skip_all)]
    pub async fn invoice_recipients_of(
        &self,
        account: AccountId,
    ) -> Result<HashMap<PaymentNumber, InvoiceRecipient>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.payment.0, read(row))).collect())
    }
}

fn read(row: row::Model) -> InvoiceRecipient {
    let lines = row.lines.lines().map(str::to_owned).collect();
    InvoiceRecipient { name: row.name, email: row.email, lines }
}

/// Notes to whom a payment is invoiced, unless that was noted before.
pub(super) async fn note(
    transaction: &DatabaseTransaction,
    number: PaymentKey,
    new: &NewPayment,
    account: account::Model,
) -> Result<(), StoreError> {
    let address = address(transaction, new, &account).await?;
    let (addressee, lines) = match &address {
        Some(address) => (address.name(), address.lines().join("\n")),
        None => ("", String::new()),
    };
    let name = if account.name.is_empty() { addressee.to_owned() } else { account.name };
    let recipient = row::ActiveModel {
        payment: Set(number),
        account: Set(account.id),
        name: Set(name),
        email: Set(account.email),
        lines: Set(lines),
    };
    let once = OnConflict::column(row::Column::Payment).do_nothing().to_owned();
    row::Entity::insert(recipient).on_conflict(once).exec_without_returning(transaction).await?;
    Ok(())
}

/// The address to which is delivered what a payment pays for; `None` if nothing is.
async fn address(
    transaction: &DatabaseTransaction,
    new: &NewPayment,
    account: &account::Model,
) -> Result<Option<DeliveryAddress>, StoreError> {
    if let PaymentSource::Checkout(key) = &new.source
        && let Some(entered) = deliveries::of_checkout(transaction, key, account.id).await?
    {
        return Ok(Some(entered));
    }
    let Some(subscription) = new.subscription else { return Ok(None) };
    let stored = deliveries::of_accounts(transaction, &[account.id.0]).await?;
    let Some(stored) = stored.into_values().next() else { return Ok(None) };
    let held = subscription::Entity::find_by_id(Key(subscription)).one(transaction).await?;
    let held = held.as_ref().map(subscriptions::read).transpose()?;
    Ok(held.is_some_and(|held| held.terms.is_delivered()).then_some(stored))
}
