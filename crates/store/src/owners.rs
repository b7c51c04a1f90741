//! The owners of the desk, of whom one always remains.

use masthead_circulation::{AccountId, staff::Role};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{StoreError, ids::Key, records::staff};

/// Returns whether this account is the only owner, as seen by this transaction.
pub(crate) async fn is_last_owner(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    let row = staff::Entity::find_by_id(Key(account)).one(database).await?;
    let is_owner = row.is_some_and(|row| row.role == Role::Owner.name());
    Ok(is_owner && owners(database).await? < 2)
}

/// Returns how many owners the desk has, as seen by this transaction.
pub(crate) async fn owners(database: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(staff::Entity::find()
        .filter(staff::Column::Role.eq(Role::Owner.name()))
        .count(database)
        .await?)
}
