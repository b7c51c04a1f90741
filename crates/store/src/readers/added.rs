//! Readers whom staff add.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, AuditChange, EmailAddress, NewPayment, Payment, SubscriptionId,
};
use sea_orm::DatabaseTransaction;

use super::labels::{LabelChange, label_in};
use crate::{
    NewSubscription, Store, StoreError,
    account_changes::notify,
    accounts,
    audit_log::{AuditRecord, record},
    payments,
};

/// A reader whom staff add.
#[derive(Clone, Copy, Debug)]
pub struct AddedReader<'a> {
    /// The address.
    pub email: &'a EmailAddress,
    /// The name, which an account gets that has none; may be empty.
    pub name: &'a str,
    /// A label.
    pub label: Option<&'a str>,
    /// Who adds them.
    pub by: Option<AccountId>,
}

impl Store {
    /// Returns the account with this address, registering it if there is none, and adds a label to it. A name is given to an
    /// account that has none.
    #[tracing::instrument(skip_all)]
    pub async fn add_reader(
        &self,
        new: &AddedReader<'_>,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let transaction = self.begin().await?;
        let (known, is_new) = self.register_in(&transaction, new.email, now).await?;
        let account = complete(&transaction, new, (known, is_new), now).await?;
        transaction.commit().await?;
        Ok(account)
    }

    /// Does the same, and begins a subscription of the account in the same transaction: either both is stored, or nothing.
    /// `begin` composes it for the account. Returns `None`, and has stored nothing, if anything happened to the account's
    /// subscriptions since they were read.
    #[tracing::instrument(skip_all)]
    pub async fn add_subscriber<E: From<StoreError>>(
        &self,
        new: &AddedReader<'_>,
        begin: impl FnOnce(&Account) -> Result<NewSubscription, E> + Send,
        now: Timestamp,
    ) -> Result<Option<(Account, SubscriptionId)>, E> {
        let transaction = self.begin().await.map_err(StoreError::from)?;
        let (known, is_new) = self.register_in(&transaction, new.email, now).await?;
        let begun = begin(&named(known.clone(), new.name))?;
        // First, because of the order in which rows are locked.
        let Some(id) = self.begin_in(&transaction, &begun, now).await? else { return Ok(None) };
        let account = complete(&transaction, new, (known, is_new), now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some((account, id)))
    }

    /// Registers an address that has no account, records the payment that its first subscription begins with, if there is one, and
    /// begins that subscription: either all of it is stored, or nothing. `begin` composes it for the account and the payment. Returns
    /// `None`, and has stored nothing, if there is an account with the address.
    #[tracing::instrument(skip_all)]
    pub async fn register_subscriber<E: From<StoreError>>(
        &self,
        email: &EmailAddress,
        first: impl FnOnce(&Account) -> Option<NewPayment> + Send,
        begin: impl FnOnce(&Account, Option<&Payment>) -> Result<NewSubscription, E> + Send,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, E> {
        let transaction = self.begin().await.map_err(StoreError::from)?;
        let (account, is_new) = self.register_in(&transaction, email, now).await?;
        if !is_new {
            return Ok(None);
        }
        let payment = match first(&account) {
            Some(new) => Some(payments::record_in(&transaction, &new, now).await?),
            None => None,
        };
        let begun = begin(&account, payment.as_ref())?;
        let Some(id) = self.begin_in(&transaction, &begun, now).await? else { return Ok(None) };
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(Some(id))
    }
}

/// The account with the name that it gets.
fn named(account: Account, name: &str) -> Account {
    if account.name.is_empty() { Account { name: name.to_owned(), ..account } } else { account }
}

/// Gives a name and a label to an account that is registered, and records it. Returns the account as it is then.
async fn complete(
    transaction: &DatabaseTransaction,
    new: &AddedReader<'_>,
    (known, is_new): (Account, bool),
    now: Timestamp,
) -> Result<Account, StoreError> {
    let before = known.name.clone();
    let account = named(known, new.name);
    let changes: Vec<_> =
        AuditChange::between("name", &before, &account.name).into_iter().collect();
    if !changes.is_empty() {
        accounts::rename(transaction, account.id, &account.name).await?;
    }
    if is_new || !changes.is_empty() {
        let entry = AuditRecord {
            about: new.email.as_str(),
            account: Some(account.id),
            changes,
            ..AuditRecord::new(new.by, now, AuditAction::AddedReader)
        };
        record(transaction, entry).await?;
        notify(transaction, &[account.id]).await?;
    }
    if let Some(label) = new.label {
        let change = LabelChange::Add(label.to_owned());
        label_in(transaction, &account, &change, new.by, now).await?;
    }
    Ok(account)
}
