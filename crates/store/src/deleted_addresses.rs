//! Which addresses had an account that was deleted or has another address now, so that no import of readers adds them again. Only a digest
//! of the address is kept, as in [`former_readers`](crate::former_readers), for as long, and until the address registers again.

use jiff::Timestamp;
use masthead_circulation::EmailAddress;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, sea_query::OnConflict,
};

use crate::{Store, StoreError, former_readers::KEPT, records::deleted_address as row};

impl Store {
    /// Notes that the account with an address is deleted, or gets another address.
    pub(crate) async fn note_former_address(
        &self,
        transaction: &DatabaseTransaction,
        email: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(newest) = self.address_digests.of(email).into_iter().next() else { return Ok(()) };
        let new = row::ActiveModel { digest: Set(newest), at: Set(now.as_second()) };
        let latest =
            OnConflict::column(row::Column::Digest).update_column(row::Column::At).to_owned();
        row::Entity::insert(new).on_conflict(latest).exec_without_returning(transaction).await?;
        Ok(())
    }

    /// Forgets it, because an account has the address.
    pub(crate) async fn forget_former_address(
        &self,
        transaction: &DatabaseTransaction,
        email: &str,
    ) -> Result<(), StoreError> {
        let known = row::Column::Digest.is_in(self.address_digests.of(email));
        row::Entity::delete_many().filter(known).exec(transaction).await?;
        Ok(())
    }

    /// Whether the account with this address was deleted or has another address now, and no other has it.
    pub(crate) async fn has_left(
        &self,
        from: &impl ConnectionTrait,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = row::Entity::find()
            .filter(row::Column::Digest.is_in(self.address_digests.of(email.as_str())))
            .filter(row::Column::At.gte((now - KEPT).as_second()))
            .count(from)
            .await?;
        Ok(found > 0)
    }

    /// Forgets what was deleted long ago.
    pub(crate) async fn prune_deleted_addresses(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = row::Column::At.lt((now - KEPT).as_second());
        self.delete_in_batches::<row::Entity>(old).await.map(drop)
    }
}
