//! The unpaid invoices of an address: a row for each, by the number of its subscription, which may be deleted. One that is paid, or
//! that staff forgive, is forgotten under every address and account.

use std::collections::BTreeSet;

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, AuditChange, StaffActor, SubscriptionId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{LockType, OnConflict},
};

use super::FormerUse;
use crate::{
    Store, StoreError,
    ids::{AccountKey, Key, SubscriptionKey},
    records::{account_debt, former_debt, subscription},
    subscriptions::record_for_reader,
};

impl Store {
    /// The subscriptions of earlier accounts whose invoices the address of an account has left unpaid, in the order of their numbers.
    /// They may be deleted.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn debts_of(&self, account: AccountId) -> Result<Vec<SubscriptionId>, StoreError> {
        let debts: Vec<i64> = of_account(Key(account)).into_tuple().all(&self.database).await?;
        let numbers = debts.into_iter().filter_map(|debt| u32::try_from(debt).ok());
        Ok(numbers.map(SubscriptionId).collect())
    }

    /// Forgets a debt whose subscription was deleted with its account, because somebody on the command line enters that it is paid.
    /// Returns `false` if nothing is kept of it.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn settle_former_debt(
        &self,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.forget_debt(subscription, None, ("payment-entered", None), now).await
    }

    /// Forgets a debt of an account, because staff do not ask for the money any more. Returns `false` if the account has no such
    /// debt.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn forgive_debt(
        &self,
        account: &Account,
        subscription: SubscriptionId,
        staff: &StaffActor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let event = ("debt-forgiven", Some(staff));
        self.forget_debt(subscription, Some(account.id), event, now).await
    }

    async fn forget_debt(
        &self,
        subscription: SubscriptionId,
        of: Option<AccountId>,
        (event, staff): (&str, Option<&StaffActor>),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let debt = i64::from(subscription.0);
        let is_owed = match of {
            Some(account) => take_from(&transaction, Key(account), debt).await?,
            None => false,
        };
        // Twice, because it may move from an address to an account and back while this looks for it.
        let is_kept =
            settle(&transaction, subscription).await? || settle(&transaction, subscription).await?;
        if !(is_owed || of.is_none() && is_kept) {
            transaction.rollback().await?;
            return Ok(false);
        }
        let facts = vec![
            AuditChange::fact("subscription", format_args!("S-{}", subscription.0)),
            AuditChange::fact("event", event),
        ];
        let action = AuditAction::ChangedSubscription;
        record_for_reader(&transaction, action, of, staff, facts, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Deletes a debt of an account. Returns `false` if it has none of this number.
async fn take_from(
    transaction: &DatabaseTransaction,
    account: AccountKey,
    debt: i64,
) -> Result<bool, StoreError> {
    let taken =
        account_debt::Entity::delete_by_id((account, debt)).exec(transaction).await?.rows_affected;
    Ok(taken > 0)
}

/// Keeps debts under the digest of an address, of which a row is there.
pub(super) async fn keep(
    transaction: &DatabaseTransaction,
    digest: &str,
    debts: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    let row =
        |debt: &i64| former_debt::ActiveModel { digest: Set(digest.to_owned()), debt: Set(*debt) };
    if !debts.is_empty() {
        former_debt::Entity::insert_many(debts.iter().map(row))
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// Keeps no debts under these digests any more.
pub(super) async fn forget(
    transaction: &DatabaseTransaction,
    digests: &[String],
) -> Result<(), StoreError> {
    former_debt::Entity::delete_many()
        .filter(former_debt::Column::Digest.is_in(digests))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The debts that are kept under the digest of an address. None of them is settled until the transaction ends.
pub(super) async fn kept(
    transaction: &DatabaseTransaction,
    digest: &str,
) -> Result<BTreeSet<i64>, StoreError> {
    let debts: Vec<i64> = former_debt::Entity::find()
        .select_only()
        .column(former_debt::Column::Debt)
        .filter(former_debt::Column::Digest.eq(digest))
        .lock(LockType::Update)
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(debts.into_iter().collect())
}

/// The debts that an account has brought from before it registered. None of them is settled until the transaction ends.
pub(super) async fn brought(
    transaction: &impl ConnectionTrait,
    account: AccountKey,
) -> Result<BTreeSet<i64>, StoreError> {
    let locked = of_account(account).lock(LockType::Update);
    let debts: Vec<i64> = locked.into_tuple().all(transaction).await?;
    Ok(debts.into_iter().collect())
}

/// Whether the address of an account has left an invoice unpaid. The account is locked.
pub(crate) async fn owes(
    transaction: &DatabaseTransaction,
    account: AccountId,
) -> Result<bool, StoreError> {
    Ok(!brought(transaction, Key(account)).await?.is_empty())
}

fn of_account(account: AccountKey) -> Select<account_debt::Entity> {
    account_debt::Entity::find()
        .select_only()
        .column(account_debt::Column::Debt)
        .filter(account_debt::Column::Account.eq(account))
        .order_by_asc(account_debt::Column::Debt)
}

/// Gives an account the debts that its address has left.
pub(super) async fn give(
    transaction: &DatabaseTransaction,
    account: AccountKey,
    debts: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    if debts.is_empty() {
        return Ok(());
    }
    let row = |debt: &i64| account_debt::ActiveModel { account: Set(account), debt: Set(*debt) };
    let columns = [account_debt::Column::Account, account_debt::Column::Debt];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    account_debt::Entity::insert_many(debts.iter().map(row))
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Leaves out the debts of an account's own subscriptions, which it kept under an address that it takes back: whether they are still
/// unpaid, the subscriptions say.
pub(crate) async fn without_own(
    transaction: &DatabaseTransaction,
    account: AccountKey,
    mut used: FormerUse,
) -> Result<FormerUse, StoreError> {
    if used.debts.is_empty() {
        return Ok(used);
    }
    let own: Vec<SubscriptionKey> = subscription::Entity::find()
        .select_only()
        .column(subscription::Column::Id)
        .filter(subscription::Column::Account.eq(account))
        .into_tuple()
        .all(transaction)
        .await?;
    for key in own {
        used.debts.remove(&i64::from(key.0.0));
    }
    Ok(used)
}

/// Forgets a debt under every address and account. Returns `false` if nothing is kept of it. One that moves from an account to an
/// address or back in the meantime is found all the same: who moves it locks its row.
pub(crate) async fn settle(
    transaction: &DatabaseTransaction,
    subscription: SubscriptionId,
) -> Result<bool, StoreError> {
    let debt = i64::from(subscription.0);
    let present =
        || account_debt::Entity::delete_many().filter(account_debt::Column::Debt.eq(debt));
    let former = former_debt::Entity::delete_many().filter(former_debt::Column::Debt.eq(debt));
    let before = present().exec(transaction).await?.rows_affected;
    let left = former.exec(transaction).await?.rows_affected;
    let after = present().exec(transaction).await?.rows_affected;
    Ok(before + left + after > 0)
}
