//! Deleting the addresses of readers to whom nothing is delivered any more.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Subscription};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::row;
use crate::{
    Store, StoreError, accounts,
    ids::{AccountKey, Key},
    records::{charge, subscription},
    retention::MAX_COUNTED,
    subscriptions,
};

/// Addresses that are read at once.
const BATCH: u64 = 500;

impl Store {
    /// Removes the delivery address of an account, unless something is delivered to it, or will be once an order is answered, such as
    /// one for a change to print. Returns whether it has none now.
    #[tracing::instrument(skip_all)]
    pub async fn remove_delivery_address(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.remove_unused(account, now, now).await
    }

    /// Removes an address that was set and last used before `before`. No subscription begins meanwhile: the account is locked.
    async fn remove_unused(
        &self,
        account: AccountId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        let held = held_by(&transaction, &[Key(account)]).await?;
        let is_used = held.iter().any(|held| is_used(held, before, now))
            || has_open_order(&transaction, account).await?;
        if !is_used {
            row::Entity::delete_many()
                .filter(row::Column::Account.eq(Key(account)))
                .filter(row::Column::Changed.lte(before.as_second()))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(!is_used)
    }

    /// Whether an order of an account is not answered.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn has_open_order(&self, account: AccountId) -> Result<bool, StoreError> {
        has_open_order(&self.database, account).await
    }

    /// Deletes the addresses to which nothing was delivered for long enough. Returns how many.
    pub(crate) async fn prune_deliveries(
        &self,
        kept: SignedDuration,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let before = now - kept;
        let (mut deleted, mut after) = (0, AccountKey::default());
        loop {
            let accounts = self.addresses_after(after, before).await?;
            let Some(last) = accounts.last() else { return Ok(deleted) };
            after = *last;
            let mut used: HashMap<AccountId, bool> = HashMap::new();
            for held in held_by(&self.database, &accounts).await? {
                *used.entry(held.account).or_default() |= is_used(&held, before, now);
            }
            for account in accounts {
                let is_used = used.get(&account.0).copied().unwrap_or_default();
                if !is_used && self.remove_unused(account.0, before, now).await? {
                    deleted += 1;
                }
            }
        }
    }

    /// How many addresses there are to which nothing was delivered for long enough. Counts no more than [`MAX_COUNTED`].
    pub(crate) async fn unused_deliveries(
        &self,
        kept: SignedDuration,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let before = now - kept;
        let (mut unused, mut after) = (0, AccountKey::default());
        loop {
            let accounts = self.addresses_after(after, before).await?;
            let Some(last) = accounts.last() else { return Ok(unused) };
            after = *last;
            let held = held_by(&self.database, &accounts).await?;
            let used: HashSet<AccountId> = held
                .iter()
                .filter(|held| is_used(held, before, now))
                .map(|held| held.account)
                .collect();
            let is_unused = |account: &&AccountKey| !used.contains(&account.0);
            unused += u64::try_from(accounts.iter().filter(is_unused).count()).unwrap_or(u64::MAX);
            if unused > MAX_COUNTED {
                return Ok(unused);
            }
        }
    }

    /// The next accounts with an address that was set before `before`, in order.
    async fn addresses_after(
        &self,
        after: AccountKey,
        before: Timestamp,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let accounts = row::Entity::find()
            .select_only()
            .column(row::Column::Account)
            .filter(row::Column::Account.gt(after))
            .filter(row::Column::Changed.lte(before.as_second()))
            .order_by_asc(row::Column::Account)
            .limit(BATCH)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(accounts)
    }
}

async fn has_open_order(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    let open = charge::Entity::find()
        .filter(charge::Column::Account.eq(Key(account)))
        .filter(charge::Column::Open.eq(true));
    Ok(open.count(database).await? > 0)
}

async fn held_by(
    database: &impl ConnectionTrait,
    accounts: &[AccountKey],
) -> Result<Vec<Subscription>, StoreError> {
    let rows = subscription::Entity::find()
        .filter(subscription::Column::Account.is_in(accounts.iter().copied()))
        .all(database)
        .await?;
    rows.iter().map(subscriptions::read).collect()
}

/// Whether something is delivered for a subscription at `now`, or was after `before`.
fn is_used(held: &Subscription, before: Timestamp, now: Timestamp) -> bool {
    let has_ended = held.state.is_over(now) && held.state.ends().is_some_and(|end| end <= before);
    held.terms.is_delivered() && !has_ended
}
