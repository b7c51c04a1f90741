//! Checkouts that nobody came back from.

use jiff::Timestamp;
use masthead_circulation::{Checkout, Digest, Progress};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{read, row};
use crate::{Store, StoreError, queues::readable};

impl Store {
    /// Returns at most `most` open checkouts that began before `before`, the oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_checkouts(
        &self,
        before: Timestamp,
        most: u64,
    ) -> Result<Vec<Checkout>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Progress.eq(Progress::Open.name()))
            .filter(row::Column::Begun.lt(before.as_second()))
            .order_by_asc(row::Column::Begun)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(readable("checkouts", rows, |row| row.key.clone(), read).read)
    }

    /// Returns at most `most` open checkouts that began before `begun` and about which the processor is to be
    /// asked by `now`, the longest waiting first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn checkouts_to_ask(
        &self,
        begun: Timestamp,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<Checkout>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Progress.eq(Progress::Open.name()))
            .filter(row::Column::AskAt.lte(now.as_second()))
            .filter(row::Column::Begun.lt(begun.as_second()))
            .order_by_asc(row::Column::AskAt)
            .limit(most)
            .all(&self.database)
            .await?;
        let rows = readable("checkouts", rows, |row| row.key.clone(), read);
        let columns = (row::Column::AskAt, row::Column::Key);
        rows.put_off::<row::Entity>(&self.database, columns, now, |row| row).await
    }

    /// Has the processor asked about a checkout again at `ask_at`.
    #[tracing::instrument(skip_all)]
    pub async fn defer_checkout(&self, key: &Digest, ask_at: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::AskAt, Expr::value(ask_at.as_second()))
            .filter(row::Column::Key.eq(key.to_string()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Gives up an open checkout about which the processor knows nothing. It may have been paid, so what it
    /// took of an offer with a limit stays taken.
    #[tracing::instrument(skip_all)]
    pub async fn give_up_checkout(&self, checkout: &Checkout) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Progress, Expr::value(Progress::Unresolved.name()))
            .filter(row::Column::Key.eq(checkout.key.to_string()))
            .filter(row::Column::Progress.eq(Progress::Open.name()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns at most `most` checkouts that began after `begun` and were given up because the processor knew
    /// nothing about them, the oldest first.
    #[tracing::instrument(skip_all)]
    pub async fn unresolved_checkouts(
        &self,
        begun: Timestamp,
        most: u64,
    ) -> Result<Vec<Checkout>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Progress.eq(Progress::Unresolved.name()))
            .filter(row::Column::Begun.gt(begun.as_second()))
            .order_by_asc(row::Column::Begun)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(readable("checkouts", rows, |row| row.key.clone(), read).read)
    }
}
