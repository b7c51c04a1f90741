//! What a device or a provider elsewhere has been asked, until it answers. Each is answered once.

use jiff::Timestamp;
use masthead_circulation::{Digest, passkey::CHALLENGE_LIFETIME};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{Store, StoreError, records::challenge as row};

impl Store {
    /// Keeps what was asked, and forgets what nobody has answered in time.
    pub async fn keep_challenge(
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

    /// Takes what was asked under this key, if it is in time. Of several who try at once, one gets it.
    pub async fn take_challenge(
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
