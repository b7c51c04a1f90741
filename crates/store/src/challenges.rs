//! Challenges to devices and OpenID Connect providers. Each is answered once.

use jiff::Timestamp;
use masthead_circulation::{Digest, passkey::CHALLENGE_LIFETIME};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{Store, StoreError, records::challenge as row};

impl Store {
    /// Stores a challenge, and deletes those that have expired.
    #[tracing::instrument(skip_all)]
    pub async fn create_challenge(
        &self,
        key: &Digest,
        state: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::At.lte((now - CHALLENGE_LIFETIME).as_second()))
            .exec(&self.database)
            .await?;
        let new = row::ActiveModel {
            key: Set(key.to_string()),
            state: Set(state.to_owned()),
            at: Set(now.as_second()),
        };
        row::Entity::insert(new).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Deletes the challenge with this key and returns its state. Returns `None` if there is none, or it
    /// has expired. Of several callers at once, one gets the state.
    #[tracing::instrument(skip_all)]
    pub async fn consume_challenge(
        &self,
        key: &Digest,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let Some(kept) = row::Entity::find_by_id(key.to_string()).one(&self.database).await? else {
            return Ok(None);
        };
        let taken = row::Entity::delete_by_id(key.to_string()).exec(&self.database).await?;
        let in_time = kept.at > (now - CHALLENGE_LIFETIME).as_second();
        Ok((taken.rows_affected == 1 && in_time).then_some(kept.state))
    }
}
