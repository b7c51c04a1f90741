//! The messages of processors that have been dealt with, by their numbers.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, sea_query::OnConflict};

use crate::{Store, StoreError, records::webhook as row};

impl Store {
    /// Whether a message has been dealt with already.
    pub async fn knows_webhook(&self, id: &str) -> Result<bool, StoreError> {
        Ok(row::Entity::find_by_id(id.to_owned()).one(&self.database).await?.is_some())
    }

    /// How many messages have been dealt with.
    pub async fn webhooks(&self) -> Result<u64, StoreError> {
        Ok(row::Entity::find().count(&self.database).await?)
    }

    /// Notes that a message has been dealt with.
    pub async fn keep_webhook(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        let new = row::ActiveModel { id: Set(id.to_owned()), at: Set(now.as_second()) };
        let once = OnConflict::column(row::Column::Id).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        Ok(())
    }
}
