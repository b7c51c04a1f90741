//! Where the printed papers of readers are delivered. An account has one address. What is entered at a checkout becomes that
//! address when the checkout is accepted, in the same transaction; until then papers go where they went before.

mod at_checkout;
mod retention;

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_circulation::{AccountId, DeliveryAddress};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

pub(crate) use self::at_checkout::{accept, enter, of_checkout};
use crate::{Store, StoreError, ids::Key, records::delivery as row};

impl Store {
    /// Returns the delivery address of an account.
    #[tracing::instrument(skip_all)]
    pub async fn delivery_address(
        &self,
        account: AccountId,
    ) -> Result<Option<DeliveryAddress>, StoreError> {
        Ok(self.delivery_addresses(&[account]).await?.remove(&account))
    }

    /// Returns the delivery addresses of these accounts, of those that have one.
    #[tracing::instrument(skip_all)]
    pub async fn delivery_addresses(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, DeliveryAddress>, StoreError> {
        of_accounts(&self.database, accounts).await
    }

    /// Sets the delivery address of an account, in place of the one before.
    #[tracing::instrument(skip_all)]
    pub async fn set_delivery_address(
        &self,
        account: AccountId,
        address: &DeliveryAddress,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        put(&self.database, account, address, now).await
    }
}

/// Returns the addresses of these accounts, of those that have one.
pub(crate) async fn of_accounts(
    database: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, DeliveryAddress>, StoreError> {
    let keys = accounts.iter().map(|account| Key(*account));
    let rows = row::Entity::find().filter(row::Column::Account.is_in(keys)).all(database).await?;
    let address = |row: row::Model| Some((row.account.0, address(&row.name, &row.lines)?));
    Ok(rows.into_iter().filter_map(address).collect())
}

/// The address that a row holds. What is stored was checked; a row that somebody else has written is left out.
fn address(name: &str, lines: &str) -> Option<DeliveryAddress> {
    DeliveryAddress::new(name, lines).ok()
}

async fn put(
    database: &impl ConnectionTrait,
    account: AccountId,
    address: &DeliveryAddress,
    now: Timestamp,
) -> Result<(), StoreError> {
    let new = row::ActiveModel {
        account: Set(Key(account)),
        name: Set(address.name().to_owned()),
        lines: Set(address.lines().join("\n")),
        changed: Set(now.as_second()),
    };
    let latest = OnConflict::column(row::Column::Account)
        .update_columns([row::Column::Name, row::Column::Lines, row::Column::Changed])
        .to_owned();
    row::Entity::insert(new).on_conflict(latest).exec_without_returning(database).await?;
    Ok(())
}
