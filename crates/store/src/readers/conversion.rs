//! What has led a reader to a subscription: only what their checkouts have anyway.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Progress};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Store, StoreError, ids::Key, records::checkout, time};

/// A checkout that has led to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderConversion {
    /// When it was begun.
    pub at: Timestamp,
    /// The path of the page that the reader came from; may be empty.
    pub from: String,
    /// The slug of the offer; empty if it was none.
    pub offer: String,
}

impl Store {
    /// Returns the checkouts with which an account has begun subscriptions, the first first.
    #[tracing::instrument(skip_all)]
    pub async fn conversions_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<ReaderConversion>, StoreError> {
        let rows: Vec<(i64, String, String)> = checkout::Entity::find()
            .select_only()
            .columns([checkout::Column::Begun, checkout::Column::CameFrom, checkout::Column::Offer])
            .filter(checkout::Column::Account.eq(Key(account)))
            .filter(checkout::Column::Progress.eq(Progress::Done.name()))
            .filter(checkout::Column::Mends.is_null())
            .order_by_asc(checkout::Column::Begun)
            .into_tuple()
            .all(&self.database)
            .await?;
        let conversion = |(at, from, offer): (i64, String, String)| ReaderConversion {
            at: time(at),
            from,
            offer,
        };
        Ok(rows.into_iter().map(conversion).collect())
    }
}
