//! Who has a story open.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{Store, StoreError, ids::Key, records::presence};

/// Time without a sign of life after which somebody counts as having left.
pub(crate) const PRESENT: SignedDuration = SignedDuration::from_secs(20);

impl Store {
    /// Records that somebody has a story open, and returns who else has.
    #[tracing::instrument(skip_all)]
    pub async fn touch_presence(
        &self,
        id: ArticleId,
        who: AccountId,
        now: Timestamp,
    ) -> Result<Vec<AccountId>, StoreError> {
        let id = Key(id);
        let row = presence::ActiveModel {
            piece: Set(id),
            account: Set(Key(who)),
            at: Set(now.as_second()),
        };
        let again = OnConflict::columns([presence::Column::Piece, presence::Column::Account])
            .update_column(presence::Column::At)
            .to_owned();
        presence::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.database)
            .await?;
        let since = (now - PRESENT).as_second();
        presence::Entity::delete_many()
            .filter(presence::Column::At.lt(since))
            .exec(&self.database)
            .await?;
        let others = presence::Entity::find()
            .filter(presence::Column::Piece.eq(id))
            .filter(presence::Column::Account.ne(Key(who)))
            .all(&self.database)
            .await?;
        Ok(others.into_iter().map(|row| row.account.0).collect())
    }
}
