//! Finding readers by what is printed on invoices and receipts.

use masthead_circulation::{AccountId, PaymentNumber, SubscriptionId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Store, StoreError,
    ids::{AccountKey, Key},
    records::{charge, payment, subscription},
};

/// More accounts than one number can lead to.
const MAX_FOUND: u64 = 20;

impl Store {
    /// Returns the accounts with this subscription, invoice or receipt, in the order of their numbers.
    #[tracing::instrument(skip_all)]
    pub async fn accounts_by_number(&self, number: u32) -> Result<Vec<AccountId>, StoreError> {
        let mut found: Vec<AccountKey> =
            subscription::Entity::find_by_id(Key(SubscriptionId(number)))
                .select_only()
                .column(subscription::Column::Account)
                .into_tuple()
                .all(&self.database)
                .await?;
        let paid: Vec<Option<AccountKey>> = payment::Entity::find_by_id(Key(PaymentNumber(number)))
            .select_only()
            .column(payment::Column::Account)
            .into_tuple()
            .all(&self.database)
            .await?;
        found.extend(paid.into_iter().flatten());
        Ok(sorted(found))
    }

    /// Returns the accounts with a payment or subscription of which a payment processor, or a bank transfer, has this
    /// reference, in the order of their numbers.
    #[tracing::instrument(skip_all)]
    pub async fn accounts_by_reference(
        &self,
        reference: &str,
    ) -> Result<Vec<AccountId>, StoreError> {
        let mut found: Vec<Option<AccountKey>> = payment::Entity::find()
            .select_only()
            .column(payment::Column::Account)
            .filter(payment::Column::Reference.eq(reference))
            .limit(MAX_FOUND)
            .into_tuple()
            .all(&self.database)
            .await?;
        let charged: Vec<Option<AccountKey>> = charge::Entity::find()
            .select_only()
            .column(charge::Column::Account)
            .filter(charge::Column::Reference.eq(reference))
            .limit(MAX_FOUND)
            .into_tuple()
            .all(&self.database)
            .await?;
        found.extend(charged);
        Ok(sorted(found.into_iter().flatten().collect()))
    }
}

fn sorted(mut found: Vec<AccountKey>) -> Vec<AccountId> {
    found.sort();
    found.dedup();
    found.into_iter().map(|key| key.0).collect()
}
