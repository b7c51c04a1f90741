//! Reading payments.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Payment, PaymentNumber, PaymentStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{read, row};
use crate::{Store, StoreError, ids::Key};

impl Store {
    /// An account's payments, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn payments_of(&self, account: AccountId) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_desc(row::Column::Number)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// At most `most` payments with numbers above `after`, in order.
    #[tracing::instrument(skip_all)]
    pub async fn payments_after(
        &self,
        after: PaymentNumber,
        most: u64,
    ) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Number.gt(Key(after)))
            .order_by_asc(row::Column::Number)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns the payment with this number, or `None` if there is none.
    #[tracing::instrument(skip_all)]
    pub async fn payment(&self, number: PaymentNumber) -> Result<Option<Payment>, StoreError> {
        let row = row::Entity::find_by_id(Key(number)).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// The payments with these numbers, as far as there are any.
    #[tracing::instrument(skip_all)]
    pub async fn payments_numbered(
        &self,
        numbers: &[PaymentNumber],
    ) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Number.is_in(numbers.iter().copied().map(Key)))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The payments from sources with these keys.
    #[tracing::instrument(skip_all)]
    pub async fn payments_by_keys(&self, keys: &[&str]) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Key.is_in(keys.iter().copied()))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// At most `most` payments with numbers above `after` that were recorded before `before` and that nothing
    /// was done with, in order.
    #[tracing::instrument(skip_all)]
    pub async fn unapplied_payments(
        &self,
        after: PaymentNumber,
        before: Timestamp,
        most: u64,
    ) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Number.gt(Key(after)))
            .filter(row::Column::Status.eq(PaymentStatus::Recorded.name()))
            .filter(row::Column::At.lt(before.as_second()))
            .order_by_asc(row::Column::Number)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }
}
