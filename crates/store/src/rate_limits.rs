//! Limits that hold on all servers together: how often something may happen within a time.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::Digest;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{Store, StoreError, records::rate_limit as row};

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// At most so often …
    pub times: u32,
    /// … within this time, counted from the first.
    pub within: SignedDuration,
}

/// After how long a count is deleted. No limit has a longer time.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Counts that something happens, unless its limit is reached. Returns `false` then, however many ask at once, and on
    /// whichever servers.
    #[tracing::instrument(skip_all)]
    pub async fn claim_rate(
        &self,
        key: &Digest,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.count_again(key, limit, now).await? {
            return Ok(true);
        }
        self.delete_old_rates(now).await?;
        let first = row::ActiveModel {
            key: Set(key.to_string()),
            since: Set(now.as_second()),
            times: Set(1),
        };
        let once = OnConflict::column(row::Column::Key).do_nothing().to_owned();
        let inserted = row::Entity::insert(first)
            .on_conflict(once)
            .exec_without_returning(&self.database)
            .await?;
        // If another request has inserted the row meanwhile, this one counts on it.
        Ok(inserted > 0 || self.count_again(key, limit, now).await?)
    }

    /// Counts on a row that is there. Returns `false` if there is none, or its limit is reached.
    async fn count_again(
        &self,
        key: &Digest,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let over = || row::Column::Since.lte((now - limit.within).as_second());
        let times = Expr::col(row::Column::Times);
        let most = i32::try_from(limit.times).unwrap_or(i32::MAX);
        let counted = row::Entity::update_many()
            .col_expr(row::Column::Times, Expr::case(over(), 1).finally(times.add(1)).into())
            .col_expr(
                row::Column::Since,
                Expr::case(over(), now.as_second()).finally(Expr::col(row::Column::Since)).into(),
            )
            .filter(row::Column::Key.eq(key.to_string()))
            .filter(over().or(row::Column::Times.lt(most)))
            .exec(&self.database)
            .await?;
        Ok(counted.rows_affected == 1)
    }

    async fn delete_old_rates(&self, now: Timestamp) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Since.lte((now - KEPT).as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}
