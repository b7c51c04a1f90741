//! Readers whom staff add.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, AuditChange, EmailAddress, NewPayment, Payment, Subscription,
    SubscriptionId,
};
use sea_orm::DatabaseTransaction;

use super::{
    labels::{LabelChange, label_in},
    notes::note_once,
};
use crate::{
    ImportLine, NewSubscription, Store, StoreError,
    account_changes::notify,
    accounts,
    audit_log::{AuditRecord, record},
    payments,
    reader_imports::note_line,
};

/// A reader whom staff add.
#[derive(Clone, Copy, Debug)]
pub struct AddedReader<'a> {
    /// The address.
    pub email: &'a EmailAddress,
    /// The name, which an account gets that has none; may be empty.
    pub name: &'a str,
    /// Labels.
    pub labels: &'a [String],
    /// A note, unless the account has the same already; may be empty.
    pub note: &'a str,
    /// Whether they are left out if they have deleted their account.
    pub unless_left: bool,
    /// Who adds them.
    pub by: Option<AccountId>,
    /// The line of a file that they are imported from; what came of it is noted in the same transaction.
    pub line: Option<ImportLine<'a>>,
}

/// What became of a reader whom staff add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderAddition {
    /// The account as it is now.
    pub account: Account,
    /// Whether it was registered.
    pub is_new: bool,
    /// Whether anything was added to it that it did not have.
    pub is_changed: bool,
}

/// What became of a reader whom staff add with a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscriberAddition {
    /// Both is stored.
    Added(ReaderAddition, SubscriptionId),
    /// Nothing is stored: something happened to the account's subscriptions since they were read.
    Overtaken,
    /// Nothing is stored: they have deleted their account.
    HasLeft,
}

impl Store {
    /// Registers an address if there is no account with it, and adds labels and a note to it. A name is given to an account that has
    /// none. Returns `None`, and stores nothing, for somebody who has left and is to be left out.
    ///
    /// # Errors
    ///
    /// [`StoreError::ImportedElsewhere`] if another server has imported the line since its part was read.
    #[tracing::instrument(skip_all)]
    pub async fn add_reader(
        &self,
        new: &AddedReader<'_>,
        now: Timestamp,
    ) -> Result<Option<ReaderAddition>, StoreError> {
        let transaction = self.begin().await?;
        let Some(known) = self.admit(&transaction, new, now).await? else { return Ok(None) };
        let Some(added) = complete(&transaction, new, known, now).await? else { return Ok(None) };
        note(&transaction, new, &added).await?;
        transaction.commit().await?;
        Ok(Some(added))
    }

    /// Does the same, and begins a subscription of the account in the same transaction: either both is stored, or nothing.
    /// `begin` composes it for the account.
    #[tracing::instrument(skip_all)]
    pub async fn add_subscriber<E: From<StoreError>>(
        &self,
        new: &AddedReader<'_>,
        begin: impl FnOnce(&Account) -> Result<NewSubscription, E> + Send,
        now: Timestamp,
    ) -> Result<SubscriberAddition, E> {
        let transaction = self.begin().await.map_err(StoreError::from)?;
        let Some((known, is_new)) = self.admit(&transaction, new, now).await? else {
            return Ok(SubscriberAddition::HasLeft);
        };
        let begun = begin(&named(known.clone(), new.name))?;
        // First, because of the order in which rows are locked.
        let Some(id) = self.begin_in(&transaction, &begun, now).await? else {
            return Ok(SubscriberAddition::Overtaken);
        };
        let Some(added) = complete(&transaction, new, (known, is_new), now).await? else {
            return Ok(SubscriberAddition::Overtaken);
        };
        let added = ReaderAddition { is_changed: true, ..added };
        note(&transaction, new, &added).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(SubscriberAddition::Added(added, id))
    }

    /// The account of a reader who is added, and whether it is new. `None` for somebody who has left and is to be left out.
    async fn admit(
        &self,
        transaction: &DatabaseTransaction,
        new: &AddedReader<'_>,
        now: Timestamp,
    ) -> Result<Option<(Account, bool)>, StoreError> {
        if new.unless_left {
            self.register_unless_left(transaction, new.email, now).await
        } else {
            self.register_in(transaction, new.email, now).await.map(Some)
        }
    }

    /// Registers an address that has no account, records the payment that its first subscription begins with, if there is one, and
    /// begins that subscription: either all of it is stored, or nothing. `begin` composes it for the account and the payment. Returns
    /// the subscription as it is stored, or `None`, and has stored nothing, if there is an account with the address.
    #[tracing::instrument(skip_all)]
    pub async fn register_subscriber<E: From<StoreError>>(
        &self,
        email: &EmailAddress,
        first: impl FnOnce(&Account) -> Option<NewPayment> + Send,
        begin: impl FnOnce(&Account, Option<&Payment>) -> Result<NewSubscription, E> + Send,
        now: Timestamp,
    ) -> Result<Option<Subscription>, E> {
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
        Ok(Some(Subscription { id, version: 0, ..begun.subscription }))
    }
}

/// Notes what came of the line that a reader is imported from.
async fn note(
    transaction: &DatabaseTransaction,
    new: &AddedReader<'_>,
    added: &ReaderAddition,
) -> Result<(), StoreError> {
    let Some(line) = &new.line else { return Ok(()) };
    note_line(transaction, line.part, line.added(added)).await
}

/// The account with the name that it gets.
fn named(account: Account, name: &str) -> Account {
    if account.name.is_empty() { Account { name: name.to_owned(), ..account } } else { account }
}

/// Gives a name, labels and a note to an account that is registered, and records it. Returns `None` if it is deleted meanwhile.
async fn complete(
    transaction: &DatabaseTransaction,
    new: &AddedReader<'_>,
    (known, is_new): (Account, bool),
    now: Timestamp,
) -> Result<Option<ReaderAddition>, StoreError> {
    // Locked, so that the same note is not added twice, and the account is not deleted meanwhile.
    if accounts::lock(transaction, known.id).await?.is_none() {
        return Ok(None);
    }
    let before = known.name.clone();
    let account = named(known, new.name);
    let changes: Vec<_> =
        AuditChange::between("name", &before, &account.name).into_iter().collect();
    let mut is_changed = is_new || !changes.is_empty();
    if !changes.is_empty() {
        accounts::rename(transaction, account.id, &account.name).await?;
    }
    if is_changed {
        let entry = AuditRecord {
            about: new.email.as_str(),
            account: Some(account.id),
            changes,
            ..AuditRecord::new(new.by, now, AuditAction::AddedReader)
        };
        record(transaction, entry).await?;
        notify(transaction, &[account.id]).await?;
    }
    for label in new.labels {
        let change = LabelChange::Add(label.clone());
        is_changed |= label_in(transaction, &account, &change, new.by, now).await?;
    }
    if !new.note.is_empty() {
        is_changed |= note_once(transaction, &account, new.note, new.by, now).await?;
    }
    Ok(Some(ReaderAddition { account, is_new, is_changed }))
}
