//! Delivery addresses that were entered at a checkout.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Checkout, DeliveryAddress, Digest, Progress};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, sea_query::Query,
};

use super::{address, put};
use crate::{
    Store, StoreError,
    ids::{AccountKey, Key},
    records::{checkout, checkout_delivery as row, delivery},
};

/// How long the address of a checkout is kept that was not accepted. Some banks take two weeks to pay.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// Returns the address that was entered at a checkout, or else that of its account.
    #[tracing::instrument(skip_all)]
    pub async fn delivery_of_checkout(
        &self,
        checkout: &Digest,
        account: AccountId,
    ) -> Result<Option<DeliveryAddress>, StoreError> {
        match entered(&self.database, &checkout.to_string()).await? {
            Some(entered) => Ok(address(&entered.name, &entered.lines)),
            None => self.delivery_address(account).await,
        }
    }

    /// Returns the address that a reader expects in the form of an order: the latest that they have entered, also at a checkout that they
    /// have not paid.
    #[tracing::instrument(skip_all)]
    pub async fn latest_delivery_address(
        &self,
        account: AccountId,
    ) -> Result<Option<DeliveryAddress>, StoreError> {
        let own = delivery::Entity::find_by_id(Key(account)).one(&self.database).await?;
        let changed = own.as_ref().map_or(i64::MIN, |own| own.changed);
        let entered = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Entered.gte(changed))
            .order_by_desc(row::Column::Entered)
            .one(&self.database)
            .await?;
        let entered = entered.and_then(|row| address(&row.name, &row.lines));
        Ok(entered.or_else(|| own.and_then(|own| address(&own.name, &own.lines))))
    }

    /// Returns the addresses that an account has entered at checkouts that were not accepted so far.
    #[tracing::instrument(skip_all)]
    pub async fn checkout_deliveries_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<DeliveryAddress>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .all(&self.database)
            .await?;
        Ok(rows.iter().filter_map(|row| address(&row.name, &row.lines)).collect())
    }

    /// Deletes the addresses of checkouts that were not accepted long enough ago, unless they may still be paid. Returns how many.
    pub(crate) async fn prune_checkout_deliveries(
        &self,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let open = Query::select()
            .column(checkout::Column::Key)
            .from(checkout::Entity)
            .and_where(checkout::Column::Progress.eq(Progress::Open.name()))
            .take();
        let old = Condition::all()
            .add(row::Column::Entered.lte((now - KEPT).as_second()))
            .add(row::Column::Checkout.not_in_subquery(open));
        self.delete_in_batches::<row::Entity>(old).await
    }
}

/// Keeps an address with a checkout that begins.
pub(crate) async fn enter(
    transaction: &DatabaseTransaction,
    checkout: &Checkout,
    address: &DeliveryAddress,
) -> Result<(), StoreError> {
    let Some(account) = checkout.account else { return Ok(()) };
    let new = row::ActiveModel {
        checkout: Set(checkout.key.to_string()),
        account: Set(Key(account)),
        name: Set(address.name().to_owned()),
        lines: Set(address.lines().join("\n")),
        entered: Set(checkout.begun.as_second()),
    };
    row::Entity::insert(new).exec_without_returning(transaction).await?;
    Ok(())
}

/// Makes the address of a checkout that is accepted that of the account, unless the reader has changed it since then.
pub(crate) async fn accept(
    transaction: &DatabaseTransaction,
    checkout: &Checkout,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = checkout.key.to_string();
    let Some(entered) = entered(transaction, &key).await? else { return Ok(()) };
    let newer = delivery::Entity::find_by_id(Key(account))
        .filter(delivery::Column::Changed.gt(entered.entered))
        .one(transaction)
        .await?;
    if let (None, Some(address)) = (newer, address(&entered.name, &entered.lines)) {
        put(transaction, account, &address, now).await?;
    }
    row::Entity::delete_by_id(key).exec(transaction).await?;
    Ok(())
}

/// Returns the address that an account has entered at a checkout.
pub(crate) async fn of_checkout(
    database: &impl ConnectionTrait,
    checkout: &Digest,
    account: AccountKey,
) -> Result<Option<DeliveryAddress>, StoreError> {
    let entered = entered(database, &checkout.to_string()).await?;
    let own = entered.filter(|entered| entered.account == account);
    Ok(own.and_then(|own| address(&own.name, &own.lines)))
}

async fn entered(
    database: &impl ConnectionTrait,
    checkout: &str,
) -> Result<Option<row::Model>, StoreError> {
    Ok(row::Entity::find_by_id(checkout.to_owned()).one(database).await?)
}
