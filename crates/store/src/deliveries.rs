//! Where the printed papers of readers are delivered. An account has one address.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_circulation::{AccountId, DeliveryAddress};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

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
        let keys = accounts.iter().map(|account| Key(*account));
        let rows = row::Entity::find()
            .filter(row::Column::Account.is_in(keys))
            .all(&self.database)
            .await?;
        let address = |row: row::Model| {
            // What is stored was checked; a row that somebody else has written is left out.
            let address = DeliveryAddress::new(&row.name, &row.lines).ok()?;
            Some((row.account.0, address))
        };
        Ok(rows.into_iter().filter_map(address).collect())
    }

    /// Sets the delivery address of an account, in place of the one before.
    #[tracing::instrument(skip_all)]
    pub async fn set_delivery_address(
        &self,
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
        row::Entity::insert(new).on_conflict(latest).exec_without_returning(&self.database).await?;
        Ok(())
    }
}
