//! Filters of the list of articles that members of the staff have saved under a name.

use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};

use crate::{Store, StoreError, accounts, ids::Key, records::saved_filter as row};

/// A filter that somebody has saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its name, which is unique for an account.
    pub name: String,
    /// The query of the list, as in its address.
    pub query: String,
}

/// What became of a filter that was to be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterAddition {
    /// It is saved, in place of one with the same name.
    Saved,
    /// The account has as many as it may, or it is gone.
    Full,
}

impl Store {
    /// Saves a filter for an account that has fewer than `most`, or has one with this name, which it replaces.
    #[tracing::instrument(skip_all)]
    pub async fn save_filter(
        &self,
        account: AccountId,
        filter: &SavedFilter,
        most: u64,
    ) -> Result<FilterAddition, StoreError> {
        let transaction = self.begin().await?;
        // The account is locked, so that what is added at the same time is counted one after another.
        if accounts::lock(&transaction, account).await?.is_none() {
            return Ok(FilterAddition::Full);
        }
        let others = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Name.ne(&filter.name));
        if others.count(&transaction).await? >= most {
            return Ok(FilterAddition::Full);
        }
        let new = row::ActiveModel {
            account: Set(Key(account)),
            name: Set(filter.name.clone()),
            query: Set(filter.query.clone()),
        };
        let again = OnConflict::columns([row::Column::Account, row::Column::Name])
            .update_column(row::Column::Query)
            .to_owned();
        row::Entity::insert(new).on_conflict(again).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(FilterAddition::Saved)
    }

    /// Returns the filters that an account has saved, by their names.
    #[tracing::instrument(skip_all)]
    pub async fn saved_filters(&self, account: AccountId) -> Result<Vec<SavedFilter>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::Name)
            .all(&self.database)
            .await?;
        let filter = |row: row::Model| SavedFilter { name: row.name, query: row.query };
        Ok(rows.into_iter().map(filter).collect())
    }

    /// Deletes a filter of an account.
    #[tracing::instrument(skip_all)]
    pub async fn delete_filter(&self, account: AccountId, name: &str) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Name.eq(name))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Deletes the filters of somebody who leaves the staff.
pub(crate) async fn delete_filters(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::Account.eq(Key(account))).exec(database).await?;
    Ok(())
}
