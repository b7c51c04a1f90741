//! Registering an address.

use jiff::Timestamp;
use masthead_circulation::{Account, EmailAddress, ReaderStatus};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseTransaction, EntityTrait,
    sea_query::OnConflict,
};

use super::{of, read};
use crate::{Store, StoreError, former_readers, records::account};

/// How often the account of an address is looked for. Each time, another request has to move or delete the account that was
/// found by the statement before.
const ATTEMPTS: usize = 8;

impl Store {
    /// Returns the account with this address, registering it if there is none, and whether it is new.
    #[tracing::instrument(skip_all)]
    pub async fn register(
        &self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<(Account, bool), StoreError> {
        if let Some(known) = self.account_at(email).await? {
            return Ok((known, false));
        }
        let transaction = self.begin().await?;
        let registered = self.register_in(&transaction, email, now).await?;
        transaction.commit().await?;
        Ok(registered)
    }

    /// Returns the account with this address, registering it if there is none, and whether it is new. What the
    /// address has used under an account before is the account's.
    pub(crate) async fn register_in(
        &self,
        transaction: &DatabaseTransaction,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<(Account, bool), StoreError> {
        let found = find_or_insert(transaction, email, now).await?;
        self.registered(transaction, email, found, now).await
    }

    /// Does the same, unless the account with this address was deleted or has another address now: then `None` is returned, and the
    /// caller drops the transaction.
    pub(crate) async fn register_unless_left(
        &self,
        transaction: &DatabaseTransaction,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<(Account, bool)>, StoreError> {
        // First, because it waits for a deletion that goes on.
        let found = find_or_insert(transaction, email, now).await?;
        if found.1 && self.has_left(transaction, email, now).await? {
            return Ok(None);
        }
        self.registered(transaction, email, found, now).await.map(Some)
    }

    /// Gives a new account what is known of its address.
    async fn registered(
        &self,
        transaction: &DatabaseTransaction,
        email: &EmailAddress,
        (mut row, is_new): (account::Model, bool),
        now: Timestamp,
    ) -> Result<(Account, bool), StoreError> {
        if is_new {
            self.forget_former_address(transaction, email.as_str()).await?;
            let used = self.take_use(transaction, email.as_str(), now).await?;
            former_readers::give(transaction, row.id, &used).await?;
            row.had_subscription = used.had_subscription;
        }
        Ok((read(row)?, is_new))
    }
}

/// Returns the account with this address, inserting it if there is none, and whether it was inserted.
async fn find_or_insert(
    transaction: &DatabaseTransaction,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<(account::Model, bool), StoreError> {
    for _ in 0..ATTEMPTS {
        let is_new = insert(transaction, email, now).await?;
        // On PostgreSQL another transaction can move or delete the account between the two statements, which leaves the
        // address without an account.
        if let Some(row) = of(transaction, email).await? {
            return Ok((row, is_new));
        }
    }
    Err(StoreError::no_account())
}

/// Registers an address. Returns `false` if there is an account with it.
async fn insert(
    transaction: &DatabaseTransaction,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let once = OnConflict::column(account::Column::Email).do_nothing().to_owned();
    let inserted = account::Entity::insert(new_row(email, now))
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await?;
    Ok(inserted > 0)
}

/// The row of an account that is registered at this time.
pub(super) fn new_row(email: &EmailAddress, registered: Timestamp) -> account::ActiveModel {
    account::ActiveModel {
        id: NotSet,
        email: Set(email.to_string()),
        name: Set(String::new()),
        searched_name: Set(String::new()),
        registered: Set(registered.as_second()),
        meter_reset: Set(0),
        had_subscription: Set(false),
        former_reads: Set(String::new()),
        sign_outs: Set(0),
        reader_status: Set(ReaderStatus::Registered.name().to_owned()),
        product: Set(String::new()),
    }
}
