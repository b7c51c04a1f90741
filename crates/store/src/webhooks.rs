//! The ids of webhook messages that were processed.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, sea_query::OnConflict};

use crate::{Store, StoreError, records::webhook as row};

impl Store {
    /// Returns whether a message was processed.
    #[tracing::instrument(skip_all)]
    pub async fn is_webhook_processed(&self, id: &str) -> Result<bool, StoreError> {
        Ok(row::Entity::find_by_id(id.to_owned()).one(&self.database).await?.is_some())
    }

    /// Returns how many messages were processed.
    #[tracing::instrument(skip_all)]
    pub async fn webhooks(&self) -> Result<u64, StoreError> {
        Ok(row::Entity::find().count(&self.database).await?)
    }

    /// Records that a message was processed.
    #[tracing::instrument(skip_all)]
    pub async fn mark_webhook_processed(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        let new = row::ActiveModel { id: Set(id.to_owned()), at: Set(now.as_second()) };
        let once = OnConflict::column(row::Column::Id).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        Ok(())
    }
}
